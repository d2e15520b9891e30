"""The hints: each one's two programs, the page, and which site gets which hint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import pytest
import support
from families.life import ruled

import adaptive
from adaptive import dis, isa, reasons
from adaptive.collector import collecting
from adaptive.report import hints
from adaptive.report.advice import MARK, Hint
from adaptive.report.profile import GENERIC, SPECIALIZED, Site, TypesSeen

PAGE = Path(__file__).parent.parent / "docs" / "hints.md"
#: Calls of `hot` until its sites have settled, and more to see that they have.
SETTLE, AGAIN = 60, 30


class Standing(NamedTuple):
    """A site on a marked line: its unit, family, opcode, and raw counter."""

    unit: int
    family: str
    opname: str
    counter: int


def title(hint: Hint) -> str:
    """What a test of one hint is called."""
    return f"{hint.reason}-{hint.title}"


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """The functions' code in a module's code, at any depth."""
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from codes_in(const)


class Program:
    """One of a hint's programs, loaded by the plain host."""

    def __init__(self, source: str) -> None:
        lines = source.splitlines()
        self.marked = {
            number for number, line in enumerate(lines, 1) if line.endswith(MARK)
        }
        assert self.marked
        self.code = support.compiled(source)
        names: dict[str, Any] = {"__name__": "program"}
        with support.plain_host():
            exec(self.code, names)
        self.hot = names["hot"]

    def standing(self) -> list[Standing]:
        """The adaptive instructions of the marked lines as they stand now."""
        found = []
        with support.plain_host():
            for code in codes_in(self.code):
                lines = [position[0] for position in code.co_positions()]
                found += [
                    Standing(row.unit, row.base, row.opname, row.caches["counter"])
                    for row in dis.instructions(adaptive.code(code))
                    if row.base in isa.FAMILIES and lines[row.host_unit] in self.marked
                ]
        return found


def settled(source: str, *families: str) -> tuple[Program, object, set[str]]:
    """A program whose sites have settled, what it computes, and why sites did not.

    With families, no site of another one is tried.
    """
    program = Program(source)
    policy = adaptive.Policy()
    policy.families = frozenset(families or isa.FAMILIES)
    with ruled(policy):
        adaptive.reset_counters()
        for _ in range(SETTLE):
            value = program.hot()
        refused = adaptive.counters()["refused"]
    return program, value, {*refused} - {"family_off"}


@pytest.mark.parametrize("hint", hints.HINTS, ids=title)
def test_programs(hint: Hint) -> None:
    """The first program's site is refused, the second one's lines only hit."""
    program, before, refused = settled(hint.before, *hint.families[:1])
    assert refused == {hint.reason}
    assert any(
        site.opname == site.family and site.family in (hint.families or isa.FAMILIES)
        for site in program.standing()
    )

    program, after, _ = settled(hint.after)
    assert after == before
    standing = program.standing()
    with support.hot_engine():
        for _ in range(AGAIN):
            program.hot()
    # A miss counts, and so does an execution of a base: nothing of both has happened.
    assert program.standing() == standing
    assert not standing or any(site.opname != site.family for site in standing)


def counted(source: str) -> list[Site]:
    """The sites of a program's marked lines that a counted run shows to be hot.

    A site that another form absorbs, or that is fused, is executed a few times only.
    """
    program = Program(source)
    with collecting(0) as run:
        for _ in range(SETTLE):
            program.hot()
    return [
        site
        for code, site in run.profile().sites()
        if code.file == support.FILE
        and site.line in program.marked
        and site.executions > SETTLE
    ]


@pytest.mark.parametrize("hint", hints.HINTS, ids=title)
def test_a_counted_run_gives_the_hint(hint: Hint) -> None:
    """The refused site is told just this; the second program's sites hit."""
    told = [site for site in counted(hint.before) if hints.hint_for(site) is hint]
    assert told
    assert all(site.state == GENERIC for site in told)
    assert {site.family for site in told} <= {*(hint.families or isa.FAMILIES)}
    for site in counted(hint.after):
        assert site.state == SPECIALIZED, site
        assert hints.hint_for(site) is None, site


def site_for(hint: Hint, family: str) -> Site:
    """A site that the hint is meant for, as a counted run would show it."""
    site = Site(0, 0, family, family, 1000, attempts=9)
    site.unspecialized = {hint.reason: 990}
    names = sorted(hint.having) or ["Shape"]
    site.types = [TypesSeen((names[0], names[-1]), 9)]
    if hint.alike is False:
        site.types.append(TypesSeen(("Other", "Other"), 5))
    return site


@pytest.mark.parametrize("hint", hints.HINTS, ids=title)
def test_a_hint_is_found(hint: Hint) -> None:
    """None is hidden behind a hint that stands before it."""
    for family in hint.families or ("BINARY_OP",):
        assert hints.hint_for(site_for(hint, family)) is hint


def test_types_decide() -> None:
    """The most seen types, whatever module their names are shown with."""
    site = Site(0, 0, "COMPARE_OP", "COMPARE_OP", 9, failures={"mixed_types": 1})
    shown = {}
    for name in ("NoneType", "types.NoneType", "str"):
        site.types = [TypesSeen(("int", name), 8), TypesSeen(("int", "NoneType"), 1)]
        hint = hints.hint_for(site)
        assert hint is not None
        shown[name] = hint.title
    assert shown["NoneType"] == shown["types.NoneType"] != shown["str"]


def test_no_hint() -> None:
    """For no refusal, for a reason without one, and for types without one."""
    site = Site(0, 0, "TO_BOOL", "TO_BOOL", 9)
    assert hints.hint_for(site) is None
    site.failures = {"family_off": 3}
    assert hints.hint_for(site) is None
    site.failures = {"other_builtin": 3}
    site.types = [TypesSeen(("dict",), 9)]
    assert hints.hint_for(site) is None


def test_every_reason_has_a_hint_or_a_why() -> None:
    """Either, never both; and nothing is declared for what is no refusal."""
    refusals = {row.name for row in reasons.of_kind(reasons.REFUSAL)}
    advised = {hint.reason for hint in hints.HINTS}
    assert advised | {*hints.WITHOUT} == refusals
    assert not advised & {*hints.WITHOUT}


@pytest.mark.parametrize("hint", hints.HINTS, ids=title)
def test_words(hint: Hint) -> None:
    """A title is one sentence, the text one to three, the families exist."""
    assert hint.title.endswith(".")
    assert hint.title.count(". ") == 0
    assert len(hint.title) <= 88
    assert hint.text.endswith(".")
    assert set(hint.families) <= {*isa.FAMILIES}


def test_titles_are_unique_per_reason() -> None:
    assert len({title(hint) for hint in hints.HINTS}) == len(hints.HINTS)


def test_the_page_is_what_the_table_says() -> None:
    """Print it anew: python -m adaptive.report.hints > docs/hints.md"""
    done = support.python("-m", "adaptive.report.hints")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == PAGE.read_text("utf-8")
