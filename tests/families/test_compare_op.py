"""COMPARE_OP: every form's life, as a value and as a condition."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

OTHERS = (
    "1, 2",
    "2, 2",
    "2**70, 1",
    "True, 1",
    "1.5, float('nan')",
    "-0.0, 0.0",
    "1, 1.0",
    "'a', 'b'",
    "S('a'), 'a'",
    "b'a', b'a'",
    "Odd(), 1",
    "1, Odd()",
    "Bad(), 1",
    "Bad(), Bad()",
    "[1], [2]",
    "None, 1",
    "I(1), 1",
    "2**70, 1.5",
    "float('nan'), 1",
    "object(), 1",
    "None, Odd()",
    "Plain(), None",
    "Plain(), Plain",
)

#: Comparisons that log, return no bool, or fail.
TYPES = """
class S(str):
    def __eq__(self, other):
        LOG.append("eq")
        return [1]
    def __lt__(self, other):
        LOG.append("lt")
        return []
    __hash__ = str.__hash__
class I(int):
    def __eq__(self, other):
        LOG.append("eq")
        return NotImplemented
    __lt__ = __eq__
    __hash__ = int.__hash__
class Plain:
    def __del__(self):
        LOG.append("del")
class Odd:
    def __eq__(self, other):
        return []
    def __lt__(self, other):
        return [1]
    __gt__ = __lt__
class Bad:
    def __eq__(self, other):
        raise KeyError([other])
    __lt__ = __eq__
"""


def value(operator: str) -> str:
    """The comparison as a value."""
    return f"{TYPES}\ndef f(a, b):\n    return a {operator} b\n"


def condition(operator: str) -> str:
    """The comparison with a jump behind it, both ways."""
    return (
        f"{TYPES}\ndef f(a, b):\n    if a {operator} b:\n        return 1\n"
        "    return 0\n"
    )


CASES = [
    case
    for shape in (value, condition)
    for case in life.cases(
        "COMPARE_OP",
        ("INT", shape("<"), "1000, 2000", "1.5, 2.5", "FLOAT"),
        ("INT", shape("=="), "1000, 2000", "2**70, 1", "big_int"),
        ("FLOAT", shape("<"), "1.5, 2.5", "1, 2", "INT"),
        ("FLOAT", shape("!="), "1.5, 2.5", "1, 1.5", "NUMBER"),
        ("STR", shape("=="), "'a', 'b'", "1, 2", "INT"),
        ("STR", shape("!="), "'ab', 'ab'", "b'a', b'b'", "other_builtin"),
        ("STR_ORDER", shape("<"), "'a', 'b'", "b'a', b'b'", "other_builtin"),
        ("NUMBER", shape("<"), "1, 2.5", "'a', 'b'", "STR_ORDER"),
        ("NUMBER", shape("=="), "1.5, 1", "2**70, 1.5", "mixed_types"),
        ("IDENTITY", shape("=="), "object(), None", "1, 2", "INT"),
        ("IDENTITY", shape("!="), "None, None", "S('a'), 'a'", "subclass"),
        others=OTHERS,
    )
]

REFUSALS = life.refusals(
    "COMPARE_OP",
    ("mixed_types", value("<"), "2**70, 1.5"),
    ("other_operator", value("<"), "'a', 'b'", "COMPARE_OP_IDENTITY"),
    ("mixed_types", value("=="), "1, None"),
    ("subclass", value("<"), "True, 1"),
    ("big_int", value("<"), "2**30, 1"),
    ("other_builtin", value("=="), "[], []"),
    ("other_operator", value("<"), "'a', 'b'", "COMPARE_OP_STR"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S1-12, S1-13, S1-28, S2-10, S2-11, S2-40: the form's beats."""
    life.check_life(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_results(case: Case) -> None:
    """S0-13: whatever comes after what, in a form that stays."""
    life.check_results(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_drift(case: Case) -> None:
    """S2-52: no reference is lost or kept."""
    life.check_no_drift(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusal(refusal: Refusal) -> None:
    """S1-09, S2-30: the base stays, and tries again after twice the distance."""
    life.check_refusal(refusal)
