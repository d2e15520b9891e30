"""Hints for types that C has made, for unpacking, and for sites of many types."""

from __future__ import annotations

from .advice import Hint

CONTAINERS = (
    Hint(
        "other_builtin",
        "Let a bytearray grow by its extend.",
        "Each `+` copies all bytes so far, and no form adds them. A method of one"
        " argument has a form.",
        """
def hot():
    data, more = bytearray(), bytearray(b"ab")
    for n in range(30):
        data = data + more  # <--
    return data
""",
        """
def hot():
    data, more = bytearray(), bytearray(b"ab")
    for n in range(30):
        data.extend(more)  # <--
    return data
""",
        ("BINARY_OP",),
        frozenset({"bytearray"}),
        alone=True,
    ),
    Hint(
        "other_builtin",
        "Read from a list or tuple made before the loop.",
        "Items of deques and ranges have no form; those of lists, tuples, strings,"
        " dicts, bytes and arrays have.",
        """
data = range(200, 230)


def hot():
    total = 0
    for n in range(30):
        total += data[n]  # <--
    return total
""",
        """
data = range(200, 230)


def hot():
    total = 0
    values = list(data)
    for n in range(30):
        total += values[n]  # <--
    return total
""",
        ("BINARY_OP",),
        frozenset({"deque", "range", "memoryview", "int"}),
        alone=True,
    ),
    Hint(
        "other_builtin",
        "Store into a list, and make the other of it at the end.",
        "Only lists, dicts, and arrays and bytearrays that get numbers, have forms for"
        " stores by `[]`.",
        """
from collections import deque


def hot():
    marks = deque([0] * 30)
    for n in range(30):
        marks[n] = 1  # <--
    return marks
""",
        """
from collections import deque


def hot():
    marks = [0] * 30
    for n in range(30):
        marks[n] = 1  # <--
    return deque(marks)
""",
        ("STORE_SUBSCR",),
    ),
    Hint(
        "other_builtin",
        "Look for a member in a set or a dict itself.",
        "`in` has forms for set, dict, list, tuple and str. For a range, compare with"
        " its ends; for the keys of a dict, ask the dict.",
        """
sizes = {"a": 1, "b": 2}
names = ["a", "b", "c"] * 10


def hot():
    known = 0
    for name in names:
        if name in sizes.keys():  # <--
            known += 1
    return known
""",
        """
sizes = {"a": 1, "b": 2}
names = ["a", "b", "c"] * 10


def hot():
    known = 0
    for name in names:
        if name in sizes:  # <--
            known += 1
    return known
""",
        ("CONTAINS_OP",),
    ),
    Hint(
        "other_builtin",
        "Yield in a loop instead of `yield from` a list.",
        "`yield from` has a form for generators. A loop over a list has one, too, and"
        " does not ask the list's iterator by a call.",
        """
parts = [1, 2, 3] * 10


def items():
    yield from parts  # <--


def hot():
    total = 0
    for n in items():
        total += n
    return total
""",
        """
parts = [1, 2, 3] * 10


def items():
    for part in parts:  # <--
        yield part


def hot():
    total = 0
    for n in items():
        total += n
    return total
""",
        ("SEND",),
        frozenset({"list_iterator", "tuple_iterator", "range_iterator"}),
    ),
    Hint(
        "not_a_tuple_or_list",
        "Unpack a tuple or a list.",
        "Other things are asked for an iterator, and that for each item. Make tuples"
        " where the values come in, or take the items by index.",
        """
edges = ["ab", "bc", "ca"] * 10


def hot():
    ends = []
    for edge in edges:
        start, end = edge  # <--
        ends.append(end)
    return ends
""",
        """
edges = [tuple(edge) for edge in ["ab", "bc", "ca"] * 10]


def hot():
    ends = []
    for edge in edges:
        start, end = edge  # <--
        ends.append(end)
    return ends
""",
        ("UNPACK_SEQUENCE",),
    ),
    Hint(
        "other_length",
        "Ask for the length before unpacking.",
        "A sequence of another length raises ValueError, which is far slower than a"
        " comparison of two ints.",
        """
rows = [(1,), (2,), (3,)] * 10


def hot():
    single = 0
    for row in rows:
        try:
            first, second = row  # <--
        except ValueError:
            single += 1
    return single
""",
        """
rows = [(1,), (2,), (3,)] * 10


def hot():
    single = 0
    for row in rows:
        if len(row) == 2:  # <--
            first, second = row
        else:
            single += 1
    return single
""",
        ("UNPACK_SEQUENCE",),
    ),
    Hint(
        "polymorphic",
        "Do not change classes in a loop, and set every attribute in `__init__`.",
        "A form knows a class by its version. Each run of a class statement makes a new"
        " class, and each assignment to an attribute of a class a new version. An"
        " attribute that an instance lacks at first is a miss as well.",
        """
def made(n):
    class Node:
        def __init__(self):
            self.n = n

    return Node()


nodes = [made(n) for n in range(30)]


def hot():
    for node in nodes:
        for _ in range(100):
            node.n += 1  # <--
    return nodes[0].n
""",
        """
class Node:
    def __init__(self, n):
        self.n = n


def made(n):
    return Node(n)


nodes = [made(n) for n in range(30)]


def hot():
    for node in nodes:
        for _ in range(100):
            node.n += 1  # <--
    return nodes[0].n
""",
        ("STORE_ATTR",),
        alike=True,
    ),
    Hint(
        "polymorphic",
        "Keep ints below 2**30, and count indices from the front.",
        "The types are always the same, but the forms for ints are left where a number"
        " is larger than a digit of CPython's or an index is negative. Larger units, or"
        " floats, avoid it.",
        """
sizes = [1200 << 20, 1500 << 20, 1800 << 20] * 10


def hot():
    total = 0.0
    for size in sizes:
        total += size / 2  # <--
    return total / 1024
""",
        """
sizes = [1200 << 10, 1500 << 10, 1800 << 10] * 10


def hot():
    total = 0.0
    for size in sizes:
        total += size / 2  # <--
    return total
""",
        ("BINARY_OP", "COMPARE_OP", "STORE_SUBSCR"),
        frozenset({"int"}),
        alike=True,
    ),
    Hint(
        "polymorphic",
        "Call one function at one site, where arguments have keywords.",
        "The form for calls with keywords is for one function. Where a few are called"
        " in turn, call each by a line of its own, or without keywords.",
        """
def double(n):
    return 2 * n


def square(n):
    return n * n


def hot():
    total = double(0) + square(0)
    for n in range(100):
        for function in (double, square):
            total += function(n=n)  # <--
    return total
""",
        """
def double(n):
    return 2 * n


def square(n):
    return n * n


def hot():
    total = double(0) + square(0)
    for n in range(100):
        total += double(n=n)  # <--
        total += square(n=n)  # <--
    return total
""",
        ("CALL_KW",),
    ),
    Hint(
        "polymorphic",
        "Let one type come by at one site: sort by type, or split the function.",
        "A form is for one type, and each miss costs more than having none. A function"
        " for each type, or a loop for each, has sites of its own.",
        """
lists = [[n, n] for n in range(100)]
pairs = [(n, n) for n in range(100)]


def last(rows):
    item = 0
    for row in rows:
        item = row[1]  # <--
    return item


def hot():
    return last(lists) + last(pairs)
""",
        """
lists = [[n, n] for n in range(100)]
pairs = [(n, n) for n in range(100)]


def last_of_lists(rows):
    item = 0
    for row in rows:
        item = row[1]  # <--
    return item


def last_of_pairs(rows):
    item = 0
    for row in rows:
        item = row[1]  # <--
    return item


def hot():
    return last_of_lists(lists) + last_of_pairs(pairs)
""",
        alike=False,
    ),
)
