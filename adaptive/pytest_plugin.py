"""``pytest --adaptive-stats=report.html``: what the tests' code specialized.

The tests run on the counting engine; collection and what pytest prints do not.  Every
start of pytest imports this module where the package is installed, so it imports no
more than pytest itself unless the option is given.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from adaptive.stats import Statistics

OPTION = "--adaptive-stats"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("adaptive").addoption(
        OPTION,
        metavar="FILE",
        help="count how the tests' code specializes, and write the report there"
        " (.html, .md, .json, anything else is text)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start nothing unless the option is given.  Raises UsageError if it cannot be."""
    path = config.getoption(OPTION)
    if path is None:
        return
    from adaptive.report.output import check_writable

    if config.getoption("numprocesses", None):
        raise pytest.UsageError(f"{OPTION} counts in this process only: use -n0")
    try:
        check_writable(path)
    except ValueError as error:
        raise pytest.UsageError(f"{OPTION}: {error}") from None
    config.pluginmanager.register(Recorder(path), "adaptive-stats")


class Recorder:
    """One session's statistics, from the first test to the file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._statistics: Statistics | None = None
        self._outcome = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Count while the tests run."""
        from adaptive.stats import collect

        try:
            counting = collect()
            self._statistics = counting.__enter__()
        except (ImportError, ValueError, RuntimeError) as error:
            raise pytest.UsageError(f"{OPTION}: {error}") from None
        try:
            return (yield)
        finally:
            counting.__exit__(None, None, None)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report; a session that cannot is no success."""
        if self._statistics is None:
            return
        try:
            self._statistics.save(self._path)
        except ValueError as error:
            self._outcome = str(error)
            if session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.USAGE_ERROR
        else:
            self._outcome = f"report written to {self._path}"

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        """Say where the report is."""
        if self._outcome:
            terminalreporter.write_line(f"adaptive.stats: {self._outcome}")
