"""Runs a program on both sides in turn and keeps what each call took.

The sides alternate call by call, A B A B, in one process: whatever else the machine
does while this runs, it does to both. The first call of a side is kept apart as the
warm-up it is.
"""

from __future__ import annotations

import gc
import importlib
import math
import types
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench.loader import load
from bench.micro import Micro
from bench.programs import Program

PLAIN = "plain"
ENGINE = "engine"
WARM_UP_CALLS = (1, 2, 5)
"""The calls whose times make the warm-up curve."""

Switch = Callable[[], object]
"""Puts the process on one side."""


@dataclass(frozen=True)
class Measurement:
    """What every call of a program took, in seconds, by side, in order of calling."""

    name: str
    group: str
    calls: dict[str, list[float]]

    def rounds(self, side: str) -> list[float]:
        """The calls after the first."""
        return self.calls[side][1:]

    def best(self, side: str) -> float:
        """The least disturbed round: the fastest."""
        return min(self.rounds(side))

    def middle(self, side: str) -> float:
        """The median round."""
        return median(self.rounds(side))

    def with_rounds_of(self, later: Measurement) -> Measurement:
        """The same program's calls and those of a later pass but for its warm-up."""
        calls = {side: [*self.calls[side], *later.rounds(side)] for side in self.calls}
        return Measurement(self.name, self.group, calls)

    @property
    def compared(self) -> bool:
        """Whether both sides were measured."""
        return ENGINE in self.calls

    @property
    def ratio(self) -> float:
        """Plain time over engine time, of the fastest rounds: above 1 is faster."""
        return self.best(PLAIN) / self.best(ENGINE)

    @property
    def median_ratio(self) -> float:
        """Plain time over engine time, of the median rounds."""
        return self.middle(PLAIN) / self.middle(ENGINE)


def built_engine() -> types.ModuleType | None:
    """The `adaptive` package, or None where its extension cannot be imported."""
    try:
        importlib.import_module("adaptive._core")
        return importlib.import_module("adaptive")
    except ImportError:
        return None


def sides(threshold: int | None = None, plain_only: bool = False) -> dict[str, Switch]:
    """How to get onto each side that can be measured here.

    Raises: ImportError when the engine is wanted and is not built.
    """
    engine = built_engine()
    if engine is None and not plain_only:
        raise ImportError("adaptive is not built, or does not fit this interpreter")
    if engine is None:
        return {PLAIN: lambda: None}
    if plain_only:
        return {PLAIN: engine.disable}
    return {PLAIN: engine.disable, ENGINE: lambda: engine.enable(threshold)}


def measure(
    program: Program | Micro, rounds: int, switches: dict[str, Switch]
) -> Measurement:
    """Call `program` once to warm up and then `rounds` times, on each side in turn.

    Fewer rounds where the program sets a bound. The process is left on the plain side.
    The collector does not look at what was there before: the bench's own modules, other
    programs', and those of `adaptive`, which both sides would pay for.
    """
    calls: dict[str, list[float]] = {side: [] for side in switches}
    if program.most_rounds is not None:
        rounds = min(rounds, program.most_rounds)
    with ExitStack() as copies:
        copies.callback(switches[PLAIN])
        gc.collect()
        gc.freeze()
        copies.callback(gc.unfreeze)
        workloads = {}
        for side, switch in switches.items():
            switch()
            workloads[side] = copies.enter_context(load(program))
        for _ in range(1 + rounds):
            for side, switch in switches.items():
                switches[PLAIN]()
                # One side's garbage must not be collected in the other's time.
                gc.collect()
                switch()
                calls[side].append(workloads[side].seconds(program.loops))
    group = program.family if isinstance(program, Micro) else program.script
    return Measurement(program.name, group, calls)


def together(measurements: Iterable[Measurement]) -> list[Measurement]:
    """One measurement of each program, of all that were made in several passes."""
    merged: dict[str, Measurement] = {}
    for each in measurements:
        first = merged.get(each.name)
        merged[each.name] = first.with_rounds_of(each) if first else each
    return [*merged.values()]


def geometric_mean(ratios: Iterable[float]) -> float:
    """The mean in which twice as fast and half as fast cancel out."""
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(sum(logarithms) / len(logarithms))
