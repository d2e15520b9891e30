"""`python -m bench`: the quick table.

`lowering`, `specializing` and `counting` measure what those cost.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import counting, lowering, specializing
from bench.measure import WARM_UP_CALLS, measure, sides, together
from bench.micro import MICRO, Micro
from bench.programs import DECLARED, Program, available, find, missing
from bench.report import curve_of, one_by_one, summary_lines, table_of, write_json


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("programs", "lowering", "specializing", "counting"),
        default="programs",
    )
    parser.add_argument("--programs", metavar="A,B", help="only these")
    parser.add_argument("--micro", action="store_true", help="the micro programs")
    parser.add_argument("--rounds", type=at_least(1), default=5, metavar="N")
    parser.add_argument(
        "--passes",
        type=at_least(1),
        default=1,
        metavar="N",
        help="go through the programs N times: what disturbs the machine for a while "
        "then does not disturb all rounds of one program",
    )
    parser.add_argument("--threshold", type=at_least(0), metavar="N")
    parser.add_argument("--plain-only", action="store_true", help="no engine needed")
    parser.add_argument("--curve", action="store_true", help="show the warm-up")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--list", action="store_true", help="name the programs, stop")
    return parser


def at_least(least: int) -> Callable[[str], int]:
    """An option's type: a whole number, `least` or more."""

    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"{value} is less than {least}")
        return value

    return number


def chosen(options: argparse.Namespace) -> list[Program | Micro]:
    """The programs asked for. Raises: KeyError for a name that cannot be run."""
    if options.programs:
        return [find(name) for name in options.programs.split(",")]
    return [*MICRO.values()] if options.micro else [*available().values()]


def list_programs() -> None:
    """Print every declared name, and what is missing for it."""
    for program in DECLARED.values():
        absent = missing(program)
        print(program.name, f"(needs {', '.join(absent)})" if absent else "")
    for name in MICRO:
        print(name)


def main(arguments: list[str]) -> int:
    """Measure and print; 2 when what was asked for cannot be run."""
    options = parser().parse_args(arguments)
    if options.what == "lowering":
        return lowering.main()
    if options.what == "specializing":
        return specializing.main()
    if options.list:
        list_programs()
        return 0
    try:
        programs = chosen(options)
        switches = sides(options.threshold, options.plain_only)
    except (KeyError, ImportError) as error:
        print(f"bench: {error.args[0]}", file=sys.stderr)
        return 2
    # The first call of a side is its warm-up, so one round less gives as many calls.
    rounds = max(options.rounds, max(WARM_UP_CALLS) - 1 if options.curve else 0)
    if options.what == "counting":
        return counting.main(programs, options.rounds)
    turns = one_by_one(programs * options.passes)
    measurements = together(measure(each, rounds, switches) for each in turns)
    console = Console()
    console.print(table_of(measurements))
    if options.curve:
        console.print(curve_of(measurements))
    for line in summary_lines(measurements):
        console.print(line, highlight=False)
    if options.json:
        write_json(options.json, measurements, options.threshold)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
