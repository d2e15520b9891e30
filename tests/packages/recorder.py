"""The pytest plugin of the tested process: it writes down every outcome.

Never imported by the runner, which puts a copy of it where both sides find it.  The
file of events has the format of ``tests/regrtest/record.py``.
"""

import json
import os
import sys
from typing import Any

DETAIL_CHARS = 6000  # of a traceback's end; enough to see where an assert failed

# ``prepare.py`` has the variable's name; a suite's own processes are not to see it.
_path = os.environ.pop("ADAPTIVE_PACKAGES_EVENTS")
_pid = os.getpid()
_passed_subtests = 0


def add(*event: Any) -> None:
    """Append one event; forked children are silent."""
    if os.getpid() == _pid:
        with open(_path, "a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")


def pytest_runtest_logstart(nodeid: str) -> None:
    """A test begins: the one that runs if the process dies."""
    global _passed_subtests
    _passed_subtests = 0
    add("start", nodeid)


def pytest_runtest_logreport(report: Any) -> None:
    """A part of a test has ended: what it did, its setup and teardown, a sub-test.

    Of setups and teardowns only those count that do not pass.
    """
    global _passed_subtests
    outcome, name = report.outcome, report.nodeid
    if hasattr(report, "context"):
        if report.passed:
            _passed_subtests += 1
            return
        name += f" {report.context}"
    elif report.when == "teardown" and _passed_subtests:
        add("subtests", name, _passed_subtests)
    if report.when != "call" and report.passed:
        return
    if hasattr(report, "wasxfail"):
        outcome = "expected failure" if report.skipped else "unexpected success"
    elif report.when != "call" and report.failed:
        outcome = f"error in {report.when}"
    add("end", name, outcome, str(report.longrepr or "")[-DETAIL_CHARS:])


def pytest_collectreport(report: Any) -> None:
    """A module that cannot be imported, or is skipped as a whole."""
    if not report.passed:
        detail = str(report.longrepr or "")[-DETAIL_CHARS:]
        add("end", f"collecting {report.nodeid}", report.outcome, detail)


def pytest_sessionfinish() -> None:
    """How much ran on the engine, where there is one."""
    engine = sys.modules.get("adaptive")
    if engine is not None:
        add("counters", engine.counters())
