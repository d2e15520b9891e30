"""`CodeUnits`: whole units only, every access checked, nothing written from outside."""

from __future__ import annotations

import array
import shutil
import sysconfig
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib import machinery, util
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive import _cache, isa
from adaptive._cache import CodeUnits
from adaptive.lowering import Declined, lower

SIZES = st.integers(1, 60)
#: Code objects of the standard library that are quickened.
CODES = 1000

#: What a specializer or the lowering may write; the tools' opcodes are not among them.
ROWS = tuple(row for row in isa.INSTRUCTIONS if row.number < isa.FIRST_INSTRUMENTED)
CACHED = tuple(row for row in ROWS if row.cache_units)
COUNTED = tuple(row for row in CACHED if row.cache[0].name.endswith("counter"))
WIDTHS = (1, 2, 4)
BASE = isa.BY_NUMBER[isa.NUMBER["BINARY_OP"]]
#: Numbers that the tables below give to invented instructions.
FORM = isa.FIRST_INSTRUMENTED - 1
OTHER_FORM = isa.FIRST_INSTRUMENTED - 2
INSTRUMENTED = isa.FIRST_INSTRUMENTED


def named(row: isa.Instruction) -> str:
    """The row's name, as a test's id."""
    return row.name


def units_of(text: bytes, offsets: bytes | None = None) -> CodeUnits:
    """Units with host offsets, zero if none are given."""
    return CodeUnits(text, bytes(len(text)) if offsets is None else offsets)


@given(st.binary(min_size=2, max_size=80).filter(lambda text: len(text) % 2 == 0))
def test_reads_what_it_was_made_from(text: bytes) -> None:
    """S2-15, S0-33: two bytes a unit, opcode first; `bytes` gives them back."""
    units = units_of(text)
    assert len(units) == len(text) // 2
    assert bytes(units) == text
    assert [units.read_op(i) for i in range(len(units))] == list(text[::2])
    assert [units.read_arg(i) for i in range(len(units))] == list(text[1::2])


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=40))
def test_host_offsets(offsets: list[int]) -> None:
    raw = array.array("H", offsets).tobytes()
    units = units_of(bytes(len(raw)), raw)
    assert [units.host_offset(i) for i in range(len(units))] == offsets


@given(SIZES, st.integers(-(2**70), 2**70))
def test_bounds(size: int, index: int) -> None:
    """S0-41: an index outside raises and reads nothing; so does a negative one."""
    units = units_of(bytes(2 * size))
    for read in (units.read_op, units.read_arg, units.host_offset):
        if 0 <= index < size:
            assert read(index) == 0
        else:
            with pytest.raises((IndexError, OverflowError)):
                read(index)


@pytest.mark.parametrize("index", [-1, 3, 2**31, -(2**63), 2**63 - 1])
def test_bounds_error_says_the_bounds(index: int) -> None:
    with pytest.raises(IndexError, match=rf"code unit {index} is outside 0\.\.2"):
        units_of(bytes(6)).read_op(index)


@pytest.mark.parametrize("index", [None, "0", 1.0, b"", [0]])
def test_index_of_a_wrong_type(index: object) -> None:
    units = units_of(bytes(6))
    for read in (units.read_op, units.read_arg, units.host_offset):
        with pytest.raises(TypeError):
            read(index)


@pytest.mark.parametrize("size", [0, 1, 3, 7])
def test_only_whole_units(size: int) -> None:
    """S2-15: two bytes a unit."""
    with pytest.raises(ValueError, match="not whole units"):
        units_of(bytes(size))


@pytest.mark.parametrize("sizes", [(2, 4), (4, 2), (4, 0)])
def test_maps_of_one_length(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="bytes of host offsets"):
        CodeUnits(bytes(sizes[0]), bytes(sizes[1]))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (b"\0\0",),
        (None, b"\0\0"),
        (b"\0\0", None),
        ("ab", b"ab"),
        (bytearray(2),) * 2,
    ],
)
def test_made_from_bytes_only(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        CodeUnits(*arguments)


def test_copies_what_it_is_made_from() -> None:
    text = bytes([7, 8])
    units = units_of(text)
    del text
    assert bytes(units) == bytes([7, 8])


def test_buffer_is_read_only() -> None:
    units = units_of(bytes([1, 2, 3, 4]))
    view = memoryview(units)
    assert (view.readonly, view.format, view.itemsize, view.nbytes) == (True, "B", 1, 4)
    assert view.shape == (4,)
    assert view.obj is units
    with pytest.raises(TypeError):
        view[0] = 9
    with pytest.raises((BufferError, TypeError)):
        memoryview(array.array("B", [0])).cast("B")[:] = None
    with pytest.raises((BufferError, TypeError)):
        __import__("struct").pack_into("B", units, 0, 1)
    assert bytes(units) == bytes([1, 2, 3, 4])


def test_view_outlives_the_units() -> None:
    view = memoryview(units_of(b"abcd"))
    assert view.tobytes() == b"abcd"
    assert view[1:3].tobytes() == b"bc"


@given(st.lists(st.sampled_from(isa.INSTRUCTIONS), min_size=1, max_size=12), st.data())
def test_original_bytes(rows: list[isa.Instruction], data: st.DataObject) -> None:
    """S0-33: base opcodes, zero caches, arguments kept."""
    now, original = bytearray(), bytearray()
    for row in rows:
        argument = data.draw(st.integers(0, 255))
        caches = data.draw(
            st.binary(min_size=2 * row.cache_units, max_size=2 * row.cache_units)
        )
        now += bytes([row.number, argument]) + caches
        original += bytes([isa.DEOPT[row.number], argument]) + bytes(len(caches))
    units = units_of(bytes(now))
    assert units.original_bytes() == bytes(original)
    assert bytes(units) == bytes(now)


@given(st.binary(min_size=2, max_size=40).filter(lambda text: len(text) % 2 == 0))
def test_original_bytes_of_anything(text: bytes) -> None:
    """S0-41: whatever stands in the units, nothing past their end is touched."""
    clean = units_of(text).original_bytes()
    assert len(clean) == len(text)
    assert clean[1] == text[1]


def test_no_attributes() -> None:
    with pytest.raises(AttributeError):
        units_of(bytes(2)).anything = 1  # type: ignore[attr-defined]


# -- instructions invented for tests, in a copy of the module with tables of its own


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module as it would be if BINARY_OP had forms and were instrumented."""
    name = "adaptive._cache"
    library = tmp_path_factory.mktemp("invented") / Path(_cache.__file__).name
    shutil.copy(_cache.__file__, library)
    deopt, widths, rows = list(isa.DEOPT), list(isa.CACHE_UNITS), dict(isa.BY_NUMBER)
    for number in (OTHER_FORM, FORM, INSTRUMENTED):
        deopt[number] = BASE.number
        widths[number] = BASE.cache_units
        rows[number] = BASE._replace(name=f"INVENTED_{number}", number=number)
    loader = machinery.ExtensionFileLoader(name, str(library))
    spec = util.spec_from_loader(name, loader)
    assert spec is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isa, "DEOPT", tuple(deopt))
        patch.setattr(isa, "CACHE_UNITS", tuple(widths))
        patch.setattr(isa, "BY_NUMBER", rows)
        module = util.module_from_spec(spec)
        loader.exec_module(module)
    assert module is not _cache
    return module


def instruction(op: int, arg: int = 0, cell: bytes = b"\0\0") -> bytes:
    """One BINARY_OP under any opcode, all its cells alike."""
    return bytes([op, arg]) + cell * BASE.cache_units


def made(module: Any, *parts: bytes) -> Any:
    """Units of a copy of the module."""
    text = b"".join(parts)
    return module.CodeUnits(text, bytes(len(text)))


def test_commit(invented: Any) -> None:
    """S1-02, S2-31: the form goes in; the argument and the cells stay."""
    units = made(invented, instruction(BASE.number, 7, b"\xab\xcd"))
    assert units.compare_exchange_op(0, BASE.number, FORM) is True
    assert bytes(units) == instruction(FORM, 7, b"\xab\xcd")


@pytest.mark.parametrize("between", [OTHER_FORM, INSTRUMENTED])
def test_commit_that_loses(invented: Any, between: int) -> None:
    """S1-02, S2-28, S2-29: what has come in between stays, with counter and cells."""
    now = instruction(between, 7, b"\xab\xcd")
    units = made(invented, now)
    assert units.compare_exchange_op(0, BASE.number, FORM) is False
    assert bytes(units) == now


def test_instrumented_slot_is_refused(invented: Any) -> None:
    """S2-28: even to who expects the instrumented opcode itself."""
    now = instruction(INSTRUMENTED, 7)
    units = made(invented, now)
    assert units.compare_exchange_op(0, INSTRUMENTED, BASE.number) is False
    assert bytes(units) == now


@pytest.mark.parametrize("new", [INSTRUMENTED, isa.NUMBER["NOP"], isa.NUMBER["CALL"]])
def test_commit_of_no_form(invented: Any, new: int) -> None:
    """S1-02, S2-27: only a form of the same base can be set."""
    units = made(invented, instruction(BASE.number))
    with pytest.raises(ValueError, match=r"^code unit 0: \w+ is no form of BINARY_OP$"):
        units.compare_exchange_op(0, BASE.number, new)
    assert bytes(units) == instruction(BASE.number)


def test_deoptimize_at(invented: Any) -> None:
    """S1-10, S0-40: base opcode, warm-up counter, no data; the argument stays."""
    parts = [instruction(op, 7, b"\xf0\xff") for op in (FORM, FORM, OTHER_FORM)]
    for place in range(3):
        units = made(invented, *parts)
        assert units.deoptimize_at(place * 6) is True
        assert units.read_adaptive_counter(place * 6) == invented.WARMUP
        assert units.read_cache_u64(place * 6, 2) == 0
        clean = instruction(BASE.number, 7)
        clean = clean[:2] + invented.WARMUP.to_bytes(2, "little") + clean[4:]
        assert bytes(units) == b"".join([*parts[:place], clean, *parts[place + 1 :]])


def test_deoptimize(invented: Any) -> None:
    """S1-10, S0-30, S0-39: every form goes; what is instrumented stays as it is."""
    kept = instruction(INSTRUMENTED, 3, b"\xff\xff")
    units = made(invented, instruction(FORM, 1), kept, instruction(OTHER_FORM, 2))
    assert units.deoptimize() == 2
    base = [instruction(BASE.number, arg) for arg in (1, 2)]
    warm = invented.WARMUP.to_bytes(2, "little")
    base = [text[:2] + warm + text[4:] for text in base]
    assert bytes(units) == base[0] + kept + base[1]
    assert units.deoptimize() == 0
    assert units.deoptimize_at(6) is False
    assert bytes(units) == base[0] + kept + base[1]


def test_deoptimize_keeps_unreachable(invented: Any) -> None:
    """S2-34, S1-10: what was never to specialize does not begin to by it."""
    units = made(invented, instruction(FORM), b"".join(plain(row) for row in COUNTED))
    units.quicken(False)
    units.deoptimize()
    for index, _ in instructions(bytes(units)):
        assert units.read_adaptive_counter(index) == invented.UNREACHABLE


def test_quicken_leaves_instrumented_alone(invented: Any) -> None:
    """S0-36, S0-37: their counters stay; their cells are skipped all the same."""
    units = made(invented, instruction(INSTRUMENTED), instruction(BASE.number))
    units.quicken()
    assert units.read_adaptive_counter(0) == 0
    assert units.read_adaptive_counter(6) == invented.WARMUP
    assert bytes(units)[:12] == instruction(INSTRUMENTED)


def test_original_bytes_of_forms(invented: Any) -> None:
    """S0-30, S0-32, S0-33: forms and instrumented opcodes count as their base."""
    numbers = (FORM, INSTRUMENTED, OTHER_FORM, BASE.number)
    units = made(invented, *(instruction(op, 9, b"\x12\x34") for op in numbers))
    assert units.original_bytes() == instruction(BASE.number, 9) * 4


# -- cache cells


def plain(row: isa.Instruction, arg: int = 0) -> bytes:
    """One instruction with zero cells."""
    return bytes([row.number, arg]) + bytes(2 * row.cache_units)


def instructions(text: bytes) -> Iterator[tuple[int, isa.Instruction]]:
    """Where instructions begin, and which they are; a reference for the C walk."""
    index = 0
    while index < len(text) // 2:
        row = isa.BY_NUMBER[text[2 * index]]
        yield index, row
        index += 1 + row.cache_units


def access(units: CodeUnits, width: int) -> tuple[Callable[..., Any], ...]:
    """Reader and writer of so many cells."""
    bits = 16 * width
    return (
        getattr(units, f"read_cache_u{bits}"),
        getattr(units, f"write_cache_u{bits}"),
    )


def has_counter(row: isa.Instruction) -> bool:
    """Whether cell 1 is a counter, which the cell accessors refuse."""
    return row in COUNTED


@pytest.mark.parametrize("row", CACHED, ids=named)
@pytest.mark.parametrize("width", WIDTHS)
def test_cells_read_what_was_written(row: isa.Instruction, width: int) -> None:
    """S0-04, S2-18, S2-19: low 16 bits first, cell k at unit k, nothing beside them."""
    value = 0xDEADBEEF_01234567 & (1 << 16 * width) - 1
    first = 2 if has_counter(row) else 1
    for cell in range(first, row.cache_units - width + 2):
        units = units_of(plain(row, 3) + plain(row, 5))
        read, write = access(units, width)
        write(0, cell, value)
        assert read(0, cell) == value
        now = bytearray(plain(row, 3) + plain(row, 5))
        now[2 * cell : 2 * (cell + width)] = value.to_bytes(2 * width, "little")
        assert bytes(units) == now


@given(st.sampled_from(CACHED), st.sampled_from(WIDTHS), st.data())
def test_any_value(row: isa.Instruction, width: int, data: st.DataObject) -> None:
    """S0-04, S0-41: values of the width are kept; others raise and change nothing."""
    cell = data.draw(st.integers(-3, row.cache_units + 3))
    value = data.draw(st.integers(-(1 << 70), 1 << 70) | st.integers(0, 1 << 16))
    units = units_of(plain(row) * 2)
    read, write = access(units, width)
    first = 2 if has_counter(row) else 1
    if not first <= cell <= row.cache_units - width + 1:
        with pytest.raises((IndexError, ValueError), match=r"^code unit 0: "):
            write(0, cell, value)
        with pytest.raises((IndexError, ValueError), match=r"^code unit 0: "):
            read(0, cell)
    elif not 0 <= value < 1 << 16 * width:
        with pytest.raises(OverflowError, match=rf"^code unit 0: .* {16 * width} uns"):
            write(0, cell, value)
    else:
        write(0, cell, value)
        assert read(0, cell) == value
        return
    assert bytes(units) == plain(row) * 2


@pytest.mark.parametrize("row", CACHED, ids=named)
@pytest.mark.parametrize("width", WIDTHS)
def test_writes_stay_inside(row: isa.Instruction, width: int) -> None:
    """S1-27: every cell full of ones, and the instruction behind is as it was."""
    behind = plain(BASE, 9)
    units = units_of(plain(row, 3) + behind)
    _, write = access(units, width)
    for cell in range(-1, row.cache_units + 6):
        try:
            write(0, cell, (1 << 16 * width) - 1)
        except (IndexError, ValueError):
            inside = 1 <= cell <= row.cache_units - width + 1
            assert not inside or (cell == 1 and has_counter(row))
    if row in COUNTED:
        units.write_adaptive_counter(0, 0xFFFF)
    assert bytes(units)[2 * (1 + row.cache_units) :] == behind
    assert bytes(units)[:2] == plain(row, 3)[:2]


@pytest.mark.parametrize("cell", [0, -1, 6, 2**31, 2**32 + 1, 2**63 - 1, -(2**63)])
def test_cell_outside_says_so(cell: int) -> None:
    """S0-41, S1-27: the message names unit, instruction, cell and how many."""
    units = units_of(plain(BASE))
    said = rf"^code unit 0: 2 from cell {cell} on .* the 5 cache cells of BINARY_OP$"
    with pytest.raises(IndexError, match=said):
        units.read_cache_u32(0, cell)
    with pytest.raises(IndexError, match=said):
        units.write_cache_u32(0, cell, 0)


def test_cells_of_cacheless_instructions() -> None:
    """S2-20, S0-41: there are none, and no counter either."""
    for row in isa.INSTRUCTIONS:
        if not row.cache_units:
            units = units_of(plain(row) + plain(BASE))
            with pytest.raises(IndexError, match=f"0 cache cells of {row.name}$"):
                units.write_cache_u16(0, 1, 1)
            with pytest.raises(ValueError, match=f"{row.name} has no counter$"):
                units.write_adaptive_counter(0, 1)
            assert bytes(units) == plain(row) + plain(BASE)


@pytest.mark.parametrize("row", CACHED, ids=named)
def test_accesses_begin_at_an_instruction(row: isa.Instruction) -> None:
    """S0-41, S1-27: a cache unit is no instruction, whatever its bits say."""
    cells = bytes([BASE.number, 1]) * row.cache_units
    units = units_of(bytes([row.number, 0]) + cells + plain(BASE))
    for cell in [*range(1, row.cache_units + 1), 1]:
        for call in (
            lambda at: units.read_cache_u16(at, 2),
            lambda at: units.write_cache_u64(at, 2, 0),
            units.read_adaptive_counter,
            lambda at: units.write_adaptive_counter(at, 0),
            lambda at: units.compare_exchange_op(at, BASE.number, BASE.number),
            lambda at: units.write_arg(at, 0),
            units.deoptimize_at,
        ):
            said = rf"^code unit {cell} is cache cell {cell} of {row.name} at unit 0$"
            with pytest.raises(ValueError, match=said):
                call(cell)
        # The search goes on from the last instruction found, and back before it.
        assert units.read_adaptive_counter(1 + row.cache_units) == 0
    assert bytes(units) == bytes([row.number, 0]) + cells + plain(BASE)


@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=20), st.data())
def test_order_of_accesses(rows: list[isa.Instruction], data: st.DataObject) -> None:
    """S0-41: in any order of accesses, instructions are told from their cells."""
    text = b"".join(map(plain, rows))
    units = units_of(text)
    begins = {index for index, _ in instructions(text)}
    for index in data.draw(st.lists(st.integers(0, len(units) - 1), max_size=12)):
        if index in begins:
            op = units.read_op(index)
            assert units.compare_exchange_op(index, op, op)
        else:
            with pytest.raises(ValueError, match="is cache cell"):
                units.deoptimize_at(index)


@pytest.mark.parametrize("there", range(1, 6))
def test_code_cut_short(there: int) -> None:
    """S0-41: cells that an instruction would have past the end are out of bounds."""
    units = units_of(plain(BASE)[: 2 * there])
    for width in WIDTHS:
        read, write = access(units, width)
        for cell in range(there - width + 1, 8):
            with pytest.raises((IndexError, ValueError)):
                read(0, cell)
            with pytest.raises((IndexError, ValueError)):
                write(0, cell, 0)
    if there == 1:
        with pytest.raises(IndexError, match=r"the counter of BINARY_OP is outside"):
            units.read_adaptive_counter(0)
    units.quicken()
    units.deoptimize()
    assert len(units.original_bytes()) == 2 * there


@given(st.binary(min_size=2, max_size=40).filter(lambda text: len(text) % 2 == 0))
def test_anything_can_be_quickened(text: bytes) -> None:
    """S0-41, S2-35: whatever stands in the units, their end is kept, and opcodes."""
    units = units_of(text)
    clean = units.original_bytes()
    for enabled in (True, False):
        units.quicken(enabled)
        units.deoptimize()
        assert units.original_bytes() == clean
        assert len(bytes(units)) == len(text)


@pytest.mark.parametrize("value", [None, "1", 1.0, b"\1", [1]])
def test_values_of_a_wrong_type(value: Any) -> None:
    """S0-41: only whole numbers are written, and only whole numbers say where."""
    units = units_of(plain(BASE))
    for call in (
        lambda: units.write_cache_u16(0, 2, value),
        lambda: units.write_cache_u32(0, 2, value),
        lambda: units.write_cache_u64(0, 2, value),
        lambda: units.write_adaptive_counter(0, value),
        lambda: units.write_arg(0, value),
        lambda: units.read_cache_u16(value, 2),
        lambda: units.read_cache_u16(0, value),
        lambda: units.read_adaptive_counter(value),
        lambda: units.compare_exchange_op(0, value, BASE.number),
        lambda: units.compare_exchange_op(0, BASE.number, value),
        lambda: units.deoptimize_at(value),
    ):
        with pytest.raises(TypeError):
            call()
    assert bytes(units) == plain(BASE)


@given(st.integers(-(2**70), 2**70))
def test_index_of_every_access(index: int) -> None:
    """S0-41: an index outside raises everywhere and reads nothing."""
    units = units_of(plain(BASE))
    for call in (
        lambda: units.read_cache_u16(index, 2),
        lambda: units.read_cache_u32(index, 2),
        lambda: units.read_cache_u64(index, 2),
        lambda: units.write_cache_u64(index, 2, 1),
        lambda: units.read_adaptive_counter(index),
        lambda: units.write_adaptive_counter(index, 1),
        lambda: units.compare_exchange_op(index, BASE.number, BASE.number),
        lambda: units.write_arg(index, 1),
        lambda: units.deoptimize_at(index),
    ):
        if index == 0:
            call()
        elif 0 < index < 6:
            with pytest.raises(ValueError, match="is cache cell"):
                call()
        else:
            with pytest.raises((IndexError, OverflowError)):
                call()


# -- counters, arguments, opcodes


@pytest.mark.parametrize("row", COUNTED, ids=named)
def test_counter_has_its_own_access(row: isa.Instruction) -> None:
    """S1-05, S2-18, S2-32: cell 1, by no other way, and no other cell by this way."""
    for raw in (0, 1, 0x1234, 0xFFFF):
        units = units_of(plain(row, 3) * 2)
        units.write_adaptive_counter(0, raw)
        assert units.read_adaptive_counter(0) == raw
        now = bytearray(plain(row, 3) * 2)
        now[2:4] = raw.to_bytes(2, "little")
        assert bytes(units) == now
    with pytest.raises(
        ValueError, match=f"cell 1 of {row.name} is its counter"
    ) as seen:
        units.read_cache_u16(0, 1)
    assert str(seen.value).startswith("code unit 0: ")
    with pytest.raises(ValueError, match="is its counter"):
        units.write_cache_u16(0, 1, 0)
    assert bytes(units) == now


@given(st.sampled_from(COUNTED), st.data())
def test_data_leaves_the_counter(row: isa.Instruction, data: st.DataObject) -> None:
    """S1-05: writes of data leave the counter, writes of the counter leave the data."""
    units = units_of(plain(row))
    counter = data.draw(st.integers(0, 0xFFFF))
    units.write_adaptive_counter(0, counter)
    for cell in range(2, row.cache_units + 1):
        units.write_cache_u16(0, cell, data.draw(st.integers(0, 0xFFFF)))
        assert units.read_adaptive_counter(0) == counter
    before = bytes(units)[4:]
    units.write_adaptive_counter(0, counter ^ 0xFFFF)
    assert bytes(units)[4:] == before


@given(st.integers(-(2**70), 2**70))
def test_counter_of_16_bits(raw: int) -> None:
    """S1-05, S0-41: a counter that does not fit raises and changes nothing."""
    units = units_of(plain(BASE))
    if 0 <= raw <= 0xFFFF:
        units.write_adaptive_counter(0, raw)
        assert units.read_adaptive_counter(0) == raw
    else:
        with pytest.raises(OverflowError, match=r"^code unit 0: .* 16 unsigned bits$"):
            units.write_adaptive_counter(0, raw)
        assert bytes(units) == plain(BASE)


def test_branch_history_is_data() -> None:
    """S2-35, S2-18: cell 1 of a conditional jump is a cell like any other."""
    units = units_of(plain(isa.BY_NUMBER[isa.NUMBER["POP_JUMP_IF_TRUE"]], 4))
    units.quicken()
    assert units.read_cache_u16(0, 1) == isa.BRANCH_HISTORY == 0x5555
    units.write_cache_u16(0, 1, 0xAAAB)
    assert units.deoptimize_at(0)
    assert units.read_cache_u16(0, 1) == 0xAAAB


@given(st.integers(-300, 600))
def test_write_arg(arg: int) -> None:
    """S2-31: only the argument byte; OverflowError for more than a byte."""
    text = plain(BASE, 3) * 2
    units = units_of(text)
    if 0 <= arg <= 0xFF:
        units.write_arg(6, arg)
        assert bytes(units) == plain(BASE, 3) + plain(BASE, arg)
    else:
        with pytest.raises(OverflowError, match=r"^code unit 6: .* 8 unsigned bits$"):
            units.write_arg(6, arg)
        assert bytes(units) == text


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_compare_exchange_to_itself(row: isa.Instruction) -> None:
    """S1-02: True when the expected opcode is there; False when another one is."""
    units = units_of(plain(row, 3))
    assert units.compare_exchange_op(0, row.number, row.number) is True
    other = (row.number + 1) % len(ROWS)
    assert units.compare_exchange_op(0, other, other) is False
    assert bytes(units) == plain(row, 3)


@pytest.mark.parametrize("pair", [(-1, 0), (0, -1), (256, 0), (0, 256), (0, 2**30)])
def test_compare_exchange_of_no_opcode(pair: tuple[int, int]) -> None:
    """S1-02, S3-07: what does not fit the byte is no opcode; steps do not."""
    units = units_of(bytes(2))
    with pytest.raises(
        ValueError, match=r"^code unit 0: .* must be opcodes, 0\.\.255$"
    ):
        units.compare_exchange_op(0, *pair)
    with pytest.raises(OverflowError):
        units.compare_exchange_op(0, 2**70, 0)


def test_instrumented_numbers_are_the_top() -> None:
    """S2-28: no other instruction is numbered among the instrumented ones."""
    for row in isa.INSTRUCTIONS:
        assert row.name.startswith("INSTRUMENTED_") == (
            row.number >= isa.FIRST_INSTRUMENTED
        )
    assert isa.FIRST_INSTRUMENTED < 256 <= isa.FIRST_STEP


# -- quickening


def quickened(text: bytes, enabled: bool) -> bytes:
    """What quickening makes of units, in plain Python."""
    begin = {
        "counter": _cache.WARMUP if enabled else _cache.UNREACHABLE,
        "trace_counter": _cache.JUMP if enabled else _cache.UNREACHABLE,
        "branch_history": 0x5555,
    }
    now = bytearray(text)
    for index, row in instructions(text):
        if row.cache:
            first = begin[row.cache[0].name]
            now[2 * index + 2 : 2 * index + 4] = first.to_bytes(2, "little")
    return bytes(now)


@cache
def stdlib_units() -> tuple[bytes, ...]:
    """The units of code objects of the standard library, the first ones by name."""

    def codes(code: CodeType) -> Iterator[CodeType]:
        yield code
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from codes(constant)

    def lowered() -> Iterator[bytes]:
        for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = compile(path.read_bytes(), path.name, "exec")
            for code in codes(module):
                with suppress(Declined):
                    yield bytes(lower(code).units)

    return tuple(islice(lowered(), CODES))


@pytest.mark.parametrize("enabled", [True, False])
def test_quicken_the_standard_library(enabled: bool) -> None:
    """S2-33, S2-34, S2-35, S0-33: every first cell begins, nothing else changes."""
    texts = stdlib_units()
    assert len(texts) == CODES
    for text in texts:
        units = units_of(text)
        units.quicken(enabled)
        assert bytes(units) == quickened(text, enabled)
        assert units.original_bytes() == text


@given(st.lists(st.sampled_from(ROWS), min_size=1, max_size=20), st.data())
def test_quicken_skips_cells(rows: list[isa.Instruction], data: st.DataObject) -> None:
    """S2-35: cells that look like instructions are not taken for them."""
    text = b"".join(
        bytes([row.number, data.draw(st.integers(0, 255))])
        + bytes([BASE.number, 0]) * row.cache_units
        for row in rows
    )
    units = units_of(text)
    units.quicken()
    assert bytes(units) == quickened(text, True)


def test_quicken_begins_as_declared() -> None:
    """S2-10, S2-12, S2-33: (1, 1) at adaptive sites, 4095/12 at backward jumps."""
    for row in COUNTED:
        units = units_of(plain(row))
        assert units.read_adaptive_counter(0) == 0
        units.quicken()
        counter = _cache.split_counter(units.read_adaptive_counter(0))
        assert counter == ((1, 1) if row.is_adaptive else (4095, 12))


@pytest.mark.parametrize("row", COUNTED, ids=named)
def test_not_enabled_never_attempts(row: isa.Instruction) -> None:
    """S2-34, S2-06: 10**5 executions, no attempt."""
    units = units_of(plain(row))
    units.quicken(enabled=False)
    counter = units.read_adaptive_counter(0)
    for _ in range(10**5):
        assert not _cache.triggers(counter)
        counter = _cache.advance_counter(counter)


def test_last_unit_is_not_scanned() -> None:
    """S2-35: an instruction without room for its counter gets none."""
    for row in COUNTED:
        text = plain(isa.BY_NUMBER[isa.NUMBER["NOP"]]) + bytes([row.number, 1])
        units = units_of(text)
        units.quicken()
        assert bytes(units) == text


@pytest.mark.parametrize("row", COUNTED, ids=named)
def test_one_schedule_for_all(row: isa.Instruction) -> None:
    """S1-11: the same counter, begun and restarted alike, in every family."""
    units = units_of(plain(row))
    units.quicken()
    begun = units.read_adaptive_counter(0)
    assert begun == (_cache.WARMUP if row.is_adaptive else _cache.JUMP)
    units.write_adaptive_counter(0, _cache.restart_counter(begun))
    assert units.deoptimize_at(0) is True
    assert units.read_adaptive_counter(0) == begun
