"""``pytest --adaptive-stats=FILE``, in sessions of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adaptive.report import schema

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent

TESTS = """
def hot(n):
    total = 0
    for i in range(n):
        total = total + i
    return total

def test_hot():
    for _ in range(20):
        hot(50)

def test_modules():
    import sys
    print("loaded:", *sorted({"rich", "msgspec", "adaptive.stats"} & set(sys.modules)))
"""


@pytest.fixture
def session(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """A directory with tests, where the checkout and its plugin are found."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in [name for name in os.environ if name.startswith("ADAPTIVE")]:
        monkeypatch.delenv(name)
    pytester.makepyfile(TESTS)
    return pytester


def run(session: pytest.Pytester, *words: str) -> pytest.RunResult:
    """One session in a process of its own."""
    plugin = ("-p", "adaptive.pytest_plugin", "-p", "no:cacheprovider")
    return session.runpytest_subprocess(*plugin, *words)


@pytest.mark.parametrize("name", ["out.html", "out.md", "out.txt", "out.json"])
def test_a_report_is_written(session: pytest.Pytester, name: str) -> None:
    done = run(session, f"--adaptive-stats={name}")
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines([f"adaptive.stats: report written to {name}"])
    assert (session.path / name).stat().st_size > 100


def test_it_is_about_the_tests(session: pytest.Pytester) -> None:
    run(session, "--adaptive-stats=out.json")
    profile = schema.load(str(session.path / "out.json")).profile
    (hot,) = [code for code in profile.codes if code.name == "hot"]
    assert {site.family for site in hot.sites} >= {"FOR_ITER", "BINARY_OP"}
    assert all(site.hits for site in hot.sites if site.family == "BINARY_OP")


def test_without_the_option_nothing_is_loaded(session: pytest.Pytester) -> None:
    done = run(session, "-s")
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["*loaded:"])
    done.stdout.no_fnmatch_line("*adaptive.stats*")


def test_failing_tests_keep_their_status(session: pytest.Pytester) -> None:
    session.makepyfile(test_bad="def test_bad(): assert 0")
    done = run(session, "--adaptive-stats=out.txt")
    done.assert_outcomes(passed=2, failed=1)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    assert (session.path / "out.txt").exists()


@pytest.mark.parametrize("path", ["none/out.txt", "."])
def test_a_place_that_cannot_be_written(session: pytest.Pytester, path: str) -> None:
    """It is seen before the first test runs."""
    done = run(session, f"--adaptive-stats={path}")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR: --adaptive-stats: can't write *"])
    assert "passed" not in done.stdout.str()


def test_an_engine_that_cannot_count(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADAPTIVE_DISABLE", "1")
    done = run(session, "--adaptive-stats=out.txt")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR: --adaptive-stats: nothing can be counted*"])
