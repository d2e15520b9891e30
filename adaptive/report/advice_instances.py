"""Hints for where instances keep their values, and for names that are not there."""

from __future__ import annotations

from .advice import Hint

INSTANCES = (
    Hint(
        "shadowed",
        "Set an attribute in `__init__` instead of having a default in the class.",
        "As soon as one instance has a value under the name of a class attribute, no"
        " form can take it from the class. Set in all instances, it is loaded there.",
        """
class Task:
    priority = 1


urgent = Task()
urgent.priority = 9
tasks = [Task() for _ in range(30)]


def hot():
    total = 0
    for task in tasks:
        total += task.priority  # <--
    return total
""",
        """
class Task:
    def __init__(self):
        self.priority = 1


urgent = Task()
urgent.priority = 9
tasks = [Task() for _ in range(30)]


def hot():
    total = 0
    for task in tasks:
        total += task.priority  # <--
    return total
""",
        ("LOAD_ATTR",),
    ),
    Hint(
        "not_in_instance",
        "Give the class `__slots__`, or have a builtin's object instead of being one.",
        "An instance of a class derived from list, dict or another builtin type, and"
        " one whose `__dict__` was used, keeps its values in a real dict, where no form"
        " stores what is new. A slot has a form in each of them.",
        """
class Row(list):
    pass


def hot():
    total = 0
    for n in range(30):
        row = Row()
        row.number = n  # <--
        total += row.number
    return total
""",
        """
class Row(list):
    __slots__ = ("number",)


def hot():
    total = 0
    for n in range(30):
        row = Row()
        row.number = n  # <--
        total += row.number
    return total
""",
        ("STORE_ATTR",),
    ),
    Hint(
        "name_not_found",
        "Give every instance the attribute, instead of asking whether it has one.",
        "A missing name raises AttributeError, even inside of hasattr() and of"
        " getattr() with a default. None, set in `__init__`, can be asked for by `is`.",
        """
class Node:
    pass


nodes = [Node() for _ in range(30)]


def hot():
    leaves = 0
    for node in nodes:
        try:
            node.child  # <--
        except AttributeError:
            leaves += 1
    return leaves
""",
        """
class Node:
    def __init__(self):
        self.child = None


nodes = [Node() for _ in range(30)]


def hot():
    leaves = 0
    for node in nodes:
        if node.child is None:  # <--
            leaves += 1
    return leaves
""",
        ("LOAD_ATTR",),
    ),
    Hint(
        "name_not_found",
        "Define a global before it is asked for.",
        "A missing name raises NameError each time. Set it to None at the top of the"
        " module.",
        """
def hot():
    unset = 0
    for _ in range(30):
        try:
            cache  # <--
        except NameError:
            unset += 1
    return unset
""",
        """
cache = None


def hot():
    unset = 0
    for _ in range(30):
        if cache is None:  # <--
            unset += 1
    return unset
""",
        ("LOAD_GLOBAL",),
    ),
    Hint(
        "not_a_plain_dict",
        "Run code in a plain dict.",
        "A form remembers the place of a name in a dict. Globals of a class derived"
        " from dict, or with keys that are no strings, have no such places.",
        """
from types import FunctionType


class Names(dict):
    pass


def template(n):
    return n + step  # <--


shifted = FunctionType(template.__code__, Names(step=2))


def hot():
    total = 0
    for n in range(30):
        total += shifted(n)
    return total
""",
        """
from types import FunctionType


def template(n):
    return n + step  # <--


shifted = FunctionType(template.__code__, dict(step=2))


def hot():
    total = 0
    for n in range(30):
        total += shifted(n)
    return total
""",
        ("LOAD_GLOBAL",),
    ),
)
