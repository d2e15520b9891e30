"""The differential fuzzer: its programs are varied and repeatable, and sides agree."""

import dis
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.differential.gen import Generator, program
from tests.differential.observe import Program
from tests.differential.reduce import reduced
from tests.differential.templates import PRODUCTIONS

ROOT = Path(__file__).parents[1]
PROGRAMS = 1500

# What 3.11's compiler emits only outside of what templates can hold as plain text;
# grammar.py has them in snippets that exec compiles when the program runs.
IN_SNIPPETS = {"PRINT_EXPR", "IMPORT_STAR"}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """``python -m tests.differential`` with these words."""
    command = [sys.executable, "-m", "tests.differential", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def all_code(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object and the ones in its constants."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from all_code(constant)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_every_opcode_and_production_is_made() -> None:
    opcodes: set[str] = set()
    productions: set[str] = set()
    for seed in range(PROGRAMS):
        generator = Generator(seed)
        source = generator.module()
        productions |= generator.used
        for code in all_code(Program(source).code()):
            opcodes |= {dis.opname[number] for number in code.co_code[::2]}
    assert productions == PRODUCTIONS
    assert set(dis.opmap) - opcodes == IN_SNIPPETS


def test_a_seed_is_a_program() -> None:
    assert program(11) == program(11) != program(12)


def test_host_agrees_with_itself() -> None:
    result = run("--host-only", "--count", "300")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "stress",
    ["bail:1", "gc", "deopt:1", "specialize", "bail,deopt,specialize:1", "gc,deopt:2"],
)
def test_engine_agrees_with_host(stress: str) -> None:
    pytest.importorskip("adaptive._core")
    result = run("--count", "200", "--stress", stress, "--keep-going")
    assert result.returncode == 0, result.stdout + result.stderr


def test_sites_get_every_form() -> None:
    isa = pytest.importorskip("adaptive.isa")
    pytest.importorskip("adaptive._core")
    result = run("--count", "1000", "--keep-going")
    assert result.returncode == 0, result.stdout + result.stderr
    count = sum(len(isa.FORMS[family]) for family in isa.FAMILIES)
    assert f"{count} of {count} forms" in result.stdout


def test_stress_changes_what_is_specialized() -> None:
    pytest.importorskip("adaptive._core")
    ledgers = set()
    for stress in ("", "deopt:1", "deopt:2", "specialize"):
        result = run("--count", "20", "--stress", stress, "--ledger")
        assert result.returncode == 0, result.stdout + result.stderr
        ledgers.add(result.stdout.partition("\n")[2])
    assert len(ledgers) == 4


def test_wrong_usage() -> None:
    for words in (["--count", "0"], ["--nothing"], ["--seed", "-1"]):
        assert run(*words).returncode == 2


def test_reducer_keeps_what_matters() -> None:
    source = "def f():\n    if a:\n        b = 1\n        c = 2\n    d = 3\ne = 4\n"
    assert reduced(source, lambda text: "c = 2" in text) == "c = 2\n"


def test_reducer_leaves_fuel_in_loops() -> None:
    source = "while True:\n    tick()\n    a = 1\n    b = 2\n"
    small = reduced(source, lambda text: "while" in text and "b" in text)
    assert small == "while True:\n    tick()\n    b = 2\n"
