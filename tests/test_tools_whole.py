"""Whole tools as people start them: the same report with the engine as without it.

Each tool runs one program in two processes of its own, plain and by ``python -m
adaptive``, with everything hot at once.
"""

from __future__ import annotations

import json
import pstats
import re
from pathlib import Path
from textwrap import dedent

import pytest
import support

pytest.importorskip("adaptive._core")

#: Hot at once, and as an ordinary program warms up.
ENGINES = {"hot": ("-m", "adaptive", "--threshold", "0"), "default": ("-m", "adaptive")}

#: Most kinds of frames and of ways through them; some lines and branches are not taken.
PROGRAM = """
    import contextlib, sys, threading

    class Account:
        limit = 10
        def __init__(self, name):
            self.name = name
            self.total = 0
        @property
        def rich(self):
            return self.total > self.limit
        def add(self, amount):
            if amount < 0:
                raise ValueError(amount)
            self.total += amount
            return self
        def __getattr__(self, name):
            if name == "never":
                return None
            raise AttributeError(name)
        def __getitem__(self, index):
            return index + self.total

    def numbers(count):
        for i in range(count):
            try:
                yield i
            finally:
                if i > count:
                    print("never")

    def both(count):
        yield from numbers(count)
        return count

    @contextlib.contextmanager
    def around(name):
        try:
            yield name
        except KeyError:
            print("caught", name)

    async def later(x):
        return x

    async def waits():
        return [await later(x) for x in range(3)]

    def fib(n):
        if n < 2:
            return n
        return fib(n - 1) + fib(n - 2)

    def kind(value):
        match value:
            case int(): return "int"
            case [x, *rest]: return f"list of {x}"
            case {"key": found}: return found
            case _: return "other"

    def work():
        account = Account("a")
        for x in both(20):
            account.add(x)
            try:
                account.add(-x)
            except ValueError as error:
                account.total += account[0] and 1
            else:
                continue
            if not account.rich: pass
        with around("block"):
            raise KeyError
        try:
            waits().send(None)
        except StopIteration as stop:
            account.values = stop.value
        print(getattr(account, "absent", None), sorted([3, 1, 2], key=lambda x: -x))
        print([kind(x) for x in (1, [1, 2], {"key": "k"}, None)])
        print(fib(10), sum(x for x in range(50) if x % 2), account.total)

    def main():
        work()
        thread = threading.Thread(target=work, name="second")
        thread.start()
        thread.join()
        work()

    if __name__ == "__main__":
        main()
"""


class Sides:
    """The plain host and the engine running tools on files of one directory."""

    def __init__(self, home: Path, engine: tuple[str, ...]) -> None:
        self.home = home
        self.sides = {"plain": (), "engine": engine}

    def write(self, name: str, text: str) -> str:
        """A file with the text, for both; its path."""
        path = self.home / name
        path.write_text(dedent(text), "utf-8")
        return str(path)

    def run(
        self, *words: str, options: tuple[str, ...] = (), stdin: str = ""
    ) -> dict[str, str]:
        """What each side prints; ``{side}`` in a word becomes the side's name."""
        return {
            side: self.one(side, *words, options=options, stdin=stdin)
            for side in self.sides
        }

    def one(
        self, side: str, *words: str, options: tuple[str, ...] = (), stdin: str = ""
    ) -> str:
        """The same of one side: its output, with its errors and its exit status."""
        filled = [word.replace("{side}", side) for word in words]
        done = support.python(
            *options, *self.sides[side], *filled, stdin=stdin, cwd=self.home
        )
        assert done.returncode >= 0 or "abort" in " ".join(filled), done.stderr
        return f"{done.stdout}{done.stderr}\nstatus {done.returncode}"


@pytest.fixture(params=ENGINES)
def sides(request: pytest.FixtureRequest, tmp_path: Path) -> Sides:
    """Both sides, and an empty directory."""
    return Sides(tmp_path, ENGINES[request.param])


def same(shown: dict[str, str], least: int = 5) -> str:
    """Asserts that both sides show the same, and not nothing; what they show."""
    assert shown["engine"] == shown["plain"]
    assert shown["plain"].count("\n") >= least, shown["plain"]
    return shown["plain"]


@pytest.mark.parametrize("core", ["ctrace", "pytrace"])
def test_coverage(sides: Sides, core: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """S0-38: coverage.py counts the same lines and branches of a whole program."""
    pytest.importorskip("coverage")
    program = sides.write("program.py", PROGRAM)
    sides.write(".coveragerc", f"[run]\nbranch = True\ncore = {core}\n")
    data = "--data-file=data.{side}"
    same(sides.run("-m", "coverage", "run", data, program))
    for side in sides.sides:
        support.python(
            *("-m", "coverage", "json", f"--data-file=data.{side}", "-o", side),
            cwd=sides.home,
        )
    found = [
        json.loads((sides.home / side).read_text("utf-8"))["files"]
        for side in sides.sides
    ]
    assert found[0] == found[1]
    counted = found[0]["program.py"]
    assert len(counted["executed_lines"]) > 60
    assert len(counted["missing_branches"]) > 2


def test_coverage_of_a_test_run(sides: Sides) -> None:
    """S0-38: the report of a test run under pytest is equal line by line."""
    pytest.importorskip("coverage")
    sides.write("program.py", PROGRAM)
    sides.write(
        "test_program.py",
        """
        import pytest, program

        @pytest.mark.parametrize("n", range(8))
        def test_fib(n):
            assert program.fib(n) <= 13

        def test_work(capsys):
            program.main()

        def test_fails():
            assert program.kind(2) == "str"
        """,
    )
    words = "-m coverage run --branch --data-file=data.{side} -m pytest -q".split()
    shown = sides.run(*words, "-p", "no:cacheprovider", "test_program.py")
    assert re.sub(r"in \d.*", "", shown["engine"]) == re.sub(
        r"in \d.*", "", shown["plain"]
    )
    assert "1 failed, 9 passed" in shown["plain"]
    report = {
        side: support.python(
            *("-m", "coverage", "report", "-m", f"--data-file=data.{side}"),
            *("--include=*program.py",),
            cwd=sides.home,
        ).stdout
        for side in sides.sides
    }
    assert "program.py" in same(report)


#: Tools that are switched on in the middle of a running frame, by the program itself.
SWITCHED = {
    "coverage": """
        import coverage
        measured = coverage.Coverage(data_file=None, branch=True, include=[__file__])
        def on(): measured.start()
        def off():
            measured.stop()
            data = measured.get_data()
            (name,) = data.measured_files()
            print(sorted(data.lines(name)), sorted(data.arcs(name)))
        """,
    "cProfile": """
        import cProfile
        measured = cProfile.Profile()
        def on(): measured.enable()
        def off():
            measured.disable()
            def name(code):
                return code if isinstance(code, str) else code.co_qualname
            rows = [
                (name(row.code), row.callcount, row.reccallcount,
                 sorted((name(c.code), c.callcount) for c in row.calls or ()))
                for row in measured.getstats()
            ]
            for row in sorted(rows):
                print(row)
        """,
    "trace": """
        import trace
        measured = trace.Trace(trace=False, countfuncs=False, countcallers=True)
        def on():
            sys._getframe(1).f_trace = measured.globaltrace
            sys.settrace(measured.globaltrace)
        def off():
            sys.settrace(None)
            for row in sorted(measured.results().callers):
                print(row)
        """,
}

#: Where in a frame that runs they are switched on and off.
PLACES = {
    "frame": "for i in range(9):\n    if i == 4: on()\n    fib(5)\nwork()\noff()",
    "generator": (
        "def switching():\n    yield fib(3)\n    on()\n    yield fib(4)\n    work()\n"
        "    off()\n    yield 1\nfor x in switching(): fib(x)"
    ),
    "finalizer": (
        "class Ends:\n    def __del__(self): on()\n"
        "def f(x):\n    x = 1\n    if x: x += 1\n    fib(x)\n"
        "for i in range(5): f(i)\nf(Ends())\nwork()\noff()"
    ),
    "handler": (
        "def g(x):\n    try:\n        return 1 / x\n    except ZeroDivisionError:\n"
        "        on()\n        return fib(4)\n"
        "for x in (1, 2, 3, 0, 1):\n    g(x)\nwork()\noff()"
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tool", SWITCHED)
def test_switched_on_meanwhile(sides: Sides, tool: str, place: str) -> None:
    """S0-39: a tool begins and ends inside frames that run, and sees the same."""
    pytest.importorskip(tool)
    text = dedent(PROGRAM).partition("\nif __name__")[0]
    body = "\n".join(f"    {line}" for line in PLACES[place].splitlines())
    text += dedent(SWITCHED[tool]) + f"\ndef switches():\n{body}\nswitches()\n"
    shown = sides.run(sides.write("program.py", text))
    for side, printed in shown.items():
        shown[side] = support.masked(printed)
    assert "status 0" in same(shown)


def test_cprofile(sides: Sides) -> None:
    """S0-38: cProfile counts the same calls, from the same callers."""
    program = sides.write("program.py", PROGRAM)
    same(sides.run("-m", "cProfile", "-o", "stats.{side}", program))

    def counts(side: str) -> dict[object, object]:
        read = pstats.Stats(str(sides.home / f"stats.{side}"))
        return {
            support.masked(str(key)): (
                row[0],
                row[1],
                {support.masked(str(key)): row[:2] for key, row in row[4].items()},
            )
            for key, row in read.stats.items()  # type: ignore[attr-defined]
        }

    assert counts("engine") == counts("plain")
    assert len(counts("plain")) > 40


def test_trace(sides: Sides) -> None:
    """S0-38: ``python -m trace`` prints the same lines in the same order."""
    # A second thread's lines would come in between at any place.
    program = sides.write("program.py", PROGRAM.replace("thread.start()", "return"))
    words = (
        "-m",
        "trace",
        "--trace",
        "--ignore-dir=" + str(Path(json.__file__).parents[1]),
    )
    same(sides.run(*words, program), least=500)


DEBUGGED = """
    b fib
    b 26 if i == 3
    c
    w
    p n
    u
    p account.total
    d
    cl 1
    c
    a
    p i, count
    n
    n
    unt
    r
    s
    tbreak kind
    c
    p value
    r
    p __return__
    j 1
    cl
    y
    c
"""


def test_pdb(sides: Sides) -> None:
    """S1-23: a session of ``python -m pdb`` prints the same."""
    program = sides.write("program.py", PROGRAM)
    shown = same(sides.run("-m", "pdb", program, stdin=dedent(DEBUGGED).lstrip()), 30)
    assert shown.count("(Pdb)") >= 20


def test_post_mortem(sides: Sides) -> None:
    """S1-23: pdb after an exception nobody caught sees the frames it passed."""
    text = dedent(PROGRAM).replace(
        "print(fib(10)", "Account('b').add(-7); print(fib(10)"
    )
    program = sides.write("program.py", text)
    shown = same(sides.run("-m", "pdb", program, stdin="c\nw\np amount\nu\nl\nq\n"), 20)
    assert "-7" in shown


CRASHES = {
    "dump": "faulthandler.dump_traceback(all_threads=True)",
    "abort": "os.abort()",
    "fault": "faulthandler._sigsegv()  # abort",
    "later": "faulthandler.dump_traceback_later(0.05, exit=True); time.sleep(30)",
}


@pytest.mark.parametrize("how", CRASHES)
def test_faulthandler(sides: Sides, how: str) -> None:
    """S0-38: the stacks that faulthandler writes are the host's."""
    text = """
        import faulthandler, os, threading, time
        ready = threading.Event()
        over = threading.Event()
        def waits():
            ready.set()
            over.wait()
        def deep(n):
            if n:
                return deep(n - 1)
            for x in crash():
                pass
        def crash():
            yield 1
            @
            yield 2
        def main():
            thread = threading.Thread(target=waits, daemon=True)
            thread.start()
            ready.wait()
            time.sleep(0.05)
            deep(5)
            over.set()
        for i in range(3):
            sorted([1], key=str)
        main()
    """.replace("@", CRASHES[how])
    program = sides.write("abort.py", text)
    shown = {
        side: re.sub(r"\n\nExtension modules:.*|0x[0-9a-f]+", "", printed)
        for side, printed in sides.run(program, options=("-X", "faulthandler")).items()
    }
    assert "in deep" in same(shown)


def test_tracemalloc(sides: Sides) -> None:
    """S0-38: tracemalloc finds the same blocks allocated by the same lines.

    Once the code is warm: what the engine keeps of code that becomes warm meanwhile is
    seen as a block of the line that runs.
    """
    program = sides.write(
        "program.py",
        """
        import tracemalloc
        class Node:
            def __init__(self, value, following):
                self.value = value
                self.following = following
        def build(count):
            head = None
            for i in range(count):
                head = Node("x" * (100 + i), head)
            return head
        def strings(count):
            return [f"item {i}" for i in range(count)]
        def tables(count):
            return {i: (i, [i] * 3, {i}) for i in range(1000, 1000 + count)}
        def generators(count):
            return [(x for x in [i]) for i in range(count)]
        def closures(count):
            return [lambda: i for i in range(count)]
        def bound(count):
            return [[].append for i in range(count)]
        def all_of_them(count):
            functions = build, strings, tables, generators, closures, bound
            return [f(count) for f in functions]
        def measured(count):
            tracemalloc.start(5)
            kept = all_of_them(count)
            snapshot = tracemalloc.take_snapshot()
            tracemalloc.stop()
            return snapshot
        for i in range(8):
            snapshot = measured(50)
        snapshot = snapshot.filter_traces([tracemalloc.Filter(True, __file__)])
        for row in sorted(snapshot.statistics("traceback"), key=lambda r: r.traceback):
            print([frame.lineno for frame in row.traceback], row.count, row.size)
        """,
    )
    same(sides.run(program))


def test_threading_functions(sides: Sides) -> None:
    """S0-38: trace and profile functions of threads see each thread's events."""
    text = dedent(PROGRAM).replace("main()\n", "")
    text = text.partition("\nif __name__")[0] + dedent("""
        logs = {}
        def note(frame, event, arg):
            if frame.f_code.co_filename == __file__:
                log = logs.setdefault(threading.current_thread().name, [])
                log.append((event, frame.f_code.co_name, frame.f_lineno))
            return note
        def profile(frame, event, arg):
            note(frame, event, arg)
        for set_function, function in (
            (threading.settrace, note), (threading.setprofile, profile)
        ):
            work()
            set_function(function)
            threads = [threading.Thread(target=work, name=f"{function.__name__} {n}")
                       for n in range(3)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            set_function(None)
        for name, log in sorted(logs.items()):
            print(name, len(log))
            for row in log: print(row)
    """)
    shown = sides.run(sides.write("program.py", text))
    for side, printed in shown.items():
        # What the threads print meanwhile comes in any order.
        shown[side] = "\n".join(
            line for line in printed.splitlines() if line[:1] == "(" or ":" not in line
        ).partition("note 0")[2]
    same(shown, least=1000)
