"""Thread copies: which thread runs which code units, and how long they live."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import support
from test_core_threads import PATIENCE_S, WORK, run_threads

import adaptive
from adaptive import config, dis, isa, testing
from adaptive._cache import CodeUnits

RUNS = 10
ADD = "def f(a, b):\n    return a + b\n"
FUSED = {row.name for row in isa.FUSED.values()}


@pytest.fixture
def _copies() -> Iterator[None]:
    """Threads specialize copies of their own."""
    core = adaptive._engine()
    core.set_thread_copies(True)
    try:
        with adaptive.enabled(0):
            yield
    finally:
        core.set_thread_copies(False)
        testing.clear_copies()
    assert testing.thread_indices() == (0,)


def in_thread(work: Callable[[], object]) -> object:
    """What the work returns in a thread of its own; raises what it raises."""
    (result,) = run_threads([work])
    if isinstance(result, BaseException):
        raise result
    return result


@contextmanager
def waiting(count: int, work: Callable[[], object]) -> Iterator[list[object]]:
    """So many threads that have done the work, and live until the block ends."""
    done = threading.Semaphore(0)
    end = threading.Event()
    results: list[object] = []

    def body() -> None:
        try:
            results.append(work())
        finally:
            done.release()
            end.wait(PATIENCE_S)

    threads = [threading.Thread(target=body) for _ in range(count)]
    try:
        for thread in threads:
            thread.start()
        for _ in threads:
            assert done.acquire(timeout=PATIENCE_S)
        yield results
    finally:
        end.set()
        for thread in threads:
            thread.join(PATIENCE_S)


def names_of(function: Any, index: int = 0) -> list[str]:
    """The opcodes of one of a function's copies."""
    copy = testing.copies(function)[index]
    assert copy is not None
    return [row.opname for row in dis.instructions(copy)]


def form_of(function: Any, index: int = 0) -> str:
    """The opcode of the only BINARY_OP in one of a function's copies."""
    (name,) = (
        name
        for name in names_of(function, index)
        if name.startswith("BINARY_OP") and name not in FUSED
    )
    return name


def repeat(function: Callable[..., object], *arguments: object) -> None:
    for _ in range(RUNS):
        function(*arguments)


# -- each thread its copy


@pytest.mark.usefixtures("_copies")
def test_a_copy_per_thread() -> None:
    """S4-06, S4-07, S4-08, S4-11: made at a thread's first entry, each for itself.

    They are listed behind the main one, which is what everything else shows.
    """
    f = support.function(ADD)
    repeat(f, 1, 2)
    assert len(testing.copies(f)) == 1
    in_thread(lambda: repeat(f, "a", "b"))
    assert len(testing.copies(f)) == 2
    assert form_of(f, 0) == "BINARY_OP_ADD_INT"
    assert form_of(f, 1) == "BINARY_OP_ADD_UNICODE"
    shown = adaptive.code(f)
    main, own = testing.copies(f)
    assert main is not None and own is not None
    assert shown.units is main.units
    assert own.units is not main.units
    assert own.host_offsets == main.host_offsets
    assert own.co_code == main.co_code
    assert [row.opname for row in dis.instructions(shown)] == names_of(f, 0)


@pytest.mark.usefixtures("_copies")
def test_a_new_copy_is_cold() -> None:
    """S4-18: base opcodes and counters of its own, however warm the main one is."""
    f = support.function(ADD)
    repeat(f, 1, 2)
    in_thread(lambda: f(1, 2))
    assert form_of(f, 0) == "BINARY_OP_ADD_INT"
    assert form_of(f, 1) == "BINARY_OP"
    own = testing.copies(f)[1]
    assert own is not None
    (site,) = (row for row in dis.instructions(own) if row.opname == "BINARY_OP")
    value, backoff = config.COUNTER_STARTS["WARMUP"]
    assert site.caches["counter"] >> config.COUNTER_BACKOFF_BITS == value - 1
    assert site.caches["counter"] & 15 == backoff


def test_a_copy_keeps_what_is_instrumented() -> None:
    """S4-18: specialized opcodes go back to their base, instrumented ones stay."""
    form, base = isa.NUMBER["COMPARE_OP_INT"], isa.NUMBER["COMPARE_OP"]
    first = isa.FIRST_INSTRUMENTED
    text = bytes([form, 16, 7, 7, first, 3, form, 32, 9, 9, isa.NUMBER["NOP"], 0])
    units = CodeUnits(text, bytes(range(len(text))))
    copy = units.fresh_copy()
    assert bytes(units) == text
    assert bytes(copy) == bytes(
        [base, 16, 0, 0, first, 3, base, 32, 0, 0, isa.NUMBER["NOP"], 0]
    )
    assert [copy.host_offset(i) for i in range(6)] == [
        units.host_offset(i) for i in range(6)
    ]


@pytest.mark.usefixtures("_copies")
def test_calls_stay_in_the_threads_copies() -> None:
    """S4-06: callees, methods, classes and generators are entered on copies, too."""
    names = support.loaded(WORK)
    plain = [names[name] for name in ("work", "gen")]
    plain += [names["C"].__init__, names["C"].half]
    with support.plain_host():
        expected = names["work"](50)
    assert in_thread(lambda: names["work"](50)) == expected
    for function in plain:
        assert len(testing.copies(function)) == 2, function
        # The thread has run, and the main copy has not even begun its counters.
        assert "RESUME" in names_of(function, 0)
        assert "RESUME" not in names_of(function, 1)


GENERATOR = """
    def gen():
        got = yield
        while True:
            try:
                got = yield got + got
            except KeyError as error:
                got = error.args[0] + error.args[0]
    """


@pytest.mark.usefixtures("_copies")
def test_generators_go_on_in_the_resumers_copy() -> None:
    """S4-22: a generator resumed, thrown into or closed elsewhere runs there."""
    gen = support.function(GENERATOR, "gen")
    made = gen()
    next(made)

    def throw() -> object:
        results = []
        for _ in range(RUNS):
            results += [made.throw(KeyError("a")), made.send("b")]
        return results[-2:]

    for _ in range(RUNS):
        assert made.send(2) == 4
    assert in_thread(throw) == ["aaaa", "bb"]
    assert made.throw(KeyError(3)) == 12
    sites = [
        [name for name in names_of(gen, index) if name.startswith("BINARY_OP_ADD")]
        for index in (0, 1)
    ]
    assert sites == [["BINARY_OP_ADD_INT"], ["BINARY_OP_ADD_UNICODE"] * 2]
    in_thread(made.close)


LOOP = """
def numbers(a):
    for _ in range(3):
        yield a + a
def f(a):
    for x in numbers(a):
        pass
    return x
"""


@pytest.mark.usefixtures("_copies")
def test_generators_of_a_loop_stay_in_the_threads_copy() -> None:
    """S4-22: the loop that resumes a generator in its own frame finds the copy too."""
    names = support.loaded(LOOP)
    for _ in range(RUNS):
        assert names["f"](2) == 4
    # More than the misses that the other copy's form would bear.
    runs = RUNS * 10
    assert in_thread(lambda: [names["f"]("a") for _ in range(runs)]) == ["aa"] * runs
    sites = [
        [
            name
            for name in names_of(names["numbers"], index)
            if name.startswith("BINARY_OP_ADD")
        ]
        for index in (0, 1)
    ]
    assert sites == [["BINARY_OP_ADD_INT"], ["BINARY_OP_ADD_UNICODE"]]


# -- indices


@pytest.mark.usefixtures("_copies")
def test_indices_of_threads_in_a_row() -> None:
    """S4-09: an index is released when its thread ends, for the next one."""
    assert testing.thread_index() == 0
    assert [in_thread(testing.thread_index) for _ in range(3)] == [1, 1, 1]
    assert testing.thread_indices() == (0,)


@pytest.mark.usefixtures("_copies")
def test_indices_of_many_threads() -> None:
    """S4-10: live threads have indices of their own, the smallest there are."""
    with waiting(64, testing.thread_index) as indices:
        assert sorted(map(int, map(str, indices))) == [*range(1, 65)]
        assert testing.thread_indices() == (*range(65),)
        assert testing.thread_index() == 0


@pytest.mark.usefixtures("_copies")
def test_the_smallest_free_index_is_taken() -> None:
    """S4-19: threads that end leave gaps, and those are filled from below."""
    ends = [threading.Event() for _ in range(6)]
    started: list[tuple[int, int | None]] = []
    ready = threading.Semaphore(0)

    def body(number: int) -> None:
        started.append((number, testing.thread_index()))
        ready.release()
        ends[number].wait(PATIENCE_S)

    def start(number: int) -> threading.Thread:
        thread = threading.Thread(target=body, args=(number,))
        thread.start()
        assert ready.acquire(timeout=PATIENCE_S)
        return thread

    threads = [start(number) for number in range(5)]
    assert started == [(number, number + 1) for number in range(5)]
    for number in (3, 1):
        ends[number].set()
        threads[number].join(PATIENCE_S)
    assert testing.thread_indices() == (0, 1, 3, 5)
    ends[1].clear()
    threads[1] = start(1)
    assert started[-1] == (1, 2)
    threads.append(start(5))
    assert started[-1] == (5, 4)
    for end in ends:
        end.set()
    for thread in threads:
        thread.join(PATIENCE_S)


@pytest.mark.usefixtures("_copies")
def test_many_copies_of_one_function() -> None:
    """S4-20: the array of copies grows while others run on theirs."""
    f = support.function(ADD)
    count = 200
    with waiting(count, lambda: [f(1, 2) for _ in range(RUNS)]) as results:
        assert results == [[3] * RUNS] * count
        copies = testing.copies(f)
        assert len(copies) == count + 1
        assert len({id(copy.units) for copy in copies if copy is not None}) == count + 1
    assert testing.clear_copies() >= count


# -- how long copies live


@pytest.mark.usefixtures("_copies")
def test_copies_are_freed_on_request() -> None:
    """S4-21: those of ended threads; their bytes are none then."""
    testing.clear_copies()
    before = testing.copy_totals()
    assert before.bytes == 0
    f = support.function(ADD)
    in_thread(lambda: repeat(f, 1, 2))
    after = testing.copy_totals()
    assert after.bytes > 0
    freed = testing.clear_copies()
    assert freed == after.made - before.made
    assert testing.copy_totals() == (after.made, before.freed + freed, 0)
    assert len(testing.copies(f)) == 1
    in_thread(lambda: repeat(f, "a", "b"))
    assert form_of(f, 1) == "BINARY_OP_ADD_UNICODE"


@pytest.mark.usefixtures("_copies")
def test_a_copy_that_runs_is_kept() -> None:
    """S4-21: a frame goes on in its copy whatever was freed meanwhile."""
    f = support.function(
        """
        def f(ready, end):
            total = 0
            for i in range(20):
                total += i
                if i == 10:
                    ready.set()
                    end.wait(30)
            return total
        """
    )
    ready, end = threading.Event(), threading.Event()
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(f(ready, end)))
    thread.start()
    assert ready.wait(PATIENCE_S)
    units = testing.copies(f)[1]
    testing.clear_copies()
    assert testing.copies(f)[1] is not None
    end.set()
    thread.join(PATIENCE_S)
    assert found == [190]
    assert units is not None
    testing.clear_copies()
    assert len(testing.copies(f)) == 1
    # Who still looks at the units keeps them, and nothing else.
    assert "BINARY_OP_ADD_INT" in [row.opname for row in dis.instructions(units)]


@pytest.mark.usefixtures("_copies")
def test_copies_die_with_their_code() -> None:
    """S4-21: of code that is gone nothing is left."""
    testing.clear_copies()
    before = testing.copy_totals()
    with waiting(3, lambda: None):
        f = support.function(ADD)
        in_thread(partial(f, 1, 2))
        held = testing.copy_totals()
        del f
        gc.collect()
        after = testing.copy_totals()
        assert after.bytes < held.bytes
        assert after.freed == held.freed + 1
    testing.clear_copies()
    assert testing.copy_totals().bytes == before.bytes == 0


@pytest.mark.usefixtures("_copies")
def test_a_successor_goes_on_in_the_copies() -> None:
    """S4-09: who takes an index over finds its copies as they were left."""
    f = support.function(ADD)
    in_thread(lambda: repeat(f, 1.5, 2.5))
    made = testing.copy_totals().made
    in_thread(lambda: f(1.5, 2.5))
    assert form_of(f, 1) == "BINARY_OP_ADD_FLOAT"
    copies = testing.copies(f)
    assert len(copies) == 2
    assert testing.copy_totals().made - made <= 1  # the lambda of this line


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.usefixtures("_copies")
def test_fork() -> None:
    """S4-09: the child goes on in the copies of the thread that forked.

    The indices of the others are free again.
    """
    f = support.function(ADD)

    def child() -> int:
        good = f(1, 2) == 3 and testing.thread_index() == index
        good = good and testing.thread_indices() == (0, index)
        good = good and in_thread(lambda: f("a", "b")) == "ab"
        return 0 if good else 1

    def work() -> int:
        nonlocal index
        repeat(f, 1, 2)
        index = testing.thread_index()
        pid = os.fork()
        if pid == 0:
            os._exit(child())
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    index: int | None = None
    with waiting(4, lambda: f(1, 2)):
        assert in_thread(work) == 0


def test_modes_change_only_while_the_engine_is_off() -> None:
    with adaptive.enabled(0), pytest.raises(RuntimeError, match="disable the engine"):
        adaptive._engine().set_thread_copies(True)


def test_frames_of_one_mode_go_on_in_the_other() -> None:
    """Frames that run while copies are switched on or off return as they should."""
    core = adaptive._engine()
    names = support.loaded(
        """
        def deep(n, change):
            if n == 0:
                change()
                return 0
            return deep(n - 1, change) + 1
        def f(change):
            return deep(5, change) + deep(5, lambda: None)
        """
    )

    def change() -> None:
        adaptive.disable()
        core.set_thread_copies(not on)
        adaptive.enable(0)

    for on in (False, True, False):
        core.set_thread_copies(on)
        try:
            with adaptive.enabled(0):
                assert in_thread(lambda: names["f"](change)) == 10
        finally:
            adaptive.disable()
            core.set_thread_copies(False)


# -- modes, each in a process of its own

SHOW = f"""
import threading, adaptive
from adaptive import testing, dis, isa
{ADD}
def work(*arguments):
    for _ in range({RUNS}):
        f(*arguments)
def forms():
    rows = dis.instructions(adaptive.code(f))
    return [row.opname for row in rows if isa.DEOPT[row.opcode] != row.opcode]
def main():
    work(1, 2)
    alone = tuple(testing.copy_totals()), len(testing.copies(f))
    units = adaptive.code(f).units
    thread = threading.Thread(target=work, args=("a", "b"))
    thread.start()
    thread.join()
    counted = adaptive.counters()
    assert adaptive.code(f).units is units
    print(alone, len(testing.copies(f)), counted["attempts"] > 0,
          sorted(counted["specialized"]), [n for n in forms() if n != "RESUME_CHECK"])
"""
NONE_MADE = "((0, 0, 0), 1)"
WARM_ADD = "['LOAD_FAST_CHECK_LOAD_FAST_CHECK_BINARY_OP_ADD_INT', 'BINARY_OP_ADD_INT']"


@pytest.mark.parametrize(
    ("mode", "copies", "attempts", "forms"),
    [
        ("auto", 1, True, WARM_ADD),
        ("on", 2, True, WARM_ADD),
        ("1", 2, True, WARM_ADD),
        ("off", 1, False, "[]"),
        ("0", 1, False, "[]"),
    ],
)
def test_modes(mode: str, copies: int, attempts: bool, forms: str) -> None:
    """S4-12, S4-13, S4-14, S4-15: no copy without threads; off specializes nothing."""
    enabled = f"{SHOW}\nadaptive.enable(0)\nmain()\n"
    by_environment = support.python("-c", enabled, ADAPTIVE_TLBC=mode)
    options = ("-m", "adaptive", "--threshold", "0", "--tlbc", mode)
    by_option = support.python(*options, "-c", f"{SHOW}\nmain()\n", ADAPTIVE_TLBC="?")
    for done in (by_environment, by_option):
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{NONE_MADE} {copies} {attempts} [")
        assert done.stdout.endswith(f"] {forms}\n")
        if not attempts:
            assert " [] " in done.stdout


WITHOUT_MEMORY = """
import sys, threading, _testcapi, adaptive
from adaptive import testing
adaptive.enable(0)
source = "def f(a):\\n    return [a + 1 for _ in range(3)]\\n"
found = []
def call(f, number):
    # A call that finds no copy goes through the host, and asks once more.
    _testcapi.set_nomemory(number // 4, number // 4 + number % 4 + 1)
    try:
        value = f(2)
    except MemoryError:
        value = MemoryError
    _testcapi.remove_mem_hooks()
    found.append(value)
for number in range(120):
    names = {}
    exec(source, names)
    adaptive.code(names["f"])
    thread = threading.Thread(target=call, args=(names["f"], number))
    thread.start()
    thread.join()
    found.append(names["f"](2))
assert all(value in ([3] * 3, MemoryError) for value in found), found
assert found[-1] == [3] * 3
left = adaptive.counters()["frames"]["host"]
assert left.get("no_copy", 0) > 0, left
assert testing.thread_indices() == (0,), testing.thread_indices()
testing.clear_copies()
assert testing.copy_totals().bytes == 0
print("fine")
"""


def test_without_memory() -> None:
    """S4-19: taking an index or making a copy fails, and the host runs the frame."""
    pytest.importorskip("_testcapi")
    done = support.python("-c", WITHOUT_MEMORY, ADAPTIVE_TLBC="on")
    assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr


ENDING = """
import threading, adaptive
from adaptive import testing
adaptive.enable(0)
local = threading.local()
seen = []
class Last:
    def __del__(self):
        seen.append(sum(i for i in range(5)))
def work():
    local.last = [Last() for _ in range(3)]
for _ in range(20):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
assert seen == [10] * 60, seen
assert len(testing.thread_indices()) == 1, testing.thread_indices()
assert testing.clear_copies() > 0
print("fine")
"""


def test_finalizers_of_an_ending_thread() -> None:
    """S4-09: what runs while a thread is torn down keeps no index."""
    done = support.python("-c", ENDING, ADAPTIVE_TLBC="on")
    assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr


@pytest.mark.parametrize("mode", ["auto", "on"])
def test_stress(mode: str) -> None:
    """S1-07, S1-21, S1-22, S4-05: a short run of `python -m tests.thread_stress`."""
    done = support.python(
        "-X",
        "faulthandler",
        "-m",
        "tests.thread_stress",
        "--seconds",
        "2",
        ADAPTIVE_TLBC=mode,
    )
    assert done.returncode == 0, done.stderr
    turns, forms = (int(done.stdout.split(", ")[i].split()[0]) for i in (0, 2))
    assert turns > 0
    assert forms > 20


TRACED = """
import sys, threading, adaptive
adaptive.enable(0)
def add(a, b):
    return a + b
def work(n):
    for i in range(n):
        add(i, i)
def count(events):
    def note(frame, event, argument):
        if frame.f_code is add.__code__:
            events.append(event)
        return note
    return note
for switch in (threading.setprofile, threading.settrace):
    events = []
    work(20)
    switch(count(events))
    threads = [threading.Thread(target=work, args=(50,)) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    switch(None)
    assert events.count("call") == events.count("return") == 200, len(events)
    before = len(events)
    thread = threading.Thread(target=work, args=(50,))
    thread.start()
    thread.join()
    assert len(events) == before
print("fine")
"""


@pytest.mark.parametrize("mode", ["auto", "on"])
def test_tools_of_all_threads(mode: str) -> None:
    """threading.setprofile and settrace see every call of threads that begin then."""
    done = support.python("-c", TRACED, ADAPTIVE_TLBC=mode)
    assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr


DAEMONS = """
import threading, time, adaptive
adaptive.enable(0)
def spin(n):
    while True:
        n = n + 1 - 1
for i in range(4):
    threading.Thread(target=spin, args=(i,), daemon=True).start()
time.sleep(0.05)
print("end")
"""


def test_daemon_threads_at_exit() -> None:
    """Copies that daemon threads still run on at the end of the process."""
    done = support.python("-c", DAEMONS, ADAPTIVE_TLBC="on")
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stderr


def test_the_command_line_names_the_modes() -> None:
    """S4-13: a wrong word is refused in one line, with the right ones."""
    done = support.python("-m", "adaptive", "--tlbc", "often", "-c", "pass")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "adaptive: --tlbc must be auto, on, off, not 'often'\n"
