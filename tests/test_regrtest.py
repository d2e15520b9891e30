"""The regression suite's runner, on a few modules."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.regrtest.__main__ import covers
from tests.regrtest.compare import (
    MISSING,
    Skip,
    SkipListError,
    compare,
    confirmed,
    read_skips,
)
from tests.regrtest.runs import Outcome, all_modules
from tests.regrtest.subset import SUBSETS

ROOT = Path(__file__).parents[1]


def run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """``python -m tests.regrtest`` with its files in *tmp_path*."""
    command = [sys.executable, "-m", "tests.regrtest", *words]
    command += ["--baseline", str(tmp_path / "b.json"), "--output", str(tmp_path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_plain_run_is_kept(tmp_path: Path) -> None:
    words = ("--modules", "test_bool,test_dictviews", "--plain-only")
    result = run(tmp_path, *words)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = (tmp_path / "b.json").read_text().splitlines()
    assert len(lines) == 2
    run(tmp_path, *words)
    assert (tmp_path / "b.json").read_text().splitlines() == lines


def test_engine_has_the_same_outcomes(tmp_path: Path) -> None:
    pytest.importorskip("adaptive._core")
    result = run(tmp_path, "--modules", "test_bool,test_scope,test_generators")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "words",
    [["--modules", "test_no_such_module"], ["--jobs", "0"], ["--subset", "none"]],
    ids=str,
)
def test_wrong_usage(tmp_path: Path, words: list[str]) -> None:
    assert run(tmp_path, *words).returncode == 2


def test_differences_of_tests_and_module() -> None:
    plain = Outcome("test_x", "passed", 1.0, {"a.T.one": "passed", "a.T.two": "passed"})
    engine = Outcome("test_x", "failed", 1.0, {"a.T.one": "failed"})
    found = {d.test: (d.plain, d.engine) for d in compare(plain, engine)}
    assert found == {
        "(module)": ("passed", "failed"),
        "a.T.one": ("passed", "failed"),
        "a.T.two": ("passed", MISSING),
    }


def test_tests_after_a_crash_count_once() -> None:
    plain = Outcome("test_x", "passed", 1.0, {"a.T.one": "passed", "a.T.two": "passed"})
    engine = Outcome("test_x", "SIGSEGV", 1.0, {}, unfinished="a.T.one")
    (found,) = compare(plain, engine)
    assert "a.T.one" in found.detail


def test_skipped_tests_do_not_differ() -> None:
    plain = Outcome("test_x", "passed", 1.0, {"a.T.one": "passed"})
    engine = Outcome("test_x", "passed", 1.0, {"a.T.one": "failed"})
    assert not compare(plain, engine, [Skip("test_x", "T.one", "why")])
    assert compare(plain, engine, [Skip("test_y", "T.one", "why")])


def test_a_difference_not_seen_again_is_flaky() -> None:
    plain = Outcome("test_x", "passed", 1.0, {"a": "passed", "b": "passed"})
    first = compare(plain, Outcome("test_x", "passed", 1.0, {"a": "f", "b": "f"}))
    second = compare(plain, Outcome("test_x", "passed", 1.0, {"a": "f", "b": "passed"}))
    stable, flaky = confirmed(first, second)
    assert [d.test for d in stable] == ["a"]
    assert [d.test for d in flaky] == ["b"]


def test_skip_list_is_short_and_reasoned(tmp_path: Path) -> None:
    read_skips()
    path = tmp_path / "skips.txt"
    path.write_text("# comment\n" + "test_x:T.t  reason\n" * 15)
    assert len(read_skips(path)) == 15
    path.write_text("test_x:T.t  reason\n" * 16)
    with pytest.raises(SkipListError, match="16 lines"):
        read_skips(path)
    path.write_text("test_x\n")
    with pytest.raises(SkipListError, match="no reason"):
        read_skips(path)


@pytest.mark.parametrize("name", SUBSETS)
def test_subset_names_modules_once(name: str) -> None:
    subset = SUBSETS[name]
    assert len(subset) == len(set(subset))
    known = all_modules()
    missing = [row for row in subset if not any(covers(row, each) for each in known)]
    assert len(missing) <= 5  # those of other versions of the host


def test_a_package_is_meant_by_its_name() -> None:
    assert covers("test_asyncio", "test.test_asyncio.test_tasks")
    assert not covers("test_thread", "test_threading")
