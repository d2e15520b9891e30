"""One test module run on one side: its process, its directory, what came of it.

Owns the command line, the environment and the end of the process (timeout, stray
children).  Knows nothing of baselines or comparison.
"""

import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.regrtest.record import ADDED_PATH

RECORDER = Path(__file__).with_name("record.py")
DUMP_SECONDS = 10  # how long faulthandler may take to write its stacks after SIGABRT
SEED = 20230928  # regrtest seeds ``random`` with it: the same tests on both sides

# regrtest's exit statuses; any other one is shown as a number.
EXIT_NAMES = {0: "passed", 2: "failed", 3: "environment changed", 4: "skipped"}
PASSING = frozenset({"passed", "environment changed"})


@dataclass(frozen=True, kw_only=True)
class Side:
    """How the interpreter is started: plain, or on the engine."""

    name: str
    options: tuple[str, ...] = ()

    @classmethod
    def engine(cls, threshold: int, stress: str | None) -> "Side":
        """The engine with every function hot after *threshold* calls."""
        options = ["-m", "adaptive", "--threshold", str(threshold)]
        if stress:
            options += ["--stress", stress]
        return cls(name="engine", options=tuple(options))


PLAIN = Side(name="plain")


@dataclass
class Outcome:
    """What one run of one module showed; plain data, kept as JSON."""

    module: str
    status: str  # "passed", "failed", "skipped", "timeout", "SIGSEGV", ...
    seconds: float
    tests: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)  # ends of tracebacks
    unfinished: str = ""  # the test that was running when the process ended
    counters: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the module counts as passing on this side."""
        return self.status in PASSING

    @property
    def died(self) -> bool:
        """Whether tests are missing because the process did not get to its end."""
        return self.status == "timeout" or self.status.startswith("SIG")

    def as_json(self) -> dict[str, Any]:
        """The fields, for a JSON line."""
        return asdict(self)


def all_modules() -> list[str]:
    """The names of the installed suite's modules, in regrtest's order."""
    command = [sys.executable, "-m", "test", "--list-tests"]
    with tempfile.TemporaryDirectory() as elsewhere:
        listing = subprocess.run(
            command, cwd=elsewhere, check=True, capture_output=True, text=True
        )
    return listing.stdout.split()


def environment(directory: str) -> dict[str, str]:
    """The environment of both sides: the same, whatever the engine needs.

    The engine must be importable from a temporary directory; an in-place build is not,
    so its parent goes on PYTHONPATH and the recorder takes it off again.
    """
    env = dict(os.environ, TMPDIR=directory, PYTHONHASHSEED="0")
    env.pop("PYTHONPATH", None)
    spec = importlib.util.find_spec("adaptive")
    if spec is not None and spec.submodule_search_locations:
        parent = os.path.dirname(next(iter(spec.submodule_search_locations)))
        env["PYTHONPATH"] = env[ADDED_PATH] = parent
    return env


def run_module(
    side: Side,
    module: str,
    log: Path,
    timeout: float,
    ignored: Iterable[str] = (),
) -> Outcome:
    """Run *module* once; the output goes to *log*.  Never raises for what it does.

    *ignored* are regrtest patterns of test cases to leave out.
    """
    directory = tempfile.mkdtemp(prefix="rt")  # short: socket paths are limited
    events = Path(directory, "events")
    options = ["-v", "--fail-env-changed", "--randseed", str(SEED)]
    options += [word for pattern in ignored for word in ("-i", pattern)]
    command = [sys.executable, *side.options, str(RECORDER), str(events)]
    try:
        started = time.monotonic()
        status = status_of(
            command + options + [module],
            Path(directory),
            environment(directory),
            log,
            timeout,
            EXIT_NAMES,
        )
        outcome = Outcome(module, status, round(time.monotonic() - started, 2))
        read_events(events, outcome, directory)
        return outcome
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def status_of(
    command: list[str],
    directory: Path,
    env: Mapping[str, str],
    log: Path,
    timeout: float,
    names: Mapping[int, str],
) -> str:
    """Run *command* to its end or to *timeout*; the name of how it ended.

    *names* are those of exit statuses; the output goes to *log*.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
            _stop_with_stacks(process)
        finally:
            _kill_group(process.pid)
            process.wait()
    if code is None:
        return "timeout"
    if code < 0:
        return signal.Signals(-code).name
    return names.get(code, f"exit status {code}")


def _stop_with_stacks(process: subprocess.Popen[bytes]) -> None:
    """Let regrtest's faulthandler write all stacks to the log, then end the process."""
    process.send_signal(signal.SIGABRT)
    try:
        process.wait(DUMP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _kill_group(group: int) -> None:
    """End what the module left running; its group is our own child's session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def read_events(events: Path, outcome: Outcome, directory: str) -> None:
    """Fill *outcome* from the recorder's lines (format: ``record.py``).

    *directory* is what differs from run to run in the names of tests.
    """
    if not events.exists():
        return
    for line in events.read_text("utf-8").splitlines():
        kind, *rest = json.loads(line)
        if kind == "counters":
            outcome.counters = rest[0]
            continue
        name = _stable(rest[0], directory)
        if kind == "start":
            outcome.unfinished = name
            continue
        outcome.unfinished = ""
        word = rest[1] if kind == "end" else f"{rest[1]} sub-tests"
        # A test may report more than once: a sub-test's end, tearDown's error.
        before = outcome.tests.get(name)
        outcome.tests[name] = f"{before}, {word}" if before else word
        if kind == "end" and rest[2]:
            outcome.details[name] = rest[2]


def _stable(name: str, directory: str) -> str:
    """*name* without what differs from run to run (sub-test parameters have it)."""
    name = name.replace(directory, "TMP")
    return re.sub(r"0x[0-9a-f]{6,}", "0x...", name)[:300]
