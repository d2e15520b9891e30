"""What counting costs: the counting loop's time over the plain loop's, by program."""

from __future__ import annotations

import gc

from rich.console import Console
from rich.table import Table

import adaptive
from adaptive import collector
from bench.loader import Workload, load
from bench.measure import geometric_mean
from bench.micro import Micro
from bench.programs import Program
from bench.report import one_by_one

LIMIT = 2.0
"""The most that counting may cost, as a factor."""


def plain_call(workload: Workload, loops: int) -> float:
    """Seconds on the plain loop."""
    gc.collect()
    with adaptive.enabled():
        return workload.seconds(loops)


def counted_call(workload: Workload, loops: int) -> float:
    """Seconds on the counting loop, the gathering left out."""
    gc.collect()
    with collector.collecting():
        return workload.seconds(loops)


def cost_of(program: Program | Micro, rounds: int) -> float:
    """The fastest counted call over the fastest plain one, after one call of each."""
    if program.most_rounds is not None:
        rounds = min(rounds, program.most_rounds)
    with load(program) as workload:
        calls = [
            (plain_call(workload, program.loops), counted_call(workload, program.loops))
            for _ in range(1 + rounds)
        ]
    plain, counted = zip(*calls[1:], strict=True)
    return min(counted) / min(plain)


def main(programs: list[Program | Micro], rounds: int) -> int:
    """Measure and print; 1 where the geometric mean is out of bounds."""
    costs = {each.name: cost_of(each, rounds) for each in one_by_one(programs)}
    table = Table("program", "counted / plain", box=None)
    for name, cost in costs.items():
        table.add_row(name, f"{cost:.2f}")
    console = Console()
    console.print(table)
    mean = geometric_mean(costs.values())
    worst = max(costs, key=lambda name: costs[name])
    console.print(
        f"geometric mean {mean:.2f}, worst {worst} {costs[worst]:.2f}", highlight=False
    )
    return 0 if mean <= LIMIT else 1
