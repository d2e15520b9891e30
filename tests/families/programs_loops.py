"""Programs whose loops, text and namespaces change under the forms that read them."""

from __future__ import annotations

PRELUDE = """
import sys
out = []
def log(*words):
    out.append(words)
def attempt(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as error:
        return type(error).__name__, str(error)
def main():
    for _ in range(6):
        body()
    return out
"""

BODIES = {
    "dicts that change while they are looped over": """
def loop(d, how):
    found = []
    for k, v in d.items():
        found.append((k, v))
        how(d, k)
    return found
class C:
    pass
def split():
    c = C()
    c.a = 1
    c.b = 2
    return c.__dict__
def nothing(d, k): pass
def change(d, k): d[k] = 9
def add(d, k): d[k * 2] = 1
def remove(d, k): del d[k]
def swap(d, k): del d[k]; d[k * 3] = 1
def empty(d, k): d.clear()
def replace(d, k): d.clear(); d.update({k: 5, k * 7: 6})
def grow(d, k): d.update(dict.fromkeys(range(100, 200)))
def body():
    for how in (nothing, change, add, remove, swap, empty, replace, grow):
        for make in (lambda: {1: 2, 3: 4}, lambda: {"a": 2, "b": 4}, split, dict):
            log(how.__name__, attempt(loop, make(), how))
""",
    "what a loop's variable or an unpacked name held before": """
class Last:
    # Its end tells the line, and may change what is being unpacked.
    def __init__(self, name, end=None):
        self.name = name
        self.end = end
    def __del__(self):
        frame = sys._getframe(1)
        log(self.name, frame.f_lineno - frame.f_code.co_firstlineno)
        if self.end:
            self.end()
def pair(values):
    a = Last("a", values.clear if isinstance(values, list) else None)
    b = Last("b")
    a, b = values
    return a, b
def three(values):
    a = 1 << 40
    b = Last("b", values.reverse if isinstance(values, list) else None)
    c = 2.5
    a, b, c = values
    return a, b, c
def itself(values):
    values, b = values
    return values, b
def loop(values):
    got = []
    x = Last("x")
    for x in values:
        got.append(x if isinstance(x, int) else type(x).__name__)
    return got
def pairs(values):
    got = []
    k = Last("k")
    v = Last("v")
    for k, v in values:
        got.append((type(k).__name__, type(v).__name__))
    return got
def fresh(n):
    for i in range(n):
        yield Last(i)
def numbers(n):
    found = []
    for i in range(n):
        a, b = i * 1000.5, i << 35
        for i, (a, b) in enumerate([(a * 2, b * 2), (a, b)]):
            found.append((i, a, b))
    return found
def body():
    log(pair((1, 2)), pair([1, 2]), attempt(three, (1, 2, 3)), three([4, 5, 6]))
    log(itself((1, 2)), itself([1, 2]), numbers(3))
    log(loop([1, 2]), loop((1, 2)), loop(range(2)), loop({1: 2}), loop(fresh(2)))
    log(loop(map(Last, "ab")), pairs(enumerate(map(Last, "efg"))))
    log(pairs(zip(fresh(3), (1, 2, 3))), pairs(zip((1, 2), fresh(3))))
    held = {1: Last(1), 2: Last(2), 3: Last(3)}
    log(pairs(held.items()))
""",
    "the iterator of items outside its loop": """
def one(it):
    for k, v in it:
        return k, v
def body():
    for d in ({1: 2, "a": 3}, {}, {"x": 1}):
        it = iter(d.items())
        log(it.__length_hint__(), one(it), it.__length_hint__(), one(it), one(it))
        log(it.__length_hint__(), list(it), one(it))
    d = {1: 2, 3: 4}
    it = iter(d.items())
    log(one(it))
    d[5] = 6
    log(attempt(one, it), attempt(one, it), attempt(next, it))
    it = iter(d.items())
    pair = next(it)
    log(one(it), pair, one(reversed(d.items())))
""",
    "lists and tuples that change": """
def loop(items, how):
    found = []
    for x in items:
        found.append(x)
        if len(found) < 5:
            how(items, x)
    else:
        found.append("else")
    return found
def body():
    for how in (lambda s, x: None, lambda s, x: s.append(x), lambda s, x: s.clear(),
                lambda s, x: s.pop(), lambda s, x: s.pop(0), lambda s, x: s.sort(),
                lambda s, x: s.insert(0, x), lambda s, x: s.extend([7, 8])):
        log(attempt(loop, [3, 1, 2], how), attempt(loop, [], how))
    it = iter([1, 2])
    def rest(it):
        for x in it:
            return x
    items = [1, 2]
    it = iter(items)
    log(rest(it), rest(it), rest(it), items.append(3), rest(it), it.__length_hint__())
    log([rest(iter(t)) for t in ((), (1,), ((),))])
""",
    "ranges at their ends": """
def loop(r):
    return [x for x in r]
def keeps(r):
    kept = []
    for x in r:
        kept.append(x)
        x += 1
        x *= 2
    return kept
def body():
    top = sys.maxsize
    for r in (range(0), range(5), range(10, 0, -3), range(top - 2, top),
              range(top, top + 2),
              range(-top - 1, -top + 1), range(-top, -top - 3, -1), range(254, 260),
              range(2**30 - 1, 2**30 + 1), range(10**50, 10**50 + 2), range(-7, -3),
              range(0, top, top // 2), range(-top - 1, top, top)):
        log(loop(r), keeps(r), list(r))
    it = iter(range(3))
    def one(it):
        for x in it:
            return x
    log(one(it), it.__length_hint__(), it.__reduce__()[2:], one(it), one(it), one(it))
""",
    "zip and enumerate: who is asked, and how often": """
class Noisy:
    def __init__(self, name, n):
        self.name = name
        self.n = n
    def __iter__(self):
        return self
    def __next__(self):
        log(self.name)
        self.n -= 1
        if self.n < 0:
            raise StopIteration
        if self.n == 7:
            raise KeyError(self.name)
        return self.n
def loop(it):
    found = []
    for a, b in it:
        found.append((a, b))
    return found
def three(it):
    return [(a, b, c) for a, b, c in it]
def body():
    for n, m in ((2, 2), (1, 2), (2, 1), (0, 1), (9, 9), (3, 9), (9, 3)):
        log(attempt(loop, zip(Noisy("a", n), Noisy("b", m))))
        log(attempt(loop, zip(Noisy("a", n), Noisy("b", m), strict=True)))
        log(attempt(loop, enumerate(Noisy("e", n), m)))
    log(attempt(loop, zip([1])), attempt(loop, zip()))
    log(attempt(loop, zip([1], [2], [3])))
    log(attempt(three, zip([1], [2], [3])), attempt(loop, enumerate([(1, 2)], 2**70)))
    log(loop(enumerate("abc", sys.maxsize - 1)), loop(enumerate("ab", -1)))
    e = enumerate("abc")
    for a, b in e:
        log(a, b, attempt(next, e))
    z = zip("abc", "xyz")
    for a, b in z:
        log(a, b, attempt(next, z))
    def reenters():
        yield 1
        log(attempt(next, own[0]))
        yield 2
    own = [None]
    own[0] = enumerate(reenters())
    log(loop(own[0]))
    own[0] = zip(reenters(), [1, 2, 3])
    log(loop(own[0]))
""",
    "targets of every kind": """
class O:
    def __setattr__(self, name, value):
        log(name, value)
class S(dict):
    def __setitem__(self, key, value):
        log(key, value)
def body():
    o, s = O(), S()
    for o.a, o.b in zip([1, 2], [3, 4]): pass
    for o.a, o.b in {1: 2}.items(): pass
    for s["a"], s["b"] in enumerate("xy"): pass
    for k, k in {1: 2, 3: 4}.items(): log(k)
    for a, (b, c) in enumerate([(1, 2), [3, 4], "xy"]): log(a, b, c)
    for (a, b), c in {(1, 2): 3}.items(): log(a, b, c)
    for a, *b in zip([1], [2]): log(a, b)
    def free():
        for x, y in zip("ab", "cd"):
            (lambda: log(x, y))()
    free()
    for pair in zip("a", "b"): log(pair)
    log([pair for pair in enumerate("ab")], {v: k for k, v in {1: 2}.items()})
    def wrong():
        for a, b in [(1, 2), (3,)]: log(a, b)
    log(attempt(wrong))
""",
    "text that is appended to, and seen elsewhere": """
def grow(s, n):
    for i in range(n):
        s += "x"
    return s
def kept(s, n):
    seen = []
    for i in range(n):
        seen.append(s)
        s += str(i)
    return seen, s
def cells(s, n):
    def look():
        return s
    for i in range(n):
        s += "c"
    return look(), s
def twice(s):
    t = s
    s += s
    u = s
    s = s + t
    return s, t, u
def swaps(s, t):
    s = t + s
    t += s
    return s, t
def other(s, t):
    u = s + t
    s = u
    return s is u, u
def fails(s):
    try:
        s += 5
    except TypeError as error:
        return s, str(error)
def hashed(s):
    d = {s: 1}
    s += "y"
    return d, s, s in d
def deleted(s):
    s += "z"
    t = s
    del s
    t += "w"
    return t
class C:
    text = ""
def attribute(n):
    for i in range(n):
        C.text += "a"
    found, C.text = C.text, ""
    return found
def unicode(s):
    s += "é"
    s += "€"
    s += "\\U0001f600"
    return s
def body():
    base = "b" * 3
    for f in (grow, kept, cells):
        log(f(base, 5), f("", 3), base)
    log(twice(base), swaps(base, "t"), other(base, "t"), fails(base), hashed(base))
    log(deleted(base), attribute(4), unicode(base), unicode(""), base)
    interned = sys.intern("inter" + "ned")
    log(grow(interned, 2), interned is sys.intern("interned"))
    class S(str):
        def __add__(self, other):
            return "own add"
        def __iadd__(self, other):
            return "own iadd"
    log(grow(S("s"), 1), other(S("s"), "t"), grow("s", 1))
""",
    "one code with many namespaces": """
import types, builtins
def f():
    return value, attempt(lambda: missing), len([1])
def g():
    return value, len
class Sub(dict):
    def __getitem__(self, name):
        log("asked", name)
        return dict.__getitem__(self, name)
    def __missing__(self, name):
        if name[0] == "_":
            raise KeyError(name)
        return "missing " + name
value = "module"
def body():
    for names in ({"value": 1}, {"value": 2, "len": 3}, {"len": 1, "value": 2},
                  Sub(value=3), Sub(), {"value": 4, 5: 6},
                  {"value": 7, "__builtins__": {"len": "own"}},
                  {"value": 8, "__builtins__": {}},
                  {"value": 9, "__builtins__": builtins}):
        h = types.FunctionType(g.__code__, names)
        for _ in range(3):
            log(attempt(h), attempt(g))
        names["len"] = "late"
        log(attempt(h))
        names.pop("value", 0)
        log(attempt(h))
        log(attempt(exec, g.__code__.replace(co_name="again"), names))
    source = compile("value = value + 1; seen = len", "<names>", "exec")
    for names in ({"value": 1}, Sub(value=1)):
        for _ in range(4):
            exec(source, names)
        log(names["value"], names["seen"])
        local = Sub(value=5)
        exec(source, names, local)
        log(names["value"], local["value"])
""",
    "builtins shadowed and patched": """
import builtins
def f():
    return len([1, 2]), max(1, 2), isinstance(1, int)
def body():
    kept = builtins.len, builtins.max
    log(f(), f(), f())
    globals()["len"] = lambda x: "shadowed"
    log(f())
    del globals()["len"]
    log(f())
    builtins.len = lambda x: "patched"
    builtins.isinstance, old = (lambda x, y: "patched"), isinstance
    log(f())
    builtins.len, builtins.isinstance = kept[0], old
    log(f())
    globals()["max"] = 5
    log(attempt(f))
    del globals()["max"]
    builtins.extra = 1
    log(f(), extra)
    del builtins.extra
    log(attempt(lambda: extra))
""",
    "loops with bodies of more than 65535 bytes": """
source = "def f(it):\\n    n = 0\\n    for x in it:\\n"
source += "        n = n + x\\n" * 4000 + "    return n\\n"
names = {}
exec(source, names)
def gen(n):
    for i in range(n):
        yield i
def body():
    f = names["f"]
    log(f(gen(3)), f([1]), f(range(2)), f(x for x in (1.5,)), attempt(f, gen("a")))
""",
    "comparisons that are no bools": """
class Odd:
    def __init__(self, value):
        self.value = value
    def __eq__(self, other):
        return self.value
    __lt__ = __contains__ = __eq__
class BadBool:
    def __bool__(self):
        raise KeyError("bool")
class Evil:
    def __eq__(self, other):
        items.clear()
        return False
    def __hash__(self):
        return 1
items = []
def f(a, b):
    return a == b, a < b, 1 if a == b else 2, 1 if not a < b else 2
def g(a, b):
    if a in b:
        return "in"
    while a not in b:
        return "not in"
def body():
    for a in (1, 1.5, "a", Odd([]), Odd([1]), Odd(BadBool()), None):
        for b in (1, 1.5, "a", Odd([]), Odd(BadBool())):
            log(attempt(f, a, b))
        for b in ([1], (1,), {1}, {1: 2}, "a", Odd([]), Odd(BadBool()), 5):
            log(attempt(g, a, b))
    items[:] = [Evil(), 1, 2]
    log(attempt(g, Evil(), items), items)
    d = {Evil(): 1}
    log(attempt(g, 1, d), attempt(lambda: d[1]), len(d))
""",
}
PROGRAMS = {name: PRELUDE + body for name, body in BODIES.items()}
