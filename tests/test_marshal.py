"""Code units to bytes and back: exact, the same everywhere, and safe with any bytes.

`content` and `sealed` write the format by hand, as the module's docstring says it, so
that what is hostile can be written too.
"""

from __future__ import annotations

import io
import marshal as host_marshal
import random
import re
import struct
import sys
import sysconfig
import tracemalloc
from binascii import crc32
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
import support
from hypothesis import given, settings
from hypothesis import strategies as st

import adaptive
from adaptive import deopt, isa, listing, marshal
from adaptive.lowering import iterate, lower

#: Modules of the standard library that make the round trip, and that are damaged.
MODULES = 80
#: Calls that must be possible for the test's own call of `loads` to come about.
CALLS_AT_LEAST = 12
#: Depths of the stack at which it is called.
ATTEMPTS = 450
#: More than any content here needs, less than any forged size asks for.
MODEST_BYTES = 4_000_000

HEAD = struct.Struct("<8sHQ16sQ")
HOST = sys.implementation.cache_tag.encode()
FIELDS = (
    "co_name co_qualname co_filename co_firstlineno co_flags co_argcount"
    " co_posonlyargcount co_kwonlyargcount co_stacksize co_names co_varnames"
    " co_cellvars co_freevars"
).split()

UNKNOWN = next(number for number in range(256) if number not in isa.BY_NUMBER)
FORM = next(row.name for row in isa.INSTRUCTIONS if row.base != row.name)


def small(a: object, *rest: object, key: object = None) -> object:
    """Has most of what a code object can have."""
    total = [a]
    try:
        for item in rest:
            if item in {"left", "right", 3.5}:
                total.append(lambda: (total, key))
    except ValueError:
        return -0.0
    return total


def walk(code: CodeType) -> Iterator[CodeType]:
    """A code object and all that are nested in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from walk(constant)


@cache
def stdlib_codes() -> tuple[CodeType, ...]:
    """A spread of the modules of the installed standard library, compiled."""
    root = Path(sysconfig.get_path("stdlib"))
    files = sorted(path for path in root.rglob("*.py") if "data" not in path.parts)
    files = [path for path in files if "site-packages" not in path.parts]
    codes = []
    for path in islice(files, 0, None, max(1, len(files) // MODULES)):
        try:
            codes.append(compile(path.read_bytes(), path.name, "exec", 0, True))
        except SyntaxError:
            continue
    return tuple(codes)


def dumped(function: Any) -> bytes:
    return marshal.dumps(adaptive.code(function))


def with_constants(*constants: object) -> CodeType:
    """A function that returns the first one and holds the others."""
    namespace: dict[str, Any] = {}
    exec("def holder(): return 'here'", namespace)
    code: CodeType = namespace["holder"].__code__
    first = code.co_consts.index("here")
    return code.replace(co_consts=(None,) * first + constants)


def exact(value: object) -> object:
    """What tells a constant from every other, bit by bit."""
    if isinstance(value, float):
        return float, struct.pack("<d", value)
    if isinstance(value, complex):
        return complex, struct.pack("<dd", value.real, value.imag)
    if isinstance(value, tuple):
        return tuple, tuple(map(exact, value))
    if isinstance(value, frozenset):
        return frozenset, tuple(sorted(repr(exact(item)) for item in value))
    return type(value), value


# -- the format by hand


def sized(raw: bytes) -> bytes:
    return struct.pack("<Q", len(raw)) + raw


def texts(*names: str) -> bytes:
    encoded = [sized(name.encode()) for name in names]
    return struct.pack("<Q", len(encoded)) + b"".join(encoded)


def unit(name: str, oparg: int = 0, *cells: int) -> bytes:
    """One instruction; its caches are zero unless they are given."""
    count = isa.CACHE_UNITS[isa.NUMBER[name]]
    words = [isa.NUMBER[name] | oparg << 8, *(cells or (0,) * count)]
    return struct.pack(f"<{len(words)}H", *words)


START = unit("RESUME")
END = unit("LOAD_CONST") + unit("RETURN_VALUE")


def content(
    body: bytes = START + END,
    *,
    consts: tuple[bytes, ...] = (b"N",),
    offsets: tuple[int, ...] | None = None,
    table: tuple[tuple[int, ...], ...] = (),
    counts: tuple[int, ...] = (1, 3, 0, 0, 0, 2),
    lists: tuple[tuple[str, ...], ...] = ((), (), (), ()),
) -> bytes:
    """One code: firstlineno 1, flags 3, no arguments, stack of 2 unless told else."""
    count = len(body) // 2
    offsets = tuple(range(count)) if offsets is None else offsets
    parts = [sized(b"f"), sized(b"m.f"), sized(b"file"), struct.pack("<6i", *counts)]
    parts += [texts(*names) for names in lists]
    parts += [struct.pack("<Q", len(consts)), *consts]
    parts += [struct.pack("<Q", count), body, struct.pack(f"<{count}H", *offsets)]
    parts.append(struct.pack("<Q", len(table)))
    parts += [struct.pack("<HHHIB", *row) for row in table]
    return b"".join(parts)


def sealed(text: bytes, **head: Any) -> bytes:
    """A file around this content, its length and digest right."""
    length = HEAD.size + len(text) + 4
    values = {
        "magic": b"\x93adapt\r\n",
        "version": 1,
        "isa": isa.MAGIC,
        "host": HOST,
        "length": length,
        **head,
    }
    whole = HEAD.pack(*values.values()) + text
    return whole + struct.pack("<I", crc32(whole))


def test_the_format_is_the_documented_one() -> None:
    """Written by hand and by `dumps`, the same code is the same bytes."""
    loaded = marshal.loads(sealed(content()))
    assert (loaded.co_name, loaded.co_qualname, loaded.co_filename) == (
        *("f", "m.f"),
        "file",
    )
    assert (loaded.co_consts, loaded.co_code) == ((None,), START + END)
    assert marshal.dumps(loaded) == sealed(content())
    host = compile("a\n", "file", "exec")
    lowered = lower(host)
    written = content(
        bytes(lowered.units),
        offsets=tuple(memoryview(lowered.host_offsets).cast("H")),
        counts=(1, host.co_flags, 0, 0, 0, host.co_stacksize),
        lists=(("a",), (), (), ()),
    )
    renamed = host.replace(co_name="f", co_qualname="m.f")
    assert dumped(renamed) == sealed(written)


# -- round trips


def assert_described(loaded: marshal.LoadedCode, host: CodeType) -> None:
    """Every field of a loaded code, and of the code nested in it."""
    code = adaptive.code(host)
    for field in FIELDS:
        assert getattr(loaded, field) == getattr(host, field), field
    assert loaded.co_code == code.co_code == bytes(loaded.units)
    assert loaded.co_code == deopt.clean(code._co_code_adaptive)
    assert loaded.host_offsets == code.host_offsets
    assert loaded.exception_table == code.exception_table
    assert len(loaded.co_consts) == len(host.co_consts)
    for ours, theirs in zip(loaded.co_consts, host.co_consts, strict=True):
        if isinstance(theirs, CodeType):
            assert isinstance(ours, marshal.LoadedCode)
            assert_described(ours, theirs)
        else:
            assert exact(ours) == exact(theirs)
    for index, name in enumerate(loaded.co_localsplusnames):
        assert host._varname_from_oparg(index) == name  # type: ignore[attr-defined]


def test_standard_library() -> None:
    """S0-33: each code comes back as it was lowered, one encoding for each."""
    count = 0
    for host in stdlib_codes():
        data = dumped(host)
        loaded = marshal.loads(data)
        assert_described(loaded, host)
        assert marshal.dumps(loaded) == data
        count += sum(1 for _ in walk(host))
    assert count > 10 * MODULES


def test_files() -> None:
    file = io.BytesIO()
    marshal.dump(adaptive.code(small), file)
    assert file.getvalue() == dumped(small)
    file.seek(0)
    assert marshal.load(file) == marshal.loads(dumped(small))
    for data in (bytearray(dumped(small)), memoryview(dumped(small))):
        assert marshal.loads(data) == marshal.loads(dumped(small))


FLOATS = st.integers(0, 2**64 - 1).map(
    lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0]
)
SURROGATES = st.lists(st.integers(0, 0x10FFFF).map(chr)).map("".join)
PLAIN = st.one_of(
    st.sampled_from([None, False, True, ..., 0, 1, -0.0, 0.0, "\ud800\udc00", ""]),
    st.integers(),
    st.tuples(st.sampled_from([1, -1]), st.integers(0, 300)).map(
        lambda pair: pair[0] << pair[1]
    ),
    FLOATS,
    st.builds(complex, FLOATS, FLOATS),
    st.binary(),
    SURROGATES,
)
CONSTANTS = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple), st.frozensets(inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=400)
@given(st.lists(CONSTANTS, min_size=1, max_size=4))
def test_constants(constants: list[object]) -> None:
    """Types, signs of zero, payloads of NaN, surrogates: all of it comes back."""
    host = with_constants(*constants)
    data = dumped(host)
    loaded = marshal.loads(data)
    assert exact(loaded.co_consts) == exact(host.co_consts)
    assert marshal.dumps(loaded) == data
    assert loaded == marshal.loads(data)


@pytest.mark.parametrize("bits", [0x7FF8 << 48, 0x7FF0 << 48 | 1, 0xFFF8 << 48 | 99])
def test_payloads_of_nan(bits: int) -> None:
    """Two NaNs in one set stay two; quiet, signaling and negative ones stay so."""
    raw = struct.pack("<Q", bits)
    (value,) = struct.unpack("<d", raw)
    (other,) = struct.unpack("<d", raw)
    loaded = marshal.loads(dumped(with_constants(frozenset((value, other)), value)))
    found = loaded.co_consts[-2]
    assert isinstance(found, frozenset)
    assert [struct.pack("<d", item) for item in found] == [raw, raw]
    assert struct.pack("<d", loaded.co_consts[-1]) == raw


def test_equality_is_of_content() -> None:
    """Bit by bit, nested code too, and the hash with it."""
    values = [0, 0.0, -0.0, False, "0", b"0", (0,), frozenset((0,)), small.__code__]
    loaded = [marshal.loads(dumped(with_constants(value))) for value in values]
    again = [marshal.loads(dumped(with_constants(value))) for value in values]
    for row, one in enumerate(loaded):
        for column, other in enumerate(again):
            assert (one == other) == (row == column)
        assert hash(one) == hash(again[row])
    assert len({*loaded, *again}) == len(values)
    assert loaded[0] != dumped(with_constants(0))


def test_loaded_code_is_immutable() -> None:
    loaded = marshal.loads(dumped(small))
    with pytest.raises(AttributeError):
        loaded.co_name = "other"  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        loaded.other = 1  # type: ignore[attr-defined]
    before = marshal.dumps(loaded)
    loaded.units.write_arg(0, 255)
    assert marshal.dumps(loaded) == before
    assert "small, " in repr(loaded)


# -- the same bytes


def test_warm_code_is_written_as_cold() -> None:
    """S0-35, S0-34: byte for byte, although counters and opcodes have changed.

    What the engine has not specialized by itself is given a form and data here.
    """
    source = """
    def outer(n):
        def inner(x):
            return x + x
        total = 0
        for number in range(n):
            total = total + inner(number) if number in {1, 2, 3} else -number
        return [total, str(total), n.real]
    """
    outer = support.function(source, "outer")
    cold = dumped(outer)
    with support.hot_engine():
        for _ in range(200):
            outer(300)
    code = adaptive.code(outer)
    for _, opcode, _, end in iterate(bytes(code.units)):
        at = end - 1 - isa.CACHE_UNITS[opcode]
        for name in deopt.forms(deopt.base_name(isa.BY_NUMBER[opcode].name)):
            code.units.compare_exchange_op(at, opcode, isa.NUMBER[name])
        for cell in range(2, end - at):
            code.units.write_cache_u16(at, cell, 0xBEEF)
    code.units.quicken()
    changed = code._co_code_adaptive
    names = {isa.BY_NUMBER[opcode].name for _, opcode, _, _ in iterate(changed)}
    assert any(deopt.base_name(name) != name for name in names)
    assert changed != code.co_code
    assert len(code._co_code_adaptive) == len(code.co_code)
    assert dumped(outer) == cold
    assert marshal.loads(cold).co_code == deopt.clean(code._co_code_adaptive)


def test_the_hosts_own_marshal_is_untouched() -> None:
    """S0-35: what the host writes of code does not show that the engine ran it."""
    function = support.function("def f(n):\n    return [i + 1 for i in range(n)]\n")
    # Version 2 marks no shared objects, which depends on who else refers to them.
    cold = host_marshal.dumps(function.__code__, 2)
    with support.hot_engine():
        for _ in range(100):
            function(50)
    assert host_marshal.dumps(function.__code__, 2) == cold
    assert host_marshal is not marshal


WRITER = """
import hashlib, sys
import adaptive
from adaptive import marshal
names = {f"name{n}" for n in range(50)}
source = f"def f(x): return x in {{{', '.join(sorted(map(repr, names)))}}}"
codes = [compile(source, "<program>", "exec", 0, True)]
for module in ("argparse", "dataclasses", "enum", "typing"):
    path = __import__(module).__file__
    with open(path, "rb") as file:
        codes.append(compile(file.read(), module, "exec", 0, True))
digest = hashlib.sha256()
for code in codes:
    digest.update(marshal.dumps(adaptive.code(code)))
order = list(codes[0].co_consts[0].co_consts[-1])
print(digest.hexdigest(), hash(tuple(order)))
"""


def test_every_process_writes_the_same() -> None:
    """S0-35: across runs, whatever the order in which sets are walked."""
    done = [support.python("-c", WRITER, PYTHONHASHSEED=seed) for seed in "1234"]
    assert [run.stderr for run in done] == [""] * len(done)
    words = [run.stdout.split() for run in done]
    assert len({digest for digest, _ in words}) == 1
    assert len({order for _, order in words}) > 1


# -- what cannot be written


class Number(int):
    """An int that would come back as another type."""


class Word(str):
    """A str that would come back as another type."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ([1], "list"),
        (Number(1), "Number"),
        (Word("word"), "Word"),
        ((1, (2, {})), "dict"),
        (frozenset({(object(),)}), "object"),
        (range(3), "range"),
        (bytearray(), "bytearray"),
    ],
)
def test_constants_that_cannot_be_written(value: object, kind: str) -> None:
    host = with_constants(0, value)
    where = f"constant {len(host.co_consts) - 1} of 'holder'"
    message = f"^{where}: {kind} objects cannot be written$"
    with pytest.raises(TypeError, match=message):
        dumped(host)
    nested = with_constants(host)
    with pytest.raises(TypeError, match=message):
        dumped(nested)


def test_declined_code_among_the_constants() -> None:
    inner = with_constants(0).replace(co_code=bytes(4), co_qualname="its.name")
    assert adaptive.declined(inner) == "unknown_opcode"
    with pytest.raises(ValueError, match=r"its\.name, is not lowered: unknown_opcode"):
        dumped(with_constants(inner))


def test_only_adaptive_code_is_written() -> None:
    for thing in (small, small.__code__, None, b""):
        with pytest.raises(TypeError, match="objects are no adaptive code"):
            marshal.dumps(thing)  # type: ignore[arg-type]
    for text in ("text", None, 5):
        with pytest.raises(TypeError):
            marshal.loads(text)  # type: ignore[arg-type]


def nested(depth: int) -> object:
    value: object = 0
    for _ in range(depth):
        value = (value,)
    return value


def test_nesting_has_a_limit() -> None:
    """At the limit it is written and read, beyond it neither."""
    loaded = marshal.loads(dumped(with_constants(nested(marshal.MAX_DEPTH - 1))))
    assert exact(loaded.co_consts[-1]) == exact(nested(marshal.MAX_DEPTH - 1))
    for depth in (marshal.MAX_DEPTH, 500):
        with pytest.raises(ValueError, match="nested deeper than"):
            dumped(with_constants(nested(depth)))


# -- what is refused


def refused(data: bytes) -> str:
    """The sentence of the ValueError or EOFError that these bytes get."""
    with pytest.raises((ValueError, EOFError), match=r"^byte \d+: ") as caught:
        marshal.loads(data)
    assert caught.type in (ValueError, EOFError)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_truncation_is_the_end_of_the_file() -> None:
    for data in (dumped(small), sealed(content())):
        for size in range(len(data)):
            with pytest.raises(EOFError, match=f"^byte {size}: the file ends"):
                marshal.loads(data[:size])


def test_every_changed_byte_is_seen() -> None:
    data = sealed(content(consts=(b"s" + sized(b"text"),)))
    for place in range(len(data)):
        for value in range(256):
            if value != data[place]:
                refused(data[:place] + bytes([value]) + data[place + 1 :])


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({"magic": b"\x93adapt\n\0"}, "byte 0: this is no file of adaptive code"),
        ({"magic": b"PK\3\4...."}, "byte 0: this is no file of adaptive code"),
        ({"version": 2}, "byte 8: format 2, not 1"),
        ({"version": 0}, "byte 8: format 0, not 1"),
        ({"isa": isa.MAGIC ^ 1}, f"byte 10: instruction set {isa.MAGIC ^ 1:#x}, not"),
        ({"isa": isa.MAGIC + 2**32}, "byte 10: instruction set"),
        ({"host": b"cpython-27"}, "byte 18: made on 'cpython-27', not on"),
        ({"host": HOST + b"x"}, "byte 18: made on"),
        ({"host": b"\xff\n"}, r"byte 18: made on '\\xff"),
        ({"length": 0}, "byte 34: a length of 0 bytes leaves no content"),
        ({"length": HEAD.size + 3}, "byte 34: a length of"),
        ({"length": HEAD.size + 4}, f"byte {HEAD.size + 4}: the file goes on"),
        ({"length": 2**64 - 1}, "the file ends here, not at byte"),
    ],
)
def test_foreign_heads(head: dict[str, Any], message: str) -> None:
    """Other files, formats, instruction sets and hosts are named."""
    assert message in refused(sealed(content(), **head))


def test_what_stands_behind_the_file() -> None:
    data = sealed(content())
    assert refused(data + b"\0").startswith(f"byte {len(data)}: the file goes on")
    at = HEAD.size + len(content())
    assert refused(sealed(content() + b"\0")) == f"byte {at}: 1 bytes follow the code"
    assert "the digest is not" in refused(data[:-1] + bytes([data[-1] ^ 1]))


BINARY = unit("BINARY_OP")
JUMP = "JUMP_FORWARD"
EXTENDED = unit("EXTENDED_ARG")

#: Content that is refused, what is said of it, and at which unit.
HOSTILE: dict[str, tuple[dict[str, Any], str, int | None]] = {
    "unknown opcode": ({"body": START + bytes([UNKNOWN, 0]) + END}, "no base", 1),
    "form": ({"body": START + unit(FORM) + END}, f"{FORM}) is no base", 1),
    "cache": ({"body": START + unit("CACHE") + END}, "(CACHE) is no base", 1),
    "full cache": (
        {"body": START + unit("BINARY_OP", 0, 0, 0, 0, 0, 1) + END},
        "the caches of BINARY_OP are not zero",
        1,
    ),
    "cut caches": ({"body": START + BINARY[:-2]}, "BINARY_OP is cut off", 1),
    "last prefix": ({"body": START + EXTENDED}, "EXTENDED_ARG is cut off", 1),
    "prefixes": ({"body": START + EXTENDED * 4 + END}, "this is prefix 4", 4),
    "falls off": ({"body": START + unit("NOP")}, "NOP is the last instruction", 1),
    "no units": ({"body": b""}, "0 host offsets", None),
    "jump into caches": ({"body": unit(JUMP, 1) + BINARY + END}, "leads into no", 0),
    "jump to the end": ({"body": unit(JUMP, 2) + END}, "leads into no", 0),
    "jump beyond": ({"body": unit(JUMP, 200) + END}, "leads into no", 0),
    "jump behind a prefix": (
        {"body": unit(JUMP, 1) + EXTENDED + END},
        "leads into no instruction, to 2",
        0,
    ),
    "jump before": (
        {"body": START + unit("JUMP_BACKWARD", 4) + END},
        "leads into no instruction, to -1",
        1,
    ),
    "wide jump": (
        {"body": START + unit("EXTENDED_ARG", 1) + unit(JUMP, 0) + END},
        "leads into no instruction, to 259",
        2,
    ),
    "constant": ({"body": unit("LOAD_CONST", 1) + END}, "LOAD_CONST 1 is out", 0),
    "no constants": ({"consts": ()}, "LOAD_CONST 0 is out", 1),
    "wide constant": (
        {"body": unit("EXTENDED_ARG", 1) + END},
        "LOAD_CONST 256 is out",
        1,
    ),
    "name": ({"body": unit("LOAD_NAME") + END}, "LOAD_NAME 0 is out", 0),
    "name below a bit": (
        {"body": unit("LOAD_ATTR", 3) + END, "lists": (("a",), (), (), ())},
        "LOAD_ATTR 3 is out",
        0,
    ),
    "variable": (
        {"body": unit("LOAD_FAST", 3) + END, "lists": ((), ("a",), ("b",), ("c",))},
        "LOAD_FAST 3 is out",
        0,
    ),
    "cell": (
        {"body": unit("LOAD_DEREF", 0) + END, "lists": ((), ("a",), ("b",), ("c",))},
        "LOAD_DEREF 0 is out",
        0,
    ),
    "free variables": (
        {"body": unit("COPY_FREE_VARS", 2) + END, "lists": ((), (), (), ("c",))},
        "COPY_FREE_VARS 2 is out",
        0,
    ),
    "operator": ({"body": unit("BINARY_OP", 27) + END}, "BINARY_OP 27 is out", 0),
    "comparison": ({"body": unit("COMPARE_OP", 6 << 5) + END}, "COMPARE_OP 192", 0),
    "intrinsic": ({"body": unit("CALL_INTRINSIC_1", 0) + END}, "INTRINSIC_1 0", 0),
    "attribute": ({"body": unit("SET_FUNCTION_ATTRIBUTE", 3) + END}, "BUTE 3", 0),
    "conversion": ({"body": unit("CONVERT_VALUE", 4) + END}, "CONVERT_VALUE 4", 0),
    "offsets": ({"offsets": (0, 2, 1)}, "at unit 2: the host offset falls", None),
    "empty range": ({"table": ((1, 1, 2, 0, 0),)}, "is empty or not", None),
    "ranges unsorted": (
        {"table": ((1, 2, 2, 0, 0), (0, 1, 2, 0, 0))},
        "exception range 1, units 0 to 1, which is empty or not sorted",
        None,
    ),
    "range beyond": ({"table": ((0, 4, 2, 0, 0),)}, "leads to where no", None),
    "handler beyond": ({"table": ((0, 2, 3, 0, 0),)}, "leads to where no", None),
    "range in caches": (
        {"body": START + BINARY + END, "table": ((2, 7, 0, 0, 0),)},
        "leads to where no",
        None,
    ),
    "deep range": ({"table": ((0, 2, 2, 2, 0),)}, "more stack than 2", None),
    "deep lasti": ({"table": ((0, 2, 2, 1, 1),)}, "more stack than 2", None),
    "false bool": ({"table": ((0, 2, 2, 0, 2),)}, "a false bool", None),
    "arguments": ({"counts": (1, 3, 1, 0, 0, 2)}, "no signature has", None),
    "star": ({"counts": (1, 7, 0, 0, 0, 2)}, "no signature has", None),
    "positional": ({"counts": (1, 3, 0, 1, 0, 2)}, "no signature has", None),
    "negative": ({"counts": (1, 3, 0, 0, -1, 2)}, "no signature has", None),
    "negative stack": ({"counts": (1, 3, 0, 0, 0, -2)}, "no signature has", None),
    "negative flags": ({"counts": (1, -1, 0, 0, 0, 2)}, "no signature has", None),
    "unknown tag": ({"consts": (b"?",)}, "b'?' is no tag", None),
    "long int": ({"consts": (b"i" + sized(b"\1\0"),)}, "an int takes 2 bytes", None),
    "empty int": ({"consts": (b"i" + sized(b""),)}, "an int takes 0 bytes", None),
    "not UTF-8": ({"consts": (b"s" + sized(b"a\xff"),)}, "is not UTF-8", None),
    "unsorted set": (
        {"consts": (b"{" + struct.pack("<Q", 2) + b"TN",)},
        "are not sorted",
        None,
    ),
    "equal items": (
        {"consts": (b"{" + struct.pack("<Q", 2) + b"Ti" + sized(b"\1"),)},
        "has equal items",
        None,
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_content(case: str) -> None:
    """Only base opcodes are taken, that lead nowhere but into the code.

    The digest is right, so it is the content that is refused, and where.
    """
    parts, message, at_unit = HOSTILE[case]
    text = content(**parts)
    said = refused(sealed(text))
    assert message in said
    if at_unit is not None:
        body = parts.get("body", START + END)
        at = HEAD.size + text.index(body) + 2 * at_unit
        assert said.startswith(f"byte {at}: 'm.f' at unit {at_unit}: ")


@pytest.mark.parametrize(
    "parts",
    [
        {"body": START + EXTENDED * 3 + END},
        {"body": unit("EXTENDED_ARG", 1) + unit(JUMP, 0) + unit("NOP") * 256 + END},
        {"body": unit(JUMP, 6) + BINARY + EXTENDED + END},
        {"body": START + unit("JUMP_BACKWARD", 3)},
        {"body": unit("LOAD_DEREF", 1) + END, "lists": ((), ("a",), ("b",), ())},
        {"body": unit("LOAD_FAST", 1) + END, "lists": ((), ("a",), ("a",), ("c",))},
        {"body": unit("LOAD_ATTR", 1) + END, "lists": (("a",), (), (), ())},
        {"table": ((0, 1, 2, 0, 0), (1, 3, 2, 0, 1))},
        {"offsets": (0, 0, 65535)},
        {"consts": (b"N", b"{" + struct.pack("<Q", 2) + b"NT")},
    ],
)
def test_near_misses_are_taken(parts: dict[str, Any]) -> None:
    """What is one step inside of what is refused above."""
    data = sealed(content(**parts))
    assert marshal.dumps(marshal.loads(data)) == data


def test_dumps_refuses_what_loads_would() -> None:
    """Code that the host's compiler never makes, but that can be lowered."""
    host = with_constants(0)
    raw = host.co_code
    endless = host.replace(co_code=raw[: len(raw) - 2])
    assert adaptive.declined(endless) is None
    with pytest.raises(ValueError, match="'holder' at unit 1: LOAD_CONST is the last"):
        dumped(endless)


def test_indexes_are_those_that_listings_show() -> None:
    """Two modules know what arguments mean; they know the same."""
    kinds = {
        kind: {isa.BY_NUMBER[n].name for n, row in operands.items() if row[0] == kind}
        for operands in (marshal._OPERANDS,)
        for kind in ("constant", "variable", "cell", "name")
    }
    assert kinds["constant"] == listing._CONSTANTS
    assert kinds["variable"] | kinds["cell"] == listing._VARIABLES
    assert kinds["name"] == set(listing._NAMES)
    for name, shift in listing._NAMES.items():
        assert marshal._OPERANDS[isa.NUMBER[name]] == ("name", shift)
    others = {isa.BY_NUMBER[number].name for number in marshal._OPERANDS}
    assert others - {"COPY_FREE_VARS"} == (
        listing._CONSTANTS
        | listing._VARIABLES
        | set(listing._NAMES)
        | set(listing._TABLES)
    )


# -- sizes, depths and damage


def test_forged_sizes_ask_for_no_memory() -> None:
    """Anywhere in the content, a huge count is refused before it is believed."""
    text = dumped(small)[HEAD.size : -4]
    files = [
        sealed(text[:place] + struct.pack("<Q", size) + text[place + 8 :])
        for place in range(len(text) - 8)
        for size in (2**64 - 1, 2**63, 2**40, 2**31)
    ]
    tracemalloc.start()
    try:
        counted = sum("bytes are left" in refused_or_taken(data) for data in files)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counted > 100
    assert peak_bytes < MODEST_BYTES


def refused_or_taken(data: bytes) -> str:
    """What is said of bytes whose digest is right; empty if they are taken.

    Nothing but a ValueError may refuse them.  What is taken is written again as it
    was, and is clean.
    """
    try:
        loaded = marshal.loads(data)
    except ValueError as error:
        return str(error)
    assert marshal.dumps(loaded) == data
    assert deopt.clean(loaded.co_code) == loaded.co_code
    return ""


@pytest.mark.parametrize("tag", [b"(", b"{"])
def test_deep_values(tag: bytes) -> None:
    """Far deeper than the stack is, and said with the byte."""
    level = tag + struct.pack("<Q", 1)
    for depth in (marshal.MAX_DEPTH, 100_000):
        said = refused(sealed(content(consts=(level * depth + b"N",))))
        assert f"nested deeper than {marshal.MAX_DEPTH}" in said
    inside = level * (marshal.MAX_DEPTH - 1) + b"N"
    assert refused_or_taken(sealed(content(consts=(inside,)))) == ""


def test_deep_code() -> None:
    text = content()
    for depth in range(1, marshal.MAX_DEPTH + 5):
        text = content(consts=(b"C" + text,))
        said = refused_or_taken(sealed(text))
        # The constants of the innermost one lie one deeper than itself.
        assert ("nested deeper" in said) == (depth + 1 > marshal.MAX_DEPTH)


def test_little_stack_left() -> None:
    """Deep in somebody's recursion, a deep value is refused like a too deep one."""
    level = b"(" + struct.pack("<Q", 1)
    data = sealed(content(consts=(level * 120 + b"N",)))
    said: list[str] = []

    def dive() -> None:
        """To the bottom of the stack; on the way up, one attempt at each depth."""
        with suppress(RecursionError):
            dive()
        if len(said) < ATTEMPTS:
            try:
                said.append(refused_or_taken(data).partition(": ")[2])
            except RecursionError:
                said.append("no room for the call")

    dive()
    nested = "values are nested deeper than the stack allows"
    assert set(said[CALLS_AT_LEAST:]) == {"", nested}
    assert set(said[:CALLS_AT_LEAST]) <= {"no room for the call", nested}


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Valid content with a few bytes changed, put in, taken out or repeated."""
    text = draw(st.sampled_from(valid_contents()))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 9)))
        middle = draw(
            st.one_of(
                st.binary(max_size=9),
                st.just(text[start:end] * 2),
                st.sampled_from([1, -1, 8]).map(
                    lambda step, old=text[start:end]: bytes(
                        (byte + step) & 0xFF for byte in old
                    )
                ),
            )
        )
        text = text[:start] + middle + text[end:]
    return text


@cache
def valid_contents() -> tuple[bytes, ...]:
    """The content of short files."""
    files = [dumped(code) for top in stdlib_codes()[:20] for code in walk(top)]
    short = [data for data in files if len(data) < 1500][:60]
    return tuple(data[HEAD.size : -4] for data in (dumped(small), *short))


@settings(deadline=None, max_examples=1500)
@given(damaged())
def test_damage_with_a_right_digest(text: bytes) -> None:
    """Nothing but a ValueError comes, and nothing wrong is taken."""
    refused_or_taken(sealed(text))


def test_random_damage_is_mostly_refused() -> None:
    """One byte changed at each place: names may change, structure may not."""
    text = dumped(small)[HEAD.size : -4]
    choice = random.Random(7)
    said = [
        refused_or_taken(
            sealed(text[:at] + bytes([choice.randrange(256)]) + text[at + 1 :])
        )
        for at in range(len(text))
    ]
    refusals = {re.sub(r"\d+|'.*?'", "#", sentence) for sentence in said}
    assert "" in refusals
    assert len(refusals) > 15


@settings(deadline=None, max_examples=500)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes(data: bytes, with_head: bool) -> None:
    """No bytes do harm, with a right head and digest or without."""
    if with_head:
        assert refused_or_taken(sealed(data))
    else:
        refused(data)
