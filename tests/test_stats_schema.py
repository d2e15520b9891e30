"""Profiles as JSON: what is written is read again, what is not ours is refused."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import profiles
import pytest
from hypothesis import given, settings

from adaptive.report import schema
from adaptive.report.profile import Profile
from adaptive.report.select import Selection

ROOT = Path(__file__).parent.parent


@given(profiles.any_profile)
def test_what_is_written_is_read(profile: Profile) -> None:
    text = schema.dumps(profile)
    assert text.isascii()
    assert schema.loads(text) == schema.Document(profile)


@given(profiles.any_profile)
def test_the_summary_adds_up(profile: Profile) -> None:
    """Over everything and over the families: the four kinds are the executions."""
    summary = json.loads(schema.dumps(profile))["summary"]
    sites = [site for _, site in profile.sites()]
    families = summary["families"].values()
    for total in (summary, *families):
        kinds = (
            total[kind] for kind in ("hits", "misses", "deferred", "unspecialized")
        )
        assert total["executions"] == sum(kinds)
    assert summary["executions"] == sum(site.executions for site in sites)
    for key in ("executions", "hits", "attempts", "sites"):
        assert summary[key] == sum(total[key] for total in families)


def test_selections_are_kept() -> None:
    selections = (Selection(("*.py",)), Selection((), ("CALL",)))
    text = schema.dumps(profiles.profile(), selections)
    assert schema.loads(text).selections == selections


def document(**changes: Any) -> bytes:
    """A report's document with some keys changed; None takes one away."""
    code = profiles.code("a.py", profiles.refused(1, 5))
    data = json.loads(schema.dumps(profiles.profile(code)))
    data |= changes
    return json.dumps({k: v for k, v in data.items() if v is not None}).encode()


def damaged(value: object) -> bytes:
    """A document whose only site has another number of executions."""
    data = json.loads(document())
    data["codes"][0]["sites"][0]["executions"] = value
    return json.dumps(data).encode()


REFUSED = {
    "nothing": (b"", "no JSON"),
    "not_json": (b"<html>", "no JSON: Expecting value at line 1, column 1"),
    "cut_off": (document()[:200], "no JSON"),
    "not_utf8": (b'"\xff"', "no JSON: not in UTF-8"),
    "nested": (b"[" * 100_000, "nested too deeply"),
    "not_a_number": (document().replace(b"1.5", b"NaN"), "NaN is no number"),
    "a_list": (b"[]", "no report"),
    "another_schema": (document(schema="other"), "no report"),
    "no_schema": (document(schema=None), "no report"),
    "no_version": (document(version=None), "version of the schema is None"),
    "true_version": (document(version=True), "version of the schema is True"),
    "version_0": (document(version=0), "version of the schema is 0"),
    "newer": (document(version=schema.VERSION + 1), "use the package that wrote it"),
    "key_missing": (document(command=None), "`command`"),
    "wrong_type": (damaged("5"), "$.codes[0].sites[0].executions"),
    "family": (document().replace(b"BINARY_OP", b"BINARY_UP"), "'BINARY_UP'"),
    "selections": (document(selections=[3]), "damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_are_one_sentence(name: str, tmp_path: Path) -> None:
    data, part = REFUSED[name]
    path = tmp_path / "report.json"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="can't use") as caught:
        schema.load(str(path))
    words = str(caught.value)
    assert part in words
    assert repr(str(path)) in words
    assert "\n" not in words


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"can't open .*No such file"):
        schema.load(str(tmp_path / "none.json"))


def test_keys_may_come_and_have_defaults() -> None:
    """Within a version a reader knows neither all keys nor needs the optional ones."""
    added = schema.loads(document(something=[1]))
    assert added == schema.loads(document())
    bare = schema.loads(document(codes=None, pairs=None, summary=None, bailouts=None))
    assert bare.profile == profiles.profile(lowered=1)


def test_an_older_version_is_upgraded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Step by step, from the version it has to the present one."""
    old = document()
    newest = schema.VERSION + 2
    monkeypatch.setattr(schema, "VERSION", newest)
    for version in range(newest - 2, newest):
        monkeypatch.setitem(
            schema.UPGRADES,
            version,
            lambda data, step=version: data | {"host": f"{data['host']} {step}"},
        )
    host = schema.loads(old).profile.host
    assert host == f"CPython 3.11.7 {newest - 2} {newest - 1}"


def test_every_version_can_be_read() -> None:
    """There is a step from each version there was, and a report of each."""
    assert sorted(schema.UPGRADES) == list(range(1, schema.VERSION))
    reports = ROOT / "tests" / "reports"
    for version in range(1, schema.VERSION + 1):
        loaded = schema.load(str(reports / f"version-{version}.json")).profile
        assert loaded.command == ["app.py"]
        assert [site.reason for _, site in loaded.sites()] == ["mixed_types", None]


def test_the_docs_list_every_key() -> None:
    """Those of every object in a document, and no others."""
    text = (ROOT / "docs" / "stats.md").read_text("utf-8")
    _, _, rest = text.partition("<!-- schema -->\n")
    listed: dict[str, list[str]] = {}
    for line in rest.split("\n\n")[0].splitlines()[2:]:
        owner, key, _ = (cell.strip(" `") for cell in line.strip("|").split("|", 2))
        listed.setdefault(owner, []).append(key)
    head = ["schema", "version", "selections", "summary"]
    types = {
        name: [field.name for field in fields(kind)]
        for name, kind in (
            ("profile", Profile),
            *(
                (each.__name__.lower(), each)
                for each in (
                    profiles.Code,
                    profiles.Site,
                    profiles.FormCount,
                    profiles.TypesSeen,
                    profiles.Declined,
                    profiles.Thread,
                )
            ),
        )
    }
    types["profile"] = head + types["profile"]
    assert listed == types


@settings(max_examples=20)
@given(profiles.any_profile)
def test_documents_are_stable(profile: Profile) -> None:
    """A report that is loaded and kept again is the same file."""
    text = schema.dumps(profile)
    again = schema.loads(text)
    assert schema.dumps(again.profile, again.selections) == text
