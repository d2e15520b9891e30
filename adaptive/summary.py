"""What ``--counters`` prints when a program has ended.

Owns the table and the JSON line; the numbers are the core's, the sentences those of
`reasons`.  Everything it needs is imported before the program starts: at exit a name
such as ``json`` may well mean a module of the program's.
"""

from __future__ import annotations

import atexit
import os
import sys

import adaptive

from . import reasons

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

#: The first line of the table, by which --diff tells it from the program's output.
HEAD = "adaptive: counters at exit"
#: What stands before the JSON object in the last line.
JSON_PREFIX = "adaptive-counters: "


def report_at_exit() -> None:
    """Have the counters printed after the program's own exit functions.

    Exit functions run last registered first, so this comes before the program starts.
    """
    process = os.getpid()

    def report() -> None:
        # A child made by os.fork leaves through the same exit functions.
        if os.getpid() == process and sys.__stderr__ is not None:
            print_counters(adaptive.counters(), sys.__stderr__)

    atexit.register(report)


def print_counters(counters: dict[str, Any], stream: TextIO) -> None:
    """A table for people, then one line of JSON for programs."""
    lines = [HEAD, *counter_lines(counters), JSON_PREFIX + _json(counters)]
    try:
        stream.write("\n".join(lines) + "\n")
        stream.flush()
    except (OSError, ValueError):
        pass  # the program closed its stderr


def counter_lines(counters: dict[str, Any]) -> list[str]:
    """The rows of the table: text, number, and for reasons their sentence."""
    frames = counters["frames"]
    left = sum(frames["host"].values())
    total = frames["engine"] + left
    lines = [
        _row("frames on the engine", frames["engine"], _share(frames["engine"], total)),
        _row("frames left to the host", left, _share(left, total)),
        *_reason_rows(frames["host"]),
        _row("bail-outs to the host", sum(counters["bailouts"].values())),
        *_reason_rows(counters["bailouts"]),
    ]
    for name, count in counters.items():
        if isinstance(count, int) and name != "attempts":
            lines.append(_row(name.replace("_", " "), count))
    return lines + _specialization(counters)


def _specialization(counters: dict[str, Any]) -> list[str]:
    """How often the policy was asked, and what it said."""
    attempts = counters["attempts"]
    given = sum(counters["specialized"].values())
    return [
        _row("attempts to specialize", attempts),
        _row("specialized", given, _share(given, attempts)),
        _row("refused a form", sum(counters["refused"].values())),
        *_reason_rows(counters["refused"]),
    ]


def _reason_rows(counts: dict[str, int]) -> list[str]:
    return [
        _row(f"  {name}", count, reasons.sentence(name))
        for name, count in counts.items()
        if count
    ]


def _row(label: str, count: int, note: str = "") -> str:
    return f"  {label:<28}{count:>14}  {note}".rstrip()


def _share(part: int, total: int) -> str:
    return f"{100 * part / total:.2f} %" if total else ""


def _json(value: object) -> str:
    """JSON of nested dicts with plain names as keys and numbers as values."""
    if isinstance(value, dict):
        items = (f'"{key}": {_json(item)}' for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    return repr(value)
