"""STORE_SUBSCR: every form's life."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

OTHERS = (
    *("[1, 2], -1", "[1, 2], 5", "[1, 2], -5", "[1, 2], 2**70", "[1, 2], True"),
    *("[1, 2], 'a'", "[1, 2], slice(0, 1)", "{}, []", "{1: 2}, (1, 2)", "D(), 1"),
    *("L([1]), 0", "(1, 2), 0", "None, 0", "bytearray(b'ab'), 0", "Bad(), 1"),
    *("{}, Key()", "[1, 2], Index()", "bytearray(1), 0, 500", "bytearray(1), 0, 'a'"),
    *("array('d', [1]), 0, 2.5", "array('d', [1]), 0, True", "array('d'), 0, 2.5"),
    *("array('f', [1]), 0, 2.5", "array('d', [1]), -1, 2", "array('q', [1]), 0, 2.5"),
    *("array('b', [1]), 0, 500", "array('i', [1]), 0, 5.0", "array('u', 'a'), 0, 'b'"),
)

TYPES = """
from array import array
class F:
    def __float__(self):
        LOG.append("float")
        return 5.0
class D(dict):
    def __setitem__(self, key, value):
        LOG.append((key, value))
class L(list):
    def __setitem__(self, key, value):
        LOG.append((key, value))
class Bad:
    def __setitem__(self, key, value):
        raise KeyError([key, value])
class Key:
    def __hash__(self):
        raise KeyError(["hash"])
class Index:
    def __index__(self):
        LOG.append("index")
        return 1
class Dies:
    def __del__(self):
        LOG.append("dies")
"""
STORE = f"{TYPES}\ndef f(c, k):\n    c[k] = [c, k]\n    return c\n"
NUMBER = f"{TYPES}\ndef f(c, k, v=5):\n    c[k] = v\n    return c\n"
REPLACE = (
    f"{TYPES}\ndef f(c, k):\n    c[k] = Dies()\n    LOG.append('stored')\n"
    "    c[k] = 5\n    LOG.append('replaced')\n"
)

CASES = [
    *life.cases(
        "STORE_SUBSCR",
        ("LIST_INT", STORE, "[1, 2], 1", "[1, 2], -1", "big_int"),
        ("LIST_INT", STORE, "[1, 2], 1", "{1: 2}, 1", "DICT"),
        ("LIST_INT", STORE, "[1, 2], 1", "[1, 2], 2", "LIST_INT"),
        ("DICT", STORE, "{1: 2}, 'a'", "[1, 2], 1", "LIST_INT"),
        ("DICT", STORE, "{1: 2}, 'a'", "D(), 1", "subclass"),
        ("NUMBER", NUMBER, "bytearray(3), 1", "[1, 2], 1", "LIST_INT"),
        (
            "NUMBER",
            NUMBER,
            "array('d', [1, 2]), -1",
            "bytearray(3), 7",
            "other_builtin",
        ),
        ("NUMBER", NUMBER, "array('d', [1]), 0", "array('d', [1]), 1", "other_builtin"),
        (
            "NUMBER",
            NUMBER,
            "array('d', [1]), 0",
            "array('d', [1]), 0, F()",
            "other_builtin",
        ),
        ("LIST_INT", REPLACE, "[1, 2], 1", "[1, 2], -1", "big_int"),
        ("DICT", REPLACE, "{1: 2}, 'a'", "D(), 1", "subclass"),
        others=OTHERS,
    ),
]

REFUSALS = life.refusals(
    "STORE_SUBSCR",
    ("big_int", STORE, "[1, 2], -1"),
    ("index_not_an_int", STORE, "[1, 2], slice(1)"),
    ("other_builtin", STORE, "memoryview(bytearray(2)), 1"),
    ("subclass", STORE, "D(), 1"),
    ("subclass", STORE, "L([1]), 0"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S1-12, S1-13, S2-10, S2-11, S2-48: the form's beats."""
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
