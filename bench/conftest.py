"""Options of `pytest bench/`, and the summary at its end."""

from __future__ import annotations

import pytest

from bench.measure import PLAIN, Measurement, measure, sides
from bench.programs import find
from bench.report import summary_lines

MEASUREMENTS = pytest.StashKey[dict[str, Measurement]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Rounds, threshold, and running without the engine."""
    group = parser.getgroup("bench")
    group.addoption("--bench-rounds", type=int, default=5, metavar="N")
    group.addoption("--bench-threshold", type=int, default=None, metavar="N")
    group.addoption("--bench-plain-only", action="store_true")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is measured yet."""
    config.stash[MEASUREMENTS] = {}


@pytest.fixture
def measurement(request: pytest.FixtureRequest, name: str) -> Measurement:
    """Both sides of program `name`, measured when first asked for."""
    config = request.config
    done = config.stash[MEASUREMENTS]
    if name not in done:
        plain_only = config.getoption("bench_plain_only")
        switches = sides(config.getoption("bench_threshold"), plain_only)
        rounds = config.getoption("bench_rounds")
        done[name] = measure(find(name), rounds, switches)
    return done[name]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Ratio per program, slowest first, then geometric mean and worst."""
    compared = [each for each in config.stash[MEASUREMENTS].values() if each.compared]
    if not compared:
        return
    terminalreporter.section("plain / engine")
    for each in sorted(compared, key=lambda each: each.ratio):
        plain = each.best(PLAIN) * 1e3
        terminalreporter.write_line(
            f"{each.ratio:6.2f}  (of medians {each.median_ratio:5.2f})  "
            f"plain {plain:8.1f} ms  {each.name}"
        )
    for line in summary_lines(compared):
        terminalreporter.write_line(line)
