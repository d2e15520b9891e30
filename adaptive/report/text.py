"""The report for a terminal: a summary of ten seconds first, then where and why.

Everything from the program (names, lines of source) reaches rich as `Text`, never as
markup, and without control characters, so nothing in it can be taken for a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adaptive import isa

from . import facts
from .compare import Comparison
from .facts import Fact, number, percent
from .profile import Code, Profile, Site, Total, by_family, total_of
from .select import DEFAULT_SORT, DEFAULT_TOP, Row, Selection, not_specialized
from .source import Sources

#: From this width on all columns of the tables are shown.
WIDE = 72
BAR_CELLS = 40
#: Reasons that the summary names.
TOP_REASONS = 3
#: Shares from which on a figure is green, and from which on yellow.
GOOD, FAIR = 0.9, 0.6


@dataclass(slots=True, frozen=True)
class Paper:
    """What the report is written on: cells of width, with or without colour."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    def print(self, parts: Iterable[RenderableType]) -> str:
        """The parts as text, without spaces at the ends of lines unless coloured."""
        stream = StringIO()
        console = Console(
            file=stream,
            width=self.width,
            force_terminal=self.colour,
            color_system="auto" if self.colour else None,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )
        for part in parts:
            console.print(part)
        lines = stream.getvalue().removesuffix("\n").split("\n")
        return "".join(line.rstrip() + "\n" for line in lines)


def render(
    profile: Profile,
    *,
    sort: str = DEFAULT_SORT,
    top: int = DEFAULT_TOP,
    suggest: bool = False,
    selections: tuple[Selection, ...] = (),
    paper: Paper | None = None,
) -> str:
    """The report of a profile that `selections` have been made from."""
    paper = paper or Paper()
    parts = [
        *_summary(profile, selections, paper),
        *_families(profile, paper),
        *_sites(profile, sort, top, suggest, paper),
        *_declined(profile, top),
        *_host(profile),
        *_pairs(profile, top),
        *_threads(profile),
    ]
    return paper.print(parts)


def render_comparison(
    comparison: Comparison, *, top: int = DEFAULT_TOP, paper: Paper | None = None
) -> str:
    """The report of what changed from one run to another."""
    paper = paper or Paper()
    parts: list[RenderableType] = [Text(comparison.verdict, "bold")]
    for title, changes in comparison.tables(top).items():
        if changes:
            table = _table(title.rstrip("s").lower(), "before", "after", "points")
            for change in changes:
                colour = "green" if change.points > 0 else "red"
                style = colour if change.points else ""
                cells = (change.before_share, change.after_share, change.points_text)
                table.add_row(
                    _text(change.name), *(_text(cell, style) for cell in cells)
                )
            parts += [_heading(title), table]
    return paper.print(parts)


def families() -> str:
    """Every family with its forms, as the instruction set declares them."""
    parts: list[RenderableType] = []
    for family in isa.FAMILIES:
        forms = ", ".join(row.name for row in isa.FORMS[family])
        parts += [Text(family), Padding(Text(forms), (0, 0, 0, 4))]
    return Paper().print(parts)


def _text(words: str, style: str = "") -> Text:
    """Text of the program's, its control characters made harmless."""
    shown = (
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words
    )
    return Text("".join(shown), style, overflow="fold")


def _heading(words: str) -> Text:
    return Text(f"\n{words}", "bold")


def _table(*columns: str) -> Table:
    """A table without lines: text in the first column, numbers in the others."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, column in enumerate(columns):
        if index:
            table.add_column(column, justify="right", overflow="fold")
        else:
            table.add_column(column, overflow="fold")
    return table


def _rows(some: Iterable[Fact]) -> Table:
    """Facts below each other: label, count, note."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for fact in some:
        table.add_row(_text(fact.label), fact.amount, _text(fact.note))
    return table


def _colour(share: float) -> str:
    return "green" if share >= GOOD else "yellow" if share >= FAIR else "red"


def _summary(
    profile: Profile, selections: tuple[Selection, ...], paper: Paper
) -> Iterator[RenderableType]:
    """The share as a sentence and a bar, the four kinds, and the run as a whole."""
    total = total_of(site for _, site in profile.sites())
    yield _text(facts.program(profile))
    yield _text(facts.versions(profile), "dim")
    for selection in selections:
        yield _text(f"only {selection}", "dim")
    yield Text()
    yield Text(facts.verdict(total), f"bold {_colour(total.share)}")
    if total.executions:
        yield _bar(total.share, paper)
    yield Text()
    yield _rows(_rest(profile, total, paper.width >= WIDE))
    yield Text()
    yield _rows(facts.run(profile))


def _rest(profile: Profile, total: Total, wide: bool) -> Iterator[Fact]:
    """The kinds of executions, and the reasons that most of the last kind had."""
    for label, count, meaning in facts.kinds(total):
        share = percent(getattr(total, label), total.executions)
        yield Fact(label, count, f"{share:>8}{'  ' + meaning if wide else ''}")
    for reason in facts.refusals(profile)[:TOP_REASONS]:
        yield reason._replace(label=f"  {reason.label}")


def _bar(share: float, paper: Paper) -> Text:
    """The share as a length; only what is all of it is a full bar."""
    cells = min(BAR_CELLS, paper.width)
    full = cells if share >= 1 else min(max(round(share * cells), 0), cells - 1)
    done, rest = "█░" if paper.unicode else "#."
    return Text.assemble((done * full, _colour(share)), (rest * (cells - full), "dim"))


def _families(profile: Profile, paper: Paper) -> Iterator[RenderableType]:
    """A row for each family that was executed, most executions first."""
    totals = [pair for pair in by_family(profile).items() if pair[1].executions]
    if not totals:
        return
    yield _heading("Families")
    wide = paper.width >= WIDE
    rest = ("misses", "deferred", "unspecialized", "sites") if wide else ()
    table = _table("family", "executions", "specialized", *rest)
    for family, total in sorted(totals, key=lambda pair: -pair[1].executions):
        share = Text(percent(total.hits, total.executions), _colour(total.share))
        counts = (Text(number(getattr(total, name))) for name in rest)
        table.add_row(Text(family), Text(number(total.executions)), share, *counts)
    yield table


def _sites(
    profile: Profile, sort: str, top: int, suggest: bool, paper: Paper
) -> Iterator[RenderableType]:
    """The sites that are not specialized, each with its line and its reason."""
    rows = not_specialized(profile, sort)
    if not rows:
        return
    yield _heading("Sites that are not specialized")
    sources = Sources(profile)
    all_generic = facts.generic(profile.sites())
    for rank, row in enumerate(rows[:top], 1):
        yield Text()
        yield from _site(rank, row, sources, all_generic, suggest, paper)
    left = facts.more(top, len(rows), "site")
    if left:
        yield Text(f"\n{left}", "dim")


def _site(
    rank: int,
    row: Row,
    sources: Sources,
    all_generic: int,
    suggest: bool,
    paper: Paper,
) -> Iterator[RenderableType]:
    code, site = row
    yield Text.assemble(
        f"{rank}. ",
        _text(facts.place(code, site), "bold"),
        " in ",
        _text(code.name),
        f"  {site.family}",
    )
    yield from _excerpt(code, site, sources, paper)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("count", _text(facts.counts(site, all_generic)))
    table.add_row("tried", _text(facts.history(site)))
    if facts.types(site):
        table.add_row("types", _text(facts.types(site)))
    table.add_row("reason", _text(facts.reason(site), "yellow"))
    hint = facts.hint_of(site) if suggest else None
    if hint:
        table.add_row("hint", _text(f"{hint.title} {hint.text}", "green"))
    yield Padding(table, (0, 0, 0, 3))


def _excerpt(
    code: Code, site: Site, sources: Sources, paper: Paper
) -> Iterator[RenderableType]:
    """The site's lines with the marks below; nothing if the source is not there."""
    margin = len(str(site.end_line or site.line or 0)) + len("   ")
    divider = "│ " if paper.unicode else "| "
    room = max(paper.width - margin - len(divider), 1)
    for line in sources.excerpt(code.file, site, room):
        head = f"{line.number:>{margin}} {divider}"[1:]
        yield Text.assemble((head, "dim"), line.text, no_wrap=True, overflow="crop")
        if line.marks:
            below = " " * (margin) + divider
            yield Text.assemble(
                (below, "dim"), (line.marks, "red"), no_wrap=True, overflow="crop"
            )


def _declined(profile: Profile, top: int) -> Iterator[RenderableType]:
    if not profile.declined:
        return
    yield _heading("Code that stayed with the host")
    for code in profile.declined[:top]:
        where = f"{facts.path(code.file)}:{code.first_line} in {code.name}"
        yield Group(
            _text(where),
            Padding(
                _text(f"{code.reason}: {facts.sentence(code.reason)}", "yellow"),
                (0, 0, 0, 3),
            ),
        )
    left = facts.more(top, len(profile.declined), "code object")
    if left:
        yield Text(left, "dim")


def _host(profile: Profile) -> Iterator[RenderableType]:
    """Why frames were the host's, from their beginning or on the way."""
    for heading, counts in facts.FRAMES.items():
        if getattr(profile, counts):
            yield _heading(heading)
            yield _rows(facts.by_reason(getattr(profile, counts)))


def _pairs(profile: Profile, top: int) -> Iterator[RenderableType]:
    if not profile.pairs:
        return
    yield _heading("Pairs of instructions in a row")
    table = _table("first, second", "count")
    for first, second, count in profile.pairs[:top]:
        table.add_row(_text(f"{first} {second}"), number(count))
    yield table
    left = facts.more(top, len(profile.pairs), "pair")
    if left:
        yield Text(left, "dim")


def _threads(profile: Profile) -> Iterator[RenderableType]:
    if len(profile.threads) < 2:
        return
    yield _heading("Threads")
    table = _table("thread", "instructions", "misses")
    for thread in profile.threads:
        executions = sum(thread.executions.values())
        misses = sum(thread.misses.values())
        name = thread.name or f"thread {thread.ident}"
        table.add_row(_text(name), number(executions), number(misses))
    yield table
