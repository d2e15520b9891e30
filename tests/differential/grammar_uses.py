"""Statements that use things: calls, generators, coroutines, scopes, objects."""

USES = """
-- call_wrong_keyword 1
log($c($i, nothing=$i))

-- call_shapes 2
log(shapes($i, $s, *$l, k=$i, **$d))

-- call_shapes_missing 1
log(shapes(*$l))

-- call_strict 2
log(strict($i, $i, b=$i, c=$i))

-- call_strict_wrong 1
log(strict(a=$i, b=$i))

-- call_star_wrong 1
log(shapes(*$i))

-- call_double_star_wrong 1
log(shapes($i, **$x))

-- call_duplicate_keyword 1
log(shapes($i, k=$i, **{"k": $i}))

-- call_attempt 2
log(attempt($c, $i))

-- call_partial 1
log(partial(shapes, $i, k=$i)($i))

-- method_missing 1
log($o.nothing($i))

-- method_unbound 1
log($C.m($o, $i))

-- method_bound_kept 2
method = $o.m
log(method($i), method(i=$i))

-- instance_method_shadow 1
$O1 = $o
$O1.m = lambda i: i
log($O1.m($i))

-- super_chain 2
log(Derived($i).m($i))

-- class_attribute 1
$C.shared = $i

-- class_delete_attribute 1
del $C.shared

-- lambda_late_binding 1
made = [lambda: q for q in range($n)]
log([m() for m in made])

-- default_captured 1
made = [lambda q=q: q + $i for q in $l]
log([m() for m in made])

-- generator_expression 2
made = (q + $i for q in $l if q != $i)
log(next(made, None), sum(made))

-- generator_closed 2
g = $gen
log(next(g, None))
g.close()
log(next(g, "closed"))

-- generator_send 3
g = $gen
log(next(g))
log(g.send($i))
log(list(g))

-- generator_send_early 1
$gen.send($i)

-- generator_throw 2
g = $gen
log(next(g, None))
log(g.throw($E($s)))

-- generator_throw_fresh 1
log($gen.throw($E))

-- generator_abandoned 2
g = $gen
next(g)
del g

-- generator_value 2
g = $gen
try:
    while True:
        tick()
        log(next(g))
except StopIteration as stop:
    log("value", stop.value)

-- generator_frame 1
g = $gen
log(g.gi_frame.f_lineno, next(g), g.gi_frame.f_lineno, g.gi_running)

-- generator_zip 1
log([p for p in zip($gen, $gen)])

-- generator_reentered 1
def again():
    yield next(me)
me = again()
log(next(me))

-- yield 4 gen
yield $i

-- yield_value 4 gen
$I = yield $i

-- yield_nothing 1 gen
log((yield))

-- yield_in_call 1 gen
log($i, (yield $i), $i)

-- yield_in_try 3 gen
try:
    $I = yield $i
except $E as e:
    note(e)
    yield $i
finally:
    $body

-- yield_in_with 1 gen
with Manager($n):
    yield $i

-- yield_in_loop 3 gen
for $I in $l:
    tick()
    yield $I

-- yield_forever 1 gen
while True:
    tick()
    yield $i

-- yield_in_handler 1 gen
try:
    $body
except Exception:
    yield $i
    raise

-- yield_from 3 delegate
$I = yield from $gen

-- yield_from_list 2 delegate
yield from $l

-- yield_from_object 1 delegate
yield from Iterable($n)

-- yield_from_in_try 2 delegate
try:
    yield from $gen
except $E as e:
    note(e)

-- await 4 async
log(await $coro)

-- await_value 3 async
$I = await Await($i)

-- await_in_try 3 async
try:
    $I = await Await($i)
except $E as e:
    note(e)
finally:
    log(await Await($i))

-- await_wrong 1 async
await ($i)

-- async_for 3 async
async for $I in $agen:
    tick()
    $loop
else:
    $body

-- async_for_wrong 1 async
async for $I in $l:
    tick()
    $loop

-- async_with 3 async
async with AsyncManager($n) as $I:
    $body

-- async_with_two 1 async
async with AsyncManager($n), AsyncManager($n) as $I:
    $body

-- async_generator_driven 2 async
made = $agen
log(await made.__anext__())
log(await made.asend($i))
await made.aclose()

-- async_generator_throw 1 async
made = $agen
log(await anext(made, None))
log(await made.athrow($E($s)))

-- async_set 1 async
log(sorted({int(q) async for q in $agen}), {q: 1 async for q in $agen})

-- async_generator_expression 1 async
made = (q async for q in $agen)
async for $I in made:
    tick()

-- drive 4
log(drive($coro, $l))

-- drive_throw 2
log(drive($coro, [$i, $E($s)]))

-- drive_closed 1
made = $coro
made.close()

-- drive_async_generator 2
log(drive(collect($agen), $l))

-- drive_by_hand 2
made = $coro
try:
    log(made.send(None), made.cr_frame.f_lineno)
    made.throw($E($s))
finally:
    made.close()

-- eval 1
log(eval("$leaf_i + q", {**globals(), "q": $i}))

-- eval_locals 1
log(eval("$I + 1"))

-- exec 2
space = {"q": $i, "log": log}
exec("for r in range(3):\\n    q += r\\nlog(q)\\ndel q", space)
log("q" in space)

-- exec_class 1
space = {}
exec("class X:\\n    a: int = 1\\n    b = a + 1", space)
log(space["X"].b, space["X"].__annotations__)

-- exec_error 1
exec("q = 1\\nraise ValueError(q / $leaf_i)", {})

-- exec_single 1
exec(compile("$leaf_i", "<single>", "single"))

-- exec_import_star 1
space = {}
exec("from string import *", space)
log(space["digits"])

-- exec_locals 1
exec("q = $n", globals(), space := {})
log(space)

-- locals 2
log(sorted(locals())[:6])

-- locals_value 1
log(locals().get("$I"))

-- global_dict 1
globals()["extra"] = $i
log(extra)
del globals()["extra"]

-- global_missing 1
log(no_such_name)

-- builtin_shadowed 1
globals()["len"] = lambda q: 42
log(len($l))
del globals()["len"]

-- import 1
import math
log(math.floor($f))

-- import_from 1
from math import gcd as divisor, isqrt
log(divisor($i, $i), isqrt($i))

-- import_dotted 1
import os.path as place
log(place.join("a", $s))

-- import_missing 1
import no_such_module

-- import_missing_name 1
from math import no_such_name

-- walrus_comprehension 1 walrus
log([last := q for q in $l], last)

-- chained_comparison_calls 1
log($call < $call <= $i)

-- conditional_call 1
log((twice if $b else abs)($i))

-- star_index 1
log($d.get((*$t, $i)[0]))

-- slice_object 1
log($l[slice($n, None, $n)], $o[$n:$n])

-- string_building 1
log("".join([$s, $s, f"{$leaf_i}-{$leaf_s}"])[:40])

-- sort_with_object 1
log([q.i for q in sorted([Base($i), Base($i), Base($i)])])

-- operators_of_objects 2
log(int(Number($i) + Number($i) * $i))

-- operators_reflected 1
log(int($i - Number($i)), Number($i) != $x)

-- operators_missing 1
log(Number($i) ** $x)

-- comparison_of_objects 1
log(Number($i) < Number($i) <= $i)

-- object_called 1
log(Number($i)($i, k=$i))

-- object_iterated 1
log([*Iterable($n)], $i in Iterable($n))

-- object_died 2
Mortal($i)

-- object_died_later 2
mortal = Mortal($i)
mortal = Mortal($i)

-- object_died_raising 1
mortal = Mortal($i)
if $b:
    raise $E(mortal.i)

-- slots 2
made = Slots($i)
made.i = $i
log(made.i)
del made.i
log(made.i)

-- descriptor_order 1
log(Described($i).both, Described($i).method($i))

-- metaclass 1
log(Meta("Made", (), {"i": $i}).i, type(Derived).__name__)

-- type_created 1
made = type("Made", (Base,), {"m": lambda self, i: i + $i})
log(made($i).m($i))

-- frame_lines 1
log(sys._getframe().f_lineno, sys._getframe().f_lasti)

-- frame_caller 1
log(caller())

-- exception_info 1
try:
    $body
except Exception:
    log(sys.exc_info()[2].tb_lineno)
log(sys.exc_info())

-- traced 1
log(traced(lambda: $i))

-- traced_call 1
log(traced($c, $i))

-- profiled 1
log(profiled($c, $i))

-- many_constants 1
log(sum([$many]))

-- deep_expression 1
log(($i, ($i, [$i, {"k": ($i, $s)}], $b), $x)[1][0])

-- pass 1
pass
"""
