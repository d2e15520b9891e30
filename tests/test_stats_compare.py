"""What changed between two runs, and what fails a build."""

from __future__ import annotations

import json
from pathlib import Path

import profiles
import pytest
from hypothesis import given

from adaptive.report import markdown, text
from adaptive.report.compare import Comparison, same_program
from adaptive.report.profile import Profile


def run(hits: int, misses: int = 0, other: int = 100) -> Profile:
    """A run of two functions: `hot` with these counts, `calm` always specialized."""
    return profiles.profile(
        profiles.code("a.py", profiles.specialized(1, hits, misses), name="hot"),
        profiles.code(
            "b.py", profiles.specialized(1, other, family="CALL"), name="calm"
        ),
    )


@given(profiles.any_profile)
def test_a_run_is_like_itself(profile: Profile) -> None:
    comparison = Comparison(profile, profile)
    assert not comparison.fell
    assert comparison.functions() == []
    assert all(change.points == 0 for change in comparison.families())


@given(profiles.any_profile, profiles.any_profile)
def test_changes_have_two_directions(one: Profile, other: Profile) -> None:
    """What one comparison says, the reverse says with the other sign."""
    forth, back = Comparison(one, other), Comparison(other, one)
    assert forth.whole.points == -back.whole.points
    assert not (forth.fell and back.fell)
    changes = {change.name: change.points for change in back.functions()}
    assert {change.name: -change.points for change in forth.functions()} == changes


def test_the_weightiest_function_is_named() -> None:
    comparison = Comparison(run(9000), run(6000, 3000))
    assert comparison.fell
    assert "Most in a.py:hot: 99.98 % before, 66.65 % after." in comparison.complaint
    assert [change.name for change in comparison.functions()] == ["a.py:hot"]


def test_less_than_is_shown_is_no_fall() -> None:
    assert not Comparison(run(10**8, 50), run(10**8, 51)).fell


@pytest.mark.parametrize("render", [text.render_comparison, markdown.render_comparison])
def test_reports_name_what_changed(render) -> None:
    before, after = run(9000), run(6000, 3000)
    after.codes.append(
        profiles.code("c.py", profiles.refused(1, 5, family="SEND"), name="<new>")
    )
    shown = render(Comparison(before, after)).replace("\\", "")
    assert "fell" in shown.splitlines()[0] + shown.splitlines()[2]
    assert "a.py:hot" in shown
    assert "SEND" in shown and "new" in shown
    assert "-33.33" in shown
    assert "b.py:calm" not in shown


def test_json_has_both_sides() -> None:
    data = json.loads(Comparison(run(9000), run(6000, 3000)).as_json())
    (function,) = data["functions"]
    assert function["name"] == "a.py:hot"
    for side, hits in (("before", 9000), ("after", 6000)):
        assert function[side]["hits"] == hits
        assert data["everything"][side]["hits"] == hits + 100
    assert function["points"] == pytest.approx(
        100 * 6000 / 9002 - 100 * 9000 / 9002, abs=0.01
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["app.py"], ["app.py", "-v"], True),
        (["app.py"], ["./app.py"], True),
        (["app.py"], [str(Path("app.py").resolve())], True),
        (["app.py"], ["lib/app.py"], False),
        (["-m", "app"], ["-m", "app", "x"], True),
        (["-m", "app"], ["-m", "lib"], False),
        (["-m", "app"], ["app"], False),
        (["-c", "1"], ["-c", "2"], False),
    ],
)
def test_programs_are_known_by_their_target(
    one: list[str], other: list[str], same: bool
) -> None:
    assert same_program(one, other) == same_program(other, one) == same
