"""What a form rests on is changed: the very next execution sees it.

Each row warms a function until a form stands in it, changes one thing that the form's
guard vouches for, and compares the calls right after with the host's.  That no guard is
there for nothing is shown by `python -m tests.mutation`, which leaves each out in turn.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
import support
from families import life

import adaptive
from adaptive import dis, isa

PRELUDE = """
import types
class Base:
    tag = ["base"]
    def m(self, a=1):
        return ["m", a]
class Other:
    tag = ["other"]
    def m(self, a=1):
        return ["other", a]
class C(Base):
    kind = ["kind"]
    def __init__(self, x=1):
        self.x = [x]
    @property
    def p(self):
        return ["p", self.x]
    def __getitem__(self, key):
        return ["item", key]
    def own(self, a):
        return ["own", a]
    def super_m(self):
        return super().m()
    def super_tag(self):
        return super().tag
class Twin(Base):
    kind = ["twin"]
    def __init__(self, x=1):
        self.x = [x, "twin"]
    @property
    def p(self):
        return ["twin p"]
    def __getitem__(self, key):
        return ["twin item", key]
    def own(self, a):
        return ["twin own", a]
class Hook:
    def __getattr__(self, name):
        return [name]
class Every:
    def __getattribute__(self, name):
        return ["every", name]
class Slots:
    __slots__ = ("x",)
    def __init__(self):
        self.x = [1]
class Strange(types.ModuleType):
    name = property(lambda self: ["strange"])
class Meta(type):
    pass
class K(metaclass=Meta):
    x = [1]
class NoDict:
    __slots__ = ()
    kind = ["no dict"]
    def m(self):
        return ["no dict"]
class Lazy(Exception):
    def m(self):
        return ["lazy"]
class Truth:
    pass
class Data:
    def __get__(self, owner, kind):
        return ["data"]
    def __set__(self, owner, value):
        pass
class T:
    d = Data()
def g(a, b=2, *, k=3):
    return ["g", a, b, k]
def h(a):
    return ["h", a]
def h2(a):
    return ["h2", a]
def swapped(a, b=5, *, k=6):
    return ["swapped", a, b, k]
def two(a, b):
    return ["two", a, b]
def numbers(n):
    for i in range(n):
        yield i
def letters(n):
    for i in range(n):
        yield "abc"[i]
async def coroutine(n):
    return n
def drive(made):
    try:
        while True:
            made.send(None)
    except StopIteration as stop:
        return stop.value
c, slots, hook, every, lazy, t = C(), Slots(), Hook(), Every(), Lazy(), T()
no_dict, truth = NoDict(), Truth()
bound = c.own
module = types.ModuleType("module")
module.name = ["module"]
spare = [1]
"""
METHODS = (
    "C.own = Twin.own",
    "C.own.__code__ = Twin.own.__code__",
    "c.own = h2",
    "c.__class__ = Twin",
    "del C.own; Base.own = Twin.own",
)
PLAIN = ("h.__code__ = h2.__code__", "h = h2", "h = [].append", "h = C", "h = two")
DEFAULTS = (
    *("g.__defaults__ = (7,)", "g.__defaults__ = None", "g.__kwdefaults__ = {'k': 8}"),
    *("g.__kwdefaults__ = None", "g.__code__ = swapped.__code__", "g = swapped"),
    *("g.__kwdefaults__['k'] = 9", "g.__defaults__ = ()", "g.__code__ = two.__code__"),
)
NAMES = (
    *("spare = [2]", "del spare", "globals()['new'] = 1", "globals()[5] = 1"),
    *("globals().update(dict.fromkeys('qrstuvwxyz'))", "globals().pop('spare')"),
)
BUILTINS = (
    *("len = lambda a: ['mine']", "import builtins; builtins.more = 1"),
    *("__builtins__['len'] = sum", "del __builtins__['len']"),
)
INSTANCE = (
    *("C.x = property(lambda self: ['property'])", "del c.x", "c.__class__ = Twin"),
    *("C.__getattribute__ = Every.__getattribute__", "c.__dict__['x'] = 5"),
    *("c.__dict__ = {'x': 6}", "C.x = Data()", "c = Twin()", "c = Slots()"),
    *("C.__bases__ = (Other,)", "c.x = ['new']", "c = module", "C.x = 1; del c.x"),
)
CLASS = (
    *("C.kind = ['new']", "del C.kind", "del C.kind; Base.kind = ['base']"),
    *("C = Twin", "C.kind = property()", "C = c", "type(C).__name__"),
)
INHERITED = (
    *("C.__bases__ = (Other,)", "Base.tag = ['new']", "C.tag = ['nearer']"),
    *("c.tag = ['own']", "del Base.tag", "c.__class__ = Twin", "Base.tag = Data()"),
)


class Row(NamedTuple):
    """A body of `f`, the form that it gets, and changes made one per run."""

    form: str
    body: str
    changes: tuple[str, ...]


ROWS = (
    Row("CALL_PY_EXACT_ARGS", "return h(1)", PLAIN),
    Row("CALL_PY_GENERAL", "return g(1)", DEFAULTS),
    Row("CALL_KW_PY", "return g(1, k=4)", DEFAULTS),
    Row(
        "CALL_BOUND_METHOD_EXACT_ARGS",
        "b = bound|return b(1)",
        ("bound = Twin().own", "C.own.__code__ = Twin.own.__code__", "bound = h"),
    ),
    Row(
        "CALL_BOUND_METHOD_GENERAL",
        "b = c.m|return b()",
        ("Base.m.__defaults__ = (5,)", "C.__bases__ = (Other,)", "Base.m = len"),
    ),
    Row(
        "CALL_ALLOC_AND_ENTER_INIT",
        "return C(2).x",
        (
            *(
                "C.__init__ = Twin.__init__",
                "C.__init__.__code__ = Twin.__init__.__code__",
            ),
            *("C.__init__.__defaults__ = (5,)", "C = Twin", "C = h", "del C.__init__"),
            *("C.__new__ = lambda cls, x: Slots()", "C.__init__ = lambda self, x: x"),
            *("C.__init__ = lambda self, a, b: None", "C.__abstractmethods__ = {'m'}"),
        ),
    ),
    Row("LOAD_ATTR_METHOD_WITH_VALUES", "return c.own(1)", METHODS),
    Row(
        "LOAD_ATTR_METHOD_NO_DICT",
        "return no_dict.m()",
        ("NoDict.m = h", "del NoDict.m", "no_dict = c", "NoDict.m = 5"),
    ),
    Row(
        "LOAD_ATTR_METHOD_LAZY_DICT",
        "return lazy.m()",
        ("lazy.m = lambda: 5", "Lazy.m = h", "lazy = c", "lazy.other = 5"),
    ),
    Row("LOAD_ATTR_INSTANCE_VALUE", "return c.x", INSTANCE),
    Row(
        "LOAD_ATTR_SLOT",
        "return slots.x",
        ("del slots.x", "Slots.x = 5", "slots = c", "slots.x = 7", "slots = every"),
    ),
    Row(
        "LOAD_ATTR_MODULE",
        "return module.name",
        (
            *("module.name = ['new']", "del module.name", "module.other = 1"),
            *(
                "module.__dict__.clear()",
                "module.__class__ = Strange",
                "module = c",
                "module = Hook()",
            ),
            "module.__getattr__ = lambda name: [name]; del module.name",
        ),
    ),
    Row("LOAD_ATTR_CLASS", "return C.kind", CLASS),
    Row(
        "LOAD_ATTR_CLASS_WITH_METACLASS_CHECK",
        "return K.x",
        (
            *(
                "K.x = 5",
                "Meta.x = property(lambda cls: ['meta'])",
                "del K.x",
                "K = C()",
            ),
            "K.__class__ = type('M', (Meta,), {'x': property(lambda cls: 7)})",
        ),
    ),
    Row(
        "LOAD_ATTR_PROPERTY",
        "return c.p",
        (
            *(
                "C.p = property(lambda self: 5)",
                "C.p.fget.__code__ = Twin.p.fget.__code__",
                "C.p.fget.__code__ = two.__code__",
                "C.p.fget.__code__ = two.__code__; C.p.fget.__defaults__ = (9,)",
            ),
            *("c.__class__ = Twin", "c.__dict__['p'] = 7", "del C.p", "C.p = 9"),
        ),
    ),
    Row(
        "LOAD_ATTR_GETATTR",
        "return hook.x",
        (
            *("hook.x = 5", "Hook.x = 6", "hook = c", "del Hook.__getattr__"),
            *("Hook.__getattr__ = lambda self, name: 7", "hook.__dict__['x'] = 8"),
            "Hook.__getattr__.__code__ = (lambda self, name: 9).__code__",
            "Hook.__getattr__.__code__ = h.__code__",
        ),
    ),
    Row(
        "LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN",
        "return every.x",
        (
            *("Every.__getattribute__ = lambda self, name: 5", "every = c"),
            *("del Every.__getattribute__", "Every.__getattr__ = lambda self, name: 6"),
            "Every.__getattribute__.__code__ = (lambda self, name: 7).__code__",
            "Every.__getattribute__.__code__ = h.__code__",
        ),
    ),
    Row(
        "LOAD_ATTR_DATA_DESCRIPTOR",
        "return t.d",
        (
            *(
                "T.d = 5",
                "del T.d",
                "Data.__get__ = lambda self, owner, kind: 6",
                "t = c",
            ),
            *("del Data.__get__; t.__dict__['d'] = 7", "del Data.__set__; t.d = 8"),
        ),
    ),
    Row("LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES", "return c.tag", INHERITED),
    Row(
        "LOAD_ATTR_NONDESCRIPTOR_NO_DICT",
        "return no_dict.kind",
        (
            "NoDict.kind = 5",
            "del NoDict.kind",
            "no_dict = c",
            "NoDict.kind = property()",
        ),
    ),
    Row("LOAD_GLOBAL_MODULE", "return spare", NAMES),
    Row("LOAD_GLOBAL_BUILTIN", "return len", BUILTINS),
    Row("CALL_LEN", "return len([1])", BUILTINS),
    Row("CALL_ISINSTANCE", "return isinstance(c, C)", ("C = Twin", "c = 1")),
    Row(
        "BINARY_OP_SUBSCR_GETITEM",
        "return c[1]",
        (
            *("C.__getitem__ = Twin.__getitem__", "c = {1: 5}", "del C.__getitem__"),
            *(
                "C.__getitem__.__code__ = Twin.__getitem__.__code__",
                "c.__class__ = Twin",
            ),
            *("c.__getitem__ = h", "C.__getitem__.__defaults__ = (1,)"),
            "C.__getitem__ = lambda self, *keys: keys",
        ),
    ),
    Row(
        "TO_BOOL_ALWAYS_TRUE",
        "return 1 if truth else 0",
        (
            *("Truth.__len__ = lambda self: 0", "Truth.__bool__ = lambda self: False"),
            *("truth = []", "truth.__class__ = type('Z', (Truth,), {'__len__': id})"),
        ),
    ),
    Row(
        "STORE_ATTR_INSTANCE_VALUE",
        "c.x = 5|return c.x",
        (
            *("C.x = property(lambda self: 6, lambda self, v: None)", "c = Slots()"),
            *("C.__setattr__ = lambda self, n, v: None", "c.__dict__", "c = module"),
            *("c.__class__ = Twin", "del c.x", "C.x = Data()", "c.__dict__ = {}"),
        ),
    ),
    Row(
        "STORE_ATTR_SLOT",
        "slots.x = 5|return slots.x",
        ("Slots.x = property(lambda self: 6)", "slots = c", "del slots.x"),
    ),
    Row(
        "FOR_ITER_GEN",
        "found = []|for i in numbers(3): found.append(i)|return found",
        ("numbers.__code__ = letters.__code__", "numbers = range", "numbers = letters"),
    ),
    Row(
        "CALL_SUPER_METHOD",
        "return c.super_m()",
        (
            *("Base.m = Other.m", "C.__bases__ = (Other,)", "del Base.m", "Base.m = 5"),
            *("c.__class__ = type('D', (C,), {})", "super = h", "Base.m = Data()"),
            "c.__class__ = type('D', (C, type('E', (Base,), {'m': Other.m})), {})",
        ),
    ),
    Row(
        "CALL_SUPER_ATTR",
        "return c.super_tag()",
        (
            *("Base.tag = 5", "C.__bases__ = (Other,)", "del Base.tag", "super = h"),
            *("Base.tag = property(lambda self: 6)", "Base.tag = h"),
        ),
    ),
)
CASES = [(row, change) for row in ROWS for change in row.changes]


def source_of(row: Row) -> str:
    """The program of a row, with builtins of its own."""
    lines = "".join(f"    {line}\n" for line in row.body.split("|"))
    return f"{PRELUDE}\ndef f():\n{lines}"


def names_in(functions: list[object]) -> set[str]:
    """The opcodes that stand in the functions now."""
    return {
        instruction.opname
        for function in functions
        for instruction in dis.instructions(adaptive.code(function))
    }


def calls(row: Row, change: str, is_engine: bool, later: int) -> list[object]:
    """What the calls before and after the change show.

    On the engine code that is new by then must first be called `later` times.
    """
    import builtins

    own = {"__builtins__": dict(vars(builtins))}
    program = life.Program(life.Case(row.form, source_of(row), ""))
    names = {**support.loaded(source_of(row), **own), life.LOG: []}
    program.names = names
    warm = [program.seen("f()") for _ in range(life.PASSED + 1 + life.HITS)]
    if is_engine:
        holders = [names["f"], names["C"].super_m, names["C"].super_tag]
        assert row.form in names_in(holders), row.form
        adaptive.enable(later)
    program.change(change)
    return [*warm, *(program.seen("f()") for _ in range(life.HITS))]


#: Callees that take the place of others are ready at once, or run on the host first.
@pytest.mark.parametrize("later", [0, 1000])
@pytest.mark.parametrize(
    ("row", "change"), CASES, ids=[f"{row.form}-{change}" for row, change in CASES]
)
def test_the_next_execution_sees_it(row: Row, change: str, later: int) -> None:
    """S0-20, S1-16, S1-18, S1-19, S1-21, S1-22, S1-31, S1-32, S4-05, S4-24."""
    with support.plain_host():
        expected = calls(row, change, False, later)
    with life.ruled(adaptive.Policy()):
        assert calls(row, change, True, later) == expected


class Strange(NamedTuple):
    """A function that gets a form, and arguments that the form must not take."""

    form: str
    source: str
    warm: str
    strange: tuple[str, ...]


HOLDER = """
class Holder:
    pass
def holder(**names):
    made = Holder()
    made.__dict__.update(names)
    return made
class C:
    def __init__(self, x=1):
        self.x = x
    def one(self, a):
        return ["one", a]
    def __repr__(self):
        return "C()"
c = C()
class Borrows:
    append, count, index = list.append, list.count, list.index
    copy, sort = list.copy, list.sort
"""


def called(name: str, arguments: str) -> str:
    """A call of whatever the owner has under the name: its own value, or a method."""
    return f"{HOLDER}\ndef f(x):\n    return x.{name}({arguments})\n"


EQ, CHECK = called("__eq__", "[1, 2]"), called("__instancecheck__", "5")
SET, FIVE = called("__setattr__", "'a', str"), called("__eq__", "5")
KW, REDUCE = called("__eq__", "a=5"), called("__reduce_ex__", "2")
BOOLS = ("True, True", "6, True", "False, 3", "6, 1.5", "{1, 2}, {2}")
MIXED = ("1.5, 'a'", "'a', 1.5", "1.5, 2", "2, 1.5", "1.5, 0.0")
ITEMS = """
from functools import partial
class Plain:
    def __getitem__(self, key):
        return ["plain", key]
class Start:
    def __call__(self, key):
        return ["start", key]
class Odd:
    __getitem__ = Start()
class Part:
    __getitem__ = partial(divmod, 7)
class Bad:
    __getitem__ = len
class Rest:
    def __getitem__(self, key, *rest):
        return ["rest", key, rest]
class Named:
    def __getitem__(self, key, *, word=4):
        return ["named", key, word]
class Three:
    def __getitem__(self, key, more=5):
        return ["three", key, more]
def f(a):
    return a[2]
"""
LOOP = """
def spent(values):
    made = iter(values)
    for _ in made:
        pass
    return made
def f(values):
    found = []
    for value in values:
        found.append(value)
    return found
"""
#: A generator that is too large for the engine.
LARGE = """
def small():
    yield 1
exec("def large():\\n    yield 2\\n" + "    x = 1\\n" * 40_000)
"""
PAIRS = """
def begun(values, steps):
    made = iter(values)
    for _ in range(steps):
        next(made)
    return made
def f(values):
    found = []
    for a, b in values:
        found.append([b, a])
    return found
"""
#: Its second word is 2, as a zip's that has two iterators.
BEGUN = "begun(['ab', 'cd', 'ef', 'gh'], 2)"
#: First with an owner that holds the callable, then with the callable as the owner: it
#: stands where it stood then, but as the first argument of a method.
STRANGE: tuple[Strange, ...] = (
    Strange("CALL_LEN", EQ, "holder(__eq__=len)", ("len", "holder(__eq__=sum)")),
    Strange("CALL_ISINSTANCE", SET, "holder(__setattr__=isinstance)", ("isinstance",)),
    Strange("CALL_TYPE_1", CHECK, "holder(__instancecheck__=type)", ("type",)),
    Strange("CALL_STR_1", CHECK, "holder(__instancecheck__=str)", ("str", "int")),
    Strange("CALL_TUPLE_1", CHECK, "holder(__instancecheck__=tuple)", ("tuple",)),
    Strange("CALL_BUILTIN_CLASS", CHECK, "holder(__instancecheck__=list)", ("list",)),
    Strange("CALL_BUILTIN_O", REDUCE, "holder(__reduce_ex__=abs)", ("len",)),
    Strange("CALL_ALLOC_AND_ENTER_INIT", CHECK, "holder(__instancecheck__=C)", ("C",)),
    Strange("CALL_BOUND_METHOD_EXACT_ARGS", FIVE, "holder(__eq__=c.one)", ("c.one",)),
    Strange("CALL_BOUND_METHOD_GENERAL", FIVE, "holder(__eq__=C().one)", ("c.one",)),
    Strange(
        "CALL_NON_PY_GENERAL", CHECK, "holder(__instancecheck__=id.__eq__)", ("C",)
    ),
    Strange("CALL_KW_NON_PY", KW, "holder(__eq__=dict)", ("c", "holder(__eq__=c.one)")),
    Strange(
        "BINARY_OP_INPLACE_ADD_UNICODE",
        "def f(x, y, z):\n    x = y + z\n    return x, y\n",
        "*[''.join(['a', 'b'])] * 2, 'c'",
        ("'other', 'a', 'c'", "1, 'a', 'c'", "None, ''.join(['d', 'e']), 'f'"),
    ),
    Strange(
        "BINARY_OP_SUBSCR_TUPLE_INT",
        "def f(a, k):\n    return a[k]\n",
        "(1, 2), 1",
        tuple(f"(1, 2, 3), {k}" for k in (*range(3, 80), 10_000_000)),
    ),
    Strange(
        "BINARY_OP_SUBSCR_LIST_INT",
        "def f(a, k):\n    return a[k]\n",
        "[1, 2], 1",
        tuple(f"[1, 2, 3], {k}" for k in (*range(3, 80), 10_000_000)),
    ),
    Strange(
        "BINARY_OP_SUBSCR_STR_INT",
        "def f(a, k):\n    return a[k]\n",
        "'ab', 1",
        (
            *(f"'abc', {k}" for k in (*range(3, 80), 10_000_000)),
            *(f"chr({character}), 0" for character in range(256, 6000, 7)),
        ),
    ),
)


STRANGE += (
    Strange("BINARY_OP_EXTEND", "def f(a, b):\n    return a & b\n", "6, 3", BOOLS),
    Strange("BINARY_OP_EXTEND", "def f(a, b):\n    return a / b\n", "1.5, 2.5", MIXED),
    Strange(
        "BINARY_OP_SUBSCR_GETITEM",
        ITEMS,
        "Plain()",
        ("Odd()", "Part()", "Bad()", "Rest()", "Named()", "Three()"),
    ),
    Strange("FOR_ITER_GEN", f"{LARGE}{LOOP}", "small()", ("large()", "spent([1])")),
    Strange("FOR_ITER_LIST", LOOP, "iter([1, 2])", ("spent([1])", "spent((1,))")),
    Strange("FOR_ITER_TUPLE", LOOP, "iter((1, 2))", ("spent((1,))", "spent([1])")),
    Strange("FOR_ITER_ZIP", PAIRS, "zip('ab', 'cd')", (BEGUN, "[]", "map(list, 'a')")),
)


HINTED = """
class Holder:
    pass
def hinted():
    made = Holder()
    made.x = 1
    made.__dict__
    return made
def holed():
    made = hinted()
    del made.x
    return made
def f(o):
    o.x = [5]
    return o.__dict__
"""
SHIFTS = (
    *("0, -1", "5, -1", "5, 63", "0, 63", "2**40, 30", "2**61, 5", "-(2**40), 30"),
    *("2**100, 3", "-(2**100), 3"),
)
STRANGE += (
    Strange("STORE_ATTR_WITH_HINT", HINTED, "hinted()", ("holed()",)),
    Strange("BINARY_OP_EXTEND", "def f(a, b):\n    return a << b\n", "6, 3", SHIFTS),
    Strange("BINARY_OP_EXTEND", "def f(a, b):\n    return a >> b\n", "6, 3", SHIFTS),
)
#: What did not ask how large its operands are would find those of the one before.
STRANGE += tuple(
    Strange(
        "BINARY_OP_EXTEND",
        f"def f(a, b, c, d):\n    x = a {shift} b\n    return x, c {shift} d\n",
        "6, 3, 6, 3",
        ("6, 3, 2**100, 3", "6, 3, 5, 2**100"),
    )
    for shift in ("<<", ">>")
)
STRANGE += tuple(
    Strange(
        "BINARY_OP_EXTEND",
        "def f(a, b):\n    x = a[1]\n    return x, a[b]\n",
        f"{items}, 2",
        (f"{items}, 2**100", f"{items}, -2**100"),
    )
    for items in ("b'abc'", "bytearray(b'abc')")
)

DIVISIONS = ("5, 0", "0, 0", "-5, 3", "5, -3", "2**100, 7", "7, 2**100", "5.5, 0.0")
POWERS = (
    *("0.0, -1", "-0.0, 3", "1e300, 2", "1e-300, 2", "1.5, 2**100", "1e999, 2"),
    # Only so large an exponent makes it infinite.
    "1.0000000000000002, 2**100",
)
STRANGE += tuple(
    Strange(
        "BINARY_OP_EXTEND", f"def f(a, b):\n    return a {operator} b\n", warm, rows
    )
    for operator, warm, rows in (
        *((sign, "7, 3", DIVISIONS) for sign in ("//", "%", "/")),
        *((sign, "7.5, 2.5", DIVISIONS) for sign in ("%", "/")),
        ("/", "7.5, 2", DIVISIONS),
        ("**", "7.5, 2", POWERS),
    )
)

SLICED = ("slice(None, None, 2)", "slice(0, 4, -1)", "slice('a')", "slice(1, 2)")
STRANGE += tuple(
    Strange(
        form,
        "def f(a, b):\n    return a[b]\n",
        f"{value}, slice(1, 3)",
        tuple(f"{value}, {bounds}" for bounds in (*SLICED, "1")),
    )
    for form, value in (
        ("BINARY_OP_SUBSCR_LIST_SLICE", "[1, 2, 3, 4]"),
        *(("BINARY_OP_EXTEND", value) for value in ("(1, 2, 3, 4)", "'abcd'")),
    )
)
STRANGE += (
    Strange(
        "BINARY_OP_EXTEND",
        "def f(a, b):\n    return a / b\n",
        "2, 7.5",
        # Of two digits, and rounded to another quotient if it were a double first.
        ("2**53 + 1, 3", "2**60 + 1, 3", "2**62 - 1, 7"),
    ),
)

#: Methods of lists, called on what has borrowed them.
STRANGE += tuple(
    Strange(form, called(name, arguments), "[1]", ("Borrows()", "[1, 2]"))
    for form, name, arguments in (
        ("CALL_LIST_APPEND", "append", "5"),
        ("CALL_METHOD_DESCRIPTOR_O", "count", "1"),
        ("CALL_METHOD_DESCRIPTOR_FAST", "index", "1"),
        ("CALL_METHOD_DESCRIPTOR_NOARGS", "copy", ""),
        ("CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS", "sort", ""),
    )
)

#: Two operands of which one or both are of another type than the form's.
OTHERS = (
    *("1.5, 'a'", "'a', 1.5", "1.5, 2", "2, 1.5", "True, True", "[1], 2", "2, [1]"),
    *("5, 2**100", "2**100, 5", "5, 2**40", "2**40, 5", "2**40, 2**41"),
    *("I(3), 2", "2, I(3)", "F(2.5), 1.5", "1.5, F(2.5)", "S('a'), 'a'", "'a', S('a')"),
)
KEEP = """
def keep(*values):
    return values
def own(*values):
    return ["own"]
class I(int):
    __add__ = __sub__ = __mul__ = __eq__ = __lt__ = __gt__ = own
    __radd__ = __rsub__ = __rmul__ = own
class F(float):
    __add__ = __sub__ = __mul__ = __eq__ = __lt__ = __gt__ = own
    __radd__ = __rsub__ = __rmul__ = own
class S(str):
    __add__ = __eq__ = __lt__ = __gt__ = own
    __hash__ = str.__hash__
"""
#: What the fused instructions do with operands that they borrow, and with one that
#: they take over.
for operator, word in (("+", "ADD"), ("-", "SUBTRACT"), ("*", "MULTIPLY")):
    for kind, warm in (("INT", "1000, 2000"), ("FLOAT", "1.5, 2.5")):
        STRANGE += tuple(
            Strange(
                f"BINARY_OP_{word}_{kind}",
                f"{KEEP}def f(a, b):\n    return {left} {operator} b\n",
                warm,
                OTHERS,
            )
            for left in ("a", "keep(a)[0]")
        )
COMPARED = (
    *(("INT", "1, 2"), ("FLOAT", "1.5, 2.5"), ("STR", "'a', 'b'")),
    ("IDENTITY", "keep, own"),
)
for kind, warm in COMPARED:
    STRANGE += tuple(
        Strange(
            f"COMPARE_OP_{kind}",
            f"{KEEP}def f(a, b):\n    return {left} == b\n",
            warm,
            (*OTHERS, "'a', 'a'", "2, 2.0", "'a', 97", "97, 'a'", "b'a', 'a'"),
        )
        for left in ("a", "keep(a)[0]")
    )


def after_warm_up(row: Strange, is_engine: bool) -> list[object]:
    """What the strange calls show, and one more of the first kind."""
    program = life.Program(life.Case(row.form, row.source, row.warm))
    for _ in range(life.PASSED + 1 + life.HITS):
        program.seen(f"f({row.warm})")
    if is_engine:
        assert row.form in names_in([program.names["f"]]), row.form
    return [program.seen(f"f({given})") for given in (*row.strange, row.warm)]


@pytest.mark.parametrize("row", STRANGE, ids=lambda row: row.form)
def test_strange_operands(row: Strange) -> None:
    """S0-13, S0-17, S1-13: what looks alike and is not."""
    with support.plain_host():
        expected = after_warm_up(row, False)
    policy = life.Naming("CALL", isa.BY_NUMBER[isa.NUMBER[row.form]])
    with life.ruled(policy if row.form == GENERAL else adaptive.Policy()):
        assert after_warm_up(row, True) == expected


#: A form that takes every bound method; the rule prefers another.
GENERAL = "CALL_BOUND_METHOD_GENERAL"

CALLS = (
    *("[1].count(1)", "[2].index(2)", "[3].remove(3)", "(1,).count(1)"),
    *("len(1, 2)", "len()", "len([1])", "isinstance(1)", "isinstance(1, int)"),
    *(
        "isinstance(1, int, 2)",
        "type()",
        "type(1)",
        "type('T', (), {})",
        "str(1, 2, 3)",
    ),
    *("str()", "tuple(1, 2)", "tuple()", "[1].append(1, 2)", "[1].append()", "one(1)"),
    *(
        "one()",
        "two(1)",
        "two(1, 2)",
        "c.m(1)",
        "c.m()",
        "m(1)",
        "m()",
        "C()",
        "C(1, 2)",
    ),
    *(
        "abs(1)",
        "abs()",
        "max(1, 2)",
        "max()",
        "'a'.upper()",
        "'a'.upper(1)",
        "super()",
    ),
    *(
        "'a'.join('bc')",
        "'a'.join()",
        "'a'.split('b', 1)",
        "'a'.split(1, 2, 3)",
        "int(1)",
    ),
    *(
        "sorted([2, 1])",
        "sorted()",
        "list.append([1], 2)",
        "dict()",
        "n(1)",
        "Odd(1).x",
    ),
    # What is below the call on the stack is no object, as a call's first place is.
    "abs()\n    unbound = 1",
    # Its last two places look like a method and the object that it is called on.
    "[1, str.upper('a')]",
)
KEYWORDS = (
    *("one(a=1)", "one(b=1)", "two(1, b=2)", "c.m(a=1)", "m(a=1)", "m(b=1)", "C(x=1)"),
    *(
        "dict(a=1)",
        "max([1], key=abs)",
        "sorted([1], reverse=True)",
        "n(a=1)",
        "abs(x=1)",
    ),
)
CALLABLES = """
def one(a):
    return ["one", a]
def two(a, b=3):
    return ["two", a, b]
class C:
    def __init__(self, x=1):
        self.x = x
    def m(self, a):
        return ["m", a]
    def __repr__(self):
        return "C()"
class N:
    def __call__(self, a):
        return ["n", a]
class Start:
    def __call__(self, x):
        LOG.append(x)
class Odd:
    x = ["odd"]
    __init__ = Start()
c, n = C(), N()
m = c.m
"""


@pytest.mark.parametrize(
    ("form", "bodies"),
    [
        *[(form, CALLS) for form in isa.FORMS["CALL"]],
        *[(form, KEYWORDS) for form in isa.FORMS["CALL_KW"]],
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_calls_under_a_wrong_policy(
    form: isa.Instruction, bodies: tuple[str, ...]
) -> None:
    """S1-13: a form that a rule names in a wrong place does what the base does."""
    policy = life.Naming(form.base, form)
    for body in bodies:
        case = life.Case(form.name, f"{CALLABLES}\ndef f():\n    return {body}\n", "")
        program = life.Program(case)
        with support.plain_host():
            expected = [program.seen("f()") for _ in range(life.HITS)]
        program = life.Program(case)
        with life.ruled(policy):
            assert [program.seen("f()") for _ in range(life.HITS)] == expected, body


MRO_ENTRIES = """
class Spec:
    def __init__(self, base):
        self.base = base
    def __mro_entries__(self, bases):
        return (self.base,)
class A:
    def m(self):
        return "A"
class B:
    def m(self):
        return "B"
spec = Spec(A)
def f():
    class D(spec):
        pass
    return D().m(), D.__mro__[1].__name__
def main():
    found = [f() for _ in range(6)]
    spec.base = B
    found.append(f())
    Spec.__mro_entries__ = lambda self, bases: (A, B)
    found.append(f())
    del Spec.__mro_entries__
    try:
        f()
    except TypeError as error:
        found.append(str(error))
    return found
"""


def test_mro_entries() -> None:
    """S1-19: a class statement asks its bases anew each time."""
    assert support.same(MRO_ENTRIES).how == "returned"


CONSTRUCTION = """
class C:
    def __init__(self, n):
        self.n = n
        reached.append(n)
        C(n + 1)
reached = []
def down(n):
    if n:
        return down(n - 1)
    try:
        C(0)
    except RecursionError as error:
        return str(error)
def main():
    import sys
    found = []
    for extra in range(6):
        reached.clear()
        found.append((down(extra), len(reached)))
    return found
"""


def test_construction_near_the_recursion_limit() -> None:
    """S0-13: a class call counts as often as on the host, however much is left."""
    assert support.same(CONSTRUCTION).how == "returned"


FORGED = """
class C:
    kind = ["the class's"]
    def __init__(self):
        pass
def load(x):
    return x.kind
def call(x):
    return x()
"""


@pytest.mark.parametrize(
    ("name", "form"),
    [("load", "LOAD_ATTR_CLASS"), ("call", "CALL_ALLOC_AND_ENTER_INIT")],
)
def test_what_is_no_class_is_not_read_as_one(name: str, form: str) -> None:
    """S0-11: a version that stands in other memory by chance is none."""
    names = support.loaded(FORGED)
    f = names[name]
    with support.hot_engine():
        for _ in range(life.PASSED + 1 + life.HITS):
            f(names["C"])
        assert form in names_in([f])
        version = adaptive._engine().version_of_type(names["C"])
        forged = version.to_bytes(4, "little") * 1000
        with pytest.raises((AttributeError, TypeError), match="'bytes' object"):
            f(forged)


#: Changes of class that the host refuses, which some forms rest on.
FIXED = ("{}", "set()", "frozenset()", "[]", "()", "1", "1.5", "'a'")


@pytest.mark.parametrize("value", FIXED)
def test_types_that_cannot_change(value: str) -> None:
    """S4-01, S4-02: an exact builtin keeps its class; forms know no subclass."""
    with pytest.raises(TypeError, match="__class__"):
        eval(value).__class__ = type("Sub", (type(eval(value)),), {})


FIRST_SENT = """
def numbers():
    yield ["first", (yield 1)]
def started():
    made = numbers()
    next(made)
    return made
def f(made):
    return (yield from made)
f.__code__ = f.__code__.replace(co_consts=(5,))
"""


def test_a_new_generator_is_sent_nothing() -> None:
    """S0-17: bytecode that sends a value first; no compiler makes it."""
    steps = ["list(f(started()))"] * (life.PASSED + 1 + life.HITS) + [
        "list(f(numbers()))"
    ]
    case = life.Case("SEND_GEN", FIRST_SENT, "")
    program = life.Program(case)
    with support.plain_host():
        expected = [program.seen(step) for step in steps]
    assert "just-started" in expected[-1].text
    program = life.Program(case)
    with support.hot_engine():
        for step, wanted in zip(steps, expected, strict=True):
            assert program.seen(step) == wanted
            form = names_in([program.names["f"]]) & {"SEND_GEN"}
        assert form
