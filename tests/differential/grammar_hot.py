"""Statements that specialize and miss: small functions run often, \
    on changing operands.

``hot(function, plan, *cases)`` of the prelude calls the function with the case that
each digit of the plan names, or runs a case that is itself a function: a change to a
class, a module or another function in the middle.  ``WORDS`` says what the holes that
only these templates use may hold (``~`` is a space); its values are new in each run
and none is large, so that a hundred turns of one operation stay small.  ``$plan`` is
made in ``gen.py``.
"""

WORDS = {
    "any": """
        0 1 -1 5 255 256 1000 2**30-1 2**30 -(2**30) 2**60-1 2**60 -(2**60) 2**63 BIG
        True False 0.0 1.5 -0.0 inf nan 1e308 '' 'a' 'abc' '\\u00e9' '\\u2603x' b'ab'
        None ... [] [1,2,3] [2.5] () (1,2) (3,4,5) {} {'a':1} {1:2,-1:3} {1,2}
        frozenset((1,2)) range(3) Whole(5) Whole(2**40) Real(1.5) Text('ab')
        Items((1,2)) Pair((1,2)) Table(a=1) Number(3) Base(2) Slots(1) slice(0,2) int
    """,
    "num": """
        0 1 2 -1 -2 3 7 -7 255 256 257 1000 -1000 2**15 2**29 2**30-1 2**30 2**30+1
        -(2**30)+1 -(2**30) -(2**30)-1 2**31 2**45 2**59 2**60-1 2**60 2**60+1
        -(2**60)+1 -(2**60) -(2**60)-1 2**61 2**62 2**63-1 2**63 -(2**63) -(2**63)-1 BIG
        True False 0.0 -0.0 0.5 1.5 -1.5 3.0 1e16 1e308 -1e308 5e-324 inf -inf nan
        float(2**53) float(2**60) Whole(3) Real(2.5)
    """,
    "int": """
        0 1 2 -1 -3 5 100 256 257 2**15 2**29 2**30-1 2**30 2**30+1 -(2**30)+1 -(2**30)
        -(2**30)-1 2**45 2**59+1 2**60-1 2**60 -(2**60)+1 -(2**60) 2**62 2**63-1
        -(2**63) BIG
    """,
    "real": """
        0.0 -0.0 0.5 1.5 -1.5 3.0 1e16 1e308 -1e308 5e-324 inf -inf nan float(2**53) 2.0
        -7.25 1e-200 Real(2.5)
    """,
    "text": """
        '' 'a' 'ab' 'abc' 'b' '\\u00e9' '\\u00e9a' '\\u2603' '\\U0001f40d' 'x'*9
        Text('ab') Text('')
    """,
    "seq": """
        [] [7] [1,2,3] [1,2.5,None,'x'] () (7,) (1,2,3) '' 'abc' '\\u00e9b\\u2603' b'ab'
        {0:1,-1:2,'a':3} {} {True:1} range(5) Items((1,2,3)) Pair((1,2)) Text('abc')
        Table({0:5}) Base(1) Row() None bytearray(b'xyz')
    """,
    "idx": """
        0 1 2 -1 -2 -3 -4 3 2**30 2**60 -(2**63) BIG True False None 'a' 1.0 Whole(1)
        slice(None) slice(1,None) slice(None,-1) slice(0,2) slice(2,0) slice(-2,None)
        slice(None,None,2) slice(None,None,-1) slice(BIG,None) slice('a') slice(5,9)
        slice(-9,1) slice(True,3) slice(0,2**62) (1,) []
    """,
    "op": "+ - // % & | ^ / @",
    "nop": "+ - * // % & | ^ / + - *",
    "arith": "+ - *",
    "cmp": "< <= == != > >=",
    "obj": """
        Base(1) Derived(2) Number(3) Slots(4) Plain(5) Plain(6) Answers(7) Override(8)
        Both(9) Described(1) Meant(1) filled(Base(1)) filled(Plain(2)) Items((1,))
        Table(i=1) Whole(3) None 5 'ab' ValueError(1) Plain SlotsAndDict(1) Hidden(2)
    """,
    "own": "i l f t extra zz",
    "at": "i m p d shared name fallback zz f t value both nondata only s c real args",
    "do": "m s c self upper append method keys bit_length",
    "fn": """
        abs int str len twice type tuple list repr bool float Base Slots Plain Number(2)
        Number(2).m Base(3).m Base.s Base(2).s Derived.c [5].append {1,2}.add
        (lambda*q:q) (lambda*q:len(q)) (lambda*q,**w:(q,sorted(w))) partial(max,3)
        shapes strict attempt Failing Returning Fresh Meant Items 'a,b'.split 'ab'.join
        sorted max min isinstance getattr divmod Base.m Slots(2).m range iter dict zip
        sum
    """,
    "items": """
        [1,2,3] [] (1,2) () range(4) range(0) range(2**62,2**62+2) range(5,0,-2) 'abc'
        {1:2,3:4} {1:2}.keys() {1:2}.values() {1:2}.items() {5} b'ab' iter([1,2])
        reversed([1,2]) map(twice,[1,2]) filter(None,[0,1]) zip([1],[2]) enumerate('ab')
        Steps(3) Steps(0) Iterable(2) numbers(3) (q~for~q~in~[1,2]) None 5 Base(1) Row()
        Items((4,5)) chain([1],(2,))
    """,
    "pairs": """
        {1:2,3:4}.items() {}.items() Table(a=1).items() enumerate([5,6])
        enumerate('ab',2**30-1) enumerate('abc',2**60) enumerate(Steps(2),2**63-2)
        enumerate([9],BIG) enumerate(numbers(3)) zip([1,2],(3,4,5))
        zip(Steps(3),Steps(2)) zip(Steps(2),Steps(3)) zip([1],[2],strict=True)
        zip([1],[2,3],strict=True) zip([1],[2],[3]) zip() zip('ab') [(1,2),(3,4)]
        [[1,2]] [(1,2,3)] [1] ['ab'] zip(numbers(3),numbers(2)) ((q,q)~for~q~in~[1])
        {1:2}.keys() enumerate(Breaks(2)) zip(Breaks(2),[1,2]) zip([1,2],Breaks(1))
        reversed({1:2}.items())
    """,
    "change": """
        (lambda*q:(len(q),"changed")) (lambda*q:3) (lambda*q,**w:None) (lambda*q:q[1:])
        (lambda*q:no_such_name)
    """,
    "patch": """
        5 None 'patched' property(lambda*q:9) (lambda*q:(len(q),3)) Counting() NonData()
        staticmethod(lambda*q:len(q)) classmethod(lambda*q:len(q)) Number(4)
        partial(max,1) abs Plain Calls()
    """,
    "cls": "Base Plain Answers Base Number Derived SlotsAndDict",
    "am": "a m a m i",
    "truthy": "__bool__ __len__",
    "key": "i k s q v",
    "signature": """
        a,b=2 a,b=2,*c a,/,b=2,**w a,*c,b=4 a,b=2,*,c=3 *a,b=1 a=1,b=2,c=3 a,b
        a,b=2,*rest,c=3,**w
    """,
    "defaults": "(7,) (8,9) None () (1,2,3)",
    "one": """
        abs ord chr bool int float str tuple list repr type len sorted sum min iter
        callable next set frozenset dict any all bin round ascii enumerate
    """,
    "unbound": """
        b c+b b+c b+1 1+b b<c c<b b<1 1<b b.real b[0] c[b] (b,c) (c,b) (not(b))
        (b~is~None) f"{b}" b(1) len(b) [b,1] {**b} (b~if~b~else~c) (1~if~b~else~2) -b
        b[c:] (b~and~c) str(b) a+b b+a
    """,
    "unboundstatement": """
        d[b]=1 d[0]=b d.x=b b.x=d b+=1 b[0]=d b=b d=b b=d;b=b del~b c=b;d=c b[0]+=1
        e=d;f=b assert~b b.i+=1
    """,
}

HOT = """
-- hot_binary 5
hot(lambda a, b: (a $op b, a, b), $plan, ($any, $any), ($any, $any), ($num, $num))

-- hot_numbers 6
hot(lambda a, b: (a $nop b, a, b), $plan, ($num, $num), ($num, $num), ($num, $num))

-- hot_ints 5
hot(lambda a, b: (a $nop b, a, b), $plan, ($int, $int), ($int, $int), ($num, $int))

-- hot_floats 3
hot(lambda a, b: (a $nop b, a, b), $plan, ($real, $real), ($real, $real), ($real, \
    $int))

-- hot_chain 4
hot(lambda a, b, c: ((a $arith b) $arith c $arith (a $arith b) $arith b, a, b, c), \
    $plan, ($num, $num, $num), ($int, $int, $int), ($real, $real, $num))

-- hot_chain_locals 3
def step(a, b):
    c = a $arith b
    d = c
    c = c $arith a $arith $num
    e = (c $arith b) - c
    c -= 1
    return a, b, c, d, e
hot(step, $plan, ($int, $int), ($num, $num), ($real, $num))

-- hot_constant 3
hot(lambda a: (a $nop $num, $num $arith a), $plan, ($num,), ($int,), ($real,))

-- hot_shift 2
hot(lambda a, b: (a << (b & 63), a >> (b & 127), a >> b), $plan, ($int, $int), \
    ($int, $num), ($num, $int))

-- hot_power 2
hot(lambda a, b: (a ** b), $plan, ($real, $n), ($real, -$n), ($num, $n), (2.0, $real))

-- hot_repeat 1
hot(lambda a, b: a * b, $plan, ($seq, $n), ($n, $text), ($int, 3))

-- hot_inplace 3
def step(a, b):
    kept = a
    a $op= b
    return a, kept, b
hot(step, $plan, ($any, $any), ($num, $num), ($any, $any))

-- hot_inplace_numbers 3
def step(a, b):
    kept = a
    for _ in range(3):
        a $arith= b
    a $nop= $num
    return a, kept, b
hot(step, $plan, ($int, $int), ($real, $num), ($num, $num))

-- hot_sum 2
def total(values):
    found = $n
    for value in values:
        found $arith= value
    return found
hot(total, $plan, ([$int, $int, $int],), (($num, $num, $num),), (range(9),), \
    ([$real, $num],))

-- hot_string_grows 4
def grow(s, part, turns):
    other = s
    for _ in range(turns):
        s += part
    return s, other
hot(grow, $plan, ($text, $text, 3), ($text, $text, 2), ($any, $text, 1))

-- hot_string_aliased 2
def grow(s, part):
    seen = []
    for q in part:
        s += q
        seen.append(s)
        s = s + part
    if isinstance(s, str):
        s += s
    return s[-9:], seen
hot(grow, $plan, ($text, $text), ($text, $text), ($any, $any))

-- hot_string_cell 1
def grow(s, part):
    def inner():
        nonlocal s
        s += part
        return s
    inner()
    s += part
    return s, inner()
hot(grow, $plan, ($text, $text), ($text, $text), ($num, $num))

-- hot_string_deleted 1
def grow(s, part):
    try:
        s += part
        del s
        s += part
    except UnboundLocalError as error:
        return str(error)
hot(grow, $plan, ($text, $text), ($any, $text))

-- hot_subscript 5
hot(lambda a, k: a[k], $plan, ($seq, $idx), ($seq, $idx), ($seq, $idx))

-- hot_subscript_list 3
hot(lambda a, k: (a[k], a), $plan, ([1, 2.5, "x"], $idx), ((1, 2, 3), $idx), ("abc", \
    $idx), ({0: 1, True: 2}, $idx))

-- hot_subscript_fixed 2
hot(lambda a: (a[0], a[-1], a[1:], a[:-1], a[$n:$n]), $plan, ($seq,), ($seq,), ([1, \
    2],))

-- hot_store_item 4
def put(a, k, v):
    a[k] = v
    return a, v
hot(put, $plan, ([1, 2, 3], $idx, $any), ($seq, $idx, $any), ({}, $any, 1), ($seq, \
    $idx, 5))

-- hot_store_item_dies 1
def put(a, k, v):
    a[k] = Mortal(v)
    a[k] += 1
hot(put, $plan, ([1, 2, 3], $idx, $num), ({}, $idx, 2), ([5], 0, 3))

-- hot_swap 2
def swap(a, i, j):
    a[i], a[j] = a[j], a[i]
    del a[i]
    a.append(i)
    return a
hot(swap, $plan, ([1, 2, 3], $n, $n), ([4, 5], $n, -1), (bytearray(b"xyz"), 0, 1))

-- hot_getitem 3
class Line:
    def __getitem__(self, key):
        return key, $num
    def other(self, key, more=$n):
        return more
hot(lambda a, k: a[k], $plan, (Line(), $idx), ($seq, 0), lambda: setattr(Line, \
    "__getitem__", $change), lambda: setattr(Line, "__getitem__", Line.other), \
    (Line(), 1))

-- hot_compare 5
hot(lambda a, b: (a $cmp b, 1 if a $cmp b else 2), $plan, ($num, $num), ($any, \
    $any), ($text, $text), ($int, $int))

-- hot_compare_jump 3
def count(a, b):
    turns = 0
    while a $cmp b and turns < 3:
        turns += 1
        a += 1
    if not a $cmp b:
        turns -= 10
    return turns
hot(count, $plan, ($int, $int), ($num, $num), ($text, $text), ($n, 3))

-- hot_compare_constant 2
hot(lambda a: (a == $any, 1 if a $cmp $num else 2, a != "ab", "ab" < a), $plan, \
    ($num,), ($text,), ($any,))

-- hot_compare_identity 2
class Plain:
    pass
plain = Plain()
hot(lambda a, b: (a == b, a != b, 1 if a == b else 2), $plan, (plain, plain), \
    (Plain(), None), (plain, Plain()), (None, $any), (plain, $num), lambda: setattr( \
    Plain, "__eq__", lambda self, other: [other]), (plain, None))

-- hot_contains 3
hot(lambda a, b: (a in b, 1 if a not in b else 2), $plan, ($any, $seq), ($any, [1, \
    2.5, "ab"]), ($any, {1, 2, "ab"}), ($text, $text))

-- hot_truth 4
hot(lambda a: (not a, 1 if a else 2, a and 3, a or 4, a is None), $plan, ($any,), \
    ($any,), ($obj,))

-- hot_truth_changes 2
class Truth:
    pass
truth = Truth()
hot(lambda a: 1 if a else 2, $plan, (truth,), lambda: setattr(Truth, "$truthy", \
    lambda self: $n), lambda: delattr(Truth, "$truthy"), (truth,))

-- hot_while 1
def drain(a):
    turns = 0
    while a:
        turns += 1
        a = a[1:] if turns < 4 else 0
    while not a and turns > -2:
        turns -= 1
    return turns
hot(drain, $plan, ($seq,), ($text,), ($any,))

-- hot_none 1
def chain_of(a):
    turns = 0
    while a is not None:
        a = None if turns > 2 else a
        turns += 1
    if a is None:
        turns += 5
    return turns
hot(chain_of, $plan, ($any,), (None,))

-- hot_unpack 3
def take(a):
    p, q = a
    return q, p
hot(take, $plan, ($seq,), ((1, 2),), ([$num, 2],), ($items,), ("xy",))

-- hot_unpack_three 2
def take(a):
    p, q, r = a
    (s, t), u = (p, q), r
    return r, q, p, s, t, u
hot(take, $plan, ($seq,), ((1, 2, 3),), ([1, 2, 3],), ($items,))

-- hot_for 6
def walk(make):
    found = []
    for p in make():
        found.append(p)
        if len(found) > 6:
            break
    else:
        found.append("end")
    return found
hot(walk, $plan, (lambda: $items,), (lambda: $items,), (lambda: $items,))

-- hot_for_nested 2
def walk(first, second):
    found = 0
    for p in first():
        for q in second():
            if found > 9:
                continue
            found += 1
        if found > 5:
            break
    return found
hot(walk, $plan, (lambda: $items, lambda: $items), (lambda: range(3), lambda: $items))

-- hot_for_pairs 5
def walk(make):
    found = []
    for p, q in make():
        found.append((q, p))
        if len(found) > 5:
            break
    return found
hot(walk, $plan, (lambda: $pairs,), (lambda: $pairs,), (lambda: $pairs,))

-- hot_for_pairs_kept 2
def walk(make):
    kept = make()
    for p, q in kept:
        break
    found = [p, q]
    for p, q in kept:
        found += [q, p]
    return found, next(iter(kept), "done")
hot(walk, $plan, (lambda: $pairs,), (lambda: $pairs,))

-- hot_for_changes_list 1
def walk(a):
    seen = []
    for p in a:
        seen.append(p)
        if len(a) < 6:
            a.append(p)
        else:
            a.pop()
    return seen
hot(walk, $plan, ([1, 2],), ([3],), (Items((1, 2)),))

-- hot_for_changes_dict 2
def walk(a):
    for p, q in a.items():
        a[p] = q + 1
        if q > $n:
            a[len(a)] = 0
    return a
hot(walk, $plan, ({1: 2, 3: 4},), (Table(a=1),), ({"a": $n},))

-- hot_for_reentered 1
def walk(n):
    found = []
    def inner():
        for p in range(n):
            found.append(next(outer, None))
            yield p
    outer = enumerate(inner())
    for p, q in outer:
        found.append((p, q))
    return found
hot(walk, $plan, (3,), (0,))

-- hot_generators 3
def made(n, fail):
    try:
        for p in range(n):
            if p == fail:
                raise $E(p)
            got = yield p
            if got:
                yield got
    finally:
        log("made ends")
    return n
def walk(n, fail, stop):
    found = []
    for p in made(n, fail):
        found.append(p)
        if p == stop:
            break
    return found
hot(walk, $plan, (3, 9, 9), (3, 1, 9), (4, 9, $n), (0, 0, 0))

-- hot_delegation 3
def inner(n):
    try:
        got = yield n
        log("inner got", got)
        return got
    except $E as error:
        yield "caught"
        return 5
def outer(make):
    result = yield from make()
    return result, 1
def run(make, step):
    g = outer(make)
    found = [next(g)]
    try:
        found.append(step(g))
        found += g
    except StopIteration as stop:
        found.append(stop.value)
    return found
hot(run, $plan, (lambda: inner($n), lambda g: g.send(5)), (lambda: inner(1), \
    lambda g: g.throw($E(2))), (lambda: $items, next), (lambda: numbers(2), \
    lambda g: g.close()))

-- hot_await 2
async def inner(n):
    if n > 2:
        raise $E(n)
    return await Await(n)
async def outer(n):
    try:
        return await inner(n) + await waiting(n)
    except $E as error:
        note(error)
        return await Await(n)
hot(lambda n: drive(outer(n)), $plan, (1,), (3,), ($any,))

-- hot_async_for 1
async def source(n):
    for p in range(n):
        yield await Await(p)
async def outer(make):
    found = [p async for p in make()]
    async for q in make():
        found.append(q)
        break
    async with AsyncManager(1) as m:
        found.append(m)
    return found
hot(lambda make: drive(outer(make)), "012", (lambda: source($n),), \
    (lambda: stream(2),), (lambda: $items,))

-- hot_global 3
def look():
    return extra
hot(look, $plan, (), lambda: globals().__setitem__("extra", $num), (), \
    lambda: globals().pop("extra", None), \
    lambda: globals().__setitem__("more%d" % len(LOG), 1))
globals().pop("extra", None)

-- hot_global_store 2
def bump(q):
    global extra
    extra = q
    extra += 1
    return extra, len("ab")
hot(bump, $plan, ($num,), ($num,), lambda: globals().pop("extra", None))
globals().pop("extra", None)

-- hot_builtin_shadowed 3
def size(a):
    return len(a), max(a, default=3)
hot(size, $plan, ($seq,), lambda: globals().__setitem__("len", lambda q: 42), \
    lambda: globals().pop("len", None), ([1, 2],))
globals().pop("len", None)

-- hot_module 2
module = type(sys)("made")
module.a, module.b = $num, $num
def read(q):
    q.c = module.a
    return q.a, q.b, module.c
hot(read, $plan, (module,), lambda: setattr(module, "a", $num), \
    lambda: delattr(module, "b"), lambda: setattr(module, "b", 1), (Plain(1),), \
    lambda: setattr(module, "__getattr__", lambda name: name))

-- hot_import 1
def load(q):
    import math as m
    return m.floor(q), m.pi > q, sys.maxsize > 5
hot(load, $plan, ($real,), ($num,))

-- hot_attribute 8
hot(lambda q: q.$at, $plan, ($obj,), ($obj,), ($obj,))

-- hot_attribute_two 3
first, second = $obj, $obj
hot(lambda q: (q.$at, q.i), $plan, (first,), (second,), lambda: setattr(first, \
    "$own", $num), lambda: setattr(second, "$at", 5), lambda: vars(first))

-- hot_attribute_no_dict 2
hot(lambda q: (q.shared, q.i), $plan, (Slots($n),), ($obj,), (Slots($n),), \
    lambda: setattr(Slots, "shared", $patch), lambda: delattr(Slots, "shared"))

-- hot_method_lazy 2
hot(lambda q, v: (q.add_note(v), q.__notes__), $plan, (ValueError(1), "a"), \
    (KeyError(2), $text), ($obj, 1), lambda: setattr(Plain, "add_note", $change))

-- hot_method 6
hot(lambda q, v: q.$do(v), $plan, ($obj, 1), ($obj, $num), ($obj, 2))

-- hot_method_none 2
hot(lambda q: q.$do(), $plan, ($obj,), ($obj,), ($text,))

-- hot_store_attribute 5
def put(q, v):
    q.$own = v
    return q.$own
hot(put, $plan, ($obj, $num), ($obj, $any), ($obj, 1))

-- hot_store_attribute_order 3
def put(q, v):
    if v:
        q.b = v
        q.a = v
    else:
        q.a = 1
        q.c = 2
    del q.a
    q.a = v
    return list(vars(q))
hot(put, $plan, (Plain(1), 1), (Plain(2), 0), (filled(Plain(3)), 1), (Base(1), 1), \
    lambda: Plain(4).__dict__)

-- hot_store_attribute_dies 2
def put(q, v):
    q.kept = Mortal(v)
    q.kept = None
    q.i = Mortal(v)
hot(put, $plan, (Plain(1), 1), ($obj, 2), (Slots(2), 3))

-- hot_augmented_attribute 2
def bump(q, v):
    q.i += v
    q.i -= 1
    return q.i
hot(bump, $plan, ($obj, $n), ($obj, $num), ($obj, 1))

-- hot_attribute_materialized 3
box = Plain($n)
def read(q):
    q.i = 5
    q.extra = q.i
    return q.i, q.extra, q.only
hot(read, $plan, (box,), lambda: vars(box), lambda: vars(box).update(only=7), \
    (filled(Plain(1)),), lambda: vars(box).pop("i"), lambda: setattr(box, \
    "__dict__", {"i": $n}))

-- hot_attribute_globals 1
box = Plain(1)
def read(q, v):
    q.extra = v
    return q.extra, extra
hot(read, $plan, (box, $num), lambda: setattr(box, "__dict__", globals()), \
    lambda: setattr(box, "__dict__", Table()), lambda: globals().pop("extra", None))
globals().pop("extra", None)

-- hot_class_attribute 3
hot(lambda q: q.$at, $plan, (Base,), (Derived,), (Meant,), (Slots,), (Plain,), \
    (int,), (type,))

-- hot_class_method 2
hot(lambda q, v: (q.c(v), q.s(v)), $plan, (Base, 1), (Derived, 0), (Meant, 1), \
    (Number(1), 2), (Base(1), 0))

-- hot_class_patched 5
class Made($cls):
    a = $n
    def m(self, i=1):
        return i, self.a
made, other = Made(), Made()
hot(lambda q: (q.a, q.m(1)), $plan, (made,), lambda: setattr(Made, "$am", $patch), \
    (other,), lambda: setattr(made, "a", $num), lambda: setattr(Made, "$am", \
    $patch), lambda: delattr(Made, "a"))

-- hot_class_patched_base 2
class Made(Plain):
    pass
class Over(Made):
    a = 2
made = Over(1)
hot(lambda q: (q.only, q.a, q.m(1)), $plan, (made,), lambda: setattr(Plain, "only", \
    $patch), lambda: setattr(Made, "m", $change), lambda: setattr(Made, "a", \
    $patch), lambda: delattr(Over, "a"), lambda: setattr(Over, "__bases__", \
    (Answers,)))

-- hot_hooks_patched 3
class Made(Plain):
    def __getattr__(self, name):
        return "hook", name
made = Made(1)
hot(lambda q: (q.i, q.zz), $plan, (made,), (Plain(2),), lambda: setattr(Made, \
    "__getattr__", $change), lambda: setattr(Made, "__getattribute__", $change), \
    lambda: delattr(Made, "__getattribute__"), lambda: setattr(made, "zz", 4), \
    lambda: setattr(Made, "zz", $patch), lambda: delattr(Made, "__getattr__"))

-- hot_property_patched 3
class Made(Plain):
    @property
    def p(self):
        return self.i
    d = Counting()
made = Made(1)
hot(lambda q: (q.p, q.d), $plan, (made,), lambda: setattr(Made, "p", $patch), \
    lambda: setattr(Made, "p", property($change)), lambda: Made.p.__init__($change), \
    lambda: vars(made).update(p=5, d=6), lambda: setattr(Made, "d", $patch))

-- hot_descriptor_patched 2
class Gives:
    def __get__(self, instance, owner):
        return "gives"
    def __set__(self, instance, value):
        log("set")
class Made(Plain):
    g = Gives()
made = Made(1)
vars(made)["g"] = "own"
def use(q):
    q.g = 1
    return q.g
hot(use, $plan, (made,), lambda: delattr(Gives, "__set__"), lambda: setattr(Gives, \
    "__set__", lambda *q: log("other")), lambda: setattr(Gives, "__get__", $change), \
    lambda: delattr(Gives, "__get__"), (Plain(2),))

-- hot_watchers 2
def work(v):
    first = Watcher(v)
    second = Watcher(v)
    second = None
    if v == 3:
        raise $E(v)
    return first.i
def caller_of(v):
    Watcher(v)
    third = [Watcher(v), work(v)]
    return work(v) $arith v
hot(caller_of, $plan, ($num,), ($n,), (3,))

-- hot_watched_stores 1
def work(q, v):
    q.i = Watcher(v)
    q.i = v
    box = [Watcher(v), {1: Watcher(v)}]
    box[0] = v
    box[1][1] = v
    box[:] = []
    v = Watcher(v)
    v = Watcher(v.i)
    return q.i
hot(work, $plan, ($obj, $num), (Plain(1), 2), (Slots(2), 3))

-- hot_watched_generators 1
def made(v):
    kept = Watcher(v)
    yield Watcher(v).i
    kept = yield kept.i
def work(v):
    for p in made(v):
        if v == p:
            break
    return list(made(v))
hot(work, $plan, ($n,), ($num,))

-- hot_class_of_changes 2
class One(Plain):
    a = 1
    def m(self, i):
        return "one"
class Two(Plain):
    a = 2
    def m(self, i):
        return "two"
made = One(3)
hot(lambda q: (q.a, q.i, q.m(2)), $plan, (made,), lambda: setattr(made, "__class__", \
    Two), lambda: setattr(made, "__class__", One), (Two(1),))

-- hot_metaclass_patched 2
class Kind(type):
    pass
class Made(metaclass=Kind):
    a = $n
    def m(self):
        return 1
hot(lambda q: (q.a, q.m(q)), $plan, (Made,), lambda: setattr(Kind, "a", $patch), \
    lambda: setattr(Made, "a", $patch), lambda: setattr(Kind, "m", $change), \
    lambda: delattr(Kind, "a"), (Plain,))

-- hot_super 4
class Made($cls1):
    tag = "made"
    def __init__(self, i=1):
        super().__init__(i)
    def m(self, i):
        return super().m(i), super().shared, super().tag
hot(lambda q, v: q.m(v), $plan, (Made(), 1), (Made(2), $num), lambda: setattr($cls1, \
    "m", $change), lambda: setattr($cls1, "tag", $patch), lambda: setattr(Made, "m", \
    $change))

-- hot_super_cell 2
class Made(Base):
    def m(self, i):
        kept = lambda: self
        found = super().m(i), super().name
        if i == 3:
            self = Base(7)
            found += (super().m(i),)
        if i == 4:
            del self
            super().m(i)
        return found, __class__.__name__
hot(lambda q, v: q.m(v), $plan, (Made(), 1), (Made(), $n), (Made(2), 3), \
    lambda: globals().__setitem__("super", type), lambda: globals().pop("super", \
    None))
globals().pop("super", None)

-- hot_super_class 1
class Made(Base):
    @classmethod
    def c(cls, i):
        return super().c(i)
    @staticmethod
    def s(i):
        return super().s(i)
    @property
    def p(self):
        return super().p, super().d
hot(lambda q, v: (q.c(v), q.p), $plan, (Made(1), 1), (Made(2), 0))
hot(lambda q: q.s(q), $plan, (Made(1),), (Base(1),))

-- hot_calls 6
hot(lambda f, v: f(v), $plan, ($fn, $any), ($fn, $num), ($fn, $any))

-- hot_calls_two 4
hot(lambda f, v, w: f(v, w), $plan, ($fn, $any, $any), ($fn, $num, $num), ($fn, 1, 2))

-- hot_calls_none 2
hot(lambda f: f(), $plan, ($fn,), ($fn,), (lambda: $num,))

-- hot_calls_keywords 4
hot(lambda f, v: f(v, i=1), $plan, ($fn, $any), ($fn, $n), (lambda v, i: (i, v), 1))

-- hot_calls_one_keyword 2
hot(lambda f, v: f($key=v), $plan, ($fn, $num), ($fn, $any), (Base, 2), (shapes, 3))

-- hot_calls_spread 2
hot(lambda f, v, w: f(*v, **w), $plan, ($fn, (1,), {}), ($fn, $seq, {"i": 2}), \
    (shapes, (1, 2), {"k": $num}))

-- hot_signature 4
def shaped($signature):
    return sorted(locals().items())
hot(lambda f: (f(1), f(1, 2), f(1, b=3)), $plan, (shaped,), (lambda *q, **w: (q, \
    w),), lambda: setattr(shaped, "__defaults__", $defaults), \
    lambda: setattr(shaped, "__kwdefaults__", {"c": $n}))

-- hot_code_patched 4
def target(a, b=2):
    return a, b
def other($signature):
    return "other", a
def call(f):
    return f(1), f(1, 3)
hot(call, $plan, (target,), lambda: setattr(target, "__code__", other.__code__), \
    lambda: setattr(target, "__defaults__", $defaults), lambda: setattr(target, \
    "__code__", $change.__code__), (twice,))

-- hot_function_patched 2
def helper(a):
    return a, 1
def call(v, f=helper):
    return f(v)
hot(lambda v: call(v), $plan, ($num,), lambda: setattr(helper, "__code__", \
    (lambda a: (a, 2)).__code__), lambda: setattr(call, "__code__", (lambda v, \
    f: ("new", f(v))).__code__))

-- hot_init 4
class Made($cls):
    def __init__(self, i=1):
        self.i = i
        if i == 5:
            raise ValueError(i)
hot(lambda v: Made(v).i, $plan, (1,), ($any,), (5,), lambda: setattr(Made, \
    "__init__", $change), lambda: setattr(Made, "__new__", lambda cls, \
    *q: object.__new__(Plain)), lambda: delattr(Made, "__init__"))

-- hot_init_keywords 1
class Made:
    def __init__(self, a, /, *rest, k=1):
        self.i = (a, rest, k)
hot(lambda v: (Made(v).i, Made(v, k=2).i, Made(v, 3, 4).i), $plan, (1,), \
    lambda: setattr(Made.__init__, "__kwdefaults__", {"k": $n}), \
    lambda: setattr(Made.__init__, "__kwdefaults__", None))

-- hot_builtins 4
hot(lambda a: (len(a), type(a), isinstance(a, int), str(a)[:9]), $plan, ($any,), \
    ($seq,), ($any,))

-- hot_builtins_one 3
hot(lambda a: $one(a), $plan, ($any,), ($num,), ($seq,))

-- hot_isinstance 2
hot(lambda a, b: (isinstance(a, b), 1 if isinstance(a, b) else 2), $plan, ($any, \
    int), ($obj, Base), ($any, (int, str)), ($obj, Judge), ($any, $fn))

-- hot_list_methods 3
def fill(a, v):
    a.append(v)
    kept = a.append
    kept(v)
    return a.append(v), a.pop(), a.count(v), a.index(v), len(a)
hot(fill, $plan, ([], $num), ([1], $any), (Items((1,)), 2), ($seq, 3))

-- hot_str_methods 2
hot(lambda a, b: (a.upper(), a.replace(b, "-"), a.split(b), a.startswith(b), \
    a.encode("utf-8"), a.join([b, b])), $plan, ($text, $text), ($text, "a"), ($any, \
    "a"))

-- hot_dict_methods 2
hot(lambda a, k: (a.get(k), a.get(k, 5), a.setdefault(k, 1), a.pop(k, 2), \
    list(a.items()), a.copy()), $plan, ({1: 2}, $any), (Table(a=1), "a"), ($any, 1))

-- hot_recursion 2
def down(n, q):
    return q if n < 1 else (n, down(n - 1, q))[1] $arith n
hot(down, $plan, (5, $num), (3, $num), (0, $any))

-- hot_recursion_deep 1
def down(n):
    return 1 + down(n)
try:
    down(1)
except RecursionError as error:
    log(str(error))

-- hot_closure 2
def make(q):
    def inner(r):
        nonlocal q
        q = q $arith r
        return q
    return inner
hot(lambda f, v: f(v), "01" * 8, (make($num), $n), (make($int), 1), (make($real), 2))

-- hot_unbound 4
def read(a):
    if a:
        b = a
        c = a
    return $unbound
hot(read, $plan, (1,), (0,), ($any,), ([],))

-- hot_unbound_statement 2
def read(a, d):
    if a:
        b = a
    $unboundstatement
    return d
hot(read, $plan, (1, {}), (0, [1]), ($any, Plain(1)))

-- hot_deleted 1
def read(a):
    b = a
    if a == 1:
        del b
    else:
        del a
    return b, a
hot(read, $plan, (1,), (2,), ($any,))

-- hot_raises 3
def risky(a, b, k):
    try:
        return a[k] $op b
    except (TypeError, ZeroDivisionError):
        return b
    except $E as error:
        return type(error).__name__
    finally:
        b = None
hot(risky, $plan, ($seq, $num, $idx), ([1, 2], $num, $n), ({}, 1, 1), ((1.5,), 0, 0))

-- hot_traced 2
def work(a, b):
    c = a $arith b
    for p, q in [(a, b), (c, a)]:
        c = p if q else c
    return twice(c)
hot(work, "000", ($n, $n))
log(traced(work, $num, $n))
hot(work, "0011", ($num, $n), ($n, $n))
log(profiled(work, $n, $n))

-- hot_traced_inside 1
def work(n, at):
    found, before = 0, sys.gettrace()
    for p in range(n):
        if p == at:
            sys.settrace(lambda *q: None)
        found += p
        found = twice(found)
    sys.settrace(before)
    return found
hot(work, $plan, (5, 9), (6, 3))

-- hot_comprehension 2
hot(lambda a: ([p $arith 1 for p in a], {p: 1 for p in a}, [p for p in a if p], \
    sorted(map(str, (p for p in a)))), $plan, ([$num, $num],), ((1, $num),), \
    ($items,))

-- hot_mortals 2
def use(v):
    first = Mortal(v)
    second = [first, Mortal(v)]
    first = None
    for p in second:
        v = p.i
    return v
hot(use, $plan, ($num,), ($n,))

-- hot_match 2
def pick(a):
    match a:
        case int(p) if p > 1:
            return p
        case [p, q]:
            return q, p
        case {"a": p, **rest}:
            return p, rest
        case Base(i=p) | Plain(i=p):
            return "object", p
        case str() | None:
            return a
hot(pick, $plan, ($any,), ($any,), ($obj,))

-- hot_format 1
hot(lambda a, b: f"{a}-{b!r:>5}{a!s}", $plan, ($num, $text), ($text, $num), ($any, 1))
"""
