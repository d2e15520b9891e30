"""Hints for calls."""

from __future__ import annotations

from .advice import Hint

CALLS = (
    Hint(
        "other_callable",
        "Cache in a function of the module instead of a method.",
        "What functools.lru_cache makes of a method is neither a function nor a method"
        " that a form could call. A function of the module is called by one, and need"
        " not keep the instance in its cache.",
        """
from functools import lru_cache


class Tree:
    @lru_cache
    def depth(self, n):
        return n + 1


tree = Tree()


def hot():
    total = 0
    for n in range(30):
        total += tree.depth(n)  # <--
    return total
""",
        """
from functools import lru_cache


@lru_cache
def depth(n):
    return n + 1


def hot():
    total = 0
    for n in range(30):
        total += depth(n)  # <--
    return total
""",
    ),
    Hint(
        "keywords_for_class",
        "Pass arguments to a class by position.",
        "With positional arguments, an instance is made and its `__init__` entered"
        " directly; with keywords, the class is called through C.",
        """
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


def hot():
    total = 0
    for n in range(30):
        total += Point(x=n, y=2).x  # <--
    return total
""",
        """
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


def hot():
    total = 0
    for n in range(30):
        total += Point(n, 2).x  # <--
    return total
""",
        ("CALL_KW",),
    ),
    Hint(
        "keywords_for_builtin",
        "Pass arguments to a builtin's method by position.",
        "Positional arguments have a form; keywords must be matched with names first.",
        """
rows = ["a,b,c", "b,c,d", "c,d,e"] * 10


def hot():
    heads = []
    for row in rows:
        heads.append(row.split(",", maxsplit=1))  # <--
    return heads
""",
        """
rows = ["a,b,c", "b,c,d", "c,d,e"] * 10


def hot():
    heads = []
    for row in rows:
        heads.append(row.split(",", 1))  # <--
    return heads
""",
        ("CALL_KW",),
    ),
    Hint(
        "old_convention",
        "Say it by an operator or an f-string instead of an old builtin method.",
        "str.startswith, find and format, dict.update and others take one tuple, which"
        " is made for each call. A slice, `in`, `|=` and an f-string need no call.",
        """
lines = ["# a", "b", "# c"] * 10


def hot():
    comments = 0
    for line in lines:
        if line.startswith("# "):  # <--
            comments += 1
    return comments
""",
        """
lines = ["# a", "b", "# c"] * 10


def hot():
    comments = 0
    for line in lines:
        if line[:2] == "# ":  # <--
            comments += 1
    return comments
""",
        ("CALL",),
    ),
)
