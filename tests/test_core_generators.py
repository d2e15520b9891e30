"""Generators, coroutines, async generators: made on one side, resumed on either."""

from __future__ import annotations

import gc
import inspect
import weakref
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import support
from support import same

import adaptive

PROGRAMS = {
    "protocol": """
        def g(log):
            try:
                got = yield 1
                log.append(got)
                got = yield 2
                log.append(got)
            except ValueError as error:
                log.append(str(error))
                yield "caught"
            finally:
                log.append("finally")
            return "end"

        def drive(*steps):
            log = []
            gen = g(log)
            for name, *args in steps:
                try:
                    log.append(getattr(gen, name)(*args))
                except BaseException as error:
                    log.append((type(error).__name__, str(error)))
            return log

        def main():
            n, s = ("__next__",), ("send", 7)
            v, k = ("throw", ValueError("v")), ("throw", KeyError, "k")
            c = ("close",)
            return [
                drive(n, n, n, n), drive(s, n), drive(n, s, s, s), drive(v, n),
                drive(n, v, n, n), drive(n, k, n), drive(n, c, n), drive(c, n, v),
                drive(n, n, v, v), drive(n, v, c, c), drive(k, c),
                drive(("send", None)),
                drive(n, ("throw", 1)), drive(n, ("throw", ValueError, "a", 3)),
            ]
        """,
    "delegation": """
        log = []

        class Iter:
            def __init__(self, *names):
                self.names = names
            def __iter__(self):
                return self
            def __next__(self):
                log.append("next")
                return 1
            def __getattr__(self, name):
                log.append(name)
                if name not in self.names:
                    raise AttributeError(name)
                def method(*args):
                    log.append((name, len(args)))
                    if name == "throw":
                        raise StopIteration("thrown")
                    return name
                return method

        def inner():
            while True:
                try:
                    log.append((yield 1))
                except ValueError:
                    log.append("inner caught")
                    return "inner result"

        def outer(it):
            try:
                log.append(("result", (yield from it)))
            except Exception as error:
                log.append(type(error).__name__)
            yield "after"

        def main():
            for make in (inner, lambda: Iter("send", "throw", "close"), lambda: Iter()):
                for steps in ("nsn", "ntn", "nc", "ncn", "nkn", "ngn"):
                    gen = outer(make())
                    log.append(steps)
                    for step in steps:
                        try:
                            if step == "n":
                                log.append(next(gen))
                            elif step == "s":
                                log.append(gen.send(5))
                            elif step == "t":
                                log.append(gen.throw(ValueError("x")))
                            elif step == "k":
                                log.append(gen.throw(KeyError("x")))
                            elif step == "g":
                                log.append(gen.throw(GeneratorExit))
                            else:
                                log.append(gen.close())
                        except BaseException as error:
                            log.append((type(error).__name__, str(error)))
            return log
        """,
    "states": """
        def inner():
            yield 1
            yield 2

        def g():
            me = gens[0]
            log.append(("inside", me.gi_running, me.gi_suspended, me.gi_yieldfrom))
            yield 0
            yield from inner()
            try:
                me.send(None)
            except ValueError as error:
                log.append(str(error))
            yield from [7]

        def look(gen):
            frame = gen.gi_frame
            log.append((
                gen.gi_running, gen.gi_suspended,
                type(gen.gi_yieldfrom).__name__,
                frame and (frame.f_lineno, frame.f_lasti, frame.f_back),
                gen.gi_code.co_name,
            ))

        def main():
            global gens, log
            log, gens = [], []
            gens.append(g())
            look(gens[0])
            for value in gens[0]:
                log.append(value)
                look(gens[0])
            look(gens[0])
            return log
        """,
    "stop_iteration": """
        def raises_in_body():
            yield 1
            raise StopIteration("leak")

        def from_next():
            yield next(iter([]))

        def returns(value):
            return value
            yield

        async def coroutine():
            raise StopIteration(1)

        async def asynchronous():
            raise StopAsyncIteration(2)
            yield

        def step(thing):
            try:
                return thing.send(None)
            except BaseException as error:
                cause = error.__cause__
                return type(error).__name__, str(error), type(cause).__name__

        def main():
            g = raises_in_body()
            next(g)
            found = [step(g), step(from_next()), step(coroutine()),
                     step(asynchronous().__anext__())]
            for value in (1, None, (1, 2), StopIteration(3), ValueError):
                try:
                    next(returns(value))
                except StopIteration as stop:
                    found.append((repr(stop.value), repr(stop.args)))
            def delegate():
                found.append((yield from returns((4, 5))))
            found.append(list(delegate()))
            return found
        """,
    "coroutines": """
        import types

        class Awaitable:
            def __init__(self, *values):
                self.values = values
            def __await__(self):
                for value in self.values:
                    got = yield value
                    log.append(got)
                return "awaited"

        @types.coroutine
        def old(n):
            got = yield n
            return got

        async def inner(n):
            return await Awaitable(n, n + 1), await old(n + 2)

        async def outer():
            try:
                return [await inner(n) for n in (10, 20)]
            except KeyError as error:
                log.append(repr(error))
                return await old("late")
            finally:
                log.append("finally")

        def drive(coro, *sent):
            log.append(coro.cr_await)
            for value in sent:
                try:
                    if isinstance(value, Exception):
                        log.append(coro.throw(value))
                    else:
                        log.append(coro.send(value))
                    log.append((type(coro.cr_await).__name__, coro.cr_running))
                except StopIteration as stop:
                    log.append(("stop", stop.value))
                except BaseException as error:
                    log.append((type(error).__name__, str(error)))

        def main():
            global log
            log = []
            drive(outer(), None, 1, 2, 3, 4, 5, 6, 7)
            drive(outer(), None, KeyError("k"), 1)
            drive(outer(), None, 1, ValueError("v"), 2)
            coro = outer()
            coro.send(None)
            coro.close()
            return log
        """,
    "awaiting_errors": """
        import types

        class ReturnsCoroutine:
            def __await__(self):
                self.coro = one()
                self.coro.close()
                return self.coro

        class ReturnsNothing:
            def __await__(self):
                return 5

        class NoAnext:
            def __aiter__(self):
                return self

        class BadAnext(NoAnext):
            def __anext__(self):
                return 7

        class BadEnter:
            async def __aexit__(self, *args):
                pass
            def __aenter__(self):
                return 1

        class BadExit:
            async def __aenter__(self):
                return 1
            def __aexit__(self, *args):
                return 1

        async def one():
            return 1

        async def awaits(thing):
            await thing

        async def loops(thing):
            async for x in thing:
                pass

        async def enters(thing):
            async with thing:
                pass

        def plain_yield_from(coro):
            yield from coro

        @types.coroutine
        def waits():
            yield

        async def shared(coro):
            await coro

        def run(coro):
            try:
                coro.send(None)
            except StopIteration as stop:
                return "stop"
            except BaseException as error:
                return type(error).__name__, str(error), repr(error.__cause__)

        def main():
            found = [run(awaits(x)) for x in (1, ReturnsCoroutine(), ReturnsNothing())]
            found += [run(loops(x)) for x in (1, NoAnext(), BadAnext())]
            found += [run(enters(x)) for x in (1, BadEnter(), BadExit())]
            coro = one()
            found.append(run(plain_yield_from(coro)))
            coro.close()
            async def suspends():
                await waits()
            running = suspends()
            first, second = shared(running), shared(running)
            first.send(None)
            found.append(run(second))
            first.close()
            coro = one()
            run(coro)
            found.append(run(awaits(coro)))
            return found
        """,
    "asynchronous_generators": """
        import asyncio

        async def ticker(n, log):
            try:
                for i in range(n):
                    got = yield i
                    log.append(got)
                    await asyncio.sleep(0)
            except ValueError as error:
                log.append(str(error))
                yield "caught"
            finally:
                await asyncio.sleep(0)
                log.append("finally")

        async def use():
            log = []
            log.append([x async for x in ticker(3, log)])
            async for x in ticker(5, log):
                if x == 2:
                    break
            else:
                log.append("no")
            g = ticker(3, log)
            log.append(await anext(g))
            log.append(await g.asend("sent"))
            log.append((g.ag_running, type(g.ag_await).__name__, g.ag_frame.f_lineno))
            log.append(await g.athrow(ValueError("thrown")))
            await g.aclose()
            try:
                await anext(g)
            except StopAsyncIteration:
                log.append("over")
            log.append(await anext(g, "default"))
            h = ticker(2, log)
            await anext(h)
            await h.aclose()
            log.append({i: j async for i in ticker(2, []) for j in "ab" if j != "b"})
            return log

        def main():
            return asyncio.run(use())
        """,
    "asend": """
        import types

        @types.coroutine
        def pause(value):
            return (yield value)

        async def gen(log):
            while True:
                try:
                    got = yield len(log)
                except ValueError as error:
                    got = str(error)
                log.append(got)
                log.append(await pause("paused"))
                if got == "stop":
                    return
                if got == "raise":
                    raise KeyError("raised")
                if got == "over":
                    raise StopAsyncIteration
                if got == "exit":
                    raise GeneratorExit

        async def drive(awaitable):
            return await awaitable

        def run(awaitable, *sent):
            coro, shown = drive(awaitable), []
            try:
                for value in (None, *sent):
                    shown.append(coro.send(value))
            except BaseException as error:
                shown.append((type(error).__name__, str(error)))
            return shown

        def main():
            shown = []
            for last in ("stop", "raise", "over", "exit", "more"):
                log = []
                g = gen(log)
                for i in range(20):
                    step = g.asend(i) if i else g.__anext__()
                    shown.append(run(step, "sent", "late"))
                    shown.append((run(step, "again"), g.ag_running))
                step, other = g.asend(last), g.asend("busy")
                coro = drive(step)
                shown.append(coro.send(None))
                shown.append((run(other), g.ag_running))
                shown.append(run(step, "in between"))
                try:
                    coro.send("sent")
                except BaseException as error:
                    shown.append(repr(error))
                shown.append((run(g.__anext__(), 1), run(g.asend(5), 1)))
                shown.append((g.ag_running, g.ag_frame is None, log))
            h = gen([])
            shown.append(run(h.asend("too early")))
            return shown
        """,
    "async_with": """
        import asyncio

        class C:
            def __init__(self, log, swallow=False):
                self.log, self.swallow = log, swallow
            async def __aenter__(self):
                await asyncio.sleep(0)
                self.log.append("enter")
                return self
            async def __aexit__(self, kind, value, passing):
                await asyncio.sleep(0)
                self.log.append((kind and kind.__name__, str(value)))
                return self.swallow

        async def use(log, how):
            for _ in range(2):
                async with C(log, how == "swallow") as c, C(log) as d:
                    if how in ("raise", "swallow"):
                        raise ValueError(how)
                    if how == "return":
                        return c.swallow
                    if how == "break":
                        break
            return "end"

        async def all():
            found = []
            for how in ("raise", "swallow", "return", "break", "none"):
                log = []
                try:
                    log.append(await use(log, how))
                except ValueError as error:
                    log.append(repr(error))
                found.append(log)
            return found

        def main():
            return asyncio.run(all())
        """,
    "tasks": """
        import asyncio

        async def worker(name, queue, log):
            while True:
                item = await queue.get()
                if item is None:
                    return name
                log.append(item)
                await asyncio.sleep(0)

        async def use():
            queue, log = asyncio.Queue(), []
            tasks = [asyncio.create_task(worker(n, queue, log)) for n in range(3)]
            for i in range(20):
                await queue.put(i)
            for _ in tasks:
                await queue.put(None)
            names = await asyncio.gather(*tasks)
            late = asyncio.create_task(worker("late", queue, log))
            await asyncio.sleep(0)
            late.cancel()
            try:
                await late
            except asyncio.CancelledError:
                log.append("cancelled")
            try:
                async with asyncio.timeout(0):
                    await asyncio.sleep(3600)
            except TimeoutError:
                log.append("timeout")
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(fails())
                    group.create_task(asyncio.sleep(3600))
            except* ValueError as errors:
                log.append(repr(errors.exceptions))
            return names, sorted(map(str, log))

        async def fails():
            raise ValueError("task")

        def main():
            return asyncio.run(use())
        """,
    "expressions": """
        def main():
            n = 3
            squares = (x * y for x in range(n) for y in range(x) if x != y)
            found = [next(squares), list(squares)]
            lazy = (1 / x for x in (1, 0))
            try:
                list(lazy)
            except ZeroDivisionError as error:
                found.append(str(error))
            found.append(list(lazy))
            found.append(sum(x for x in range(100) if x % 7 == 0))
            found.append({*(x % 3 for x in range(10))})
            try:
                (x for x in 5)
            except TypeError as error:
                found.append(str(error))
            return found
        """,
    "recursive": """
        def walk(tree):
            if isinstance(tree, tuple):
                for part in tree:
                    yield from walk(part)
            else:
                yield tree

        def permutations(items):
            if not items:
                yield ()
            for i, item in enumerate(items):
                for rest in permutations(items[:i] + items[i + 1:]):
                    yield (item, *rest)

        def deep(n):
            if n:
                yield from deep(n - 1)
            yield n

        def main():
            return (list(walk((1, (2, (3, 4), ()), 5))),
                    len(list(permutations([1, 2, 3, 4]))), sum(deep(60)))
        """,
    "attributes": """
        def g(a, b=2):
            "doc"
            yield a

        async def c():
            pass

        async def ag():
            yield

        def main():
            gen, coro, agen = g(1), c(), ag()
            gen.__name__, gen.__qualname__ = "renamed", "Q"
            found = [repr(gen), repr(coro), repr(agen), gen.__name__,
                     gen.gi_frame.f_locals, coro.cr_origin, coro.cr_frame.f_lasti,
                     agen.ag_frame.f_lineno, hasattr(gen, "__del__")]
            coro.close()
            return found
        """,
    "close_that_yields": """
        def g():
            try:
                yield 1
            except GeneratorExit:
                yield 2

        def h():
            yield from g()

        def main():
            found = []
            for make in (g, h):
                gen = make()
                next(gen)
                try:
                    gen.close()
                except RuntimeError as error:
                    found.append(str(error))
                found.append(list(gen))
            return found
        """,
    "close_on_death": """
        log = []

        def g(name):
            try:
                yield name
            finally:
                log.append(("closed", name))

        def outer(name):
            try:
                yield from g(name)
            finally:
                log.append("outer")

        def uses():
            for x in outer("loop"):
                return x

        def main():
            a = g("a")
            next(a)
            del a
            uses()
            b = outer("b")
            next(b)
            b = None
            never = g("never")
            del never
            return log
        """,
    "origin_tracking": """
        import sys

        async def c():
            pass

        def make():
            return c()

        def main():
            sys.set_coroutine_origin_tracking_depth(2)
            try:
                coro = make()
            finally:
                sys.set_coroutine_origin_tracking_depth(0)
            coro.close()
            return [(line, name) for _, line, name in coro.cr_origin]
        """,
}

#: A generator whose steps leave every kind of state across a yield.
MIXED = """
    def inner(log):
        try:
            got = yield "inner"
            log.append(got)
        except KeyError as error:
            log.append(repr(error))
            yield "inner handled"
        return "inner done"

    def g(log):
        total = [1, 2, (yield "first")]
        for i in range(2):
            log.append((i, (yield total)))
        try:
            raise ValueError("own")
        except ValueError as error:
            got = yield str(error)
            import sys
            log.append((got, repr(sys.exc_info()[1])))
            log.append((yield from inner(log)))
        with Manager(log) as m:
            yield m
        return len(log)

    class Manager:
        def __init__(self, log):
            self.log = log
        def __enter__(self):
            self.log.append("enter")
            return "managed"
        def __exit__(self, *error):
            self.log.append(error[0])

    def main():
        return None
    """
STEPS = 8


def drive(names: dict[str, Any], sides: tuple[bool, ...], thrown: int) -> list[Any]:
    """All that one generator shows; sides[i] is whether step i runs on the engine."""
    log: list[Any] = []

    def on(engine: bool) -> None:
        if engine:
            adaptive.enable(0)
        else:
            adaptive.disable()

    on(sides[0])
    gen = names["g"](log)
    for number in range(STEPS):
        on(sides[1 + number])
        try:
            if number == thrown:
                shown = gen.throw(KeyError("thrown"))
            else:
                shown = gen.send(number if number else None)
        except (StopIteration, KeyError) as error:
            shown = repr(error)
        adaptive.disable()
        frame = gen.gi_frame
        log.append((shown, frame and (frame.f_lineno, frame.f_lasti, gen.gi_suspended)))
        log.append(type(gen.gi_yieldfrom).__name__)
    return log


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    """S2-46: programs about generators and coroutines."""
    assert same(PROGRAMS[name]).how == "returned"


@pytest.mark.parametrize("stress", ["bail:1", "bail:2", "bail:3", "gc"])
def test_programs_under_stress(stress: str) -> None:
    """S2-53: suspended by one side and resumed by the other at any boundary."""
    support.agree_under_stress(__name__, stress)


@pytest.mark.parametrize("thrown", [None, 0, 1, 3, 4, 5, 6])
def test_sides_change_at_every_yield(thrown: int | None) -> None:
    """S4-22: each step on either side, `throw` at each state: the same log."""
    at = -1 if thrown is None else thrown
    expected = drive(support.loaded(MIXED), (False,) * (STEPS + 1), at)
    patterns = list(product((False, True), repeat=4))
    for pattern in patterns:
        sides = (pattern * 3)[: STEPS + 1]
        assert drive(support.loaded(MIXED), sides, at) == expected, sides
    turned = tuple(number % 2 == 0 for number in range(STEPS + 1))
    for sides in (turned, tuple(not side for side in turned)):
        assert drive(support.loaded(MIXED), sides, at) == expected, sides


def test_coroutine_changes_sides_at_every_await() -> None:
    names = support.loaded(
        """
        import types

        @types.coroutine
        def tick(n):
            return (yield n)

        async def agen(n):
            for i in range(n):
                yield await tick(i)

        async def main(log):
            async for x in agen(3):
                log.append(x)
            return await tick("last")
        """
    )

    def run(sides: tuple[bool, ...]) -> list[Any]:
        log: list[Any] = []
        coro = names["main"](log)
        for number, engine in enumerate(sides):
            if engine:
                adaptive.enable(0)
            try:
                log.append(coro.send(number or None))
            except StopIteration as stop:
                log.append(("stop", stop.value))
            adaptive.disable()
        return log

    expected = run((False,) * 5)
    assert expected[-1] == ("stop", 4)
    for sides in product((False, True), repeat=5):
        assert run(sides) == expected, sides


@pytest.mark.parametrize("made_on_engine", [False, True])
@pytest.mark.parametrize("closed_on_engine", [False, True])
def test_collected_in_a_cycle(made_on_engine: bool, closed_on_engine: bool) -> None:
    """S4-25: a suspended generator in a cycle dies, and its `finally` runs."""
    names = support.loaded(
        """
        class Box:
            pass

        def g(box, log):
            held = [Box(), box]
            try:
                for value in (held, 1):
                    yield value
            finally:
                log.append("finally")

        def make(log):
            box = Box()
            box.gen = g(box, log)
            next(box.gen)
            return box
        """
    )
    log: list[str] = []
    gc.collect()
    with support.hot_engine() if made_on_engine else support.plain_host():
        box = names["make"](log)
    alive = weakref.ref(box)
    assert gc.is_tracked(box.gen)
    assert any(item is box for item in gc.get_referents(box.gen))
    gc.collect()
    assert alive() is not None
    del box
    with support.hot_engine() if closed_on_engine else support.plain_host():
        gc.collect()
    assert alive() is None
    assert log == ["finally"]


def test_dies_while_its_finally_suspends() -> None:
    """A generator that yields while its death closes it is reported, not run on."""
    source = """
        import sys
        seen = []

        def g():
            try:
                yield 1
            finally:
                seen.append("finally")
                yield 2
                seen.append("never")

        def main():
            hook, sys.unraisablehook = sys.unraisablehook, lambda args: seen.append(
                (type(args.exc_value).__name__, str(args.exc_value)))
            try:
                gen = g()
                next(gen)
                del gen
            finally:
                sys.unraisablehook = hook
            return seen
        """
    assert "ignored GeneratorExit" in same(source).text


def test_never_awaited_is_said() -> None:
    source = """
        import warnings

        async def c():
            pass

        def main():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                c()
            return [str(w.message) for w in caught], [w.lineno for w in caught]
        """
    assert "never awaited" in same(source).text


def test_inspect_states() -> None:
    """`inspect` sees the four states of a generator that the engine runs."""
    seen: list[str] = []
    names = support.loaded(
        "def g(look):\n    look()\n    yield 1\n",
    )
    with support.hot_engine():
        gen = names["g"](lambda: seen.append(inspect.getgeneratorstate(gen)))
        seen.append(inspect.getgeneratorstate(gen))
        next(gen)
        seen.append(inspect.getgeneratorstate(gen))
        assert inspect.getgeneratorlocals(gen).keys() == {"look"}
        gen.close()
        seen.append(inspect.getgeneratorstate(gen))
    assert seen == ["GEN_CREATED", "GEN_RUNNING", "GEN_SUSPENDED", "GEN_CLOSED"]


@pytest.mark.parametrize("first_on_engine", [False, True])
def test_generator_outlives_the_engine(first_on_engine: bool) -> None:
    """Suspended across enable() and disable() many times over."""
    names = support.loaded(
        "def g():\n    x = 0\n    while True:\n        x += yield x\n"
    )
    gen: Iterator[int] = names["g"]()
    engine = first_on_engine
    send: Callable[[Any], int] = gen.send  # type: ignore[attr-defined]
    assert send(None) == 0
    for total in range(1, 50):
        with support.hot_engine() if engine else support.plain_host():
            assert send(1) == total
        engine = not engine


MANY_YIELDS = "\n".join(
    [
        "def g(n):",
        "    while True:",
        *(f"        n = (yield n + {i}) or n" for i in range(40)),
        "def main():",
        "    steps = g(0)",
        "    made = [next(steps) for _ in range(200)]",
        "    return made + [steps.send(i) for i in range(200)]",
    ]
)


def test_more_yields_than_are_noted() -> None:
    """Where a frame goes on is noted for a few of them; all others are looked up."""
    assert same(MANY_YIELDS).how == "returned"
