"""LOAD_ATTR: every form's life, by what is broken under it."""

from __future__ import annotations

import pytest
import support

from . import life
from .life import Case, Refusal

TYPES = """
import types
class Empty:
    pass
class C(Empty):
    kind = ["class"]
    def __init__(self, x=1):
        self.x = [x]
    def m(self, *a):
        LOG.append("m")
        return a
    @property
    def p(self):
        LOG.append("p")
        return self.x
    @property
    def broken(self):
        raise KeyError(["property"])
    s = staticmethod(lambda *a: a)
    c = classmethod(lambda *a: a)
class D:
    def __init__(self):
        self.other = 1
        self.x = 2
        self.m = lambda *a: ["own"]
        self.kind = "own"
        self.d = "own"
class Listed(list):
    kind = ["listed"]
    def m(self, *a):
        return ["listed", a]
class Named:
    def kind(self):
        return ["named"]
    m = staticmethod(lambda *a: ["static", a])
class Unset:
    __slots__ = ("m", "kind")
class Slots:
    __slots__ = ("x", "y")
    kind = ["slots"]
    def __init__(self):
        self.x = [1]
    def m(self, *a):
        return ["slots"]
class More(Slots):
    __slots__ = ()
class Dict(Slots):
    pass
class Error(Exception):
    def m(self, *a):
        return ["error"]
class Meta(type):
    kind = "meta"
class K(metaclass=Meta):
    x = [1]
    def m(*a):
        return a
class Sub(types.ModuleType):
    def __getattr__(self, name):
        return "missing"
class Get:
    def __init__(self):
        self.other = 1
    def __getattr__(self, name):
        LOG.append(name)
        if name == "x":
            return ["hook"]
        if name == "m":
            return lambda *a: a
        raise AttributeError(name)
class GetSlots:
    __slots__ = ()
    __getattr__ = Get.__getattr__
class Every:
    def __getattribute__(self, name):
        LOG.append(name)
        if name == "y":
            raise AttributeError(name)
        return (lambda *a: a) if name == "m" else [name]
class Both(Every):
    def __getattr__(self, name):
        LOG.append(("getattr", name))
        return ["both"]
class Data:
    def __get__(self, owner, kind):
        LOG.append("get")
        if owner is None:
            return self
        if owner.__dict__.get("fails"):
            raise KeyError(["data"])
        return ["data"]
    def __set__(self, owner, value):
        LOG.append("set")
class NonData:
    def __get__(self, owner, kind):
        return ["nondata"]
class T:
    d = Data()
    n = NonData()
    @property
    def later(self):
        return 1
def hinted(cls=C):
    made = cls()
    made.__dict__
    return made
def module(**names):
    made = types.ModuleType("made")
    made.__dict__.update(names)
    return made
def own(**names):
    made = C()
    made.__dict__.update(names)
    return made
def shadowed():
    made = C()
    made.m = lambda *a: ["own"]
    made.kind = "own"
    return made
def listed(**names):
    made = Listed()
    for name, value in names.items():
        setattr(made, name, value)
    return made
def error(**names):
    made = Error()
    made.__dict__.update(names)
    return made
def failing():
    made = T()
    made.fails = 1
    return made
def replaced():
    made = C()
    made.__dict__ = {"x": "new", "kind": "own", "m": len}
    return made
def fresh(text):
    names = {"LOG": LOG}
    exec(text, names)
    return names["made"]
kept = C()
get = Get()
hint = hinted()
t = T()
slots = Slots()
mod = module(x=[1], m=str)
class N:
    x = [1]
"""
LOAD = f"{TYPES}\ndef f(o):\n    return o.x\n"
KIND = f"{TYPES}\ndef f(o):\n    return o.kind\n"
CALL = f"{TYPES}\ndef f(o):\n    return o.m(1)\n"
PROPERTY = f"{TYPES}\ndef f(o):\n    return o.p\n"
DATA = f"{TYPES}\ndef f(o):\n    return o.d\n"
REPR = f"{TYPES}\ndef f(o):\n    return o.__repr__\n"
MISSING = f"{TYPES}\ndef f(o):\n    return o.y\n"
METHOD = f"{TYPES}\ndef f(o):\n    return o.m.__name__\n"
NONDATA = f"{TYPES}\ndef f(o):\n    return o.n\n"
CALLED = f"{TYPES}\ndef f(o):\n    return o.kind()\n"
OTHERS = (
    *(
        "C()",
        "D()",
        "Slots()",
        "More()",
        "Dict()",
        "Error()",
        "K",
        "K()",
        "C",
        "Get()",
        "T()",
    ),
    *("GetSlots()", "Every()", "Both()", "hinted()", "hinted(D)", "module(x=1, m=len)"),
    *("module()", "Sub('a')", "own(x=2)", "shadowed()", "error(m=len)", "replaced()"),
    *("Listed()", "listed(x=1)", "listed(m=len, kind=2)", "listed(other=1).__dict__"),
    *("failing()", "None", "5", "T", "Data()", "object.__new__(C)", "Empty()"),
    *("Named()", "Unset()"),
)

CASES = [
    *life.cases(
        "LOAD_ATTR",
        ("INSTANCE_VALUE", LOAD, "C()", "D()", "INSTANCE_VALUE"),
        ("INSTANCE_VALUE", LOAD, "C()", "Slots()", "SLOT"),
        ("INSTANCE_VALUE", LOAD, "C()", "hinted()", "WITH_HINT"),
        ("WITH_HINT", LOAD, "hinted()", "C()", "INSTANCE_VALUE"),
        ("WITH_HINT", LOAD, "own(x=2)", "hinted(D)", "WITH_HINT"),
        ("WITH_HINT", LOAD, "replaced()", "T()", "name_not_found"),
        ("SLOT", LOAD, "Slots()", "C()", "INSTANCE_VALUE"),
        ("SLOT", LOAD, "More()", "Slots.__new__(Slots)", "SLOT"),
        ("MODULE", LOAD, "mod", "module()", "name_not_found"),
        ("MODULE", LOAD, "mod", "C()", "INSTANCE_VALUE"),
        ("CLASS", KIND, "C", "K", "metaclass_attribute"),
        ("CLASS", REPR, "int", "C", "CLASS"),
        ("CLASS", REPR, "C", "K", "metaclass_attribute"),
        ("CLASS", LOAD, "N", "C()", "INSTANCE_VALUE"),
        ("CLASS_WITH_METACLASS_CHECK", LOAD, "K", "C()", "INSTANCE_VALUE"),
        ("GETATTRIBUTE_OVERRIDDEN", LOAD, "Every()", "C()", "INSTANCE_VALUE"),
        ("GETATTRIBUTE_OVERRIDDEN", LOAD, "Every()", "Both()", "own_attribute_hook"),
        ("GETATTR", LOAD, "Get()", "C()", "INSTANCE_VALUE"),
        ("GETATTR", LOAD, "GetSlots()", "Empty()", "name_not_found"),
        ("NONDESCRIPTOR_WITH_VALUES", KIND, "C()", "shadowed()", "INSTANCE_VALUE"),
        ("NONDESCRIPTOR_WITH_VALUES", KIND, "C()", "own(x=1)", "SHARED_CACHE"),
        ("NONDESCRIPTOR_WITH_VALUES", KIND, "Listed()", "listed(kind=1)", "WITH_HINT"),
        ("NONDESCRIPTOR_NO_DICT", KIND, "Slots()", "C()", "NONDESCRIPTOR_WITH_VALUES"),
        ("SHARED_CACHE", KIND, "own(x=1)", "shadowed()", "INSTANCE_VALUE"),
        ("SHARED_CACHE", CALL, "own(x=1)", "module(m=str)", "MODULE"),
        ("PROPERTY", PROPERTY, "C()", "module(p=1)", "MODULE"),
        ("DATA_DESCRIPTOR", DATA, "T()", "D()", "INSTANCE_VALUE"),
        ("METHOD_WITH_VALUES", CALL, "C()", "D()", "INSTANCE_VALUE"),
        ("METHOD_WITH_VALUES", CALL, "C()", "Slots()", "METHOD_NO_DICT"),
        ("METHOD_WITH_VALUES", CALL, "Listed()", "C()", "METHOD_WITH_VALUES"),
        ("METHOD_WITH_VALUES", CALL, "Listed()", "listed(m=len)", "WITH_HINT"),
        ("METHOD_WITH_VALUES", CALL, "Listed()", "listed(a=1)", "SHARED_CACHE"),
        ("METHOD_WITH_VALUES", CALL, "C()", "Error()", "METHOD_LAZY_DICT"),
        ("METHOD_NO_DICT", CALL, "More()", "C()", "METHOD_WITH_VALUES"),
        ("METHOD_LAZY_DICT", CALL, "Error()", "C()", "METHOD_WITH_VALUES"),
        ("METHOD_LAZY_DICT", CALL, "Error()", "error(m=len)", "SHARED_CACHE"),
        ("CLASS", CALL, "C", "module(m=str)", "MODULE"),
        ("CLASS_WITH_METACLASS_CHECK", CALL, "K", "module(m=str)", "MODULE"),
        ("MODULE", CALL, "mod", "C()", "METHOD_WITH_VALUES"),
        ("GETATTR", CALL, "Get()", "C()", "METHOD_WITH_VALUES"),
        ("GETATTRIBUTE_OVERRIDDEN", CALL, "Every()", "C()", "METHOD_WITH_VALUES"),
        ("INSTANCE_VALUE", CALL, "D()", "C()", "METHOD_WITH_VALUES"),
        others=OTHERS,
    )
]

REFUSALS = life.refusals(
    "LOAD_ATTR",
    ("name_not_found", MISSING, "C()"),
    ("name_not_found", MISSING, "C"),
    ("name_not_found", MISSING, "module()"),
    ("own_attribute_hook", LOAD, "Both()"),
    ("other_builtin", KIND, "super(C, C())"),
    ("own_attribute_hook", LOAD, "Sub('a')"),
    ("metaclass_attribute", KIND, "K"),
    ("metaclass_attribute", REPR.replace("__repr__", "__name__"), "C"),
    ("metaclass_attribute", REPR.replace("__repr__", "mro"), "C"),
    ("mutable_type", NONDATA, "T()"),
    ("non_data_descriptor", NONDATA.replace("o.n", "o.s"), "C()"),
    ("non_data_descriptor", PROPERTY, "C"),
    ("method_not_called", METHOD, "C()"),
    ("data_descriptor", DATA, "T()", "LOAD_ATTR_INSTANCE_VALUE"),
    ("data_descriptor", DATA, "T()", "LOAD_ATTR_SLOT"),
    ("data_descriptor", KIND.replace("kind", "__class__"), "module()"),
    ("no_form_for_descriptor", KIND, "C()", "LOAD_ATTR_PROPERTY"),
    ("no_form_for_descriptor", KIND, "C()", "LOAD_ATTR_METHOD_WITH_VALUES"),
    ("shadowed", CALL, "shadowed()", "LOAD_ATTR_METHOD_WITH_VALUES"),
    ("shadowed", KIND, "shadowed()", "LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES"),
    ("not_in_instance", KIND, "C()", "LOAD_ATTR_NONDESCRIPTOR_NO_DICT"),
    ("not_in_instance", LOAD, "C()", "LOAD_ATTR_WITH_HINT"),
    ("no_form_for_types", LOAD, "C()", "LOAD_ATTR_CLASS"),
    ("own_attribute_hook", LOAD, "C()", "LOAD_ATTR_MODULE"),
    ("own_attribute_hook", LOAD, "C()", "LOAD_ATTR_GETATTR"),
    ("own_attribute_hook", LOAD, "C()", "LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN"),
)

#: What is done to a type, a module or an instance under a form, and what the site
#: becomes when it has been missed often enough.
CHANGES = (
    ("INSTANCE_VALUE", LOAD, "kept", "del C.__init__", "INSTANCE_VALUE"),
    ("INSTANCE_VALUE", LOAD, "kept", "C.x = property(lambda o: 3)", "PROPERTY"),
    ("INSTANCE_VALUE", LOAD, "kept", "C.x = Data()", "DATA_DESCRIPTOR"),
    ("INSTANCE_VALUE", LOAD, "kept", "C.x = NonData()", "mutable_type"),
    ("INSTANCE_VALUE", LOAD, "kept", "kept.__dict__", "WITH_HINT"),
    ("INSTANCE_VALUE", LOAD, "kept", "kept.__dict__ = {'x': 4}", "WITH_HINT"),
    ("INSTANCE_VALUE", LOAD, "kept", "del kept.x", "name_not_found"),
    ("INSTANCE_VALUE", LOAD, "kept", "del kept.x; C.x = 1", "shadowed"),
    ("INSTANCE_VALUE", LOAD, "kept", "kept.__class__ = D", "WITH_HINT"),
    (
        "INSTANCE_VALUE",
        LOAD,
        "kept",
        "C.__getattribute__ = Every.__getattribute__",
        "GETATTRIBUTE_OVERRIDDEN",
    ),
    (
        "INSTANCE_VALUE",
        LOAD,
        "kept",
        "C.__getattr__ = Get.__getattr__; del kept.x",
        "shadowed",
    ),
    (
        "INSTANCE_VALUE",
        LOAD,
        "kept",
        "Empty.__getattr__ = Get.__getattr__",
        "own_attribute_hook",
    ),
    (
        "METHOD_WITH_VALUES",
        CALL,
        "kept",
        "C.m = lambda *a: ['new']",
        "METHOD_WITH_VALUES",
    ),
    (
        "METHOD_WITH_VALUES",
        CALL,
        "kept",
        "del C.m; Empty.m = D",
        "NONDESCRIPTOR_WITH_VALUES",
    ),
    (
        "METHOD_WITH_VALUES",
        CALL,
        "kept",
        "kept.m = lambda *a: ['own']",
        "INSTANCE_VALUE",
    ),
    ("METHOD_WITH_VALUES", CALL, "kept", "shadowed()", "shadowed"),
    (
        "METHOD_WITH_VALUES",
        CALL,
        "kept",
        "C.m = staticmethod(len)",
        "non_data_descriptor",
    ),
    ("METHOD_WITH_VALUES", CALL, "kept", "C.__bases__ = (T,)", "METHOD_WITH_VALUES"),
    (
        "NONDESCRIPTOR_WITH_VALUES",
        KIND,
        "kept",
        "C.kind = 5",
        "NONDESCRIPTOR_WITH_VALUES",
    ),
    ("NONDESCRIPTOR_WITH_VALUES", KIND, "kept", "del C.kind", "name_not_found"),
    ("NONDESCRIPTOR_WITH_VALUES", KIND, "kept", "kept.kind = 'own'", "INSTANCE_VALUE"),
    ("CLASS", KIND, "C", "del C.kind; Empty.kind = 4", "CLASS"),
    ("CLASS", KIND, "C", "C.kind = property()", "non_data_descriptor"),
    ("CLASS", REPR, "C", "C.__repr__ = lambda c: 'own'", "CLASS"),
    (
        "CLASS_WITH_METACLASS_CHECK",
        LOAD,
        "K",
        "Meta.x = property(lambda k: 1)",
        "metaclass_attribute",
    ),
    (
        "CLASS_WITH_METACLASS_CHECK",
        LOAD,
        "K",
        "K.__class__ = type('M', (Meta,), {})",
        "CLASS_WITH_METACLASS_CHECK",
    ),
    (
        "CLASS_WITH_METACLASS_CHECK",
        LOAD,
        "K",
        "Meta.__getattribute__ = lambda k, n: n",
        "own_attribute_hook",
    ),
    ("PROPERTY", PROPERTY, "kept", "C.p = property(len)", "PROPERTY"),
    ("PROPERTY", PROPERTY, "kept", "C.p = 5", "NONDESCRIPTOR_WITH_VALUES"),
    ("PROPERTY", PROPERTY, "kept", "C.p.__init__(len)", "PROPERTY"),
    ("GETATTR", LOAD, "get", "get.x = 3", "own_attribute_hook"),
    ("GETATTR", LOAD, "get", "Get.x = 3", "own_attribute_hook"),
    ("GETATTR", LOAD, "get", "Get.__getattr__ = lambda o, n: n * 2", "GETATTR"),
    ("GETATTR", LOAD, "get", "del Get.__getattr__", "name_not_found"),
    (
        "GETATTR",
        LOAD,
        "get",
        "Get.__getattribute__ = Every.__getattribute__",
        "own_attribute_hook",
    ),
    ("DATA_DESCRIPTOR", DATA, "t", "T.d = 5", "SHARED_CACHE"),
    ("MODULE", LOAD, "mod", "mod.new = 1", "MODULE"),
    ("MODULE", LOAD, "mod", "del mod.x", "name_not_found"),
    ("MODULE", LOAD, "mod", "mod.__class__ = Sub; del mod.x", "own_attribute_hook"),
    ("SLOT", LOAD, "slots", "del slots.x", "SLOT"),
    ("SLOT", LOAD, "slots", "del Slots.x", "name_not_found"),
    ("SLOT", LOAD, "slots", "Slots.x = 3", "NONDESCRIPTOR_NO_DICT"),
)
#: The same where the guard still holds: the new state is seen all the same.
SEEN_THROUGH = (
    ("INSTANCE_VALUE", LOAD, "kept", "kept.x = 5"),
    ("WITH_HINT", LOAD, "hint", "hint.x = 5"),
    ("WITH_HINT", LOAD, "hint", "hint.__dict__['x'] = 5"),
    ("SLOT", LOAD, "slots", "slots.x = 5"),
    ("PROPERTY", PROPERTY, "kept", "C.p.__init__(lambda o: 'changed')"),
    ("PROPERTY", PROPERTY, "kept", "C.p.fget.__code__ = (lambda o: 'code').__code__"),
    ("GETATTR", LOAD, "get", "Get.__getattr__.__code__ = (lambda o, n: n).__code__"),
    ("METHOD_WITH_VALUES", CALL, "kept", "C.m.__defaults__ = (1,)"),
    ("DATA_DESCRIPTOR", DATA, "t", "Data.__get__ = lambda *a: 'new'"),
    ("MODULE", LOAD, "mod", "mod.x = 1"),
    ("MODULE", LOAD, "mod", "mod.__getattr__ = len"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """The form's beats: all that is loaded in a way of its own.

    S0-02, S0-03, S0-05, S0-06, S0-07, S0-08, S0-09, S0-10, S0-12, S0-13, S1-12, S1-13,
    S2-10, S2-11, S2-43
    """
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


@pytest.mark.parametrize(("form", "source", "arguments", "change", "after"), CHANGES)
def test_change(
    form: str, source: str, arguments: str, change: str, after: str
) -> None:
    """S0-02, S0-03, S0-07, S0-09, S0-10, S1-22: what a form rests on is taken away."""
    (case,) = life.cases("LOAD_ATTR", (form, source, arguments, "", after))
    life.check_life(case._replace(change=change))


@pytest.mark.parametrize(("form", "source", "arguments", "change"), SEEN_THROUGH)
def test_what_the_guard_does_not_ask_is_read_anew(
    form: str, source: str, arguments: str, change: str
) -> None:
    """S0-07, S0-08: values and hooks that change without a miss."""
    (case,) = life.cases("LOAD_ATTR", (form, source, arguments, "", ""))
    life.check_results(case._replace(change=change))


BEHIND = """
mod = types.ModuleType("mod")
mod.x = [1]
mod.m = list
def f():
    return mod.x, mod.m((mod.x,))
"""
#: A second module gets a copy of the first one's keys, with their version.
TWINS = """
import types
mod, twin = types.ModuleType("mod"), types.ModuleType("twin")
mod.x = [1]
def f(o):
    return o.x
def copy():
    twin.__dict__.clear()
    twin.__dict__.update(mod.__dict__)
    twin.x = [2]
"""
#: What is done to a module that a global names, or to the global.
BEHIND_CHANGES = (
    *("mod.x = [2]", "del mod.x", "mod.new = 1", "del mod.x; mod.x = [3]"),
    *("mod.x = mod.m = None", "del mod.m; mod.__getattr__ = lambda name: list"),
    *("del mod", "mod = types.SimpleNamespace(x=5, m=str)", "mod = None"),
    *("mod = types.ModuleType('none')", "mod.__class__ = Sub", "mod.__dict__.clear()"),
)


@pytest.mark.parametrize("change", BEHIND_CHANGES)
def test_attributes_of_a_module_that_a_global_names(change: str) -> None:
    """S0-08, S0-13: what the instruction of the global does is as if by its own."""
    case = Case("LOAD_ATTR_MODULE", f"{TYPES}{BEHIND}", "", change=change)
    life.check_results(case)


def test_modules_with_copied_keys() -> None:
    """S0-08: the same version at another place; each module has its own values."""
    steps = [*["f(mod)"] * 9, "copy()", *["f(twin)", "f(mod)"] * 9]
    with support.plain_host():
        program = life.Program(Case("LOAD_ATTR_MODULE", TWINS, ""))
        expected = [program.seen(step) for step in steps]
    with support.hot_engine():
        program = life.Program(Case("LOAD_ATTR_MODULE", TWINS, ""))
        assert [program.seen(step) for step in steps] == expected


WIDE = """
class Wide:
    __slots__ = tuple(f"s{i}" for i in range(8400))
wide = Wide()
for i in range(8400):
    setattr(wide, f"s{i}", [i])
def f(o):
    o.s8398 = o.s8399
    return o.s8398, o.s8399
"""


def test_a_slot_too_far_for_sixteen_bits() -> None:
    """S0-07: what the caches cannot say they leave to the host."""
    program = life.Program(Case("LOAD_ATTR_SLOT", WIDE, "wide"))
    with support.plain_host():
        expected = life.Program(Case("LOAD_ATTR_SLOT", WIDE, "wide")).seen("f(wide)")
    with support.hot_engine():
        assert [program.seen("f(wide)") for _ in range(9)] == [expected] * 9
