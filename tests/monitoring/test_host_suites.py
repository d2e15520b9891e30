"""CPython 3.12's and 3.13's own test_monitoring, on `adaptive.monitoring`.

What a newer host's test says about its own bytecode cannot hold on 3.11's; each such
test is named here with the reason, and one that does pass after all is an error too.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import support

RUNNER = Path(__file__).parent / "host_suite.py"
TRANSCRIPT = Path(__file__).parent / "transcript.py"

#: Where installations of other versions are looked for.
INSTALLED = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"

_JUMP = "3.11's compiler ends the body of `try` with a jump, which is told"
_SUPER = "asserts that the code has LOAD_SUPER_ATTR, which 3.11 does not"
_OFFSETS = "instruction offsets of newer bytecode (RETURN_CONST, PRECALL, caches)"
_C_API = "tests a C API of 3.13 through its _testcapi, which 3.11's lacks"

#: Tests that cannot hold, and why.
EXPLAINED = {
    "ExceptionMonitoringTest.test_no_unwind_for_shim_frame": (
        "looks for a form after events were switched on, when forms have given way"
    ),
    "LineMonitoringTest.test_generator_with_line": (
        "3.11 closes the inner generator in C, and has no handler at `yield from`"
    ),
    "MonitoringEventsTest.test_caught": _JUMP,
    "MonitoringEventsTest.test_just_call": _JUMP,
    "MonitoringEventsTest.test_just_pass": _JUMP,
    "MonitoringEventsTest.test_nested_call": _JUMP,
    "TestBranchAndJumpEvents.test_except_star": _OFFSETS,
    "TestInstallIncrementally.test_call_then_instruction": _OFFSETS,
    "TestInstallIncrementally.test_instruction_then_call": _OFFSETS,
    "TestLineAndInstructionEvents.test_c_call": _OFFSETS,
    "TestLineAndInstructionEvents.test_simple": _OFFSETS,
    "TestLineAndInstructionEvents.test_try_except": _OFFSETS,
    "TestLineAndInstructionEvents.test_with_restart": _OFFSETS,
    "TestLoadSuperAttr.test_attr": _SUPER,
    "TestLoadSuperAttr.test_method_call": _SUPER,
    "TestLoadSuperAttr.test_method_call_error": _SUPER,
    "TestLoadSuperAttr.test_vs_other_type_call": _SUPER,
    "TestCApiEventGeneration.test_disable_event": _C_API,
    "TestCApiEventGeneration.test_enter_scope_two_events": _C_API,
    "TestCApiEventGeneration.test_fire_event": _C_API,
    "TestCApiEventGeneration.test_fire_event_failing_callback": _C_API,
    "TestCApiEventGeneration.test_missing_exception": _C_API,
}
#: Those of them that only 3.13's file has.
SINCE_3_13 = {
    name
    for name, why in EXPLAINED.items()
    if why is _C_API or name.endswith(("shim_frame", "generator_with_line"))
}


def installed(version: str, tail: str) -> Path:
    """A file of some installation of the version; skips where there is none."""
    for found in sorted(INSTALLED.glob(f"{version}.*/{tail}")):
        return found
    pytest.skip(f"no CPython {version} with its {tail} is installed here")


@pytest.mark.parametrize("stress", ["", "gc", "deopt", "specialize"])
@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_newer_hosts_own_tests(version: str, stress: str) -> None:
    """All hold but those that speak of another version's bytecode."""
    suite = installed(version, f"lib/python{version}/test/test_monitoring.py")
    done = support.python(str(RUNNER), str(suite), stress=stress)
    assert done.returncode == 0, done.stderr
    *lines, count = done.stdout.splitlines()
    failed = dict(line.split(": ", 1) for line in lines if ": failed: " in line)
    expected = set(EXPLAINED) if version == "3.13" else set(EXPLAINED) - SINCE_3_13
    assert set(failed) == expected, done.stdout
    assert int(count) > 60


def test_newer_host_answers_the_same() -> None:
    """Values, error messages, and events of the same programs in the same order."""
    newer = installed("3.13", "bin/python3.13")
    expected = subprocess.run(
        [str(newer), str(TRANSCRIPT)], capture_output=True, text=True, check=True
    )
    done = support.python(str(TRANSCRIPT))
    assert done.returncode == 0, done.stderr
    assert len(expected.stdout.splitlines()) > 300
    assert done.stdout.splitlines() == expected.stdout.splitlines()
