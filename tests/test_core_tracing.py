"""Tracing, profiling, debuggers: the host's events, wherever they begin."""

from __future__ import annotations

import bdb
import io
import pdb
from typing import Any

import pytest
import support
from support import same

import adaptive

ALLOWED = support.ALLOWED | {"tracing"}

#: What every program begins with: functions that note events of the program's frames.
PRELUDE = """
        import sys

        log = []
        FILE = (lambda: 0).__code__.co_filename

        def show(arg):
            if isinstance(arg, tuple) and len(arg) == 3 and isinstance(arg[0], type):
                return arg[0].__name__, str(arg[1])
            if callable(arg):
                return getattr(arg, "__name__", "callable")
            plain = isinstance(arg, (int, str, list))
            return repr(arg) if plain else type(arg).__name__

        def note(kind, frame, event, arg):
            if frame.f_code.co_filename == FILE:
                log.append((kind, event, frame.f_code.co_name, frame.f_lineno,
                            show(arg)))

        def tracer(frame, event, arg):
            note("trace", frame, event, arg)
            return tracer

        def opcodes(frame, event, arg):
            frame.f_trace_opcodes = True
            if event == "opcode":
                arg = frame.f_lasti
            note("trace", frame, event, arg)
            return opcodes

        def profiler(frame, event, arg):
            note("profile", frame, event, arg)
"""

#: What is traced: most kinds of frames and ways to leave them.
TRACED = """
        class C:
            def __init__(self, n):
                self.n = n
            def __getattr__(self, name):
                return name
            def __enter__(self):
                return self
            def __exit__(self, *error):
                return True
            def __add__(self, other):
                return leaf(other)

        def leaf(x, y=2):
            z = x
            return z

        def gen(n):
            for i in range(n):
                try:
                    got = yield i
                except KeyError:
                    yield "caught"
                finally:
                    leaf(i)

        def outer():
            yield from gen(2)

        def fails(x):
            try:
                return 1 / x
            except ZeroDivisionError as error:
                raise ValueError from error
            finally:
                leaf("finally")

        async def coro():
            with C(1):
                raise OSError
            return leaf(3)

        def work():
            total = 0
            for i in range(2):
                total += leaf(i, y=i)
            c = C(5)
            c.missing
            c + 1
            leaf(*[1])
            list(outer())
            g = gen(2)
            next(g)
            g.throw(KeyError)
            g.close()
            try:
                fails(0)
            except ValueError:
                total += 1
            try:
                len(5)
            except TypeError:
                pass
            try:
                coro().send(None)
            except StopIteration:
                pass
            while total < 4: total += 1
            return [leaf(x) for x in sorted([2, 1], key=leaf)]
"""

#: Where the functions are switched on and off; `work` runs in between, `after` later.
STARTS = {
    "before": """
        def main():
            {on}
            work()
            {off}
            after = leaf(1)
            return log
        """,
    "callee": """
        def switch():
            {on}
            leaf("in switch")

        def main():
            work()
            switch()
            work()
            x = leaf(2)
            {off}
            work()
            return log
        """,
    "callee_of_loop": """
        def main():
            for i in range(6):
                if i == 2:
                    {on}
                if i == 4:
                    {off}
                leaf(i)
            return log
        """,
    "generator": """
        def g():
            yield leaf(0)
            {on}
            yield leaf(1)
            yield leaf(2)
            {off}
            yield leaf(3)

        def main():
            for x in g():
                leaf(x)
            return log
        """,
    "builtin": """
        class Switches:
            def __eq__(self, other):
                {on}
                return True
            def __ne__(self, other):
                {off}
                return True

        def main():
            s = Switches()
            if s == 1:
                leaf(1)
            work()
            if s != 1:
                leaf(2)
            return log
        """,
    "handler": """
        def boom():
            {on}
            raise KeyError("boom")

        def main():
            try:
                boom()
            except KeyError:
                leaf(1)
            finally:
                work()
                {off}
            return log
        """,
    "unwinding": """
        def boom():
            try:
                {on}
                raise KeyError("boom")
            finally:
                leaf(0)

        def middle():
            return [boom(), 1]

        def main():
            try:
                middle()
            except KeyError:
                leaf(1)
            {off}
            return log
        """,
}

#: How events are asked for.
WAYS = {
    "trace": ("sys.settrace(tracer)", "sys.settrace(None)"),
    "profile": ("sys.setprofile(profiler)", "sys.setprofile(None)"),
    "opcodes": ("sys.settrace(opcodes)", "sys.settrace(None)"),
    "both": (
        "sys.settrace(tracer); sys.setprofile(profiler)",
        "sys.settrace(None); sys.setprofile(None)",
    ),
    "by_hand": (
        (
            "frame = sys._getframe(); sys.settrace(tracer); frame.f_trace = tracer; "
            "frame.f_back.f_trace = tracer"
        ),
        "sys.settrace(None); sys._getframe().f_trace = None",
    ),
}

PROGRAMS = {
    f"{start}-{way}": PRELUDE + TRACED + text.format(on=on, off=off)
    for start, text in STARTS.items()
    for way, (on, off) in WAYS.items()
}

OTHERS = {
    "tracer_raises": """
        def bad(frame, event, arg):
            if frame.f_code is leaf.__code__:
                raise RuntimeError("tracer")
            return None

        def main():
            sys.settrace(bad)
            try:
                work()
            except RuntimeError as error:
                return str(error), sys.gettrace() is None
            finally:
                sys.settrace(None)
        """,
    "local_tracer_changes": """
        def second(frame, event, arg):
            note("second", frame, event, arg)
            return None if event == "line" and frame.f_lineno % 2 else second

        def first(frame, event, arg):
            note("first", frame, event, arg)
            return second

        def main():
            sys.settrace(first)
            work()
            sys.settrace(None)
            return log
        """,
    "lines_off": """
        def tracer(frame, event, arg):
            frame.f_trace_lines = False
            note("trace", frame, event, arg)
            return tracer

        def main():
            sys.settrace(tracer)
            work()
            sys.settrace(None)
            return log
        """,
    "up_the_stack": """
        def breakpoint_here():
            frame = sys._getframe(1)
            while frame and frame.f_code.co_filename == FILE:
                frame.f_trace = tracer
                frame = frame.f_back
            sys.settrace(tracer)

        def inner(n):
            if n == 0:
                breakpoint_here()
                n = n
            else:
                inner(n - 1)
            n += 1
            return n

        def main():
            for i in range(2):
                inner(2)
                i += 1
            sys.settrace(None)
            return log
        """,
    "generator_up_the_stack": """
        def g():
            for i in range(3):
                if i == 1:
                    frame = sys._getframe()
                    frame.f_trace = frame.f_back.f_trace = tracer
                    sys.settrace(tracer)
                yield i
            leaf(i)

        def main():
            for x in g():
                leaf(x)
                leaf(-x)
            sys.settrace(None)
            return log
        """,
    "profile_c_calls": """
        def main():
            sys.setprofile(profiler)
            len([])
            [].append(1)
            list(map(leaf, [1]))
            max(1, 2, key=leaf)
            "x".join(["a"])
            try:
                int("x")
            except ValueError:
                pass
            print(end="", **{})
            print(*[], end="")
            sys.setprofile(None)
            return log
        """,
    "settrace_from_tracer": """
        def once(frame, event, arg):
            note("once", frame, event, arg)
            sys.settrace(None)
            return once

        def main():
            sys.settrace(once)
            work()
            leaf(1)
            return log, sys.gettrace()
        """,
}
PROGRAMS.update({name: PRELUDE + TRACED + text for name, text in OTHERS.items()})


@pytest.mark.parametrize("name", PROGRAMS)
def test_events(name: str) -> None:
    """S0-38, S0-39: the log of events is the host's, to the line."""
    shown = same(PROGRAMS[name], ALLOWED)
    assert shown.how == "returned"
    assert len(shown.text) > 10


@pytest.mark.parametrize("stress", ["bail:1", "bail:2"])
def test_events_under_stress(stress: str) -> None:
    """S2-53: the same events when frames change hands at random besides."""
    support.agree_under_stress(__name__, stress)


def test_traced_frames_are_left_to_the_host() -> None:
    """While a trace function is on, nothing runs on the engine; after it, all does."""
    names = support.loaded(
        PRELUDE
        + TRACED
        + """
        def main():
            sys.settrace(tracer)
            leaf(1)
            sys.settrace(None)
            leaf(2)
            leaf(3)
        """
    )
    adaptive.reset_counters()
    with support.hot_engine():
        names["main"]()
    seen = adaptive.counters()
    assert seen["frames"]["host"]["tracing"] >= 1
    assert seen["bailouts"]["tracing"] == 1


DEBUGGED = """
        def leaf(x):
            y = x + 1
            return y

        def main():
            total = 0
            for i in range(3):
                total += leaf(i)
            DEBUGGER.set_trace()
            total += leaf(10)
            for i in range(3):
                total += leaf(i)
            return total
        """

SCRIPTS = {
    "step": "n\ns\ns\nn\nn\nn\np y\np total\nc\n",
    "up": "w\nup\ndown\nn\np i\np total\nc\n",
    "until": "n\nunt\nunt\np i, total\nr\nc\n",
    "breakpoint": "b leaf\nc\nw\na\nc\np x\ncl 1\nc\n",
    "change": "!total = 100\nn\np total\nc\n",
    "return": "s\ns\nr\np __return__\nc\n",
    "jump": "n\nj 11\np total\nn\nn\nc\n",
}


def session(script: str) -> str:
    """What pdb prints while it is given a script."""
    printed = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO(script), stdout=printed, nosigint=True)
    debugger.use_rawinput = False
    debugger.prompt = "(Pdb) "
    names = support.loaded(DEBUGGED, DEBUGGER=debugger)
    value = names["main"]()
    return support.masked(printed.getvalue()) + f"-> {value}"


@pytest.mark.parametrize("name", SCRIPTS)
def test_pdb(name: str) -> None:
    """S1-23: a pdb session that begins in an engine frame."""
    shown = []
    for side in (support.plain_host, support.hot_engine):
        bdb.Breakpoint.clearBreakpoints()
        with side():
            shown.append(session(SCRIPTS[name]))
    bdb.Breakpoint.clearBreakpoints()
    expected, on_engine = shown
    assert on_engine == expected
    assert expected.count("(Pdb)") >= 4


class Stops(bdb.Bdb):
    """A debugger that steps through everything and notes where it stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[Any] = []

    def user_line(self, frame: Any) -> None:
        """Called at each line."""
        if frame.f_code.co_filename == support.FILE:
            self.stops.append((frame.f_code.co_name, frame.f_lineno))
        self.set_step()

    def user_return(self, frame: Any, return_value: Any) -> None:
        """Called at each return."""
        if frame.f_code.co_filename == support.FILE:
            self.stops.append(
                ("return", frame.f_code.co_name, support.masked(repr(return_value)))
            )
        self.set_step()

    def user_exception(self, frame: Any, exc_info: Any) -> None:
        """Called at each exception."""
        if frame.f_code.co_filename == support.FILE:
            self.stops.append(("exception", frame.f_code.co_name, exc_info[0].__name__))
        self.set_step()


@pytest.mark.parametrize("engine", [False, True])
def test_bdb(engine: bool) -> None:
    """A debugger that runs a call sees each line, return and exception of it."""

    def stops(names: dict[str, Any]) -> list[Any]:
        debugger = Stops()
        debugger.runcall(names["work"])
        return debugger.stops

    source = PRELUDE + TRACED
    expected = stops(support.loaded(source))
    assert len(expected) > 50
    names = support.loaded(source)
    if engine:
        with support.hot_engine():
            names["work"]()
            assert stops(names) == expected
    else:
        with support.hot_engine():
            names["work"]()
        assert stops(names) == expected
