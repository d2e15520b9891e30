"""Forms for which there is no memory: MemoryError or the right result, nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import support

from . import life

testcapi = pytest.importorskip("_testcapi", reason="the host has no test extension")

#: Allocations that fail, one at a time.
ALLOCATIONS = 14

TYPES = """
class C:
    def __init__(self, x=1):
        self.x = x
    def m(self, x):
        return [x]
    def __getitem__(self, key):
        return [key]
    def __getattr__(self, name):
        return [name]
def one(x):
    return [x]
def star(*a, **k):
    return a, k
def gen():
    yield [1]
def delegate(it):
    yield from it
"""

#: The argument, made anew each time, and what is done with it.
BODIES = {
    "range": ("iter(range(2**61, 2**61 + 5))", "for x in a:|  return x|return 'end'"),
    "list": ("iter([1])", "for x in a:|  return [x]|return 'end'"),
    "generator": ("gen()", "for x in a:|  return [x]|return 'end'"),
    "yield from": ("gen()", "for x in delegate(a):|  return [x]|return 'end'"),
    "enumerate": ("enumerate([1], 2**61)", "for i, x in a:|  return i, x|return 'end'"),
    "zip": ("zip(range(2**61, 2**62), 'ab')", "for i, x in a:|  return i, x"),
    "items": ("{2**61: 2}.items()", "for i, x in a:|  return i, x|return 'end'"),
    "builtin iterator": ("iter({2**61})", "for x in a:|  return [x]|return 'end'"),
    "append to text": ("'a' * 1000", "a += 'b' * 2000|return len(a)"),
    "text": ("'a' * 1000", "b = a + 'x'|return len(b)"),
    "add": ("2**61", "return a + 5"),
    "subtract": ("2**61", "return a - 5"),
    "multiply": ("2**61", "return a * a"),
    "floats": ("1.5", "return [a * 2.5 + b - a for b in (1.5, 2.5, 3.5)]"),
    "other operators": ("1000", "return a << 20, a / 7, a // -3, a % 700, a & 2**29"),
    "list slice": ("[1] * 40", "return a[1:30], a[-1]"),
    "text slice": ("'abc' * 40", "return a[1:30], a[1]"),
    "list sum": ("[1] * 40", "return a + a"),
    "item": ("C()", "return a[1]"),
    "dict item": ("{'a': [1]}", "return a['a']"),
    "store item": ("{}", "for i in range(20):|  a[i] = [i]|return a"),
    "store attribute": ("object.__new__(C)", "a.x = [1]|return a.x"),
    "method": ("C()", "return a.m(1)"),
    "hook": ("C()", "return a.nothing"),
    "class": ("C", "return a(1).x"),
    "function": ("one", "return a(5)"),
    "collected arguments": ("star", "return len(a(1, 2, x=3))"),
    "append": ("[1] * 4", "a.append(1)|return a"),
    "len": ("range(2**61)", "return len(a)"),
    "str": ("2**61", "return str(a)"),
    "tuple": ("[1, 2, 3]", "return tuple(a)"),
    "builtins": ("2**61", "return abs(-a), max(a, 5), divmod(a, 7)"),
    "unpacking": ("(2**61, 1)", "b, c = a|return [b, c]"),
}


#: How many allocations fail in a row.  The host itself gives up when all of them do.
WIDTHS = (1, 4)


def outcomes(source: str, made: str, width: int) -> list[object]:
    """The result of a run, then of runs in which so many allocations fail."""
    names: dict[str, Any] = support.loaded(source)
    f = names["f"]
    make = compile(made, "<call>", "eval")
    for _ in range(life.PASSED + 1 + life.HITS):
        f(eval(make, names))
    shown: list[object] = [f(eval(make, names))]
    for number in range(ALLOCATIONS):
        argument = eval(make, names)
        found: object = None
        testcapi.set_nomemory(number, number + width)
        try:
            found = f(argument)
        except MemoryError:
            found = MemoryError
        finally:
            testcapi.remove_mem_hooks()
        shown.append(found)
    return shown


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", BODIES)
def test_without_memory(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """S4-30: each allocation on the way may fail, and nobody else hears of it."""
    ignored: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", ignored.append)
    made, body = BODIES[name]
    lines = "".join(f"    {line}\n" for line in body.split("|"))
    source = f"{TYPES}\ndef f(a):\n{lines}"
    with support.plain_host():
        names = support.loaded(source)
        expected = names["f"](eval(made, names))
    with support.hot_engine():
        engine = outcomes(source, made, width)
    assert engine[0] == expected
    assert [shown for shown in engine if shown not in (engine[0], MemoryError)] == []
    # Generators that cannot be closed then are the host's to report, too.
    assert [one for one in ignored if "adaptive" in str(one.object)] == []
