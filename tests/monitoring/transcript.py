"""Asks a `sys.monitoring`, or ours, the same questions, and prints what it answers.

    python tests/monitoring/transcript.py

Runs on a host that has the module, and on one that has ours; both must print the same.
What differs between versions of bytecode (offsets, jumps) is not asked for, nor what
3.13 raises unseen while it iterates a generator that returns a value.
"""

from __future__ import annotations

import sys
from types import CodeType

if not hasattr(sys, "monitoring"):
    import adaptive
    from adaptive import monitoring

    adaptive.enable(0)
else:
    monitoring = sys.monitoring

M = monitoring
E = M.events
TOOL = 1


def plain():
    """Something to watch."""


#: Evaluated one after another.
QUESTIONS = """
M.use_tool_id(6, "a")
M.use_tool_id(-1, "a")
M.use_tool_id(1, 2)
M.use_tool_id("1", "a")
M.use_tool_id(1, "a")
M.use_tool_id(1, "b")
M.get_tool(9)
M.get_tool(1)
M.get_tool(2)
M.free_tool_id(8)
M.free_tool_id(2)
M.set_events(2, 1)
M.set_events(1, -1)
M.set_events(1, 1 << 17)
M.set_events(1, 1 << 15)
M.set_events(1, 1 << 16 | 16)
M.set_events(1, "a")
M.set_events(7, 0)
M.set_events(1, True)
M.get_events(1)
M.set_events(1, E.CALL | E.C_RETURN | E.C_RAISE)
M.get_events(1)
M._all_events()
M.set_events(1, 0)
M._all_events()
M.get_events(8)
M.get_events(3)
M.register_callback(1, 3, None)
M.register_callback(1, 0, None)
M.register_callback(1, 1 << 17, None)
M.register_callback(1, -4, None)
M.register_callback(9, 1, None)
M.register_callback(4, 1, None)
M.register_callback(1, 1, len)
M.register_callback(1, 1, 5)
M.register_callback(1, 1, None)
M.set_local_events(1, 3, 1)
M.set_local_events(1, plain.__code__, 1 << 10)
M.set_local_events(1, plain.__code__, -1)
M.set_local_events(1, plain.__code__, 1 << 15)
M.set_local_events(4, plain.__code__, 1)
M.get_local_events(1, plain.__code__)
M.get_local_events(1, 3)
M.get_local_events(9, plain.__code__)
M.get_local_events(4, plain.__code__)
M.set_local_events(1, plain.__code__, E.CALL | E.LINE)
M.get_local_events(1, plain.__code__)
M.set_local_events(1, plain.__code__, 0)
M.restart_events()
M.free_tool_id(1)
M.get_tool(1)
sorted(vars(E).items())
M.DEBUGGER_ID, M.COVERAGE_ID, M.PROFILER_ID, M.OPTIMIZER_ID
type(M.DISABLE), type(M.MISSING), M.DISABLE is M.MISSING
"""

PROGRAMS = """
def returns(): return 1
def calls():
    len(()); int("3"); print(end=""); [].append(1); Point(1).move(2); sorted([2, 1])
def keywords(): return dict(a=1), max([1], key=abs), spread(*[1], **{"b": 2})
def spread(*a, **k): return a, k
class Point:
    def __init__(self, x): self.x = x
    def move(self, by): return self.x + by
def raises(): raise KeyError("x")
def catches():
    try: raises()
    except KeyError: return 1
def again():
    try:
        try: raises()
        except KeyError: raise
    except LookupError as error: return error.args
def cause():
    try: int("x")
    except ValueError as error: raise TypeError("y") from error
def always():
    try: raises()
    finally: len(())
def counted(n):
    for i in range(n): yield i
def loops(): return sum(counted(3))
def sends():
    def echo():
        got = None
        while got != (6,):
            try: got = yield got
            except KeyError as error: got = error.args
    g = echo(); next(g); g.send(5)
    try: g.throw(KeyError(6))
    except StopIteration: pass
def delegates():
    def inner():
        yield 1
        return 2
    def outer(): yield (yield from inner())
    for _ in outer(): pass
async def child(): return 3
async def parent(): return await child()
def awaits():
    try: parent().send(None)
    except StopIteration as stop: return stop.value
class Ends:
    def __iter__(self): return self
    __await__ = __iter__
    def __next__(self): raise StopIteration(3)
    def send(self, value): raise StopIteration(value)
class Once(Ends):
    def __next__(self): return 1
def asks():
    def sent(): yield (yield from Once())
    g = sent(); next(g); g.send(4); list(g)
    return [(yield from Ends()), (yield from [1]), (yield from map(abs, [-1]))]
def asked(): return list(asks())
async def items(): yield 1
async def waits():
    got = await Ends()
    async for item in items(): got += item
    return got
def awaited():
    try: waits().send(None)
    except StopIteration as stop: return stop.value
class Manager:
    def __enter__(self): return self
    def __exit__(self, *_): return True
def manages():
    with Manager(): raises()
def recurses(n=4): return n and recurses(n - 1)
def decorated():
    def twice(f): return lambda: (f(), f())
    @twice
    def inside(): return 1
    return inside()
def bound():
    move = Point(1).move
    return move(2), (lambda *a: a)(3), str.upper("a"), "a".upper()
def unbound(): return missing
def stops(): return next(iter([]))
"""
RUN = (
    "returns calls keywords catches again cause always loops sends delegates awaits"
    " asked awaited manages recurses decorated bound unbound stops"
).split()
TOLD = (
    *("PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "C_RETURN", "C_RAISE"),
    *("RAISE", "RERAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "LINE"),
)


def answered(question: str) -> str:
    """What a question gives: its value, or the exception."""
    try:
        return repr(eval(question))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def shown(value: object) -> str:
    """A value without what differs from run to run."""
    if value is M.MISSING:
        return "MISSING"
    if isinstance(value, BaseException):
        return repr(value)
    name = getattr(value, "__qualname__", None)
    return str(name or type(value).__name__)


def tell_all(function: object) -> None:
    """Print what is told while a program runs."""

    def listen(name: str) -> None:
        def told(code: CodeType, number: int, *what: object) -> None:
            if code.co_filename != "<watched>":
                return
            words = (
                [number - code.co_firstlineno] if name == "LINE" else map(shown, what)
            )
            print("  ", name, code.co_qualname, *words)

        M.register_callback(TOOL, getattr(E, name), told)

    for name in TOLD:
        listen(name)
    M.set_events(TOOL, sum(getattr(E, name) for name in TOLD))
    try:
        function()
    except Exception as error:
        print("  ", "left by", repr(error))
    M.set_events(TOOL, 0)


def main() -> None:
    """All questions, then all programs."""
    for question in QUESTIONS.strip().splitlines():
        print(question, "->", answered(question))
    namespace: dict[str, object] = {}
    exec(compile(PROGRAMS, "<watched>", "exec"), namespace)
    M.use_tool_id(TOOL, "transcript")
    for name in RUN:
        print(name)
        tell_all(namespace[name])
    M.free_tool_id(TOOL)


if __name__ == "__main__":
    main()
