"""Made-up counted runs for the tests of reports: sites are found by their text.

The source is put where tracebacks look for it, so that reports find it at render time.
"""

from __future__ import annotations

import linecache

from adaptive import isa
from adaptive.report.profile import (
    Code,
    Declined,
    FormCount,
    Profile,
    Site,
    Thread,
    TypesSeen,
)

FILE = "shapes/vector.py"
#: Not ASCII before ranges, a tab, a range of several lines, text that looks like HTML.
SOURCE = '''\
"""Vectors — with names like «é» and </script><!-- in the text."""


class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def add(self, other):
        größe = 'é' * 2; return Vector(self.x + other.x, self.y + other.y)


def total(vectors):
    result = 0
    for vector in vectors:
        result = result + vector.x
        name = "<b>&amp;" + '"quoted"' + str(
            vector.y,
        )
    return [part for part in name if part == "</script>"]


def unused():
    a = 1
    b = 2
    c = 3
    d = 4
    e = 5
    f = 6
    g = 7
    h = 8
    i = 9
    j = 10
    return a


print(total([Vector(n, 0.5) for n in range(9)]))
'''
#: Texts of it that several sites stand at.
STRINGS = '"<b>&amp;" + \'"quoted"\''
CALL = "str(\n            vector.y,\n        )"


def keep(file: str, text: str) -> None:
    """Make the text the file's, for `linecache`."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)


def bytes_before(line: str, column: int) -> int:
    """A column as `co_positions` has it."""
    return len(line[:column].encode())


def site(line: int, text: str, form: str, family: str, **fields: object) -> Site:
    """A site at a text that begins on a line of SOURCE.  ValueError without it."""
    lines = SOURCE.splitlines()
    offset = sum(len(row) + 1 for row in lines[: line - 1])
    start = SOURCE.index(text, offset)
    if start > offset + len(lines[line - 1]):
        raise ValueError(f"line {line} has no {text!r}")
    end = start + len(text)
    end_line = SOURCE.count("\n", 0, end) + 1
    end_offset = sum(len(row) + 1 for row in lines[: end_line - 1])
    made = Site(
        unit=start % 65_536,
        host_offset=2 * (start % 65_536),
        family=family,
        form=form,
        executions=0,
        line=line,
        end_line=end_line,
        column=bytes_before(lines[line - 1], start - offset),
        end_column=bytes_before(lines[end_line - 1], end - end_offset),
    )
    for name, value in fields.items():
        setattr(made, name, value)
    made.executions = made.hits + made.misses + made.deferred + made.refused
    return made


def good(line: int, text: str, form: str, family: str, count: int) -> Site:
    """A site that specialized at its second execution."""
    return site(
        line,
        text,
        form,
        family,
        forms={form: FormCount(count)},
        deferred=2,
        attempts=1,
        successes=1,
    )


def bad(
    line: int, text: str, family: str, reason: str, count: int, *types: str
) -> Site:
    """A site that was refused a form."""
    return site(
        line,
        text,
        family,
        family,
        unspecialized={reason: count},
        deferred=2,
        attempts=9,
        failures={reason: 9},
        types=[TypesSeen(types, count)] if types else [],
    )


def codes() -> list[Code]:
    """The functions of SOURCE that ran."""
    flips = site(
        15,
        "vector.x",
        "LOAD_ATTR_SLOT",
        "LOAD_ATTR",
        forms={
            "LOAD_ATTR_SLOT": FormCount(40_000, 12_000),
            "LOAD_ATTR_INSTANCE_VALUE": FormCount(20_000, 8_000),
        },
        deferred=52,
        attempts=7,
        successes=6,
        failures={"polymorphic": 1},
        flips=3,
        despecialized=2,
        types=[TypesSeen(("Vector",), 11_000), TypesSeen(("<b>Point",), 9_000)],
        types_more=17,
    )
    total = [
        good(14, "vectors", "FOR_ITER_LIST", "FOR_ITER", 60_052),
        bad(15, "result + vector.x", "BINARY_OP", "mixed_types", 60_050,
            "int", "float"),
        flips,
        good(16, STRINGS, "BINARY_OP_ADD_UNICODE", "BINARY_OP", 60_050),
        bad(16, f"{STRINGS} + {CALL}", "BINARY_OP", "not_the_same_local", 900,
            "str", "str"),
        good(16, CALL, "CALL_STR_1", "CALL", 60_050),
        good(17, "vector.y", "LOAD_ATTR_SLOT", "LOAD_ATTR", 60_000),
        site(16, "str", "LOAD_GLOBAL", "LOAD_GLOBAL", deferred=1),
    ]  # fmt: skip
    add = [
        good(9, "Vector", "LOAD_GLOBAL_MODULE", "LOAD_GLOBAL", 9_000),
        good(9, "Vector(self.x + other.x, self.y + other.y)",
             "CALL_ALLOC_AND_ENTER_INIT", "CALL", 9_000),
        good(9, "self.x", "LOAD_ATTR_INSTANCE_VALUE", "LOAD_ATTR", 9_000),
        good(9, "other.x", "LOAD_ATTR_INSTANCE_VALUE", "LOAD_ATTR", 9_000),
        good(9, "self.x + other.x", "BINARY_OP_ADD_FLOAT", "BINARY_OP", 9_000),
        bad(9, "self.y + other.y", "BINARY_OP", "big_int", 9_000, "int", "int"),
    ]  # fmt: skip
    comparison = bad(
        19, 'part == "</script>"', "COMPARE_OP", "no_form_for_types", 300, "Odd", "str"
    )
    rows = [
        ("Vector.add", 8, add, {8: 9_002, 9: 140_000}),
        (
            "total",
            12,
            total,
            {13: 4, 14: 60_054, 15: 300_000, 16: 240_000, 17: 120_000},
        ),
        ("total.<locals>.<listcomp>", 19, [comparison], {19: 2_400}),
    ]
    return [
        Code(FILE, name, first, 90, 12, sum(lines.values()), 3, 80_000, lines, sites)
        for name, first, sites, lines in rows
    ]


def example() -> Profile:
    """A run of SOURCE with something in every part of a report."""
    keep(FILE, SOURCE)
    missing = Code("<string>", "made_by_exec", 1, 20, 5, 700, lines={1: 700})
    missing.sites = [
        Site(4, 8, "CALL", "CALL", 102, 1, 1, 0, 9, 2, {"no_form_for_callable": 100}),
        Site(9, 18, "TO_BOOL", "TO_BOOL", 1, deferred=1),
    ]
    return Profile(
        command=["shapes/main.py", "--size", "<9>"],
        host="CPython 3.11.7",
        engine="0.1.0",
        threshold=4,
        seconds=1.25,
        codes=[*codes(), missing],
        declined=[Declined(FILE, "unused", 22, "code_too_large")],
        threads=[
            Thread("MainThread", 1, {"LOAD_FAST": 900_000, "BINARY_OP": 60_050}, {}),
            Thread("", 77, {"LOAD_FAST": 12}, {"LOAD_ATTR_SLOT": 3}),
        ],
        pairs=[("LOAD_FAST", "LOAD_FAST", 90_000), ("LOAD_FAST", "BINARY_OP", 61_000)],
        frames_engine=9_200,
        frames_host={"cold": 40, "own": 2},
        bailouts={"coroutine_origin": 1},
        calls_inlined=9_100,
        calls_through_host=60_000,
        lowered=5,
        lowering_ns=4_200_000,
    )


def huge(sites: int, files: int) -> Profile:
    """A run of generated code: a refused site on each line of each file."""
    each = sites // files
    families = isa.FAMILIES
    run = Profile(["generated"], "CPython 3.11.7", "0.1.0", 4, 9.0)
    for number in range(files):
        path = f"generated/module_{number}.py"
        keep(path, "value = function(argument) + other\n" * each)
        code = Code(path, "f", 1, 10, 1, 100)
        for line in range(1, each + 1):
            family = families[line % len(families)]
            count = line + number
            made = Site(line, 2 * line, family, family, count, line, line, 8, 26)
            made.unspecialized, made.attempts = {"big_int": count}, 1
            code.sites.append(made)
            code.lines[line] = count
        run.codes.append(code)
    return run
