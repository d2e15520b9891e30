"""Worker processes: started, watched, and restarted behind a seed that killed one.

Owns the process handling; what a difference is, is ``observe.py``'s business.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS_PER_PROGRAM = 20.0  # most take 5 ms; beyond this a worker is taken to hang
NO_SEED = -1
# Then a new process: the host has 65535 versions of dict keys for specialized loads of
# globals, and a process that has used them up tests other forms only.
PROGRAMS_PER_WORKER = 1000

Report = Callable[[dict[str, object]], bool]


class WorkerError(RuntimeError):
    """A worker could not begin: the engine does not load, for one."""


@dataclass
class Job:
    """What workers are told."""

    side: str = "engine"
    stress: str = ""
    keep_going: bool = False


@dataclass
class Tally:
    """What came of all workers."""

    done: int = 0
    frames: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)  # how often each was committed
    found: list[tuple[int, str]] = field(default_factory=list)


class Worker:
    """One process; :meth:`run` returns when it has ended, however it ended."""

    def __init__(self, job: Job, words: Sequence[str]) -> None:
        handle, self._progress = tempfile.mkstemp(prefix="differential")
        os.close(handle)
        env = dict(os.environ, PYTHONHASHSEED="0", ADAPTIVE_STRESS=job.stress)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.differential.worker"),
                *(self._progress, *words, job.side),
            ],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._errors: list[str] = []
        self._drain = threading.Thread(target=self._keep_errors, daemon=True)
        self._drain.start()
        self._hung = False

    def seed(self) -> int:
        """The seed at work, NO_SEED before the first one."""
        words = Path(self._progress).read_text("ascii").split()
        return int(words[0]) if words else NO_SEED

    def run(self, report: Report) -> str:
        """Pass records to *report* to the end, or until it returns false.

        Returns how the process died, or an empty text.
        """
        return self._listen(report, at_stop=self._process.terminate)

    def ask(self, file_name: str, report: Report) -> str:
        """Have one text compared; like :meth:`run`, but the process stays."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(file_name + "\n")
            self._process.stdin.flush()
        return self._listen(report, at_stop=lambda: None)

    def _listen(self, report: Report, at_stop: Callable[[], None]) -> str:
        ended = threading.Event()
        threading.Thread(target=self._watch, args=(ended,), daemon=True).start()
        try:
            assert self._process.stdout is not None
            for line in self._process.stdout:
                if not report(json.loads(line)):
                    at_stop()
                    return ""
            return self._death(self._process.wait())
        finally:
            ended.set()

    def _death(self, code: int) -> str:
        self._drain.join()
        tail = "".join(self._errors[-15:])
        if self._hung:
            return f"hung for {SECONDS_PER_PROGRAM:.0f} s\n{tail}"
        if code == 0:
            return ""
        name = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return f"the process died: {name}\n{tail}"

    def close(self) -> None:
        """End the process, if it has not ended, and remove the progress file."""
        self._process.kill()
        self._process.wait()
        self._drain.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        Path(self._progress).unlink(missing_ok=True)

    def _keep_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors.append(line)
            del self._errors[:-40]

    def _watch(self, ended: threading.Event) -> None:
        """Kill the process when its progress stands still."""
        before = ""
        while not ended.wait(SECONDS_PER_PROGRAM):
            now = Path(self._progress).read_text("ascii")
            if now == before and now:
                self._hung = True
                self._process.kill()
            before = now


def compare_range(job: Job, first: int, count: int, tally: Tally) -> None:
    """Compare *count* seeds from *first* on, going on behind each one that kills."""
    end = first + count
    while first < end:
        seen = compare_some(job, first, min(PROGRAMS_PER_WORKER, end - first), tally)
        if not seen:
            return
        first += seen


def compare_some(job: Job, first: int, count: int, tally: Tally) -> int:
    """Compare seeds in one process; how many it got through, or 0 to stop there."""
    worker = Worker(job, [str(first), str(count)])
    differences = []

    def report(record: dict[str, object]) -> bool:
        if "done" in record:
            tally.done += int(str(record["done"]))
            tally.frames.update(record["frames"])  # type: ignore[call-overload]
            tally.forms.update(record["forms"])  # type: ignore[call-overload]
            return True
        differences.append((int(str(record["seed"])), str(record["difference"])))
        return job.keep_going

    death = worker.run(report)
    last = worker.seed()
    worker.close()
    if death and last == NO_SEED:
        raise WorkerError(f"the worker did not start: {death}")
    if death:
        differences.append((last, death))
        count = last - first + 1
        tally.done += count
    tally.found += differences
    return count if job.keep_going or not differences else 0


def compare_seeds(job: Job, first: int, count: int, jobs: int) -> Tally:
    """Compare a range of seeds in *jobs* processes."""
    tally = Tally()
    share, rest = divmod(count, jobs)
    with ThreadPoolExecutor(jobs) as threads:
        started = []
        for number in range(jobs):
            size = share + (number < rest)
            if size:
                arguments = (job, first, size, tally)
                started.append(threads.submit(compare_range, *arguments))
            first += size
        for future in started:
            future.result()
    tally.found.sort()
    return tally


class TextComparer:
    """Compares program texts one by one, in a process that lives as long as it can."""

    def __init__(self, job: Job, seed: int) -> None:
        self._job, self._seed = job, seed
        self._worker: Worker | None = None

    def difference(self, source: str, fresh: bool = False) -> str:
        """What differs for a text, deaths included; empty if nothing.

        *fresh* starts a new process, in which nothing has run before.
        """
        if fresh:
            self.close()
        if self._worker is None:
            self._worker = Worker(self._job, ["-", str(self._seed)])
        found: list[str] = []

        def report(record: dict[str, object]) -> bool:
            found.append(str(record["difference"]))
            return False

        with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8") as file:
            file.write(source)
            file.flush()
            death = self._worker.ask(file.name, report)
        if death:
            self._worker.close()
            self._worker = None
        return death or "".join(found)

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
