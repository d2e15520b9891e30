"""A profile as JSON and back: the schema, its version, and what cannot be read.

The document is the `Profile` key by key, under a head that says what it is:

    {"schema": "adaptive.stats", "version": 1, "selections": [...], "summary": {...},
     "command": [...], "host": ..., "codes": [...], ...}

What a reader may rely on: keys are only added within a version, and a reader passes
over keys that it does not know; what is missing takes its default.  A version goes up
when a key is taken away or means something else, and `UPGRADES` then gains the step
that turns a document of the version before into one of the next.  docs/stats.md lists
the keys.  `summary` is there for other programs and never read back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from adaptive import isa

from .profile import Profile, Total, by_family, total_of
from .select import Selection

NAME = "adaptive.stats"
VERSION = 1

#: From a version's document to the next version's, by the version it starts from.
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


@dataclass(slots=True, frozen=True)
class Document:
    """What a file holds: the run, and the parts of it that were selected for it."""

    profile: Profile
    selections: tuple[Selection, ...] = ()


def dumps(profile: Profile, selections: tuple[Selection, ...] = ()) -> str:
    """The document of a profile, in ASCII: a file's name may be no valid UTF-8."""
    head: dict[str, Any] = {
        "schema": NAME,
        "version": VERSION,
        "selections": msgspec.to_builtins(selections),
        "summary": _summary(profile),
    }
    body = msgspec.to_builtins(profile, str_keys=True)
    return json.dumps(head | body, separators=(",", ":"), allow_nan=False) + "\n"


def loads(text: str | bytes) -> Document:
    """The document in a text.  Raises ValueError, one sentence, for anything else."""
    try:
        data = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("it is nested too deeply for a report") from None
    except UnicodeDecodeError:
        raise ValueError("it is no JSON: not in UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"it is no JSON: {error.msg} at {place}") from None
    if not isinstance(data, dict) or data.get("schema") != NAME:
        raise ValueError(f'it is no report: it does not say "schema": "{NAME}"')
    return _converted(_upgraded(data))


def load(path: str) -> Document:
    """The document in a file.  Raises ValueError, one sentence that names the file."""
    try:
        return loads(Path(path).read_bytes())
    except OSError as error:
        raise ValueError(f"can't open {path!r}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"can't use {path!r}: {error}") from None


def _summary(profile: Profile) -> dict[str, Any]:
    """The totals, of everything and by family, as other programs may want them."""
    families = by_family(profile).items()
    return {
        **_total(total_of(site for _, site in profile.sites())),
        "families": {name: _total(total) for name, total in families if total.sites},
    }


def _total(total: Total) -> dict[str, Any]:
    return {**asdict(total), "share": total.share}


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"it is no JSON: {word} is no number there")


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """The document in this version's terms.  Raises ValueError if that cannot be."""
    version = data.get("version")
    if type(version) is not int or version < 1:
        raise ValueError(f"its version of the schema is {version!r}, which never was")
    if version > VERSION:
        raise ValueError(
            f"its version of the schema is {version}, and this package reads up to"
            f" {VERSION}; use the package that wrote it, or a newer one"
        )
    for step in range(version, VERSION):
        data = UPGRADES[step](data)
    return data


def _converted(data: dict[str, Any]) -> Document:
    """The document's parts, their types checked.  Raises ValueError naming the key."""
    try:
        profile = msgspec.convert(data, Profile, str_keys=True)
        selections = msgspec.convert(data.get("selections", []), tuple[Selection, ...])
    except msgspec.ValidationError as error:
        raise ValueError(f"it is damaged: {error}") from None
    for _, site in profile.sites():
        if site.family not in isa.FORMS:
            raise ValueError(f"it has a family {site.family!r}, which does not exist")
    return Document(profile, selections)
