"""What the lowerings of all host versions share: the walk, the jumps, the maps.

A version module says, as data, what becomes of each host instruction (`Rules`).  This
module walks the host's bytecode by those rules and returns code units (`Lowered`), or
says by a named reason why it does not (`Declined`).  It knows no host opcode by itself.

The laws of the form it writes:

1. Host instructions keep their order, each becomes zero or more of ours, and none of
   them needs more stack than the host's did.
2. A jump leads to the first unit of what its target became, or of what follows it
   where the target became nothing.
3. ``host_offsets`` never decreases.  The prefixes in front of the first of our
   instructions map to the host's first prefix, every other unit maps to the host
   instruction itself.  So that both ends of that range have a unit, ours has at least
   as many prefixes as the host's.
4. What the host's compiler never writes is declined, not guessed at: unknown opcodes,
   jumps or exception ranges into the middle of an instruction, a cut-off end.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

from adaptive.isa import BACK, BY_NUMBER, CACHE_UNITS, NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import CodeType

    from _typeshed import ReadableBuffer

    #: (start, end, target, depth, lasti): units, the end is exclusive.
    Entry = tuple[int, int, int, int, bool]

#: Offsets and distances are kept in 16 bits.
MAX_UNITS = 0xFFFF

UNKNOWN_OPCODE = "unknown_opcode"
CODE_TOO_LARGE = "code_too_large"

# What becomes of a host instruction: a value of `Rules.kinds`.  The walk itself puts
# the kinds up to FIXED.
SHIFTED = 0
FIXED = 1
DROPPED = 2
CALLED = 3
EXPANDED = 4
JUMPED = 5
LOOPED = 6
REFUSED = 7

EXTENDED_ARG = NUMBER["EXTENDED_ARG"]
TO_BOOL = NUMBER["TO_BOOL"]
JUMP_BACKWARD = NUMBER["JUMP_BACKWARD"]

#: An argument has four bytes, so more prefixes than three say nothing.
MAX_PREFIXES = 3

_BLANK = tuple((0,) * width_units for width_units in range(max(CACHE_UNITS) + 1))


class Declined(Exception):  # noqa: N818 (an outcome, not a fault)
    """The code object is left to the host; ``reason`` is a name of `reasons`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Lowered:
    """A code object in canonical form.

    Shape: ``units`` is uint16[n], opcode in the low byte and argument in the high one;
    ``host_offsets`` is uint16[n], for each unit the host unit it stands for; both are
    native-endian bytes.  ``exception_table`` is in our units, sorted, its ends are
    exclusive.  ``host_length`` counts host units.
    """

    __slots__ = ("exception_table", "host_length", "host_offsets", "units")

    def __init__(
        self,
        units: bytes,
        host_offsets: bytes,
        exception_table: list[Entry],
        host_length: int,
    ) -> None:
        self.units = units
        self.host_offsets = host_offsets
        self.exception_table = exception_table
        self.host_length = host_length


class Rules:
    """What becomes of each instruction of one host version.

    Shape: tables of 256, indexed by the host's opcode.  A version module fills them
    at import and then only reads them.  Raises KeyError for a name that the host or
    the canonical set does not have, ValueError where two rules claim an instruction.
    """

    __slots__ = (
        "bits",
        "canonical",
        "expand",
        "extended_arg",
        "host_caches",
        "kinds",
        "kw_call",
        "kw_names",
        "leaves_bool",
        "opmap",
        "shifts",
        "tests_bool",
    )

    def __init__(self, opmap: Mapping[str, int], host_caches: Sequence[int]) -> None:
        self.opmap = opmap
        self.host_caches = bytes(host_caches)
        self.extended_arg = opmap["EXTENDED_ARG"]
        self.kinds = bytearray([REFUSED]) * 256
        self.canonical = bytearray(256)
        self.shifts = bytearray(256)
        self.bits = bytearray(256)
        self.leaves_bool = bytearray(256)
        self.tests_bool = bytearray(256)
        self.expand: dict[int, Callable[[int], tuple[int, ...]]] = {}
        self.kw_names = -1
        self.kw_call = -1

    def _claim(self, name: str, kind: int, canonical: str) -> int:
        """The host's opcode of ``name``, from now on of this kind."""
        opcode = self.opmap[name]
        if self.kinds[opcode] != REFUSED:
            raise ValueError(f"two rules for the host's {name}")
        self.kinds[opcode] = kind
        self.canonical[opcode] = NUMBER[canonical]
        return opcode

    def shifted(self, name: str, canonical: str, shift: int = 0, bits: int = 0) -> None:
        """``name n`` becomes ``canonical n << shift | bits``."""
        opcode = self._claim(name, SHIFTED, canonical)
        self.shifts[opcode] = shift
        self.bits[opcode] = bits

    def fixed(self, name: str, canonical: str, oparg: int) -> None:
        """``name`` becomes ``canonical oparg``."""
        self.bits[self._claim(name, FIXED, canonical)] = oparg

    def called(self, name: str, canonical: str, kw_names: str, kw_call: str) -> None:
        """``name n`` becomes ``canonical n``, or ``kw_call n`` right after kw_names."""
        self._claim(name, CALLED, canonical)
        self.kw_names = self.opmap[kw_names]
        self.kw_call = NUMBER[kw_call]

    def dropped(self, name: str) -> None:
        """``name`` becomes nothing, and counts as nothing for what follows it."""
        self._claim(name, DROPPED, "NOP")

    def expanded(self, name: str, expand: Callable[[int], tuple[int, ...]]) -> None:
        """``name n`` becomes ``expand(n)``: opcode, oparg, opcode, oparg and so on."""
        self.expand[self._claim(name, EXPANDED, "NOP")] = expand

    def jumped(self, name: str, canonical: str) -> None:
        """``name`` becomes the jump ``canonical``, in that one's direction."""
        opcode = self._claim(name, JUMPED, canonical)
        self.bits[opcode] = bool(BY_NUMBER[NUMBER[canonical]].flags & BACK)

    def looped(self, name: str, opposite: str) -> None:
        """``name``, a jump back, becomes ``opposite`` over a JUMP_BACKWARD."""
        self.bits[self._claim(name, LOOPED, opposite)] = True

    def test_bool(self, jumps: Sequence[str], exact: Sequence[str]) -> None:
        """The host's ``jumps`` test any object; ``exact`` leave True or False.

        Such a jump gets a TO_BOOL in front, unless an exact one comes right before.
        """
        for name in jumps:
            self.tests_bool[self.opmap[name]] = True
        for name in exact:
            self.leaves_bool[self.opmap[name]] = True

    def walked(self) -> tuple[bytes, bytes, bytes, bytes, bytes]:
        """Kinds, canonical opcodes, shifts, bits and caches, for the walk to keep."""
        return (
            bytes(self.kinds),
            bytes(self.canonical),
            bytes(self.shifts),
            bytes(self.bits),
            self.host_caches,
        )


class _Draft:
    """Units whose jumps have no distance yet.

    ``starts`` is the first unit of each host instruction, -1 where none begins.  The
    ``jump`` lists run in parallel, one row per jump in order: the unit of its opcode,
    the unit after it, the host unit it leads to, whether it has a prefix.
    ``trusted`` are the host units of the jumps that went without their TO_BOOL.
    """

    __slots__ = (
        "host_offsets",
        "jump_ends",
        "jump_has_prefix",
        "jump_targets",
        "jump_units",
        "rules",
        "starts",
        "trust_bools",
        "trusted",
        "units",
    )

    def __init__(self, rules: Rules, host_length: int, trust_bools: bool) -> None:
        self.rules = rules
        self.trust_bools = trust_bools
        self.units: list[int] = []
        self.host_offsets: list[int] = []
        self.starts: list[int] = [-1] * (host_length + 1)
        self.jump_units: list[int] = []
        self.jump_ends: list[int] = []
        self.jump_targets: list[int] = []
        self.jump_has_prefix: list[bool] = []
        self.trusted: list[int] = []

    def walk(self, raw: bytes) -> None:
        """Put what becomes of each instruction of the host's bytecode ``raw``.

        Raises Declined for bytecode that breaks off or that no rule covers.
        """
        kinds, canonical, shifts, bits, host_caches = self.rules.walked()
        extended_arg = self.rules.extended_arg
        units = self.units
        host_offsets = self.host_offsets
        starts = self.starts
        previous = -1
        start = 0
        while 2 * start < len(raw):
            here = start
            starts[start] = len(units)
            host_opcode = raw[2 * start]
            oparg = raw[2 * start + 1]
            if host_opcode == extended_arg:
                here, host_opcode, oparg = _after_prefixes(raw, start, extended_arg)
            kind = kinds[host_opcode]
            if kind <= FIXED:
                opcode = canonical[host_opcode]
                cache_units = CACHE_UNITS[opcode]
                if kind == SHIFTED:
                    oparg = oparg << shifts[host_opcode] | bits[host_opcode]
                else:
                    oparg = bits[host_opcode]
                if oparg > 0xFF or here != start:
                    self.put(opcode, oparg, start, here)
                elif cache_units:
                    units.append(opcode | oparg << 8)
                    units += _BLANK[cache_units]
                    host_offsets += [here] * (1 + cache_units)
                else:
                    units.append(opcode | oparg << 8)
                    host_offsets.append(here)
                previous = host_opcode
            elif kind != DROPPED:
                self.put_other(host_opcode, oparg, start, here, previous)
                previous = host_opcode
            start = here + 1 + host_caches[host_opcode]
        if 2 * start != len(raw):
            raise Declined(UNKNOWN_OPCODE)
        starts[start] = len(units)

    def put(self, opcode: int, oparg: int, start: int, here: int) -> None:
        """Append one instruction with its prefixes and zeroed caches.

        ``start`` and ``here`` are the host units of the first prefix and of the
        instruction itself; at least as many prefixes as lie between them are put.
        """
        units = self.units
        host_offsets = self.host_offsets
        prefixes = here - start
        while oparg >> (8 * prefixes + 8):
            prefixes += 1
        if prefixes > MAX_PREFIXES:
            raise Declined(UNKNOWN_OPCODE)
        for shift in range(8 * prefixes, 0, -8):
            units.append(EXTENDED_ARG | (oparg >> shift & 0xFF) << 8)
            host_offsets.append(start)
        cache_units = CACHE_UNITS[opcode]
        units.append(opcode | (oparg & 0xFF) << 8)
        units += _BLANK[cache_units]
        host_offsets += [here] * (1 + cache_units)

    def put_other(
        self, host_opcode: int, oparg: int, start: int, here: int, previous: int
    ) -> None:
        """Append what becomes of a host instruction after ``previous``, any kind."""
        rules = self.rules
        kind = rules.kinds[host_opcode]
        if kind == CALLED:
            opcode = rules.canonical[host_opcode]
            if previous == rules.kw_names:
                opcode = rules.kw_call
            self.put(opcode, oparg, start, here)
        elif kind == EXPANDED:
            expansion = rules.expand[host_opcode](oparg)
            for index in range(0, len(expansion), 2):
                self.put(expansion[index], expansion[index + 1], start, here)
                start = here
        elif kind == REFUSED:
            raise Declined(UNKNOWN_OPCODE)
        else:
            if rules.tests_bool[host_opcode]:
                if self.trust_bools and previous >= 0 and rules.leaves_bool[previous]:
                    self.trusted.append(start)
                else:
                    self.put(TO_BOOL, 0, start, here)
                    start = here
            self.put_branch(host_opcode, oparg, start, here)

    def put_branch(self, host_opcode: int, oparg: int, start: int, here: int) -> None:
        """Append the jump, or the pair of jumps, that the host's jump becomes."""
        rules = self.rules
        opcode = rules.canonical[host_opcode]
        after = here + 1 + rules.host_caches[host_opcode]
        target = after - oparg if rules.bits[host_opcode] else after + oparg
        if rules.kinds[host_opcode] == LOOPED:
            self.put_jump(opcode, after, start, here)
            self.put_jump(JUMP_BACKWARD, target, here, here)
        else:
            self.put_jump(opcode, target, start, here)

    def put_jump(self, opcode: int, target: int, start: int, here: int) -> None:
        """Append a jump to the host unit ``target``, its distance still zero."""
        self.put(opcode, 0, start, here)
        end = len(self.units)
        self.jump_units.append(end - 1 - CACHE_UNITS[opcode])
        self.jump_ends.append(end)
        self.jump_targets.append(target)
        self.jump_has_prefix.append(here > start)

    def first_unit(self, host_unit: int, inserted: list[int]) -> int:
        """Where the host instruction at ``host_unit`` begins once ``inserted`` is in.

        Raises Declined where no host instruction begins.
        """
        starts = self.starts
        unit = starts[host_unit] if 0 <= host_unit < len(starts) else -1
        if unit < 0:
            raise Declined(UNKNOWN_OPCODE)
        # A prefix in front of the instruction itself belongs to it: hence "left".
        return unit + bisect_left(inserted, unit)

    def distance(self, row: int, inserted: list[int]) -> int:
        """Units between the end of the jump of this row and its target."""
        end = self.jump_ends[row]
        end += bisect_left(inserted, end)
        return abs(self.first_unit(self.jump_targets[row], inserted) - end)

    def wide_jumps(self) -> list[int]:
        """The units, ascending, in front of which a jump needs one more prefix.

        One is enough: no distance exceeds MAX_UNITS.  Each prefix can lengthen other
        jumps, so rounds are made until none asks for one.
        """
        inserted: list[int] = []
        narrow = [row for row, wide in enumerate(self.jump_has_prefix) if not wide]
        while True:
            fitting: list[int] = []
            grown = list(inserted)
            for row in narrow:
                if self.distance(row, inserted) > 0xFF:
                    grown.append(self.jump_units[row])
                else:
                    fitting.append(row)
            if len(grown) == len(inserted):
                return inserted
            grown.sort()
            inserted = grown
            narrow = fitting

    def leads_to_trusted(self, entries: list[Entry]) -> bool:
        """Whether some way into a jump without TO_BOOL leaves out its predecessor."""
        if not self.trusted:
            return False
        entered = set(self.jump_targets)
        entered.update([entry[2] for entry in entries])
        return not entered.isdisjoint(self.trusted)

    def finish(self, entries: list[Entry]) -> Lowered:
        """The canonical form; ``entries`` is the exception table in host units.

        Raises Declined if it is too long, or leads to where no instruction begins.
        """
        inserted = self.wide_jumps()
        units = _spliced(self.units, inserted, [EXTENDED_ARG] * len(inserted))
        mapped = [self.host_offsets[unit] for unit in inserted]
        host_offsets = _spliced(self.host_offsets, inserted, mapped)
        if len(units) > MAX_UNITS:
            raise Declined(CODE_TOO_LARGE)
        for row, unit in enumerate(self.jump_units):
            oparg = self.distance(row, inserted)
            unit += bisect_right(inserted, unit)
            units[unit] |= (oparg & 0xFF) << 8
            if oparg > 0xFF:
                units[unit - 1] |= oparg & 0xFF00
        table = [
            (
                self.first_unit(start, inserted),
                self.first_unit(end, inserted),
                self.first_unit(target, inserted),
                depth,
                lasti,
            )
            for start, end, target, depth, lasti in entries
        ]
        return Lowered(
            array("H", units).tobytes(),
            array("H", host_offsets).tobytes(),
            table,
            len(self.starts) - 1,
        )


def _after_prefixes(raw: bytes, start: int, extended_arg: int) -> tuple[int, int, int]:
    """The host unit, opcode and argument of the instruction prefixed at ``start``."""
    here = start
    oparg = 0
    while raw[2 * here] == extended_arg:
        oparg = oparg << 8 | raw[2 * here + 1]
        here += 1
        if here - start > MAX_PREFIXES or 2 * here >= len(raw):
            raise Declined(UNKNOWN_OPCODE)
    return here, raw[2 * here], oparg << 8 | raw[2 * here + 1]


def _spliced(values: list[int], inserted: list[int], new: list[int]) -> list[int]:
    """``values`` with ``new[i]`` in front of ``values[inserted[i]]``."""
    if not inserted:
        return values
    result: list[int] = []
    done = 0
    for position, value in zip(inserted, new, strict=True):
        result += values[done:position]
        result.append(value)
        done = position
    result += values[done:]
    return result


def parse_exception_table(table: bytes) -> list[Entry]:
    """The entries of ``co_exceptiontable``, in host units.

    Raises Declined if the last entry is cut off.
    Source: Objects/exception_handling_notes.txt; the same format in 3.11 to 3.15.
    """
    numbers: list[int] = []
    value = 0
    for byte in table:
        value = value << 6 | byte & 0x3F
        if not byte & 0x40:
            numbers.append(value)
            value = 0
    if len(numbers) % 4:
        raise Declined(UNKNOWN_OPCODE)
    row = iter(numbers)
    return [
        (start, start + length, target, depth >> 1, depth & 1 == 1)
        for start, length, target, depth in zip(row, row, row, row, strict=True)
    ]


def lower(code: CodeType, rules: Rules) -> Lowered:
    """``code`` in canonical form, by the rules of its host version.

    Raises Declined with a named reason, and nothing else.
    """
    raw = code.co_code
    host_length = len(raw) // 2
    if host_length > MAX_UNITS:
        raise Declined(CODE_TOO_LARGE)
    entries = parse_exception_table(code.co_exceptiontable)
    draft = _Draft(rules, host_length, trust_bools=True)
    draft.walk(raw)
    if draft.leads_to_trusted(entries):
        draft = _Draft(rules, host_length, trust_bools=False)
        draft.walk(raw)
    return draft.finish(entries)


def iterate(units: ReadableBuffer) -> Iterator[tuple[int, int, int, int]]:
    """Each instruction of canonical code units, specialized or not.

    Yields (unit, opcode, oparg, end): the unit of its first prefix, or its own where
    it has none, and the unit after its caches.  The opcode itself stands at
    ``end - 1 - CACHE_UNITS[opcode]``.
    """
    words = memoryview(units).cast("B").cast("H")
    first = unit = 0
    oparg = 0
    while unit < len(words):
        opcode = words[unit] & 0xFF
        oparg = oparg << 8 | words[unit] >> 8
        unit += 1
        if opcode != EXTENDED_ARG:
            unit += CACHE_UNITS[opcode]
            yield first, opcode, oparg, unit
            first = unit
            oparg = 0
