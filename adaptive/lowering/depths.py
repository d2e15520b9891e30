"""How deep the value stack is in front of every unit, by the rows' stack algebra.

What ``--stress check`` compares the running loop with.  Knows no host: the units are
canonical, and so is their exception table.
"""

from __future__ import annotations

import re
from array import array

from adaptive.isa import BACK, BY_NUMBER, DEOPT, ENDS, INSTRUCTIONS, JUMP
from adaptive.lowering.common import iterate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from adaptive.lowering.common import Entry, Lowered

#: No way leads here.
UNREACHED = -1

#: How many values a term of the algebra stands for, by what follows its star.
COUNTS: dict[str, Callable[[int], int]] = {
    "": lambda n: 1,
    "n": lambda n: n,
    "(n-1)": lambda n: n - 1,
    "(n-2)": lambda n: n - 2,
    "(2n)": lambda n: 2 * n,
    "(n&1)": lambda n: n & 1,
    "(n&255)": lambda n: n & 255,
    "(n>>8)": lambda n: n >> 8,
}

#: The effect of these where they jump; of the others it is that of going on.
JUMPED: dict[str, int] = {
    "FOR_ITER": -1,
    "SEND": -1,
    "JUMP_IF_FALSE_OR_POP": 0,
    "JUMP_IF_TRUE_OR_POP": 0,
}


class DepthError(ValueError):
    """Two ways lead to one unit with stacks of different depths, or below zero."""


def _terms(side: str) -> list[Callable[[int], int]]:
    """One side of an algebra.  Raises KeyError for a term that nobody knows."""
    words = re.sub(r"\(value if jump\)", "", side).split()
    return [COUNTS[word.partition("*")[2]] for word in words]


#: By opcode: the terms before and after.
_SIDES = {
    row.number: tuple(_terms(side) for side in row.stack.split("--"))
    for row in INSTRUCTIONS
}


def effect(opcode: int, oparg: int) -> int:
    """What the instruction adds to the stack where it does not jump."""
    before, after = _SIDES[opcode]
    return sum(count(oparg) for count in after) - sum(count(oparg) for count in before)


def depths(lowered: Lowered) -> bytes:
    """For each unit the depth in front of it, or UNREACHED: int16[n], native-endian.

    Caches are never reached, nor what stands behind a prefix.  Raises DepthError for
    code that no stack fits.
    """
    rows = {
        first: (DEOPT[opcode], oparg, end)
        for first, opcode, oparg, end in iterate(lowered.units)
    }
    found = array("h", [UNREACHED]) * (len(lowered.units) // 2)
    pending = [(0, 0)]
    handlers = lowered.exception_table
    while pending:
        unit, depth = pending.pop()
        if found[unit] == depth != UNREACHED:
            continue
        if found[unit] != UNREACHED or depth < 0:
            raise DepthError(f"{depth} values in front of unit {unit}")
        found[unit] = depth
        pending += _handled(unit, handlers)
        if unit not in rows:
            raise DepthError(f"unit {unit} is inside an instruction")
        pending += _following(*rows[unit], depth)
    return found.tobytes()


def _handled(unit: int, handlers: list[Entry]) -> list[tuple[int, int]]:
    """The handler around a unit, and the depth in front of it."""
    return [
        (target, depth + lasti + 1)
        for start, end, target, depth, lasti in handlers
        if start <= unit < end
    ]


def _following(opcode: int, oparg: int, end: int, depth: int) -> list[tuple[int, int]]:
    """Where an instruction goes on, each with the depth there."""
    row = BY_NUMBER[opcode]
    after = depth + effect(opcode, oparg)
    ways = [] if row.flags & ENDS else [(end, after)]
    if row.flags & JUMP:
        target = end - oparg if row.flags & BACK else end + oparg
        ways.append((target, depth + JUMPED.get(row.name, after - depth)))
    return ways
