"""README.md and docs/: what they show runs, what they name exists."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from adaptive import config, isa, reasons
from adaptive.__main__ import USAGE
from adaptive.dis import USAGE as DIS_USAGE
from tests.packages.catalog import PACKAGES
from tests.regrtest.subset import TOOLS

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text("utf-8")
SPECIALIZATION = (ROOT / "docs" / "specialization.md").read_text("utf-8")
FIRST_SCREEN_LINES = 30


def blocks(text: str, kind: str) -> list[str]:
    """The fenced blocks of one kind, in order."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [code for name, code in found if name == kind]


PYTHON_BLOCKS = [
    pytest.param(code, id=f"{path.stem}-{number}")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    for number, code in enumerate(blocks(path.read_text("utf-8"), "python"))
]


@pytest.mark.parametrize("code", PYTHON_BLOCKS)
def test_python_blocks_run(code: str, tmp_path: Path) -> None:
    """They print something; if a block ends with comments, just that."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    promised = re.search(r"(?:^# .*\n)+\Z", code, re.MULTILINE)
    if promised:
        said = [line.removeprefix("# ") for line in promised.group().splitlines()]
        assert done.stdout.splitlines() == said


def test_ten_lines_are_ten_lines() -> None:
    code, *_ = blocks(TEXT, "python")
    assert len([line for line in code.splitlines() if line]) <= 10


def test_the_policy_of_the_readme_is_that_of_the_docs() -> None:
    """It shows an effect: two lines that differ."""
    (code,) = (code for code in blocks(TEXT, "python") if "adaptive.Policy)" in code)
    assert code in blocks(SPECIALIZATION, "python")
    first, second = code.splitlines()[-2:]
    assert first.startswith("# ") and second.startswith("# ") and first != second


@pytest.mark.parametrize("name", ["run", "test"])
def test_marked_commands(name: str) -> None:
    """Each is one line, complete in itself, and names only files that exist."""
    block = runpy.run_path(str(ROOT / ".ci" / "block.py"))["block"]
    (line,) = block(name).splitlines()
    assert line.startswith("python3.11 -m venv .venv && ")
    assert TEXT[: TEXT.index(line)].count("\n") < FIRST_SCREEN_LINES
    for word in re.findall(r"[\w/]+\.py\b", line):
        assert (ROOT / word).is_file()
    with pytest.raises(KeyError):
        block("no_such_block")


def test_ci_runs_the_marked_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert ".ci/block.py" in script
    assert set(re.findall(r"<!-- ci: (\w+) -->", TEXT)) == {"run", "test"}
    assert "for name in run test; do" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_files_of_the_map_exist() -> None:
    paths = re.findall(r"^\| `([\w./]+)` \|", TEXT, re.MULTILINE)
    files = [path for path in paths if "/" in path]
    assert len(files) > 10
    assert [path for path in files if not (ROOT / path).exists()] == []


def test_every_module_is_on_the_map() -> None:
    for path in (ROOT / "adaptive").glob("*.py"):
        assert f"`adaptive/{path.name}`" in TEXT
    for path in (ROOT / "adaptive").rglob("*.py"):
        folder = path.parent.relative_to(ROOT).as_posix()
        assert f"`{folder}/`" in TEXT or path.parent.name == "adaptive"


def test_links_lead_to_files() -> None:
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def table(marker: str) -> list[tuple[str, str]]:
    """The rows of the docs' table that stands below a marker."""
    _, _, rest = SPECIALIZATION.partition(f"<!-- {marker} -->\n")
    lines = re.match(r"(?:\|.*\n)+", rest)
    assert lines
    return re.findall(r"^\| `(\w+)` \| (.*) \|$", lines.group(), re.MULTILINE)


def test_every_refusal_is_in_the_docs() -> None:
    assert table("reasons") == [
        (row.name, row.sentence) for row in reasons.of_kind(reasons.REFUSAL)
    ]


def test_every_form_is_in_the_docs() -> None:
    assert table("forms") == [
        (base, ", ".join(row.name.removeprefix(f"{base}_") for row in isa.FORMS[base]))
        for base in isa.FAMILIES
    ]


def test_counters_in_the_docs_are_the_real_ones() -> None:
    for name, row in (("WARMUP", "warm-up"), ("COOLDOWN", "cool-down")):
        value, backoff = config.COUNTER_STARTS[name]
        assert f"| {row} | {value}, {backoff} |" in SPECIALIZATION
    assert f"{2**config.COUNTER_MAX_BACKOFF - 1} executions" in SPECIALIZATION
    assert f"low {config.COUNTER_BACKOFF_BITS} bits" in SPECIALIZATION


def test_command_line_is_the_real_one() -> None:
    (usage,) = blocks(TEXT, "text")
    shown = " ".join(usage.split())
    assert USAGE.removeprefix("usage: ") in shown
    assert DIS_USAGE.removeprefix("usage: ") in shown
    for mode in config.STRESS_MODES:
        assert f"--stress {mode}`" in TEXT


def test_support_matrix_names_the_lowerings() -> None:
    versions = {
        f"{path.stem[1]}.{path.stem[2:]}"
        for path in (ROOT / "adaptive" / "lowering").glob("v*.py")
    }
    for version in versions:
        (row,) = re.findall(rf"^\| CPython {version} \|.*$", TEXT, re.MULTILINE)
        assert "tested" in row


def test_nothing_of_one_machine_is_in_it() -> None:
    assert not re.search(r"(?<![\w.])/[a-z]+/", TEXT)


def test_packages_in_the_docs_are_the_real_ones() -> None:
    text = (ROOT / "docs" / "compatibility.md").read_text("utf-8")
    shown = re.findall(r"^\| ([\w-]+) ([\d.]+) \| \d", text, re.MULTILINE)
    assert {f"{name}=={version}" for name, version in shown} == {
        package.pinned for package in PACKAGES.values()
    }
    for package in PACKAGES.values():
        if package.left_out:
            assert f"- {package.name}: {package.left_out}\n" in text


def test_tools_in_the_docs_are_the_real_ones() -> None:
    text = (ROOT / "docs" / "compatibility.md").read_text("utf-8")
    assert [name for name in TOOLS if f"`{name}`" not in text] == []
