"""Statements that direct control: branches, loops, handlers, matching, output."""

FLOW = """
-- if 6
if $b:
    $body

-- if_else 5
if $b:
    $body
else:
    $body

-- if_elif 3
if $x:
    $body
elif $b:
    $body
else:
    $body

-- if_none 2
if $x is None:
    $body

-- if_not_none 2
if $x is not None:
    $body

-- if_walrus 1 walrus
if ($I1 := $i) > $i:
    log($I1)

-- while 4
while $b:
    tick()
    $loop

-- while_not_none 2
while $x is not None:
    tick()
    $loop

-- while_none 1
while $x is None:
    tick()
    $loop

-- while_not 1
while not $x:
    tick()
    $loop

-- while_counted 4
$I1 = $n
while $I1 > 0:
    tick()
    $I1 -= 1
    $loop
else:
    $body

-- while_true 2
while True:
    tick()
    $loop
    if $b:
        break
else:
    $body

-- for_range 5
for $I in range($n):
    tick()
    $loop

-- for_list 5
for $I in $l:
    tick()
    $loop

-- for_else 3
for $I in $t:
    tick()
    $loop
    if $b:
        break
else:
    $body

-- for_dict 2
for $S, $I in list($d.items()):
    tick()
    $loop

-- for_unpack 2
for $I, $J in zip($l, $t):
    tick()
    $loop

-- for_enumerate 1
for $I, _ in enumerate($s):
    tick()
    $loop

-- for_generator 3
for $I in $gen:
    tick()
    $loop

-- for_subscript 1
for $L[0] in $l:
    tick()
    $loop

-- for_attribute 1
for $O.i in $l:
    tick()
    $loop

-- for_object 1
for $I in $o:
    tick()
    $loop

-- for_mutating_dict 1
$D1 = $d
for $S in $D1:
    tick()
    $D1[$x] = $i

-- break 2 loop
if $b:
    break

-- continue 2 loop
if $b:
    continue

-- return 2 return
if $b:
    return $ret

-- return_tuple 1 return
if $b:
    return (*$t, $i)

-- return_in_try 1 return
try:
    return $ret
finally:
    $body

-- return_bare 1 stop
if $b:
    return

-- try_except 8
try:
    $body
except $E as e:
    note(e)
    $body

-- try_except_two 3
try:
    $body
except ($E, $E):
    $body
except $E as e:
    log(e.args)

-- try_bare 2
try:
    $body
except:
    log(sys.exc_info()[0].__name__)
    $body

-- try_else 3
try:
    $body
except $E:
    $body
else:
    $body

-- try_finally 4
try:
    $body
finally:
    $body

-- try_all 3
try:
    $body
except $E as e:
    note(e)
    $body
else:
    $body
finally:
    $body

-- try_reraise 2
try:
    $body
except $E:
    log("reraise")
    raise

-- try_raise_from 2
try:
    $body
except $E as e:
    raise $E($s) from e

-- try_raise_in_handler 2
try:
    $body
except Exception:
    raise $E($i)

-- try_wrong_match 1
try:
    $body
except $x:
    $body

-- try_in_loop 2
for $I in range($n):
    tick()
    try:
        $loop
    except $E:
        continue
    finally:
        log($i)

-- try_break_finally 1
while True:
    tick()
    try:
        $loop
    finally:
        break

-- try_deleted_name 1
try:
    raise $E($i)
except Exception as e:
    log(type(e).__name__)
    del e

-- try_star 3
try:
    group($n, $E, $E)
except* $E as e:
    note(e)
    $star
except* ($E, ValueError):
    $star

-- try_star_naked 1
try:
    $star
except* $E as e:
    note(e)

-- try_star_raise 2
try:
    group($n, $E, $E)
except* $E as e:
    raise $E($s)
except* $E:
    raise
else:
    $body
finally:
    $body

-- raise 2
if $b:
    raise $E($s)

-- raise_class 1
if $b:
    raise $E

-- raise_from_none 1
if $b:
    raise $E($s) from None

-- raise_nothing 1
if $b:
    raise

-- raise_wrong 1
if $b:
    raise $x

-- raise_noted 1
if $b:
    e = $E($s)
    e.add_note(str($i))
    raise e

-- assert 2
assert $b, $s

-- assert_plain 1
assert $x

-- with 3
with Manager($n):
    $body

-- with_as 2
with Manager($n) as $I:
    $body

-- with_two 2
with Manager($n) as $I, Manager($n):
    $body

-- with_parenthesized 1
with (
    Manager($n) as $I,
    suppress($E),
):
    $body

-- with_in_loop 1
for $I in $l:
    tick()
    with Manager($n):
        $loop

-- with_return 1 return
with Manager($n):
    return $ret

-- with_wrong 1
with $x:
    $body

-- match_literal 2
match $x:
    case 0 | 1 | -1:
        $body
    case "a" | None | True:
        $body
    case 2.5:
        $body
    case _:
        $body

-- match_sequence 3
match $l:
    case []:
        $body
    case [$I]:
        $body
    case [$I, $J] if $b:
        $body
    case [$I, *$T, 3]:
        $body
    case ($I, _, *_):
        $body

-- match_mapping 2
match $d:
    case {"a": $I, **$D}:
        $body
    case {"key": 0 | 1 as $I, "b": _}:
        $body
    case {1: int($I)}:
        $body
    case {}:
        $body

-- match_class 3
match $o:
    case Number(value=$I) if $b:
        $body
    case $C($I, l=[_, *_]):
        $body
    case Base(i=0 | 1):
        $body
    case Base($I):
        $body

-- match_builtin 2
match $x:
    case int($I) if $I > $i:
        $body
    case str() as $S:
        $body
    case float() | bytes():
        $body

-- match_value 1
match $i:
    case Base.shared:
        $body
    case Names.one | Names.two:
        $body

-- match_nested 1
match ($i, $l, $d):
    case (0, [$I, *_], _):
        $body
    case ($I, ([] | [_]) as $L, {"a": $J}):
        $body

-- match_wrong 1
match $i:
    case Number($I, _, _, _):
        $body
    case "a":
        $body

-- log 8
log($x)

-- log_many 3
log($i, $s, $b)

-- log_containers 2
log($l, $t, $d)

-- print 2
print($i, $s, sep="-")

-- expression 2
$call

-- expression_method 2
$L.append($i)

-- expression_object 2
log($o.m($i))
"""
