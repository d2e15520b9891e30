"""Runs a program on one side and notes everything a program or a debugger can see.

Owns the list of what is compared.  An observation is made of strings, numbers, tuples
and lists only, so two of them are equal exactly if nothing visible differs.  The notes
are taken after the engine has been switched off: only the program runs on it.
"""

import contextlib
import dis
import gc
import io
import marshal
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.differential import prelude

FILE_NAME = "<program>"
FUEL = 60  # loop turns and calls per call of main; the prelude's ``tick`` takes it
DEEPEST_CHAIN = 6  # of exceptions
MOST_FRAMES = 40  # of a traceback; fuel keeps real ones below
CACHE, CALL = dis.opmap["CACHE"], dis.opmap["CALL"]
FUSED = {dis.opmap[name] for name in ("LOAD_FAST", "STORE_FAST", "LOAD_CONST")}
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")

Observation = list[Any]


def arguments() -> list[tuple[Any, ...]]:
    """What main is called with: cold, empty, warm, extreme, and of wrong kinds."""
    return [
        (3, "abc", [1, 2, 3]),
        (0, "", []),
        (3, "abc", [1, 2, 3]),
        (prelude.BIG, "\u00e9a", [0, -1, 5, 5]),
        ("a", 2.5, (1, 2)),
    ]


class Side:
    """Where programs run.  This one is the plain host."""

    compares_deaths = True
    exact_places = True

    def begin(self, seed: int) -> None:
        """Called before each program."""

    def bailouts(self) -> int:
        """How many frames have been handed to the host so far."""
        return 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The time in which code runs on this side."""
        yield


class UnquickenedSide(Side):
    """The host executing the instructions as compiled, none specialized or fused.

    CPython 3.11's specialized PRECALL raises at itself where CALL would raise, and a
    fused pair of instructions raises at the first one, with its line.  So what the
    host reports depends on how warm the code is; the engine reports what is compiled.
    While any trace function is set, 3.11 runs the original instructions.
    """

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """A trace function that wants no events is set inside."""
        sys.settrace(lambda frame, event, arg: None)
        try:
            yield
        finally:
            sys.settrace(None)


class EngineSide(Side):
    """The engine, everything hot at once; the stress modes are the process's own."""

    def __init__(self) -> None:
        import adaptive
        from adaptive import config

        self._enable: Callable[..., None] = adaptive.enable
        self._disable: Callable[[], None] = adaptive.disable
        self._counters: Callable[[], dict[str, Any]] = adaptive.counters
        stress = config.settings().stress
        self._bail_one_in = config.BAIL_ONE_IN if "bail" in stress.modes else 0
        self._gc_every = config.GC_EVERY_INSTRS if "gc" in stress.modes else 0
        self._miss_one_in = config.MISS_ONE_IN if "deopt" in stress.modes else 0
        self._seed = stress.seed
        # The first use of the engine sets the process's own seed; begin() comes after.
        with self.running():
            pass
        # Collections at other times find cycles, and with them deaths, at other times.
        self.compares_deaths = "gc" not in stress.modes

    def begin(self, seed: int) -> None:
        """Make the stress depend on the program alone, so that its seed repeats it."""
        rates = (self._bail_one_in, self._gc_every, self._miss_one_in)
        if any(rates):
            from adaptive import _core_stress as core

            mixed = (self._seed * 1000003 + seed) % (1 << 32)
            core.set_stress(mixed, *rates)

    def bailouts(self) -> int:
        """A frame handed over may run on code that the host has warmed by then.

        What UnquickenedSide says of places then holds in one frame and not in another,
        so they are compared less exactly.
        """
        return sum(self._counters()["bailouts"].values())

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """The engine is on inside."""
        self._enable(threshold=0)
        try:
            yield
        finally:
            self._disable()


class Program:
    """A compiled program; each run gets code objects of its own."""

    def __init__(self, source: str) -> None:
        self.source = source
        code = compile(source, FILE_NAME, "exec", dont_inherit=True)
        self._bytes = marshal.dumps(code)

    def code(self) -> types.CodeType:
        """A copy that no other run has warmed or quickened."""
        code = marshal.loads(self._bytes)
        assert isinstance(code, types.CodeType)
        return code


def _prelude_bytes() -> bytes:
    path = prelude.__file__
    code = compile(Path(path).read_text("utf-8"), "<prelude>", "exec")
    return marshal.dumps(code)


PRELUDE = _prelude_bytes()


def observe(program: Program, side: Side) -> list[Observation]:
    """Run the module and then main with each set of arguments."""
    space: dict[str, Any] = {"__name__": "program", "__builtins__": __builtins__}
    exec(marshal.loads(PRELUDE), space)
    space["EXACT_PLACES"] = side.exact_places
    code = program.code()
    seen = [_observed(side, space, "module", lambda: exec(code, space))]
    for number, values in enumerate(arguments()):
        main = space.get("main")
        if main is None:
            break
        call = types.MethodType(_call, (main, values))
        seen.append(_observed(side, space, f"main {number}", call))
    deaths = space["DEATHS"]
    with side.running():  # what the module still holds dies in the order of its names
        space.clear()
    if side.compares_deaths:
        seen.append(["end", _deaths(deaths, side), list(UNRAISABLE)])
    UNRAISABLE.clear()
    return seen


def _call(main_and_values: tuple[Callable[..., Any], tuple[Any, ...]]) -> Any:
    main, values = main_and_values
    return main(*values)


def _observed(
    side: Side, space: dict[str, Any], step: str, call: Callable[[], Any]
) -> Observation:
    """Run *call* and describe what it did."""
    space["FUEL"][:] = [0] * FUEL
    output, before = io.StringIO(), sys.stdout
    error: BaseException | None = None
    value: Any = None
    sys.stdout = output
    try:
        with side.running():
            try:
                value = call()
            except BaseException as caught:
                error = caught
    finally:
        sys.stdout = before
        sys.settrace(None)
        sys.setprofile(None)
    ending = (
        describe(error, side.exact_places)
        if error
        else ["returned", prelude.plain(value)]
    )
    seen = [step, ending, list(space["LOG"]), output.getvalue()[:2000]]
    error = value = None  # deaths of what they held belong to this step
    if side.compares_deaths:
        seen += [_deaths(space["DEATHS"], side), list(UNRAISABLE)]
    UNRAISABLE.clear()
    space["LOG"].clear()
    return seen


def _deaths(deaths: list[Any], side: Side) -> list[Any]:
    """Who has died, and when; in order where the order can be relied on.

    An argument that only the caller's stack holds dies with the callee's frame if the
    call was inlined, else after it; the host inlines nothing while a hook is there.
    Then starred arguments die first to last, not last to first as their tuple would
    have it, so that each dies when another would have; the times are the same.
    """
    if side.exact_places:
        return list(deaths)
    entries = (entry if isinstance(entry, tuple) else (entry,) for entry in deaths)
    return sorted(str(part) for entry in entries for part in entry)


def describe(
    error: BaseException, exact: bool, depth: int = DEEPEST_CHAIN
) -> Observation:
    """An exception: type, text, notes, traceback, and the ones it is linked to."""
    text = ADDRESS.sub("0x", prelude.text_of(error))[:300]
    seen: Observation = [
        "raised",
        type(error).__name__,
        text,
        [str(note) for note in getattr(error, "__notes__", ())],
        error.__suppress_context__,
        traceback_of(error, exact),
    ]
    if depth and isinstance(error, BaseExceptionGroup):
        seen.append([describe(member, exact, depth - 1) for member in error.exceptions])
    for link in (error.__cause__, error.__context__):
        seen.append(
            describe(link, exact, depth - 1) if link and depth else link is None
        )
    return seen


def traceback_of(error: BaseException, exact: bool) -> list[Any]:
    """Every entry of a traceback: function, line, last instruction, locals."""
    entries: list[Any] = []
    traceback = error.__traceback__
    while traceback is not None and len(entries) < MOST_FRAMES:
        frame = traceback.tb_frame
        if frame.f_code.co_filename != __file__:
            place: tuple[int, ...]
            place = (traceback.tb_lineno, traceback.tb_lasti, frame.f_lineno)
            if not exact:
                offset = _instruction(frame.f_code, traceback.tb_lasti)
                place = _before_fusion(frame.f_code, offset)
            entries.append(
                (
                    frame.f_code.co_qualname,
                    place,
                    _locals_of(frame),
                )
            )
        traceback = traceback.tb_next
    return entries


def _instruction(code: types.CodeType, offset: int) -> int:
    """The offset of the instruction that the code unit at *offset* belongs to.

    In a caller CPython leaves the call's last cache unit where it inlined the call, and
    the call itself where it did not, as in every frame it runs under a hook.
    """
    units = code.co_code
    while offset > 0 and units[offset] == CACHE:
        offset -= 2
    return offset


def _before_fusion(code: types.CodeType, offset: int) -> tuple[int, ...]:
    """Offset and line where 3.11 may say an instruction is, be it warm or not.

    A run of loads and stores counts as its first one, a call as its PRECALL.
    """
    units = code.co_code
    if units[offset] == CALL:
        offset = _instruction(code, offset - 2)
    while offset >= 2 and units[offset] in FUSED and units[offset - 2] in FUSED:
        offset -= 2
    lines = [line for start, end, line in code.co_lines() if start <= offset < end]
    return offset, lines[0] or 0


def _locals_of(frame: types.FrameType) -> list[tuple[str, str]]:
    """The locals of a function's frame; a module's are the namespace, far too many."""
    if frame.f_locals is frame.f_globals:
        return []
    return [(name, prelude.plain(value)) for name, value in frame.f_locals.items()]


def first_difference(left: Any, right: Any, path: str = "") -> str:
    """Where two observations part, with both values; empty if nowhere."""
    if left == right:
        return ""
    nested = isinstance(left, (list, tuple)) and isinstance(right, (list, tuple))
    if not nested:
        return f"at {path or '/'}\n  host:   {left!r}\n  engine: {right!r}"
    for number, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            step = one[0] if isinstance(one, list) and one else number
            label = step if isinstance(step, (str, int)) else number
            return first_difference(one, other, f"{path}/{label}")
    return (
        f"at {path or '/'}: {len(left)} items and {len(right)}"
        f"\n  host:   ...{str(left[len(right) :])[:300]}"
        f"\n  engine: ...{str(right[len(left) :])[:300]}"
    )


def difference(source: str, engine: Side, seed: int = 0) -> str:
    """Run on the host and on *engine*; what differs first, or an empty text."""
    program = Program(source)
    engine.begin(seed)
    bailouts = engine.bailouts()
    found = _against_hosts(program, engine)
    if found and engine.bailouts() != bailouts:
        engine.exact_places = False
        engine.begin(seed)
        found = _against_hosts(program, engine)
        engine.exact_places = True
    return found


def _against_hosts(program: Program, engine: Side) -> str:
    """What differs from the host as it comes and from the unquickened one."""
    on_engine = observe(program, engine)
    found = ""
    for host in (Side(), UnquickenedSide()):
        host.compares_deaths = engine.compares_deaths
        host.exact_places = engine.exact_places
        found = first_difference(observe(program, host), on_engine)
        if not found:
            break
    return found


UNRAISABLE: list[str] = []


def _note_unraisable(unraisable: Any) -> None:
    error = unraisable.exc_value
    UNRAISABLE.append(
        f"{type(error).__name__}: {ADDRESS.sub('0x', prelude.text_of(error))}"
    )


def prepare_process() -> None:
    """Make this process fit to run programs in: quiet, and collecting only on call."""
    warnings.simplefilter("ignore")
    sys.unraisablehook = _note_unraisable
    sys.stdin = io.StringIO()
    gc.disable()
    gc.freeze()
