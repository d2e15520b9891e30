"""Listings: every unit is shown once, beside the host instruction it stands for."""

from __future__ import annotations

import dis as host_dis
import io
import os
import subprocess
import sys
from pathlib import Path
from types import CodeType

import pytest
import support

import adaptive
from adaptive import dis, isa, reasons
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


def test_caches_are_read_in_units() -> None:
    """Fields of every width, by writing known bytes where the layout puts them."""
    code = compile("a.b", "attribute", "eval")
    listing = dis.Listing(code)
    (row,) = (row for row in shown(code) if row.opname == "LOAD_ATTR")
    units = bytearray(listing._co_code_adaptive)
    expected = {}
    for number, field in enumerate(isa.BY_NUMBER[row.opcode].cache, start=1):
        start = 2 * (row.unit + 1 + field.offset_units)
        expected[field.name] = number << 8 | 7
        units[start : start + 2 * field.width_units] = expected[field.name].to_bytes(
            2 * field.width_units, sys.byteorder
        )
    listing._co_code_adaptive = bytes(units)
    (row,) = (row for row in dis.instructions(listing) if row.opname == "LOAD_ATTR")
    assert row.caches == expected
    assert f"[counter={1 << 8 | 7} " in str(row)


def test_side_by_side_shows_both_in_full() -> None:
    lines = list(dis.side_by_side(SAMPLE, dis.Listing(SAMPLE)))
    pairs = [line.partition(" |") for line in lines if not line.startswith("line ")]
    host = [left.split()[0] for left, _, _ in pairs if left.strip()[:1].isdigit()]
    ours = [right.split()[0] for _, _, right in pairs if right.strip()]
    assert host == [str(r.offset // 2) for r in host_dis.get_instructions(SAMPLE)]
    assert ours == [str(row.unit) for row in shown(SAMPLE)]
    numbers = [int(line.split()[1]) for line in lines if line.startswith("line ")]
    assert set(numbers) == {line for *_, line in SAMPLE.co_lines() if line}
    assert any("exceptions to" in line for line in lines)


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
    monkeypatch.setattr(dis, "lower", refuse)
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
    ],
)
def test_misuse_is_one_line(words: tuple[str, ...], program: Path) -> None:
    (program.parent / "broken.py").write_text("if")
    out, err, status = run(program.parent, *words)
    assert (out, status) == ("", 2)
    assert err.count("\n") == 1
