"""`python -m tests.thread_stress`: threads that run, and change, the same functions.

Workers call functions that all of them share, with operands whose types change, and
check each result.  Meanwhile others assign methods, classes' bases, instances' classes
and functions' code, change what a tool asks for, and switch the engine off and on.
What changes step by step has a number: a worker may see the number from before its
call, or a later one, never an older one.  ``--seconds`` says how long; exit status 1: a
worker saw something wrong.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType
from typing import Any

import adaptive
from adaptive import monitoring, testing

#: Threads take turns as often as they can.
SWITCH_S = 1e-6
#: Between two steps of one who changes things: then there is time to become warm.
STEP_S = 0.001
PATIENCE_S = 120


class Base:
    def who(self) -> str:
        return "base"


class OtherBase:
    def who(self) -> str:
        return "other"


class Changing(Base):
    number = 0
    kind = "first"

    def __init__(self, n: int = 0) -> None:
        self.n = n

    def now(self) -> int:
        return 0

    def plus(self, other: Any) -> Any:
        return self.n + other


class Twin(Base):
    kind = "second"

    def __init__(self, n: int = 0) -> None:
        self.n = n

    def plus(self, other: Any) -> Any:
        return other + self.n


class Slots:
    __slots__ = ("n",)

    def __init__(self, n: Any) -> None:
        self.n = n


shared = Changing(1)
step = 0


def add(a: Any, b: Any) -> Any:
    return a + b


def item(values: Any, key: Any) -> Any:
    return values[key]


def attribute(thing: Any) -> Any:
    return thing.n


def store(thing: Any, value: Any) -> Any:
    thing.n = value
    return thing.n


def less(a: Any, b: Any) -> bool:
    return bool(a < b)


def truth(a: Any) -> int:
    return 1 if a else 0


def total(values: Any) -> Any:
    found = 0
    for value in values:
        found += value
    return found


def numbers(n: int) -> Iterator[int]:
    for i in range(n):
        yield i * 1


def squares(n: int) -> int:
    return sum(i * i for i in numbers(n))


def method() -> int:
    return shared.now()


def kind() -> str:
    return shared.kind


def who() -> str:
    return shared.who()


def plus(other: Any) -> Any:
    return shared.plus(other)


def coded() -> int:
    return 0


def call_coded() -> int:
    return coded()


def number() -> int:
    return Changing.number


def global_step() -> int:
    return step


def make(n: int) -> int:
    return Changing(n).n


TOOL = 4
told: Counter[str] = Counter()
EVENT_SETS = (
    0,
    monitoring.events.LINE,
    monitoring.events.INSTRUCTION | monitoring.events.PY_START,
    monitoring.events.BRANCH | monitoring.events.RAISE,
)

OPERANDS = ((1, 2), (1.5, 2.5), ("a", "b"), ([1], [2]), (2**70, 1), ((1,), (2,)))
CONTAINERS = (([1, 2], 0), ((1, 2), 1), ("ab", 0), ({"k": 3}, "k"), ({5: 1}, 5))


def profiled(calls: int) -> int:
    """How many calls of `less` a profile function sees."""
    seen = 0

    def note(frame: Any, event: str, argument: Any) -> None:
        nonlocal seen
        seen += event == "call" and frame.f_code is less.__code__

    sys.setprofile(note)
    try:
        for i in range(calls):
            less(i, 2)
    finally:
        sys.setprofile(None)
    return seen


def constants(turn: int) -> None:
    """Functions whose result follows from their operands alone."""
    for left, right in OPERANDS:
        assert add(left, right) == left.__add__(right), (left, right)  # type: ignore[operator]
        assert less(left, right) == left.__lt__(right), (left, right)  # type: ignore[operator]
    for values, key in CONTAINERS:
        assert item(values, key) == values.__getitem__(key)  # type: ignore[index]
    for thing in (Slots(turn), Changing(turn), Twin(turn), Slots("text")):
        assert attribute(thing) is thing.n
        assert store(thing, turn) is turn
    for value in (0, 1, "", "x", [], None, 2.5, (), shared):
        assert truth(value) == bool(value)
    for values in ((1, 2), [1, 2], range(3), iter([1, 2]), {1: 2, 2: 3}, {1, 2}):
        assert total(values) == 3
    assert squares(7) == 91
    assert make(turn) == turn
    assert profiled(5) == 5


def variables() -> None:
    """Functions that see what others change."""
    for ask in (method, call_coded, number, global_step):
        before = step
        found = ask()
        # The one who counts has stored everything before `step`, which comes last.
        assert before <= found <= step + 1, (ask.__name__, before, found, step)
    assert kind() in ("first", "second", "changed")
    assert who() in ("base", "other")
    assert plus(1) == 2
    assert plus(1.5) == 2.5


def count() -> None:
    """One step: every number goes up by one, `step` last."""
    global step
    now = step + 1
    names: dict[str, Any] = {}
    exec(f"def now(self): return {now}\ndef coded(): return {now}", names)
    Changing.now = names["now"]  # type: ignore[method-assign]
    Twin.now = names["now"]  # type: ignore[attr-defined]
    Changing.number = now
    code: CodeType = names["coded"].__code__
    coded.__code__ = code
    step = now


def change_class() -> None:
    shared.__class__ = Twin if type(shared) is Changing else Changing


def change_bases() -> None:
    base = OtherBase if Base in Changing.__bases__ else Base
    Changing.__bases__ = (base,)
    Twin.__bases__ = (base,)


def change_kind() -> None:
    if "kind" in Changing.__dict__:
        Base.kind = OtherBase.kind = "changed"  # type: ignore[attr-defined]
        del Changing.kind
    else:
        Changing.kind = "first"


def toggle() -> None:
    adaptive.disable()
    adaptive.enable(0)


def collect() -> None:
    gc.collect()
    testing.clear_copies()


def said(event: str, code: CodeType, *what: object) -> object:
    """The tool: it wants lines once at each place, and all the rest always."""
    told[event] += 1
    return monitoring.DISABLE if event == "LINE" else None


def watch() -> None:
    """The tool asks for the next of `EVENT_SETS`; what it disabled is told again."""
    now = EVENT_SETS.index(monitoring.get_events(TOOL))
    monitoring.set_events(TOOL, EVENT_SETS[(now + 1) % len(EVENT_SETS)])
    monitoring.restart_events()


CHANGES = (count, change_class, change_bases, change_kind, toggle, collect, watch)


class Stress:
    """Threads that go on until the time is over, or one of them has failed."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.errors: list[BaseException] = []
        self.turns = 0

    def repeat(self, work: Callable[[int], None]) -> None:
        """Does the work again and again."""
        try:
            for turn in itertools.count():
                if self.errors or time.monotonic() > self.end:
                    break
                work(turn)
                self.turns += 1
        except BaseException as error:
            self.errors.append(error)

    def work(self, turn: int) -> None:
        constants(turn)
        variables()

    def change(self, turn: int) -> None:
        CHANGES[turn % len(CHANGES)]()
        time.sleep(STEP_S)

    def short_lived(self, turn: int) -> None:
        """A thread of its own for each turn: indices and copies change hands."""
        thread = threading.Thread(target=self.work, args=(turn,))
        thread.start()
        thread.join()

    def run(self, workers: int) -> None:
        """Raises what the first failing thread has raised."""
        jobs = [self.work] * workers + [self.change, self.short_lived]
        threads = [threading.Thread(target=self.repeat, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(self.end - time.monotonic(), 0) + PATIENCE_S)
        if any(thread.is_alive() for thread in threads):
            raise TimeoutError("a thread does not come to its end")
        if self.errors:
            raise self.errors[0]


def main() -> int:
    """Run it, and say how much was done."""
    parser = argparse.ArgumentParser(prog="python -m tests.thread_stress")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    threading.excepthook = lambda failed: stress.errors.append(
        failed.exc_value or failed.exc_type()
    )
    sys.setswitchinterval(SWITCH_S)
    monitoring.use_tool_id(TOOL, "thread stress")
    for event in ("LINE", "INSTRUCTION", "PY_START", "BRANCH", "RAISE"):
        monitoring.register_callback(
            TOOL, getattr(monitoring.events, event), partial(said, event)
        )
    adaptive.enable(0)
    stress = Stress(options.seconds)
    stress.run(options.threads)
    adaptive.disable()
    forms = len(adaptive.counters()["specialized"])
    made = testing.copy_totals().made
    print(
        f"{stress.turns} turns, {step} steps, {forms} forms, {made} copies, "
        f"{sum(told.values())} events"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
