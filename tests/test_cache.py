"""`CodeUnits`: whole units only, every access checked, nothing written from outside."""

from __future__ import annotations

import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive import isa
from adaptive._cache import CodeUnits

SIZES = st.integers(1, 60)


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
