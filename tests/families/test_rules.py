"""What all rules have in common: they look at types, and run nothing of theirs."""

from __future__ import annotations

import support

#: A metaclass that notes whatever is asked of its classes.
ASKED = """
LOG = []


class Asked(type):
    def __hash__(cls):
        LOG.append("hash")
        return type.__hash__(cls)

    def __eq__(cls, other):
        LOG.append("eq")
        return cls is other

    def __getattribute__(cls, name):
        LOG.append(name)
        return type.__getattribute__(cls, name)

    def __instancecheck__(cls, other):
        LOG.append("instance")
        return False

    def __subclasscheck__(cls, other):
        LOG.append("subclass")
        return False


class Thing(metaclass=Asked):
    __slots__ = ("kept",)

    def __init__(self):
        self.kept = 1

    def __bool__(self):
        return True

    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration

    def __contains__(self, item):
        return True

    def __setitem__(self, key, value):
        pass

    def __add__(self, other):
        return 1

    __sub__ = __lt__ = __add__


def use(thing):
    for item in thing:
        pass
    thing[0] = thing - 1
    thing.kept = 1 in thing
    return thing + thing, thing < thing, thing < 1, not thing, thing.kept, Thing()


def main():
    for n in range(9):
        use(Thing())
    return LOG
"""


def test_rules_ask_no_metaclass() -> None:
    """The package's rules run no code of the program's."""
    support.same(ASKED)
