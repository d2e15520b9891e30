"""CONTAINS_OP: every form's life, as a value and as a condition."""

from __future__ import annotations

import pytest
import support

from . import life
from .life import Case, Refusal

OTHERS = (
    "1, {1}",
    "1, frozenset([1, 2])",
    "5, {}",
    "[], {1}",
    "[], {1: 2}",
    "[], [[]]",
    "Key(), {1: 2}",
    "Key(), frozenset([1])",
    "Bad(), [1]",
    "Bad(), (1,)",
    "1, 'abc'",
    "'b', 'abc'",
    "'', ''",
    "1, Own()",
    "1, Never()",
    "1, D()",
    "1, 5",
    "2, iter([1, 2])",
    "float('nan'), [float('nan')]",
)

#: Containers and keys that log or fail.
TYPES = """
class Key:
    def __hash__(self):
        raise KeyError(["hash"])
class Bad:
    def __eq__(self, other):
        raise KeyError(["eq"])
class Own:
    def __contains__(self, item):
        LOG.append(item)
        return [item]
class Never:
    __contains__ = None
class D(dict):
    def __contains__(self, item):
        LOG.append("D")
        return True
"""


def value(operator: str) -> str:
    """The test as a value."""
    return f"{TYPES}\ndef f(a, b):\n    return a {operator} b\n"


def condition(operator: str) -> str:
    """The test with a jump behind it."""
    return (
        f"{TYPES}\ndef f(a, b):\n    while a {operator} b:\n        return 1\n"
        "    return 0\n"
    )


CASES = [
    case
    for shape in (value, condition)
    for operator in ("in", "not in")
    for case in life.cases(
        "CONTAINS_OP",
        ("SET", shape(operator), "1, {1, 2}", "1, {1: 2}", "DICT"),
        ("SET", shape(operator), "3, frozenset([1])", "1, [1]", "LIST"),
        ("DICT", shape(operator), "'a', {'a': 1}", "1, (1,)", "TUPLE"),
        ("LIST", shape(operator), "1000, [1, 1000]", "'a', 'abc'", "STR"),
        ("TUPLE", shape(operator), "1000, (1, 1000)", "1, D()", "subclass"),
        ("STR", shape(operator), "'b', 'abc'", "1, Own()", "special_method"),
        others=OTHERS,
    )
]

REFUSALS = life.refusals(
    "CONTAINS_OP",
    ("subclass", value("in"), "1, D()"),
    ("other_builtin", value("in"), "1, iter([1])"),
    ("other_instruction", value("in"), "1, [1]", "COMPARE_OP_INT"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S1-12, S1-13, S1-29, S2-41, S4-01: by the right operand's exact type."""
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


@pytest.mark.parametrize(
    "asked",
    [
        *("a == b", "a != b", "a in [b]", "a in (5, b)", "5 if a else 6", "not a"),
        *("a[1:]", "a[-2:1]", "len(a)", "a + b", "[x for x in a]"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_strings_of_the_old_c_api(asked: str) -> None:
    """S0-16: their characters and length are not there until they are asked for."""
    legacy = pytest.importorskip("_testcapi").unicode_legacy_string
    sides = []
    for side in (support.plain_host, support.hot_engine):
        with side():
            hot = support.function(f"def f(a, b):\n    return {asked}\n")
            for _ in range(40):
                hot("ab", "cd")
            pairs = [("ab", "ab"), ("ab", "cd"), ("ab", "abc"), ("", "ab")]
            sides.append(
                [
                    (hot(legacy(a), b), hot(a, legacy(b)), hot(legacy(a), legacy(b)))
                    for a, b in pairs
                ]
            )
    assert sides[1] == sides[0]
