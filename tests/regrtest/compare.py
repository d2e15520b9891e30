"""What counts as a difference between two outcomes of a module, and the skip list."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.regrtest.runs import Outcome

SKIPS_FILE = Path(__file__).with_name("skips.txt")
MOST_SKIPS = 15  # the project's promise; a longer list hides faults
WHOLE_MODULE = "(module)"
MISSING = "(not run)"
#: An outcome as runs.py words it.
PASSING_SUBTESTS = re.compile(r"passed, (\d+) sub-tests$")


class SkipListError(ValueError):
    """The skip list is too long or a line of it has no reason."""


@dataclass(frozen=True)
class Skip:
    """One line of the skip list; *test* is empty for a whole module."""

    module: str
    test: str
    reason: str

    @property
    def pattern(self) -> str:
        """The regrtest pattern that leaves the test out."""
        return f"*.{self.test}"

    def covers(self, test: str) -> bool:
        """Whether the test id, or a sub-test of it, is meant."""
        return test.partition(" ")[0].endswith(f".{self.test}")


@dataclass(frozen=True)
class Difference:
    """One test that came out otherwise on the engine."""

    module: str
    test: str
    plain: str
    engine: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.module}: {self.test}: plain {self.plain}, engine {self.engine}"


def read_skips(path: Path = SKIPS_FILE) -> list[Skip]:
    """Raises SkipListError for a line without a reason and for a 16th line."""
    skips = []
    for line in path.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        target, _, reason = line.partition(" ")
        if not reason.strip():
            raise SkipListError(f"{path.name}: no reason given for {target}")
        module, _, test = target.partition(":")
        skips.append(Skip(module, test, reason.strip()))
    if len(skips) > MOST_SKIPS:
        raise SkipListError(f"{path.name}: {len(skips)} lines, at most {MOST_SKIPS}")
    return skips


def same_outcome(plain: str, engine: str) -> bool:
    """Whether a test came out alike.

    More passing sub-tests are alike: some tests make one for each loaded module, and
    the engine's own modules are loaded.
    """
    if plain == engine:
        return True
    before, after = PASSING_SUBTESTS.match(plain), PASSING_SUBTESTS.match(engine)
    return bool(before and after) and int(after[1]) >= int(before[1])


def compare(
    plain: Outcome, engine: Outcome, skips: Iterable[Skip] = ()
) -> list[Difference]:
    """Every difference; the tests a dead process did not reach count as one."""
    found = []
    if plain.status != engine.status:
        detail = f"while running {engine.unfinished}" if engine.unfinished else ""
        found.append(
            Difference(plain.module, WHOLE_MODULE, plain.status, engine.status, detail)
        )
    covering = [skip for skip in skips if skip.module == plain.module]
    for test in plain.tests | engine.tests:
        before = plain.tests.get(test, MISSING)
        after = engine.tests.get(test, MISSING)
        if same_outcome(before, after) or any(skip.covers(test) for skip in covering):
            continue
        if after == MISSING and engine.died:
            continue
        detail = engine.details.get(test) or plain.details.get(test, "")
        found.append(Difference(plain.module, test, before, after, detail))
    return found


def confirmed(
    first: list[Difference], second: list[Difference]
) -> tuple[list[Difference], list[Difference]]:
    """Split what was seen first into (seen again, not seen again)."""
    again = {difference.test for difference in second}
    stable = [difference for difference in first if difference.test in again]
    flaky = [difference for difference in first if difference.test not in again]
    return stable, flaky
