"""Code units read as instructions: names, arguments, cache fields, counters.

Owns what the bytes of an adaptive code object mean; how that is shown is `dis`'s.
Nothing here needs the engine.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple, Protocol

from . import config, isa
from .lowering import lower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import CodeType

#: A field so wide holds an address.
ADDRESS_UNITS = 4
#: Fields whose single bits count.
BITS = frozenset({"branch_history"})

#: By fused instruction, the instructions that it does.
PARTS = {row.name: parts for parts, row in isa.FUSED.items()}

_CONSTANTS = frozenset({"LOAD_CONST", "KW_NAMES"})
_VARIABLES = frozenset(
    {
        "LOAD_FAST",
        "LOAD_FAST_CHECK",
        "STORE_FAST",
        "DELETE_FAST",
        "MAKE_CELL",
        "LOAD_DEREF",
        "STORE_DEREF",
        "DELETE_DEREF",
        "LOAD_FROM_DICT_OR_DEREF",
    }
)
#: Instructions whose argument is an index of co_names, and its flag bits below it.
_NAMES = {
    "LOAD_NAME": 0,
    "STORE_NAME": 0,
    "DELETE_NAME": 0,
    "LOAD_GLOBAL": 1,
    "STORE_GLOBAL": 0,
    "DELETE_GLOBAL": 0,
    "LOAD_ATTR": 1,
    "STORE_ATTR": 0,
    "DELETE_ATTR": 0,
    "IMPORT_NAME": 0,
    "IMPORT_FROM": 0,
}
#: Instructions whose argument picks from one of the instruction set's own tables.
_TABLES: dict[str, Callable[[int], str]] = {
    "BINARY_OP": lambda oparg: isa.BINARY_OPERATORS[oparg],
    "COMPARE_OP": lambda oparg: isa.COMPARE_OPERATORS[oparg >> isa.COMPARE_SHIFT],
    "CALL_INTRINSIC_1": lambda oparg: isa.INTRINSICS_1[oparg],
    "CALL_INTRINSIC_2": lambda oparg: isa.INTRINSICS_2[oparg],
    "LOAD_COMMON_CONSTANT": lambda oparg: isa.COMMON_CONSTANTS[oparg],
    "SET_FUNCTION_ATTRIBUTE": lambda oparg: isa.FUNCTION_ATTRIBUTES[oparg],
    "CONVERT_VALUE": lambda oparg: isa.CONVERSIONS[oparg],
}


class Code(Protocol):
    """What `instructions` reads: an adaptive code object, or a fresh `Listing`."""

    @property
    def co_code(self) -> bytes: ...
    @property
    def _co_code_adaptive(self) -> bytes: ...
    @property
    def host_offsets(self) -> Sequence[int]: ...
    @property
    def exception_table(self) -> Sequence[tuple[int, int, int, int, bool]]: ...
    @property
    def host(self) -> CodeType: ...


class Listing:
    """A code object lowered for reading only; the engine need not be there.

    Raises `Declined` if it cannot be lowered.
    """

    def __init__(self, code: CodeType) -> None:
        lowered = lower(code)
        self.co_code = self._co_code_adaptive = bytes(lowered.units)
        self.host_offsets = memoryview(lowered.host_offsets).cast("B").cast("H")
        self.exception_table = lowered.exception_table
        self.host = code


class Instruction(NamedTuple):
    """One adaptive instruction as it stands in a code object.

    `base` is the name of the instruction that it is a form of, or that it stands over
    for tools; its own for most.
    `part_of` is the fused instruction before it that does it as well, or nothing.
    """

    unit: int
    opcode: int
    opname: str
    oparg: int
    argrepr: str
    caches: dict[str, int]
    host_unit: int
    base: str
    part_of: str = ""

    @property
    def form(self) -> str:
        """The name of the form that stands there; nothing for the base itself."""
        return "" if self.opname == self.base else self.opname

    @property
    def argument(self) -> str:
        """The argument, and what it means."""
        return f"{self.oparg} ({self.argrepr})" if self.argrepr else str(self.oparg)

    @property
    def counter(self) -> str:
        """The counter as value/backoff; nothing for an instruction without one."""
        for name, raw in self.caches.items():
            if name.endswith("counter"):
                backoff = raw & ((1 << config.COUNTER_BACKOFF_BITS) - 1)
                return f"{raw >> config.COUNTER_BACKOFF_BITS}/{backoff}"
        return ""

    @property
    def fields(self) -> dict[str, str]:
        """The other cache fields that are in use, called what the form keeps there."""
        row = isa.BY_NUMBER[isa.NUMBER[self.base]]
        names = isa.FIELD_NAMES.get(self.opname, {})
        found = {}
        for field in row.cache:
            name = names.get(field.name, field.name)
            raw = self.caches[field.name]
            counts = raw or field.name in names or (self.form and name == "index")
            if counts and not name.endswith("counter"):
                bits = field.width_units == ADDRESS_UNITS or name in BITS
                found[name] = hex(raw) if bits else str(raw)
        return found

    def __str__(self) -> str:
        fields = " ".join(f"{name}={value}" for name, value in self.fields.items())
        words = (self.opname, self.argument, self.counter, fields)
        return f"{self.unit:>5} {' '.join(filter(None, words))}"


def instructions(code: Code) -> Iterator[Instruction]:
    """The instructions of an adaptive code object, prefixes included, in order."""
    clean = bytes(code.co_code)
    units = bytes(code._co_code_adaptive)
    unit = oparg = absorbed = 0
    part_of = ""
    while 2 * unit < len(units):
        row = isa.BY_NUMBER[units[2 * unit]]
        base = isa.BY_NUMBER[clean[2 * unit]]
        oparg = oparg << 8 | units[2 * unit + 1]
        yield Instruction(
            unit,
            row.number,
            row.name,
            oparg,
            _argrepr(base, oparg, unit, code.host),
            _caches(base, units, unit + 1),
            code.host_offsets[unit],
            base.name,
            part_of if absorbed else "",
        )
        absorbed -= bool(absorbed)
        if row.name in PARTS:
            part_of, absorbed = row.name, len(PARTS[row.name]) - 1
        if base.name != "EXTENDED_ARG":
            oparg = 0
        unit += 1 + base.cache_units


def _caches(row: isa.Instruction, units: bytes, first: int) -> dict[str, int]:
    """The inline-cache fields of one instruction, by name; `first` is their unit."""
    fields = {}
    for field in row.cache:
        start = 2 * (first + field.offset_units)
        data = units[start : start + 2 * field.width_units]
        fields[field.name] = int.from_bytes(data, sys.byteorder)
    return fields


def _argrepr(row: isa.Instruction, oparg: int, unit: int, code: CodeType) -> str:
    """What a base's argument means, in the host's words; empty where it is a number."""
    name = row.name
    if row.flags & isa.JUMP:
        after = unit + 1 + row.cache_units
        return f"to {after - oparg if row.flags & isa.BACK else after + oparg}"
    if name in _CONSTANTS:
        return repr(code.co_consts[oparg])
    if name in _VARIABLES:
        variable: str = code._varname_from_oparg(oparg)  # type: ignore[attr-defined]
        return variable
    if name in _NAMES:
        return code.co_names[oparg >> _NAMES[name]]
    return _TABLES[name](oparg) if name in _TABLES else ""
