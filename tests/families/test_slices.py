"""Slices that are taken and stored at once, without a slice object."""

from __future__ import annotations

import pytest
import support

#: What slices are taken of; D's items say when they die.
ITEMS = {
    "list": "[1, 2, 3]",
    "str": "'aé€'",
    "ascii": "'abc'",
    "tuple": "(1, 2, 3)",
    "bytes": "b'abc'",
    "list of the dying": "[D(), D()]",
    "tuple of the dying": "(D(), D())",
    "sub of list": "L([1, 2, 3])",
    "range": "range(5)",
    "Python's own": "Own()",
    "none": "None",
}
BOUNDS = ("None", "0", "1", "-1", "3", "-5", "9", "2**40", "-(2**70)", "True")
OTHERS = ("Index()", "1.5", "'a'")

PROGRAM = """
LOG = []
class D:
    def __del__(self):
        LOG.append("dies")
    def __repr__(self):
        return "D()"
class L(list):
    def __getitem__(self, key):
        return key
class Own:
    def __getitem__(self, key):
        return key
class Index:
    def __index__(self):
        LOG.append("index")
        return 1
def f(make, start, stop):
    return (
        make()
        [start:
         stop]
    )
def g(make, start, stop, step=-1):
    return make()[start:stop:step]
def h(make, start, stop, value):
    items = make()
    (
        items
        [start:
         stop]
    ) = value
    return items
def shown(function, *arguments):
    try:
        LOG.append(function(*arguments))
    except Exception as error:
        LOG.append((str(error), error.__traceback__.tb_next.tb_lineno))
"""


def steps(items: str) -> str:
    """Warm the sites with one kind of items, then give them the others."""
    lines = [f"for i in range(40): shown(f, lambda: {items}, 0, 1)"]
    lines.append(f"for i in range(40): shown(g, lambda: {items}, None, 1)")
    lines.append(f"for i in range(40): shown(h, lambda: {items}, 0, 1, [5])")
    for start in BOUNDS + OTHERS:
        for stop in BOUNDS if start in BOUNDS else ("2", *OTHERS):
            bounds = f"lambda: {items}, {start}, {stop}"
            lines += [f"shown({name}, {bounds})" for name in "fg"]
            lines.append(f"shown(h, {bounds}, (D(), 4, 5))")
    for step in ("2", "-2", "0", "None", "2**70", "True", "'a'", "5"):
        for start, stop in (("None", "None"), ("1", "-9"), ("-1", "0"), ("9", "1")):
            lines.append(f"shown(g, lambda: {items}, {start}, {stop}, {step})")
    for value in ("[]", "[D()]", "range(2)", "5", "'ab'", "iter([1])", "L([7])"):
        lines.append(f"shown(h, lambda: {items}, 1, 2, {value})")
    for other in ITEMS.values():
        lines += [
            f"for i in range(3): shown({n}, lambda: {other}, 1, None)" for n in "fg"
        ]
        lines.append(f"for i in range(3): shown(h, lambda: {other}, 1, 2, [8])")
    return "\n    ".join([f"{PROGRAM}def main():", *lines, "return LOG\n"])


PROGRAMS = {name: steps(items) for name, items in ITEMS.items()}
PROGRAMS["the whole of bytes"] = """
def f(b, i, j):
    return b[i:j]
def main():
    b = b'abc' * 9
    for i in range(40):
        f(b, 1, 2)
    x = [1, 2]
    x[1:] = x
    x[:1] = x
    return x, f(b, 0, None) is b, f(b, None, 27) is b, f(b, 1, None) is b
"""
PROGRAMS["parts of keys"] = """
class Own:
    def __getitem__(self, key):
        return key
    def __setitem__(self, key, value):
        self.stored = key, value
def f(own, items, i, j):
    own[items, i:j] = 5
    return own[items, i:j], own[items, i:j:-1], own.stored
def main():
    return [f(Own(), items, 0, 1) for items in ([1, 2], (1, 2), "ab") * 9]
"""


@pytest.mark.parametrize("name", PROGRAMS)
def test_slices(name: str) -> None:
    """S0-16, S0-17: bounds of any kind, of what the site is for and of other things."""
    shown = support.same(PROGRAMS[name])
    assert shown.how == "returned"


@pytest.mark.parametrize("stress", ["bail:3", "deopt:3", "gc:3", "specialize"])
def test_slices_under_stress(stress: str) -> None:
    """The same programs, leaving the engine or missing anywhere."""
    support.agree_under_stress(__name__, stress)
