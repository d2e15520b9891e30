"""What the engine tells of a program, against what the plain host traces of it.

The host's `sys.settrace` and `sys.setprofile` say which lines, calls and returns there
were.  They also say again that a line begins when a jump leads back within it, which
tools are not told; so a line that the frame is on already counts once on both sides.
"""

from __future__ import annotations

import opcode
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import BuiltinFunctionType, CodeType, FrameType, MethodDescriptorType
from typing import Any

import pytest
import support
from families.programs_classes import PROGRAMS as CLASSES
from families.programs_generators import PROGRAMS as GENERATORS
from families.programs_loops import PROGRAMS as LOOPS
from test_core_calls import PROGRAMS as CALLS
from test_core_exceptions import PROGRAMS as EXCEPTIONS
from test_core_generators import PROGRAMS as MORE_GENERATORS

from adaptive import monitoring

_LIMIT = "the recursion limit is met in the tool or trace function itself"
#: Programs whose logs differ, and why.
DIFFERENT = {
    "construction": _LIMIT,
    "recursion": _LIMIT,
    "recursion as deep as it goes": _LIMIT,
    "method_wrappers": "a bound builtin is told as the method that it is called by",
}
PROGRAMS = {
    name: source
    for programs in (CLASSES, GENERATORS, LOOPS, CALLS, EXCEPTIONS, MORE_GENERATORS)
    for name, source in programs.items()
    if name not in DIFFERENT
}
E = monitoring.events
TOOL = 4

Log = list[tuple[str, ...]]


#: Programs may replace the builtins under us.
is_instance = isinstance
RESUME = opcode.opmap["RESUME"]


class Lines:
    """The lines of each frame, one after another, without repetition.

    Frames are known by their addresses: holding them would let their values live on.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.last: dict[int, int] = {}

    def enters(self, frame: FrameType) -> None:
        """The frame begins, or is resumed."""
        code, at = frame.f_code.co_code, frame.f_lasti
        if code[at] == RESUME and code[at + 1] == 0:
            self.last.pop(id(frame), None)

    def begins(self, frame: FrameType, line: int) -> None:
        """The frame is on this line."""
        if self.last.get(id(frame)) != line:
            self.log.append(("line", frame.f_code.co_name, str(line)))
        self.last[id(frame)] = line


def is_own(code: CodeType) -> bool:
    """Whether the program itself, and not what it imports, has the code."""
    return code.co_filename == support.FILE


@contextmanager
def traced(log: Log) -> Iterator[None]:
    """The host's own events, in our words."""
    lines = Lines(log)

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        if not is_own(frame.f_code):
            return None
        if event == "line":
            lines.begins(frame, frame.f_lineno)
        elif event in ("call", "return"):
            lines.enters(frame)
            log.append((event, frame.f_code.co_name))
        return trace

    def profile(frame: FrameType, event: str, arg: Any) -> None:
        if is_own(frame.f_code) and event.startswith("c_"):
            log.append((event, arg.__name__))

    with support.plain_host():
        sys.setprofile(profile)
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(None)
            sys.setprofile(None)


def recorders(log: Log) -> dict[int, Callable[..., object]]:
    """The function for each event that has a word in the host's log."""
    lines = Lines(log)

    def line(code: CodeType, number: int) -> None:
        if is_own(code):
            lines.begins(sys._getframe(1), number)

    def frame(word: str) -> Callable[..., None]:
        def told(code: CodeType, *what: object) -> None:
            # The end of a delegation by a throw is told as newer hosts tell it.
            ended = word == "call" and is_instance(what[-1], StopIteration)
            if is_own(code) and not ended:
                lines.enters(sys._getframe(1))
                log.append((word, code.co_name))

        return told

    def call(word: str) -> Callable[..., None]:
        def told(code: CodeType, _: int, callable: Any, first: object) -> None:
            if is_own(code) and is_instance(
                callable, BuiltinFunctionType | MethodDescriptorType
            ):
                log.append((word, callable.__name__))

        return told

    return {
        E.LINE: line,
        E.PY_START: frame("call"),
        E.PY_RESUME: frame("call"),
        E.PY_THROW: frame("call"),
        E.PY_RETURN: frame("return"),
        E.PY_YIELD: frame("return"),
        E.PY_UNWIND: frame("return"),
        E.CALL: call("c_call"),
        E.C_RETURN: call("c_return"),
        E.C_RAISE: call("c_exception"),
    }


@contextmanager
def told(log: Log) -> Iterator[None]:
    """What the engine tells a tool that asks for everything."""
    asked = recorders(log)
    monitoring.use_tool_id(TOOL, "differential")
    with support.hot_engine():
        try:
            for event, function in asked.items():
                monitoring.register_callback(TOOL, event, function)
            monitoring.set_events(TOOL, sum(asked))
            yield
        finally:
            monitoring.free_tool_id(TOOL)


def logged(source: str, side: Callable[[Log], Any]) -> Log:
    """The log of a program's top level and of its `main`."""
    log: Log = []
    namespace: dict[str, Any] = {"__name__": "program"}
    code = support.compiled(source)
    with side(log):
        try:
            exec(code, namespace)
            namespace["main"]()
        except Exception:
            pass
    return log


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", PROGRAMS)
def test_tells_what_the_host_traces(name: str) -> None:
    """Lines, calls and returns of Python code, and calls of builtins, in order."""
    expected = logged(PROGRAMS[name], traced)
    shown = logged(PROGRAMS[name], told)
    assert len(expected) > 3
    assert shown == expected
