"""The report as Markdown, in tables of the shape that CPython's developers know.

Sections, columns and their order are those of CPython's summarize_stats.py in its
Tools/scripts (execution counts, pair counts, specialization by family, effectiveness,
calls), as far as the engine counts the same; what it counts beyond that follows.

Cells hold text of the program's, so everything in them is escaped: no name can end a
cell, open a tag or become emphasis.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from adaptive import isa

from . import facts
from .compare import Comparison
from .facts import number
from .profile import Profile, Site, Total, by_family, total_of
from .select import DEFAULT_SORT, DEFAULT_TOP, Row, Selection, not_specialized
from .source import Sources

#: Instructions with a counter, and their forms.
ADAPTIVE = frozenset(
    {*isa.FAMILIES, *(row.name for name in isa.FAMILIES for row in isa.FORMS[name])}
)

REASON_COLUMNS = ("Reason", "Count:", "Meaning")

#: Wide enough for any line that is worth reading.
EXCERPT_CELLS = 100

#: What Markdown or HTML may take for its own.  An underscore inside a word is safe.
SPECIAL = re.compile(r"[\\`*{}\[\]<>#|~&!$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def render(
    profile: Profile,
    *,
    sort: str = DEFAULT_SORT,
    top: int = DEFAULT_TOP,
    suggest: bool = False,
    selections: tuple[Selection, ...] = (),
) -> str:
    """The report of a profile that `selections` have been made from."""
    parts = [
        *_head(profile, selections),
        *_execution_counts(profile),
        *_pair_counts(profile, top),
        *_specialization(profile),
        *_effectiveness(profile, not selections),
        *_calls(profile),
        *_sites(profile, sort, top, suggest),
        *_declined(profile, top),
        *_threads(profile),
    ]
    return "\n\n".join(parts) + "\n"


def render_comparison(comparison: Comparison, *, top: int = DEFAULT_TOP) -> str:
    """The report of what changed from one run to another."""
    parts = ["# Specialization compared", escaped(comparison.verdict)]
    for title, changes in comparison.tables(top).items():
        if changes:
            columns = ("Name", "Before:", "After:", "Change:")
            rows = (
                (each.name, each.before_share, each.after_share, each.points_text)
                for each in changes
            )
            parts += [f"## {title}", table(columns, rows)]
    return "\n\n".join(parts) + "\n"


def escaped(words: str) -> str:
    """The text as Markdown shows it literally, in one line."""
    shown = (
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words
    )
    return SPECIAL.sub(r"\\\g<0>", "".join(shown))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a column whose title ends with a colon holds numbers."""
    rules = ("---:" if column.endswith(":") else "---" for column in columns)
    body = ((escaped(cell) for cell in row) for row in rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in [columns, rules, *body])


def _folded(summary: str, *parts: str) -> Iterator[str]:
    """What is long, closed until it is opened."""
    yield f"<details>\n<summary>{summary}</summary>"
    yield from parts
    yield "</details>"


def ratio(part: int, whole: int) -> str:
    """A share as CPython's tables have it: ``12.3%``."""
    return f"{part / whole:.1%}" if whole else ""


def _head(profile: Profile, selections: tuple[Selection, ...]) -> Iterator[str]:
    yield "# Specialization statistics"
    lines = [facts.program(profile), facts.versions(profile)]
    lines += [f"only {selection}" for selection in selections]
    yield "\n".join(f"- {escaped(line)}" for line in lines)
    total = total_of(site for _, site in profile.sites())
    yield f"**{escaped(facts.verdict(total))}**"


def _execution_counts(profile: Profile) -> Iterator[str]:
    """Every instruction and form that was dispatched, with what it adds up to."""
    counts = profile.instructions()
    misses: Counter[str] = Counter()
    for thread in profile.threads:
        misses.update(thread.misses)
    rows = []
    for name, count, own, running in _cumulative(counts.most_common()):
        missed = ratio(misses[name], count) if misses[name] else ""
        rows.append((name, number(count), own, running, missed))
    if rows:
        yield "## Execution counts"
        columns = ("Name", "Count:", "Self:", "Cumulative:", "Miss ratio:")
        yield from _folded("Counts of all instructions", table(columns, rows))


def _pair_counts(profile: Profile, top: int) -> Iterator[str]:
    named = [(f"{first} {second}", count) for first, second, count in profile.pairs]
    rows = [
        (name, number(count), own, running)
        for name, count, own, running in _cumulative(named)
    ]
    if rows:
        yield "## Pair counts"
        columns = ("Pair", "Count:", "Self:", "Cumulative:")
        yield from _folded(
            f"The top {len(rows[:top])} pairs", table(columns, rows[:top])
        )


def _cumulative(
    counts: Sequence[tuple[str, int]],
) -> Iterator[tuple[str, int, str, str]]:
    """Each count with its share of all, and the share of all up to it."""
    whole = sum(count for _, count in counts)
    running = 0
    for name, count in counts:
        running += count
        yield name, count, ratio(count, whole), ratio(running, whole)


def _specialization(profile: Profile) -> Iterator[str]:
    """For each family what its executions were, its attempts, and why some failed."""
    sites: dict[str, list[Site]] = {}
    for _, site in profile.sites():
        sites.setdefault(site.family, []).append(site)
    if sites:
        yield "## Specialization stats"
    for family in isa.FAMILIES:
        if family in sites:
            parts = list(_family(total_of(sites[family]), sites[family]))
            yield f"### {family}"
            yield from _folded(f"Specialization of {family}", *parts)


def _family(total: Total, sites: list[Site]) -> Iterator[str]:
    whole = total.executions
    kinds = (
        (name, number(count), ratio(count, whole))
        for name, count in (
            ("deferred", total.deferred),
            ("hit", total.hits),
            ("miss", total.misses),
            ("unspecialized", total.unspecialized),
        )
    )
    yield table(("Kind", "Count:", "Ratio:"), kinds)
    if total.attempts:
        outcomes = (("Success", total.successes), ("Failure", total.failures))
        yield "#### Specialization attempts"
        yield table(("", "Count:", "Ratio:"), _shares(outcomes, total.attempts))
    failures: Counter[str] = Counter()
    for site in sites:
        failures.update(site.failures)
    if failures:
        kinds_of = failures.most_common()
        yield table(
            ("Failure kind", "Count:", "Ratio:"), _shares(kinds_of, total.failures)
        )


def _shares(
    counts: Iterable[tuple[str, int]], whole: int
) -> Iterator[tuple[str, str, str]]:
    """Rows of a name, a count and its share."""
    for name, count in counts:
        yield name, number(count), ratio(count, whole)


def _effectiveness(profile: Profile, whole_run: bool) -> Iterator[str]:
    """What all instructions were, and where deferrals and misses come from.

    The others than adaptive ones cannot be divided by file, so a selection has none.
    """
    total = total_of(site for _, site in profile.sites())
    families = by_family(profile)
    kinds = [
        ("Not specialized", total.deferred + total.unspecialized),
        ("Specialized hits", total.hits),
        ("Specialized misses", total.misses),
    ]
    if whole_run:
        counts = profile.instructions()
        basic = sum(counts[name] for name in counts if name not in ADAPTIVE)
        kinds.insert(0, ("Basic", basic))
    yield "## Specialization effectiveness"
    whole = sum(count for _, count in kinds)
    yield table(("Instructions", "Count:", "Ratio:"), _shares(kinds, whole))
    for title, kind in (
        ("Deferred by instruction", "deferred"),
        ("Misses by instruction", "misses"),
        ("Unspecialized by instruction", "unspecialized"),
    ):
        named = Counter({name: getattr(each, kind) for name, each in families.items()})
        rows = [pair for pair in named.most_common() if pair[1]]
        if rows:
            yield f"### {title}"
            shares = _shares(rows, named.total())
            yield from _folded(title, table(("Name", "Count:", "Ratio:"), shares))
    refusals = facts.refusals(profile)
    if refusals:
        yield "### Unspecialized by reason"
        yield table(REASON_COLUMNS, refusals)


def _calls(profile: Profile) -> Iterator[str]:
    """Frames and calls, and why some were the host's."""
    yield "## Call stats"
    yield table(("", "Count:", "Ratio or time"), facts.run(profile))
    for heading, counts in facts.FRAMES.items():
        some = facts.by_reason(getattr(profile, counts))
        if some:
            yield f"### {heading}"
            yield table(REASON_COLUMNS, some)


def _sites(profile: Profile, sort: str, top: int, suggest: bool) -> Iterator[str]:
    rows = not_specialized(profile, sort)
    if not rows:
        return
    yield "## Sites that are not specialized"
    sources = Sources(profile)
    all_generic = facts.generic(profile.sites())
    for rank, row in enumerate(rows[:top], 1):
        yield from _site(rank, row, sources, all_generic, suggest)
    left = facts.more(top, len(rows), "site")
    if left:
        yield escaped(left)


def _site(
    rank: int, row: Row, sources: Sources, all_generic: int, suggest: bool
) -> Iterator[str]:
    code, site = row
    title = f"{facts.place(code, site)} in {code.name}"
    yield f"### {rank}. {escaped(title)}, {site.family}"
    lines = sources.excerpt(code.file, site, EXCERPT_CELLS)
    if lines:
        margin = len(str(lines[-1].number))
        shown = []
        for line in lines:
            shown.append(f"{line.number:>{margin}} | {line.text}".rstrip())
            if line.marks:
                shown.append(f"{'':>{margin}} | {line.marks}")
        yield fenced("\n".join(shown))
    labelled = [
        ("count", facts.counts(site, all_generic)),
        ("tried", facts.history(site)),
        ("types", facts.types(site)),
        ("reason", facts.reason(site)),
    ]
    hint = facts.hint_of(site) if suggest else None
    if hint:
        labelled.append(("hint", f"{hint.title} {hint.text}"))
    yield "\n".join(
        f"- {label}: {escaped(words)}" for label, words in labelled if words
    )


def fenced(text: str) -> str:
    """A block of literal text, its fence longer than any run of ticks in it."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _declined(profile: Profile, top: int) -> Iterator[str]:
    if not profile.declined:
        return
    yield "## Code that stayed with the host"
    rows = (
        (f"{facts.path(code.file)}:{code.first_line}", code.name, code.reason)
        for code in profile.declined[:top]
    )
    yield table(("Place", "Name", "Reason"), rows)
    left = facts.more(top, len(profile.declined), "code object")
    if left:
        yield escaped(left)


def _threads(profile: Profile) -> Iterator[str]:
    if len(profile.threads) < 2:
        return
    yield "## Threads"
    rows = (
        (
            thread.name or f"thread {thread.ident}",
            number(sum(thread.executions.values())),
            number(sum(thread.misses.values())),
        )
        for thread in profile.threads
    )
    yield table(("Thread", "Instructions:", "Misses:"), rows)
