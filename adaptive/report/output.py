"""Where a report goes: a file, whole or not at all, or standard output.

Owns what depends on the place: width, colour, encoding.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from contextlib import suppress
from io import StringIO
from typing import TextIO

from rich.console import Console

from .text import Paper

#: The narrowest line that a report is laid out for.
LEAST_WIDTH = 20


def paper(stream: TextIO | None) -> Paper:
    """What a stream lets us print: colour on a terminal only; None stands for a file.

    Honours NO_COLOR, a TERM without colour and COLUMNS, all of which rich reads.
    """
    console = Console(file=StringIO() if stream is None else stream)
    terminal = stream is not None and stream.isatty()
    return Paper(
        width=max(console.width, LEAST_WIDTH),
        colour=terminal and not console.no_color and bool(console.color_system),
        unicode=stream is None or _has_blocks(stream),
    )


def _has_blocks(stream: TextIO) -> bool:
    """Whether the stream's encoding has what bars are drawn with."""
    try:
        "█░│".encode(stream.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def show(text: str) -> None:
    """Write to standard output; what its encoding lacks as escapes.

    Raises BrokenPipeError if nobody reads any more, after which nothing is written.
    """
    stream = sys.stdout
    encoding = stream.encoding or "utf-8"
    data = text.encode(encoding, "backslashreplace")
    try:
        stream.write(data.decode(encoding))
        stream.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it exits.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
        raise


def check_writable(path: str) -> None:
    """Raise ValueError, one sentence, if no report can be written there."""
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise ValueError(f"can't write {path!r}: it is a directory")
    if not os.path.isdir(folder):
        raise ValueError(f"can't write {path!r}: there is no directory {folder!r}")
    if not os.access(path if _is_special(path) else folder, os.W_OK):
        raise ValueError(f"can't write {path!r}: no permission")


def save(path: str, text: str) -> None:
    """Write a file whole, in UTF-8, or leave what is there.  Raises ValueError.

    A device or a pipe is written to, a link's target replaced.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        if _is_special(path):
            with open(path, "wb") as file:
                file.write(data)
        else:
            _replace(os.path.realpath(path), data)
    except OSError as error:
        raise ValueError(f"can't write {path!r}: {error.strerror}") from None


def _is_special(path: str) -> bool:
    """Whether there is something at the path that is no file to be replaced."""
    return os.path.exists(path) and not os.path.isfile(path)


def _replace(path: str, data: bytes) -> None:
    """Put a new file in the path's place; raises OSError with nothing left behind."""
    folder, name = os.path.split(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), _mode(path))
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _mode(path: str) -> int:
    """The permissions that the file has, or that a new one gets."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
