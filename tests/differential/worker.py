"""A process that compares a range of seeds; the runner reads what it prints.

Usage: ``worker.py PROGRESS_FILE FIRST COUNT SIDE`` with SIDE ``engine`` or ``host``
(to check the method itself), or ``worker.py PROGRESS_FILE - SEED SIDE`` for texts
whose file names come in on stdin, one per line.  The seed at work is in the progress
file, so the runner knows it when the process dies.  Prints one JSON object per line:
``{"seed", "difference"}`` for each difference (for texts from stdin: always), at the
end ``{"done", "frames", "forms"}``.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.differential.gen import program
from tests.differential.observe import EngineSide, Side, difference, prepare_process

STDIN = sys.stdin  # kept, because programs get an empty one
COLLECT_EVERY = 100  # programs; cycles pile up since collections are off


def sources(first: str, count: str) -> Iterator[tuple[int, str]]:
    """Pairs of seed and program text."""
    if first.isdecimal():
        for seed in range(int(first), int(first) + int(count)):
            yield seed, program(seed)
    else:
        for line in STDIN:
            yield int(count), Path(line.rstrip("\n")).read_text("utf-8")


def compare_all(
    pairs: Iterable[tuple[int, str]], engine: Side, progress: int, always: bool
) -> Iterator[dict[str, object]]:
    """Compare each program; yields what to print."""
    done = 0
    for seed, source in pairs:
        os.pwrite(progress, b"%20d %20d" % (seed, time.monotonic_ns()), 0)
        try:
            found = difference(source, engine, seed)
        except SyntaxError as error:
            found = f"the generator is at fault: {error}"
        if found or always:
            yield {"seed": seed, "difference": found}
        done += 1
        if done % COLLECT_EVERY == 0:
            gc.collect()
    yield {"done": done, **ledger()}


def ledger() -> dict[str, dict[str, int]]:
    """How many frames each side ran of the programs, and the commits of each form."""
    engine = sys.modules.get("adaptive")
    if engine is None:
        return {"frames": {}, "forms": {}}
    counted = engine.counters()
    frames = counted["frames"]
    return {
        "frames": {"engine": frames["engine"], "host": sum(frames["host"].values())},
        "forms": counted["specialized"],
    }


def main() -> None:
    """Do what the command line says."""
    path, first, count, side = sys.argv[1:]
    progress = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    engine = EngineSide() if side == "engine" else Side()
    prepare_process()
    for record in compare_all(sources(first, count), engine, progress, first == "-"):
        print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
