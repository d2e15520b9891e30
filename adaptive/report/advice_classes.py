"""Hints for values of classes: those derived from builtin types, and all others."""

from __future__ import annotations

from .advice import Hint

CLASSES = (
    Hint(
        "subclass",
        "Count with an `if` instead of adding a bool.",
        "A bool is of a subclass of int, and forms are for int itself.",
        """
words = ["a", "bb", "ccc"] * 10


def hot():
    long = 0
    for word in words:
        long += len(word) > 1  # <--
    return long
""",
        """
words = ["a", "bb", "ccc"] * 10


def hot():
    long = 0
    for word in words:
        if len(word) > 1:  # <--
            long += 1
    return long
""",
        ("BINARY_OP",),
        frozenset({"bool"}),
    ),
    Hint(
        "subclass",
        "Keep the dict of a hot loop plain.",
        "defaultdict, Counter and OrderedDict are fine for collecting. Where a loop"
        " mostly reads or overwrites, let it work on a dict made of it once.",
        """
from collections import Counter

sizes = Counter({"a": 1, "b": 2})


def hot():
    total = 0
    for step in range(30):
        total += sizes["b"]  # <--
    return total
""",
        """
from collections import Counter

sizes = dict(Counter({"a": 1, "b": 2}))


def hot():
    total = 0
    for step in range(30):
        total += sizes["b"]  # <--
    return total
""",
        ("BINARY_OP", "STORE_SUBSCR", "CONTAINS_OP"),
        frozenset({"defaultdict", "Counter", "OrderedDict"}),
    ),
    Hint(
        "subclass",
        "Unpack plain tuples in a hot loop.",
        "A named tuple is of a subclass. Where names do not matter, as in a long list"
        " of pairs, keep tuples.",
        """
from collections import namedtuple

Point = namedtuple("Point", "x y")
points = [Point(1, 2), Point(3, 4)] * 15


def hot():
    total = 0
    for point in points:
        x, y = point  # <--
        total += x * y
    return total
""",
        """
points = [(1, 2), (3, 4)] * 15


def hot():
    total = 0
    for point in points:
        x, y = point  # <--
        total += x * y
    return total
""",
        ("UNPACK_SEQUENCE",),
    ),
    Hint(
        "subclass",
        "Convert to the builtin type before the loop.",
        "Forms are for int, str, list and the others themselves. An enum's number, or"
        " an object of a class derived from one of them, can be made plain once.",
        """
from enum import IntEnum


class Weight(IntEnum):
    HEAVY = 3


def hot():
    total = 0
    weight = Weight.HEAVY
    for step in range(30):
        total += step * weight  # <--
    return total
""",
        """
from enum import IntEnum


class Weight(IntEnum):
    HEAVY = 3


def hot():
    total = 0
    weight = int(Weight.HEAVY)
    for step in range(30):
        total += step * weight  # <--
    return total
""",
        ("BINARY_OP", "COMPARE_OP", "CONTAINS_OP", "STORE_SUBSCR", "TO_BOOL"),
    ),
    Hint(
        "special_method",
        "Compare what makes the objects differ, or the objects by `is`.",
        "`==` on instances looks for `__eq__` in their classes and calls it. The values"
        " that it would compare can be compared by a form.",
        """
class Place:
    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return self.number == other.number


places = [Place(n) for n in range(30)]


def hot():
    found = 0
    wanted = Place(7)
    for place in places:
        if place == wanted:  # <--
            found += 1
    return found
""",
        """
class Place:
    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return self.number == other.number


places = [Place(n) for n in range(30)]


def hot():
    found = 0
    wanted = Place(7)
    for place in places:
        if place.number == wanted.number:  # <--
            found += 1
    return found
""",
        ("COMPARE_OP",),
    ),
    Hint(
        "special_method",
        "Call a method by its name instead of an operator.",
        "An operator's method is looked for and called through C; a call by name enters"
        " the method's frame directly.",
        """
class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)


def hot():
    total, step = Vector(0, 0), Vector(1, 2)
    for _ in range(30):
        total = total + step  # <--
    return total.x
""",
        """
class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def plus(self, other):
        return Vector(self.x + other.x, self.y + other.y)


def hot():
    total, step = Vector(0, 0), Vector(1, 2)
    for _ in range(30):
        total = total.plus(step)  # <--
    return total.x
""",
        ("BINARY_OP",),
    ),
    Hint(
        "special_method",
        "Ask the container inside, not the object around it.",
        "`if stack:` calls `__bool__` or `__len__`, and `in` calls `__contains__`. A"
        " list, dict or set inside can be asked by a form.",
        """
class Stack:
    def __init__(self):
        self.items = list(range(30))

    def __len__(self):
        return len(self.items)


def hot():
    stack = Stack()
    taken = 0
    while stack:  # <--
        stack.items.pop()
        taken += 1
    return taken
""",
        """
class Stack:
    def __init__(self):
        self.items = list(range(30))

    def __len__(self):
        return len(self.items)


def hot():
    stack = Stack()
    taken = 0
    while stack.items:  # <--
        stack.items.pop()
        taken += 1
    return taken
""",
        ("TO_BOOL", "CONTAINS_OP"),
    ),
    Hint(
        "special_method",
        "Write an iterator as a generator.",
        "A generator's frame runs in the same loop as its caller's; a `__next__` is"
        " called through C for each item.",
        """
class Count:
    def __init__(self, end):
        self.at, self.end = 0, end

    def __iter__(self):
        return self

    def __next__(self):
        if self.at == self.end:
            raise StopIteration
        self.at += 1
        return self.at


def hot():
    total = 0
    for n in Count(30):  # <--
        total += n
    return total
""",
        """
def count(end):
    at = 0
    while at < end:
        at += 1
        yield at


def hot():
    total = 0
    for n in count(30):  # <--
        total += n
    return total
""",
        ("FOR_ITER", "SEND"),
    ),
    Hint(
        "special_method",
        "Call a method by its name instead of storing by `[]`.",
        "`grid[x, y] = v` makes a tuple and calls `__setitem__` through C; a call by"
        " name enters the method's frame directly.",
        """
class Grid:
    def __init__(self):
        self.cells = [0] * 9

    def __setitem__(self, at, value):
        x, y = at
        self.cells[3 * y + x] = value


def hot():
    grid = Grid()
    for n in range(30):
        grid[1, 2] = n  # <--
    return grid.cells
""",
        """
class Grid:
    def __init__(self):
        self.cells = [0] * 9

    def put(self, x, y, value):
        self.cells[3 * y + x] = value


def hot():
    grid = Grid()
    for n in range(30):
        grid.put(1, 2, n)  # <--
    return grid.cells
""",
        ("STORE_SUBSCR",),
    ),
    Hint(
        "special_method",
        "Take an object's values by name instead of unpacking it.",
        "Unpacking calls `__iter__` and asks what it returns for each item; attributes"
        " have forms.",
        """
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __iter__(self):
        return iter((self.x, self.y))


points = [Point(1, 2), Point(3, 4)] * 15


def hot():
    total = 0
    for point in points:
        x, y = point  # <--
        total += x * y
    return total
""",
        """
class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


points = [Point(1, 2), Point(3, 4)] * 15


def hot():
    total = 0
    for point in points:
        x, y = point.x, point.y  # <--
        total += x * y
    return total
""",
        ("UNPACK_SEQUENCE",),
    ),
)
