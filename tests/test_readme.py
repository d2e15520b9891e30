"""README.md: what it shows runs, what it names exists."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from adaptive import config
from adaptive.__main__ import USAGE
from adaptive.dis import USAGE as DIS_USAGE

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
FIRST_SCREEN_LINES = 30


@pytest.mark.parametrize("code", [text for kind, text in BLOCKS if kind == "python"])
def test_python_blocks_run(code: str, tmp_path: Path) -> None:
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


def test_ten_lines_are_ten_lines() -> None:
    (code,) = (text for kind, text in BLOCKS if kind == "python")
    assert len([line for line in code.splitlines() if line]) <= 10


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


def test_command_line_is_the_real_one() -> None:
    (usage,) = (text for kind, text in BLOCKS if kind == "text")
    shown = " ".join(usage.split())
    assert USAGE.removeprefix("usage: ") in shown
    assert DIS_USAGE.split(" TARGET")[0].removeprefix("usage: ") in shown
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
