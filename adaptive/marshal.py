"""Code units to and from bytes: base opcodes, zero caches, all of it checked.

What is written depends on the code alone, not on how warm it is, nor on the process.
Of what is read nothing is believed: sizes are held against what is left before memory
is asked for, and the code has been verified when it comes out.  Its jumps, indices and
tables lead nowhere but into itself; how deep its stack gets is not followed.

A file, numbers little-endian, `text` and `bytes` with their size (u64) in front::

    magic 8 bytes, format version u16, isa.MAGIC u64, host 16 bytes (zeros behind),
    length of the whole file u64, one code, CRC-32 of everything before it u32

    code       name, qualname, filename: text; firstlineno, flags, argcount,
               posonlyargcount, kwonlyargcount, stacksize: i32; names, varnames,
               cellvars, freevars: u64 count, texts; consts: u64 count, values;
               u64 count, units: u16[count], host offsets: u16[count];
               u64 count, rows of start, end, target: u16, depth: u32, lasti: u8
    value      a tag byte, then what it asks for:
               N F T E  None, False, True, ...     i  bytes, two's complement
               f  8 bytes       c  16 bytes        s  text       b  bytes
               (  u64 count, values                {  the same, sorted by encoding
               C  code

There is exactly one encoding of each code, and only that one is read.  The host's own
`marshal` and `pickle` are not used: neither is made for bytes from anywhere.

Source: the layout is our own; PEP 552 and RustPython 7292 say what must not vary.
"""

from __future__ import annotations

import struct
import sys
from array import array
from binascii import crc32
from dataclasses import dataclass
from inspect import CO_VARARGS, CO_VARKEYWORDS
from itertools import pairwise, repeat, starmap
from operator import attrgetter
from types import CodeType

from adaptive import deopt, isa, reasons
from adaptive._cache import CodeUnits
from adaptive._code import AdaptiveCode
from adaptive.lowering import Declined, lower
from adaptive.lowering.common import MAX_PREFIXES, MAX_UNITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from typing import Any, NoReturn

    from _typeshed import ReadableBuffer, SupportsRead, SupportsWrite

    #: (start, end, target, depth, lasti): units, the end is exclusive.
    Entry = tuple[int, int, int, int, bool]
    #: First prefix or itself, the unit of the opcode, its row, its argument, its end.
    Instruction = tuple[int, int, isa.Instruction, int, int]

#: No text file begins so, and a transfer that changes line ends changes it.
MAGIC = b"\x93adapt\r\n"
#: Changes with the layout that this module's docstring describes.
FORMAT_VERSION = 1
#: Names what code units are mapped to: the host's instructions.
HOST = str(sys.implementation.cache_tag)

#: How deep values may lie in one another.  The host's tokenizer nests 200 parentheses.
MAX_DEPTH = 200

_HEAD = struct.Struct("<8sHQ16sQ")
_SIZE = struct.Struct("<Q")
_CRC = struct.Struct("<I")
_COUNTS = struct.Struct("<6i")
_ENTRY = struct.Struct("<HHHI?")
_FLOAT = struct.Struct("<d")
_COMPLEX = struct.Struct("<dd")

# Fields of a code object, the host's or ours, by how they are written.
_TEXTS = attrgetter("co_name", "co_qualname", "co_filename")
_NUMBERS = attrgetter(
    *"co_firstlineno co_flags co_argcount co_posonlyargcount co_kwonlyargcount"
    " co_stacksize".split()
)
_TUPLES = attrgetter("co_names", "co_varnames", "co_cellvars", "co_freevars")

_SINGLES: dict[bytes, object] = {b"N": None, b"F": False, b"T": True, b"E": ...}

# Instructions by what their argument is an index of.
_INDEXES: dict[str, str] = {
    "constant": "LOAD_CONST KW_NAMES",
    "variable": "LOAD_FAST LOAD_FAST_CHECK STORE_FAST DELETE_FAST",
    "cell": "MAKE_CELL LOAD_DEREF STORE_DEREF DELETE_DEREF LOAD_FROM_DICT_OR_DEREF",
    "number of free variables": "COPY_FREE_VARS",
    "name": "LOAD_NAME STORE_NAME DELETE_NAME LOAD_GLOBAL STORE_GLOBAL DELETE_GLOBAL"
    " LOAD_ATTR STORE_ATTR DELETE_ATTR IMPORT_NAME IMPORT_FROM",
}
#: Bits of the argument below the index.
_SHIFTS = {"LOAD_GLOBAL": 1, "LOAD_ATTR": 1, "COMPARE_OP": isa.COMPARE_SHIFT}

#: Indexes of the instruction set's own tables, by the instruction.
_OWN_TABLES: dict[str, Container[int]] = {
    "BINARY_OP": range(len(isa.BINARY_OPERATORS)),
    "COMPARE_OP": range(len(isa.COMPARE_OPERATORS)),
    "CALL_INTRINSIC_1": range(1, len(isa.INTRINSICS_1)),
    "CALL_INTRINSIC_2": range(1, len(isa.INTRINSICS_2)),
    "LOAD_COMMON_CONSTANT": range(len(isa.COMMON_CONSTANTS)),
    "SET_FUNCTION_ATTRIBUTE": isa.FUNCTION_ATTRIBUTES,
    "CONVERT_VALUE": isa.CONVERSIONS,
}
#: By opcode: what the argument is an index of, and its bits below the index.
_OPERANDS: dict[int, tuple[str, int]] = {
    isa.NUMBER[name]: (what, _SHIFTS.get(name, 0))
    for what, names in (*_INDEXES.items(), *zip(_OWN_TABLES, _OWN_TABLES, strict=True))
    for name in names.split()
}
#: What may stand where an instruction begins.
_BASE_ROWS: dict[int, isa.Instruction] = {
    number: row
    for number, row in isa.BY_NUMBER.items()
    if deopt.base(number) == number
    and number < isa.FIRST_INSTRUMENTED
    and row.name != "CACHE"
}
_EXTENDED_ARG = isa.NUMBER["EXTENDED_ARG"]


class _Flaw(ValueError):  # noqa: N818 (becomes an error once its byte is known)
    """Content that cannot be code: the part of it, and how far into that, in bytes."""

    def __init__(self, text: str, part: str = "counts", offset_bytes: int = 0) -> None:
        super().__init__(text)
        self.part = part
        self.offset_bytes = offset_bytes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LoadedCode:
    """What was written of one code object: a description, never run as it is.

    Shape: `co_code: uint16[n]` as `AdaptiveCode.co_code` has it; `host_offsets[u]` is
    the host unit of unit `u`; `exception_table` holds `(start, end, target, depth,
    lasti)`.  Units: code units, ends exclusive.  Constants that are code are
    `LoadedCode` too.
    Ownership: immutable; `units` makes new ones each time, which are the caller's.
    Equality is that of the content, constants bit for bit: `0.0` is not `-0.0`.
    Raises ValueError, when it is made, for content that cannot be code.
    Source: the fields are those of the host's code objects.
    """

    co_name: str
    co_qualname: str
    co_filename: str
    co_firstlineno: int
    co_flags: int
    co_argcount: int
    co_posonlyargcount: int
    co_kwonlyargcount: int
    co_stacksize: int
    co_names: tuple[str, ...]
    co_varnames: tuple[str, ...]
    co_cellvars: tuple[str, ...]
    co_freevars: tuple[str, ...]
    co_consts: tuple[object, ...]
    co_code: bytes
    host_offsets: tuple[int, ...]
    exception_table: tuple[Entry, ...]

    def __post_init__(self) -> None:
        try:
            _verify(self)
        except _Flaw as flaw:
            flaw.args = (f"{self.co_qualname!r:.80} {flaw}",)
            raise

    @property
    def units(self) -> CodeUnits:
        """The code units, cold and new each time."""
        return CodeUnits(self.co_code, array("H", self.host_offsets).tobytes())

    @property
    def co_localsplusnames(self) -> tuple[str, ...]:
        """The variables by the index that instructions use."""
        own = set(self.co_varnames)
        cells = tuple(name for name in self.co_cellvars if name not in own)
        return self.co_varnames + cells + self.co_freevars

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LoadedCode):
            return NotImplemented
        return self is other or _code_bytes(self, 0) == _code_bytes(other, 0)

    def __hash__(self) -> int:
        return hash(_code_bytes(self, 0))

    def __repr__(self) -> str:
        return f"<loaded code of {self.co_qualname}, {len(self.host_offsets)} units>"


# -- what is code


def _verify(code: LoadedCode) -> None:
    """Raises _Flaw where the parts of `code` do not fit together."""
    stars = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    if (
        min(code.co_flags, code.co_kwonlyargcount, code.co_stacksize) < 0
        or not 0 <= code.co_posonlyargcount <= code.co_argcount
        or code.co_argcount + code.co_kwonlyargcount + stars > len(code.co_varnames)
    ):
        raise _Flaw("has flags or counts that no signature has")
    count = len(code.host_offsets)
    if not 0 < count <= MAX_UNITS or len(code.co_code) != isa.UNIT_BYTES * count:
        found = f"{len(code.co_code)} bytes of units and {count} host offsets"
        raise _Flaw(f"has {found}, or more units than {MAX_UNITS}", "units")
    starts = _verify_instructions(code)
    for unit, (before, after) in enumerate(pairwise(code.host_offsets), start=1):
        if before > after:
            text = f"at unit {unit}: the host offset falls from {before} to {after}"
            raise _Flaw(text, "host offsets", isa.UNIT_BYTES * unit)
    _verify_table(code, starts)


def _misplaced(unit: int, text: str) -> NoReturn:
    """Raises _Flaw about one code unit."""
    raise _Flaw(f"at unit {unit}: {text}", "units", isa.UNIT_BYTES * unit)


def _verify_instructions(code: LoadedCode) -> set[int]:
    """Where instructions begin.  Raises _Flaw where one is wrong or leads nowhere."""
    rows = list(_instructions(code.co_code))
    starts = {first for first, *_ in rows}
    allowed = _allowed(code)
    for _, unit, row, oparg, end in rows:
        if row.flags & isa.JUMP:
            target = end - oparg if row.flags & isa.BACK else end + oparg
            if target not in starts:
                _misplaced(unit, f"{row.name} leads into no instruction, to {target}")
        if row.number in _OPERANDS:
            what, shift = _OPERANDS[row.number]
            if oparg >> shift not in allowed[what]:
                _misplaced(unit, f"{row.name} {oparg} is out of range")
    if not row.flags & isa.ENDS:
        _misplaced(unit, f"{row.name} is the last instruction, yet goes on")
    return starts


def _instructions(units: bytes) -> Iterator[Instruction]:
    """The instructions of code units, each with its prefixes and caches.

    Raises _Flaw unless they tile the units, base opcodes before zero caches.
    """
    words = memoryview(units).cast("H")
    first = unit = oparg = 0
    while unit < len(words):
        opcode = words[unit] & 0xFF
        if opcode not in _BASE_ROWS:
            name = isa.BY_NUMBER[opcode].name if opcode in isa.BY_NUMBER else "nothing"
            _misplaced(unit, f"opcode {opcode} ({name}) is no base instruction")
        row = _BASE_ROWS[opcode]
        oparg = oparg << 8 | words[unit] >> 8
        end = unit + 1 + row.cache_units
        if end > len(words) - (opcode == _EXTENDED_ARG):
            _misplaced(unit, f"{row.name} is cut off at the end, unit {len(words)}")
        if any(words[unit + 1 : end]):
            _misplaced(unit, f"the caches of {row.name} are not zero")
        if opcode != _EXTENDED_ARG:
            yield first, unit, row, oparg, end
            first = end
            oparg = 0
        elif end - first > MAX_PREFIXES:
            _misplaced(unit, f"this is prefix {end - first} of one instruction")
        unit = end


def _allowed(code: LoadedCode) -> dict[str, Container[int]]:
    """What each kind of index may be."""
    variables = code.co_localsplusnames
    cells = {*code.co_cellvars, *code.co_freevars}
    return {
        **_OWN_TABLES,
        "constant": range(len(code.co_consts)),
        "name": range(len(code.co_names)),
        "variable": range(len(variables)),
        "cell": {i for i, variable in enumerate(variables) if variable in cells},
        "number of free variables": (len(code.co_freevars),),
    }


def _verify_table(code: LoadedCode, starts: set[int]) -> None:
    """Raises _Flaw unless the exception table is sorted and fits the units."""
    ends = {*starts, len(code.host_offsets)}
    previous_end = 0
    for number, (start, end, target, depth, lasti) in enumerate(code.exception_table):
        problem = ""
        if not previous_end <= start < end:
            problem = "is empty or not sorted"
        elif not (start in starts and end in ends and target in starts):
            problem = "leads to where no instruction begins"
        elif not 0 <= depth <= code.co_stacksize - 1 - lasti:
            problem = f"needs more stack than {code.co_stacksize}"
        if problem:
            text = f"has exception range {number}, units {start} to {end}, which"
            raise _Flaw(f"{text} {problem}", "exceptions", _ENTRY.size * number)
        previous_end = end


# -- to bytes


def _sized(raw: bytes) -> bytes:
    return _SIZE.pack(len(raw)) + raw


def _text_bytes(text: str) -> bytes:
    return _sized(text.encode("utf-8", "surrogatepass"))


def _texts_bytes(texts: tuple[str, ...]) -> bytes:
    return _SIZE.pack(len(texts)) + b"".join(map(_text_bytes, texts))


def _int_bytes(value: int) -> bytes:
    """Two's complement, one bit more than the value has, at least."""
    return value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)


_PLAIN: dict[type, Callable[[Any], bytes]] = {
    int: lambda value: b"i" + _sized(_int_bytes(value)),
    float: lambda value: b"f" + _FLOAT.pack(value),
    complex: lambda value: b"c" + _COMPLEX.pack(value.real, value.imag),
    str: lambda value: b"s" + _text_bytes(value),
    bytes: lambda value: b"b" + _sized(value),
}


def _value_bytes(value: Any, depth: int, where: str) -> bytes:
    """One constant.  Raises TypeError, naming `where`, for what cannot be written."""
    if depth > MAX_DEPTH:
        raise ValueError(f"{where} is nested deeper than {MAX_DEPTH}")
    for tag, single in _SINGLES.items():
        if value is single:
            return tag
    # Exact types: a subclass would come back as something else.
    kind = type(value)
    if kind in _PLAIN:
        return _PLAIN[kind](value)
    if kind is tuple or kind is frozenset:
        items = [_value_bytes(item, depth + 1, where) for item in value]
        if kind is frozenset:
            items.sort()
        tag = b"(" if kind is tuple else b"{"
        return tag + _SIZE.pack(len(items)) + b"".join(items)
    if kind is CodeType:
        value = _lowered(value, where)
    if isinstance(value, LoadedCode):
        return b"C" + _code_bytes(value, depth)
    raise TypeError(f"{where}: {kind.__name__} objects cannot be written")


def _code_bytes(code: LoadedCode, depth: int) -> bytes:
    """One code; constants that are the host's code are lowered for it."""
    parts = [
        *map(_text_bytes, _TEXTS(code)),
        _COUNTS.pack(*_NUMBERS(code)),
        *map(_texts_bytes, _TUPLES(code)),
        _SIZE.pack(len(code.co_consts)),
    ]
    for index, value in enumerate(code.co_consts):
        where = f"constant {index} of {code.co_qualname!r:.80}"
        parts.append(_value_bytes(value, depth + 1, where))
    count = len(code.host_offsets)
    words = (*memoryview(code.co_code).cast("H"), *code.host_offsets)
    parts += (_SIZE.pack(count), struct.pack(f"<{2 * count}H", *words))
    parts.append(_SIZE.pack(len(code.exception_table)))
    return b"".join([*parts, *starmap(_ENTRY.pack, code.exception_table)])


def _described(host: CodeType, *rest: Any) -> LoadedCode:
    """The description of a code; its constants are still the host's.

    `rest` are its units, its host offsets and its exception table.
    """
    own: list[Any] = [*_TEXTS(host), *_NUMBERS(host), *_TUPLES(host), host.co_consts]
    return LoadedCode(*own, *rest)


def _lowered(host: CodeType, where: str) -> LoadedCode:
    """The description of a constant that is code.  ValueError if it is declined."""
    try:
        lowered = lower(host)
    except Declined as error:
        why = f"{error.reason} ({reasons.sentence(error.reason)})"
        text = f"{where}, {host.co_qualname}, is not lowered: {why}"
        raise ValueError(text) from None
    offsets = tuple(memoryview(lowered.host_offsets).cast("H"))
    return _described(host, lowered.units, offsets, tuple(lowered.exception_table))


def dumps(code: AdaptiveCode | LoadedCode) -> bytes:
    """The code, and the code among its constants, as bytes; see the module.

    The same for cold and warm code, and in every process.  Raises TypeError, naming
    the constant, for one that cannot be written; ValueError for code among the
    constants that is declined, with the reason, for what is nested too deep, and for
    what `loads` would refuse.
    """
    try:
        if isinstance(code, AdaptiveCode):
            rest = code.co_code, code.host_offsets, code.exception_table
            code = _described(code.host, *rest)
        elif not isinstance(code, LoadedCode):
            raise TypeError(f"{type(code).__name__} objects are no adaptive code")
        content = _code_bytes(code, 0)
    except RecursionError:
        raise ValueError("the code is nested deeper than the stack allows") from None
    length = _HEAD.size + len(content) + _CRC.size
    host = HOST.encode("ascii")
    text = _HEAD.pack(MAGIC, FORMAT_VERSION, isa.MAGIC, host, length) + content
    return text + _CRC.pack(crc32(text))


def dump(code: AdaptiveCode | LoadedCode, file: SupportsWrite[bytes]) -> None:
    """Write `dumps(code)` to a binary file.  Raises what `dumps` and the file raise."""
    file.write(dumps(code))


# -- from bytes


class _Reader:
    """Reads content whose digest is right: `data[at:end]`, from front to back.

    Raises ValueError, with the byte and what it is about, for anything that `dumps`
    does not write.
    """

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self.data = data
        self.at = at
        self.end = end

    def fail(self, at: int, text: str) -> NoReturn:
        raise ValueError(f"byte {at}: {text}")

    def take(self, size_bytes: int, what: str) -> bytes:
        """The next bytes, `what` being what they are."""
        at = self.at
        if size_bytes > (left := self.end - at):
            self.fail(at, f"{what} needs {size_bytes} bytes, but {left} are left")
        self.at += size_bytes
        return self.data[at : self.at]

    def count(self, item_bytes: int, what: str) -> int:
        """A count of items of at least so many bytes, for which there is room."""
        at = self.at
        count: int = _SIZE.unpack(self.take(_SIZE.size, f"the size of {what}"))[0]
        left = self.end - self.at
        if count * item_bytes > left:
            self.fail(at, f"{what} has {count} items, but {left} bytes are left")
        return count

    def text(self, what: str) -> str:
        raw = self.take(self.count(1, what), what)
        try:
            return raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            at = self.at - len(raw) + error.start
        self.fail(at, f"{what} is not UTF-8")

    def texts(self, what: str) -> tuple[str, ...]:
        count = self.count(_SIZE.size, what)
        return tuple([self.text(what) for _ in range(count)])

    def value(self, depth: int) -> object:
        at = self.at
        if depth > MAX_DEPTH:
            self.fail(at, f"values are nested deeper than {MAX_DEPTH}")
        tag = self.take(1, "a constant")
        if tag in _SINGLES:
            return _SINGLES[tag]
        if tag == b"(":
            return tuple(self.values(depth + 1, "a tuple"))
        if tag == b"{":
            return self.frozenset(depth + 1)
        if tag == b"C":
            return self.code(depth)
        if tag == b"i":
            raw = self.take(self.count(1, "an int"), "an int")
            value = int.from_bytes(raw, "little", signed=True)
            if raw != _int_bytes(value):
                self.fail(at, f"an int takes {len(raw)} bytes where others do")
            return value
        if tag == b"f":
            return _FLOAT.unpack(self.take(_FLOAT.size, "a float"))[0]
        if tag == b"c":
            return complex(*_COMPLEX.unpack(self.take(_COMPLEX.size, "a complex")))
        if tag == b"s":
            return self.text("a str")
        if tag == b"b":
            return self.take(self.count(1, "bytes"), "bytes")
        self.fail(at, f"{tag!r} is no tag of a constant")

    def values(self, depth: int, what: str) -> list[object]:
        # By `map`, which needs no frame of its own at each depth.
        return list(map(self.value, repeat(depth, self.count(1, what))))

    def frozenset(self, depth: int) -> frozenset[object]:
        """The items of a frozenset, which must be sorted and different."""
        at = self.at
        items: list[object] = []
        previous = b""
        for _ in range(self.count(1, "a frozenset")):
            start = self.at
            items.append(self.value(depth))
            encoded = self.data[start : self.at]
            if encoded < previous:
                self.fail(start, "the items of a frozenset are not sorted")
            previous = encoded
        made = frozenset(items)
        if len(made) != len(items):
            self.fail(at, "a frozenset has equal items")
        return made

    def code(self, depth: int) -> LoadedCode:
        """One code, verified."""
        fields: list[Any] = [self.text("the code's name") for _ in range(3)]
        starts = {"counts": self.at}
        fields += _COUNTS.unpack(self.take(_COUNTS.size, "the counts"))
        for what in ("names", "variables", "cells", "free variables"):
            fields.append(self.texts(f"the {what}"))
        fields.append(tuple(self.values(depth + 1, "the constants")))
        count = self.count(2 * isa.UNIT_BYTES, "the units")
        size_bytes = isa.UNIT_BYTES * count
        starts["units"] = self.at
        starts["host offsets"] = self.at + size_bytes
        words = struct.unpack(f"<{2 * count}H", self.take(2 * size_bytes, "the units"))
        fields += (array("H", words[:count]).tobytes(), words[count:])
        count = self.count(_ENTRY.size, "the exception table")
        starts["exceptions"] = self.at
        table = self.take(_ENTRY.size * count, "the exception table")
        fields.append(tuple(_ENTRY.iter_unpack(table)))
        if table != b"".join(starmap(_ENTRY.pack, fields[-1])):
            self.fail(starts["exceptions"], "an exception range holds a false bool")
        try:
            return LoadedCode(*fields)
        except _Flaw as flaw:
            at, text = starts[flaw.part] + flaw.offset_bytes, str(flaw)
        self.fail(at, text)


def _content(data: bytes) -> tuple[int, int]:
    """Where the content of a file begins and ends.  Raises as `loads` does."""
    size = len(data)
    if not MAGIC.startswith(data[: len(MAGIC)]):
        raise ValueError("byte 0: this is no file of adaptive code")
    if size < _HEAD.size:
        raise EOFError(f"byte {size}: the file ends within its head of {_HEAD.size}")
    _, version, magic, host, length = _HEAD.unpack_from(data)
    if version != FORMAT_VERSION:
        raise ValueError(f"byte 8: format {version}, not {FORMAT_VERSION}")
    if magic != isa.MAGIC:
        raise ValueError(f"byte 10: instruction set {magic:#x}, not {isa.MAGIC:#x}")
    if host != HOST.encode("ascii").ljust(len(host), b"\0"):
        text = host.rstrip(b"\0").decode("ascii", "backslashreplace")
        raise ValueError(f"byte 18: made on {text!r}, not on {HOST!r}")
    end = length - _CRC.size
    if end < _HEAD.size:
        raise ValueError(f"byte 34: a length of {length} bytes leaves no content")
    if size < length:
        raise EOFError(f"byte {size}: the file ends here, not at byte {length}")
    if size > length:
        raise ValueError(f"byte {length}: the file goes on after its digest")
    if _CRC.unpack_from(data, end) != (crc32(data[:end]),):
        raise ValueError(f"byte {end}: the digest is not that of the bytes before it")
    return _HEAD.size, end


def loads(data: ReadableBuffer) -> LoadedCode:
    """The code that `dumps` wrote: verified, and nothing of it run.

    Raises EOFError for a file that is cut off; ValueError for one that is foreign, of
    another instruction set or host, damaged, or whose content cannot be code: one
    sentence with the byte; TypeError for what is not bytes.  Nothing else.
    """
    text = memoryview(data).tobytes()
    reader = _Reader(text, 0, 0)
    try:
        reader.at, reader.end = _content(text)
        code = reader.code(0)
    except RecursionError:
        nested = "values are nested deeper than the stack allows"
        raise ValueError(f"byte {reader.at}: {nested}") from None
    if reader.at != reader.end:
        reader.fail(reader.at, f"{reader.end - reader.at} bytes follow the code")
    return code


def load(file: SupportsRead[bytes]) -> LoadedCode:
    """Read a binary file to its end.  Raises what `loads` and the file raise."""
    return loads(file.read())
