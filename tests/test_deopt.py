"""Deoptimization by table: one base for every opcode, and code units made base."""

from __future__ import annotations

import random
import sysconfig
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import CodeType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive import deopt, isa
from adaptive._cache import CodeUnits
from adaptive.lowering import iterate, lower

#: Modules of the standard library whose code is specialized at random and cleaned.
MODULES = 40

#: CPython 3.14's specialized forms, by the family they belong to.
FAMILIES = {
    "RESUME": "CHECK",
    "TO_BOOL": "ALWAYS_TRUE BOOL INT LIST NONE STR",
    "BINARY_OP": "MULTIPLY_INT ADD_INT SUBTRACT_INT MULTIPLY_FLOAT ADD_FLOAT"
    " SUBTRACT_FLOAT ADD_UNICODE SUBSCR_LIST_INT SUBSCR_LIST_SLICE SUBSCR_TUPLE_INT"
    " SUBSCR_STR_INT SUBSCR_DICT SUBSCR_GETITEM INPLACE_ADD_UNICODE EXTEND",
    "STORE_SUBSCR": "DICT LIST_INT NUMBER",
    "SEND": "GEN",
    "UNPACK_SEQUENCE": "TWO_TUPLE TUPLE LIST",
    "STORE_ATTR": "INSTANCE_VALUE SLOT WITH_HINT",
    "LOAD_GLOBAL": "MODULE BUILTIN",
    "LOAD_ATTR": "INSTANCE_VALUE MODULE WITH_HINT SLOT CLASS"
    " CLASS_WITH_METACLASS_CHECK PROPERTY GETATTRIBUTE_OVERRIDDEN METHOD_WITH_VALUES"
    " METHOD_NO_DICT METHOD_LAZY_DICT NONDESCRIPTOR_WITH_VALUES NONDESCRIPTOR_NO_DICT",
    "COMPARE_OP": "FLOAT INT STR",
    "CONTAINS_OP": "SET DICT",
    "FOR_ITER": "LIST TUPLE RANGE GEN",
    "CALL": "BOUND_METHOD_EXACT_ARGS PY_EXACT_ARGS TYPE_1 STR_1 TUPLE_1 BUILTIN_CLASS"
    " BUILTIN_O BUILTIN_FAST BUILTIN_FAST_WITH_KEYWORDS LEN ISINSTANCE LIST_APPEND"
    " METHOD_DESCRIPTOR_O METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS"
    " METHOD_DESCRIPTOR_NOARGS METHOD_DESCRIPTOR_FAST ALLOC_AND_ENTER_INIT PY_GENERAL"
    " BOUND_METHOD_GENERAL NON_PY_GENERAL",
    "CALL_KW": "BOUND_METHOD PY NON_PY",
}

UNKNOWN = next(number for number in range(256) if number not in isa.BY_NUMBER)
FREE_INSTRUMENTED = next(
    number
    for number in range(isa.FIRST_INSTRUMENTED, 256)
    if number not in isa.BY_NUMBER
)
BASES = tuple(row for row in isa.INSTRUCTIONS if row.base == row.name)


def instruction(name: str, oparg: int = 0, *cells: int) -> bytes:
    """One instruction with these cache cells, little-endian."""
    words = [isa.NUMBER[name] | oparg << 8, *cells]
    return b"".join(word.to_bytes(2, "little") for word in words)


# -- opcodes and names


@given(st.integers(0, 255))
def test_base_is_idempotent(opcode: int) -> None:
    """S0-30, S2-27: exactly one base for each opcode, which is its own base."""
    if opcode in isa.BY_NUMBER:
        base = deopt.base(opcode)
        assert deopt.base(base) == base
        row = isa.BY_NUMBER[base]
        assert row.base == row.name == isa.BY_NUMBER[opcode].base
        assert deopt.base_name(isa.BY_NUMBER[opcode].name) == row.name
    else:
        with pytest.raises(ValueError, match=f"opcode {opcode} is no instruction"):
            deopt.base(opcode)


@pytest.mark.parametrize("row", BASES, ids=lambda row: row.name)
def test_unspecialized_is_its_own_base(row: isa.Instruction) -> None:
    """S2-27: the identity for what is not specialized."""
    assert deopt.base(row.number) == row.number
    assert deopt.base_name(row.name) == row.name


@pytest.mark.parametrize("family", FAMILIES)
def test_families_are_those_of_3_14(family: str) -> None:
    """S0-30: every form that CPython 3.14 has goes back to 3.14's base."""
    names = [f"{family}_{form}" for form in FAMILIES[family].split()]
    assert {deopt.base_name(name) for name in names} == {family}
    assert set(names) <= set(deopt.forms(family))


def test_jump_backward_with_and_without_jit() -> None:
    """S0-31: both forms of JUMP_BACKWARD go back to it."""
    for name in ("JUMP_BACKWARD_JIT", "JUMP_BACKWARD_NO_JIT"):
        assert deopt.base(isa.NUMBER[name]) == isa.NUMBER["JUMP_BACKWARD"]
        assert name in deopt.forms("JUMP_BACKWARD")


def test_forms_are_divided_among_the_bases() -> None:
    """Each form belongs to one base, the forms are in order, and a form has none."""
    divided = [name for row in BASES for name in deopt.forms(row.name)]
    derived = [
        row.name
        for row in isa.INSTRUCTIONS
        if row.base != row.name and row.number < isa.FIRST_INSTRUMENTED
    ]
    assert derived
    assert sorted(divided) == sorted(derived)
    for row in BASES:
        numbers = [isa.NUMBER[name] for name in deopt.forms(row.name)]
        assert numbers == sorted(numbers)
        assert row.number not in numbers
    for name in derived:
        assert deopt.forms(name) == ()


@pytest.mark.parametrize("row", isa.INSTRUCTIONS, ids=lambda row: row.name)
def test_cache_entries_are_those_of_the_base(row: isa.Instruction) -> None:
    """S0-36: by the base's row, whatever the opcode."""
    base = isa.BY_NUMBER[isa.NUMBER[row.base]]
    assert deopt.cache_entries(row.number) == base.cache_units


def test_instrumented(monkeypatch: pytest.MonkeyPatch) -> None:
    """S0-32, S0-36: an instrumented opcode has its base and that one's caches.

    The row is invented, and says of itself that it has no caches.
    """
    call = isa.BY_NUMBER[isa.NUMBER["CALL"]]
    name = "INSTRUMENTED_INVENTED"
    row = call._replace(name=name, number=FREE_INSTRUMENTED, cache=())
    table = list(isa.DEOPT)
    table[row.number] = call.number
    monkeypatch.setitem(isa.BY_NUMBER, row.number, row)
    monkeypatch.setitem(isa.NUMBER, name, row.number)
    monkeypatch.setattr(isa, "DEOPT", tuple(table))
    assert deopt.base(row.number) == call.number
    assert deopt.base_name(name) == "CALL"
    assert deopt.cache_entries(row.number) == call.cache_units > 0
    assert name not in deopt.forms("CALL")
    cells = (7,) * call.cache_units
    units = instruction(name, 3, *cells) + instruction("POP_TOP")
    cleaned = instruction("CALL", 3, *(0 for _ in cells)) + instruction("POP_TOP")
    assert deopt.clean(units) == cleaned


@pytest.mark.parametrize("opcode", [UNKNOWN, -1, 256, isa.FIRST_STEP, 10**9])
def test_unknown_opcodes_are_named(opcode: int) -> None:
    for ask in (deopt.base, deopt.cache_entries):
        with pytest.raises(ValueError, match=f"opcode {opcode} is no instruction"):
            ask(opcode)


@pytest.mark.parametrize("name", ["NO_SUCH", "", "binary_op", isa.STEPS[0]])
def test_unknown_names_are_named(name: str) -> None:
    for ask in (deopt.base_name, deopt.forms):
        with pytest.raises(ValueError, match=f"no instruction is called '{name}'"):
            ask(name)


# -- code units


def stdlib_codes() -> Iterator[CodeType]:
    """The code objects of a spread of modules, the same every time."""
    root = Path(sysconfig.get_path("stdlib"))
    files = sorted(root.glob("*.py"))
    for path in islice(files, 0, None, max(1, len(files) // MODULES)):
        pending = [compile(path.read_bytes(), str(path), "exec", dont_inherit=True)]
        while pending:
            code = pending.pop()
            yield code
            pending += [
                const for const in code.co_consts if isinstance(const, CodeType)
            ]


def warmed(units: bytes, choice: random.Random) -> bytes:
    """The units with a form of each instruction, or itself, and anything in caches."""
    words = list(memoryview(units).cast("H"))
    for _, opcode, _, end in iterate(units):
        cells = isa.CACHE_UNITS[opcode]
        unit = end - 1 - cells
        name = isa.BY_NUMBER[opcode].name
        form = isa.NUMBER[choice.choice((name, *deopt.forms(name)))]
        words[unit] = words[unit] & 0xFF00 | form
        for cell in range(unit + 1, end):
            words[cell] = choice.randrange(1 << 16)
    return b"".join(word.to_bytes(2, "little") for word in words)


def test_clean_gives_back_what_was_lowered() -> None:
    """S0-33: over the standard library, from any forms and any caches.

    `CodeUnits.original_bytes` says the same of the same units.
    """
    choice = random.Random(20)
    seen: set[int] = set()
    for code in stdlib_codes():
        lowered = lower(code)
        warm = warmed(lowered.units, choice)
        seen.update(opcode for _, opcode, _, _ in iterate(warm))
        assert deopt.clean(warm) == lowered.units
        assert CodeUnits(warm, lowered.host_offsets).original_bytes() == lowered.units
        assert deopt.clean(lowered.units) == lowered.units
    assert any(deopt.base(opcode) != opcode for opcode in seen)


#: All whose base the opcode alone tells.
TELLING = [row for row in isa.INSTRUCTIONS if row not in isa.OVER_ANY]


@given(
    st.lists(st.tuples(st.sampled_from(TELLING), st.integers(0, 255), st.integers()))
)
def test_clean_keeps_arguments(parts: list[tuple[isa.Instruction, int, int]]) -> None:
    """S0-33: base opcode, same argument, zeros, for every instruction there is."""
    warm = cold = b""
    for row, oparg, cell in parts:
        cells = isa.BY_NUMBER[isa.NUMBER[row.base]].cache_units
        warm += instruction(row.name, oparg, *(cell & 0xFFFF for _ in range(cells)))
        cold += instruction(row.base, oparg, *(0 for _ in range(cells)))
    assert deopt.clean(warm) == cold
    assert deopt.clean(cold) == cold


def test_clean_says_what_is_wrong_and_where() -> None:
    start = instruction("RESUME")
    with pytest.raises(ValueError, match="3 bytes are not whole units"):
        deopt.clean(start + b"\0")
    with pytest.raises(ValueError, match=f"unit 1: opcode {UNKNOWN} is no instruction"):
        deopt.clean(start + bytes([UNKNOWN, 0]))
    whole = start + instruction("BINARY_OP", 0, 1, 2, 3, 4, 5)
    assert deopt.clean(whole) == start + instruction("BINARY_OP", 0, 0, 0, 0, 0, 0)
    for left in range(5):
        message = f"unit 1: BINARY_OP has 5 cache units, but {left} follow it"
        with pytest.raises(ValueError, match=message):
            deopt.clean(whole[: len(start) + 2 + 2 * left])


def test_caches_may_hold_unknown_opcodes() -> None:
    """What stands in a cache is no instruction, so it is not looked at."""
    units = instruction("COMPARE_OP", 0, UNKNOWN | 9 << 8)
    assert deopt.clean(units) == instruction("COMPARE_OP", 0, 0)
