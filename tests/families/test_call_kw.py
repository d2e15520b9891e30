"""CALL_KW: every form's life, with all ways to be given too much or little."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

TYPES = """
import functools
class C:
    def __init__(self, *a, k=1, **kw):
        LOG.append(("init", a, k, kw))
    def m(self, a, b=2, *, k=3):
        return [a, b, k]
    def star(self, *a, **kw):
        return a, kw
class Call:
    def __call__(self, *a, **kw):
        return a, kw
def plain(a, b=[2], k=3):
    return [a, b, k]
def kwonly(a, *, b=[2], k):
    return [a, b, k]
def star(*a, **kw):
    return a, kw
def posonly(a, /, b=5, **kw):
    return a, b, kw
def raises(**kw):
    raise KeyError([kw])
def gen(a, b=1, k=2):
    yield [a, b, k]
async def coro(a, b=1, k=2):
    return a, b, k
def none():
    return 1
def cells(a, b=1, k=2):
    return (lambda: [a, b, k])()
partial = functools.partial(plain, 1)
bound = C().m
starred = C().star
class Own:
    method = functools.partialmethod(plain)
class Cached:
    m = functools.lru_cache(lambda self, a, k: k)
odd = classmethod(star).__get__(C)
def shown(value):
    if hasattr(value, "close"):
        value.close()
        return "generator"
    return value if isinstance(value, (list, tuple, int, str)) else type(value).__name__
"""
CALL = f"{TYPES}\ndef f(g):\n    return shown(g([1], b=[5], k=6))\n"
ONLY = f"{TYPES}\ndef f(g):\n    return shown(g(k=[6]))\n"
TWICE = f"{TYPES}\ndef f(g):\n    return shown(g([1], a=[5], k=6))\n"
METHOD = f"{TYPES}\ndef f(o):\n    return shown(o.m((1,), k=6))\n"
SORT = f"{TYPES}\ndef f(o):\n    return o.sort(reverse=True)\n"
OTHERS = (
    *("plain", "kwonly", "star", "posonly", "raises", "gen", "coro", "none", "cells"),
    *("bound", "starred", "partial", "C", "Call()", "int", "dict", "5", "len", "print"),
    *("Own().method", "lambda a, b, k: [a, b, k]", "sorted", "max", "type", "odd"),
)
WITH_NAMES = ("C()", "Call()", "5", "'a'")

CASES = [
    *life.cases(
        "CALL_KW",
        ("PY", CALL, "star", "bound", "BOUND_METHOD"),
        ("PY", CALL, "plain", "posonly", "PY"),
        ("PY", CALL, "gen", "coro", "PY"),
        ("PY", CALL, "cells", "5", "NON_PY"),
        ("BOUND_METHOD", CALL, "bound", "star", "PY"),
        ("BOUND_METHOD", CALL, "odd", "C", "keywords_for_class"),
        ("NON_PY", CALL, "partial", "bound", "BOUND_METHOD"),
        ("PY", ONLY, "star", "len", "NON_PY"),
        ("PY", ONLY, "raises", "starred", "BOUND_METHOD"),
        ("BOUND_METHOD", ONLY, "starred", "dict", "NON_PY"),
        ("NON_PY", ONLY, "dict", "posonly", "PY"),
        ("PY", TWICE, "star", "C", "keywords_for_class"),
        ("NON_PY", TWICE, "Call()", "star", "PY"),
        others=OTHERS,
    )
]
CASES += life.cases(
    "CALL_KW",
    ("PY", METHOD, "C()", "C()", "PY"),
    others=WITH_NAMES,
    change="C.m = lambda self, a, k: ['new', a, k]",
)

REFUSALS = life.refusals(
    "CALL_KW",
    ("keywords_for_class", CALL, "C"),
    ("keywords_for_builtin", SORT, "[2]"),
    ("other_callable", METHOD, "Cached()"),
    ("callee_not_ready", CALL, "len", "CALL_KW_PY"),
    ("callee_not_ready", CALL, "Call()", "CALL_KW_BOUND_METHOD"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S0-20, S0-24, S1-12, S1-13, S2-10, S2-11, S2-39: the form's beats."""
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
