"""Host bytecode and adaptive code units, side by side.

``python -m adaptive.dis TARGET`` shows a file, a module, or one function of either
(``file.py:qualified.name``, ``module:qualified.name``) without running it.  `dis` shows
a live function with its code units as they stand now.

All offsets are in code units, on both sides; the host's own ``dis`` counts in bytes.
"""

from __future__ import annotations

import dis as host_dis
import sys
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, NamedTuple, Protocol

import adaptive

from . import config, isa, reasons
from .lowering import Declined, lower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.abc import InspectLoader
    from typing import Any, TextIO

USAGE = (
    "usage: python -m adaptive.dis TARGET"
    " (file.py, module, file.py:qualified.name or module:qualified.name)"
)
#: The width of the left column; longer host lines push the right one over.
HOST_WIDTH = 44

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
        self._co_code_adaptive = bytes(lowered.units)
        self.host_offsets = memoryview(lowered.host_offsets).cast("B").cast("H")
        self.exception_table = lowered.exception_table
        self.host = code


class Instruction(NamedTuple):
    """One adaptive instruction as it stands in a code object.

    `base` is the name of the instruction that it is a form of; its own for most.
    """

    unit: int
    opcode: int
    opname: str
    oparg: int
    argrepr: str
    caches: dict[str, int]
    host_unit: int
    base: str

    def __str__(self) -> str:
        caches = " ".join(f"{name}={value}" for name, value in self.caches.items())
        argument = f"({self.argrepr})" if self.argrepr else ""
        text = f"{self.unit:>5} {self.opname:<27}{self.oparg:>5} {argument}"
        return f"{text.rstrip()}  [{caches}]" if any(self.caches.values()) else text


def instructions(code: Code) -> Iterator[Instruction]:
    """The instructions of an adaptive code object, prefixes included, in order."""
    units = bytes(code._co_code_adaptive)
    unit = oparg = 0
    while 2 * unit < len(units):
        row = isa.BY_NUMBER[units[2 * unit]]
        oparg = oparg << 8 | units[2 * unit + 1]
        caches = _caches(row, units, unit + 1)
        argrepr = _argrepr(row, oparg, unit, code.host)
        yield Instruction(
            unit,
            row.number,
            row.name,
            oparg,
            argrepr,
            caches,
            code.host_offsets[unit],
            row.base,
        )
        if row.name != "EXTENDED_ARG":
            oparg = 0
        unit += 1 + row.cache_units


def _caches(row: isa.Instruction, units: bytes, first: int) -> dict[str, int]:
    """The inline-cache fields of one instruction, by name; `first` is their unit."""
    fields = {}
    for field in row.cache:
        start = 2 * (first + field.offset_units)
        data = units[start : start + 2 * field.width_units]
        fields[field.name] = int.from_bytes(data, sys.byteorder)
    return fields


def _argrepr(row: isa.Instruction, oparg: int, unit: int, code: CodeType) -> str:
    """What an argument means, in the host's words; empty where it is just a number."""
    name = row.base
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


def _host_text(row: host_dis.Instruction) -> str:
    """One host instruction, its offset and jump target in units."""
    jumps = row.opcode in host_dis.hasjrel or row.opcode in host_dis.hasjabs
    argrepr = f"to {row.argval // 2}" if jumps else row.argrepr
    oparg = "" if row.arg is None else str(row.arg)
    argument = f"({argrepr})" if argrepr else ""
    text = f"{row.offset // 2:>5} {row.opname:<22}{oparg:>5} {argument}"
    return text.rstrip()


def side_by_side(host: CodeType, code: Code | None) -> Iterator[str]:
    """The lines of a listing; the right column stays empty without adaptive code."""
    ours: dict[int, list[Instruction]] = {}
    for instruction in instructions(code) if code is not None else ():
        ours.setdefault(instruction.host_unit, []).append(instruction)
    for row in host_dis.get_instructions(host):
        if row.starts_line is not None:
            yield f"line {row.starts_line}"
        rights = ours.get(row.offset // 2, [])
        for left, right in zip_longest([_host_text(row)], rights, fillvalue=""):
            yield f"{left:<{HOST_WIDTH}} |{right!s}".rstrip(" |")
    for start, end, target, depth, lasti in code.exception_table if code else ():
        mark = " lasti" if lasti else ""
        yield f"units {start} to {end - 1}: exceptions to {target} [{depth}]{mark}"


def _head(code: CodeType) -> str:
    return (
        f"{code.co_qualname}, {code.co_filename} line {code.co_firstlineno}\n"
        f"{' unit host':<{HOST_WIDTH}} | unit adaptive"
    )


def _write(host: CodeType, code: Code | None, refusal: str, file: TextIO) -> None:
    """One code object's listing; `refusal` is the reason if there is no code."""
    print(_head(host), file=file)
    if code is None:
        print(f"declined: {refusal}. {reasons.sentence(refusal)}", file=file)
    for line in side_by_side(host, code):
        print(line, file=file)
    print(file=file)


def _write_fresh(host: CodeType, file: TextIO) -> None:
    """One code object's listing, lowered for this."""
    try:
        _write(host, Listing(host), "", file)
    except Declined as error:
        _write(host, None, error.reason, file)


def _walk(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _walk(constant)


def dis(obj: Any, file: TextIO | None = None) -> None:
    """Print the listing of a function, method or code object as its units stand now.

    Where the engine is not there or kept off, the code is lowered afresh.
    Raises TypeError for what has no Python code.
    """
    host = obj if isinstance(obj, CodeType) else getattr(obj, "__code__", None)
    if not isinstance(host, CodeType):
        raise TypeError(f"{type(obj).__name__} object has no Python code to show")
    stream = sys.stdout if file is None else file
    if not _engine_is_there():
        _write_fresh(host, stream)
    elif refusal := adaptive.declined(host):
        _write(host, None, refusal, stream)
    else:
        _write(host, adaptive.code(host), "", stream)


def _engine_is_there() -> bool:
    """Whether code objects have units that run."""
    try:
        adaptive._engine()
    except ImportError:
        return False
    return not config.settings().disabled


def find(target: str) -> CodeType:
    """The code object that a target names, compiled but not run.

    Raises LookupError with one sentence if there is none, and what compiling raises.
    """
    place, colon, qualname = target.partition(":")
    code = _file_code(place) if place.endswith(".py") else _module_code(place)
    if not colon:
        return code
    # The host's spelling of a nested function is accepted, and not asked for.
    wanted = qualname.replace(".<locals>", "")
    for inner in _walk(code):
        if inner.co_qualname.replace(".<locals>", "") == wanted:
            return inner
    raise LookupError(f"{place} has no function or class called {qualname!r}")


def _file_code(name: str) -> CodeType:
    try:
        source = Path(name).read_bytes()
    except OSError as error:
        raise LookupError(f"can't open file {name!r}: {error.strerror}") from None
    return compile(source, name, "exec", dont_inherit=True)


def _module_code(name: str) -> CodeType:
    """The code of a module; its parent packages are imported to find it."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise LookupError(f"no module named {name!r}")
    loader: InspectLoader | Any = spec.loader
    code = loader.get_code(name) if hasattr(loader, "get_code") else None
    if code is None:
        raise LookupError(f"{name!r} has no Python code to show")
    return code


def main(arguments: list[str]) -> int:
    """Show the one target; the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        code = find(arguments[0])
    except (LookupError, SyntaxError, ValueError) as error:
        print(f"adaptive.dis: {error}", file=sys.stderr)
        return 2
    try:
        for inner in _walk(code):
            _write_fresh(inner, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # the reader, a pager perhaps, has seen enough
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
