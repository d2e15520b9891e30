"""Switches: what they accept and refuse, and that they are the documented ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from adaptive import config

ROOT = Path(__file__).parent.parent


class Recorded(Mapping[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, **values: str) -> None:
        self.values_by_name = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


def test_every_switch_is_read() -> None:
    environ = Recorded()
    config.read(environ)
    assert environ.asked == {switch.name for switch in config.SWITCHES}


def test_every_documented_switch_exists() -> None:
    """README names the switches read here, and those of the build."""
    documented = set(re.findall(r"\bADAPTIVE_[A-Z]+\b", readme()))
    of_the_build = set(
        re.findall(r"\bADAPTIVE_[A-Z]+\b", (ROOT / "setup.py").read_text("utf-8"))
    )
    declared = {switch.name for switch in config.SWITCHES}
    assert declared <= documented
    assert documented <= declared | of_the_build


def test_readme_states_the_defaults() -> None:
    for switch in config.SWITCHES:
        (row,) = re.findall(rf"^\| `{switch.name}` \|.*$", readme(), re.MULTILINE)
        assert f"| {switch.default or 'off'} |" in row


def readme() -> str:
    """The text of README.md."""
    return (ROOT / "README.md").read_text("utf-8")


def test_defaults() -> None:
    settings = config.read({})
    assert not settings.disabled
    assert settings.threshold == config.DEFAULT_THRESHOLD
    assert not settings.stress
    assert (settings.stress.modes, settings.stress.seed) == ((), 0)
    assert settings.policy == ""
    assert (settings.only, settings.forms, settings.lowered) == ("", "", "")


def test_environment() -> None:
    settings = config.read(
        {
            "ADAPTIVE_DISABLE": "1",
            "ADAPTIVE_THRESHOLD": "0",
            "ADAPTIVE_STRESS": "gc,bail,gc:12",
            "ADAPTIVE_POLICY": "a:b/policy.py:Mine",
            "ADAPTIVE_ONLY": "a.py:f,*:g",
            "ADAPTIVE_FORMS": "none",
            "ADAPTIVE_LOWERED": "list",
        }
    )
    assert settings.disabled
    assert settings.threshold == 0
    assert settings.stress.modes == ("gc", "bail")
    assert settings.stress.seed == 12
    assert settings.policy == "a:b/policy.py:Mine"
    assert settings.only == "a.py:f,*:g"
    assert (settings.forms, settings.lowered) == ("none", "list")


def test_command_line_wins_over_a_bad_environment() -> None:
    environ = {
        "ADAPTIVE_THRESHOLD": "bad",
        "ADAPTIVE_STRESS": "bad",
        "ADAPTIVE_POLICY": "bad",
    }
    settings = config.read(environ, threshold="7", stress="", policy="f.py:C")
    assert (settings.threshold, settings.stress.modes) == (7, ())
    assert settings.policy == "f.py:C"
    assert config.read({"ADAPTIVE_POLICY": "f.py:C"}, policy="").policy == ""


@pytest.mark.parametrize("value", ["", "0"])
def test_an_empty_switch_is_an_unset_one(value: str) -> None:
    assert not config.read({"ADAPTIVE_DISABLE": value}).disabled
    assert config.read({"ADAPTIVE_THRESHOLD": ""}).threshold == config.DEFAULT_THRESHOLD


def test_bounds_are_inclusive() -> None:
    top = str(config.MAX_THRESHOLD)
    assert config.read({}, threshold=top).threshold == config.MAX_THRESHOLD
    seed = config.read({}, stress=f"bail:{config.MAX_SEED}").stress.seed
    assert seed == config.MAX_SEED


@pytest.mark.parametrize(
    "text",
    [
        *["", "-1", "+1", "1.5", "1e3", " 1", "0x10", "1_000", "½", "\u0661", "nan"],
        "9" * 5000,
        str(config.MAX_THRESHOLD + 1),
    ],
)
def test_bad_threshold(text: str) -> None:
    with pytest.raises(ValueError, match=r"^--threshold must be from 0 to \d+, not"):
        config.read({}, threshold=text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("loud", "no mode 'loud'"),
        ("bail,", "no mode ''"),
        (":3", "no mode ''"),
        ("bail gc", "no mode 'bail gc'"),
        ("bail:", "seed must be"),
        ("bail:x", "seed must be"),
        ("bail:-1", "seed must be"),
        ("bail:1:2", "seed must be"),
        (f"gc:{config.MAX_SEED + 1}", "seed must be"),
    ],
)
def test_bad_stress(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        config.read({"ADAPTIVE_STRESS": text})
    assert str(caught.value).startswith("ADAPTIVE_STRESS")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["x", "x.py", ":C", "x.py:", "x.py:a b", "x.py:C.D"])
def test_bad_policy(text: str) -> None:
    said = re.escape(f"--policy must be FILE:CLASS, not {text!r}")
    with pytest.raises(ValueError, match=f"^{said}$"):
        config.read({}, policy=text)


@pytest.mark.parametrize(
    ("threshold", "error"),
    [
        (-1, ValueError),
        (config.MAX_THRESHOLD + 1, ValueError),
        ("1", TypeError),
        (1.0, TypeError),
        (None, TypeError),
    ],
)
def test_check_threshold(threshold: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^threshold must be"):
        config.check_threshold(threshold)
    config.check_threshold(0)
    config.check_threshold(config.MAX_THRESHOLD)


def test_stress_constants() -> None:
    """`specialize` lets nothing pass; under `deopt` forms are hit at times."""
    from adaptive._cache import make_counter, triggers

    assert triggers(make_counter(*config.AT_ONCE))
    assert config.MISS_ONE_IN > 1


#: What these say is checked where it is used (tests/test_bisect.py).
CHECKED_LATER = {"ADAPTIVE_ONLY", "ADAPTIVE_FORMS", "ADAPTIVE_LOWERED"}


@pytest.mark.parametrize(
    "name", sorted({switch.name for switch in config.SWITCHES} - CHECKED_LATER)
)
def test_refusals_name_the_switch(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        config.read({name: "?"})
