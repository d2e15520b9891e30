"""A tool that is told of a line sets the frame's f_lineno, as a trace function may.

The plain host's `sys.settrace` says what comes of each jump, from every line of some
functions to every other one.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any

import pytest
import support

from adaptive import monitoring

E = monitoring.events
TOOL = 4

#: Each function takes the log that it writes; its first line has the number 0 here.
PROGRAMS = {
    "steps": """
        def f(log):
            log += "a"
            log += "b"
            log += "c"
        """,
    "a loop": """
        def f(log):
            for i in "xy":
                log += i
                log += "-"
            log += "."
        """,
    "nested loops": """
        def f(log):
            for i in "xy":
                for j in i + "z":
                    log += j
                log += "-"
        """,
    "a handler": """
        def f(log):
            try:
                raise KeyError("k")
            except KeyError:
                log += "in"
                log += "on"
            import sys
            log += str(sys.exc_info()[1])
        """,
    "finally": """
        def f(log):
            try:
                log += "try"
            finally:
                log += "finally"
            log += "end"
        """,
    "with": """
        class Manager:
            def __init__(self, log): self.log = log
            def __enter__(self): self.log += "enter"
            def __exit__(self, *_): self.log += "exit"

        def f(log):
            with Manager(log):
                log += "in"
                raise KeyError("k")
            log += "out"
        """,
    "an expression of many lines": """
        def f(log):
            value = str(
                len(log)
            )
            log += value
            del value
            log += value
        """,
    "a closure": """
        def f(log):
            value = "v"
            log += (lambda: value)()
            del value
            log += "end"
        """,
    "a wide jump": f"""
        def f(log):
            if log:
                {"len(log), " * 300}
            log += "end"
        """,
    "a generator": """
        def g(log):
            log += "one"
            sent = yield "1"
            log += str(sent)
            yield "2"

        def f(log):
            log += list(g(log))
        """,
    "a loop over a generator": """
        def g():
            try:
                yield "1"
                yield "2"
            finally:
                f.log += "closed"

        def f(log):
            f.log = log
            for i in g():
                log += i
            log += "end"
        """,
}

#: What is asked when a line begins: its code and number, and the frame.
Line = Callable[[CodeType, int, FrameType], None]


@pytest.fixture
def _tool() -> Iterator[None]:
    monitoring.use_tool_id(TOOL, "jumps")
    yield
    monitoring.free_tool_id(TOOL)


def traced(line: Line, run: Callable[[], None]) -> None:
    """With the host's own line events."""

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        if event == "line":
            line(frame.f_code, frame.f_lineno, frame)
        return trace

    with support.plain_host():
        sys.settrace(trace)
        try:
            run()
        finally:
            sys.settrace(None)


def told(line: Line, run: Callable[[], None]) -> None:
    """With ours."""
    monitoring.register_callback(
        TOOL, E.LINE, lambda code, number: line(code, number, sys._getframe(1))
    )
    with support.hot_engine():
        monitoring.set_events(TOOL, E.LINE)
        try:
            run()
        finally:
            monitoring.set_events(TOOL, E.NO_EVENTS)


def jumped(
    events: Callable[[Line, Callable[[], None]], None], f: Any, at: int, to: int
) -> tuple[str, list[object]]:
    """What the function has logged, and the lines of it and what became of the jump,
    once line `at` has become line `to`.
    """
    watched = f.__globals__.get("g", f).__code__
    first = watched.co_firstlineno
    log: list[str] = []
    seen: list[object] = []
    tries: list[int] = []

    def line(code: CodeType, number: int, frame: FrameType) -> None:
        if code is not watched:
            return
        seen.append(number - first)
        if number - first != at or tries:
            return
        tries.append(number)
        try:
            frame.f_lineno = first + to  # type: ignore[misc]
        except ValueError as error:
            seen.append(str(error))
        else:
            seen.extend(["jumped", frame.f_lineno - first])

    def run() -> None:
        try:
            f(log)
        except Exception as error:
            log.append(repr(error))

    events(line, run)
    return "".join(log), seen


@pytest.mark.usefixtures("_tool")
@pytest.mark.parametrize("name", PROGRAMS)
def test_ends_as_with_the_hosts_trace_function(name: str) -> None:
    """S4: whichever values are on the stack, and whatever is handled or bound."""
    f = support.function(PROGRAMS[name])
    watched = f.__globals__.get("g", f).__code__
    lines = {line for *_, line in watched.co_lines() if line}
    length = max(lines) - watched.co_firstlineno
    done = 0
    for at in range(1, length + 1):
        for to in range(-1, length + 2):
            expected, _ = jumped(traced, f, at, to)
            ended, seen = jumped(told, f, at, to)
            assert ended == expected, (at, to)
            done += ("jumped", to) in itertools.pairwise(seen)
    assert done > length


@pytest.mark.usefixtures("_tool")
def test_the_line_that_is_jumped_to_is_not_told() -> None:
    """As on newer hosts: the tool knows it."""
    f = support.function(PROGRAMS["steps"])
    assert jumped(told, f, 3, 1) == ("ababc", [1, 2, 3, "jumped", 1, 2, 3])
    assert jumped(told, f, 1, 3) == ("c", [1, "jumped", 3])


@pytest.mark.usefixtures("_tool")
@pytest.mark.parametrize("trace", [None, print])
def test_the_tool_leaves_no_trace_function(trace: object) -> None:
    """What the frame has is what the tool has set, and no stand-in."""
    f = support.function(
        """
        def f():
            import sys
            return sys._getframe()
        """
    )
    found: list[object] = []
    frames: list[FrameType] = []

    def line(code: CodeType, number: int, frame: FrameType) -> None:
        if code is f.__code__:
            found.append(frame.f_trace)
            frame.f_trace = trace  # type: ignore[assignment]

    told(line, lambda: frames.append(f()))
    assert found == [None, trace]
    assert [frame.f_trace for frame in frames] == [trace]


@pytest.mark.usefixtures("_tool")
def test_a_tool_that_jumps_and_one_that_raises() -> None:
    """What the second raises is raised where the first has gone."""
    other = TOOL - 1
    f = support.function(
        """
        def f(log):
            log += "a"
            for i in "xy":
                try:
                    log += i
                except KeyError:
                    log += "handled"
            log += "end"
        """
    )
    first = f.__code__.co_firstlineno

    def jump(code: CodeType, number: int, frame: FrameType) -> None:
        if code is f.__code__ and number == first + 1:
            frame.f_lineno = first + 7  # type: ignore[misc]

    def fail(code: CodeType, number: int) -> None:
        if code is f.__code__ and number == first + 1:
            raise KeyError("raised by a tool")

    log: list[str] = []
    monitoring.use_tool_id(other, "fails")
    monitoring.register_callback(other, E.LINE, fail)
    try:
        with pytest.raises(KeyError) as caught:
            told(jump, lambda: monitoring.set_events(other, E.LINE) or f(log))
    finally:
        monitoring.free_tool_id(other)
    assert log == []
    assert caught.traceback[-2].lineno + 1 == first + 7
