"""Which part of a run a report is about, and in which order its sites stand.

A selection leaves sites out; the codes without sites left go too.  What is counted for
the run as a whole (frames, calls, pairs, threads) cannot be divided and stays.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from .profile import HOT_SHARE, Code, Profile, Site

Row = tuple[Code, Site]

#: How many rows a report lists of one kind unless told.
DEFAULT_TOP = 20
DEFAULT_SORT = "generic"

#: Executions after which a site is no longer warming up, whatever the policy's
#: warm-up is: a short program's share of them may look hot.
WARM_UP = 100


@dataclass(slots=True, frozen=True)
class Selection:
    """Files by pattern and families by name; an empty tuple leaves nothing out."""

    files: tuple[str, ...] = ()
    families: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.families)

    def __str__(self) -> str:
        """The selection for people: ``files app.py; families CALL, SEND``."""
        parts = (("files", self.files), ("families", self.families))
        return "; ".join(f"{what} {', '.join(some)}" for what, some in parts if some)

    def has_file(self, file: str) -> bool:
        """Whether a pattern fits the path, the path from here, or the name alone."""
        names = (file, from_here(file), os.path.basename(file))
        return not self.files or any(
            fnmatchcase(name, pattern) for pattern in self.files for name in names
        )

    def of(self, profile: Profile) -> Profile:
        """The selected part; the profile itself if that is all of it."""
        if not self:
            return profile
        kept = {file: self.has_file(file) for file in _files(profile)}
        codes = []
        for code in profile.codes:
            sites = [site for site in code.sites if self._has_family(site)]
            if kept[code.file] and (sites or not self.families):
                codes.append(replace(code, sites=sites))
        declined = [] if self.families else profile.declined
        return replace(
            profile,
            codes=codes,
            declined=[code for code in declined if kept[code.file]],
        )

    def _has_family(self, site: Site) -> bool:
        return not self.families or site.family in self.families


def selected(profile: Profile, selections: Iterable[Selection]) -> Profile:
    """The part that all of the selections leave."""
    for selection in selections:
        profile = selection.of(profile)
    return profile


def from_here(path: str) -> str:
    """The path as it is written in this directory; as it is where there is none."""
    try:
        return os.path.relpath(path)
    except (OSError, ValueError):
        return path


def _files(profile: Profile) -> set[str]:
    lowered = {code.file for code in profile.codes}
    return lowered | {code.file for code in profile.declined}


#: What sites can be sorted by; the largest comes first.
SORTS: dict[str, Callable[[Row], float]] = {
    "generic": lambda row: row[1].generic,
    "executions": lambda row: row[1].executions,
    "hits": lambda row: row[1].hits,
    "misses": lambda row: row[1].misses,
    "deferred": lambda row: row[1].deferred,
    "unspecialized": lambda row: row[1].refused,
    "attempts": lambda row: row[1].attempts,
    "share": lambda row: -row[1].share,
    "file": lambda row: 0,
}


def not_specialized(profile: Profile, sort: str = DEFAULT_SORT) -> list[Row]:
    """The sites that a form missed, that were refused one, or that are hot without.

    Those that were merely warming up are not among them.  Among equals the one with
    more generic executions comes first, except that "file" goes by place.  Raises
    KeyError for no order.
    """
    key = SORTS[sort]
    by_place = sort == "file"
    hot = HOT_SHARE * sum(site.executions for _, site in profile.sites())
    rows = (
        row
        for row in profile.sites()
        if row[1].misses or row[1].refused or row[1].generic > max(hot, WARM_UP)
    )

    def order(row: Row) -> tuple[float, float, str, int, int]:
        code, site = row
        equal = 0 if by_place else -site.generic
        return -key(row), equal, code.file, site.line or 0, site.unit

    return sorted(rows, key=order)
