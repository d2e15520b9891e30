"""The lowering of CPython 3.11's bytecode, held against what `dis` says of the host's.

`check` is the round trip: it reads a code object once with `dis` and once in canonical
form, and holds that every instruction, jump, exception range and stack effect of the
one is that of the other.  It is run over part of the standard library and over
functions written to be awkward; the cases after it pin the exact form of each rule.
"""

from __future__ import annotations

import dis
import opcode
import re
import sys
import sysconfig
import warnings
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from types import CodeType
from typing import NamedTuple

import pytest

from adaptive import isa

if sys.version_info[:2] != (3, 11):
    pytest.skip("the host is not 3.11", allow_module_level=True)

from adaptive.lowering import Declined, Lowered, common, iterate, lower, v311

EXTENDED_ARG = opcode.opmap["EXTENDED_ARG"]
#: CPython's compiler never emits it as an instruction, and the host cannot run it.
NEVER_RUN = {"CACHE"}
#: What `dis` does not count: the sent value that the generator is resumed with.
UNCOUNTED = {"RETURN_GENERATOR": 1}
#: Modules of the standard library that are read; every code object in them is.
MODULES = 200


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


def compiled(source: str, mode: str = "exec") -> CodeType:
    """The source's code object, without the noise of old code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, "<test>", mode, dont_inherit=True)


def function(source: str, name: str = "f") -> CodeType:
    """The code object of this name in the source."""
    return next(c for c in all_codes(compiled(source)) if c.co_name == name)


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
        raw += bytes(2 * opcode._inline_cache_entries[number])
    return with_bytes(bytes(raw), table)


def with_bytes(raw: bytes, table: bytes = b"") -> CodeType:
    """A code object of exactly these bytes; it is only ever read."""
    plain = function("def f(a, b): return a")
    return plain.replace(co_code=raw, co_exceptiontable=table)


def names_of(code: CodeType) -> list[str]:
    """The names of the canonical instructions."""
    return [ours.name for ours in decode(lower(code).units)]


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
    for row in host:
        assert bool(by_host[row.here]) != (row.name == "PRECALL"), row
    return [(row, by_host[row.here]) for row in host]


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
        for entry in dis._parse_exception_table(code)
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
    rules = common.Rules(opcode.opmap, opcode._inline_cache_entries)
    with pytest.raises(KeyError):
        rules.shifted("LOAD_FAST_BORROW", "LOAD_FAST")
    with pytest.raises(KeyError):
        rules.shifted("LOAD_FAST", "LOAD_FAST_BORROW")


def test_two_rules_for_one_name_raise() -> None:
    rules = common.Rules(opcode.opmap, opcode._inline_cache_entries)
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
    code = function("def f(a): return a(a(1), k=a(2, q=3))")
    check(code)
    calls = [
        (row.name, row.oparg)
        for row in decode(lower(code).units)
        if row.name.startswith(("CALL", "KW"))
    ]
    expected = ["CALL 1", "KW_NAMES 2", "CALL_KW 2", "KW_NAMES 3", "CALL_KW 2"]
    assert [name for name, _ in calls] == [row.split()[0] for row in expected]
    assert [n for name, n in calls if name != "KW_NAMES"] == [1, 2, 2]


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

BARE = ["a is b", "a not in b", "not (a is b)"]
TESTED = ["a", "a < b", "a == b", "a[b]", "a.b", "a(b)"]


@pytest.mark.parametrize("test", BARE)
def test_no_to_bool_after_an_exact_bool(test: str) -> None:
    assert "TO_BOOL" not in names_of(function(f"def f(a, b):\n if {test}: return 1"))


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
    [("POP_TOP", 0), ("MAKE_FUNCTION", 9), ("POP_JUMP_FORWARD_IF_TRUE", 1)]
    + [("POP_JUMP_BACKWARD_IF_NONE", 2), ("COMPARE_OP", 2), ("LOAD_CLASSDEREF", 1)],
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


#: An opcode that neither the compiler nor the specializer of 3.11 writes.
HOLE = next(n for n in range(255) if n not in dis._all_opmap.values())

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
