"""Host bytecode to code units: picks the lowering of the running CPython.

Beside ``_host``, this is the only place that asks for the version.  `lower` takes a
code object and returns its `Lowered` form, or raises `Declined` with a named reason.
"""

from __future__ import annotations

import sys

from adaptive.lowering.common import Declined, Lowered, iterate

if sys.version_info[:2] == (3, 11):
    from adaptive.lowering.v311 import lower, pending_work_function, reraise_function
else:
    raise ImportError(
        f"adaptive has no lowering for Python {sys.version_info[0]}"
        f".{sys.version_info[1]}"
    )

__all__ = [
    "Declined",
    "Lowered",
    "iterate",
    "lower",
    "pending_work_function",
    "reraise_function",
]
