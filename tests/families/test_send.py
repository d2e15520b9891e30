"""SEND: generators and coroutines, one step at a time."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

OTHERS = (
    *("gen()", "iter([1])", "iter([])", "empty()", "bad()", "stop()", "sub(gen())"),
    *("It()", "Bad()", "busy()", "[1, 2]", "range(3)", "5", "own()"),
)

TYPES = """
def gen():
    LOG.append("began")
    got = yield [1]
    LOG.append(got)
    return [got]
def empty():
    return [1]
    yield
def bad():
    raise KeyError(["bad"])
    yield
def stop():
    raise StopIteration(["value"])
    yield
def sub(other):
    return (yield from other)
def own():
    try:
        yield 1
    finally:
        LOG.append("closed")
class It:
    def __iter__(self):
        return self
    def __next__(self):
        raise StopIteration([6])
class Bad(It):
    def __next__(self):
        raise KeyError(["next"])
def busy():
    def g():
        yield from own[0]
    own = [g()]
    return own[0]
class Await:
    def __init__(self, it):
        self.it = it
    def __await__(self):
        return self.it
def first(steps):
    try:
        return next(steps)
    except StopIteration as stop:
        return "stopped", stop.value
def start(coroutine):
    try:
        return coroutine.send(None)
    except StopIteration as stop:
        return "stopped", stop.value
    finally:
        coroutine.close()
async def returns():
    return [3]
async def raises():
    raise KeyError(["coroutine"])
async def ends():
    raise StopIteration(["value"])
async def waits():
    await Await(iter([1, 2]))
    return 5
"""
FROM = f"{TYPES}\ndef f(it):\n    got = yield from it\n    yield 'end', got\n"
AWAIT = f"{TYPES}\nasync def f(it):\n    return await it\n"
STATES = (
    *("returns()", "waits()", "raises()", "ends()", "Await(iter([]))", "Await(gen())"),
    *("Await(iter([1]))", "5", "Await(5)", "Await(busy())"),
)

CASES = [
    *life.cases(
        "SEND",
        ("GEN", FROM, "gen()", "iter([1])", "other_builtin"),
        ("GEN", FROM, "empty()", "It()", "special_method"),
        ("GEN", FROM, "sub(gen())", "Bad()", "special_method"),
        others=OTHERS,
        call="first(f({}))",
    ),
    *life.cases(
        "SEND",
        ("GEN", AWAIT, "returns()", "Await(iter([]))", "other_builtin"),
        ("GEN", AWAIT, "waits()", "Await(It())", "special_method"),
        ("GEN", AWAIT, "Await(gen())", "Await(Bad())", "special_method"),
        others=STATES,
        call="start(f({}))",
    ),
]

REFUSALS = [
    *life.refusals(
        "SEND",
        ("other_builtin", FROM, "iter([1])"),
        ("special_method", FROM, "It()"),
        ("no_form_for_types", FROM, "It()", "SEND_GEN"),
        call="first(f({}))",
    ),
    *life.refusals(
        "SEND",
        ("other_builtin", AWAIT, "Await(iter([1]))"),
        call="start(f({}))",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S1-12, S1-13, S2-10, S2-11, S2-46: the form's beats."""
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
