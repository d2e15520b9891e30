"""Listings: every unit once, beside the host's; live code; what a run has changed."""

from __future__ import annotations

import dis as host_dis
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import CodeType

import pytest
import support

import adaptive
from adaptive import _cache, dis, dis_text, isa, listing, reasons
from adaptive._cache import CodeUnits
from adaptive.lowering import Declined

ROOT = Path(__file__).parent.parent


def sample(a: int, *rest: int, key: object = None) -> object:
    """One of most kinds of arguments an instruction can have."""
    total = a + sum(rest)
    for item in rest:
        if item < 3 and key is not None:
            total -= item
    try:
        text = f"{total!r:>5}"
    except ValueError as error:
        raise KeyError("key") from error

    def inner() -> int:
        return total

    return [text, inner, int("3", base=10)]


SAMPLE = sample.__code__


def shown(code: CodeType) -> list[dis.Instruction]:
    """All instructions of a code object, freshly lowered."""
    return list(dis.instructions(dis.Listing(code)))


def named(opname: str, code: CodeType = SAMPLE) -> list[str]:
    """How the arguments of all instructions of one name read."""
    return [row.argrepr for row in shown(code) if row.opname == opname]


def test_units_and_caches_tile_the_code() -> None:
    rows = shown(SAMPLE)
    end = 0
    for row in rows:
        assert row.unit == end
        assert len(row.caches) == len(isa.BY_NUMBER[row.opcode].cache)
        end += 1 + isa.CACHE_UNITS[row.opcode]
    assert 2 * end == len(dis.Listing(SAMPLE)._co_code_adaptive)


def test_host_units_are_host_instructions() -> None:
    offsets = {row.offset // 2 for row in host_dis.get_instructions(SAMPLE)}
    assert {row.host_unit for row in shown(SAMPLE)} <= offsets


def test_arguments_read_as_the_program_does() -> None:
    assert named("LOAD_GLOBAL") == ["sum", "ValueError", "KeyError", "int"]
    assert named("BINARY_OP") == ["+", "-="]
    assert named("COMPARE_OP") == ["<"]
    assert named("CONVERT_VALUE") == ["repr"]
    assert named("KW_NAMES") == ["('base',)"]
    assert sorted(named("SET_FUNCTION_ATTRIBUTE")) == ["annotations", "closure"]
    assert set(named("STORE_DEREF")) == {"total"}
    assert set(named("STORE_FAST")) == {"item", "text", "error", "inner"}


def test_jumps_lead_to_instructions() -> None:
    rows = shown(SAMPLE)
    units = {row.unit for row in rows}
    jumps = [row for row in rows if isa.BY_NUMBER[row.opcode].flags & isa.JUMP]
    assert jumps
    for row in jumps:
        assert int(row.argrepr.removeprefix("to ")) in units


def test_prefixes_are_shown_and_counted() -> None:
    names = "\n".join(f"v{n} = {n + 1000}" for n in range(300))
    code = compile(names, "wide", "exec")
    assert [named("STORE_NAME", code)[n] for n in (0, 255, 256, 299)] == [
        "v0",
        "v255",
        "v256",
        "v299",
    ]
    assert any(row.opname == "EXTENDED_ARG" for row in shown(code))


def with_cache(row: isa.Instruction) -> tuple[CodeUnits, dis.Listing]:
    """One instruction with a number of its own in every cell, and a listing of it."""
    units = CodeUnits(
        bytes([row.number, 0]) + bytes(2 * row.cache_units),
        bytes(2 * (1 + row.cache_units)),
    )
    for field in row.cache:
        if field.name.endswith("counter"):
            units.write_adaptive_counter(0, _cache.make_counter(7, 3))
        else:
            write = f"write_cache_u{16 * field.width_units}"
            value = (field.offset_units + 1) * 0x0101_0101_0101_0101
            value &= (1 << 16 * field.width_units) - 1
            getattr(units, write)(0, 1 + field.offset_units, value)
    code = dis.Listing(compile("name.attribute", "<form>", "eval"))
    code.co_code = units.original_bytes()
    code._co_code_adaptive = bytes(units)
    code.host_offsets = memoryview(bytes(2 * (1 + row.cache_units))).cast("H")
    return units, code


WITH_CACHES = [row for row in isa.INSTRUCTIONS if row.cache]


@pytest.mark.parametrize("row", WITH_CACHES, ids=lambda row: row.name)
def test_caches_decode_to_what_the_units_say(row: isa.Instruction) -> None:
    """S0-30: every field of every form, and its counter as value/backoff."""
    units, code = with_cache(row)
    (shown,) = dis.instructions(code)
    assert shown.opname == row.name and shown.base == row.base
    names = isa.FIELD_NAMES.get(row.name, {})
    for field in row.cache:
        if field.name.endswith("counter"):
            raw = units.read_adaptive_counter(0)
            assert (shown.caches[field.name], shown.counter) == (raw, "7/3")
            continue
        read = getattr(units, f"read_cache_u{16 * field.width_units}")
        value = read(0, 1 + field.offset_units)
        assert shown.caches[field.name] == value > 0
        assert int(shown.fields[names.get(field.name, field.name)], 0) == value


def test_renamed_fields_are_fields_of_forms() -> None:
    for name, renamed in isa.FIELD_NAMES.items():
        row = isa.BY_NUMBER[isa.NUMBER[name]]
        assert row.base != name
        assert set(renamed) <= {field.name for field in row.cache}
        shown = [renamed.get(field.name, field.name) for field in row.cache]
        assert len(set(shown)) == len(shown)


def text_of(code: CodeType, units: listing.Code | None) -> list[str]:
    """The lines of a listing without colours."""
    return [dis_text.plain(line) for line in dis.listing(code, units)]


def column(lines: list[str], heading: str) -> list[str]:
    """What stands in one column of a listing, from its heading's place on."""
    start = lines[0].index(heading)
    return [line[start:] for line in lines[1:] if not line.startswith("units ")]


def test_a_listing_shows_both_in_full() -> None:
    lines = text_of(SAMPLE, dis.Listing(SAMPLE))
    assert lines[0].split() == [*dis.HEADINGS]
    host = [row.split()[0] for row in column(lines, "host") if row[:5].strip()]
    ours = [line.split()[0] for line in lines[1:] if line[:5].strip().isdigit()]
    assert host == [str(r.offset // 2) for r in host_dis.get_instructions(SAMPLE)]
    assert ours == [str(row.unit) for row in shown(SAMPLE)]
    assert any("exceptions to" in line for line in lines)


def test_source_lines_stand_beside_their_first_instruction() -> None:
    lines = text_of(SAMPLE, dis.Listing(SAMPLE))
    source = Path(__file__).read_text("utf-8").splitlines()
    seen = set()
    for row in column(lines, "line"):
        number, _, text = row.strip().partition("  ")
        if number:
            seen.add(int(number))
            assert text == source[int(number) - 1].strip()
    assert seen == {line for *_, line in SAMPLE.co_lines() if line}


def test_long_texts_are_cut_in_the_middle_only() -> None:
    code = compile(f"x = '{'long' * 30}'", "<long>", "exec")
    (row,) = (line for line in text_of(code, dis.Listing(code)) if "longlong" in line)
    assert "long" * 30 not in row and row.count("...") == 2


def test_dis_of_functions_methods_and_code() -> None:
    class Holder:
        def method(self) -> None: ...

    for thing in (sample, Holder().method, Holder.method, SAMPLE):
        stream = io.StringIO()
        dis.dis(thing, stream)
        assert "RETURN_VALUE" in stream.getvalue()
    for thing in (len, 3, "text", Holder):
        with pytest.raises(TypeError, match="no Python code"):
            dis.dis(thing, io.StringIO())


def test_a_refusal_is_shown_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(code: CodeType) -> None:
        raise Declined("code_too_large")

    def absent() -> None:
        raise ImportError("no engine")

    monkeypatch.setattr(adaptive, "_engine", absent)
    monkeypatch.setattr(listing, "lower", refuse)
    stream = io.StringIO()
    dis.dis(SAMPLE, stream)
    assert reasons.sentence("code_too_large") in stream.getvalue()
    assert "RETURN_VALUE" in stream.getvalue()


# -- specialized code


class Slotted:
    """An object whose attribute is loaded from a slot."""

    __slots__ = ("x",)

    def __init__(self, x: int) -> None:
        self.x = x


LIVE = """
def f(p, rows):
    total = 0
    for a, b in rows:
        total += a - b
        if a < b:
            total = total + p.x
    try:
        total.missing
    except AttributeError:
        pass
    return len(rows), total
"""


def live() -> list[dis.Instruction]:
    """The instructions of a function that has specialized."""
    f = support.function(LIVE)
    rows = [(1, 2), (4, 3)] * 3
    with support.hot_engine():
        assert {f(Slotted(5), rows) for _ in range(5)} == {(6, 15)}
    return list(dis.instructions(adaptive.code(f)))


def test_specialized_instructions_read_as_their_base_does() -> None:
    """S0-30: the argument of a form or fused instruction is the base's."""
    by_name = {row.opname: row for row in live()}
    for opname, base, argrepr in (
        ("BINARY_OP_SUBTRACT_INT", "BINARY_OP", "-"),
        ("COMPARE_OP_INT", "COMPARE_OP", "<"),
        ("LOAD_ATTR_SLOT", "LOAD_ATTR", "x"),
        ("LOAD_GLOBAL_BUILTIN", "LOAD_GLOBAL", "len"),
        ("CALL_LEN", "CALL", ""),
        ("STORE_FAST_LOAD_FAST_CHECK", "STORE_FAST", "total"),
        ("LOAD_ATTR", "LOAD_ATTR", "missing"),
    ):
        row = by_name[opname]
        assert (row.base, row.argrepr) == (base, argrepr)
        assert opname in str(row) and argrepr in str(row)
        assert row.form == ("" if opname == base else opname)
    assert by_name["BINARY_OP_ADD_INT"].argrepr in ("+", "+=")


def test_base_is_that_of_the_table() -> None:
    for row in live():
        assert row.base == isa.BY_NUMBER[row.opcode].base
        assert row.opname.startswith(row.base)
    assert all(row.base == row.opname for row in shown(SAMPLE))


def test_jumps_of_forms_lead_to_instructions() -> None:
    rows = live()
    units = {row.unit for row in rows}
    (loop,) = (row for row in rows if row.opname == "FOR_ITER_LIST")
    jumps = [row for row in rows if isa.BY_NUMBER[row.opcode].flags & isa.JUMP]
    assert loop in jumps
    assert all(int(row.argrepr.removeprefix("to ")) in units for row in jumps)


def test_live_and_fresh_listings_differ_in_names_only() -> None:
    """The units stay where they are, with their arguments, whatever runs in them."""
    code = support.function(LIVE).__code__
    fresh = [
        (row.unit, row.base, row.oparg, row.argrepr, row.host_unit)
        for row in dis.instructions(dis.Listing(code))
    ]
    assert fresh == [
        (row.unit, row.base, row.oparg, row.argrepr, row.host_unit) for row in live()
    ]


def test_fused_rows_are_shown_with_their_parts() -> None:
    f = support.function(LIVE)
    with support.hot_engine():
        for _ in range(3):
            f(Slotted(5), [(1, 2)] * 4)
    code = adaptive.code(f)
    rows = list(dis.instructions(code))
    fused = [row for row in rows if row.opname in listing.PARTS]
    assert fused
    for row in fused:
        parts = listing.PARTS[row.opname]
        behind = [part for part in rows if part.part_of == row.opname]
        first = rows.index(row)
        followed = rows[first + 1 : first + len(parts)]
        assert (row.base, row.part_of) == (parts[0], "")
        # The last may be named as a form, which it is in then.
        assert all(
            name in (part.base, part.opname)
            for name, part in zip(parts[1:], followed, strict=True)
        )
        assert all(part in behind for part in followed)
    lines = text_of(code.host, code)
    marked = [line.split()[2] for line in lines if f" {dis.PART}" in line]
    assert marked == [row.base for row in rows if row.part_of]


def test_a_live_listing_moves_with_the_counters() -> None:
    f = support.function("def f(a, b):\n    return a < b\n")
    counters = []
    with support.hot_engine():
        for left, right in ((1, 2), (1, 2), ("a", "b"), ("a", "b")):
            f(left, right)
            (site,) = (
                row
                for row in dis.instructions(adaptive.code(f))
                if row.base == "COMPARE_OP"
            )
            raw = adaptive.code(f).units.read_adaptive_counter(site.unit)
            value, backoff = _cache.split_counter(raw)
            assert site.counter == f"{value}/{backoff}"
            counters.append(site.counter)
    assert len(set(counters)) == len(counters)


def test_diff_of_a_live_function() -> None:
    f = support.function(LIVE)
    stream = io.StringIO()
    dis.diff(f, stream)
    assert stream.getvalue() == ""
    with support.hot_engine():
        for _ in range(5):
            f(Slotted(5), [(1, 2), (4, 3)] * 3)
    dis.diff(f, stream)
    text = stream.getvalue()
    lines = text.splitlines()
    assert [line[:4] for line in lines[:2]] == ["--- ", "+++ "]
    before = {line.split()[1] for line in lines if line.startswith("- ")}
    after = {line.split()[1] for line in lines if line.startswith("+ ")}
    rows = list(dis.instructions(adaptive.code(f)))
    assert before == after == {str(row.unit) for row in rows if row.form}
    for row in rows:
        assert (f" {row.form} " in text) or not row.form
    (refused,) = (row for row in rows if row.argrepr == "missing")
    unit = str(refused.unit)
    (kept,) = (line for line in lines if line.split()[:1] == [unit])
    assert "LOAD_ATTR" in kept and kept.endswith(refused.counter)


# -- terminals


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        """It is."""
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, **environ: str) -> str:
    """SAMPLE's listing as a terminal gets it."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    dis.dis(sample, stream)
    return stream.getvalue()


def test_colour_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    assert "\x1b[" in on_terminal(monkeypatch, COLUMNS="200")
    stream = io.StringIO()
    dis.dis(sample, stream)
    assert "\x1b[" not in stream.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = re.compile(r"\x1b\[[\d;]*3\d")
    assert colours.search(on_terminal(monkeypatch, COLUMNS="200"))
    text = on_terminal(monkeypatch, COLUMNS="200", NO_COLOR="1")
    assert "RETURN_VALUE" in text and not colours.search(text)


@pytest.mark.parametrize("columns", [40, 80, 300])
def test_the_width_is_honoured(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    text = on_terminal(monkeypatch, COLUMNS=str(columns))
    plain = re.sub(r"\x1b\[[\d;]*m", "", text).splitlines()
    whole = text_of(SAMPLE, dis.Listing(SAMPLE))
    assert max(map(len, plain)) == min(columns, max(map(len, [*plain, *whole])))


def test_without_rich_a_terminal_gets_plain_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    text = on_terminal(monkeypatch)
    assert "RETURN_VALUE" in text and "\x1b[" not in text


def test_nothing_slow_is_imported_before_it_is_needed() -> None:
    done = support.python(
        "-c",
        "import sys, adaptive, adaptive.__main__; print('argparse' in sys.modules);"
        "import adaptive.dis; print('rich' in sys.modules)",
    )
    assert done.stdout.split() == ["False", "False"], done.stderr


# -- the command


def run(cwd: Path, *words: str) -> tuple[str, str, int]:
    """``python -m adaptive.dis`` with the checkout importable."""
    done = subprocess.run(
        [sys.executable, "-m", "adaptive.dis", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A file that would be noticed if it ran."""
    text = "print('it ran')\ndef f(x):\n    def g(): return x\n    return g\n"
    text += "class C:\n    def m(self): return self\n"
    path = tmp_path / "program.py"
    path.write_text(text)
    return path


def test_a_file_and_everything_in_it(program: Path) -> None:
    out, err, status = run(program.parent, "program.py")
    assert (err, status) == ("", 0)
    heads = [line.split(",")[0] for line in out.splitlines() if ", program.py" in line]
    assert heads == ["<module>", "f", "f.<locals>.g", "C", "C.m"]
    assert "it ran" not in out.splitlines()


@pytest.mark.parametrize(
    ("target", "heads"),
    [
        ("program.py:C.m", ["C.m"]),
        ("program.py:f", ["f", "f.<locals>.g"]),
        ("program.py:f.g", ["f.<locals>.g"]),
        ("program.py:f.<locals>.g", ["f.<locals>.g"]),
        ("program:C", ["C", "C.m"]),
    ],
)
def test_one_function(target: str, heads: list[str], program: Path) -> None:
    out, err, status = run(program.parent, target)
    assert (err, status) == ("", 0)
    lines = [line for line in out.splitlines() if "program.py line" in line]
    assert [line.split(",")[0] for line in lines] == heads


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-x",),
        ("program.py", "more"),
        ("missing.py",),
        ("no_such_module",),
        ("no.such.module",),
        ("sys",),
        ("program.py:h",),
        ("program.py:",),
        ("broken.py",),
        ("-m", "program"),
        ("--all", "program.py"),
        ("--threshold", "3", "program.py"),
        ("--diff",),
        ("--diff", "-m"),
        ("--diff", "-c"),
        ("--diff", "missing.py"),
        ("--diff", "broken.py"),
        ("--diff", "program.py:h"),
        ("--diff", "--threshold", "many", "program.py"),
        ("--dif", "program.py"),
    ],
    ids=" ".join,
)
def test_misuse_is_one_line(words: tuple[str, ...], program: Path) -> None:
    (program.parent / "broken.py").write_text("if")
    out, err, status = run(program.parent, *words)
    assert (out, status) == ("", 2)
    assert err.count("\n") == 1


def test_help_names_the_options(tmp_path: Path) -> None:
    out, err, status = run(tmp_path, "--help")
    assert (err, status) == ("", 0)
    for option in ("--diff", "--all", "--threshold"):
        assert option in out


# -- before and after a run

RUN = """
import colorsys
import sys

class C:
    def __init__(self, x):
        self.x = x

def f(rows):
    total = 0
    for row in rows:
        total += row.x
        def g(v):
            return v * 2
        colorsys.rgb_to_hsv(0.1, 0.2, 0.3)
    return g(total)

def unused():
    return [n + 1 for n in range(9)]

if __name__ == "__main__":
    for n in range(20):
        f([C(n)] * 5)
    print("total", f([C(2), C(3)]), sys.argv[1:])
    sys.exit(3)
"""


@pytest.fixture
def running(tmp_path: Path) -> Path:
    """A program that has something to specialize; its directory."""
    (tmp_path / "running.py").write_text(RUN)
    return tmp_path


def heads(out: str) -> list[str]:
    """The code objects that a diff speaks of."""
    return [
        line.split(",")[0].split()[1]
        for line in out.splitlines()
        if line.startswith("+++ ")
    ]


TARGETS: tuple[tuple[str, ...], ...] = (("running.py",), ("-m", "running"))


@pytest.mark.parametrize("target", TARGETS, ids=" ".join)
def test_diff_runs_a_program(target: tuple[str, ...], running: Path) -> None:
    """It says so, keeps the program's output and status, and shows its own code."""
    out, err, status = run(running, "--diff", *target, "-x", "y")
    words = " ".join([*target, "-x", "y"])
    assert (err, status) == (f"adaptive.dis: running {words} on the engine\n", 3)
    assert out.startswith("total 10 ['-x', 'y']\n")
    assert [name for name in heads(out) if name != "<module>"] == [
        *("C.__init__", "f", "f.<locals>.g")
    ]
    source = RUN.splitlines()
    for line in out.splitlines():
        if line.startswith("@@ "):
            number, _, text = line.removeprefix("@@ ").partition("  ")
            assert int(number) == 0 or text == source[int(number) - 1].strip()
    words = [line.replace(dis.PART, "").split() for line in out.splitlines() if line]
    added = [row[2] for row in words if row[0] == "+"]
    removed = [row[2] for row in words if row[0] == "-"]
    assert {"LOAD_ATTR_INSTANCE_VALUE", "FOR_ITER_LIST"} <= {*added}
    assert [isa.BY_NUMBER[isa.NUMBER[name]].base for name in added] == removed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("running.py:f",), ["f"]),
        (("running.py:f.g",), ["f.<locals>.g"]),
        (("-m", "running:f.<locals>.g"), ["f.<locals>.g"]),
        (("running.py:unused",), []),
        (("--threshold", "1000", "running.py:C.__init__"), []),
    ],
)
def test_diff_of_one_function(
    words: tuple[str, ...], expected: list[str], running: Path
) -> None:
    out, _, status = run(running, "--diff", *words)
    assert (heads(out), status) == (expected, 3)
    assert ("nothing has specialized" in out) == (not expected)


def test_diff_of_everything(running: Path) -> None:
    out, _, _ = run(running, "--diff", "--all", "running.py")
    assert {"f", "rgb_to_hsv"} <= {*heads(out)}


def test_diff_of_a_command(running: Path) -> None:
    text = "for n in range(50): n < 9\n"
    out, _, status = run(running, "--diff", "-c", text)
    assert (heads(out), status) == (["<module>"], 0)
    assert f"@@ 1  {text}" in out and "COMPARE_OP_INT" in out


def test_diff_in_a_process_that_forks(running: Path) -> None:
    """The parent alone shows it."""
    (running / "forks.py").write_text(
        "import os, sys\nfor n in range(50): n < 9\n"
        "child = os.fork()\nif child: os.waitpid(child, 0)\n"
    )
    out, _, status = run(running, "--diff", "forks.py")
    assert (heads(out), status) == (["<module>"], 0)


def test_diff_shows_what_was_done_before_an_exception(running: Path) -> None:
    (running / "fails.py").write_text("for n in range(50): n < 9\n1 / 0\n")
    out, err, status = run(running, "--diff", "fails.py")
    assert (heads(out), status) == (["<module>"], 1)
    assert "ZeroDivisionError" in err
