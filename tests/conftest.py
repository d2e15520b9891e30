"""Fixtures for all tests, and the `--requirements` listing.

The listing says for each row of requirements.txt which tests name it, in their
docstring or in the id of a parameter.  It runs nothing.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import adaptive

pytest.register_assert_rewrite("support")

ROWS = Path(__file__).parent / "requirements.txt"

#: Rows that cannot apply yet, and why: the listing says it in the place of a test.
NOT_APPLICABLE = {
    "S1-15": "there is no compiled code to cache before traces are compiled",
    "S1-17": "there is no compiled code to recompile before traces are compiled",
    "S4-03": "the interpreter lock stops the world: nothing runs while a class changes",
    "S4-23": "under the lock no thread can change the keys between guard and use",
    "S4-26": "references are counted, not deferred: what is on the stack is owned",
    "S4-27": "references are counted under the lock; none are deferred before 3.13t",
}
ROW_ID = re.compile(r"\bS\d-\d\d\b")
PROVED = pytest.StashKey[dict[str, list[str]]]()


@pytest.fixture(autouse=True)
def _nothing_left_on() -> Iterator[None]:
    """A test that leaves the engine, tracing or profiling on spoils all after it."""
    yield
    left = [
        name
        for name, on in (
            ("engine", adaptive.is_enabled()),
            ("profile function", sys.getprofile() is not None),
        )
        if on
    ]
    adaptive.disable()
    sys.setprofile(None)
    assert not left, f"left on: {', '.join(left)}"
    assert threading.active_count() == 1


def requirement_rows() -> dict[str, str]:
    """ID to behaviour, in the file's order."""
    rows: dict[str, str] = {}
    for line in ROWS.read_text("utf-8").splitlines():
        name, _, behaviour = line.partition("  ")
        if name in rows or not ROW_ID.fullmatch(name) or not behaviour:
            raise pytest.UsageError(f"{ROWS.name}: not a row of its own: {line!r}")
        rows[name] = behaviour
    return rows


def named_rows(item: pytest.Item) -> set[str]:
    """The IDs that a test's docstring or its parameters' ids name."""
    tested = getattr(item, "obj", None)
    return set(ROW_ID.findall(f"{getattr(tested, '__doc__', '')} {item.name}"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the listing's option."""
    parser.addoption(
        "--requirements",
        action="store_true",
        help="list the requirements with the tests that prove them, and run nothing",
    )


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Collects who proves what.  Raises UsageError for an ID without a row."""
    proved: dict[str, list[str]] = {name: [] for name in requirement_rows()}
    for item in items:
        for name in named_rows(item):
            if name not in proved:
                raise pytest.UsageError(f"{item.nodeid} names {name}, which is no row")
            proved[name].append(item.nodeid)
    config.stash[PROVED] = proved
    if config.getoption("--requirements"):
        items.clear()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A listing is no failure although it runs no test."""
    listing = session.config.getoption("--requirements")
    if listing and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Prints the listing."""
    if not config.getoption("--requirements") or PROVED not in config.stash:
        return
    proved = config.stash[PROVED]
    for name, behaviour in requirement_rows().items():
        tests = sorted(set(proved[name]))
        terminalreporter.write_line(f"{name}  {behaviour}")
        for test in tests or [f"({NOT_APPLICABLE.get(name, 'no test')})"]:
            terminalreporter.write_line(f"           {test}")
    count = sum(map(bool, proved.values()))
    terminalreporter.write_line(f"{count} of {len(proved)} rows have tests")
