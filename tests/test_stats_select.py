"""Which sites a report is about, and their order."""

from __future__ import annotations

from pathlib import Path

import profiles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive import isa
from adaptive.report.profile import Profile, total_of
from adaptive.report.select import SORTS, Selection, not_specialized, selected


@given(profiles.any_profile, st.sampled_from(isa.FAMILIES))
def test_families_divide_a_profile(profile: Profile, family: str) -> None:
    """What is selected and what is not are everything."""
    others = tuple(set(isa.FAMILIES) - {family})
    parts = [
        total_of(site for _, site in Selection((), names).of(profile).sites())
        for names in ((family,), others)
    ]
    whole = total_of(site for _, site in profile.sites())
    assert sum(part.executions for part in parts) == whole.executions
    assert sum(part.sites for part in parts) == whole.sites


@given(profiles.any_profile)
def test_selecting_changes_no_original(profile: Profile) -> None:
    before = list(profile.sites())
    Selection(("*a*",), ("CALL",)).of(profile)
    assert list(profile.sites()) == before
    assert Selection().of(profile) is profile


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("app.py", ["app.py"]),
        ("*/app.py", ["app.py"]),
        ("pkg/*", ["pkg/[x].py"]),
        ("*.py", ["app.py", "pkg/[x].py"]),
        ("[[]x].py", ["pkg/[x].py"]),
        ("<string>", ["<string>"]),
        ("APP.py", []),
    ],
)
def test_patterns(
    pattern: str, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They fit the whole path, the path from here, or the name."""
    monkeypatch.chdir(tmp_path)
    names = {str(tmp_path / name): name for name in ("app.py", "pkg/[x].py")}
    names["<string>"] = "<string>"
    whole = profiles.profile(
        *(profiles.code(path, profiles.refused(1, 1)) for path in names),
        declined=[profiles.Declined(path, "g", 1, "suppressed") for path in names],
    )
    part = Selection((pattern,)).of(whole)
    assert [names[code.file] for code in part.codes] == files
    assert [names[code.file] for code in part.declined] == files


def test_selections_narrow_each_other() -> None:
    whole = profiles.profile(
        profiles.code(
            "a.py", profiles.refused(1, 1), profiles.refused(9, 1, family="CALL")
        ),
        profiles.code("b.py", profiles.refused(1, 1, family="CALL")),
    )
    part = selected(whole, [Selection(("a.py",)), Selection((), ("CALL",))])
    ((code, site),) = part.sites()
    assert (code.file, site.family) == ("a.py", "CALL")


@given(profiles.any_profile, st.sampled_from(sorted(SORTS)))
def test_orders(profile: Profile, sort: str) -> None:
    """Every order has the same sites; what it is by never rises."""
    rows = not_specialized(profile, sort)
    listed = [id(site) for _, site in rows]
    assert len(listed) == len(set(listed))
    for _, site in profile.sites():
        if site.misses or site.refused:
            assert id(site) in listed
    by = {
        "unspecialized": lambda row: row[1].refused,
        "share": lambda row: -row[1].hits / row[1].executions,
        "file": lambda row: [-ord(letter) for letter in row[0].file + "\U0010ffff"],
    }.get(sort, lambda row: getattr(row[1], sort))
    keys = [by(row) for row in rows]
    assert keys == sorted(keys, reverse=True)


def test_warming_up_is_not_listed() -> None:
    warm = profiles.site(1, deferred=2)
    assert not_specialized(profiles.profile(profiles.code("a.py", warm))) == []


def test_hot_without_an_attempt_is_listed() -> None:
    """The policy leaves the family out: nothing was refused, yet no form did it."""
    off = profiles.site(1, deferred=10_000)
    ((_, listed),) = not_specialized(profiles.profile(profiles.code("a.py", off)))
    assert listed is off
