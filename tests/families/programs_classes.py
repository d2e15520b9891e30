"""Programs whose classes, instances and callables change under the forms."""

from __future__ import annotations

PRELUDE = """
out = []
def log(*words):
    out.append(words)
def attempt(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as error:
        return type(error).__name__, str(error)
def warm(f, *a):
    for _ in range(5):
        attempt(f, *a)
def main():
    for _ in range(4):
        body()
    return out
"""

#: What special methods are used by, for S1-18 and S1-19.
OPERATIONS = """
def init(kind): return kind(1)
def getattro(o): return o.anything
def setattro(o):
    o.x = 1
    return vars(o)
def hashed(o): return {o: 1}[o], hash(o) == 5
def compared(o): return o == 1, o < 2, o != 3
def stored(o):
    o[0] = 5
    return "stored"
def loaded(o): return o[0]
def called(o): return o(1)
def sized(o): return len(o)
def tested(o): return 1 if o else 0
def iterated(o): return [x for x in o]
def contained(o): return 1 in o
def added(o): return o + 1
def radded(o): return 1 + o
def shown(o): return str(o)
def descriptor(o): return o.d
def set_descriptor(o):
    o.d = 7
    return "set"
def made(o): return type(o)(2)
def entered(o):
    with o as x:
        return x
"""
SLOTS = {
    "init": "__init__ = lambda self, x: None",
    "getattro": "__getattribute__ = lambda self, name: name",
    "setattro": "__setattr__ = lambda self, name, value: None",
    "hashed": "__hash__ = lambda self: 5",
    "compared": "__eq__ = __lt__ = lambda self, other: 'compared'",
    "stored": "__setitem__ = lambda self, key, value: None",
    "loaded": "__getitem__ = lambda self, key: ['item', key]",
    "called": "__call__ = lambda self, x: ['called', x]",
    "sized": "__len__ = lambda self: 3",
    "tested": "__bool__ = lambda self: False",
    "iterated": "__iter__ = lambda self: iter([1])",
    "contained": "__contains__ = lambda self, x: True",
    "added": "__add__ = lambda self, other: ['added']",
    "radded": "__radd__ = lambda self, other: ['radded']",
    "shown": "__str__ = lambda self: 'shown'",
    "made": "__new__ = lambda cls, x=0: object.__new__(cls)",
    "entered": "__enter__ = __exit__ = lambda self, *a: ['entered']",
}


def slot_program(use: str, text: str) -> str:
    """A special method that is absent, inherited, own, a builtin, and deleted."""
    names = [part.strip() for part in text.split(" = ")[:-1]]
    value = text.rpartition(" = ")[2]
    delete = "\n".join(f"        del kind.{name}" for name in names)
    assign = "\n".join(f"        kind.{name} = function" for name in names)
    return f"""
{OPERATIONS}
def use(kind):
    if {use!r} == "init":
        return type(init(kind)).__name__
    made = kind.made
    found = {use}(made)
    return type(found).__name__ if {use!r} == "made" else found
def change(kind, function):
    if function is None:
{delete}
    else:
{assign}
def body():
    class Mixin: pass
    class Base: pass
    class T(Mixin, Base): pass
    T.made = object.__new__(T)
    function = {value}
    warm(use, T); log(attempt(use, T))
    for kind in (Base, Mixin, T):
        change(kind, function)
        warm(use, T); log(attempt(use, T))
        change(kind, lambda *a: "other")
        log(attempt(use, T)); warm(use, T)
        change(kind, None)
        log(attempt(use, T)); warm(use, T)
    change(Base, function)
    log(attempt(use, T))
    T.__bases__ = (Mixin,)
    log(attempt(use, T))
    change(T, None if False else len)
    log(attempt(use, T)); warm(use, T)
    change(T, 5)
    log(attempt(use, T))
"""


BODIES = {
    "instances of which one is different": """
class C:
    kind = "class"
    def __init__(self, n):
        self.n = n
    def m(self):
        return self.n
def read(o):
    return o.n, o.m(), o.kind
def body():
    made = [C(i) for i in range(30)]
    log([read(o) for o in made])
    made[7].m = lambda: "own"
    made[9].kind = "own kind"
    del made[11].n
    made[13].__dict__
    made[15].__dict__ = {"n": "replaced", "m": lambda: "dict"}
    made[17].__class__ = type("D", (C,), {"m": lambda self: "D"})
    log([attempt(read, o) for o in made])
    del made[7].m
    del made[9].kind
    log([attempt(read, o) for o in made])
""",
    "names that come and go": """
class C:
    pass
def body():
    def read(o): return o.x
    made = []
    for i in range(40):
        o = C()
        for j in range(i):
            setattr(o, f"n{j}", j)
        o.x = i
        made.append(o)
    log([read(o) for o in made])
    for o in made[::2]:
        del o.x
        C.x = "class"
    log([read(o) for o in made])
    del C.x
    log([attempt(read, o) for o in made])
""",
    "keys that raise when they are compared": """
class Evil:
    def __hash__(self):
        return hash("m")
    def __eq__(self, other):
        raise KeyError("compared")
class C:
    kind = 1
    def m(self):
        return "method"
def call(o): return o.m()
def read(o): return o.kind
def store(o): o.m = 1
def body():
    c = C()
    warm(call, c); warm(read, c)
    c.__dict__[Evil()] = 1
    log(attempt(call, c), attempt(read, c), attempt(store, c))
    d = C()
    log(attempt(call, d), attempt(read, d))
""",
    "a descriptor whose class changes": """
class D:
    def __get__(self, owner, kind):
        return "get"
    def __set__(self, owner, value):
        log("set", value)
class P:
    pass
def body():
    class D2(D): pass
    class P2(P): pass
    class C:
        d = D2()
        p = P2()
        def __init__(self):
            self.p = "own"
    c, e = C(), C()
    del e.p
    c.__dict__["d"] = "own"
    def data(o): return o.d
    def plain(o): return type(o.p).__name__
    def kind(): return type(C.p).__name__
    def store(o): o.d = 5; o.p = 6
    def show(): return [attempt(f, o) for f in (data, plain) for o in (c, e)], kind()
    for f in (data, plain):
        warm(f, c); warm(f, e)
    warm(kind); log(show())
    P2.__get__ = lambda *a: ["late"]
    log(show())
    P2.__set__ = lambda self, owner, value: log("late set", value)
    log(show()); store(c); log(vars(c))
    D2.__set__ = None
    log(show(), attempt(store, c))
    del D2.__set__, P2.__set__, P2.__get__
    log(show())
    D2.__bases__ = (P,)
    log(type(data(e)).__name__, data(c)); store(c); log(vars(c))
    D2.__bases__ = (D,)
    C.__dict__["d"].__class__ = P
    log(type(data(e)).__name__, data(c))
""",
    "hooks added and removed": """
def body():
    class Base: pass
    class C(Base):
        x = 1
        def __init__(self): self.y = 2
    c = C()
    def read(o): return o.x, o.y
    def miss(o): return o.z
    def store(o): o.y = 3
    warm(read, c); warm(miss, c); warm(store, c)
    log(read(c), attempt(miss, c))
    for kind in (Base, C):
        kind.__getattr__ = lambda self, name: "getattr " + name
        log(read(c), miss(c)); warm(miss, c); log(miss(c))
        kind.__getattribute__ = lambda self, name: "every " + name
        log(read(c)); warm(read, c); log(read(c), miss(c))
        del kind.__getattribute__
        log(read(c), miss(c))
        kind.__getattribute__ = object.__getattribute__
        log(read(c), miss(c)); warm(read, c)
        del kind.__getattribute__, kind.__getattr__
        log(read(c), attempt(miss, c))
        kind.__setattr__ = lambda self, name, value: log("set", name)
        store(c); warm(store, c)
        del kind.__setattr__
        store(c); log(c.y)
        kind.__delattr__ = lambda self, name: log("del", name)
        del c.y
        del kind.__delattr__
""",
    "super in all its forms": """
class A:
    attr = "A.attr"
    def m(self, *a): return "A.m", a
    @property
    def p(self): return "A.p"
    @classmethod
    def c(cls): return "A.c", cls.__name__
    @staticmethod
    def s(): return "A.s"
class B(A):
    attr = "B.attr"
    def m(self, *a):
        return (super().m(*a), super().attr, super().p, super().c(), super().s(),
                super().__class__, super().__init__(), super(B, self).m(),
                super(B, B).c())
    def late(self): return super().late
    def rebound(self, other):
        self = other
        return super().m()
    def unbound(self):
        del self
        return super().m()
    def comp(self): return [super().m() for _ in range(1)]
    def cell(self):
        def inner(): return self
        return super().m(), inner() is self
    @classmethod
    def kind(cls): return super().c()
    def __getattr__(self, name): return super().__getattribute__(name)
class Other:
    attr = p = 1
    def m(self, *a): return "Other.m"
    def c(s): return 1
    s = c
def body():
    b = B()
    names = ("m", "late", "unbound", "comp", "cell", "kind")
    def all_of(): return [attempt(lambda: getattr(b, n)()) for n in names]
    kept = A.m, A.attr
    for i in range(5):
        log(all_of(), [attempt(b.rebound, o) for o in (b, 5, B, None)])
        if i == 2:
            A.m = lambda self, *a: "new m"
            A.late = 3
        if i == 3:
            A.attr = property(lambda s: "prop")
            A.m = classmethod(lambda c: c.__name__)
    A.m, A.attr = kept
    del A.late
    globals()["super"] = lambda *a: A()
    log(all_of())
    del globals()["super"]
    B.__bases__ = (Other,)
    log(all_of())
    B.__bases__ = (A,)
    log(all_of())
""",
    "construction": """
class Meta(type):
    def __call__(cls, *a, **k):
        log("meta", a)
        return super().__call__(*a, **k)
def body():
    class C:
        def __init__(self, x, y=2): self.xy = x, y
    class Sub(C): pass
    def make(k, *a): return k(*a).xy
    def one(k): return k(1).xy
    warm(one, C); warm(one, Sub); warm(make, C, 1)
    log(one(C), one(Sub), attempt(make, C), attempt(make, C, 1, 2, 3))
    C.__init__.__defaults__ = (5,)
    log(one(C))
    C.__init__ = lambda self, x: setattr(self, "xy", x) or 7
    log(attempt(one, C), attempt(one, Sub))
    def __init__(self, x): self.xy = "late"
    C.__init__ = __init__
    log(one(C)); warm(one, C)
    C.__new__ = lambda cls, *a: object.__new__(Sub if cls is C else cls)
    log(one(C), one(Sub))
    C.__new__ = lambda cls, *a: [1]
    log(attempt(one, C))
    C.__new__ = object.__new__
    log(attempt(one, C))
    del C.__new__
    log(attempt(one, C))
    class M(metaclass=Meta):
        def __init__(self, x): self.xy = "M"
    warm(one, M); log(one(M))
    del Meta.__call__
    log(one(M))
    Meta.__call__ = lambda cls, *a: C(9)
    log(attempt(one, M))
    def __call__(cls, *a, **k):
        return type.__call__(cls, *a, **k)
    Meta.__call__ = __call__
    class G:
        def __init__(self): yield 1
    log(attempt(lambda: G()))
    class Deep:
        def __init__(self, n): self.inner = Deep(n - 1) if n else None
    def depth(n):
        made, count = Deep(n), 0
        while made.inner: made, count = made.inner, count + 1
        return count
    log(depth(5), attempt(depth, 5000))
""",
    "callables that are replaced": """
def one(x): return ["one", x]
def two(x, y=2): return ["two", x, y]
def star(*a, **k): return a, k
def gen(x): yield x
async def co(x): return x
class Call:
    def __call__(self, x): return ["call", x]
    def m(self, x): return ["m", x]
def call(f, x): return f(x)
def named(f, x): return f(x=x)
def spread(f, x): return f(*[x])
def shown(v):
    if hasattr(v, "close"):
        v.close()
        return "generator"
    return v
def body():
    c = Call()
    many = (one, two, star, gen, co, c, c.m, Call.m, len, str, list, [].append, {}.get,
            abs, print.__class__, int, type, isinstance, lambda x: x, 5, None)
    for x in ([1], "a", -1, {}):
        for f in many:
            log(attempt(lambda: shown(call(f, x))))
            log(attempt(lambda: shown(spread(f, x))))
            log(attempt(lambda: shown(named(f, x))))
    kept = one.__code__
    warm(call, one, 1)
    for other in (two, star, gen, lambda x: x * 2, lambda: 1):
        one.__code__ = other.__code__
        log(attempt(lambda: shown(call(one, 1))), attempt(lambda: shown(named(one, 2))))
    one.__code__ = kept
    two.__defaults__ = ("late",)
    log(call(two, 1)); two.__defaults__ = None
    log(attempt(call, two, 1)); two.__defaults__ = (2,)
    Call.__call__ = star
    log(call(c, 1))
    del Call.__call__
    log(attempt(call, c, 1))
    Call.__call__ = lambda self, x: ["call", x]
""",
    "recursion": """
def plain(n): return n and plain(n - 1)
class C:
    def m(self, n): return n and self.m(n - 1)
    def __getitem__(self, n): return n and self[n - 1]
    @property
    def p(self): return self.p
    def __getattr__(self, name):
        return getattr(self, name + "x") if len(name) < 9 else self.q
def body():
    c = C()
    for f in (plain, c.m, c.__getitem__):
        log(f(50), attempt(f, 5000))
    log(attempt(lambda: c.p)[0], attempt(lambda: c.zzz)[0])
    def deepest(f):
        low, high = 100, 1100
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if attempt(f, middle) == 0 else (low, middle)
        return low
    log(deepest(plain), deepest(c.m), deepest(lambda n: c[n]))
""",
    **{f"slot {use}": slot_program(use, text) for use, text in SLOTS.items()},
}
PROGRAMS = {name: PRELUDE + body for name, body in BODIES.items()}

#: Statements that run a finalizer, which switches tracing on: `E(v)` has one, and so
#: has what `inline`, `slots`, `hinted`, `items` and `table` keep.
FINALIZED = {
    "STORE_ATTR_INSTANCE_VALUE": "inline.x = v",
    "STORE_ATTR_SLOT": "slots.x = v",
    "STORE_ATTR_WITH_HINT": "hinted.x = v",
    "STORE_SUBSCR_LIST_INT": "items[0] = v",
    "STORE_SUBSCR_DICT": "table[0] = v",
    "BINARY_OP_SUBSCR_LIST_INT": "y = [E(v), 1][k]",
    "BINARY_OP_SUBSCR_TUPLE_INT": "y = (E(v), k)[k]",
    "LOAD_ATTR_INSTANCE_VALUE": "y = E(v).on",
    "CALL_LEN": "y = len([E(v)])",
    "CALL_PY_EXACT_ARGS": "y = takes(E(v))",
}


def traced_program(statement: str) -> str:
    """The statement, warm, then with a finalizer that traces the rest of `f`."""
    target = statement.partition(" = ")[0]
    keep = f"{target} = E(True)" if target != "y" else "pass"
    return f"""
import sys
events = []
def tracer(frame, event, arg):
    events.append((event, frame.f_code.co_name, frame.f_lineno))
    return tracer
class E:
    def __init__(self, on):
        self.on = on is True
    def __del__(self):
        if self.on:
            frame = sys._getframe(1)
            while frame.f_code.co_name != "f":
                frame = frame.f_back
            frame.f_trace = tracer
            sys.settrace(tracer)
class C: pass
class S: __slots__ = ("x",)
inline, slots, hinted, items, table, k = C(), S(), C(), [0], {{0: 1}}, 1
inline.x = slots.x = hinted.x = 1
hinted.__dict__
def takes(x): return 1
def f(v):
    {statement}
    a = 1
    b = 2
    return b
def main():
    for _ in range(5):
        f(0)
    {keep}
    f(True)
    sys.settrace(None)
    return events
"""


TRACED = {
    f"{form} runs a finalizer that traces": traced_program(statement)
    for form, statement in FINALIZED.items()
}
