"""Every reason for which something is not run on the engine: a name and a sentence.

A reason is named once, here.  The build writes one C constant ``REASON_<NAME>`` per row
into ``_ops.pxd``, numbered by the order of the rows, and the counters, `declined` and
the command line speak of reasons by the same names.

This module imports nothing of the package, so that the build can load it by path, and
nothing that is slow to import.
"""

from __future__ import annotations

#: Why a frame was left to the host from its beginning.
FRAME = "frame"
#: Why a code object is not lowered, now or ever.
DECLINE = "decline"
#: Why a frame that was running on the engine was handed to the host.
BAILOUT = "bailout"

KINDS = (FRAME, DECLINE, BAILOUT)


class Reason:
    """One row: the name counters show, what it can be the reason of, one sentence."""

    __slots__ = ("kinds", "name", "sentence")

    def __init__(self, name: str, kinds: tuple[str, ...], sentence: str) -> None:
        self.name = name
        self.kinds = kinds
        self.sentence = sentence


TABLE: tuple[Reason, ...] = (
    # -- frames left to the host
    Reason("cold", (FRAME,), "The function has not been called often enough yet."),
    Reason(
        "tracing",
        (FRAME, BAILOUT),
        "A trace or profile function is set, and the host is the one to call it.",
    ),
    Reason("own", (FRAME,), "The package's own Python code was running."),
    Reason("unmarked", (FRAME,), "The function was not selected by @specialize."),
    Reason("no_memory", (FRAME,), "There was no memory to note anything of the code."),
    # -- code objects that are refused
    Reason(
        "unknown_opcode",
        (FRAME, DECLINE),
        "The bytecode holds an instruction that the host's compiler never emits.",
    ),
    Reason(
        "code_too_large",
        (FRAME, DECLINE),
        "The lowered code would be longer than 65535 units.",
    ),
    Reason(
        "lowering_failed",
        (FRAME, DECLINE),
        "The lowering itself raised an exception.",
    ),
    Reason("suppressed", (DECLINE,), "ADAPTIVE_DISABLE keeps the engine off."),
    # -- frames handed over on the way
    Reason("stress", (BAILOUT,), "The stress mode asked for it."),
    Reason(
        "except_star",
        (BAILOUT,),
        "An except* clause splits an exception group, which the host does.",
    ),
    Reason("disabled", (BAILOUT,), "disable() was called while the frame ran."),
    Reason(
        "coroutine_origin",
        (BAILOUT,),
        "sys.set_coroutine_origin_tracking_depth() is on, and the host records it.",
    ),
)

#: The names by number: row n's C constant ``REASON_<NAME>`` is n.
NAMES: tuple[str, ...] = tuple(row.name for row in TABLE)
BY_NAME: dict[str, Reason] = {row.name: row for row in TABLE}


def of_kind(kind: str) -> tuple[Reason, ...]:
    """The rows that can be a reason of this kind.  Raises ValueError for no kind."""
    if kind not in KINDS:
        raise ValueError(f"no kind of reason is called {kind!r}")
    return tuple(row for row in TABLE if kind in row.kinds)


def sentence(name: str) -> str:
    """What a reason means, for people.  Raises KeyError for a name with no row."""
    return BY_NAME[name].sentence
