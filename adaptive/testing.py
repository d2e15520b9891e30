"""What only tests and the curious ask of a running engine: the copies that threads run.

With ``ADAPTIVE_TLBC=on`` each thread specializes a copy of its own of the code units.
What the rest of the package shows of a function is the main thread's copy; here are all
of them::

    for index, copy in enumerate(testing.copies(f)):
        print(index, copy and [row.opname for row in dis.instructions(copy)])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import adaptive
from adaptive._code import AdaptiveCode

if TYPE_CHECKING:
    from typing import Any


class CopyTotals(NamedTuple):
    """Thread copies of the whole process; main copies are not among them."""

    made: int
    freed: int
    bytes: int


def copies(target: Any) -> tuple[AdaptiveCode | None, ...]:
    """A function's copies by thread index, the main one first; None where is none.

    Raises ValueError, naming the reason, for code that is declined; TypeError for
    something without Python code.
    """
    core, host = adaptive._engine(), adaptive._code_of(target)
    main = AdaptiveCode(core, host)
    others = core.copies_of(host)[1:]
    return (
        main,
        *[
            None if units is None else AdaptiveCode(core, host, units)
            for units in others
        ],
    )


def thread_index() -> int | None:
    """The running thread's index, taken now if it had none; the main thread's is 0.

    None if there was no memory to note it, or the thread is at its end.
    """
    index: int | None = adaptive._engine().thread_index()
    return index


def thread_indices() -> tuple[int, ...]:
    """The indices that live threads have."""
    taken: tuple[int, ...] = adaptive._engine().taken_indices()
    return taken


def clear_copies() -> int:
    """Free the copies of threads that have ended; how many they were.

    A thread that lives keeps its copies, because its frames may be running on them.
    """
    freed: int = adaptive._engine().clear_copies()
    return freed


def copy_totals() -> CopyTotals:
    """Copies made and freed since the process began, and the bytes of those left."""
    return CopyTotals(**adaptive._engine().copy_counters())
