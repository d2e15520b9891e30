"""Hints for operators, comparisons, subscripts, loops, unpacking and truth."""

from __future__ import annotations

from .advice import Hint

OPERATORS = (
    Hint(
        "mixed_types",
        "Ask for None with `is`.",
        "`==` asks both values for their methods; `is` compares two addresses and is"
        " no call at all.",
        """
words = ["a", "b", "c"] * 10


def hot():
    found = 0
    for word in words:
        if word == None:  # <--
            found += 1
    return found
""",
        """
words = ["a", "b", "c"] * 10


def hot():
    found = 0
    for word in words:
        if word is None:  # <--
            found += 1
    return found
""",
        ("COMPARE_OP",),
        frozenset({"NoneType"}),
    ),
    Hint(
        "mixed_types",
        "Let the two sides of a comparison be of one type.",
        "Values of different types are seldom equal, and no form compares them. Spell a"
        " special case by a value of the same type, or convert where values come in.",
        """
counts = [2, 3, 4] * 10


def hot():
    fixed = 0
    for count in counts:
        if count != "*":  # <--
            fixed += 1
    return fixed
""",
        """
MANY = -1
counts = [2, 3, 4] * 10


def hot():
    fixed = 0
    for count in counts:
        if count != MANY:  # <--
            fixed += 1
    return fixed
""",
        ("COMPARE_OP",),
    ),
    Hint(
        "mixed_types",
        "Write `1.0` instead of `1` where the other operand is a float.",
        "Forms compute with two values of one type, and only the commonest pairs of"
        " float and int have one.",
        """
angles = [30.5, 390.5, 750.5] * 10


def hot():
    total = 0.0
    for angle in angles:
        total += angle % 360  # <--
    return total
""",
        """
angles = [30.5, 390.5, 750.5] * 10


def hot():
    total = 0.0
    for angle in angles:
        total += angle % 360.0  # <--
    return total
""",
        ("BINARY_OP",),
        frozenset({"float"}),
    ),
    Hint(
        "mixed_types",
        "Hoist out of the loop what does not change in it.",
        "No form repeats or formats a string or a list. What is the same each time can"
        " be made once; an f-string puts texts together and needs no form.",
        """
names = ["a", "b", "c"] * 10


def hot():
    lines = []
    for name in names:
        lines.append("-" * len(names) + name)  # <--
    return lines
""",
        """
names = ["a", "b", "c"] * 10


def hot():
    lines = []
    rule = "-" * len(names)
    for name in names:
        lines.append(rule + name)  # <--
    return lines
""",
        ("BINARY_OP",),
        frozenset({"str", "list", "tuple"}),
    ),
    Hint(
        "no_form_for_operator",
        "Multiply an int by itself instead of `** 2`.",
        "Powers of ints have no form, products have one.",
        """
sides = [3, 4, 5] * 10


def hot():
    total = 0
    for side in sides:
        total += side**2  # <--
    return total
""",
        """
sides = [3, 4, 5] * 10


def hot():
    total = 0
    for side in sides:
        total += side * side  # <--
    return total
""",
        ("BINARY_OP",),
        frozenset({"int"}),
    ),
    Hint(
        "no_form_for_operator",
        "Call `math.sqrt` instead of `** 0.5`, or let an int be the exponent.",
        "A power of two floats has no form; a call of a builtin has one, and so has a"
        " float to the power of an int.",
        """
areas = [2.25, 6.25, 9.0] * 10


def hot():
    total = 0.0
    for area in areas:
        total += area**0.5  # <--
    return total
""",
        """
from math import sqrt

areas = [2.25, 6.25, 9.0] * 10


def hot():
    total = 0.0
    for area in areas:
        total += sqrt(area)  # <--
    return total
""",
        ("BINARY_OP",),
        frozenset({"float"}),
    ),
    Hint(
        "no_form_for_operator",
        "Put texts together with an f-string instead of `%`.",
        "An f-string is compiled to instructions that need no form.",
        """
names = ["a", "b", "c"] * 10


def hot():
    lines = []
    for name in names:
        lines.append("<%s>" % name)  # <--
    return lines
""",
        """
names = ["a", "b", "c"] * 10


def hot():
    lines = []
    for name in names:
        lines.append(f"<{name}>")  # <--
    return lines
""",
        ("BINARY_OP",),
        frozenset({"str"}),
    ),
    Hint(
        "big_int",
        "Keep the ints of a hot loop below 2**30.",
        "Forms compare ints that fit one digit of CPython's, of 30 bits. Count from a"
        " later start, or in larger units; a float is another way out.",
        """
start = 1_700_000_000_000
stamps = [start + 5, start + 15, start + 25] * 10


def hot():
    early = 0
    limit = start + 10
    for stamp in stamps:
        if stamp < limit:  # <--
            early += 1
    return early
""",
        """
start = 1_700_000_000_000
stamps = [5, 15, 25] * 10


def hot():
    early = 0
    limit = 10
    for stamp in stamps:
        if stamp < limit:  # <--
            early += 1
    return early
""",
        ("COMPARE_OP",),
    ),
    Hint(
        "big_int",
        "Store at an index that is counted from the front.",
        "The form takes indices from 0 on. Where the length is known, count from it"
        " before the loop.",
        """
def hot():
    row = [0, 0, 0]
    for step in range(30):
        row[-1] = step  # <--
    return row
""",
        """
def hot():
    row = [0, 0, 0]
    last = len(row) - 1
    for step in range(30):
        row[last] = step  # <--
    return row
""",
        ("STORE_SUBSCR",),
    ),
    Hint(
        "big_int",
        "Take a character at an index that is counted from the front.",
        "The form for strings takes indices from 0 on. Where the length is known, count"
        " from it before the loop.",
        """
words = ["abc", "bcd", "cde"] * 10


def hot():
    ends = []
    for word in words:
        ends.append(word[-1])  # <--
    return ends
""",
        """
words = ["abc", "bcd", "cde"] * 10


def hot():
    ends = []
    last = len("abc") - 1
    for word in words:
        ends.append(word[last])  # <--
    return ends
""",
        ("BINARY_OP",),
    ),
    Hint(
        "index_not_an_int",
        "Store single items by an int index instead of a slice.",
        "A slice is an object that must be made, and no form stores by one; only items"
        " of a list or tuple go into a slice of a list without it.",
        """
def hot():
    pair = [1, 2, 3]
    for step in range(30):
        pair[0:2] = reversed(pair[:2])  # <--
    return pair
""",
        """
def hot():
    pair = [1, 2, 3]
    for step in range(30):
        pair[0], pair[1] = pair[1], pair[0]  # <--
    return pair
""",
        ("STORE_SUBSCR",),
    ),
    Hint(
        "index_not_an_int",
        "Let the index be an int.",
        "A bool, or a number of another library, is asked for its `__index__` each"
        " time. Compute an int to begin with, or make one of it once.",
        """
names = ("odd", "even")


def hot():
    shown = []
    for n in range(30):
        shown.append(names[n % 2 == 0])  # <--
    return shown
""",
        """
names = ("even", "odd")


def hot():
    shown = []
    for n in range(30):
        shown.append(names[n % 2])  # <--
    return shown
""",
    ),
)
