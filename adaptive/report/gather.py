"""From the counting core's plain data to a `Profile`."""

from __future__ import annotations

import marshal
from typing import Any

from adaptive.report.profile import (
    Code,
    Declined,
    FormCount,
    Profile,
    Site,
    Thread,
    TypesSeen,
)


def _site(raw: dict[str, Any]) -> Site:
    return Site(
        **{
            **raw,
            "forms": {name: FormCount(*pair) for name, pair in raw["forms"].items()},
            "types": [TypesSeen(*pair) for pair in raw["types"]],
        }
    )


def _code(raw: dict[str, Any]) -> Code:
    return Code(**{**raw, "sites": [_site(site) for site in raw["sites"]]})


def profile_of(raw: dict[str, Any]) -> Profile:
    """The profile of a run, from what `counted()` gave and the facts of the run."""
    counters = raw["counters"]
    return Profile(
        command=raw["command"],
        host=raw["host"],
        engine=raw["engine"],
        threshold=raw["threshold"],
        seconds=raw["seconds"],
        codes=[_code(code) for code in raw["codes"]],
        declined=[Declined(*row) for row in raw["declined"]],
        threads=[Thread(**thread) for thread in raw["threads"]],
        pairs=raw["pairs"],
        frames_engine=counters["frames"]["engine"],
        frames_host=counters["frames"]["host"],
        bailouts=counters["bailouts"],
        calls_inlined=counters["calls_inlined"],
        calls_through_host=counters["calls_through_host"],
        lowered=counters["lowered"],
        lowering_ns=raw["lowering_ns"],
        codes_dropped=raw["codes_dropped"],
    )


def load(path: str) -> Profile:
    """The profile that a counted process left in a file.

    Raises OSError where it cannot be read, ValueError where it holds no counts.
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        return profile_of(marshal.loads(data))
    except (EOFError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no counts of a run ({error!r})") from None
