"""What the reports for people say, apart from how it is laid out.

Owns the wording that text and Markdown share: numbers, shares, a run's and a site's
facts as pairs of a label and a text.  Nothing here is escaped for any format.
"""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from adaptive import reasons

from .profile import Code, Profile, Site, Total
from .select import from_here

if TYPE_CHECKING:
    from .advice import Hint

#: The kinds of execution of `Total`, and what each is.
KINDS: dict[str, str] = {
    "hits": "a specialized form did it",
    "misses": "the form did not fit, and the base did it",
    "deferred": "the base did it, still warming up",
    "unspecialized": "the base did it after a form had been refused",
}


#: Counts of frames by reason, by what is said of them.
FRAMES = {
    "Frames left to the host from their beginning": "frames_host",
    "Frames handed to the host on the way": "bailouts",
}


class Fact(NamedTuple):
    """One line about a run: what is counted, how much, and what of it."""

    label: str
    amount: str
    note: str = ""


def number(count: int) -> str:
    """1234567 as ``1,234,567``."""
    return f"{count:,}"


def hundredths(part: float, whole: float) -> int:
    """A share in hundredths of a percent, as it is shown and as it is compared.

    Only what is all of it is 10 000, only what is none of it 0; nothing of nothing
    is all of it.
    """
    if part == whole:
        return 10_000
    rounded = round(10_000 * part / whole) if whole else 0
    return min(max(rounded, 1 if part else 0), 9_999)


def percent(part: float, whole: float) -> str:
    """A share as ``12.34 %``, ``<0.01 %`` or ``>99.99 %``; of nothing, ""."""
    if not whole:
        return ""
    share = hundredths(part, whole)
    exact = 10_000 * part / whole
    sign = "<" if exact < share == 1 else ">" if exact > share == 9_999 else ""
    return f"{sign}{share / 100:.2f} %"


def plural(count: int, noun: str) -> str:
    """``1 site``, ``2 sites``."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def seconds(nanoseconds: int) -> str:
    """A duration in a unit that suits it."""
    if nanoseconds >= 1_000_000_000:
        return f"{nanoseconds / 1e9:.2f} s"
    return f"{nanoseconds / 1e6:.2f} ms"


def sentence(reason: str) -> str:
    """What a reason means; a report of another version may name one unknown here."""
    row = reasons.BY_NAME.get(reason)
    return row.sentence if row else "A reason of another version of the package."


def program(profile: Profile) -> str:
    """The program as a shell would take it."""
    return shlex.join(profile.command)


def versions(profile: Profile) -> str:
    """What ran it, how long, and whether to its end."""
    ended = ", interrupted" if profile.interrupted else ""
    return (
        f"{profile.host}, adaptive {profile.engine}, threshold {profile.threshold},"
        f" {profile.seconds:.2f} s{ended}"
    )


def verdict(total: Total) -> str:
    """The one sentence that matters most."""
    if not total.executions:
        return "Nothing that could be specialized was executed on the engine."
    share = percent(total.hits, total.executions)
    return f"{share} of {number(total.executions)} executions were specialized."


def kinds(total: Total) -> list[Fact]:
    """The executions by kind."""
    return [
        Fact(name, number(getattr(total, name)), meaning)
        for name, meaning in KINDS.items()
    ]


def run(profile: Profile) -> list[Fact]:
    """What is counted for the run as a whole."""
    left = sum(profile.frames_host.values())
    frames = profile.frames_engine + left
    calls = profile.calls_inlined + profile.calls_through_host
    facts = [
        _part("frames on the engine", profile.frames_engine, frames),
        _part("frames on the host", left, frames),
        _part("calls inlined", profile.calls_inlined, calls),
        _part("calls through the host", profile.calls_through_host, calls),
        Fact(
            "lowered code objects",
            number(profile.lowered),
            f"in {seconds(profile.lowering_ns)}",
        ),
    ]
    if profile.codes_dropped:
        dropped = number(profile.codes_dropped)
        facts.append(Fact("of these not kept", dropped, "too many to list each"))
    return facts


def refusals(profile: Profile) -> list[Fact]:
    """The reasons that sites were executed unspecialized for, most executions first."""
    counts: Counter[str] = Counter()
    for _, site in profile.sites():
        counts.update(site.unspecialized)
    return by_reason(counts)


def by_reason(counts: dict[str, int]) -> list[Fact]:
    """Counts by reason, most first, with what each means."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return [Fact(name, number(count), sentence(name)) for name, count in ordered]


def _part(label: str, part: int, whole: int) -> Fact:
    return Fact(label, number(part), percent(part, whole))


def path(file: str) -> str:
    """A file as it is best named here: from this directory if it is inside it."""
    short = from_here(file)
    return file if short.startswith(os.pardir) else short


def place(code: Code, site: Site) -> str:
    """``app.py:12``, or the unit where the compiler kept no line."""
    at = f"unit {site.unit}" if site.line is None else str(site.line)
    return f"{path(code.file)}:{at}"


def counts(site: Site, all_generic: int) -> str:
    """How often a site was executed, and how."""
    parts = [
        f"{number(count)} {name}"
        for name, count in (
            ("hits", site.hits),
            ("misses", site.misses),
            ("deferred", site.deferred),
            ("unspecialized", site.refused),
        )
        if count
    ]
    of_all = percent(site.generic, all_generic)
    return (
        f"{number(site.executions)} executions: {', '.join(parts)};"
        f" {of_all or '0.00 %'} of all that no form did"
    )


def types(site: Site) -> str:
    """The operand types seen, most often first; "" if none were noted."""
    parts = [f"{', '.join(seen.types)} ({number(seen.count)})" for seen in site.types]
    if site.types_more:
        parts.append(f"others ({number(site.types_more)})")
    return "; ".join(parts)


def reason(site: Site) -> str:
    """Why the site is not specialized."""
    if site.reason is None and site.misses:
        return "missed: The operands are not always what the form was chosen for."
    if site.reason is None:
        return "deferred: No form was looked for; the policy may leave the family out."
    return f"{site.reason}: {sentence(site.reason)}"


def history(site: Site) -> str:
    """What was tried at the site, and with which forms it was executed."""
    refused = sum(site.failures.values())
    parts = [
        text
        for count, text in (
            (site.attempts, plural(site.attempts, "attempt")),
            (site.successes, f"{number(site.successes)} successful"),
            (refused, f"{number(refused)} refused"),
            (site.flips, f"form changed {number(site.flips)}x"),
            (site.despecialized, f"form given up {number(site.despecialized)}x"),
        )
        if count
    ]
    forms = ", ".join(site.forms)
    return ", ".join(parts) + (f"; forms {forms}" if forms else "")


def hint_of(site: Site) -> Hint | None:
    """What to change at the site, if anything is known to help."""
    from .hints import hint_for

    return hint_for(site)


def more(shown: int, there: int, noun: str) -> str:
    """The line below a list that was cut; "" below a whole one."""
    left = there - shown
    return f"and {plural(left, f'more {noun}')} (--top shows more)" if left > 0 else ""


def generic(rows: Iterable[tuple[Code, Site]]) -> int:
    """The executions that no form did."""
    return sum(site.generic for _, site in rows)
