"""What ADAPTIVE_ONLY and ADAPTIVE_FORMS leave on, and the list of ADAPTIVE_LOWERED.

Owns what the three switches mean; `config` keeps their texts.  They narrow a fault
down: `adaptive.bisect` sets them, and so may a person.  Loaded only where one is set.
"""

from __future__ import annotations

import os
from fnmatch import translate
from re import compile as compiled

from adaptive import config, isa, reasons
from adaptive.lowering import Declined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from adaptive._core import Site
    from adaptive.families import Outcome
    from adaptive.lowering import Lowered

#: The word of ADAPTIVE_FORMS for no form at all.
NO_FORMS = "none"

#: What may be switched off one by one: the forms a rule gives, and fused instructions.
FORMS: tuple[str, ...] = tuple(
    row.name
    for rows in (
        *(isa.FORMS[family] for family in isa.FAMILIES),
        tuple(isa.FUSED.values()),
    )
    for row in rows
)


def label(code: CodeType) -> str:
    """How the switches name a code object: FILE:QUALNAME, on one line."""
    return f"{code.co_filename}:{code.co_qualname}".replace("\n", "?")


class Functions:
    """The code objects that may be lowered: exact labels, and patterns of labels."""

    def __init__(self, words: list[str]) -> None:
        self._exact = set(words)
        wild = [word for word in words if any(sign in word for sign in "*?[")]
        self._patterns = [compiled(translate(word)) for word in wild]

    def __contains__(self, name: str) -> bool:
        return name in self._exact or any(p.match(name) for p in self._patterns)


def functions(text: str) -> Functions:
    """What ADAPTIVE_ONLY says.  Raises ValueError for a file that cannot be read."""
    if not text.startswith("@"):
        return Functions([word for word in text.split(",") if word])
    try:
        with open(text[1:], encoding="utf-8", errors="surrogateescape") as file:
            return Functions(file.read().splitlines())
    except OSError as error:
        raise ValueError(
            f"ADAPTIVE_ONLY: can't read {text[1:]!r}: {error.strerror}"
        ) from None


def forms(text: str) -> frozenset[str]:
    """What ADAPTIVE_FORMS says: nothing means all.  Raises ValueError for no form."""
    if not text:
        return frozenset(FORMS)
    found: set[str] = set()
    for word in text.split(","):
        if word in FORMS:
            found.add(word)
        elif word in isa.FAMILIES:
            found.update(row.name for row in isa.FORMS[word])
        elif word and word != NO_FORMS:
            raise ValueError(f"ADAPTIVE_FORMS: no form or family is called {word!r}")
    return frozenset(found)


def chosen(lower: Callable[[CodeType], Lowered]) -> Callable[[CodeType], Lowered]:
    """The lowering, for the functions that the settings choose; others it declines.

    Raises ValueError for settings that cannot be followed.
    """
    settings = config.settings()
    only = functions(settings.only) if settings.only else None
    listed = settings.lowered
    if listed:
        try:
            open(listed, "ab").close()
        except OSError as error:
            raise ValueError(
                f"ADAPTIVE_LOWERED: can't write {listed!r}: {error.strerror}"
            ) from None

    def lower_chosen(code: CodeType) -> Lowered:
        name = label(code)
        if only is not None and name not in only:
            raise Declined("not_chosen")
        lowered = lower(code)
        if listed:
            _append(listed, name)
        return lowered

    return lower_chosen


def _append(path: str, name: str) -> None:
    """One line more, written at once: the process may end at any moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, name.encode("utf-8", "surrogateescape") + b"\n")
    finally:
        os.close(descriptor)


def allowing(
    choose: Callable[[Site], Outcome], allowed: frozenset[str]
) -> Callable[[Site], Outcome]:
    """The policy's choice, where the form that it names is allowed."""

    def choose_allowed(site: Site) -> Outcome:
        outcome = choose(site)
        if isinstance(outcome, isa.Instruction) and outcome.name not in allowed:
            return reasons.BY_NAME["form_off"]
        return outcome

    return choose_allowed
