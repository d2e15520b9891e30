"""UNPACK_SEQUENCE: every form's life, and wrong lengths."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

OTHERS = (
    *(
        "(1, 2)",
        "(1, 2, 3)",
        "(1,)",
        "()",
        "[1, 2]",
        "[1, 2, 3]",
        "[]",
        "'ab'",
        "'abc'",
    ),
    *("iter([1, 2])", "{1: 2, 3: 4}", "T((1, 2))", "L([1, 2])", "5", "None", "Bad()"),
)

TYPES = """
class T(tuple):
    def __iter__(self):
        LOG.append("T")
        return iter("xyz")
class L(list):
    def __iter__(self):
        LOG.append("L")
        return iter("xy")
class Bad:
    def __iter__(self):
        yield 1
        raise KeyError(["next"])
"""
TWO = f"{TYPES}\ndef f(s):\n    a, b = s\n    return a, b\n"
THREE = f"{TYPES}\ndef f(s):\n    a, b, c = s\n    return a, b, c\n"
NONE = f"{TYPES}\ndef f(s):\n    [] = s\n    return 1\n"
ONE = f"{TYPES}\ndef f(s):\n    a, = s\n    return a\n"

CASES = [
    *life.cases(
        "UNPACK_SEQUENCE",
        ("TWO_TUPLE", TWO, "(1, [2])", "[1, 2]", "LIST"),
        ("TWO_TUPLE", TWO, "(1, [2])", "(1, 2, 3)", "other_length"),
        ("TUPLE", THREE, "(1, 2, [3])", "[1, 2, 3]", "LIST"),
        ("TUPLE", ONE, "([1],)", "(1, 2)", "other_length"),
        ("TUPLE", NONE, "()", "[]", "LIST"),
        ("LIST", TWO, "[1, [2]]", "(1, 2)", "TWO_TUPLE"),
        ("LIST", THREE, "[1, 2, 3]", "'abc'", "not_a_tuple_or_list"),
        ("LIST", THREE, "[1, 2, 3]", "[1, 2]", "other_length"),
        others=OTHERS,
    ),
]

REFUSALS = life.refusals(
    "UNPACK_SEQUENCE",
    ("other_length", TWO, "(1,)"),
    ("other_length", TWO, "[1, 2, 3]"),
    ("not_a_tuple_or_list", TWO, "'ab'"),
    ("subclass", TWO, "T((1, 2))"),
    ("other_length", THREE, "(1, 2, 3)", "UNPACK_SEQUENCE_TWO_TUPLE"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S1-12, S1-13, S2-10, S2-11, S2-50: the form's beats."""
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
