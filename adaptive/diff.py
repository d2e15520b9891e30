"""``python -m adaptive --diff``: one target on the host and on the engine, compared.

Each side runs in a process of its own.  Compared are the bytes of standard output, the
exit status, and the exception that ended the program: its last traceback's text, in
which stand the line numbers, the type and the message.
"""

from __future__ import annotations

import difflib
import os
import signal
import subprocess
import sys

from . import summary
from .runner import Target

#: The lines that open a traceback; the second one is an exception group's.
_HEADS = ("Traceback (most recent call last):", "Exception Group Traceback (most")


class Outcome:
    """What one run left behind."""

    __slots__ = ("counters", "exception", "output", "status")

    def __init__(self, output: bytes, errors: str, status: int) -> None:
        self.output = output
        self.status = status
        program, head, counters = errors.partition(summary.HEAD)
        self.counters = head + counters
        self.exception = last_exception(program) if status else ""

    def lines(self) -> list[str]:
        """The outcome as text, one fact per line."""
        output = self.output.decode("utf-8", "backslashreplace")
        return [
            f"exit status: {status_text(self.status)}",
            *(f"exception: {line}" for line in self.exception.splitlines()),
            *(f"stdout: {line}" for line in output.splitlines()),
        ]

    def same_as(self, other: Outcome) -> bool:
        """Whether a user could not tell the two runs apart."""
        return (
            self.output == other.output
            and self.status == other.status
            and self.exception == other.exception
        )


def status_text(status: int) -> str:
    """An exit status for people: ``0``, ``1``, ``signal SIGINT``."""
    return str(status) if status >= 0 else f"signal {signal.Signals(-status).name}"


def last_exception(errors: str) -> str:
    """The last traceback on stderr; without one, the last line (``sys.exit('text')``).

    Earlier lines are the program's own messages, which may hold times and addresses.
    """
    lines = errors.splitlines()
    for index in range(len(lines) - 1, -1, -1):
        if lines[index].lstrip(" +|").startswith(_HEADS):
            return "\n".join(lines[index:])
    return lines[-1] if lines else ""


def compare(target: Target, interpreter: list[str], options: list[str]) -> bool:
    """Run both sides and print the verdict; whether they were the same."""
    python = [sys.executable, *interpreter]
    typed = None if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read()
    host = _run([*python, *target.words], typed)
    engine = _run([*python, "-m", "adaptive", *options, *target.words], typed)
    sys.stderr.write(engine.counters)
    if host.same_as(engine):
        print(
            f"same: exit status {status_text(host.status)},"
            f" {len(host.output)} bytes on stdout",
            file=sys.stderr,
        )
        return True
    sys.stdout.writelines(_difference(host, engine))
    return False


def _difference(host: Outcome, engine: Outcome) -> list[str]:
    """A unified diff of the two outcomes; never empty."""
    lines = difflib.unified_diff(
        host.lines(), engine.lines(), "host", "engine", lineterm=""
    )
    text = [line + "\n" for line in lines]
    # Bytes that differ only in how lines end look alike once they are split.
    return text or [f"stdout: {host.output!r}\n", f"stdout: {engine.output!r}\n"]


def _run(command: list[str], typed: bytes | None) -> Outcome:
    """One side, with the same input and the same order of sets as the other."""
    environment = dict(os.environ)
    environment.setdefault("PYTHONHASHSEED", "0")
    done = subprocess.run(
        command, input=typed, capture_output=True, env=environment, check=False
    )
    errors = done.stderr.decode("utf-8", "backslashreplace")
    return Outcome(done.stdout, errors, done.returncode)
