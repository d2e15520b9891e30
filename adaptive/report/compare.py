"""What changed between two runs of a program, and what may fail a build for it.

Shares are compared as they are shown, in hundredths of a percent: a smaller change is
what the order of sets or the garbage collector makes of the same program.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from .facts import hundredths, number, percent
from .profile import Profile, Total, by_family, total_of

#: The head of a comparison as JSON.
NAME = "adaptive.stats.comparison"
VERSION = 1


@dataclass(slots=True, frozen=True)
class Change:
    """One thing that both runs may have executed; None where one did not."""

    name: str
    before: Total | None
    after: Total | None

    @property
    def before_share(self) -> str:
        """The share of specialized executions before, for people."""
        return _share(self.before)

    @property
    def after_share(self) -> str:
        """The share of specialized executions after, for people."""
        return _share(self.after)

    @property
    def points(self) -> float:
        """How far the share rose, in points of a percent; 0 if one side has none."""
        if self.before is None or self.after is None:
            return 0.0
        return (_hundredths(self.after) - _hundredths(self.before)) / 100

    @property
    def points_text(self) -> str:
        """The points with their sign; "" if one side has none."""
        if self.before is None or self.after is None:
            return "new" if self.before is None else "gone"
        return f"{self.points:+.2f}"

    @property
    def weight(self) -> float:
        """What the change means for the program: executions gained or lost."""
        after = self.after.executions if self.after else 0
        before = self.before.executions if self.before else 0
        return abs(self.points) * max(after, before)


def _share(total: Total | None) -> str:
    return "" if total is None else percent(total.hits, total.executions)


def _hundredths(total: Total) -> int:
    """The share in hundredths of a percent."""
    return hundredths(total.hits, total.executions)


@dataclass(slots=True, frozen=True)
class Comparison:
    """Two runs, the older one first."""

    before: Profile
    after: Profile

    @property
    def whole(self) -> Change:
        """Everything that was executed."""
        before, after = (
            total_of(site for _, site in profile.sites())
            for profile in (self.before, self.after)
        )
        return Change("everything", before, after)

    @property
    def fell(self) -> bool:
        """Whether the share of specialized executions fell."""
        return self.whole.points < 0

    @property
    def verdict(self) -> str:
        """The one sentence that matters most."""
        whole = self.whole
        verb = "fell" if self.fell else "rose" if whole.points else "stayed"
        counts = (
            number(total.executions) for total in (whole.before, whole.after) if total
        )
        return (
            f"The share of specialized executions {verb}:"
            f" {whole.before_share or 'none'} before,"
            f" {whole.after_share or 'none'} after"
            f" (of {' and '.join(counts)} executions)."
        )

    @property
    def complaint(self) -> str:
        """The verdict, and the function that has most to do with it."""
        fallen = [change for change in self.functions() if change.points < 0]
        if not fallen:
            return self.verdict
        worst = fallen[0]
        shares = f"{worst.before_share} before, {worst.after_share} after"
        return f"{self.verdict} Most in {worst.name}: {shares}."

    def families(self) -> list[Change]:
        """The families that either run executed, in the instruction set's order."""
        return _changes(by_family(self.before), by_family(self.after))

    def functions(self) -> list[Change]:
        """The functions whose share changed, the weightiest first.

        They are known by file and qualified name, since their lines may have moved.
        """
        changes = _changes(_by_function(self.before), _by_function(self.after))
        changed = [change for change in changes if change.points]
        return sorted(changed, key=lambda change: -change.weight)

    def tables(self, top: int) -> dict[str, list[Change]]:
        """What the reports show, by title."""
        return {"Families": self.families(), "Functions": self.functions()[:top]}

    def as_json(self) -> str:
        """The comparison for other programs."""
        document = {
            "schema": NAME,
            "version": VERSION,
            "before": {"command": self.before.command, "engine": self.before.engine},
            "after": {"command": self.after.command, "engine": self.after.engine},
            "everything": _as_data(self.whole),
            "families": [_as_data(change) for change in self.families()],
            "functions": [_as_data(change) for change in self.functions()],
        }
        return json.dumps(document, separators=(",", ":")) + "\n"


def _as_data(change: Change) -> dict[str, object]:
    sides = {
        side: None if total is None else {**asdict(total), "share": total.share}
        for side, total in (("before", change.before), ("after", change.after))
    }
    return {"name": change.name, **sides, "points": round(change.points, 2)}


def _changes(before: dict[str, Total], after: dict[str, Total]) -> list[Change]:
    """Both sides by name; what neither executed is left out."""
    changes = []
    for name in dict.fromkeys([*before, *after]):
        sides = [
            total if total and total.executions else None
            for total in (before.get(name), after.get(name))
        ]
        if any(sides):
            changes.append(Change(name, *sides))
    return changes


def _by_function(profile: Profile) -> dict[str, Total]:
    """A total for each function; code objects of one name are one."""
    totals: dict[str, Total] = {}
    for code in profile.codes:
        total = totals.setdefault(f"{code.file}:{code.name}", Total())
        for site in code.sites:
            total.add(site)
    return totals


def target(command: Iterable[str]) -> tuple[str, ...]:
    """What of a command says which program it is: its first words, no arguments."""
    words = tuple(command)
    if words[:1] in (("-m",), ("-c",)):
        return words[:2]
    return tuple(os.path.normpath(word) for word in words[:1])


def same_program(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two commands run the same program, whatever its arguments."""
    ours, theirs = target(one), target(other)
    return ours == theirs or (
        len(ours) == len(theirs) == 1
        and os.path.abspath(ours[0]) == os.path.abspath(theirs[0])
    )
