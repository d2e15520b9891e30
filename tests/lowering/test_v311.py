"""The lowering of CPython 3.11's bytecode, held against what `dis` says of the host's.

The round trip is run over part of the standard library and over functions written to
be awkward; the cases after it pin the exact form of each rule.
"""

from __future__ import annotations

import dis
import opcode
import sys
import sysconfig
from array import array
from functools import cache
from itertools import islice
from pathlib import Path
from types import CodeType

import pytest

from adaptive import isa

if sys.version_info[:2] != (3, 11):
    pytest.skip("the host is not 3.11", allow_module_level=True)

from adaptive.lowering import Declined, common, iterate, lower, v311

from .roundtrip import all_codes, check, compiled, decode, function, landing

#: CPython's compiler never emits it as an instruction, and the host cannot run it.
NEVER_RUN = {"CACHE"}
#: Modules of the standard library that are read; every code object in them is.
MODULES = 200
#: By opcode; private, but `dis` itself reads it.
HOST_CACHES: list[int] = opcode._inline_cache_entries  # type: ignore[attr-defined]
#: What the compiler or the specializer of 3.11 writes.
HOST_OPCODES: dict[str, int] = dis._all_opmap  # type: ignore[attr-defined]


@cache
def stdlib_files() -> tuple[Path, ...]:
    """A spread of the installed standard library, the same every time."""
    root = Path(sysconfig.get_path("stdlib"))
    files = sorted(
        path
        for path in root.rglob("*.py")
        if "site-packages" not in path.parts and "data" not in path.parts
    )
    return tuple(islice(files, 0, None, max(1, len(files) // MODULES)))


def assemble(*rows: tuple[str, int], table: bytes = b"") -> CodeType:
    """A code object of exactly these host instructions, zeroed caches added."""
    raw = bytearray()
    for name, oparg in rows:
        number = opcode.opmap[name]
        raw += bytes([number, oparg])
        raw += bytes(2 * HOST_CACHES[number])
    return with_bytes(bytes(raw), table)


def with_bytes(raw: bytes, table: bytes = b"") -> CodeType:
    """A code object of exactly these bytes; it is only ever read."""
    plain = function("def f(a, b): return a")
    return plain.replace(co_code=raw, co_exceptiontable=table)


def names_of(code: CodeType) -> list[str]:
    """The names of the canonical instructions."""
    return [ours.name for ours in decode(lower(code).units)]


@pytest.mark.parametrize("path", stdlib_files(), ids=lambda path: path.stem)
def test_stdlib_round_trip(path: Path) -> None:
    try:
        module = compiled(path.read_bytes())
    except (SyntaxError, ValueError):
        pytest.skip("not 3.11 source")
    for code in all_codes(module):
        check(code)


# -- every host instruction

AWKWARD = """
from os import *
import sys as system
from os.path import join
x: int = +1
del x
def everything(a, /, b=1, *c, d: int = 2, **e):
    global made, gone
    made = [~a, -a, not a, +a, a[1:2:3], a @ b, a is b, a in c]
    made[0] += a.b.c; del a.b, made[0], b; del gone
    f"{a}{a!r}{a!s:>{d}}{a:3}{a!a}"
    a.method(1, k=2); a(*c, **e); a(*c); a(1, 2, k=3, *c); made(1)
    {1, *c}; {**e, "k": a}; [*c, a]; {"a": a, "b": d}; {a: d}
    first, *rest, last = c; first, last = c
    assert a < 1, "message"
    b = (a or b) and (b and a); b = a or b; a.b = a < b < 3
    while a is None: first()
    while a is not None: first()
    while a: first()
    while not a: first()
    if a is None: return first
    if a is not None: return first
    if not a is b or a: return lambda q=1, *, r=a: (q, r, first)
    return [i for i in a for j in {k: v for k, v in i} if {m for m in j}]
def outer(cell):
    class Inner(metaclass=type):
        y: int = cell
        def method(self): return super().method(), __class__
    def drop():
        nonlocal cell
        del cell
        cell = 1
    return Inner, drop
def generator(a):
    yield
    b = yield from a
async def coroutine(a):
    async with a as b: await b
    async for c in a: yield c
    return_value = [d async for d in a]
def handles(a):
    with a as b, a: b()
    try: a()
    except (TypeError, ValueError) as e: raise e from None
    except OSError: raise
    finally: a()
def groups(a):
    try: a()
    except* TypeError as e: a(e)
    except* ValueError: a()
def matches(a):
    match a:
        case [1, *rest] | [rest]: return rest
        case {"k": v, **others}: return v
        case str(real=0) | None | True: return 1
        case {"q": _}: pass
    for i in a:
        try: continue
        finally: a()
"""


def test_every_host_instruction_has_a_rule() -> None:
    for name, number in opcode.opmap.items():
        refused = v311.RULES.kinds[number] == common.REFUSED
        assert refused == (name in NEVER_RUN | {"EXTENDED_ARG"}), name


def test_every_host_instruction_round_trips() -> None:
    sources = [compiled(AWKWARD), compiled("1 + 1", "single"), many_names(300)]
    seen = set()
    for code in (nested for source in sources for nested in all_codes(source)):
        check(code)
        seen |= {row.opname for row in dis.get_instructions(code)}
    assert set(opcode.opmap) - seen == NEVER_RUN


def test_a_rule_for_an_unknown_name_raises() -> None:
    rules = common.Rules(opcode.opmap, HOST_CACHES)
    with pytest.raises(KeyError):
        rules.shifted("LOAD_FAST_BORROW", "LOAD_FAST")
    with pytest.raises(KeyError):
        rules.shifted("LOAD_FAST", "LOAD_FAST_BORROW")


def test_two_rules_for_one_name_raise() -> None:
    rules = common.Rules(opcode.opmap, HOST_CACHES)
    rules.shifted("LOAD_FAST", "LOAD_FAST")
    with pytest.raises(ValueError, match="two rules for the host's LOAD_FAST"):
        rules.dropped("LOAD_FAST")


# -- the exact form of each rule that is more than a name

POSITIVE = isa.INTRINSICS_1.index("UNARY_POSITIVE")
PRINT = isa.INTRINSICS_1.index("PRINT")
IMPORT_STAR = isa.INTRINSICS_1.index("IMPORT_STAR")
TO_TUPLE = isa.INTRINSICS_1.index("LIST_TO_TUPLE")
WRAP = isa.INTRINSICS_1.index("ASYNC_GEN_WRAP")
RERAISE_STAR = isa.INTRINSICS_2.index("PREP_RERAISE_STAR")
SET = "SET_FUNCTION_ATTRIBUTE"

FORMS: list[tuple[str, int, str]] = [
    ("LOAD_FAST", 1, "LOAD_FAST_CHECK 1"),
    ("LOAD_CLOSURE", 1, "LOAD_FAST 1"),
    ("LOAD_GLOBAL", 3, "LOAD_GLOBAL 3"),
    ("LOAD_ATTR", 3, "LOAD_ATTR 6"),
    ("LOAD_METHOD", 3, "LOAD_ATTR 7"),
    ("BINARY_OP", 13, "BINARY_OP 13"),
    ("BINARY_SUBSCR", 0, f"BINARY_OP {isa.SUBSCRIPT}"),
    ("COMPARE_OP", 4, "COMPARE_OP 128"),
    ("UNARY_POSITIVE", 0, f"CALL_INTRINSIC_1 {POSITIVE}"),
    ("LIST_TO_TUPLE", 0, f"CALL_INTRINSIC_1 {TO_TUPLE}"),
    ("ASYNC_GEN_WRAP", 0, f"CALL_INTRINSIC_1 {WRAP}"),
    ("PREP_RERAISE_STAR", 0, f"CALL_INTRINSIC_2 {RERAISE_STAR}"),
    ("PRINT_EXPR", 0, f"CALL_INTRINSIC_1 {PRINT}, POP_TOP 0"),
    ("IMPORT_STAR", 0, f"CALL_INTRINSIC_1 {IMPORT_STAR}, POP_TOP 0"),
    ("LOAD_ASSERTION_ERROR", 0, "LOAD_COMMON_CONSTANT 0"),
    ("LOAD_CLASSDEREF", 3, "LOAD_LOCALS 0, LOAD_FROM_DICT_OR_DEREF 3"),
    ("MAKE_FUNCTION", 0, "MAKE_FUNCTION 0"),
    ("MAKE_FUNCTION", 5, f"MAKE_FUNCTION 0, {SET} 4, {SET} 1"),
    ("MAKE_FUNCTION", 15, f"MAKE_FUNCTION 0, {SET} 8, {SET} 4, {SET} 2, {SET} 1"),
    ("FORMAT_VALUE", 0, "FORMAT_SIMPLE 0"),
    ("FORMAT_VALUE", 2, "CONVERT_VALUE 2, FORMAT_SIMPLE 0"),
    ("FORMAT_VALUE", 4, "FORMAT_WITH_SPEC 0"),
    ("FORMAT_VALUE", 7, "SWAP 2, CONVERT_VALUE 3, SWAP 2, FORMAT_WITH_SPEC 0"),
    ("POP_JUMP_FORWARD_IF_NONE", 0, "POP_JUMP_IF_NONE 0"),
    ("POP_JUMP_FORWARD_IF_NOT_NONE", 0, "POP_JUMP_IF_NOT_NONE 0"),
    ("POP_JUMP_FORWARD_IF_TRUE", 0, "TO_BOOL 0, POP_JUMP_IF_TRUE 0"),
    ("POP_JUMP_FORWARD_IF_FALSE", 0, "TO_BOOL 0, POP_JUMP_IF_FALSE 0"),
    ("POP_JUMP_BACKWARD_IF_TRUE", 1, "TO_BOOL 0, POP_JUMP_IF_FALSE 2, JUMP_BACKWARD 8"),
    ("POP_JUMP_BACKWARD_IF_FALSE", 1, "TO_BOOL 0, POP_JUMP_IF_TRUE 2, JUMP_BACKWARD 8"),
    ("POP_JUMP_BACKWARD_IF_NONE", 1, "POP_JUMP_IF_NOT_NONE 2, JUMP_BACKWARD 4"),
    ("POP_JUMP_BACKWARD_IF_NOT_NONE", 1, "POP_JUMP_IF_NONE 2, JUMP_BACKWARD 4"),
]


@pytest.mark.parametrize(("name", "oparg", "expected"), FORMS)
def test_form(name: str, oparg: int, expected: str) -> None:
    code = assemble((name, oparg), ("RETURN_VALUE", 0))
    found = [f"{row.name} {row.oparg}" for row in decode(lower(code).units)]
    assert found == [*expected.split(", "), "RETURN_VALUE 0"]


def test_calls() -> None:
    """PRECALL becomes nothing, KW_NAMES stays and turns its own CALL only."""
    code = function("def f(a): return a(a(1), k=a(2, q=3))()")
    check(code)
    calls = [row for row in decode(lower(code).units) if row.name.startswith("CALL")]
    assert [(row.name, row.oparg) for row in calls] == [
        ("CALL", 1),
        ("CALL_KW", 2),
        ("CALL_KW", 2),
        ("CALL", 0),
    ]
    assert names_of(code).count("KW_NAMES") == 2


def test_a_jump_to_precall_leads_to_its_call() -> None:
    code = assemble(
        ("JUMP_FORWARD", 1),
        ("NOP", 0),
        ("PRECALL", 0),
        ("CALL", 0),
        ("RETURN_VALUE", 0),
    )
    ours = check(code)
    assert landing(ours[0]) == next(row.first for row in ours if row.name == "CALL")


# -- TO_BOOL

TESTED = ["a", "a < b", "a == b", "a[b]", "a.b", "a(b)"]


@pytest.mark.parametrize("name", ["IS_OP", "CONTAINS_OP", "UNARY_NOT"])
@pytest.mark.parametrize(
    "jump", [("POP_JUMP_FORWARD_IF_TRUE", 0), ("POP_JUMP_BACKWARD_IF_FALSE", 3)]
)
def test_no_to_bool_after_an_exact_bool(name: str, jump: tuple[str, int]) -> None:
    code = assemble(("NOP", 0), (name, 0), jump, ("RETURN_VALUE", 0))
    assert "TO_BOOL" not in names_of(code)


def test_no_to_bool_after_an_exception_match() -> None:
    code = function("def f(a):\n try: a()\n except OSError: pass")
    assert "CHECK_EXC_MATCH" in names_of(code)
    assert "TO_BOOL" not in names_of(code)


@pytest.mark.parametrize("test", TESTED)
def test_to_bool_before_a_test(test: str) -> None:
    assert "TO_BOOL" in names_of(function(f"def f(a, b):\n if {test}: return 1"))


@pytest.mark.parametrize("extended", [False, True])
def test_to_bool_where_the_test_is_jumped_to(extended: bool) -> None:
    """The bool comes right before, but a jump gets there with something else."""
    prefix = [("EXTENDED_ARG", 0)] * extended
    into = [
        ("LOAD_FAST", 0),
        ("JUMP_IF_TRUE_OR_POP", 3),
        ("LOAD_FAST", 0),
        ("LOAD_FAST", 1),
        ("IS_OP", 0),
        *prefix,
        ("POP_JUMP_FORWARD_IF_TRUE", 1),
        ("NOP", 0),
        ("LOAD_CONST", 0),
        ("RETURN_VALUE", 0),
    ]
    ours = assemble(*into)
    assert names_of(ours).count("TO_BOOL") == 1
    into[1] = ("JUMP_IF_TRUE_OR_POP", 2)
    assert "TO_BOOL" not in names_of(assemble(*into))


def test_to_bool_where_a_handler_begins_with_the_test() -> None:
    rows = [
        ("LOAD_FAST", 0),
        ("UNARY_NOT", 0),
        ("POP_JUMP_FORWARD_IF_TRUE", 0),
        ("LOAD_CONST", 0),
        ("RETURN_VALUE", 0),
    ]
    handled_at_test = bytes([0x80, 1, 2, 0])
    assert "TO_BOOL" in names_of(assemble(*rows, table=handled_at_test))
    handled_elsewhere = bytes([0x80, 1, 3, 0])
    assert "TO_BOOL" not in names_of(assemble(*rows, table=handled_elsewhere))


# -- long arguments and long jumps


def many_names(count: int) -> CodeType:
    """A module whose instructions of every kind have arguments beyond a byte."""
    names = [f"n{i}" for i in range(count)]
    lines = ["def f(a):"]
    lines += [f" {name} = {i}.5" for i, name in enumerate(names)]
    lines += [
        f" a.{name} = a.x{name} + g{name} + a.m{name}(k={name})" for name in names
    ]
    lines += [" class C:", f"  y = {' + '.join(names)}"]
    lines += [f" def inner(): return {', '.join(names)}"]
    lines += [f" a({', '.join(names)}, k=({', '.join(names)}))"]
    lines += [f" {', '.join(names)} = a", " return C, inner"]
    return compiled("\n".join(lines))


def test_long_arguments() -> None:
    for code in all_codes(many_names(300)):
        check(code)


@pytest.mark.parametrize("count", range(1, 90, 4))
def test_jumps_around_a_byte(count: int) -> None:
    """Distances just below and above 255 units, where one growth causes the next."""
    body = "\n".join(f"  if a{i % 3} is None: a = a.b" for i in range(count))
    for head in ("for q in a", "while a", "while a is None", "if a", "with a"):
        check(function(f"def f(a, a0, a1, a2):\n {head}:\n{body}\n return a"))


@pytest.mark.parametrize("count", [23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34])
def test_nested_jumps_around_a_byte(count: int) -> None:
    filler = "x = a + a\n"
    lines = ["def f(a):"]
    lines += [" " * depth + "while a < 1:" for depth in range(1, 15)]
    lines += [" " * 15 + filler.strip()] * count
    lines += [" " * depth + filler.strip() for depth in range(15, 0, -1)]
    check(function("\n".join(lines)))


@pytest.mark.parametrize("head", ["for q in a", "while a", "while a is None"])
def test_jumps_beyond_half_of_the_limit(head: str) -> None:
    body = "  x = x + a\n" * 5000
    ours = check(function(f"def f(a, x):\n {head}:\n{body} return x"))
    assert max(row.oparg for row in ours if landing(row)) > common.MAX_UNITS // 2


@pytest.mark.parametrize("prefixes", [1, 2, 3])
@pytest.mark.parametrize(
    ("name", "oparg"),
    [
        ("POP_TOP", 0),
        ("MAKE_FUNCTION", 9),
        ("POP_JUMP_FORWARD_IF_TRUE", 1),
        ("POP_JUMP_BACKWARD_IF_NONE", 2),
        ("COMPARE_OP", 2),
        ("LOAD_CLASSDEREF", 1),
    ],
)
def test_needless_prefixes_are_kept(name: str, oparg: int, prefixes: int) -> None:
    """So that the host's first prefix, too, has a unit of ours."""
    rows = [("EXTENDED_ARG", 0)] * prefixes
    if "BACKWARD" in name:
        oparg += prefixes
    check(assemble(("NOP", 0), *rows, (name, oparg), ("NOP", 0), ("RETURN_VALUE", 0)))


# -- what is declined


def declined(code: CodeType) -> str:
    """The reason for which the code object is not lowered."""
    with pytest.raises(Declined) as caught:
        lower(code)
    return caught.value.reason


def raw(name: str, oparg: int = 0) -> bytes:
    """One host unit."""
    return bytes([opcode.opmap[name], oparg])


HOLE = next(number for number in range(255) if number not in HOST_OPCODES.values())

MALFORMED: dict[str, bytes] = {
    "hole": bytes([HOLE, 0]) + raw("RETURN_VALUE"),
    "cache": raw("CACHE") + raw("RETURN_VALUE"),
    "jump into caches": raw("JUMP_FORWARD", 1) + raw("BINARY_OP") + raw("CACHE"),
    "jump behind a prefix": raw("JUMP_FORWARD", 1) + raw("EXTENDED_ARG") + raw("NOP"),
    "jump beyond the end": raw("JUMP_FORWARD", 9) + raw("RETURN_VALUE"),
    "jump before the beginning": raw("NOP") + raw("JUMP_BACKWARD", 9),
    "cut off caches": raw("LOAD_GLOBAL") + raw("CACHE"),
    "cut off prefix": raw("NOP") + raw("EXTENDED_ARG"),
    "four prefixes": raw("EXTENDED_ARG") * 4 + raw("NOP"),
    "argument too wide": raw("EXTENDED_ARG", 255) * 3 + raw("LOAD_ATTR") + bytes(8),
}


@pytest.mark.parametrize("bad", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_bytecode_is_declined(bad: bytes) -> None:
    assert declined(with_bytes(bad)) == "unknown_opcode"


@pytest.mark.parametrize(
    "table", [b"\x80", b"\x80\x01\x01", b"\x81\x01\x00\x00", b"\x80\x01\x3f\x00"]
)
def test_malformed_exception_table_is_declined(table: bytes) -> None:
    code = assemble(("LOAD_GLOBAL", 0), ("RETURN_VALUE", 0), table=table)
    assert declined(code) == "unknown_opcode"


def test_too_large_for_the_host() -> None:
    code = with_bytes(raw("NOP") * common.MAX_UNITS + raw("RETURN_VALUE"))
    assert declined(code) == "code_too_large"


def test_too_large_only_for_us() -> None:
    """TO_BOOL and wider caches count: the host's 60000 units are more of ours."""
    attribute = raw("LOAD_ATTR") + bytes(8)
    assert declined(with_bytes(attribute * 12000)) == "code_too_large"


def test_as_large_as_may_be() -> None:
    code = with_bytes(raw("NOP") * (common.MAX_UNITS - 1) + raw("RETURN_VALUE"))
    assert len(lower(code).units) == 2 * common.MAX_UNITS
    assert lower(code).host_length == common.MAX_UNITS


# -- iterate


def test_iterate_joins_prefixes_and_skips_caches() -> None:
    prefix, load = isa.NUMBER["EXTENDED_ARG"], isa.NUMBER["LOAD_ATTR"]
    words = [isa.NUMBER["NOP"], prefix | 1 << 8, load | 2 << 8]
    words += [0xFFFF] * isa.CACHE_UNITS[load]
    units = array("H", words).tobytes()
    assert list(iterate(units)) == [
        (0, isa.NUMBER["NOP"], 0, 1),
        (1, load, 0x102, len(words)),
    ]
