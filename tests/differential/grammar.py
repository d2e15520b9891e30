"""What random programs are made of, as data: the notation, and the expressions.

The statements are in ``grammar_values.py``, ``grammar_flow.py``, ``grammar_uses.py``
and ``grammar_hot.py``, which has holes of its own beside these.

A template is Python text with holes.  ``$i`` is an expression of kind ``i``, ``$I`` a
name that holds one and may be stored to.  A digit repeats a hole: both ``$I1`` of one
template get the same text.  Kinds:

    i int   f float   s str   b bool   l list   t tuple   d dict   e set   o instance
    x any scalar   c callable of one argument

Other holes: ``$n`` a small number, ``$E`` an exception class, ``$C`` a class,
``$gen``, ``$coro``, ``$agen`` a call that makes one, ``$call`` any call,
``$ret`` what the function returns, ``$leaf_K`` a name or a number of kind K (inside of
string literals).  ``$J`` and ``$K`` are names other than ``$I``.  Where a template has
a lambda or a comprehension, neither ``await`` nor ``:=`` stands in its holes.
In statements a line of its own can be a block: ``$body``, ``$loop`` (the body of a
loop), ``$star`` (a body that nothing may jump out of).

What keeps programs finite and small: every loop and every function takes fuel with
``tick()``; products and powers are reduced, strings and lists are cut, containers hold
scalars only, and no sum or product can double a string that stands for an int.
What keeps them deterministic: sets hold ints (a NaN hashes by
identity), and nothing prints an address or an
identity.
"""

EXPRESSIONS = {
    "i": """
        6 | $i + $i % 1000
        3 | $i + $n
        2 | $n + $i
        6 | $i - $i
        4 | $i * ($i & 1023) % 10007
        1 | ~$i * ($i & 15)
        2 | ($i ** ($i & 7)) % BIG
        2 | ($i << ($i & 63)) % BIG
        2 | $i >> ($i & 7)
        3 | $i // $i
        3 | $i % $i
        3 | $i & $i
        2 | $i | $i
        2 | $i ^ $i
        2 | -$i
        1 | +$i
        2 | ~$i
        3 | ($i if $b else $i)
        2 | ($i or $i)
        2 | ($i and $i)
        4 | len($l)
        2 | len($s)
        4 | $l[$i % 2]
        1 | $l[$i]
        2 | $l[$n]
        1 | $t[$n]
        1 | $t[-1]
        1 | $d[$x]
        1 | $d["a"]
        2 | $d.get($x, $i)
        2 | sum($l)
        2 | max($i, $i)
        1 | min($l, default=$i)
        2 | abs($i)
        2 | int($f)
        1 | int($s)
        1 | ord($s)
        2 | $l.count($i)
        1 | $l.index($i)
        1 | $l.pop()
        1 | $s.find($s)
        4 | $o.i
        2 | $o.p
        2 | $o.d
        1 | $o.missing
        1 | $o.fallback
        2 | $o.m($i)
        1 | $o.m(i=$i)
        1 | $o.s($i)
        1 | $o.c($i)
        1 | $C.shared
        1 | int($o)
        1 | len($o)
        1 | $o[$i]
        2 | $c($i)
        5 | $call
        1 | hash(int($i)) % 1009
        1 | divmod($i, $i)[0]
        1 | next(iter($l), $i)
        1 | next($gen)
        1 | sum($gen)
        2 | [$i, $i, $i][$b]
        1 | {1: $i, 2: $i}[$n]
        1 | (lambda q: q + $i)($i)
        1 | (lambda *a, **k: len(a) + len(k))(*$l, **$d)
        1 | eval("$leaf_i")
        1 | getattr($o, "$A", $i)
        1 | sys._getframe().f_lineno
        1 | depth()
        1 | add($i)($i)
        1 | reduce(lambda p, q: (p + q) % 1013, $l, $i)
        2 @async | (await $coro)
        1 @async | (await Await($i))
        2 @walrus | ($I := $i)
    """,
    "f": """
        4 | $f + -$f
        2 | $i + $f / 2
        3 | $f * ($f / 2)
        2 | $f - $i
        3 | $f / $f
        2 | $i / $i
        1 | $f // $f
        1 | $f % $f
        1 | abs($f) ** 0.5
        1 | -$f
        1 | float($i)
        1 | float($s)
        1 | round($f, $n)
        1 | math.sqrt($f)
        1 | math.floor($f) * 0.5
        1 | $o.f
        1 | max($f, $i)
        1 | complex($f, $i).real
        1 | $call
    """,
    "s": """
        4 | ($s + $s)[-12:]
        3 | $s[$i:$i]
        2 | $s[::$n]
        2 | $s[$i]
        2 | str($i)
        2 | repr($f)
        2 | f"{$leaf_i}"
        2 | f"<{$leaf_x!r:.8}>"
        1 | f"{$leaf_i:>{$n}}|{$leaf_f:.2f}"
        1 | f"{$leaf_s!s:.5}{$leaf_i:x}"
        1 | f"{$leaf_i!a}"
        1 | "%d:%s" % ($i, $s)
        1 | "%(k)s" % {"k": $x}
        1 | "{:>4}{}".format($i, $b)
        2 | $s.upper()
        1 | $s.replace("a", $s)[:16]
        1 | "-".join(str(q) for q in $l)[:24]
        1 | ($s * ($i % 3))[:12]
        1 | $s.strip("a")
        1 | str($l)[:20]
        1 | type($x).__name__
        1 | chr($i % 1000)
        2 | ($s or $s)
        1 | $o.name
        1 | str($o)
        1 | $call
        1 | sys._getframe(1).f_code.co_name
    """,
    "b": """
        4 | $i < $i
        3 | $i == $i
        2 | $i >= $i
        2 | $i != $i
        2 | $i < $i <= $i
        1 | $i < $f > $i != $i
        2 | $f < $f
        2 | $f == $f
        2 | $s == $s
        2 | $s < $s
        2 | not $x
        2 | ($b and $b)
        2 | ($b or $b)
        2 | $i in $l
        1 | $i not in $t
        2 | $x in $d
        1 | $i in $e
        1 | $s in $s
        2 | $x is None
        2 | $x is not None
        1 | $b is True
        2 | isinstance($x, int)
        1 | isinstance($o, ($C, str))
        1 | issubclass($C, $C)
        1 | $l == $l
        1 | $l < $l
        1 | $t <= $t
        1 | $d == $d
        1 | $e <= $e
        2 | bool($x)
        1 | bool($o)
        1 | $o == $o
        1 | $o < $i
        1 | $i in $o
        1 | all($l)
        1 | any(q > $i for q in $l)
        1 | hasattr($o, "$A")
        1 | callable($x)
        1 | $s.startswith("a")
    """,
    "l": """
        3 | [$i, $i]
        2 | [$i, *$l][:9]
        1 | [*$t, *$l][:9]
        3 | $l[$i:$i]
        1 | $l[::$n]
        2 | $l[:]
        2 | ($l + $l)[:8]
        1 | ($l * ($i % 3))[:8]
        3 | [q + $i for q in $l]
        2 | [$i for q in range($n) if q != $i]
        1 | [p * 2 for q in ($l, $t) for p in q if p]
        1 | [[p for p in range(q % 3)] and q for q in $l]
        1 | [(lambda: q)() for q in $l]
        2 | list(range($i % 5))
        1 | list($t)
        1 | list($gen)
        2 | sorted($l)
        1 | sorted($e)
        1 | sorted($l, key=lambda q: -q, reverse=$b)
        1 | list(map(lambda q: q + $i, $l))
        1 | list(map($c, $l))
        1 | list(filter(None, $l))
        1 | [*map(int, $s)]
        1 | [p + q for p, q in zip($l, $t)]
        1 | [q for _, q in enumerate($l, $n)]
        1 | list(reversed($l))
        1 | list($d.values())
        1 | list($o)
        1 | list(chain($l, $t))[:9]
        1 | [*$gen]
        1 | $o.l
        1 | $call
        1 @async | [q async for q in $agen]
        1 @async | [await Await(q) for q in $l]
        1 @async | [q + 1 async for q in $agen if q]
    """,
    "t": """
        3 | ($i, $i)
        1 | ($i,)
        1 | ()
        2 | (*$l, $i)[:9]
        2 | tuple($l)
        1 | tuple(q for q in $l)
        1 | $t[$i:]
        1 | ($t + $t)[:7]
        1 | divmod($i, $i)
        1 | tuple($gen)
        1 | $o.t
        1 | $call
    """,
    "d": """
        3 | {$x: $i}
        2 | {"a": $i, "b": $i}
        1 | {**$d, "c": $i}
        1 | {}
        2 | {str(q): q for q in $l}
        1 | {q: $i for q in range($n) if q % 2}
        1 | dict(a=$i, b=$i)
        1 | dict(zip("abc", $l))
        1 | $d | {"z": $i}
        1 | dict(**$d, k=$i)
        1 | dict.fromkeys($s, $i)
        1 | {**vars($o)} and {"v": $i}
    """,
    "e": """
        3 | {int($i), int($i)}
        1 | set(map(int, $l))
        1 | {*map(int, $l), int($i)}
        2 | {int(q) % 5 for q in $l}
        1 | $e | $e
        1 | $e & $e
        1 | frozenset(map(int, $t))
        1 | set()
    """,
    "o": """
        6 | $C($i)
        1 | $C(i=$i)
        1 | $C($i, l=$l)
        1 | $C(*$t)
        1 | $o.self()
        1 | $o + $i
        1 | $i - $o
        1 | -$o
        1 | ($o or $o)
        1 | Slots($i)
    """,
    "c": """
        3 | (lambda q: q + $i)
        1 | (lambda q, r=$i: q - r)
        2 | add($i)
        2 | $o.m
        1 | $C.s
        1 | $C.c
        1 | abs
        1 | (lambda: $i)
        1 | partial(max, $i)
        1 | $o
    """,
    "x": """
        6 | $i
        2 | $s
        2 | $f
        1 | $b
        1 | None
        1 | ...
        1 | b"ab"
        1 | $call
    """,
}

# Where an expression must not grow any more.
LITERALS = {
    "i": "0 1 2 3 5 -1 -3 7 10 255 256 1000 2147483648 -9223372036854775808 BIG True"
    " 1180591620717411303424",
    "f": "0.0 1.5 -0.0 2.25 1e308 -1e-3 0.1 inf nan -inf 3.0",
    "s": "'' 'a' 'ab' 'abc' 'ba' '12' '\\u00e9' 'x\\U0001f40d' 'key'",
    "b": "True False",
    "l": "[] [1,2,3] [3,1,2] [0,-1] [5,5] [1,2,3,4]",
    "t": "() (1,2) (1,2,3) (4,5,6,7)",
    "d": "{'a':1} {'a':1,'b':2} {1:2,3:4} {'key':0}",
    "e": "set() {1} {1,2,3} frozenset((1,2))",
    "o": "Base(1) Base(2) Slots(3) Number(4)",
    "c": "abs int len twice",
    "x": "None 0 1 'a' 2.5 ... True",
}
