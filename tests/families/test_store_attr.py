"""STORE_ATTR: every form's life, by where the owner keeps the value."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

TYPES = """
class Empty:
    pass
class C(Empty):
    def __init__(self):
        self.w = 1
        self.x = [0]
class D:
    def __init__(self):
        self.x = [0]
class Slots:
    __slots__ = ("x", "y")
class More(Slots):
    pass
class P:
    @property
    def x(self):
        return self.w
    @x.setter
    def x(self, value):
        if value is None:
            raise KeyError(["setter"])
        LOG.append("set")
        self.__dict__["w"] = value
class ReadOnly:
    x = property()
class Hook:
    def __setattr__(self, name, value):
        LOG.append(name)
        object.__setattr__(self, name, value)
class Data:
    def __get__(self, owner, kind):
        return 5
    def __set__(self, owner, value):
        LOG.append(value)
class E(Exception):
    pass
class Dies:
    def __del__(self):
        LOG.append("dies")
class Frozen:
    __slots__ = ()
def hinted(cls=C):
    made = cls()
    made.__dict__["x"] = Dies()
    return made
def kept_dict():
    made = C()
    made.__dict__ = {"a": 1, "b": 1, "x": 2}
    return made
class OddDict(dict):
    def __setitem__(self, key, value):
        LOG.append("odd")
def odd():
    made = C()
    made.__dict__ = OddDict(x=1)
    return made
def shown(o):
    return getattr(o, "x", "none"), getattr(o, "w", "none")
kept = C()
hint = hinted()
slots = Slots()
"""
STORE = f"{TYPES}\ndef f(o, v):\n    o.x = v\n    return shown(o)\n"
OTHERS = (
    *("C(), [1]", "D(), 2", "Slots(), 3", "More(), 4", "P(), 5", "P(), None", "E(), 6"),
    *(
        "ReadOnly(), 1",
        "Hook(), 7",
        "hinted(), Dies()",
        "kept_dict(), 8",
        "Frozen(), 1",
    ),
    *("object.__new__(C), 9", "5, 1", "None, 1", "C, 1", "odd(), 1", "Empty(), 1"),
    *("kept, Dies()", "hint, Dies()", "slots, Dies()", "kept, kept"),
)

CASES = [
    *life.cases(
        "STORE_ATTR",
        ("INSTANCE_VALUE", STORE, "C(), [1]", "D(), 2", "INSTANCE_VALUE"),
        ("INSTANCE_VALUE", STORE, "C(), [1]", "Slots(), 2", "SLOT"),
        ("INSTANCE_VALUE", STORE, "kept, Dies()", "hinted(), 2", "WITH_HINT"),
        ("INSTANCE_VALUE", STORE, "C(), [1]", "P(), 2", "data_descriptor"),
        ("SLOT", STORE, "Slots(), [1]", "C(), 2", "INSTANCE_VALUE"),
        ("SLOT", STORE, "More(), Dies()", "Hook(), 2", "own_attribute_hook"),
        ("WITH_HINT", STORE, "hinted(), [1]", "C(), 2", "INSTANCE_VALUE"),
        ("WITH_HINT", STORE, "hint, Dies()", "kept_dict(), Dies()", "WITH_HINT"),
        ("WITH_HINT", STORE, "kept_dict(), Dies()", "E(), 2", "not_in_instance"),
        others=OTHERS,
    ),
]

REFUSALS = life.refusals(
    "STORE_ATTR",
    ("own_attribute_hook", STORE, "Hook(), 1"),
    ("other_builtin", "def f(o, v):\n    o.start = v\n", "range(3), 1"),
    ("data_descriptor", STORE, "P(), 1"),
    ("data_descriptor", STORE, "ReadOnly(), 1"),
    ("not_in_instance", STORE, "E(), 1"),
    ("not_in_instance", STORE, "Frozen(), 1"),
    ("data_descriptor", STORE, "P(), 1", "STORE_ATTR_INSTANCE_VALUE"),
    ("data_descriptor", STORE, "C(), 1", "STORE_ATTR_SLOT"),
    ("not_in_instance", STORE, "C(), 1", "STORE_ATTR_WITH_HINT"),
    ("not_in_instance", STORE, "Frozen(), 1", "STORE_ATTR_INSTANCE_VALUE"),
    ("own_attribute_hook", STORE, "Hook(), 1", "STORE_ATTR_SLOT"),
)

#: What is done under a form, and what the site becomes.
CHANGES = (
    ("INSTANCE_VALUE", "kept, Dies()", "C.x = P.x", "data_descriptor"),
    ("INSTANCE_VALUE", "kept, Dies()", "C.x = Data()", "data_descriptor"),
    ("INSTANCE_VALUE", "kept, Dies()", "Empty.x = 1", "INSTANCE_VALUE"),
    (
        "INSTANCE_VALUE",
        "kept, Dies()",
        "C.__setattr__ = Hook.__setattr__",
        "own_attribute_hook",
    ),
    (
        "INSTANCE_VALUE",
        "kept, Dies()",
        "Empty.__setattr__ = Hook.__setattr__",
        "own_attribute_hook",
    ),
    ("INSTANCE_VALUE", "kept, Dies()", "kept.__dict__", "WITH_HINT"),
    ("INSTANCE_VALUE", "kept, Dies()", "kept.__dict__ = {'x': 1}", "WITH_HINT"),
    ("INSTANCE_VALUE", "kept, Dies()", "kept.__dict__ = OddDict()", "not_in_instance"),
    ("INSTANCE_VALUE", "kept, Dies()", "kept.__class__ = D", "WITH_HINT"),
    (
        "WITH_HINT",
        "hint, Dies()",
        "hint.__dict__ = {'y': 1, 'z': 1, 'x': 1}",
        "WITH_HINT",
    ),
    ("WITH_HINT", "hint, Dies()", "hint.__dict__ = OddDict(x=1)", "not_in_instance"),
    ("WITH_HINT", "hint, Dies()", "C.x = P.x", "data_descriptor"),
    ("SLOT", "slots, Dies()", "del Slots.x", "not_in_instance"),
    ("SLOT", "slots, Dies()", "Slots.x = P.x", "data_descriptor"),
    ("SLOT", "slots, Dies()", "Slots.x = Slots.y", "SLOT"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """S0-02, S0-03, S1-12, S1-13, S1-27, S2-10, S2-11, S2-47: the form's beats."""
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


@pytest.mark.parametrize(("form", "arguments", "change", "after"), CHANGES)
def test_change(form: str, arguments: str, change: str, after: str) -> None:
    """S0-02, S0-03, S1-22: what a form rests on is taken away."""
    (case,) = life.cases("STORE_ATTR", (form, STORE, arguments, "", after))
    life.check_life(case._replace(change=change))
