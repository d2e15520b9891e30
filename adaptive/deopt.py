"""Which base instruction every opcode stands for, and code units made base again.

All of it follows from the rows of `isa`; nothing is stated here a second time.  A
*form* is a specialized instruction: its row names another one as its base.  What has
no other base is its own, so that asking twice gives what asking once gave.

The units of a live code object are made base again by `_cache`; this module answers
for bytes and for names, wherever they come from.

Source: PEP 659; RustPython 7292's ``deoptimize`` and ``original_bytes``.
"""

from __future__ import annotations

from adaptive import isa


def base(opcode: int) -> int:
    """The base opcode of any opcode; a base is its own.

    So are the two instrumented ones that may stand over any instruction.
    Raises ValueError for a number that no instruction has.
    """
    if opcode not in isa.BY_NUMBER:
        raise ValueError(f"opcode {opcode} is no instruction")
    return isa.DEOPT[opcode]


def base_name(name: str) -> str:
    """The name of the base of the instruction called so; a base is its own.

    Raises ValueError for a name that no instruction has.
    """
    if name not in isa.NUMBER:
        raise ValueError(f"no instruction is called {name!r}")
    return isa.BY_NUMBER[base(isa.NUMBER[name])].name


def forms(name: str) -> tuple[str, ...]:
    """The names of all forms whose base is called so, by number; often none.

    Instrumented instructions are no forms.  Raises ValueError for a name that no
    instruction has.
    """
    own = base_name(name)
    return tuple(
        isa.BY_NUMBER[number].name
        for number in sorted(isa.BY_NUMBER)
        if number < isa.FIRST_INSTRUMENTED
        and isa.BY_NUMBER[number].base == own == name
        and isa.BY_NUMBER[number].name != own
    )


def cache_entries(opcode: int) -> int:
    """How many cache units follow: as many as follow its base.

    Raises ValueError for a number that no instruction has.
    """
    return isa.CACHE_UNITS[base(opcode)]


def clean(units: bytes) -> bytes:
    """The code as it was lowered: base opcodes, zero caches, arguments kept.

    Shape: `units: uint16[n]`, little-endian, opcode in the low byte.  Raises
    ValueError for half a unit, for an unknown opcode where an instruction begins, for
    one that may stand over any instruction, which only the `CodeUnits` knows, and for
    caches that are cut off; the message says at which unit.
    """
    if len(units) % isa.UNIT_BYTES:
        raise ValueError(f"code units: {len(units)} bytes are not whole units")
    cleaned = bytearray(len(units))
    length_units = len(units) // isa.UNIT_BYTES
    unit = 0
    while unit < length_units:
        opcode, oparg = units[isa.UNIT_BYTES * unit : isa.UNIT_BYTES * (unit + 1)]
        try:
            cleaned[isa.UNIT_BYTES * unit] = base(opcode)
        except ValueError as error:
            raise ValueError(f"unit {unit}: {error}") from None
        if isa.BY_NUMBER[opcode] in isa.OVER_ANY:
            raise ValueError(
                f"unit {unit}: only the code's own units say what"
                f" {isa.BY_NUMBER[opcode].name} stands over"
            )
        cleaned[isa.UNIT_BYTES * unit + 1] = oparg
        following = unit + 1 + cache_entries(opcode)
        if following > length_units:
            raise ValueError(
                f"unit {unit}: {isa.BY_NUMBER[opcode].name} has "
                f"{cache_entries(opcode)} cache units, but {length_units - unit - 1}"
                " follow it"
            )
        unit = following
    return bytes(cleaned)
