"""Measurements as tables for people and as JSON for programs."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import adaptive
from bench.measure import (
    ENGINE,
    PLAIN,
    WARM_UP_CALLS,
    Measurement,
    geometric_mean,
)
from bench.micro import Micro
from bench.programs import Program

LAYOUT: dict[str, Any] = {
    "box": SIMPLE_HEAD,
    "padding": (0, 0, 0, 1),
    "pad_edge": False,
}
"""How a table is drawn, so that the longest names still fit 80 columns."""


def one_by_one(programs: Sequence[Program | Micro]) -> Iterator[Program | Micro]:
    """The programs, with the progress on stderr.

    It is drawn between two of them only: a thread that draws would run, and collect
    garbage, in the time that is measured.
    """
    with Progress(
        console=Console(stderr=True), transient=True, auto_refresh=False
    ) as progress:
        yield from progress.track(programs)


def milliseconds(seconds: float) -> str:
    """A time as it stands in a table."""
    return f"{seconds * 1e3:.1f}"


def table_of(measurements: Sequence[Measurement]) -> Table:
    """A row per program: fastest and median round of each side, and the ratios."""
    compared = all(each.compared for each in measurements)
    table = Table(title="milliseconds per round", **LAYOUT)
    table.add_column("program", no_wrap=True)
    sides = (PLAIN, ENGINE) if compared else (PLAIN,)
    for side in sides:
        table.add_column(f"{side}\nmin", justify="right")
        table.add_column(f"{side}\nmed", justify="right")
    if compared:
        table.add_column("ratio\nof min", justify="right", style="bold")
        table.add_column("ratio\nof med", justify="right")
    for each in measurements:
        row = [each.name]
        for side in sides:
            row += [milliseconds(each.best(side)), milliseconds(each.middle(side))]
        if compared:
            row += [f"{each.ratio:.2f}", f"{each.median_ratio:.2f}"]
        table.add_row(*row)
    return table


def curve_of(measurements: Sequence[Measurement]) -> Table:
    """A row per program and side: the first calls, against that side's fastest."""
    table = Table(title="warm-up: call / plain's fastest round", **LAYOUT)
    table.add_column("program", no_wrap=True)
    table.add_column("side")
    for number in WARM_UP_CALLS:
        table.add_column(f"call {number}", justify="right")
    for each in measurements:
        for side, calls in each.calls.items():
            marks = [
                f"{calls[number - 1] / each.best(PLAIN):.2f}"
                for number in WARM_UP_CALLS
                if number <= len(calls)
            ]
            table.add_row(each.name, side, *marks)
    return table


def summary_lines(measurements: Sequence[Measurement]) -> list[str]:
    """Geometric mean and worst ratio, or the plain total where there is no engine."""
    if not measurements:
        return []
    if not all(each.compared for each in measurements):
        total = sum(each.best(PLAIN) for each in measurements)
        return [f"{len(measurements)} programs, plain host only, {total:.2f} s a round"]
    worst = min(measurements, key=lambda each: each.ratio)
    best = max(measurements, key=lambda each: each.ratio)
    mean = geometric_mean(each.ratio for each in measurements)
    median_mean = geometric_mean(each.median_ratio for each in measurements)
    built = "trained" if is_trained() else "not trained"
    return [
        f"{len(measurements)} programs, ratio = plain time / engine time; loop {built}",
        f"geometric mean {mean:.3f} (of medians {median_mean:.3f})",
        f"worst {worst.name} {worst.ratio:.3f}, best {best.name} {best.ratio:.3f}",
    ]


def is_trained() -> bool:
    """Whether the loop was compiled with a profile (`bench.trained_build`)."""
    return bool(adaptive._engine().TRAINED == 1)


def write_json(
    path: Path, measurements: Sequence[Measurement], threshold: int | None
) -> None:
    """Every call's seconds, with what they were measured on."""
    record: dict[str, object] = {
        "python": sys.version,
        "machine": platform.platform(),
        "threshold": threshold,
        "programs": {each.name: each.calls for each in measurements},
    }
    if measurements and all(each.compared for each in measurements):
        record["trained"] = is_trained()
        record["ratios"] = {each.name: each.ratio for each in measurements}
        record["geometric_mean"] = geometric_mean(each.ratio for each in measurements)
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
