"""Real programs: the plain host's results, almost all frames on the engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adaptive.report import gather
from adaptive.report.profile import GENERIC, HOT_SHARE, Profile, total_of
from bench.micro import MICRO
from bench.programs import available

ROOT = Path(__file__).parents[1]
ENGINE = ("-m", "adaptive", "--threshold", "0", "--counters")
COUNTERS = "adaptive-counters: "
LEAST_SHARE = 0.99
"""Of the Python frames entered after start-up, the part that must run on the engine."""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this interpreter from the checkout, with a fixed order of hashing."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def counters(stderr: str) -> dict[str, object]:
    """The counters that `--counters` printed on exit."""
    lines = [line for line in stderr.splitlines() if line.startswith(COUNTERS)]
    assert lines, f"no counters on stderr:\n{stderr}"
    found: dict[str, object] = json.loads(lines[-1].removeprefix(COUNTERS))
    return found


def assert_on_engine(stderr: str) -> None:
    """All but one frame in a hundred ran on the engine."""
    frames = counters(stderr)["frames"]
    assert isinstance(frames, dict)
    left = sum(frames["host"].values())
    share = frames["engine"] / max(1, frames["engine"] + left)
    assert share > LEAST_SHARE, f"{share:.2%} on the engine, left: {frames['host']}"


#: Reasons that say no more than that there is no form.
CATCH_ALLS = {None, "no_form_for_types", "no_form_for_callable"}


def assert_counted(profile: Profile) -> None:
    """The totals add up, and what is hot and generic has a telling reason."""
    for code, site in profile.sites():
        parts = site.hits + site.misses + site.deferred + site.refused
        assert site.executions == parts, (code.name, site)
    total = total_of(site for _, site in profile.sites())
    assert total.executions == (
        total.hits + total.misses + total.deferred + total.unspecialized
    )
    for code, site in profile.sites():
        hot = site.generic > HOT_SHARE * total.executions
        # Before its first attempt there is nothing to say of a site.
        if hot and site.attempts and site.state == GENERIC:
            assert site.reason not in CATCH_ALLS, (code.name, site)


def assert_same_on_engine(*names: str) -> None:
    """The programs compute on the engine what they compute on the plain host."""
    plain = python("-m", "bench.run_one", *names)
    assert plain.returncode == 0, plain.stderr
    engine = python(*ENGINE, "-m", "bench.run_one", *names)
    assert engine.returncode == 0, engine.stderr
    assert engine.stdout.splitlines() == plain.stdout.splitlines()
    assert_on_engine(engine.stderr)


def assert_same_when_counted(name: str, folder: Path) -> None:
    """The program computes the same on the counting loop, and the counts are sound."""
    plain = python("-m", "bench.run_one", name)
    path = folder / "counts"
    words = ("-m", "adaptive", "--threshold", "0", "--collect", str(path))
    engine = python(*words, "-m", "bench.run_one", name)
    assert engine.returncode == 0, engine.stderr
    assert engine.stdout.splitlines() == plain.stdout.splitlines()
    assert_counted(gather.load(str(path)))


@pytest.mark.parametrize("name", available())
def test_program(name: str) -> None:
    """A program of pyperformance."""
    assert_same_on_engine(name)


@pytest.mark.parametrize("name", available())
def test_counted_program(name: str, tmp_path: Path) -> None:
    """The same program counted."""
    assert_same_when_counted(name, tmp_path)


def test_micro_programs() -> None:
    """Every micro program, in one process."""
    assert_same_on_engine(*MICRO)
