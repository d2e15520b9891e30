"""CALL: every form's life; the callables that it must tell apart."""

from __future__ import annotations

import pytest

from . import life
from .life import Case, Refusal

TYPES = """
import functools, types
class Plain:
    pass
class C:
    def __init__(self, *a):
        self.a = a
    def m(self, *a):
        return ["m", a]
    def one(self, x):
        return ["one", x]
    def copy(self):
        return ["copy"]
    def pop(self, x):
        return ["pop", x]
    count = pop
    split = copy
    def __repr__(self):
        return f"{type(self).__name__}{self.a}"
class One(C):
    def __init__(self, x):
        LOG.append("init")
        self.a = [x]
class Two(One):
    pass
class Returns(C):
    def __init__(self, x=1):
        self.a = x
        return x
class Fails(C):
    def __init__(self, *a):
        raise KeyError([a])
class New(C):
    def __new__(cls, *a):
        LOG.append("new")
        return object.__new__(cls)
class Meta(type):
    def __call__(cls, *a):
        LOG.append("meta")
        return ["meta", a]
class Made(C, metaclass=Meta):
    pass
class Gen(C):
    def __init__(self, *a):
        yield 1
class Call:
    def __call__(self, *a):
        return ["call", a]
class Str:
    def __str__(self):
        return 5
class Text:
    def __str__(self):
        LOG.append("str")
        return "text"
class Length:
    def __init__(self, n):
        self.n = n
    def __len__(self):
        return self.n
class Check(type):
    def __instancecheck__(cls, other):
        LOG.append("check")
        if other == 5:
            raise KeyError(["check"])
        return [1]
class Checked(metaclass=Check):
    pass
class It:
    def __iter__(self):
        yield 1
        raise KeyError(["iter"])
class L(list):
    def append(self, x):
        LOG.append(x)
class Plainly(list):
    pass
class Slotted(dict):
    __slots__ = ()
def nothing():
    return ["nothing"]
def one(x):
    return [x]
def two(a, b):
    return [a, b]
def default(a, b=[2]):
    return [a, b]
def star(*a):
    return a
def kw(a=1, **k):
    return a, k
def kwonly(a, *, k=[3]):
    return [a, k]
def needs(a, *, k):
    return [a, k]
def posonly(a, /):
    return [a]
def gen(a):
    yield a
async def coro(a):
    return a
def cells(a):
    return (lambda: [a])()
def raises(a):
    raise KeyError([a])
def recursive(a):
    return recursive(a)
class Cached:
    cached = functools.lru_cache(one)
bound = C().one
star_bound = C().m
partial = functools.partial(two, 1)
class Liar:
    __class__ = property(lambda self: int)
class Hook:
    def __getattribute__(self, name):
        return int
class Holder:
    one = one
    def m(self, a):
        return a
    static = staticmethod(one)
    clsm = classmethod(two)
    bound = bound
names = {"a": 1}
namespace = types.FunctionType(compile("x = 1", "<names>", "exec"), {})
def shown(value):
    if hasattr(value, "close"):
        value.close()
        return "generator"
    return value
kept = One
keep = set()
"""


def calls(arguments: str) -> str:
    """A function that calls what it is given, with these arguments."""
    return f"{TYPES}\ndef f(g, x=1, y=2):\n    return shown(g({arguments}))\n"


def method(expression: str) -> str:
    """A function that calls a method of what it is given."""
    return f"{TYPES}\ndef f(o, x=1, y=2):\n    return {expression}\n"


COUNT, COPY, POP = method("o.count(x)"), method("o.copy()"), method("o.pop(x)")
SPLIT, APPEND = method("o.split()"), method("(o.append(x), o)")
NOTHING, ONE, TWO = calls(""), calls("x"), calls("x, y")
CALLABLES = (
    *("nothing", "one", "two", "default", "star", "kw", "kwonly", "needs", "posonly"),
    *("gen", "coro", "cells", "raises", "bound", "star_bound", "partial", "C", "One"),
    *("Two", "Returns", "Fails", "New", "Made", "Gen", "Call()", "5", "None", "len"),
    *(
        "type",
        "str",
        "tuple",
        "list",
        "dict",
        "int",
        "range",
        "abs",
        "max",
        "isinstance",
    ),
    *(
        "str, Str()",
        "str, Text()",
        "str, 'a'",
        "str, b'a'",
        "tuple, It()",
        "tuple, [1]",
    ),
    *("tuple, (1,)", "len, [1]", "len, 5", "len, Length(7)", "len, Length(-1)"),
    *("len, Length(2**70)", "type, 5", "type, Plain()", "isinstance, 5, int"),
    *("isinstance, True, int", "isinstance, 5, Checked", "isinstance, 6, Checked"),
    *("isinstance, 5, (str, int)", "isinstance, 5, (str, list)", "isinstance, 5, ()"),
    *("isinstance, 5, (str, (list, int))", "isinstance, 5, (str, Checked, int)"),
    *("isinstance, 5, (str, 7)", "isinstance, 5, (int, 7)", "isinstance, 5, str | int"),
    *("isinstance, Liar(), int", "isinstance, Liar(), str", "isinstance, Hook(), int"),
    *("isinstance, Liar(), (str, int)", "isinstance, Hook(), (str, int)"),
    *("isinstance, Liar(), Liar", "isinstance, C(), Plain", "isinstance, C, type"),
    *("isinstance, 5, (int, str)", "isinstance, 5, 5", "isinstance, C(), C", "Plain"),
    *(
        "Holder.one",
        "Holder().one",
        "Holder.static",
        "Holder.clsm",
        "object",
        "ord, 'a'",
    ),
    *(
        "abs, -5",
        "abs, 'a'",
        "chr, -1",
        "'abc'.upper",
        "[].append",
        "{}.get",
        "hash, []",
    ),
    *("divmod", "divmod, 1, 0", "pow", "getattr", "getattr, 5, 'no'", "namespace"),
    *("sum", "sum, It()", "print, 5", "iter", "next, iter([])", "recursive", "''.join"),
    *(
        "list.append",
        "list.append, [1]",
        "str.upper, 'a'",
        "str.upper, 5",
        "dict.get, {}",
    ),
)
METHODS = (
    *("Plainly([3, 1])", "Slotted({1: 3})", "L([1])"),
    *("[1]", "[]", "L()", "'a b'", "b'a b'", "{1: 2}", "{}", "{1, 2}", "5", "None"),
    *("C()", "list", "str", "bytearray(b'a')", "1.5", "range(3)", "(1, 2)", "Made"),
)

CASES = [
    *life.cases(
        "CALL",
        ("PY_EXACT_ARGS", ONE, "one", "posonly", "PY_EXACT_ARGS"),
        ("PY_EXACT_ARGS", ONE, "cells, [5]", "bound", "BOUND_METHOD_EXACT_ARGS"),
        ("PY_EXACT_ARGS", ONE, "gen", "star", "PY_GENERAL"),
        ("PY_EXACT_ARGS", ONE, "raises", "Call()", "NON_PY_GENERAL"),
        ("PY_EXACT_ARGS", NOTHING, "nothing", "Plain", "NON_PY_GENERAL"),
        ("PY_GENERAL", ONE, "star", "one", "PY_EXACT_ARGS"),
        ("PY_GENERAL", ONE, "default", "kwonly", "PY_GENERAL"),
        ("PY_GENERAL", TWO, "star", "New", "NON_PY_GENERAL"),
        ("BOUND_METHOD_EXACT_ARGS", ONE, "bound", "star_bound", "BOUND_METHOD_GENERAL"),
        ("BOUND_METHOD_EXACT_ARGS", ONE, "bound", "one", "PY_EXACT_ARGS"),
        ("BOUND_METHOD_GENERAL", ONE, "star_bound", "bound", "BOUND_METHOD_EXACT_ARGS"),
        ("BOUND_METHOD_GENERAL", TWO, "star_bound", "two", "PY_EXACT_ARGS"),
        ("TYPE_1", ONE, "type", "str", "STR_1"),
        ("STR_1", ONE, "str", "tuple, [1]", "TUPLE_1"),
        ("STR_1", ONE, "str, Text()", "int", "NON_PY_GENERAL"),
        ("TUPLE_1", ONE, "tuple, [1]", "len, [1]", "LEN"),
        ("LEN", ONE, "len, [1]", "ord, 'a'", "BUILTIN_O"),
        ("ISINSTANCE", TWO, "isinstance, 5, int", "divmod", "BUILTIN_FAST"),
        ("BUILTIN_CLASS", ONE, "list, [1]", "One", "ALLOC_AND_ENTER_INIT"),
        ("BUILTIN_O", ONE, "abs", "sum, [1]", "BUILTIN_FAST_WITH_KEYWORDS"),
        ("BUILTIN_O", ONE, "keep.discard", "max, [1]", "NON_PY_GENERAL"),
        ("BUILTIN_FAST", TWO, "divmod, 7, 2", "pow", "BUILTIN_FAST_WITH_KEYWORDS"),
        ("BUILTIN_FAST_WITH_KEYWORDS", TWO, "pow", "two", "PY_EXACT_ARGS"),
        ("ALLOC_AND_ENTER_INIT", ONE, "One", "C", "ALLOC_AND_ENTER_INIT"),
        ("ALLOC_AND_ENTER_INIT", ONE, "One", "Made", "NON_PY_GENERAL"),
        ("ALLOC_AND_ENTER_INIT", ONE, "Fails", "Call()", "NON_PY_GENERAL"),
        ("ALLOC_AND_ENTER_INIT", ONE, "Returns", "type", "TYPE_1"),
        ("NON_PY_GENERAL", ONE, "Call()", "one", "PY_EXACT_ARGS"),
        ("NON_PY_GENERAL", ONE, "partial", "bound", "BOUND_METHOD_EXACT_ARGS"),
        ("NON_PY_GENERAL", ONE, "str.upper, 'a'", "one", "PY_EXACT_ARGS"),
        ("NON_PY_GENERAL", NOTHING, "[1].copy", "nothing", "PY_EXACT_ARGS"),
        others=CALLABLES,
    ),
    *life.cases(
        "CALL",
        ("LIST_APPEND", APPEND, "[1]", "L()", "PY_EXACT_ARGS"),
        ("METHOD_DESCRIPTOR_O", COUNT, "(1, 2)", "C()", "PY_EXACT_ARGS"),
        ("METHOD_DESCRIPTOR_O", COUNT, "[1]", "'a'", "old_convention"),
        ("LIST_APPEND", APPEND, "Plainly([1])", "L()", "PY_EXACT_ARGS"),
        ("METHOD_DESCRIPTOR_O", COUNT, "Plainly([1])", "C()", "PY_EXACT_ARGS"),
        ("METHOD_DESCRIPTOR_NOARGS", COPY, "[1]", "C()", "PY_EXACT_ARGS"),
        ("METHOD_DESCRIPTOR_NOARGS", COPY, "L([1])", "C()", "PY_EXACT_ARGS"),
        ("METHOD_DESCRIPTOR_FAST", POP, "Slotted({1: 2})", "C()", "PY_EXACT_ARGS"),
        ("METHOD_DESCRIPTOR_NOARGS", COPY, "{1: 2}", "C()", "PY_EXACT_ARGS"),
        ("METHOD_DESCRIPTOR_FAST", POP, "{1: 2}", "C()", "PY_EXACT_ARGS"),
        (
            "METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS",
            SPLIT,
            "'a b'",
            "C()",
            "PY_EXACT_ARGS",
        ),
        ("PY_EXACT_ARGS", method("o.one(x)"), "C()", "Holder()", "PY_GENERAL"),
        ("PY_GENERAL", method("o.m(x)"), "C()", "Holder()", "PY_EXACT_ARGS"),
        others=METHODS,
    ),
]

REFUSALS = life.refusals(
    "CALL",
    ("old_convention", method("''.format(o)"), "1"),
    ("other_argument_count", method("o.copy(x)"), "[1]"),
    ("other_callable", method("o.cached(x)"), "Cached()"),
    ("no_form_for_callable", ONE, "len", "CALL_ALLOC_AND_ENTER_INIT"),
    ("callee_not_ready", ONE, "len", "CALL_PY_EXACT_ARGS"),
    ("callee_without_locals", NOTHING, "namespace"),
    ("no_attribute_follows", ONE, "one", "CALL_SUPER_ATTR"),
)
#: What is done to a callable under a form, and what the site becomes of it.
CHANGES = (
    ("PY_EXACT_ARGS", "one", "one.__code__ = posonly.__code__", "PY_EXACT_ARGS"),
    ("PY_EXACT_ARGS", "one", "one.__code__ = star.__code__", "PY_GENERAL"),
    ("PY_EXACT_ARGS", "one", "one.__code__ = two.__code__", "PY_GENERAL"),
    ("PY_EXACT_ARGS", "one", "one.__code__ = gen.__code__", "PY_EXACT_ARGS"),
    (
        "BOUND_METHOD_EXACT_ARGS",
        "bound",
        "C.one.__code__ = C.m.__code__",
        "BOUND_METHOD_GENERAL",
    ),
    ("PY_GENERAL", "star", "star.__code__ = one.__code__", "PY_EXACT_ARGS"),
    (
        "ALLOC_AND_ENTER_INIT",
        "One",
        "One.__init__ = C.__init__",
        "ALLOC_AND_ENTER_INIT",
    ),
    ("ALLOC_AND_ENTER_INIT", "One", "One.__new__ = New.__new__", "NON_PY_GENERAL"),
    ("ALLOC_AND_ENTER_INIT", "One", "C.__new__ = New.__new__", "NON_PY_GENERAL"),
    ("ALLOC_AND_ENTER_INIT", "One", "One.__init__ = object.__init__", "NON_PY_GENERAL"),
    ("ALLOC_AND_ENTER_INIT", "Two", "del One.__init__", "ALLOC_AND_ENTER_INIT"),
    (
        "ALLOC_AND_ENTER_INIT",
        "One",
        "One.__init__ = lambda s, x: x",
        "ALLOC_AND_ENTER_INIT",
    ),
    (
        "ALLOC_AND_ENTER_INIT",
        "One",
        "One.__abstractmethods__ = {'m'}",
        "NON_PY_GENERAL",
    ),
    ("ALLOC_AND_ENTER_INIT", "Two", "Two.__bases__ = (C,)", "ALLOC_AND_ENTER_INIT"),
)

#: The same where the guard still holds: the new state is seen all the same.
SEEN_THROUGH = (
    ("PY_GENERAL", ONE, "default", "default.__defaults__ = (5,)"),
    ("PY_GENERAL", ONE, "default", "default.__defaults__ = None"),
    ("PY_GENERAL", ONE, "kwonly", "kwonly.__kwdefaults__ = {'k': 7}"),
    ("PY_GENERAL", ONE, "kwonly", "kwonly.__kwdefaults__ = None"),
    ("PY_GENERAL", ONE, "kwonly", "kwonly.__kwdefaults__['k'] = 8"),
    ("PY_EXACT_ARGS", ONE, "one", "one.__defaults__ = (1,)"),
    ("PY_EXACT_ARGS", TWO, "two", "two.__defaults__ = (1,)"),
    ("BOUND_METHOD_EXACT_ARGS", ONE, "bound", "C.one = None"),
    ("ALLOC_AND_ENTER_INIT", ONE, "One", "One.__init__.__code__ = C.__init__.__code__"),
    ("ALLOC_AND_ENTER_INIT", ONE, "One", "One.__init__.__defaults__ = (1,)"),
    ("NON_PY_GENERAL", ONE, "partial", "partial.__setstate__((len, (), {}, {}))"),
    ("NON_PY_GENERAL", ONE, "Call()", "Call.__call__ = lambda *a: ['new']"),
    ("NON_PY_GENERAL", ONE, "Call()", "del Call.__call__"),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """The form's beats.

    S0-12, S0-13, S0-17, S0-21, S0-22, S0-24, S0-25, S0-26, S1-12, S1-13, S1-32, S2-10,
    S2-11, S2-38
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


@pytest.mark.parametrize(("form", "arguments", "change", "after"), CHANGES)
def test_change(form: str, arguments: str, change: str, after: str) -> None:
    """S0-20, S1-16, S1-32: a callable is not any more what the form calls."""
    (case,) = life.cases("CALL", (form, ONE, arguments, "", after))
    life.check_life(case._replace(change=change))


@pytest.mark.parametrize(("form", "source", "arguments", "change"), SEEN_THROUGH)
def test_what_the_guard_does_not_ask_is_read_anew(
    form: str, source: str, arguments: str, change: str
) -> None:
    """S0-20: defaults and hooks that change without a miss."""
    (case,) = life.cases("CALL", (form, source, arguments, "", ""))
    life.check_results(case._replace(change=change))
