"""Threads, signals, asynchronous exceptions, fork: what the loop looks up from."""

from __future__ import annotations

import ctypes
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

import pytest
import support

import adaptive

#: Long enough for a loaded machine; nothing waits for it unless something is wrong.
PATIENCE_S = 30


@pytest.fixture
def _switching() -> Iterator[None]:
    """Threads take turns as often as they can."""
    was = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(was)


@pytest.fixture
def _alarm() -> Iterator[None]:
    """No timer and no handler is left."""
    was = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, was)


def run_threads(targets: list[Callable[[], object]]) -> list[object]:
    """Runs all at once; their results, or what they raised."""
    results: list[object] = [None] * len(targets)
    start = threading.Barrier(len(targets))

    def work(number: int) -> None:
        start.wait(PATIENCE_S)
        try:
            results[number] = targets[number]()
        except BaseException as error:
            results[number] = error

    threads = [
        threading.Thread(target=work, args=(number,)) for number in range(len(targets))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert not any(thread.is_alive() for thread in threads)
    return results


WORK = """
    class C:
        def __init__(self, n):
            self.n = n
        def half(self):
            return self.n // 2

    def gen(n):
        for i in range(n):
            yield C(i).half()

    def work(n):
        total = 0
        for i in range(n):
            try:
                total += sum(gen(i % 7)) + C(i).half()
                if i % 11 == 0:
                    raise KeyError(i)
            except KeyError as error:
                total += error.args[0]
        return total
    """


@pytest.mark.usefixtures("_switching")
def test_threads_share_code() -> None:
    """S1-07: 8 threads released at once into the same cold functions."""
    work = support.function(WORK, "work")
    expected = work(400)
    for threshold in (0, 3):
        work = support.function(WORK, "work")
        with adaptive.enabled(threshold):
            results = run_threads([lambda f=work: f(400)] * 8)
        assert results == [expected] * 8


def test_first_call_lowers_once() -> None:
    """S0-28: threads that race into cold code lower it once."""
    work = support.function("def f():\n    for i in range(50): pass\n    return i\n")
    with adaptive.enabled(0):
        run_threads([lambda: None] * 2)
        adaptive.reset_counters()
        assert run_threads([work] * 8) == [49] * 8
        # `f` itself; the lambdas that hand it over have been lowered before.
        assert adaptive.counters()["lowered"] <= 2


@pytest.mark.usefixtures("_switching")
def test_loop_gives_the_lock_away() -> None:
    """A thread that only loops on the engine lets the others run."""
    names = support.loaded(
        """
        def spin(stop, started):
            started.append(1)
            turns = 0
            while not stop:
                turns += 1
            return "stopped"

        def spin_without_calls(stop, started):
            started.append(1)
            while not stop:
                pass
            return "stopped"

        def stops(stop, started):
            while len(started) < 3:
                pass
            stop.append(1)
            return "stopped"
        """
    )
    for spin in ("spin", "spin_without_calls"):
        stop: list[int] = []
        started: list[int] = []
        calls = [
            lambda f=name, s=stop, b=started: names[f](s, b)
            for name in (spin, spin, spin, "stops")
        ]
        with support.hot_engine():
            assert run_threads(calls) == ["stopped"] * 4


@pytest.mark.usefixtures("_switching")
def test_generator_in_two_threads() -> None:
    """A generator that runs in one thread is refused to another."""
    names = support.loaded(
        """
        def g(entered, leave):
            entered.set()
            leave.wait(30)
            yield 1
        """
    )
    entered, leave = threading.Event(), threading.Event()
    gen = names["g"](entered, leave)
    found: list[object] = []

    def second() -> None:
        entered.wait(PATIENCE_S)
        try:
            next(gen)
        except ValueError as error:
            found.append(str(error))
        leave.set()

    with support.hot_engine():
        results = run_threads([lambda: next(gen), second])
    assert results == [1, None]
    assert found == ["generator already executing"]


def interrupt(thread: threading.Thread, error: type[BaseException] | None) -> int:
    """Asks for an exception in another thread; how many threads it reached."""
    return int(
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(error)
        )
    )


class Stop(Exception):  # noqa: N818 (it is an order, no error)
    """What is raised from outside."""


@pytest.mark.parametrize("kind", ["loop", "call", "generator", "handler"])
def test_asynchronous_exception(kind: str) -> None:
    """An exception set from outside is raised in the running loop, and only once."""
    names = support.loaded(
        """
        def leaf():
            return 1

        def gen():
            while True:
                yield 1

        def loop(ready):
            ready.set()
            while True:
                pass

        def call(ready):
            ready.set()
            while True:
                leaf()

        def generator(ready):
            ready.set()
            for _ in gen():
                pass

        def handler(ready):
            try:
                raise KeyError
            except KeyError:
                ready.set()
                while True:
                    pass

        def run(f, ready, log):
            try:
                f(ready)
            except Stop as error:
                log.append(type(error).__name__)
                log.append(type(error.__context__).__name__)
                tb = error.__traceback__
                while tb:
                    log.append(tb.tb_frame.f_code.co_name)
                    tb = tb.tb_next
            for _ in range(100):
                leaf()
            return "over"
        """,
        Stop=Stop,
    )
    ready, log = threading.Event(), []  # type: ignore[var-annotated]
    results: list[object] = []
    thread = threading.Thread(
        target=lambda: results.append(names["run"](names[kind], ready, log))
    )
    with support.hot_engine():
        thread.start()
        ready.wait(PATIENCE_S)
        assert interrupt(thread, Stop) == 1
        thread.join(PATIENCE_S)
    assert results == ["over"]
    assert log[:2] == ["Stop", "KeyError" if kind == "handler" else "NoneType"]
    assert log[2:4] == ["run", kind]
    assert set(log[4:]) <= {"leaf", "gen"}


class Pending:
    """A pending call's argument: the call asks it for its truth."""

    def __init__(self, error: type[BaseException] | None) -> None:
        self.calls = 0
        self.error = error

    def __bool__(self) -> bool:
        self.calls += 1
        if self.error:
            raise self.error
        return False

    def add(self) -> None:
        """Asks the interpreter to call it soon; the object must outlive that."""
        self.adding()()

    def adding(self) -> Callable[[], object]:
        """What does that when it is called, without a line of Python."""
        add, ask = ctypes.pythonapi.Py_AddPendingCall, ctypes.pythonapi.PyObject_IsTrue
        return partial(add, ask, ctypes.py_object(self))


PENDING = """
    def loop(pending):
        pending.add()
        turns = 0
        while not pending.calls and turns < 10_000_000:
            turns += 1
        return turns

    def main(pending):
        try:
            return loop(pending)
        except Stop as error:
            return [error.__context__, error.__traceback__.tb_next.tb_lineno]
    """


def test_pending_call() -> None:
    """A pending call is made while the engine loops."""
    pending = Pending(None)
    with support.hot_engine():
        turns = support.function(PENDING, "main", Stop=Stop)(pending)
    assert pending.calls == 1
    assert turns < 10_000_000


def test_pending_call_that_fails() -> None:
    """An error of a pending call is raised where the engine stands."""
    pending = Pending(Stop)
    with support.hot_engine():
        context, line = support.function(PENDING, "main", Stop=Stop)(pending)
    assert pending.calls == 1
    assert context is None
    assert 3 <= line <= 6


ASKED = """
    here = "the module that was interrupted"

    def main(add, seen):
        add()
        turns = 0
        while not seen and turns < 10_000_000:
            turns += 1
        return seen
    """


def test_pending_call_asks_for_names() -> None:
    """What C code imports or evaluates in a pending call, it does in the frame."""

    class Asking(Pending):
        __bool__ = partial(  # type: ignore[assignment]
            eval, "seen.append((here, __import__('math').pi)) is not None"
        )

    expected = [("the module that was interrupted", math.pi)]
    asking = Asking(None)
    main = support.function(ASKED, "main")
    assert main(asking.adding(), []) == expected
    with support.hot_engine():
        assert main(asking.adding(), []) == expected


PROFILED = """
    import sys
    from operator import call

    def main(*together):
        # Nothing of Python is between the calls, nor behind them.
        list(map(call, together))
        sys.setprofile(None)
    """


def test_pending_call_when_profiling_begins() -> None:
    """The function that lets the host do what is pending is not seen by tools."""
    seen: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        seen.append(f"{event} {frame.f_code.co_filename}")

    pending = Pending(None)
    main = support.function(PROFILED, "main")
    try:
        with support.hot_engine():
            main(pending.adding(), partial(sys.setprofile, note))
    finally:
        sys.setprofile(None)
    assert pending.calls == 1
    assert seen
    assert not [event for event in seen if "<adaptive>" in event]


SIGNALLED = """
    def inner(seen):
        turns = 0
        while not seen:
            turns += 1
        return turns

    def calls(seen):
        def nothing():
            pass
        while not seen:
            nothing()

    def gen(seen):
        while not seen:
            yield 1

    def generator(seen):
        for _ in gen(seen):
            pass

    def comprehension(seen):
        [0 for _ in iter(lambda: bool(seen), True)]

    def builtin(seen):
        while not seen:
            len(seen)
    """


@pytest.mark.usefixtures("_alarm")
@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("inner", {"inner"}),
        ("calls", {"calls", "nothing"}),
        ("generator", {"generator", "gen"}),
        ("comprehension", {"<listcomp>", "<lambda>"}),
        ("builtin", {"builtin"}),
    ],
)
def test_signal_handler(name: str, frames: set[str]) -> None:
    """A handler runs within the loop and is given the frame that was interrupted."""
    names = support.loaded(SIGNALLED)
    seen: list[tuple[str, int]] = []

    def handler(number: int, frame: FrameType | None) -> None:
        assert frame is not None
        assert frame is sys._getframe(1)
        seen.append((frame.f_code.co_name, frame.f_lineno))

    signal.signal(signal.SIGALRM, handler)
    with support.hot_engine():
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        names[name](seen)
    assert len(seen) == 1
    where, line = seen[0]
    assert where in frames
    codes = {name: value for name, value in names.items() if callable(value)}
    if where in codes:
        first = codes[where].__code__.co_firstlineno
        last = max(line for *_, line in codes[where].__code__.co_lines() if line)
        assert first <= line <= last


@pytest.mark.usefixtures("_alarm")
def test_exception_from_a_handler() -> None:
    """What a handler raises is caught around the loop, again and again."""
    names = support.loaded(
        """
        def main(times, again, log):
            for number in range(times):
                try:
                    again()
                    while True:
                        pass
                except KeyboardInterrupt as error:
                    log.append(error.args)
                finally:
                    log.append(number)
            return log
        """
    )

    def handler(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt("from handler")

    signal.signal(signal.SIGALRM, handler)
    with support.hot_engine():
        log = names["main"](5, lambda: signal.setitimer(signal.ITIMER_REAL, 0.003), [])
    assert log == [part for n in range(5) for part in (("from handler",), n)]


def test_keyboard_interrupt() -> None:
    """SIGINT ends the loop that runs, and its `finally` is run."""
    names = support.loaded(
        """
        def main(send):
            log = []
            try:
                try:
                    send()
                    while True:
                        pass
                finally:
                    log.append("finally")
            except KeyboardInterrupt as error:
                log.append(error.__traceback__.tb_frame.f_code.co_name)
            return log
        """
    )
    with support.hot_engine():
        log = names["main"](lambda: signal.raise_signal(signal.SIGINT))
    assert log == ["finally", "main"]


def test_interrupt_from_another_thread() -> None:
    """SIGINT that another thread sends while the main one loops."""
    source = "def spin(started):\n    started.set()\n    while True:\n        pass\n"
    names = support.loaded(source)
    started = threading.Event()

    def interrupt() -> None:
        started.wait(PATIENCE_S)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with support.hot_engine(), pytest.raises(KeyboardInterrupt):
        names["spin"](started)
    thread.join()


@pytest.mark.usefixtures("_alarm", "_switching")
def test_handler_sees_settled_locals() -> None:
    """Locals that a handler reads are those of a boundary, never half of a step."""
    names = support.loaded(
        """
        def work(seen, enough):
            a = b = 0
            while len(seen) < enough:
                a = a + 1
                b = a
            return a == b
        """
    )
    seen: list[int] = []

    def handler(number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code.co_name == "work":
            seen.append(frame.f_locals["a"] - frame.f_locals["b"])

    signal.signal(signal.SIGALRM, handler)
    with support.hot_engine():
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        assert names["work"](seen, 20)
    assert set(seen) <= {0, 1}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_fork() -> None:
    """A child that is forked off in the midst of engine frames goes on in them."""
    names = support.loaded(
        """
        import os

        def deep(n):
            if n:
                return deep(n - 1) + 1
            return os.fork()

        def gen(read, write):
            for i in range(3):
                pid = deep(5) - 5
                yield pid
                if pid == 0:
                    os.write(write, b"child")
                    os._exit(sum(range(10)))
                _, status = os.waitpid(pid, 0)
                yield os.waitstatus_to_exitcode(status)

        def main():
            read, write = os.pipe()
            found = [x for x in gen(read, write)]
            os.close(write)
            with open(read, "rb") as file:
                return found[1::2], file.read()
        """
    )
    with support.hot_engine():
        codes, text = names["main"]()
    assert codes == [45] * 3
    assert text == b"child" * 3


FORK_IN_A_RULE = """
import adaptive, os, threading
from adaptive import dis
def f(a, b): return a + b
def g(a, b): return a * b
inside, end = threading.Event(), threading.Event()
class Slow(adaptive.Policy):
    def choose(self, site):
        if site.code is f.__code__:
            inside.set()
            end.wait(30)
        return super().choose(site)
def work():
    for _ in range(9): f(1, 2)
adaptive.enable(0, policy=Slow())
thread = threading.Thread(target=work)
thread.start()
inside.wait(30)
pid = os.fork()
if pid == 0:
    for _ in range(9): g(2, 3)
    print([row.opname for row in dis.instructions(adaptive.code(g))], flush=True)
    os._exit(0)
os.waitpid(pid, 0)
end.set()
thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_fork_while_another_thread_specializes() -> None:
    """The child lowers and specializes, though the thread that did so is gone."""
    done = support.python("-c", FORK_IN_A_RULE)
    assert done.returncode == 0, done.stderr
    assert "BINARY_OP_MULTIPLY_INT" in done.stdout


@pytest.mark.usefixtures("_switching")
def test_switched_while_threads_run() -> None:
    """disable() and enable() in one thread, frames running in others: right results."""
    names = support.loaded(WORK)
    expected = names["work"](3000)
    done = threading.Event()

    def toggle() -> int:
        times = 0
        while not done.is_set() or times < 5:
            adaptive.enable(0)
            time.sleep(0.0005)
            adaptive.disable()
            times += 1
        return times

    def work() -> int:
        try:
            value: int = names["work"](3000)
        finally:
            done.set()
        return value

    results = run_threads([work, work, toggle])
    assert results[:2] == [expected] * 2
    assert isinstance(results[2], int) and results[2] >= 5


@pytest.mark.usefixtures("_switching")
def test_thread_locals_and_contexts() -> None:
    """Context variables and thread locals stay with their thread."""
    names = support.loaded(
        """
        import contextvars, threading
        var, local = contextvars.ContextVar("var"), threading.local()

        def main(me):
            var.set(me)
            local.x = me
            for _ in range(300):
                if (var.get(), local.x) != (me, me):
                    return "mixed"
            return me
        """
    )
    with support.hot_engine():
        results = run_threads([lambda n=n: names["main"](n) for n in range(6)])
    assert results == list(range(6))


def test_daemon_threads_at_exit() -> None:
    """A process ends cleanly while other threads loop on the engine."""
    done = support.python(
        "-c",
        "import adaptive, threading\n"
        "adaptive.enable(0)\n"
        "def spin():\n"
        "    while True: pass\n"
        "for _ in range(3): threading.Thread(target=spin, daemon=True).start()\n"
        "print('end')\n",
    )
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stderr


def spin_until(condition: Callable[[], Any]) -> None:
    """Waits, and fails rather than waiting for ever."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.usefixtures("_switching")
def test_frames_of_other_threads() -> None:
    """sys._current_frames() shows where engine frames of other threads stand."""
    names = support.loaded(
        """
        def deep(n, ready, leave):
            if n:
                return deep(n - 1, ready, leave)
            ready.append(1)
            while not leave:
                pass

        """
    )
    ready: list[int] = []
    leave: list[int] = []
    thread = threading.Thread(target=lambda: names["deep"](3, ready, leave))
    with support.hot_engine():
        thread.start()
        spin_until(lambda: ready)
        frame: FrameType | None = sys._current_frames()[thread.ident or 0]
        shown = []
        while frame is not None:
            shown.append((frame.f_code.co_name, frame.f_lineno))
            frame = frame.f_back
        leave.append(1)
        thread.join(PATIENCE_S)
    assert [name for name, _ in shown[:4]] == ["deep"] * 4
    assert shown[0][1] in (6, 7)
    assert [line for _, line in shown[1:4]] == [4] * 3
