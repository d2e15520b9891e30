"""``python -m tests.regrtest``: run the suite on both sides and report differences.

Exit status: 0 no difference, 1 differences, 2 wrong usage.
"""

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from tests.regrtest.baseline import Outcomes, default_directory
from tests.regrtest.compare import (
    Difference,
    Skip,
    SkipListError,
    compare,
    confirmed,
    read_skips,
)
from tests.regrtest.runs import PLAIN, Outcome, Side, all_modules, run_module
from tests.regrtest.subset import SUBSETS

TAIL_LINES = 12  # of a traceback, in the report


@dataclass
class Verdict:
    """What is said of one module."""

    module: str
    excluded: str = ""  # why it was not compared
    plain: Outcome | None = None
    engine: Outcome | None = None
    differences: list[Difference] = field(default_factory=list)
    flaky: list[Difference] = field(default_factory=list)

    def line(self) -> str:
        """The progress line, without its number."""
        words = [f"{self.module:<36}"]
        words += [
            f"{name} {run.seconds:6.1f}s"
            for name, run in (("plain", self.plain), ("engine", self.engine))
            if run
        ]
        if self.excluded:
            words.append(f"excluded: {self.excluded}")
        elif self.differences:
            words.append(f"{len(self.differences)} DIFFERENCES")
        elif self.flaky:
            words.append(f"{len(self.flaky)} flaky")
        elif self.plain:
            word = "same" if self.engine else self.plain.status
            words.append(f"{word} ({len(self.plain.tests)} tests)")
        return "  ".join(words)


class Session:
    """One invocation: the sides, the files, and the way of a module through them."""

    def __init__(self, options: argparse.Namespace, skips: list[Skip]) -> None:
        self.options = options
        self.skips = skips
        self.side = Side.engine(options.threshold, options.stress)
        self.logs = options.output / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.baseline = Outcomes(options.baseline)
        results = options.output / "engine.jsonl"
        if not options.resume:
            results.unlink(missing_ok=True)
        self.results = Outcomes(results)

    def judge(self, module: str) -> Verdict:
        """Run what has not been run yet and compare."""
        verdict = Verdict(module)
        for skip in self.skips:
            if skip.module == module and not skip.test:
                verdict.excluded = f"skip list: {skip.reason}"
                return verdict
        plain = verdict.plain = self.baseline.get(module) or self.run_plain(module)
        if not plain.passed and not self.options.include_failing:
            verdict.excluded = f"{plain.status} on the plain host"
            return verdict
        if self.options.plain_only:
            return verdict
        known = self.results.get(module)
        engine = verdict.engine = known or self.run_engine(module, plain)
        first = compare(plain, engine, self.skips)
        if first and known is None:
            plain = self.run_plain(module, again=True)
            engine = self.run_engine(module, plain)
            second = compare(plain, engine, self.skips)
            verdict.differences, verdict.flaky = confirmed(first, second)
        else:
            verdict.differences = first
        return verdict

    def run_plain(self, module: str, again: bool = False) -> Outcome:
        """Run on the plain host; the first outcome is the one that is kept."""
        log = self.logs / f"{module}.plain{'.again' * again}.log"
        outcome = run_module(PLAIN, module, log, self.options.timeout)
        if not again:
            self.baseline.add(outcome)
        return outcome

    def run_engine(self, module: str, plain: Outcome) -> Outcome:
        """Run on the engine, with time in proportion to what the plain host needed."""
        factor = self.options.engine_factor or (40 if self.options.stress else 5)
        ignored = [s.pattern for s in self.skips if s.module == module]
        outcome = run_module(
            self.side,
            module,
            self.logs / f"{module}.engine.log",
            60 + factor * plain.seconds,
            ignored,
        )
        self.results.add(outcome)
        return outcome


def verdicts(session: Session, modules: Sequence[str], jobs: int) -> Iterator[Verdict]:
    """Judge *modules*, *jobs* at a time, in the order in which they end."""
    with ThreadPoolExecutor(jobs) as pool:
        pending = [pool.submit(session.judge, module) for module in modules]
        try:
            for future in as_completed(pending):
                yield future.result()
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def report(done: Sequence[Verdict]) -> str:
    """The final summary: every difference with the end of its traceback."""
    lines = []
    excluded = [verdict for verdict in done if verdict.excluded]
    if excluded:
        lines.append("Not compared:")
        lines += [f"  {verdict.module}: {verdict.excluded}" for verdict in excluded]
    flaky = [difference for verdict in done for difference in verdict.flaky]
    if flaky:
        lines.append("Flaky (a second run of both sides agreed):")
        lines += [f"  {difference}" for difference in flaky]
    differing = [difference for verdict in done for difference in verdict.differences]
    if differing:
        lines.append("DIFFERENCES:")
    for difference in differing:
        lines.append(f"  {difference}")
        tail = difference.detail.rstrip().splitlines()[-TAIL_LINES:]
        lines += [f"      {line}" for line in tail]
    compared = [verdict for verdict in done if verdict.engine]
    tests = sum(len(v.plain.tests) for v in compared if v.plain)
    lines.append(
        f"{len(compared)} modules compared ({tests} tests), {len(excluded)} not; "
        f"{len(differing)} differences in "
        f"{sum(bool(v.differences) for v in done)} modules, {len(flaky)} flaky"
    )
    lines += _share_on_engine(compared)
    return "\n".join(lines)


def _share_on_engine(compared: Sequence[Verdict]) -> list[str]:
    """How many frames the engine ran, from the counters of the processes that ended."""
    engine = host = 0
    for verdict in compared:
        frames = verdict.engine.counters.get("frames") if verdict.engine else None
        if frames:
            engine += frames["engine"]
            host += sum(frames["host"].values())
    if not engine + host:
        return []
    return [f"{engine / (engine + host):.2%} of {engine + host} frames on the engine"]


def covers(name: str, module: str) -> bool:
    """Whether a name means the module: regrtest lists a package by its modules."""
    return module == name or module.startswith(f"test.{name}.")


def chosen(options: argparse.Namespace) -> list[str]:
    """The modules the options name; raises ValueError for a name that is none."""
    known = all_modules()
    if options.modules is not None:
        names = [name for name in options.modules.split(",") if name]
    elif options.all:
        names = known
    else:
        # A subset names modules of several Python versions; the host has most of them.
        subset = SUBSETS[options.subset or "ci"]
        names = [module for name in subset for module in known if covers(name, module)]
    unknown = sorted(set(names) - set(known))
    if unknown or not names:
        raise ValueError(f"no such test module: {', '.join(unknown) or '(none)'}")
    return names


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(prog="python -m tests.regrtest", description=__doc__)
    which = line.add_mutually_exclusive_group()
    which.add_argument("--modules", metavar="A,B", help="these modules")
    which.add_argument("--all", action="store_true", help="every installed module")
    which.add_argument("--subset", choices=SUBSETS, help="a named subset (default: ci)")
    line.add_argument("--jobs", type=int, default=1, help="modules at a time")
    line.add_argument("--threshold", type=int, default=0, help="the engine's threshold")
    line.add_argument(
        "--stress", metavar="MODE[,MODE][:SEED]", help="as adaptive's own"
    )
    line.add_argument(
        "--timeout", type=float, default=300, help="seconds for a plain run"
    )
    line.add_argument(
        "--engine-factor",
        type=float,
        help="the engine's time limit is 60 s + this times the plain run's time",
    )
    line.add_argument("--baseline", type=Path, help="file with the plain outcomes")
    line.add_argument("--output", type=Path, help="directory for logs and results")
    line.add_argument(
        "--resume", action="store_true", help="keep the engine outcomes in --output"
    )
    line.add_argument(
        "--plain-only", action="store_true", help="only build the plain baseline"
    )
    line.add_argument(
        "--include-failing",
        action="store_true",
        help="compare modules that do not pass on the plain host too",
    )
    return line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; the exit status."""
    line = parser()
    options = line.parse_args(arguments)
    options.baseline = options.baseline or default_directory() / "plain.jsonl"
    options.output = (options.output or default_directory() / "output").absolute()
    if options.jobs < 1 or options.threshold < 0 or options.timeout <= 0:
        line.error("--jobs and --timeout must be above 0, --threshold not below")
    try:
        skips = read_skips()
        modules = chosen(options)
    except (SkipListError, ValueError) as error:
        line.error(str(error))
    # A background job of a shell ignores SIGINT and its children would too, so that
    # tests of Ctrl-C fail on both sides; a handler set here makes it the default.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    done = []
    for verdict in verdicts(Session(options, skips), modules, options.jobs):
        done.append(verdict)
        print(f"[{len(done):3}/{len(modules)}] {verdict.line()}", flush=True)
    text = report(done)
    (options.output / "report.txt").write_text(text + "\n", "utf-8")
    print(f"\n{text}\nLogs: {options.output}")
    return 1 if any(verdict.differences for verdict in done) else 0


if __name__ == "__main__":
    sys.exit(main())
