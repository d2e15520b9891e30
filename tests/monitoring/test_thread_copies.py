"""Tool events while threads run code units of their own (ADAPTIVE_TLBC=on)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from types import CodeType
from typing import Any

import pytest
import support

import adaptive
from adaptive import dis, monitoring, testing

E = monitoring.events
TOOL = 4
PATIENCE_S = 30.0
RUNS = 10

LOOP = """
def f(values, step):
    total = 0
    for value in values:
        total = total + value
        if value == step:
            meet()
    return total
"""


@pytest.fixture(autouse=True)
def _copies() -> Iterator[None]:
    """Threads have copies, and a tool its number."""
    core = adaptive._engine()
    core.set_thread_copies(True)
    monitoring.use_tool_id(TOOL, "thread copies")
    try:
        with adaptive.enabled(0):
            yield
    finally:
        monitoring.free_tool_id(TOOL)
        monitoring.restart_events()
        core.set_thread_copies(False)
        testing.clear_copies()


class Told:
    """What a tool is told of programs, by thread, event and place."""

    def __init__(self, events: int, says: object = None) -> None:
        self.log: Counter[tuple[int | None, str, int]] = Counter()
        for name in ("LINE", "INSTRUCTION", "BRANCH", "PY_START", "PY_RETURN"):
            if getattr(E, name) & events:
                self.register(name, says)

    def register(self, name: str, says: object) -> None:
        def told(code: CodeType, *what: Any) -> object:
            if code.co_filename != support.FILE:
                return None
            place = what[0] if what else 0
            self.log[testing.thread_index(), name, place] += 1
            return says

        monitoring.register_callback(TOOL, getattr(E, name), told)

    def of(self, index: int) -> Counter[tuple[str, int]]:
        """What the thread of this index told."""
        return Counter(
            {key[1:]: count for key, count in self.log.items() if key[0] == index}
        )


def run_in_thread(work: Any) -> None:
    """Raises what the work raises."""
    errors: list[BaseException] = []

    def body() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    if errors:
        raise errors[0]


def opcodes(function: Any) -> list[list[str]]:
    """The names in each of the function's copies."""
    return [
        [row.opname for row in dis.instructions(copy)]
        for copy in testing.copies(function)
        if copy is not None
    ]


def instrumented(names: list[str]) -> list[str]:
    return [name for name in names if name.startswith("INSTRUMENTED_")]


ALL = E.LINE | E.INSTRUCTION | E.BRANCH | E.PY_START | E.PY_RETURN


@pytest.mark.parametrize("events", [E.LINE, E.INSTRUCTION, E.BRANCH, ALL])
@pytest.mark.parametrize("made_before", [False, True])
def test_every_copy_tells(events: int, made_before: bool) -> None:
    """Copies that are there already and copies made later tell what the main does."""
    f = support.function(LOOP, meet=lambda: None)

    def work() -> None:
        f(range(5), 3)

    work()
    if made_before:
        run_in_thread(lambda: [work() for _ in range(RUNS)])
        assert len(testing.copies(f)) == 2
    told = Told(events)
    monitoring.set_events(TOOL, events)
    work()
    run_in_thread(work)
    main, own = opcodes(f)
    monitoring.set_events(TOOL, 0)
    assert told.of(0) and told.of(1) == told.of(0)
    assert instrumented(main) and instrumented(own) == instrumented(main)


def test_a_frame_that_runs_on_a_copy_tells_from_then_on() -> None:
    """Its next instruction is already instrumented, and no more once events go."""
    begun, asked, seen, over = (threading.Event() for _ in range(4))
    meetings = iter([(begun, asked), (seen, over)])

    def meet() -> None:
        say, wait = next(meetings)
        say.set()
        assert wait.wait(PATIENCE_S)

    f = support.function(LOOP, meet=meet)
    told = Told(E.LINE)
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(f([1, 7, 1, 7, 1], 7)))
    thread.start()
    assert begun.wait(PATIENCE_S)
    assert not told.log
    monitoring.set_events(TOOL, E.LINE)
    asked.set()
    assert seen.wait(PATIENCE_S)
    heard = told.of(1)
    # Two turns of the loop after the call, the second up to the call again.
    assert heard == Counter(
        {("LINE", 4): 2, ("LINE", 5): 2, ("LINE", 6): 2, ("LINE", 7): 1}
    )
    monitoring.set_events(TOOL, 0)
    over.set()
    thread.join(PATIENCE_S)
    assert results == [17]
    assert told.of(1) == heard


def test_disable_holds_for_all_copies_until_a_restart() -> None:
    f = support.function(LOOP, meet=lambda: None)
    told = Told(E.LINE, monitoring.DISABLE)
    monitoring.set_events(TOOL, E.LINE)
    run_in_thread(lambda: f(range(5), 3))
    once = told.of(1)
    assert {line for _, line in once} == {3, 4, 5, 6, 7, 8}
    f(range(5), 3)
    run_in_thread(lambda: f(range(5), 3))
    assert not told.of(0) and told.of(1) == once
    assert not any(instrumented(names) for names in opcodes(f))
    monitoring.restart_events()
    assert all(instrumented(names) for names in opcodes(f))
    f(range(5), 3)
    assert told.of(0) == once


def test_copies_specialize_again_without_tools() -> None:
    """Base opcodes with counters come back, each copy's own forms grow over them."""
    f = support.function("def f(a, b):\n    return a + b\n")

    def work(*arguments: Any) -> None:
        for _ in range(RUNS):
            f(*arguments)

    def both() -> None:
        work(1, 2)
        run_in_thread(lambda: work("a", "b"))

    both()
    before = opcodes(f)
    monitoring.set_local_events(TOOL, f.__code__, E.INSTRUCTION | E.PY_START)
    main, own = opcodes(f)
    assert main == own and instrumented(own)
    both()
    assert opcodes(f) == [main, own]
    monitoring.set_local_events(TOOL, f.__code__, 0)
    main, own = opcodes(f)
    assert main == own and not instrumented(own)
    both()
    assert opcodes(f) == before


def test_copies_of_monitored_code_are_freed() -> None:
    f = support.function(LOOP, meet=lambda: None)
    testing.clear_copies()
    freed = testing.copy_totals().freed
    monitoring.set_local_events(TOOL, f.__code__, E.LINE)
    run_in_thread(lambda: f(range(5), 3))
    assert instrumented(opcodes(f)[1])
    testing.clear_copies()
    assert len(testing.copies(f)) == 1
    monitoring.set_local_events(TOOL, f.__code__, 0)
    run_in_thread(lambda: f(range(5), 3))
    assert not instrumented(opcodes(f)[1])
    testing.clear_copies()
    assert testing.copy_totals().freed >= freed + 2
