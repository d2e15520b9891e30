"""The instruction set: well-formed rows, 3.14's shapes, tables that follow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive import isa

#: CPython 3.14's cache widths, counter included.
CACHE_WIDTHS = {
    "LOAD_GLOBAL": 4,
    "BINARY_OP": 5,
    "UNPACK_SEQUENCE": 1,
    "COMPARE_OP": 1,
    "LOAD_ATTR": 9,
    "STORE_ATTR": 4,
    "CALL": 3,
    "CALL_KW": 3,
    "STORE_SUBSCR": 1,
    "FOR_ITER": 1,
    "SEND": 1,
    "TO_BOOL": 3,
    "CONTAINS_OP": 1,
}
#: Caches that begin with something other than an adaptive counter.
OTHER_CACHES = {
    "JUMP_BACKWARD": 1,
    "POP_JUMP_IF_FALSE": 1,
    "POP_JUMP_IF_TRUE": 1,
    "POP_JUMP_IF_NONE": 1,
    "POP_JUMP_IF_NOT_NONE": 1,
}
#: Fields and their units, by CPython 3.14's layouts.
LAYOUTS = {
    "LOAD_GLOBAL": {"module_keys_version": (1, 1), "builtin_keys_version": (2, 1)},
    "LOAD_ATTR": {
        "type_version": (1, 2),
        "keys_version": (3, 2),
        "descriptor": (5, 4),
    },
    "STORE_ATTR": {"type_version": (1, 2), "index": (3, 1)},
    "CALL": {"function_version": (1, 2)},
    "CALL_KW": {"function_version": (1, 2)},
    "TO_BOOL": {"type_version": (1, 2)},
    "BINARY_OP": {"external": (1, 4)},
}

TOLD = isa.OVER_ANY + tuple(isa.INSTRUMENTED.values())
ROWS = pytest.mark.parametrize("row", isa.INSTRUCTIONS, ids=lambda row: row.name)


@ROWS
def test_row(row: isa.Instruction) -> None:
    """Names are unique, numbers fit a byte, the algebra has two sides."""
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", row.name)
    assert 0 <= row.number <= 255
    assert isa.BY_NUMBER[row.number] is row
    assert isa.NUMBER[row.name] == row.number
    assert row.stack.count("--") == 1
    assert isa.NUMBER[row.base] == isa.DEOPT[row.number]


@ROWS
def test_flags(row: isa.Instruction) -> None:
    """A jump backwards is a jump; what escapes may raise."""
    if row.flags & isa.BACK:
        assert row.flags & isa.JUMP
    if row.flags & isa.ESCAPES == isa.ESCAPES:
        assert row.flags & isa.RAISES


@ROWS
def test_cache_fields_tile_the_cache(row: isa.Instruction) -> None:
    """S2-18: fields stand behind one another, the counter first."""
    end = 0
    for field in row.cache:
        assert field.offset_units == end
        assert field.width_units > 0
        end += field.width_units
    assert end == row.cache_units
    assert [field.name for field in row.cache].count("counter") == row.is_adaptive


def test_numbers_are_the_rows() -> None:
    plain = [row.number for row in isa.INSTRUCTIONS if row not in TOLD]
    assert plain == list(range(len(plain)))
    first = isa.FIRST_INSTRUMENTED
    assert [row.number for row in TOLD] == list(range(first, first + len(TOLD)))
    assert isa.INSTRUCTIONS[len(plain) :] == TOLD
    assert len(isa.NUMBER) == len(isa.BY_NUMBER) == len(isa.INSTRUCTIONS)


@ROWS
def test_cache_widths(row: isa.Instruction) -> None:
    """S2-16, S2-20: 3.14's widths, and 0 for everything that has no cache.

    A form has its base's, or specializing would move what stands behind it.
    """
    expected = CACHE_WIDTHS.get(row.base, OTHER_CACHES.get(row.base, 0))
    assert isa.CACHE_UNITS[row.number] == row.cache_units == expected
    assert row.is_adaptive == (row.base in CACHE_WIDTHS)


@ROWS
def test_derived_rows(row: isa.Instruction) -> None:
    """S2-27: a form or fused instruction is its base in all but name and number."""
    base = isa.BY_NUMBER[isa.NUMBER[row.base]]
    assert base.base == base.name
    assert row == base._replace(name=row.name, number=row.number)
    assert (
        row is base
        or row.name.startswith(f"{base.name}_")
        or row is isa.INSTRUMENTED[base.name]
    )
    assert isa.DEOPT[row.number] == base.number


def test_numbers_stay_below_the_instrumented() -> None:
    """M5: what a specializer may write is never taken for a tool's opcode."""
    assert max(row.number for row in isa.INSTRUCTIONS if row not in TOLD) < min(
        row.number for row in TOLD
    )
    assert max(isa.BY_NUMBER) <= 255


def test_instrumented() -> None:
    """S0-32: each stands over one base and has its caches; two stand over any."""
    for name, row in isa.INSTRUMENTED.items():
        assert row.name == f"INSTRUMENTED_{name}"
        assert row.base == name
        assert isa.DEOPT[row.number] == isa.NUMBER[name]
        assert isa.CACHE_UNITS[row.number] == isa.CACHE_UNITS[isa.NUMBER[name]]
    assert [row.base for row in isa.OVER_ANY] == [row.name for row in isa.OVER_ANY]
    told = {event for events in isa.TELLS.values() for event in events}
    told |= {row.name.removeprefix("INSTRUMENTED_") for row in isa.OVER_ANY}
    assert told == set(isa.EVENTS[: isa.LOCAL_EVENTS])


def test_families_are_what_has_a_counter() -> None:
    assert set(isa.FAMILIES) == set(CACHE_WIDTHS)
    assert set(isa.FAMILIES) <= set(isa.FORMS)


def test_derived_rows_are_forms_or_fused() -> None:
    """Each in one table, under its base; nothing else has another base."""
    derived = [
        row for row in isa.INSTRUCTIONS if row.base != row.name and row not in TOLD
    ]
    forms = [row for rows in isa.FORMS.values() for row in rows]
    fused = list(isa.FUSED.values())
    assert sorted(derived) == sorted(forms + fused)
    for base, rows in isa.FORMS.items():
        assert {row.base for row in rows} == {base}


@pytest.mark.parametrize("parts", isa.FUSED, ids="+".join)
def test_fused(parts: tuple[str, ...]) -> None:
    """Named by its parts, base ones; only the last may be a form or have caches."""
    row = isa.FUSED[parts]
    assert row.name == "_".join(parts)
    assert row.base == parts[0]
    rows = [isa.BY_NUMBER[isa.NUMBER[part]] for part in parts]
    assert len(rows) >= 2
    assert all(part.base == part.name for part in rows[:-1])
    assert not any(part.cache_units for part in rows[:-1])


@pytest.mark.parametrize("name", LAYOUTS)
def test_cache_layout(name: str) -> None:
    """S2-21, S2-22, S2-23, S2-24, S2-25, S2-26: where each field stands."""
    fields = {
        field.name: (field.offset_units, field.width_units)
        for field in isa.BY_NUMBER[isa.NUMBER[name]].cache
    }
    assert fields["counter"] == (0, 1)
    for field, place in LAYOUTS[name].items():
        assert fields[field] == place


@given(st.integers(0, 255))
def test_deopt_is_idempotent(number: int) -> None:
    """S0-30, S2-27: to the base, and to itself for all that is none."""
    base = isa.DEOPT[number]
    assert isa.DEOPT[base] == base
    assert isa.CACHE_UNITS[base] == isa.CACHE_UNITS[number]
    if number not in isa.BY_NUMBER:
        assert base == number


def test_tables_cover_the_byte() -> None:
    assert len(isa.DEOPT) == len(isa.CACHE_UNITS) == 256


def test_steps_stand_above_the_byte() -> None:
    """S3-07: what is no instruction can never stand in a code unit."""
    assert isa.FIRST_STEP > 255
    assert not set(isa.STEPS) & set(isa.NUMBER)
    assert len(set(isa.STEPS)) == len(isa.STEPS)


def test_operators() -> None:
    assert len(isa.BINARY_OPERATORS) == len(isa.BINARY_OPERATOR_NAMES) == 27
    assert isa.BINARY_OPERATORS[isa.SUBSCRIPT] == "[]"
    assert isa.BINARY_OPERATOR_NAMES[isa.SUBSCRIPT] == "SUBSCR"
    half = isa.BINARY_OPERATORS.index("+=")
    for number, spelling in enumerate(isa.BINARY_OPERATORS[:half]):
        assert isa.BINARY_OPERATORS[half + number] == f"{spelling}="
        name = isa.BINARY_OPERATOR_NAMES[number]
        assert isa.BINARY_OPERATOR_NAMES[half + number] == f"INPLACE_{name}"
    # The shifted argument of COMPARE_OP must leave 3.14's flag bits free.
    assert len(isa.COMPARE_OPERATORS) << isa.COMPARE_SHIFT <= 256
    assert all(bit & (bit - 1) == 0 for bit in isa.FUNCTION_ATTRIBUTES)


def test_binary_operators_are_the_hosts() -> None:
    """The lowering passes BINARY_OP's argument on, so the order must be the host's."""
    import opcode

    host = opcode._nb_ops  # type: ignore[attr-defined]
    assert [spelling for _, spelling in host] == list(isa.BINARY_OPERATORS[: len(host)])
    assert tuple(opcode.cmp_op) == isa.COMPARE_OPERATORS
