"""`adaptive.monitoring`: what each event tells, to whom, and how it is switched off."""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from types import CodeType, SimpleNamespace
from typing import Any

import pytest
import support

import adaptive
from adaptive import isa, monitoring

E = monitoring.events
TOOL = 4
OTHER = 3
NAMES = {value: name for name, value in vars(E).items() if value}

Log = list[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def _tools() -> Iterator[None]:
    """Two tools that nobody else uses, and the engine on."""
    for tool in (TOOL, OTHER):
        monitoring.use_tool_id(tool, f"tool {tool}")
    try:
        with support.hot_engine():
            yield
    finally:
        for tool in (TOOL, OTHER):
            monitoring.free_tool_id(tool)
        monitoring.restart_events()


def listen(log: Log, events: int, tool: int = TOOL, says: object = None) -> None:
    """Let the tool write down what it is told of programs, without the code."""
    for event, name in NAMES.items():
        comes_with_call = event in (E.C_RETURN, E.C_RAISE) and events & E.CALL
        if not event & events and not comes_with_call:
            continue

        def told(code: CodeType, *what: object, name: str = name) -> object:
            if code.co_filename != support.FILE:
                return None
            log.append((name, code.co_name, *what))
            return says

        monitoring.register_callback(tool, event, told)


def logged(function: Callable[..., Any], events: int, *arguments: object) -> Log:
    """What is told while the function runs, whatever comes of it."""
    log: Log = []
    listen(log, events)
    monitoring.set_events(TOOL, events)
    try:
        function(*arguments)
    except Exception as error:
        log.append(("left by", type(error).__name__))
    finally:
        monitoring.set_events(TOOL, 0)
    return log


def offsets(function: Any, *names: str) -> list[int]:
    """Where the host's instructions of these names stand, in bytes."""
    import dis

    return [row.offset for row in dis.get_instructions(function) if row.opname in names]


def names_now(function: Any) -> set[str]:
    """The names of the instructions as they stand."""
    from adaptive.dis import instructions

    return {row.opname for row in instructions(adaptive.code(function))}


def is_instrumented(name: str) -> bool:
    return name.startswith("INSTRUMENTED_")


# -- what is told


def test_start_and_return() -> None:
    f = support.function("def f(x): return x + 1")
    (resume,) = offsets(f, "RESUME")
    (leave,) = offsets(f, "RETURN_VALUE")
    assert logged(f, E.PY_START | E.PY_RETURN, 4) == [
        ("PY_START", "f", resume),
        ("PY_RETURN", "f", leave, 5),
    ]


def test_generator() -> None:
    run = support.function(
        """
        def f():
            got = yield 1
            yield got
        def run():
            g = f()
            next(g)
            g.send(7)
            for _ in g: pass
        """,
        "run",
    )
    f = run.__globals__["f"]
    first, second = offsets(f, "YIELD_VALUE")
    start, after_first, after_second = offsets(f, "RESUME")
    (leave,) = offsets(f, "RETURN_VALUE")
    (loop,) = offsets(run, "FOR_ITER")
    events = E.PY_START | E.PY_RESUME | E.PY_YIELD | E.PY_RETURN | E.STOP_ITERATION
    log = logged(run, events)
    assert log[1:6] == [
        ("PY_START", "f", start),
        ("PY_YIELD", "f", first, 1),
        ("PY_RESUME", "f", after_first),
        ("PY_YIELD", "f", second, 7),
        ("PY_RESUME", "f", after_second),
    ]
    assert log[6] == ("PY_RETURN", "f", leave, None)
    name, code, offset, stop = log[7]
    assert (name, code, offset, stop.value) == ("STOP_ITERATION", "run", loop, None)


def test_stop_iteration_of_coroutines() -> None:
    """The value that a coroutine returns is in the exception that is told."""
    run = support.function(
        """
        async def inner(): return 3
        async def outer(): return await inner()
        def run():
            try: outer().send(None)
            except StopIteration as stop: return stop.value
        """,
        "run",
    )
    (row,) = logged(run, E.STOP_ITERATION)
    assert (row[0], row[1], row[3].value) == ("STOP_ITERATION", "outer", 3)


def test_calls() -> None:
    """A Python function's call has no C_RETURN; a missing first argument is MISSING."""
    f = support.function(
        """
        class C:
            def m(self, a): return a
        def g(*a, **k): return a
        def f(c):
            g(); g(1, k=2); g(*(3,)); c.m(4); bound = c.m; bound(5)
            len(()); C(); print(end=""); max(*(6, 7))
        """
    )
    where = f.__globals__
    c = where["C"]()
    log = logged(f, E.CALL, c)
    told = [(name, what, first) for name, code, _, what, first in log if code == "f"]
    missing = monitoring.MISSING
    assert told == [
        ("CALL", where["g"], missing),
        ("CALL", where["g"], 1),
        ("CALL", where["g"], 3),
        ("CALL", where["C"].m, c),
        ("CALL", c.m, 5),
        ("CALL", len, ()),
        ("C_RETURN", len, ()),
        ("CALL", where["C"], missing),
        ("C_RETURN", where["C"], missing),
        ("CALL", print, ""),
        ("C_RETURN", print, ""),
        ("CALL", max, 6),
        ("C_RETURN", max, 6),
    ]
    assert {offset for _, code, offset, *_ in log if code == "f"} == set(
        offsets(f, "CALL", "CALL_FUNCTION_EX")
    )


def test_c_raise() -> None:
    f = support.function("def f(): int('x')")
    log = logged(f, E.CALL | E.RAISE)
    assert [row[0] for row in log] == ["CALL", "C_RAISE", "RAISE", "left by"]
    assert log[1][3:] == (int, "x")


BRANCHES = {
    "if": ("def f(x):\n if x: return 1\n return 2", "POP_JUMP_FORWARD_IF_FALSE"),
    "none": (
        "def f(x):\n if x is None: return 1\n return 2",
        "POP_JUMP_FORWARD_IF_NOT_NONE",
    ),
    "not none": (
        "def f(x):\n if x is not None: return 1\n return 2",
        "POP_JUMP_FORWARD_IF_NONE",
    ),
    "and": ("def f(x):\n return x and 1", "JUMP_IF_FALSE_OR_POP"),
    "or": ("def f(x):\n return x or 1", "JUMP_IF_TRUE_OR_POP"),
}


@pytest.mark.parametrize("name", BRANCHES)
@pytest.mark.parametrize("value", [None, 0, 1, [], [1], False, True])
def test_branches(name: str, value: object) -> None:
    """Told is where the host's own jump leads; the value is what it was without."""
    import dis

    source, opname = BRANCHES[name]
    f = support.function(source)
    with support.plain_host():
        expected = f(value)
    (jump,) = (row for row in dis.get_instructions(f) if row.opname == opname)
    (row,) = logged(f, E.BRANCH, value)
    follows = min(
        row.offset for row in dis.get_instructions(f) if row.offset > jump.offset
    )
    taken = {
        "if": not value,
        "none": value is not None,
        "not none": value is None,
        "and": not value,
        "or": bool(value),
    }[name]
    assert row == ("BRANCH", "f", jump.offset, jump.argval if taken else follows)
    assert f(value) == expected


def test_loops_of_the_host_are_one_branch() -> None:
    """The host's conditional jump back is one instruction, and so told once."""
    import dis

    f = support.function("def f(n):\n while n: n -= 1")
    (jump,) = (
        row for row in dis.get_instructions(f) if row.opname.startswith("POP_JUMP_BACK")
    )
    log = logged(f, E.BRANCH | E.JUMP, 3)
    back = [row for row in log if row[2] == jump.offset]
    assert [row[0] for row in log] == ["BRANCH"] * 4
    assert [row[3] for row in back[:2]] == [jump.argval] * 2
    assert back[2][3] > jump.offset


def test_for_loop_jumps() -> None:
    f = support.function("def f():\n for i in (1, 2): pass")
    (loop,) = offsets(f, "FOR_ITER")
    (back,) = offsets(f, "JUMP_BACKWARD")
    log = logged(f, E.BRANCH | E.JUMP)
    assert [row[0] for row in log] == ["BRANCH", "JUMP"] * 2 + ["BRANCH"]
    assert {row[2:] for row in log if row[0] == "JUMP"} == {(back, loop)}
    assert log[0][3] == loop + 2 < back < log[-1][3]


def test_truth_is_asked_for_once() -> None:
    """What tests an object's truth does not test it again for being watched."""
    f = support.function(
        """
        class Odd:
            asked = 0
            def __bool__(self): Odd.asked += 1; return True
        def f():
            odd = Odd()
            if odd: pass
            return (odd or 1), (odd and 2), Odd.asked
        """
    )
    log: Log = []
    listen(log, E.BRANCH)
    monitoring.set_events(TOOL, E.BRANCH)
    result = f()
    monitoring.set_events(TOOL, 0)
    assert result[1:] == (2, 3)
    assert len(log) == 3


def test_lines_and_instructions() -> None:
    """S0-38: LINE before INSTRUCTION before the instruction's own event, everywhere."""
    f = support.function("def f(x):\n y = x\n return y")
    events = E.LINE | E.INSTRUCTION | E.PY_RETURN | E.PY_START
    log = logged(f, events, 1)
    first, second, third, fourth = offsets(f, "LOAD_FAST", "STORE_FAST", "RETURN_VALUE")
    assert log == [
        ("PY_START", "f", 0),
        ("LINE", "f", 2),
        ("INSTRUCTION", "f", first),
        ("INSTRUCTION", "f", second),
        ("LINE", "f", 3),
        ("INSTRUCTION", "f", third),
        ("INSTRUCTION", "f", fourth),
        ("PY_RETURN", "f", fourth, 1),
    ]


def test_wide_arguments() -> None:
    """EXTENDED_ARG in front of what is instrumented: lines, jumps, variables."""
    body = "\n".join(f"  a{i} = x" for i in range(300))
    source = f"def f(x):\n for i in (1, 2):\n  if not i: continue\n{body}\n return a299"
    f = support.function(source)
    log = logged(f, E.LINE | E.BRANCH | E.JUMP | E.INSTRUCTION, 5)
    lines = [row[2] for row in log if row[0] == "LINE"]
    loop = list(range(3, 304))
    assert lines == [2, *loop, 2, *loop, 2, 304]
    assert f(5) == 5
    jumps = [row for row in log if row[0] == "JUMP"]
    assert {row[3] for row in jumps} == set(offsets(f, "FOR_ITER")) or all(
        row[3] < row[2] for row in jumps
    )


def test_exceptions() -> None:
    """RAISE, handled, raised again, out; each with the exception itself."""
    f = support.function(
        """
        def g():
            try:
                1 / 0
            except ZeroDivisionError:
                raise
        def f():
            try:
                g()
            except ArithmeticError as error:
                return error
        """
    )
    events = E.RAISE | E.RERAISE | E.EXCEPTION_HANDLED | E.PY_UNWIND
    log = logged(f, events)
    assert [row[:2] for row in log] == [
        ("RAISE", "g"),
        ("EXCEPTION_HANDLED", "g"),
        ("RERAISE", "g"),
        ("EXCEPTION_HANDLED", "g"),
        ("RERAISE", "g"),
        ("PY_UNWIND", "g"),
        ("RAISE", "f"),
        ("EXCEPTION_HANDLED", "f"),
    ]
    assert len({id(row[3]) for row in log}) == 1


def test_a_class_is_called_without_a_frame_of_its_own() -> None:
    """PY_UNWIND is told of __init__ alone, by the general call and by its form."""
    f = support.function(
        """
        class B:
            def __init__(self): raise ValueError
        def f():
            try: return B()
            except ValueError: pass
        """,
        "f",
    )
    (start,) = offsets(f.__globals__["B"].__init__, "RAISE_VARARGS")
    log: Log = []
    listen(log, E.PY_UNWIND | E.PY_RETURN)
    monitoring.set_events(TOOL, E.PY_UNWIND | E.PY_RETURN)
    for _ in range(100):
        f()
    assert "CALL_ALLOC_AND_ENTER_INIT" in names_now(f)
    assert [row[:2] for row in log] == [
        ("PY_UNWIND", "__init__"),
        ("PY_RETURN", "f"),
    ] * 100
    assert {row[2] for row in log[::2]} == {start}


def test_throw() -> None:
    f = support.function(
        """
        def g():
            try: yield
            except KeyError: yield 2
        def f():
            it = g()
            next(it)
            return it.throw(KeyError)
        """
    )
    log = logged(f, E.PY_THROW | E.RAISE | E.EXCEPTION_HANDLED | E.PY_YIELD)
    assert [row[0] for row in log[:5]] == [
        "PY_YIELD",
        "PY_THROW",
        "RAISE",
        "EXCEPTION_HANDLED",
        "PY_YIELD",
    ]
    # Dropped, it is closed.
    assert log[5][0] == "PY_THROW"
    assert type(log[5][3]) is GeneratorExit
    assert log[1][2] in offsets(f.__globals__["g"], "YIELD_VALUE")


def test_a_delegation_that_ends_by_a_throw() -> None:
    """What goes on after it has been told to, as on newer hosts by a StopIteration."""
    run = support.function(
        """
        def inner():
            try: yield
            except KeyError: return 5
        def outer():
            got = yield from inner()
            yield got
        def run():
            g = outer()
            next(g)
            g.throw(KeyError)
            g.close()
        """,
        "run",
    )
    events = (
        *(E.PY_START, E.PY_RESUME, E.PY_THROW, E.PY_YIELD, E.PY_RETURN, E.PY_UNWIND),
        *(E.RAISE, E.EXCEPTION_HANDLED),
    )
    log = [row for row in logged(run, sum(events)) if row[1] == "outer"]
    assert [row[0] for row in log] == [
        *("PY_START", "PY_YIELD"),
        *("PY_THROW", "RAISE", "EXCEPTION_HANDLED", "PY_YIELD"),
        *("PY_THROW", "RAISE", "PY_UNWIND"),
    ]
    assert all(row[3].value == 5 for row in log[2:5])


def test_asked_for_iteration_that_ends_by_raising() -> None:
    """A Python iterator's StopIteration is raised; a generator's end is not."""
    f = support.function(
        """
        class It:
            def __iter__(self): return self
            def __next__(self): raise StopIteration
        def gen():
            return 1
            yield
        def f():
            for _ in It(): pass
            for _ in gen(): pass
        """
    )
    log = logged(f, E.RAISE | E.STOP_ITERATION)
    assert [row[:2] for row in log] == [
        ("RAISE", "__next__"),
        ("RAISE", "f"),
        ("STOP_ITERATION", "f"),
    ]


# -- tools


def test_several_tools() -> None:
    """The higher number is told first; each is told what it asked for."""
    f = support.function("def f(): return len(())")
    log: Log = []
    for tool in (OTHER, TOOL):
        monitoring.register_callback(
            tool, E.PY_START, lambda code, offset, tool=tool: log.append(tool)
        )
        monitoring.set_local_events(tool, f.__code__, E.PY_START)
    f()
    assert log == [TOOL, OTHER]
    monitoring.set_local_events(TOOL, f.__code__, 0)
    f()
    assert log == [TOOL, OTHER, OTHER]


def test_local_events_add_to_global_ones() -> None:
    f = support.function("def f(): return g()\ndef g(): return 1")
    log: Log = []
    listen(log, E.PY_START | E.PY_RETURN)
    monitoring.set_local_events(TOOL, f.__code__, E.PY_RETURN)
    assert monitoring.get_local_events(TOOL, f.__code__) == E.PY_RETURN
    f()
    assert [row[:2] for row in log] == [("PY_RETURN", "f")]
    log.clear()
    monitoring.set_events(TOOL, E.PY_START)
    f()
    assert [row[:2] for row in log] == [
        ("PY_START", "f"),
        ("PY_START", "g"),
        ("PY_RETURN", "f"),
    ]
    log.clear()
    monitoring.set_events(TOOL, 0)
    f()
    assert [row[:2] for row in log] == [("PY_RETURN", "f")]


def test_freed_tools_leave_nothing() -> None:
    """Who takes the number next finds no events and no functions of the last one's."""
    f = support.function("def f(): return 1")
    log: Log = []
    listen(log, E.PY_START)
    monitoring.set_events(TOOL, E.PY_START)
    monitoring.set_local_events(TOOL, f.__code__, E.PY_START)
    monitoring.free_tool_id(TOOL)
    assert monitoring.get_tool(TOOL) is None
    monitoring.use_tool_id(TOOL, "another")
    f()
    assert monitoring.get_events(TOOL) == 0
    assert monitoring.get_local_events(TOOL, f.__code__) == 0
    assert monitoring.register_callback(TOOL, E.PY_START, None) is None
    assert not log


def test_tools_are_not_told_of_tools() -> None:
    """Nothing that runs for a tool is told to it or to another."""
    f = support.function("def f(): return 1\ndef helper(): return f()")
    helper = f.__globals__["helper"]
    log: Log = []
    listen(log, E.PY_START, OTHER)
    monitoring.set_events(OTHER, E.PY_START)
    monitoring.register_callback(TOOL, E.PY_RETURN, lambda *_: helper())
    monitoring.set_local_events(TOOL, f.__code__, E.PY_RETURN)
    f()
    assert [row[1] for row in log] == ["f"]


def test_own_code_is_not_told() -> None:
    """The package's own Python code runs unseen."""
    log: list[CodeType] = []
    monitoring.register_callback(TOOL, E.PY_START, lambda code, _: log.append(code))
    monitoring.set_events(TOOL, E.PY_START)
    for _ in range(10):
        adaptive.is_enabled()
        adaptive.counters()
    monitoring.set_events(TOOL, 0)
    package = adaptive.__file__.removesuffix("__init__.py")
    assert not [code for code in log if code.co_filename.startswith(package)]


@pytest.mark.parametrize(
    "event",
    [
        E.PY_START,
        E.CALL,
        E.C_RETURN,
        E.LINE,
        E.INSTRUCTION,
        E.BRANCH,
        E.JUMP,
        E.RAISE,
        E.PY_UNWIND,
    ],
    ids=NAMES.__getitem__,
)
def test_a_tool_that_raises(event: int) -> None:
    """Its exception comes from the instruction, and can be caught as from there."""
    f = support.function(
        """
        def g(x):
            for i in (1, 2):
                if x: len(())
            raise ValueError
        def f():
            try:
                g(1)
            except Exception as error:
                return error
        """
    )

    class StopError(Exception):
        pass

    def told(code: CodeType, *_: object) -> None:
        if code.co_name == "g":
            raise StopError

    asked = E.CALL if event == E.C_RETURN else event
    monitoring.register_callback(TOOL, event, told)
    monitoring.set_events(TOOL, asked)
    error = f()
    monitoring.set_events(TOOL, 0)
    assert type(error) is StopError
    assert type(f()) is ValueError


@pytest.mark.parametrize("times", [1, 2])
def test_a_tool_that_raises_at_a_handler(times: int) -> None:
    """Its exception comes from the handler; what is being handled is right after it.

    The second time it is the handler that cleans up after the first one.
    """
    f = support.function(
        """
        import sys
        def f():
            try:
                try:
                    raise KeyError
                except KeyError:
                    return "handled"
            except OSError as error:
                seen = error, sys.exc_info()[1]
            return *seen, sys.exc_info()[1]
        """
    )
    handlers: list[int] = []

    def told(code: CodeType, offset: int, error: BaseException) -> None:
        handlers.append(offset)
        if len(handlers) <= times:
            raise OSError

    monitoring.register_callback(TOOL, E.EXCEPTION_HANDLED, told)
    monitoring.set_events(TOOL, E.EXCEPTION_HANDLED)
    error, handled, after = f()
    monitoring.set_events(TOOL, 0)
    assert type(error) is OSError
    assert handled is error
    assert after is None
    assert f() == "handled"


def test_a_tool_that_raises_where_an_exception_passes() -> None:
    """Its exception passes instead, and the first one is gone."""
    f = support.function("def f(): raise KeyError")

    def told(code: CodeType, offset: int, error: BaseException) -> None:
        if code.co_name == "f":
            raise OSError(str(offset))

    for event in (E.RAISE, E.PY_UNWIND):
        monitoring.register_callback(TOOL, event, told)
        monitoring.set_events(TOOL, event)
        with pytest.raises(OSError, match=r"^\d+$"):
            f()
        monitoring.set_events(TOOL, 0)


# -- switched on and off


def test_disable_is_for_one_place() -> None:
    """The other place is told on; after `restart_events` both are again."""
    f = support.function("def f():\n a = 1\n b = 2")
    log: list[int] = []

    def told(code: CodeType, line: int) -> object:
        log.append(line)
        return monitoring.DISABLE if line == 2 else None

    monitoring.register_callback(TOOL, E.LINE, told)
    monitoring.set_local_events(TOOL, f.__code__, E.LINE)
    f()
    f()
    assert log == [2, 3, 3]
    monitoring.restart_events()
    f()
    assert log == [2, 3, 3, 2, 3]


@pytest.mark.parametrize("body", ["return (a\n +\n b)", "return (a\n +\n b.x)"])
def test_restarted_in_the_middle_of_a_fused_row(body: str) -> None:
    """S0-36: a row that was fused while nobody was told gives way again."""
    f = support.function(f"def f(a, b):\n {body}")
    b = SimpleNamespace(x=5) if "x" in body else 5
    log: list[int] = []

    def told(code: CodeType, line: int) -> object:
        log.append(line)
        return monitoring.DISABLE

    monitoring.register_callback(TOOL, E.LINE, told)
    monitoring.set_local_events(TOOL, f.__code__, E.LINE)
    f(5, b)
    expected = log.copy()
    assert len(expected) > 2
    for _ in range(80):
        f(5, b)
    assert log == expected
    monitoring.restart_events()
    f(5, b)
    assert log == expected * 2


def test_disable_is_for_one_tool() -> None:
    f = support.function("def f(): return 1")
    log: Log = []
    listen(log, E.PY_START, TOOL, monitoring.DISABLE)
    listen(log, E.PY_START, OTHER)
    for tool in (TOOL, OTHER):
        monitoring.set_local_events(tool, f.__code__, E.PY_START)
    f()
    f()
    assert len(log) == 3


def test_what_cannot_be_disabled() -> None:
    """ValueError, and the function is not called again."""
    f = support.function("def f(): raise KeyError")
    log: Log = []
    listen(log, E.RAISE, TOOL, monitoring.DISABLE)
    monitoring.set_events(TOOL, E.RAISE)
    with pytest.raises(
        ValueError, match=r"^Cannot disable RAISE events\. Callback rem"
    ):
        f()
    with pytest.raises(KeyError):
        f()
    monitoring.set_events(TOOL, 0)
    assert len(log) == 1


def test_all_lines_disabled_is_as_unwatched() -> None:
    """S0-38: nothing instrumented is left, and the code warms up again."""
    f = support.function("def f(n):\n s = 0\n for i in range(n):\n  s += i\n return s")
    with support.plain_host():
        expected = f(500)
    for _ in range(10):
        f(500)
    warm = names_now(f)
    monitoring.register_callback(TOOL, E.LINE, lambda *_: monitoring.DISABLE)
    monitoring.set_local_events(TOOL, f.__code__, E.LINE)
    assert any(map(is_instrumented, names_now(f)))
    assert [f(500) for _ in range(11)] == [expected] * 11
    assert names_now(f) == warm


def test_switched_in_the_middle_of_a_loop() -> None:
    """A frame that runs sees at its next instruction what is switched on or off."""
    f = support.function(
        """
        def f(switch):
            for i in range(10):
                switch(i)
                a = i
        """
    )
    log: Log = []
    listen(log, E.LINE)

    def switch(i: int) -> None:
        if i in (3, 6):
            monitoring.set_events(TOOL, E.LINE if i == 3 else 0)

    f(switch)
    lines = [row[2] for row in log if row[1] == "f"]
    assert lines == [5, 3, 4, 5, 3, 4, 5, 3, 4]


def test_a_tool_switches_itself_off() -> None:
    """In the middle of what it is told, and on again from another event."""
    f = support.function("def f():\n a = 1\n b = 2\n c = 3")
    log: list[int] = []

    def told(code: CodeType, line: int) -> None:
        log.append(line)
        monitoring.set_local_events(TOOL, f.__code__, 0)

    monitoring.register_callback(TOOL, E.LINE, told)
    monitoring.set_local_events(TOOL, f.__code__, E.LINE | E.INSTRUCTION)
    f()
    f()
    assert log == [2]
    assert not any(map(is_instrumented, names_now(f)))


def test_generators_that_are_suspended() -> None:
    """What is switched on while a generator waits is told when it goes on."""
    g = support.function("def g():\n for i in range(9):\n  yield i", "g")()
    next(g)
    log: Log = []
    listen(log, E.PY_RESUME | E.PY_YIELD | E.LINE)
    monitoring.set_events(TOOL, E.PY_RESUME | E.PY_YIELD | E.LINE)
    next(g)
    monitoring.set_events(TOOL, 0)
    next(g)
    told = [row[0] for row in log if row[1] == "g"]
    assert told == ["PY_RESUME", "LINE", "LINE", "PY_YIELD"]


def test_code_that_is_lowered_later() -> None:
    """Code that nobody has called yet is watched from its first call on."""
    log: Log = []
    listen(log, E.PY_START)
    adaptive.enable(50)
    monitoring.set_events(TOOL, E.PY_START)
    f = support.loaded("def f(): return 1")["f"]
    f()
    monitoring.set_events(TOOL, 0)
    assert [row[1] for row in log] == ["f"]


# -- the code units

WARM = """
class C:
    def __init__(self): self.x = 1
    def m(self, a): return a + self.x
def f(n, c=C()):
    total = 0
    for k, v in {1: 2, 3: 4}.items():
        total += v
    for i in range(n):
        total += c.m(i)
        if total > 10 and i:
            text = "a"
            text += "b"
    return total, text
"""


def test_monitored_stay_instrumented() -> None:
    """S0-38: a thousand calls later; what is not monitored may have its forms."""
    f = support.function(WARM)
    with support.plain_host():
        expected = f(20)
    for events in (E.LINE, E.INSTRUCTION, E.LINE | E.INSTRUCTION, E.CALL | E.BRANCH):
        monitoring.set_local_events(TOOL, f.__code__, events)
        before = {name for name in names_now(f) if is_instrumented(name)}
        assert before
        for _ in range(1000 if events == E.INSTRUCTION else 30):
            assert f(20) == expected
        after = names_now(f)
        assert before == {name for name in after if is_instrumented(name)}
        if events & E.INSTRUCTION:
            bases = {row.name for row in isa.INSTRUCTIONS if row.base == row.name}
            assert after <= bases | before | {"RESUME_CHECK"}
    monitoring.set_local_events(TOOL, f.__code__, 0)


@pytest.mark.parametrize("event", [E.LINE, E.CALL, E.PY_START], ids=NAMES.__getitem__)
def test_forms_give_way(event: int) -> None:
    """S0-39: right after `set_events` there are only base and instrumented opcodes."""
    f = support.function(WARM)
    for _ in range(50):
        f(20)
    derived = {row.name for row in isa.INSTRUCTIONS if row.base != row.name}
    derived = {name for name in derived if not is_instrumented(name)}
    warm = names_now(f)
    assert warm & derived
    monitoring.set_events(TOOL, event)
    shown = names_now(f)
    monitoring.set_events(TOOL, 0)
    assert any(map(is_instrumented, shown))
    assert not shown & derived
    for _ in range(50):
        f(20)
    assert names_now(f) == warm


def test_no_stale_cache() -> None:
    """S0-40: no cell keeps what it held, and a class that it named can die."""
    source = """
    class C:
        def m(self): return 1
    def f(c): return c.m()
    """
    f = support.function(source)
    kind = f.__globals__.pop("C")
    for _ in range(50):
        f(kind())
    units = adaptive.code(f).units
    (at,) = (
        unit
        for unit, op in enumerate(units.original_bytes()[::2])
        if op == isa.NUMBER["LOAD_ATTR"]
    )
    assert isa.BY_NUMBER[units.read_op(at)].name.startswith("LOAD_ATTR_METHOD")
    data = slice(2 * (at + 2), 2 * (at + 1 + isa.CACHE_UNITS[isa.NUMBER["LOAD_ATTR"]]))
    assert any(bytes(units)[data])
    monitoring.set_local_events(TOOL, f.__code__, E.LINE)
    assert not any(bytes(units)[data])
    gone = weakref.ref(kind)
    del kind
    gc.collect()
    assert gone() is None

    class Other:
        def m(self) -> int:
            return 2

    assert f(Other()) == 2
    monitoring.set_local_events(TOOL, f.__code__, 0)
    assert f(Other()) == 2


def test_walks_visit_the_same_units() -> None:
    """S0-36: an instrumented opcode has as many cache units as its base has."""
    f = support.function(WARM)
    f(20)
    units = adaptive.code(f).units
    from adaptive.lowering import iterate

    clean = units.original_bytes()
    begins = [end - 1 - isa.CACHE_UNITS[op] for _, op, _, end in iterate(clean)]
    for events in (E.LINE, E.INSTRUCTION, E.CALL | E.BRANCH | E.PY_RETURN | E.JUMP):
        monitoring.set_local_events(TOOL, f.__code__, events)
        assert units.original_bytes() == clean
        unit = 0
        walked = []
        while unit < len(units):
            walked.append(unit)
            assert units.base_op(unit) == clean[2 * unit]
            assert units.cache_entries(unit) == isa.CACHE_UNITS[units.base_op(unit)]
            unit += 1 + units.cache_entries(unit)
        assert walked == begins


@pytest.mark.parametrize("event", [E.INSTRUCTION, E.CALL], ids=NAMES.__getitem__)
def test_quickening_leaves_them_alone(event: int) -> None:
    """S0-37: monitored before its first call, the counter stays 0; later it begins."""
    f = support.function("def f(g): return g()")
    monitoring.set_local_events(TOOL, f.__code__, event)
    units = adaptive.code(f).units
    (call,) = (
        unit
        for unit, op in enumerate(units.original_bytes()[::2])
        if op == isa.NUMBER["CALL"]
    )
    assert is_instrumented(isa.BY_NUMBER[units.read_op(call)].name)
    for _ in range(100):
        f(list)
    assert units.read_adaptive_counter(call) == 0
    monitoring.set_local_events(TOOL, f.__code__, 0)
    assert units.read_adaptive_counter(call) != 0


def test_nobody_else_changes_an_instrumented_opcode() -> None:
    """S2-28, S2-29: not by asking for it, and its counter stays as well."""
    f = support.function("def f(a, b): return a + b")
    f(1, 2)
    monitoring.set_local_events(TOOL, f.__code__, E.INSTRUCTION)
    units = adaptive.code(f).units
    (at,) = (
        unit
        for unit, op in enumerate(units.original_bytes()[::2])
        if op == isa.NUMBER["BINARY_OP"]
    )
    before = bytes(units)
    op = units.read_op(at)
    base, form = isa.NUMBER["BINARY_OP"], isa.NUMBER["BINARY_OP_ADD_INT"]
    assert units.compare_exchange_op(at, base, form) is False
    with pytest.raises(ValueError, match="is no form of"):
        units.compare_exchange_op(at, op, form)
    assert units.deoptimize_at(at) is False
    units.deoptimize()
    assert bytes(units) == before


def test_disassembly_of_monitored_code() -> None:
    """S0-36: each instruction is shown where it stands, with its base's argument."""
    from adaptive.dis import instructions

    f = support.function(WARM)
    f(20)
    clean = [
        (row.unit, row.oparg, row.argrepr, row.base)
        for row in instructions(adaptive.code(f))
    ]
    monitoring.set_local_events(TOOL, f.__code__, E.LINE | E.INSTRUCTION)
    shown = list(instructions(adaptive.code(f)))
    assert [(row.unit, row.oparg, row.argrepr, row.base) for row in shown] == clean
    assert {row.opname for row in shown} >= {row.name for row in isa.OVER_ANY}


# -- threads


def test_events_while_others_run() -> None:
    """S4-16: one tool's switched ten thousand times under threads that run the code.

    No result is wrong, and what another tool asks for all the time is told each time.
    """
    f = support.function(WARM)
    with support.plain_host():
        expected = f(20)
    monitoring.register_callback(OTHER, E.PY_RETURN, lambda *what: told.append(what[2]))
    monitoring.set_local_events(OTHER, f.__code__, E.PY_RETURN)
    done = threading.Event()
    told: list[object] = []
    results: list[object] = []

    def work() -> None:
        while not done.is_set():
            results.append(f(20))

    threads = [threading.Thread(target=work) for _ in range(2)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    for thread in threads:
        thread.start()
    try:
        for i in range(10_000):
            events = (E.LINE, E.INSTRUCTION, E.CALL | E.BRANCH, 0)[i % 4]
            monitoring.set_local_events(TOOL, f.__code__, events)
            if i % 50 == 0:
                time.sleep(0)  # or the others would hardly ever run
    finally:
        done.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert results
    assert told == [expected] * len(results)
    assert results == told


def test_all_threads_are_told() -> None:
    """S4-17: there is one copy of the units, and every thread runs it."""
    f = support.function(WARM)
    log: Log = []
    listen(log, E.LINE)
    told: dict[int, int] = {}

    def line(code: CodeType, number: int) -> None:
        here = threading.get_ident()
        told[here] = told.get(here, 0) + 1

    monitoring.register_callback(TOOL, E.LINE, line)
    monitoring.set_local_events(TOOL, f.__code__, E.LINE)
    ready = threading.Barrier(8)

    def work() -> None:
        ready.wait()
        for _ in range(5):
            f(20)
        ready.wait()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 8
    assert len(set(told.values())) == 1
