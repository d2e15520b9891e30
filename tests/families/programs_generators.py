"""Programs in which generators and coroutines run in the loop of whoever resumes them.

Each is run on the host and on the engine, and returns what it logged.
"""

from __future__ import annotations

#: In front of every program.
PRELUDE = """
import sys, traceback
out = []
def log(*words):
    out.append(words)
def attempt(f, *a, **k):
    try:
        return f(*a, **k)
    except Exception as error:
        return type(error).__name__, str(error)
def drive(coroutine, *sent):
    steps = []
    try:
        steps.append(coroutine.send(None))
        for value in sent:
            steps.append(coroutine.send(value))
    except StopIteration as stop:
        steps.append(("returned", stop.value))
    except Exception as error:
        steps.append((type(error).__name__, str(error)))
    finally:
        coroutine.close()
    return steps
def main():
    for _ in range(6):
        body()
    return out
"""

BODIES = {
    "values sent, returned, delegated": """
def inner(n):
    got = []
    for i in range(n):
        got.append((yield i))
    return got
def middle(n):
    first = yield from inner(n)
    second = yield from inner(1)
    return first, second
def body():
    g = middle(2)
    log(next(g), g.send("a"), g.send("b"), attempt(g.send, "c"), attempt(next, g))
    log([x for x in middle(3)], list(middle(0)), sum(middle(3)))
""",
    "exceptions thrown in": """
def inner():
    while True:
        try:
            yield "waiting"
        except KeyError as error:
            log("inner", repr(error))
            yield "caught"
        finally:
            log("finally")
def outer():
    try:
        yield from inner()
    except ValueError as error:
        log("outer", repr(error))
        yield "outer caught"
    return "end"
def body():
    g = outer()
    log(next(g), g.throw(KeyError("k")), next(g), g.throw(ValueError("v")))
    log(attempt(next, g), attempt(next, g), attempt(g.throw, OSError("late")))
    g = outer()
    log(attempt(g.throw, KeyError("before it began")), attempt(next, g))
""",
    "closed and thrown away": """
def inner(name):
    try:
        yield name, 1
        yield name, 2
    finally:
        log("closed", name)
def outer(name):
    try:
        yield from inner(name)
    finally:
        log("outer closed", name)
def refuses():
    try:
        yield 1
    except GeneratorExit:
        yield "no"
def body():
    g = outer("a")
    next(g)
    g.close()
    log(attempt(next, g), g.gi_frame)
    for x in outer("b"):
        log(x)
        break
    log("left")
    def returns():
        for x in outer("c"):
            return x
    log(returns())
    g = refuses()
    next(g)
    log(attempt(g.close), attempt(next, g), attempt(next, g))
""",
    "StopIteration inside becomes RuntimeError": """
def stops():
    yield 1
    raise StopIteration("own")
def nexts():
    yield next(iter(()))
async def coroutine():
    raise StopIteration("own")
async def waits():
    return await coroutine()
def use():
    for x in stops():
        log(x)
def delegate():
    yield from nexts()
def body():
    for f in (use, lambda: list(delegate()), lambda: waits().send(None)):
        try:
            f()
        except RuntimeError as error:
            log(str(error), repr(error.__cause__), repr(error.__context__))
            log(traceback.format_exc())
""",
    "already executing": """
def g():
    try:
        for x in own[0]:
            log("never", x)
    except ValueError as error:
        log(str(error))
    try:
        yield from own[0]
    except ValueError as error:
        log(str(error))
    yield "after"
def send():
    yield attempt(own[0].send, 1), attempt(own[0].close)
    yield attempt(own[0].throw, OSError())
own = [None]
async def co():
    try:
        await own[0]
    except RuntimeError as error:
        log(str(error))
def body():
    own[0] = g()
    log(list(own[0]))
    own[0] = send()
    log(list(own[0]))
    own[0] = co()
    log(drive(own[0]))
""",
    "tracebacks and frames inside": """
def look():
    frame = sys._getframe(1)
    names = []
    while frame.f_code.co_name != "body":
        names.append((frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals)))
        frame = frame.f_back
    return names
def inner(x):
    yield look()
    y = x / 0
    yield y
def outer(x):
    z = yield from inner(x)
    return z
def loop(x):
    for found in outer(x):
        log(found)
def body():
    try:
        loop(1)
    except ZeroDivisionError as error:
        log(traceback.format_exc())
        steps = error.__traceback__
        while steps is not None:
            log(steps.tb_frame.f_code.co_name, steps.tb_lineno)
            steps = steps.tb_next
    g = outer(1)
    log(g.gi_frame.f_back, g.gi_running, g.gi_suspended, g.gi_yieldfrom)
    next(g)
    log(g.gi_frame.f_back, g.gi_running, g.gi_suspended, g.gi_yieldfrom.__name__)
    log(g.gi_frame.f_lineno, g.gi_yieldfrom.gi_frame.f_lineno, g.gi_frame.f_locals)
    log(attempt(next, g), g.gi_frame, g.gi_yieldfrom)
""",
    "what a coroutine awaits": """
import types
@types.coroutine
def pause(x):
    return (yield x)
async def inner():
    log(outer_one[0].cr_running, outer_one[0].cr_await)
    return await pause(1) + await pause(2)
async def outer():
    return await inner()
outer_one = [None]
def body():
    co = outer_one[0] = outer()
    log(co.send(None), co.cr_await.__name__, co.cr_await.cr_await.__name__)
    log(co.cr_frame.f_lineno, co.cr_running, co.cr_suspended)
    log(co.send(10), attempt(co.send, 20), attempt(co.send, 30), co.cr_await)
    log(drive(outer(), 5, 6), drive(outer()))
    co = outer()
    co.send(None)
    log(attempt(co.throw, KeyError("in")), attempt(co.send, None))
    def awaits_twice():
        co = inner()
        async def w():
            return await co
        first = w()
        first.send(None)
        second = w()
        log(attempt(second.send, None))
        first.close()
    awaits_twice()
""",
    "asynchronous iteration": """
import asyncio
async def numbers(n):
    try:
        for i in range(n):
            await asyncio.sleep(0)
            got = yield i
            if got:
                log("got", got)
    finally:
        log("finished")
class Manager:
    async def __aenter__(self):
        return await one()
    async def __aexit__(self, *error):
        log(error[0])
        return await one() == 1
async def one():
    await asyncio.sleep(0)
    return 1
async def work(n):
    async with Manager() as m:
        async for x in numbers(n):
            log(x, m)
        raise KeyError("swallowed")
    agen = numbers(3)
    log(await agen.asend(None), await agen.asend("sent"))
    await agen.aclose()
    async for x in numbers(5):
        if x == 2:
            break
    return [x async for x in numbers(3) if await one()]
def body():
    log(asyncio.run(work(3)))
""",
    "the handled exception inside": """
def g():
    log(sys.exc_info()[0])
    try:
        raise OSError
    except OSError:
        yield 1
        log(sys.exc_info()[0])
        yield 2
    log(sys.exc_info()[0])
def delegate():
    yield from g()
def handled(make):
    try:
        raise KeyError
    except KeyError:
        for x in make():
            log(x, sys.exc_info()[0])
    log(sys.exc_info()[0])
def body():
    for make in (g, delegate):
        for x in make():
            log(x, sys.exc_info()[0])
        handled(make)
""",
    "recursion as deep as it goes": """
def loops(n):
    if n:
        for x in loops(n - 1):
            yield x
    else:
        yield 1
def delegates(n):
    if n:
        yield from delegates(n - 1)
    else:
        yield 1
async def awaits(n):
    if n:
        return await awaits(n - 1)
    return 1
def mixed(n):
    if n > 1:
        for x in delegates(n // 3):
            yield from loops(n // 3)
    else:
        yield 1
def calls(n):
    return next(delegates(n)) if n < 3 else [x for x in loops(n - 1)][0]
def deepest(f):
    low, high = 200, 1200
    while low < high:
        middle = (low + high) // 2
        fits = attempt(f, middle) == "fine"
        low, high = (middle + 1, high) if fits else (low, middle)
    return low, attempt(f, low)
def fine(f):
    def run(n):
        list(f(n))
        return "fine"
    return run
def await_all(n):
    return drive(awaits(n))[0][1] == 1 and "fine" or "too deep"
def body():
    if len(out) < 2:
        log(deepest(fine(loops)), deepest(fine(delegates)), deepest(await_all))
        log(deepest(fine(mixed)), attempt(calls, 300))
""",
    "forms change under suspended generators": """
def adds(a, b):
    while True:
        got = yield a + b
        if got is not None:
            a, b = got
def body():
    g = adds(1, 2)
    log(next(g), next(g), next(g), g.send(("a", "b")), next(g), g.send((1.5, 2)))
    log(next(g))
    log(attempt(g.send, (1, "x")), attempt(next, g))
    h = adds(1, 2)
    log([next(h) for _ in range(60)][-1], h.send(("x", "y")))
    adds.__code__ = other.__code__
    log(next(h), next(adds(3, 4)))
    adds.__code__ = original
def other(a, b):
    yield "other", a, b
original = adds.__code__
""",
    "other things to iterate and await": """
class It:
    def __init__(self, n):
        self.n = n
    def __iter__(self):
        return self
    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise StopIteration("value")
        return self.n
class Both(It):
    def send(self, value):
        log("send", value)
        return next(self)
    def throw(self, *error):
        log("throw", error[0] if isinstance(error[0], type) else type(error[0]))
        return "thrown"
    def close(self):
        log("close")
def g(it):
    value = yield from it
    log("value", value)
def loop(it):
    return [x for x in it]
def body():
    for make in (lambda: iter([1, 2]), lambda: It(2), lambda: g(It(2)), lambda: "ab",
                 lambda: range(2), lambda: {1: 2}, lambda: Both(2), lambda: g(g([5]))):
        log(attempt(list, g(make())), attempt(loop, make()))
    s = g(Both(9))
    log(next(s), s.send("hello"), s.throw(KeyError("k")), attempt(s.close))
    s = g(It(9))
    log(next(s), attempt(s.send, 1), attempt(s.throw, KeyError))
    log(attempt(g(5).send, None), attempt(g([1]).send, 1))
""",
    "generators that die while they run others": """
import gc, weakref
class Dies:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        log("dies", self.name)
def inner(keeps):
    yield Dies("yielded").name
    own.clear()
    gc.collect()
    yield "still"
def outer(keeps):
    yield from inner(Dies("inner"))
own = []
def body():
    own.append(outer(Dies("outer")))
    for x in own[0]:
        log(x)
        if x == "still":
            break
    log("left", len(own))
    def cycle():
        g = outer(Dies("cycle"))
        next(g)
        own.append(g)
        g = None
    cycle()
    own.clear()
    log("end")
""",
    "contextmanager, and other users of send": """
from contextlib import contextmanager, ExitStack
import itertools
@contextmanager
def manager(name):
    log("enter", name)
    try:
        yield name
    except KeyError as error:
        log("caught", repr(error))
    finally:
        log("exit", name)
def body():
    with manager("a") as a, manager("b") as b:
        log(a, b)
        raise KeyError("k")
    try:
        with manager("c"):
            raise ValueError("v")
    except ValueError as error:
        log(repr(error))
    with ExitStack() as stack:
        log([stack.enter_context(manager(i)) for i in range(3)])
    log(list(itertools.chain.from_iterable((x for x in range(i)) for i in range(4))))
    log(dict((k, v) for k, v in zip("ab", (x for x in (1, 2)))))
    log(max(x for x in (3, 1)))
""",
}
PROGRAMS = {name: PRELUDE + body for name, body in BODIES.items()}

#: These switch tracing on, so that frames go to the host.
TRACED_BODIES = {
    "tracing begins inside": """
events = []
def tracer(frame, event, arg):
    events.append((event, frame.f_code.co_name, frame.f_lineno))
    return tracer
def g(on):
    yield 1
    if on:
        sys.settrace(tracer)
    yield 2
    yield 3
def loop(on):
    found = []
    for x in g(on):
        found.append(x)
    return found
def delegate(on):
    return (yield from g(on))
async def waits(on):
    await turns(on)
    return 3
async def turns(on):
    if on:
        sys.settrace(tracer)
    return 4
def body():
    for on in (False, False, True):
        for run in (loop, lambda on: list(delegate(on)), lambda on: drive(waits(on))):
            found = run(on)
            sys.settrace(None)
            log(found, events[:])
            events.clear()
""",
    "tracing ends inside, and profiling": """
events = []
def tracer(frame, event, arg):
    events.append((event, frame.f_code.co_name, frame.f_lineno))
    return tracer
def profiler(frame, event, arg):
    if event[0] != "c":
        events.append((event, frame.f_code.co_name))
def g():
    yield 1
    sys.settrace(None)
    sys.setprofile(None)
    yield 2
def loop():
    return [x for x in g()]
def body():
    loop()
    for start, hook in ((sys.settrace, tracer), (sys.setprofile, profiler)):
        start(hook)
        loop()
        log(events[:])
        events.clear()
""",
}
TRACED = {name: PRELUDE + body for name, body in TRACED_BODIES.items()}
