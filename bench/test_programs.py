"""Every program as a pair of pytest-benchmark results, plain and engine, in one group.

pytest-benchmark runs all rounds of one test before the next, but the two sides have to
alternate. So the first test of a pair measures both, and each test then replays its
side's rounds against a clock that moves only by what they took.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from bench.measure import ENGINE, PLAIN, Measurement
from bench.micro import MICRO
from bench.programs import DECLARED, missing

SIDES = (PLAIN, ENGINE)


class Benchmark(Protocol):
    """What is used here of pytest-benchmark's fixture."""

    group: str

    def pedantic(self, target: Callable[[], None], *, rounds: int) -> None: ...


class ReplayClock:
    """A clock that stands still until it is told that time has passed."""

    def __init__(self) -> None:
        self.now = 0.0

    def replay(self, durations: Iterator[float]) -> None:
        """Let the next duration pass."""
        self.now += next(durations)


CLOCK = ReplayClock()


def replay_timer() -> float:
    """The clock, as the timer that pytest-benchmark reads."""
    return CLOCK.now


def record(benchmark: Benchmark, measurement: Measurement, side: str) -> None:
    """Give pytest-benchmark the rounds of one side."""
    if side not in measurement.calls:
        pytest.skip("--bench-plain-only was given")
    rounds = measurement.rounds(side)
    durations = iter(rounds)
    benchmark.group = measurement.name
    benchmark.pedantic(lambda: CLOCK.replay(durations), rounds=len(rounds))


@pytest.mark.benchmark(timer=replay_timer)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            each.name,
            marks=pytest.mark.skipif(bool(missing(each)), reason=f"{missing(each)}"),
        )
        for each in DECLARED.values()
    ],
)
def test_program(
    benchmark: Benchmark, measurement: Measurement, name: str, side: str
) -> None:
    """A program of pyperformance."""
    record(benchmark, measurement, side)


@pytest.mark.benchmark(timer=replay_timer)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", MICRO)
def test_micro(
    benchmark: Benchmark, measurement: Measurement, name: str, side: str
) -> None:
    """A micro program of one instruction family."""
    record(benchmark, measurement, side)
