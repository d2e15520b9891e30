"""Frames: what `sys._getframe`, `inspect` and tracebacks show of engine frames."""

from __future__ import annotations

import pytest
import support
from support import same

PROGRAMS = {
    "backs": """
        import sys

        def chain(frame):
            found = []
            while frame is not None and frame.f_code.co_filename == FILE:
                found.append((frame.f_code.co_qualname, frame.f_lineno, frame.f_lasti))
                frame = frame.f_back
            return found

        FILE = chain.__code__.co_filename

        class C:
            def __init__(self):
                self.seen = chain(sys._getframe())
            def m(self, *args):
                return chain(sys._getframe(1)), inner(k=1)
            @property
            def p(self):
                return chain(sys._getframe())

        def inner(*, k):
            return [chain(sys._getframe(n)) for n in (0, 1, 2)]

        def gen():
            yield chain(sys._getframe())
            yield from other()

        def other():
            yield chain(sys._getframe())

        def key(x):
            return len(chain(sys._getframe()))

        def star(*args, **kw):
            return chain(sys._getframe())

        def main():
            return [
                C().seen, C().m(1, 2), C().p, list(gen()), sorted([1], key=key),
                star(*[1], **{"k": 2}), (lambda: chain(sys._getframe()))(),
                [chain(sys._getframe()) for _ in range(2)],
                eval("chain(sys._getframe())"),
            ]
        """,
    "position_while_a_callee_runs": """
        import sys

        seen = []

        def look(*args, **kw):
            frame = sys._getframe(1)
            seen.append((frame.f_lineno, frame.f_lasti))
            return 1

        class Thing:
            def __init__(self, *args):
                look()
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti))
            def __add__(self, other):
                return look()
            def __bool__(self):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti))
                return True
            def __getattr__(self, name):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti, name))
                return 5
            def __lt__(self, other):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti))
                return self
            def __iter__(self):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti))
                yield 1
            def __getitem__(self, key):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti))
                return 1
            def __setitem__(self, key, value):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti))
            def __enter__(self):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti))
            def __exit__(self, *args):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti))
            def __format__(self, spec):
                frame = sys._getframe(1)
                seen.append((frame.f_lineno, frame.f_lasti, spec))
                return ""

        def main():
            look(); look(k=look())
            look(*[1]); look(**{"k": 1})
            t = Thing(
                look(),
                1)
            t + 1
            if t and not t:
                pass
            t.a
            t < (t < t)
            for _ in t: t[1]
            t[1] = t[2]
            with t: look()
            f"{t} {t:x}"
            bound = t.__add__
            bound(1)
            list(map(look, [1]))
            return seen
        """,
    "locals": """
        import sys

        def f(a, *args, k=1, **kw):
            b = a
            def inner():
                return b, sys._getframe(1).f_locals["b"]
            before = dict(locals())
            del a
            c = inner()
            frame = sys._getframe()
            after = sorted(frame.f_locals)
            frame.f_locals["new"] = 5
            return sorted(before), after, sorted(locals()), c

        def keeps_same_dict():
            x = 1
            first = locals()
            x = 2
            second = locals()
            return first is second, first["x"]

        def main():
            class Body:
                x = 1
                y = sorted(n for n in locals() if n[0] != "_")
                locals()["z"] = 7
                names = sys._getframe().f_locals is locals()
                w = z
            return f(1, 2, k=3, m=4), keeps_same_dict(), vars(Body)["y"], Body.w, \\
                Body.names, [sorted(locals()) for _ in (1,)], sorted(locals())
        """,
    "outlives": """
        import sys, weakref

        class C:
            pass

        def f(n):
            local = C()
            refs.append(weakref.ref(local))
            return sys._getframe()

        def g():
            x = [1]
            frame = sys._getframe()
            yield frame
            x.append(2)
            yield frame

        refs = []

        def main():
            frame = f(5)
            found = [frame.f_locals["n"], frame.f_back and frame.f_back.f_code.co_name,
                     frame.f_lineno, frame.f_lasti, refs[0]() is not None]
            frame.clear()
            found += [frame.f_locals, refs[0]() is None]
            gen = g()
            shown = next(gen)
            found += [shown.f_back is None, shown.f_locals["x"], shown.f_lineno]
            next(gen)
            found += [shown.f_locals["x"], shown.f_lineno]
            gen.close()
            found += [shown.f_locals, shown.f_lineno]
            frame = f(6)
            del frame
            found.append(refs[1]() is None)
            return found
        """,
    "clear_running": """
        import sys

        def f():
            sys._getframe().clear()

        def g():
            yield sys._getframe()

        def main():
            found = []
            try:
                f()
            except RuntimeError as error:
                found.append(str(error))
            gen = g()
            frame = next(gen)
            try:
                frame.clear()
            except RuntimeError as error:
                found.append(str(error))
            found.append(list(gen))
            return found
        """,
    "inspect": """
        import inspect, traceback

        class C:
            def m(self):
                return who(), [
                    (f.function, f.lineno, f.index, f.positions)
                    for f in inspect.stack() if f.filename == FILE]

        def who():
            frame = inspect.currentframe().f_back
            info = inspect.getframeinfo(frame)
            return info.function, info.lineno, inspect.getargvalues(frame).args

        FILE = who.__code__.co_filename

        def main():
            summary = traceback.extract_stack()
            mine = [(s.name, s.lineno, s.colno) for s in summary if s.filename == FILE]
            return C().m(), mine[-1]
        """,
    "traceback_frames": """
        import sys

        def f(n):
            here = n * 10
            if n:
                return f(n - 1)
            raise ValueError

        def main():
            try:
                f(3)
            except ValueError as error:
                tb = error.__traceback__.tb_next
            frames = []
            while tb:
                frames.append(tb.tb_frame)
                tb = tb.tb_next
            found = [frame.f_locals["here"] for frame in frames]
            found += [a.f_back is b for a, b in zip(frames[1:], frames)]
            for frame in frames:
                frame.clear()
            return found, [frame.f_locals for frame in frames]
        """,
    "globals_and_builtins": """
        import builtins, sys, types

        def shows():
            frame = sys._getframe()
            return frame.f_globals is globals(), frame.f_builtins["len"] is len

        def main():
            found = [shows()]
            scope = {"__builtins__": {"len": lambda x: "mine"}}
            exec("def f(): return len(1)", scope)
            found.append(scope["f"]())
            other = types.FunctionType(scope["f"].__code__, {"len": lambda x: "other"})
            found.append(other())
            exec("def g(): return abs(1)", scope)
            try:
                scope["g"]()
            except NameError as error:
                found.append(str(error))
            exec("def h():\\n  class C: pass", scope)
            try:
                scope["h"]()
            except NameError as error:
                found.append(str(error))
            return found
        """,
    "warnings_stacklevel": """
        import warnings

        def warns(level):
            warnings.warn("text", stacklevel=level)

        def calls(level):
            warns(level)

        def main():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                for level in (1, 2, 3):
                    calls(level)
            return [(w.lineno, w.filename) for w in caught]
        """,
}

#: Statements that end the last use of an object, each after a line with a call.
FINALIZED = {
    "store": "x = T(); len(())\nx = None",
    "delete": "x = T(); len(())\ndel x",
    "pop": "x = T; y = [T()]; len(())\ny.pop",
    "expression": "x = [T()]; f = x.pop; len(())\nf()",
    "cell": "len(())\nkept = T()\nlen(())\nkept = None",
    "delete_cell": "kept = T()\nlen(())\ndel kept",
    "is": "x = [T()]; len(())\ny = x.pop() is None",
    "if_none": "x = [T()]; len(())\nif x.pop() is None: pass",
    "not": "x = [T()]; len(())\nif not x.pop(): pass",
    "handler": "try: raise E(T())\nexcept E: len(())\nlen(())",
    "named_handler": "try: raise E(T())\nexcept E as e: len(())\nlen(())",
    "attribute": "o.x = T(); len(())\no.x = None",
    "item": "d = {1: T()}; len(())\nd[1] = None",
    "global": "global g; g = T(); len(())\ng = 1",
    "return": "x = T(); len(())\nreturn 1",
    "loop": "for x in [T(), 1]:\n  len(())\n  pass",
    "loop_end": "for x in iter([T()]):\n  len(())\n  del x",
    "unpack": "x = y = T(); len(())\nx, y = 1, 2",
    "with": "with M() as x:\n  len(())\nx = 1",
    "comparison": "y = o\nfor x in range(9):\n  len((\n    T() ==\n    y,))",
    "comparison_with_constant": "for x in range(9):\n  len((\n    T() ==\n    None,))",
}

#: How deep each way of recursing gets; prints the depth for each limit.
RECURSION = """
    import sys

    class C:
        def __init__(self, n):
            deepest[0] = n
            C(n + 1)
        def __getitem__(self, n):
            deepest[0] = n
            return self[n + 1]

    def plain(n):
        deepest[0] = n
        plain(n + 1)

    def keyword(*, n):
        deepest[0] = n
        keyword(n=n + 1)

    def star(n, *args, **kw):
        deepest[0] = n
        star(*[n + 1], **{})

    def gen(n):
        deepest[0] = n
        yield from gen(n + 1)

    def by_builtin(n):
        deepest[0] = n
        return max([n + 1], key=by_builtin)

    def handles(n):
        deepest[0] = n
        try:
            handles(n + 1)
        finally:
            after[0] += 1

    deepest, after = [0], [0]

    def main():
        found = []
        was = sys.getrecursionlimit()
        for limit in (120, 121, 200, 317):
            for call in (
                lambda: plain(0), lambda: keyword(n=0), lambda: star(0),
                lambda: list(gen(0)), lambda: by_builtin(0), lambda: handles(0),
                lambda: C(0), lambda: C.__new__(C)[0],
            ):
                try:
                    sys.setrecursionlimit(limit)
                    call()
                except RecursionError as error:
                    found.append((limit, deepest[0], str(error)))
                finally:
                    sys.setrecursionlimit(was)
        return found, after
    """

DEEP = """
import sys, adaptive

def plain(n):
    return n and 1 + plain(n - 1)

class C:
    def __init__(self, n):
        self.inner = n and C.make(n - 1)
    @classmethod
    def make(cls, n):
        return cls(n)
    def m(self, n, *args, k=1, **kw):
        return n and 1 + self.m(n - 1, n, k=2, z=3)

def star(n, *args):
    return n and 1 + star(*[n - 1, 1])

def unwinds(n):
    try:
        if n == 0:
            raise ValueError
        unwinds(n - 1)
    finally:
        count[0] += 1

count = [0]
sys.setrecursionlimit(60_000)
mode = sys.argv[1]
if mode != "plain":
    adaptive.enable(0)
if mode == "removed":
    plain(10)
    adaptive.disable()
    before = adaptive.counters()["frames"]
print(plain(50_000))
if mode == "engine":
    print(star(50_000), C.__new__(C).m(50_000))
    try:
        unwinds(50_000)
    except ValueError:
        print(count[0])
    c = C(10_000)
    while c.inner:
        c = c.inner
if mode == "removed":
    assert adaptive.counters()["frames"] == before
"""

CHUNKS = """
    def wide(n, *args):
        a = b = c = d = e = f = g = h = i = j = k = l = m = o = p = q = n
        try:
            return n and wide(n - 1, a, b, *args[:3]) + 1
        finally:
            seen.append(n == a == q)

    def gen(n):
        if n:
            yield from gen(n - 1)
        yield wide(3)

    class C:
        def __init__(self, n):
            self.n = n and C(n - 1).n + 1

    seen = []

    def main():
        # Sizes that begin a new chunk of the data stack at every kind of call.
        found = [wide(n) for n in range(0, 400, 7)]
        found += [sum(gen(n)) for n in (5, 50)]
        found += [C(n).n for n in range(1, 300, 13)]
        return found, all(seen), len(seen)
    """


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    """S1-23: programs that look at frames."""
    assert same(PROGRAMS[name]).how == "returned"


@pytest.mark.parametrize("how", FINALIZED)
def test_position_in_finalizers(how: str) -> None:
    """Whoever is finalized sees which line of the engine's frame did it."""
    body = FINALIZED[how].replace("\n", "\n            ")
    same(
        f"""
        import sys
        seen = []

        class T:
            def __del__(self):
                frame = sys._getframe(1)
                seen.append((frame.f_code.co_name, frame.f_lineno, frame.f_lasti))

        class E(Exception):
            pass

        class M:
            def __enter__(self):
                return T()
            def __exit__(self, *error):
                pass

        def run(o):
            kept = None
            def inner():
                return kept
            {body}

        def main():
            run(M())
            return seen
        """
    )


#: With a hook installed, the host's own calls leave another `f_lasti`.
WITHOUT_OFFSETS = {
    name: source
    for name, source in PROGRAMS.items()
    if "f_lasti" not in source and "positions" not in source
}


@pytest.mark.parametrize("stress", ["bail:1", "bail:2", "gc"])
def test_programs_under_stress(stress: str) -> None:
    """S2-53: frames show the same whichever side runs them."""
    done = support.python(
        "-c",
        f"import support, {__name__} as t; support.same_for_all(t.WITHOUT_OFFSETS)",
        stress=stress,
    )
    assert done.returncode == 0, done.stderr


def test_recursion_depth() -> None:
    """The limit is reached at the host's depth, by every kind of call."""
    shown = same(RECURSION)
    assert shown.text.count("maximum recursion depth exceeded") == 32


@pytest.mark.parametrize("mode", ["plain", "engine", "removed"])
def test_deep_recursion(mode: str) -> None:
    """50 000 frames: engine frames take no C stack, and a removed hook costs none."""
    done = support.python("-c", DEEP, mode)
    assert done.returncode == 0, done.stderr[-500:]
    expected = {"engine": "50000\n50000 50000\n50001\n"}.get(mode, "50000\n")
    assert done.stdout == expected


def test_chunk_boundaries() -> None:
    """Where the data stack's chunk is full, the host begins the next one."""
    same(CHUNKS)


def test_frame_line_can_be_set_in_warm_code() -> None:
    """S1-23: a debugger's jump works in code that the engine has run."""
    source = """
        import sys

        def f(log):
            log.append(1)
            log.append(2)
            log.append(3)
            return log

        def jump(frame, event, arg):
            if event == "line" and frame.f_lineno == first + 2:
                frame.f_lineno = first + 3
            return jump

        first = f.__code__.co_firstlineno

        def main():
            found = [f([]), f([])]
            sys.settrace(lambda frame, *_: jump if frame.f_code is f.__code__ else None)
            try:
                found.append(f([]))
            finally:
                sys.settrace(None)
            found.append(f([]))
            return found
        """
    shown = same(source, support.ALLOWED | {"tracing"})
    assert "[1, 3]" in shown.text
