"""Runs a newer CPython's own test_monitoring on `adaptive.monitoring`, in this process.

    python tests/monitoring/host_suite.py FILE

The file is that installation's own and is not changed: `sys.monitoring` is ours while
it runs, with the engine on.  Prints one line per test that did not pass, `name: how`,
and last how many there were.
"""

from __future__ import annotations

import subprocess
import sys
import types
import unittest
from pathlib import Path

import adaptive
from adaptive import isa, monitoring

#: Runs a script with our module in the place of the host's.
WITH_OURS = """
import runpy, sys
import adaptive
from adaptive import monitoring
sys.monitoring = monitoring
adaptive.enable(0)
runpy.run_path(sys.argv[1], run_name="__main__")
"""


class Result(unittest.TestResult):
    """Keeps the names of the tests with how each ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: dict[str, str] = {}

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        """What a test leaves on that failed before its end must not spoil the next."""
        super().stopTest(test)
        for tool in range(isa.TOOLS):
            monitoring.free_tool_id(tool)

    def note(self, test: unittest.TestCase, how: str) -> None:
        """How a test ended; a subtest counts as its test."""
        whole = getattr(test, "test_case", test)
        self.ended[whole.id().removeprefix("suite.")] = how

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        """It passed, unless a subtest did not."""
        self.ended.setdefault(test.id().removeprefix("suite."), "passed")

    def addFailure(self, test, err) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        """A comparison failed."""
        self.note(test, f"failed: {err[1]}")

    addError = addFailure  # noqa: N815

    def addSkip(self, test, reason: str) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        """The file itself skips it."""
        self.note(test, f"skipped: {reason}")

    def addSubTest(self, test, subtest, err) -> None:  # type: ignore[no-untyped-def]  # noqa: N802
        """A part of a test."""
        if err is not None:
            self.note(subtest, f"failed: {err[1]}")


def run_script(script: Path) -> None:
    """Raises AssertionError if the script fails or complains, run with our module."""
    done = subprocess.run(
        [sys.executable, "-c", WITH_OURS, str(script)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def loaded(path: Path) -> types.ModuleType:
    """The test file as a module that finds our module in the place of the host's."""
    import test.support

    sys.monitoring = monitoring  # type: ignore[attr-defined]
    if not hasattr(test.support, "requires_specialization"):
        test.support.requires_specialization = lambda test: test  # type: ignore[attr-defined]
    module = types.ModuleType("suite")
    module.__file__ = str(path)
    sys.modules["suite"] = module
    exec(compile(path.read_text("utf-8"), str(path), "exec"), vars(module))
    module.script_helper = types.SimpleNamespace(  # type: ignore[attr-defined]
        run_test_script=lambda name: run_script(path.with_name(name))
    )
    test.support.findfile = lambda name: name  # type: ignore[attr-defined]
    return module


def main(path: Path) -> None:
    """Run all its tests."""
    module = loaded(path)
    suite = unittest.TestLoader().loadTestsFromModule(module)
    result = Result()
    with adaptive.enabled(0):
        suite.run(result)
    for name, how in sorted(result.ended.items()):
        if how != "passed":
            print(f"{name}: {how.splitlines()[0]}")
    print(len(result.ended))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
