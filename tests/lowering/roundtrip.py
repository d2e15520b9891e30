"""The round trip: a code object read with `dis`, and read in canonical form.

`check` holds every law of `adaptive.lowering.common` for one code object: that each
instruction, jump, exception range and stack effect of the one is that of the other.
"""

from __future__ import annotations

import dis
import opcode
import re
import warnings
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from types import CodeType
from typing import NamedTuple

from adaptive import isa
from adaptive.lowering import Lowered, iterate, lower, v311

EXTENDED_ARG = opcode.opmap["EXTENDED_ARG"]
#: What `dis` does not count: the sent value that the generator is resumed with.
UNCOUNTED = {"RETURN_GENERATOR": 1}


class Ours(NamedTuple):
    """One canonical instruction: its first unit, its name, argument and end."""

    first: int
    unit: int
    name: str
    oparg: int
    end: int


class Host(NamedTuple):
    """One host instruction: its first prefix, itself, its name, argument, target."""

    start: int
    here: int
    name: str
    oparg: int
    target: int | None


# -- reading both forms


def decode(units: bytes) -> list[Ours]:
    """The instructions of canonical code units; each is one of the set."""
    return [
        Ours(
            first,
            end - 1 - isa.CACHE_UNITS[number],
            isa.BY_NUMBER[number].name,
            oparg,
            end,
        )
        for first, number, oparg, end in iterate(units)
    ]


def host_instructions(code: CodeType) -> list[Host]:
    """What `dis` reads, prefixes joined to their instruction."""
    found: list[Host] = []
    start: int | None = None
    for row in dis.get_instructions(code):
        here = row.offset // 2
        start = here if start is None else start
        if row.opcode == EXTENDED_ARG:
            continue
        is_jump = row.opcode in opcode.hasjrel
        target = row.argval // 2 if is_jump else None
        found.append(Host(start, here, row.opname, row.arg or 0, target))
        start = None
    return found


def all_codes(code: CodeType) -> Iterator[CodeType]:
    """The code object and all that are nested in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from all_codes(constant)


def compiled(source: str | bytes, mode: str = "exec") -> CodeType:
    """The source's code object, without the noise of old code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, "<test>", mode, dont_inherit=True)


def function(source: str, name: str = "f") -> CodeType:
    """The code object of this name in the source."""
    return next(c for c in all_codes(compiled(source)) if c.co_name == name)


# -- stack algebra


@cache
def stack_side(side: str, n: int) -> int:
    """How many values one side of a row's algebra names, ``n`` the argument."""
    depth = 0
    for token in re.sub(r"\(value if jump\)", "", side).split():
        count = token.partition("*")[2] if "*" in token else "1"
        count = re.sub(r"(\d)n", r"\1*n", count)
        depth += eval(count, {"n": n})
    return depth


def stack_effect(ours: Ours) -> int:
    """What the instruction adds to the stack where it does not jump."""
    before, _, after = isa.INSTRUCTIONS[isa.NUMBER[ours.name]].stack.partition("--")
    return stack_side(after, ours.oparg) - stack_side(before, ours.oparg)


# -- the round trip


def check(code: CodeType) -> list[Ours]:
    """Hold every law of `common` for this code object."""
    lowered = lower(code)
    ours = decode(lowered.units)
    host = host_instructions(code)
    offsets = array("H", lowered.host_offsets)
    assert lowered.host_length == len(code.co_code) // 2
    assert len(offsets) == len(lowered.units) // 2
    assert all(low <= high for low, high in pairwise(offsets))
    check_units(lowered, ours)
    groups = grouped(host, ours, offsets)
    check_exception_table(code, lowered, offsets)
    for (this, group), previous in zip(groups, [None, *host], strict=False):
        check_prefixes(this, group, offsets)
        check_jumps(this, group, offsets)
        check_rule(this, group, previous)
    check_stack(groups)
    return ours


def check_units(lowered: Lowered, ours: list[Ours]) -> None:
    """Instructions tile the units, and their caches are zero."""
    words = array("H", lowered.units)
    assert [row.first for row in ours] == [0, *[row.end for row in ours[:-1]]]
    assert ours[-1].end == len(words)
    for row in ours:
        assert not any(words[row.unit + 1 : row.end]), row


def grouped(
    host: list[Host], ours: list[Ours], offsets: array[int]
) -> list[tuple[Host, list[Ours]]]:
    """Each host instruction with what became of it."""
    by_host: dict[int, list[Ours]] = {row.here: [] for row in host}
    for row in ours:
        assert set(offsets[row.unit : row.end]) == {offsets[row.unit]}, row
        by_host[offsets[row.unit]].append(row)
    for this in host:
        assert bool(by_host[this.here]) != (this.name == "PRECALL"), this
    return [(this, by_host[this.here]) for this in host]


def check_prefixes(this: Host, group: list[Ours], offsets: array[int]) -> None:
    """Prefixes map to where they belong; a jump has no more than it needs."""
    for index, row in enumerate(group):
        prefixes = row.unit - row.first
        of_host = 0 if index else this.here - this.start
        expected = this.start if index == 0 else this.here
        assert set(offsets[row.first : row.unit]) <= {expected}, row
        needed = (max(row.oparg.bit_length(), 1) + 7) // 8 - 1
        assert prefixes == max(of_host, needed), row


def landing(row: Ours) -> int | None:
    """The unit that a canonical jump leads to, None for what is no jump."""
    flags = isa.INSTRUCTIONS[isa.NUMBER[row.name]].flags
    if not flags & isa.JUMP:
        return None
    return row.end - row.oparg if flags & isa.BACK else row.end + row.oparg


def check_jumps(this: Host, group: list[Ours], offsets: array[int]) -> None:
    """Jumps lead to the first unit of what the host's target became."""
    landings = [unit for unit in map(landing, group) if unit is not None]
    if this.target is None:
        assert not landings
        return
    expected = [bisect_left(offsets, this.target)]
    if this.name.startswith("POP_JUMP_BACKWARD"):
        expected.insert(0, group[-1].end)
    assert landings == expected, this


def check_exception_table(
    code: CodeType, lowered: Lowered, offsets: array[int]
) -> None:
    """The ranges cover the same host instructions."""
    expected = [
        (
            bisect_left(offsets, entry.start // 2),
            bisect_left(offsets, entry.end // 2),
            bisect_left(offsets, entry.target // 2),
            entry.depth,
            entry.lasti,
        )
        for entry in dis._parse_exception_table(code)  # type: ignore[attr-defined]
    ]
    assert lowered.exception_table == expected
    assert expected == sorted(expected)


def check_rule(this: Host, group: list[Ours], previous: Host | None) -> None:
    """Names and arguments of the rules that hold without more context."""
    found = [(row.name, row.oparg) for row in group]
    if this.name in v311.SAME.split():
        assert found == [(this.name, this.oparg)]
    elif this.name in v311.SHIFTED:
        name, shift, bits = v311.SHIFTED[this.name]
        assert found == [(name, (this.oparg << shift) + bits)]
    elif this.name.endswith(("_IF_TRUE", "_IF_FALSE")):
        bare = previous is not None and previous.name in v311.LEAVES_BOOL
        assert (found[0] != ("TO_BOOL", 0)) == bare


def check_stack(groups: list[tuple[Host, list[Ours]]]) -> None:
    """What an instruction became has its effect, and needs no more room."""
    dropped_effect = 0
    for this, group in groups:
        number = opcode.opmap[this.name]
        oparg = this.oparg if number >= opcode.HAVE_ARGUMENT else None
        effect = dis.stack_effect(number, oparg, jump=False) + dropped_effect
        effect += UNCOUNTED.get(this.name, 0)
        dropped_effect = 0
        if not group:
            dropped_effect = effect
            continue
        depths = [0]
        for row in group:
            depths.append(depths[-1] + stack_effect(row))
        if this.name.startswith("POP_JUMP_BACKWARD"):
            depths.pop()
        assert depths[-1] == effect, (this, group)
        assert max(depths) <= max(0, effect), (this, group)
