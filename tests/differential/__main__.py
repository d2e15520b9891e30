"""``python -m tests.differential``: random programs, the host against the engine.

Exit status: 0 no difference, 1 differences, 2 wrong usage.
"""

import argparse
import importlib.util
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.differential import prelude
from tests.differential.gen import program
from tests.differential.pool import Job, Tally, TextComparer, WorkerError, compare_seeds
from tests.differential.reduce import reduced

MARKER = "# --- the prelude begins here ---\n"
DRIVER = """

if __name__ == "__main__":
    for arguments in [(3, "abc", [1, 2, 3]), (0, "", []), (3, "abc", [1, 2, 3]),
                      (BIG, "\\u00e9a", [0, -1, 5, 5]), ("a", 2.5, (1, 2))]:
        FUEL[:] = [0] * 60
        try:
            print("returned", plain(main(*arguments)))
        except BaseException:
            import traceback
            traceback.print_exc()
        print(LOG, DEATHS)
        LOG.clear()
"""


def standalone(source: str) -> str:
    """The program as a script that runs without this package."""
    text = Path(prelude.__file__).read_text("utf-8").partition(MARKER)[2]
    return f"{text}\n\n# --- the program begins here ---\n{source}{DRIVER}"


def keep(directory: Path, seed: int, source: str, note: str) -> Path:
    """Write a program and what is known of it; returns where."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"seed{seed}.py"
    comment = "".join(f"# {line}\n" for line in note.splitlines())
    path.write_text(comment + standalone(source), "utf-8")
    return path


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(
        prog="python -m tests.differential", description=__doc__
    )
    line.add_argument("--count", type=int, default=1000, help="number of programs")
    line.add_argument("--seed", type=int, default=0, help="the first program's seed")
    line.add_argument(
        "--stress", metavar="MODE[,MODE][:SEED]", default="", help="as adaptive's own"
    )
    line.add_argument("--jobs", type=int, default=1, help="processes at a time")
    line.add_argument(
        "--keep-going", action="store_true", help="do not stop at a difference"
    )
    line.add_argument("--show", action="store_true", help="print the programs only")
    line.add_argument(
        "--standalone", action="store_true", help="with --show: scripts that run"
    )
    line.add_argument("--reduce", type=int, metavar="SEED", help="make a program small")
    line.add_argument(
        "--host-only", action="store_true", help="compare the host with itself"
    )
    line.add_argument(
        "--ledger", action="store_true", help="print how often each form was given"
    )
    line.add_argument("--output", type=Path, help="directory for differing programs")
    return line


def kind_of(found: str) -> str:
    """What the reducer must not change: a difference, or the way the process died."""
    return "differs" if found.startswith("at ") else found.partition("\n")[0]


def reduce_seed(job: Job, seed: int, output: Path) -> int:
    """Print and keep a small program that differs as the seed's one does."""
    source = program(seed)
    comparer = TextComparer(job, seed)
    try:
        kind = kind_of(comparer.difference(source))
        if not kind:
            print(f"seed {seed}: no difference", file=sys.stderr)
            return 0
        small = reduced(source, lambda text: kind_of(comparer.difference(text)) == kind)
        note = comparer.difference(small, fresh=True) or "not in a fresh process"
    finally:
        comparer.close()
    path = keep(output, seed, small, note)
    print(f"{small}\n{note}\nProgram: {path}")
    return 1


def compare(job: Job, options: argparse.Namespace) -> int:
    """Compare the range of seeds and print what differs."""
    started = time.monotonic()
    tally = compare_seeds(job, options.seed, options.count, options.jobs)
    for seed, found in tally.found:
        path = keep(options.output, seed, program(seed), found)
        print(f"seed {seed}: {found}\n  program: {path}", flush=True)
    seconds = time.monotonic() - started
    parts = [
        f"{tally.done} programs in {seconds:.0f} s ({tally.done / seconds:.0f}/s)",
        f"{len(tally.found)} differences",
    ]
    if total := sum(tally.frames.values()):
        share = tally.frames["engine"] / total
        parts.append(f"{share:.2%} of {total} frames on the engine")
    if tally.forms:
        parts.append(forms_line(tally))
    print(", ".join(parts))
    if options.ledger:
        for name, count in sorted(tally.forms.items()):
            print(f"{count:10} {name}")
    return 1 if tally.found else 0


def forms_line(tally: Tally) -> str:
    """How many of the specialized forms sites have got, and which ones none has."""
    from adaptive import isa

    # The others are no choice of a rule's, and not counted.
    names = [form.name for family in isa.FAMILIES for form in isa.FORMS[family]]
    missing = [name for name in names if not tally.forms[name]]
    text = f"{len(names) - len(missing)} of {len(names)} forms"
    return f"{text} (not {', '.join(missing)})" if missing else text


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit status."""
    line = parser()
    options = line.parse_args(arguments)
    if options.count < 1 or options.jobs < 1 or options.seed < 0:
        line.error("--count and --jobs must be above 0, --seed not below")
    if options.show:
        for seed in range(options.seed, options.seed + options.count):
            text = program(seed)
            print(standalone(text) if options.standalone else text)
        return 0
    if not options.host_only and importlib.util.find_spec("adaptive._core") is None:
        line.error("adaptive is not built (--host-only works without it)")
    if options.output is None:
        options.output = Path(tempfile.gettempdir(), "adaptive-differential")
    side = "host" if options.host_only else "engine"
    job = Job(side, options.stress, options.keep_going)
    if options.reduce is not None:
        return reduce_seed(job, options.reduce, options.output)
    try:
        return compare(job, options)
    except WorkerError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
