"""``python -m tests.packages``: run packages' suites on both sides and compare.

Exit status: 0 no difference, 1 differences, 2 wrong usage or a package that cannot be
had.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adaptive import config
from tests.packages.catalog import PACKAGES, Package
from tests.packages.prepare import (
    EVENTS_PATH,
    PLUGIN,
    Prepared,
    PrepareError,
    default_cache,
)
from tests.regrtest.compare import Difference, compare, confirmed
from tests.regrtest.runs import PLAIN, Outcome, Side, read_events, status_of

#: pytest's exit statuses; any other one is shown as a number.
EXIT_NAMES = {0: "passed", 1: "failed", 2: "interrupted", 5: "no tests"}
TAIL_LINES = 12  # of a traceback, in the report
#: The same choices on both sides; what pytest would leave behind is not wanted.
PYTEST = ("-q", "-p", PLUGIN, "-p", "no:cacheprovider", "--tb=short")


@dataclass
class Verdict:
    """What is said of one package at one threshold."""

    package: Package
    threshold: int
    plain: Outcome
    engine: Outcome
    differences: list[Difference] = field(default_factory=list)
    flaky: list[Difference] = field(default_factory=list)

    @property
    def word(self) -> str:
        """How the two sides compare."""
        if self.differences:
            return f"{len(self.differences)} DIFFERENCES"
        return f"same, {len(self.flaky)} flaky" if self.flaky else "same"

    def counted(self) -> str:
        """The plain outcomes by kind, the most frequent first."""
        # A test with sub-tests says so behind its own outcome.
        kinds = [words.partition(",")[0] for words in self.plain.tests.values()]
        numbers = {kind: kinds.count(kind) for kind in kinds}
        rows = sorted(numbers.items(), key=lambda row: -row[1])
        return ", ".join(f"{number} {kind}" for kind, number in rows)

    def share(self) -> str:
        """How many of its frames the engine ran, from the process's own counters."""
        frames = self.engine.counters.get("frames")
        if not frames:
            return "?"
        total = frames["engine"] + sum(frames["host"].values())
        return f"{frames['engine'] / max(total, 1):.1%}"

    def line(self) -> str:
        """The progress line."""
        return (
            f"{self.package.pinned:<24} threshold {self.threshold}:"
            f" plain {self.plain.seconds:.1f}s engine {self.engine.seconds:.1f}s"
            f"  {self.word} ({self.counted()}; {self.share()} on the engine)"
        )


class Session:
    """One invocation: where things are kept and how a suite is run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.logs = options.cache / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)

    def run(self, prepared: Prepared, side: Side, label: str) -> Outcome:
        """The suite once, in a fresh copy of the package's source."""
        package = prepared.package
        log = self.logs / f"{package.name}.{label}.log"
        with tempfile.TemporaryDirectory(prefix="pk") as directory:
            work = Path(directory, "source")
            shutil.copytree(prepared.source, work, symlinks=True)
            events = Path(directory, "events")
            env = environment(prepared, directory, events)
            command = [str(prepared.python), *side.options, "-m", "pytest", *PYTEST]
            command += [*package.options, *package.tests]
            started = time.monotonic()
            status = status_of(
                command, work, env, log, self.options.timeout, EXIT_NAMES
            )
            seconds = round(time.monotonic() - started, 2)
            outcome = Outcome(package.name, status, seconds)
            read_events(events, outcome, directory)
            return outcome

    def verdicts(self, package: Package) -> Iterator[Verdict]:
        """The package at each threshold.  Raises PrepareError."""
        prepared = Prepared(package, self.options.cache)
        prepared.make()
        plain = self.run(prepared, PLAIN, "plain")
        for threshold in self.options.thresholds:
            yield self.judge(prepared, plain, threshold)

    def judge(self, prepared: Prepared, plain: Outcome, threshold: int) -> Verdict:
        """Run the engine's side; both sides again if something differs."""
        side = Side.engine(threshold, None)
        label = f"engine{threshold}"
        engine = self.run(prepared, side, label)
        verdict = Verdict(prepared.package, threshold, plain, engine)
        first = known_aside(compare(plain, engine), prepared.package)
        if first:
            plain = self.run(prepared, PLAIN, "plain.again")
            engine = self.run(prepared, side, f"{label}.again")
            second = known_aside(compare(plain, engine), prepared.package)
            verdict.differences, verdict.flaky = confirmed(first, second)
        return verdict


def known_aside(found: list[Difference], package: Package) -> list[Difference]:
    """The differences but those of tests that the catalog calls flaky."""
    return [row for row in found if row.test.partition("[")[0] not in package.flaky]


def environment(prepared: Prepared, directory: str, events: Path) -> dict[str, str]:
    """The environment of both sides: the same, whatever the engine needs."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("ADAPTIVE_")}
    env.update(
        TMPDIR=directory,
        PYTHONHASHSEED="0",
        PYTHONPATH=prepared.library(),
        COLUMNS="80",
    )
    env[EVENTS_PATH] = str(events)
    return env


def report(done: Sequence[Verdict]) -> str:
    """Every difference with the end of its traceback, and the sum."""
    lines = []
    for verdict in done:
        where = f"{verdict.package.pinned} at threshold {verdict.threshold}"
        lines += [f"{where}: flaky: {row}" for row in verdict.flaky]
        for row in verdict.differences:
            lines.append(f"{where}: {row}")
            tail = row.detail.rstrip().splitlines()[-TAIL_LINES:]
            lines += [f"      {line}" for line in tail]
    tests = sum(len(verdict.plain.tests) for verdict in done)
    wrong = sum(len(verdict.differences) for verdict in done)
    lines.append(f"{len(done)} runs of {tests} tests compared, {wrong} differences")
    return "\n".join(lines)


def table(done: Sequence[Verdict]) -> str:
    """The results as a Markdown table."""
    columns = ("package", "threshold", "plain host", "engine", "frames on the engine")
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in done:
        lines.append(
            f"| {row.package.name} {row.package.version} | {row.threshold}"
            f" | {row.counted()} | {row.word} | {row.share()} |"
        )
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(prog="python -m tests.packages", description=__doc__)
    line.add_argument("names", nargs="*", metavar="NAME", help="packages (all)")
    line.add_argument(
        "--threshold",
        type=int,
        action="append",
        dest="thresholds",
        metavar="N",
        help="the engine's threshold; may be repeated"
        f" (0 and {config.DEFAULT_THRESHOLD})",
    )
    line.add_argument("--timeout", type=float, default=900, help="seconds for a run")
    line.add_argument("--cache", type=Path, default=default_cache())
    line.add_argument(
        "--markdown", action="store_true", help="end with the table of the docs"
    )
    return line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; the exit status."""
    line = parser()
    options = line.parse_args(arguments)
    options.thresholds = options.thresholds or [0, config.DEFAULT_THRESHOLD]
    options.cache = options.cache.absolute()
    unknown = sorted(set(options.names) - PACKAGES.keys())
    if unknown:
        known = ", ".join(PACKAGES)
        line.error(f"no such package: {', '.join(unknown)} (known: {known})")
    if min(options.thresholds) < 0 or options.timeout <= 0:
        line.error("--timeout must be above 0, --threshold not below")
    # A background job of a shell ignores SIGINT and its children would too, so that
    # tests of Ctrl-C fail on both sides; a handler set here makes it the default.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    session = Session(options)
    done: list[Verdict] = []
    try:
        for name in options.names or PACKAGES:
            for verdict in session.verdicts(PACKAGES[name]):
                done.append(verdict)
                print(verdict.line(), flush=True)
    except PrepareError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"\n{report(done)}\nLogs: {session.logs}")
    if options.markdown:
        print(f"\n{table(done)}")
    return 1 if any(verdict.differences for verdict in done) else 0


if __name__ == "__main__":
    sys.exit(main())
