"""FOR_ITER: every form's life, one step of the loop at a time."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

OTHERS = (
    *("iter([])", "iter([1])", "iter(())", "iter(range(0))", "iter(range(9, 5, -1))"),
    *("iter(range(2**70, 2**70 + 1))", "iter({})", "iter({1: 2}.items())", "It()"),
    *("Bad()", "Stop()", "(x for x in [[7, 8]])", "bad()", "empty()", "stop()"),
    *(
        "enumerate([[1]])",
        "zip([1], [2])",
        "zip([1], [2], strict=True)",
        "zip([1], [])",
    ),
    *("zip([1])", "zip()", "iter(['ab'])", "map(str, [1])", "iter('ab')", "busy()"),
    *("enumerate(Bad())", "zip([1], Bad())", "zip(Bad(), [1])", "zip(It(), It())"),
)

TYPES = """
class It:
    def __iter__(self):
        return self
    def __next__(self):
        return [5, 6]
class Bad(It):
    def __next__(self):
        raise KeyError(["next"])
class Stop(It):
    def __next__(self):
        raise StopIteration(["stop"])
def pairs():
    LOG.append("began")
    yield 3, [4]
    LOG.append("again")
def bad():
    yield from ()
    raise KeyError(["bad"])
def empty():
    return [1]
    yield
def stop():
    raise StopIteration(["value"])
    yield
def busy():
    def g():
        for x in own[0]:
            yield x
    own = [g()]
    return own[0]
"""
ONE = f"{TYPES}\ndef f(it):\n    for x in it:\n        return x\n    return 'end'\n"
PAIR = (
    f"{TYPES}\ndef f(it):\n    for a, b in it:\n        return b, a\n    return 'end'\n"
)

CASES = [
    *life.cases(
        "FOR_ITER",
        ("LIST", ONE, "iter([1, 2])", "iter((1,))", "TUPLE"),
        ("LIST", ONE, "iter([])", "iter(range(2))", "RANGE"),
        ("TUPLE", ONE, "iter((1, 2))", "iter([1])", "LIST"),
        ("RANGE", ONE, "iter(range(1000, 2000))", "pairs()", "GEN"),
        ("RANGE", ONE, "iter(range(0))", "iter({1})", "BUILTIN"),
        ("GEN", ONE, "pairs()", "iter([1])", "LIST"),
        ("GEN", ONE, "empty()", "It()", "special_method"),
        ("BUILTIN", ONE, "iter({1: 2}.items())", "It()", "special_method"),
        ("BUILTIN", ONE, "enumerate([1])", "Stop()", "special_method"),
        ("BUILTIN", ONE, "zip([1], [2])", "Bad()", "special_method"),
        ("DICT_ITEMS", PAIR, "iter({1: [2]}.items())", "zip([1], [2])", "ZIP"),
        ("DICT_ITEMS", PAIR, "iter({}.items())", "iter([(1, 2)])", "LIST"),
        ("ENUMERATE", PAIR, "enumerate([[1]], 1000)", "pairs()", "GEN"),
        ("ENUMERATE", PAIR, "enumerate([])", "iter({1: 2}.items())", "DICT_ITEMS"),
        ("ENUMERATE", PAIR, "enumerate(pairs(), 2**70)", "pairs()", "GEN"),
        ("ZIP", PAIR, "zip([1], [[2]])", "zip([1], [2], strict=True)", "BUILTIN"),
        ("ZIP", PAIR, "zip([1], [])", "enumerate([1])", "ENUMERATE"),
        ("BUILTIN", PAIR, "zip([1], [2], strict=True)", "It()", "special_method"),
        others=OTHERS,
    )
]

REFUSALS = life.refusals(
    "FOR_ITER",
    ("special_method", ONE, "It()"),
    ("special_method", ONE, "Bad()"),
    ("no_pair_unpacked", ONE, "zip([1], [2])", "FOR_ITER_ZIP"),
    ("no_pair_unpacked", ONE, "enumerate([1])", "FOR_ITER_ENUMERATE"),
    ("no_pair_unpacked", ONE, "iter({1: 2}.items())", "FOR_ITER_DICT_ITEMS"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S1-12, S1-13, S2-10, S2-11, S2-42: the form's beats."""
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
