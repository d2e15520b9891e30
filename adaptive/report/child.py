"""A counted run: the program in a process of its own, and what it left behind.

The program has the terminal: its streams are ours, and so is Ctrl-C, which we let pass
and it answers.  We only wait, show on a terminal how long already, and read the counts
that it wrote when it ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TextIO

from rich.console import Console

#: Seconds until the progress shows, and between two of its states.
PROGRESS_SECONDS = 1.0
#: The cells at the right end of the line that it takes.
PROGRESS_CELLS = 24
#: Sent to us alone by who ends programs; the program is what they mean.
FORWARDED = (signal.SIGTERM, signal.SIGHUP)

Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None


def run(command: list[str]) -> int:
    """Run a command to its end; its exit status, 128 + n if signal n ended it."""
    with _signals() as forward:
        process = subprocess.Popen(command)
        forward.append(process)
        stream = sys.stderr
        if _has_cursor(stream):
            _wait_showing(process, stream)
        status = process.wait()
    return status if status >= 0 else 128 - status


def ending(status: int) -> str:
    """What is known of how a program without counts ended."""
    if status > 128:
        try:
            return f"it was ended by {signal.Signals(status - 128).name}"
        except ValueError:
            pass
    return f"it left by os._exit, exec or the like, with status {status}"


@contextmanager
def _signals() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Let Ctrl-C pass for the block, and hand on what ends programs.

    A function as handler becomes the default again in the program, which SIG_IGN would
    not; what was ignored before stays so in both.
    """
    processes: list[subprocess.Popen[bytes]] = []

    def hand_on(number: int, frame: FrameType | None) -> None:
        for process in processes:
            process.send_signal(number)

    before: dict[signal.Signals, Handler] = {}
    for number in (signal.SIGINT, *FORWARDED):
        old = signal.getsignal(number)
        if old is not signal.SIG_IGN:
            before[number] = old
            passing = number == signal.SIGINT
            signal.signal(number, _pass if passing else hand_on)
    try:
        yield processes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pass(number: int, frame: FrameType | None) -> None:
    """The program gets the same signal from the terminal."""


def _has_cursor(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal whose cursor can be moved."""
    if stream is None or not stream.isatty():
        return False
    return not Console(file=stream).is_dumb_terminal


def _wait_showing(process: subprocess.Popen[bytes], stream: TextIO) -> None:
    """Wait with the time on the terminal; it is gone when this returns."""
    start = time.monotonic()
    shown = False
    while True:
        try:
            process.wait(PROGRESS_SECONDS)
        except subprocess.TimeoutExpired:
            elapsed = int(time.monotonic() - start)
            clock = f"{elapsed // 3600}:{elapsed // 60 % 60:02}:{elapsed % 60:02}"
            _at_the_right(stream, f"counting {clock}")
            shown = True
        else:
            break
    if shown:
        _at_the_right(stream, "")


def _at_the_right(stream: TextIO, text: str) -> None:
    """Put a text at the right end of the cursor's line; the cursor stays.

    The program may be in the middle of a line or wait for one to be typed: what stands
    there must not be touched.
    """
    try:
        column = max(os.get_terminal_size(stream.fileno()).columns - PROGRESS_CELLS, 1)
        stream.write(f"\x1b7\x1b[{column}G\x1b[K{text[:PROGRESS_CELLS]}\x1b8")
        stream.flush()
    except (OSError, ValueError):
        pass  # the terminal has gone
