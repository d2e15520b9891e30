"""TO_BOOL: every form's life."""

from __future__ import annotations

import pytest
import support

from . import life
from .life import Case, Refusal

OTHERS = (
    *("True", "False", "0", "5", "2**70", "''", "'a'", "[]", "[1]", "None", "0.0"),
    *("Plain()", "Sized(0)", "Sized(1)", "Own()", "Bad()", "()", "I(0)", "L()"),
)

TYPES = """
class Empty:
    pass
class Plain(Empty):
    pass
Plain().__class__   # a name has been looked up, so that the type has a version
class Sized:
    def __init__(self, size):
        self.size = size
    def __len__(self):
        LOG.append("len")
        return self.size
class Falsy:
    def __len__(self):
        return 0
class Own:
    def __bool__(self):
        LOG.append("bool")
        return False
class Bad:
    def __bool__(self):
        raise KeyError(["bool"])
class I(int):
    def __bool__(self):
        LOG.append("I")
        return True
class L(list):
    def __len__(self):
        LOG.append("L")
        return 7
"""
IF = f"{TYPES}\ndef f(x):\n    if x:\n        return 1\n    return 0\n"
WHILE = f"{TYPES}\ndef f(x):\n    while not x:\n        return 1\n    return 0\n"
ASSERT = f"{TYPES}\ndef f(x):\n    assert x, [x]\n    return 1 if x else 2\n"

CASES = [
    case
    for source in (IF, WHILE, ASSERT)
    for case in life.cases(
        "TO_BOOL",
        ("BOOL", source, "True", "5", "INT"),
        ("INT", source, "1000", "[1]", "LIST"),
        ("LIST", source, "[1]", "'a'", "STR"),
        ("NONE", source, "None", "False", "BOOL"),
        ("STR", source, "'a'", "Plain()", "ALWAYS_TRUE"),
        ("ALWAYS_TRUE", source, "Plain()", "Own()", "special_method"),
        others=OTHERS,
    )
]
CASES += [
    case
    for change in (
        "Plain.__len__ = lambda self: LOG.append('late') or 0",
        "Plain.__bool__ = lambda self: False",
        "Plain.__bases__ = (Falsy,)",
    )
    for case in life.cases(
        "TO_BOOL",
        ("ALWAYS_TRUE", IF, "Plain()", "Plain()", "special_method"),
        change=change,
    )
]
#: Nothing has ever asked this type for a name.
UNKNOWN = "class New: pass\n" + IF

REFUSALS = life.refusals(
    "TO_BOOL",
    ("special_method", IF, "Sized(1)"),
    ("other_builtin", IF, "0.0"),
    ("no_form_for_types", IF, "Sized(0)", "TO_BOOL_ALWAYS_TRUE"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S1-12, S1-13, S1-30, S2-10, S2-11, S2-49: the form's beats."""
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


def test_a_type_without_a_version_is_given_one() -> None:
    """S0-01: the form does not wait for somebody to look a name up in the type."""
    program = life.Program(Case("TO_BOOL_ALWAYS_TRUE", UNKNOWN, "New()"))
    with support.hot_engine():
        for _ in range(life.PASSED + 1):
            program.seen("f(New())")
        assert program.site().opname == "TO_BOOL_ALWAYS_TRUE"
