"""The text and Markdown reports, and the source that they show."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import profiles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.markdown import Markdown

from adaptive import isa, reasons
from adaptive.report import facts, markdown, text
from adaptive.report.advice import Hint
from adaptive.report.profile import Profile, Site, total_of
from adaptive.report.select import Selection
from adaptive.report.source import CUT, MARK, MOST_LINES, Sources
from adaptive.report.text import Paper

RENDERERS = pytest.mark.parametrize("render", [text.render, markdown.render])
TARGET = 'total = größe["日本"] * (amount + 1)\n'


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A run with something in every part of a report, and its folder as ours."""
    monkeypatch.chdir(tmp_path)
    return profiles.example(tmp_path)


# -- the whole reports


@RENDERERS
@settings(max_examples=50, deadline=None)
@given(profile=profiles.any_profile)
def test_any_profile_can_be_shown(render, profile: Profile) -> None:
    """Whatever names the program uses: none of them reaches a terminal raw."""
    shown = render(profile, sort="share", top=2)
    assert not set(shown) & {chr(code) for code in range(32)} - {"\n"}


@settings(max_examples=50, deadline=None)
@given(profile=profiles.any_profile, width=st.integers(20, 100))
def test_no_line_is_wider_than_the_paper(profile: Profile, width: int) -> None:
    shown = text.render(profile, paper=Paper(width=width))
    assert max(map(cell_len, shown.splitlines())) <= width


@RENDERERS
def test_every_part_is_there(render, example: Profile) -> None:
    """Each number and name of the example stands in the report."""
    shown = render(example).replace("\\", "")
    total = total_of(site for _, site in example.sites())
    for count in (total.executions, total.hits):
        assert facts.number(count) in shown
    for name in ("cold", "own", "tracing", "code_too_large", "MainThread", "thread 2"):
        assert name in shown
    for _, site in example.sites():
        assert site.family in shown
        assert facts.reason(site).split()[0] in shown
    assert "app.py:2 in price" in shown
    assert "gone.py:unit 5 in Spam.<locals>.eggs" in shown
    assert "int, float (700); str, bytes (300); others (5)" in shown
    assert "LOAD_FAST BINARY_OP" in shown
    assert facts.percent(total.hits, total.executions) in shown


def test_the_summary_comes_first(example: Profile) -> None:
    """The share, in words and as a bar, stands above everything else."""
    lines = text.render(example, paper=Paper(unicode=False)).splitlines()
    total = total_of(site for _, site in example.sites())
    assert lines[3] == facts.verdict(total)
    assert lines[4].count("#") == round(total.share * text.BAR_CELLS)
    assert len(lines[4]) == text.BAR_CELLS


@RENDERERS
def test_top_bounds_each_list(render) -> None:
    profile = profiles.large(50)
    shown = render(profile, top=3)
    sites = len([row for row in profile.sites() if row[1].refused])
    places = re.findall(r"^(?:### )?\d+\\?\. ", shown, re.MULTILINE)
    assert len(places) == 3
    assert f"and {sites - 3} more sites" in shown


@RENDERERS
def test_no_executions(render) -> None:
    shown = render(profiles.profile(frames_host={"cold": 3}))
    assert "Nothing that could be specialized was executed" in shown
    assert "nan" not in shown


@RENDERERS
def test_selections_are_said(render, example: Profile) -> None:
    selection = Selection(("gone.py",), ("CALL",))
    shown = render(selection.of(example), selections=(selection,))
    assert "only files gone.py; families CALL" in shown
    assert "price" not in shown


@RENDERERS
def test_hints_are_shown_if_asked_for(
    render, example: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    hint = Hint("mixed_types", "Do [that].", "It is *better*.", "1", "2")
    monkeypatch.setattr("adaptive.report.hints.hint_for", lambda site: hint)
    assert "better" not in render(example)
    shown = render(example, suggest=True).replace("\\", "")
    assert shown.count("Do [that]. It is *better*.") == 5


@RENDERERS
def test_unknown_reasons_have_a_sentence(render) -> None:
    """A report of another version may have reasons that this one has not."""
    site = profiles.refused(1, 9, "of_the_future")
    shown = render(profiles.profile(profiles.code("a.py", site)))
    assert "of_the_future: A reason of another version" in shown
    assert "of_the_future" not in reasons.BY_NAME


def test_a_large_profile_takes_bounded_memory() -> None:
    """100 000 sites: the reports are short, and made without a copy of everything."""
    profile = profiles.large(100_000)
    assert len(markdown.render(profile)) < 50_000
    tracemalloc.start()
    try:
        shown = text.render(profile)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(shown) < 50_000
    assert peak < 100_000 * 400


# -- colour


def test_colour_is_only_more(example: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its escapes a coloured report is the plain one."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    plain = text.render(example)
    coloured = text.render(example, paper=Paper(colour=True))
    assert "\x1b[" in coloured
    bare = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


# -- Markdown


@settings(deadline=None)
@given(profiles.names)
def test_markdown_shows_names_literally(name: str) -> None:
    """A Markdown reader finds the very text, and no markup in it."""
    spaced = " ".join(name.split())
    parsed = Markdown(f"x {markdown.escaped(spaced)} x").parsed
    (inline,) = (token for token in parsed if token.type == "inline")
    children = inline.children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    shown = "".join(child.content for child in children)
    printable = (c if c.isprintable() else ascii(c)[1:-1] for c in spaced)
    assert shown == f"x {''.join(printable)} x"


def test_markdown_cells_stay_in_their_columns(example: Profile) -> None:
    """Whatever is in a cell, every row of a table has the columns of its head."""
    tables = re.findall(r"(?:^\|.*\n)+", markdown.render(example), re.MULTILINE)
    assert len(tables) > 8
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(widths) == 1, table


def test_markdown_has_the_sections_of_summarize_stats(example: Profile) -> None:
    """The heads of CPython's report, in its order."""
    shown = markdown.render(example)
    heads = [
        "## Execution counts",
        "| Name | Count: | Self: | Cumulative: | Miss ratio: |",
        "## Pair counts",
        "| Pair | Count: | Self: | Cumulative: |",
        "## Specialization stats",
        "| Kind | Count: | Ratio: |",
        "#### Specialization attempts",
        "| Failure kind | Count: | Ratio: |",
        "## Specialization effectiveness",
        "| Instructions | Count: | Ratio: |",
        "### Deferred by instruction",
        "### Misses by instruction",
        "## Call stats",
    ]
    places = [shown.index(head) for head in heads]
    assert places == sorted(places)


def test_cumulative_ends_at_all(example: Profile) -> None:
    rows = re.findall(r"^\| \w+ \| .*% \| ([\d.]+%) \|", markdown.render(example), re.M)
    assert rows[2] == "100.0%"


def test_fences_are_longer_than_what_they_hold() -> None:
    assert markdown.fenced("a ```` b").startswith("`````text\n")


# -- source


def sources(folder: Path, source: str) -> tuple[Sources, str]:
    """The sources of a run whose one file has this text."""
    path = folder / "source.py"
    path.write_text(source, "utf-8")
    return Sources(profiles.profile()), str(path)


@pytest.mark.parametrize("cells", [40, 20, 9])
def test_marks_stand_below_what_is_marked(tmp_path: Path, cells: int) -> None:
    """In cells: wide characters before it push the marks as far as the text."""
    lines, path = sources(tmp_path, TARGET)
    data = TARGET.encode()
    for opname in ("BINARY_SUBSCR", "BINARY_OP"):
        for at in profiles.positions(TARGET, opname):
            marked = data[at["column"] : at["end_column"]].decode()
            (line,) = lines.excerpt(path, profiles.site(**at), cells)
            assert cell_len(line.text) <= cells
            shown = below(line.text, line.marks).rstrip(CUT.text)
            assert shown and marked.startswith(shown)
            if cell_len(TARGET.rstrip()) <= cells:
                assert shown == marked


def below(shown: str, marks: str) -> str:
    """The part of a line that has marks below it."""
    found = ""
    at = 0
    for letter in shown:
        width = cell_len(letter)
        if marks[at : at + width] == MARK * width:
            found += letter
        at += width
    return found


def test_a_range_of_several_lines(tmp_path: Path) -> None:
    """Each is marked from its first character to its last, up to a bound."""
    source = "x = (\n    aaa\n    +\n\tbbb\n    + ccc)\n"
    lines, path = sources(tmp_path, source)
    at = profiles.positions(source, "BINARY_OP")[0]
    excerpt = lines.excerpt(path, profiles.site(**at), 40)
    assert [below(*line[1:]) for line in excerpt] == ["aaa", "+", "bbb"]
    whole = {**at, "end_line": 5, "end_column": 9}
    shown = lines.excerpt(path, profiles.site(**whole), 40)
    assert len(shown) == MOST_LINES


@pytest.mark.parametrize(
    "position",
    [
        {"line": None},
        {"line": 99, "column": 0, "end_column": 1},
        {"line": 0, "column": 0, "end_column": 1},
    ],
)
def test_no_excerpt_without_a_line(tmp_path: Path, position: dict[str, int]) -> None:
    lines, path = sources(tmp_path, TARGET)
    assert lines.excerpt(path, profiles.site(**position), 40) == []


@pytest.mark.parametrize(
    "columns", [(None, None), (3, None), (0, 10_000), (10_000, 10_001), (9, 3)]
)
def test_no_marks_without_a_range(
    tmp_path: Path, columns: tuple[int | None, int | None]
) -> None:
    """The compiler kept none, or the file has changed since."""
    lines, path = sources(tmp_path, TARGET)
    begin, end = columns
    site = profiles.site(line=1, end_line=1, column=begin, end_column=end)
    (line,) = lines.excerpt(path, site, 80)
    assert (line.text, line.marks) == (TARGET.rstrip(), "")


def test_what_is_no_file_has_no_lines(tmp_path: Path) -> None:
    """A directory, a device that never ends, an invented name."""
    lines = Sources(profiles.profile())
    for file in (str(tmp_path), "/dev/zero", "<frozen x>", "", "\udc80", "a\0b"):
        assert lines.line(file, 1) is None


def test_the_source_of_a_command() -> None:
    """What -c was given is the only copy of its source."""
    lines = Sources(profiles.profile(command=["-c", "a = 1\nb = a + 1", "-v"]))
    assert lines.line("<string>", 2) == "b = a + 1"
    assert Sources(profiles.profile()).line("<string>", 1) is None


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=40),
    st.integers(1, 60),
    st.tuples(*[st.none() | st.integers(0, 60)] * 3),
)
def test_excerpts_fit(
    line: str, cells: int, place: tuple[int | None, int | None, int | None]
) -> None:
    """Any text, any position: no line is wider than asked for, no control character."""
    command = profiles.profile(command=["-c", line])
    end_line, begin, end = place
    site = Site(
        0, 0, "CALL", "CALL", 1, 1, end_line=end_line, column=begin, end_column=end
    )
    for shown in Sources(command).excerpt("<string>", site, cells):
        assert max(cell_len(shown.text), len(shown.marks)) <= max(cells, 2)
        assert shown.text.isprintable()


# -- what is said


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, ""),
        (0, 5, "0.00 %"),
        (5, 5, "100.00 %"),
        (1, 10**9, "<0.01 %"),
        (10**9 - 1, 10**9, ">99.99 %"),
        (1, 10**4, "0.01 %"),
        (9_999, 10**4, "99.99 %"),
        (1, 3, "33.33 %"),
    ],
)
def test_percent(part: int, whole: int, words: str) -> None:
    """All and nothing are said of nothing else."""
    assert facts.percent(part, whole) == words


def test_families_are_listed() -> None:
    """S1-12: every family with each of its forms."""
    shown = text.families()
    for family in isa.FAMILIES:
        assert f"{family}\n" in shown
        for form in isa.FORMS[family]:
            assert re.search(rf"\b{form.name}\b", shown)
