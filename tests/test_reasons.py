"""The reasons: every name once, every sentence a sentence, every kind in use."""

from __future__ import annotations

import re

import pytest

from adaptive import reasons


def test_names_are_unique_identifiers() -> None:
    assert len(set(reasons.NAMES)) == len(reasons.TABLE)
    for name in reasons.NAMES:
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", name)


def test_numbers_follow_the_rows() -> None:
    assert [reasons.BY_NAME[name] for name in reasons.NAMES] == list(reasons.TABLE)


@pytest.mark.parametrize("row", reasons.TABLE, ids=lambda row: row.name)
def test_sentences(row: reasons.Reason) -> None:
    assert re.fullmatch(r"[A-Za-z].*\.", row.sentence)
    assert "\n" not in row.sentence
    assert reasons.sentence(row.name) == row.sentence


def test_kinds() -> None:
    for row in reasons.TABLE:
        assert row.kinds
        assert set(row.kinds) <= set(reasons.KINDS)
    for kind in reasons.KINDS:
        assert all(kind in row.kinds for row in reasons.of_kind(kind))
        assert reasons.of_kind(kind)


def test_what_does_not_exist_raises() -> None:
    with pytest.raises(ValueError, match="no kind"):
        reasons.of_kind("mood")
    with pytest.raises(KeyError):
        reasons.sentence("no_such_reason")
