"""Where sites stand in source text: ranges, the text cut at their edges, folded gaps.

Owns the geometry of the HTML report.  A *place* is a range of source text with the
sites that stand at exactly that range; the *innermost* place of a character is the
smallest one around it, and shows there.  Knows nothing of HTML.
"""

from __future__ import annotations

import re
import tokenize
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from adaptive.report.profile import COLD, GENERIC, SPECIALIZED, Code, Site

#: A range of more lines is shown on its first line.
MOST_LINES_OF_A_RANGE = 12
#: So is one that begins like this: a loop's or a test's range is its whole statement,
#: and would colour the body.
STATEMENT = re.compile(r"(?:async|class|def|elif|for|if|match|try|while|with)\b|@")
#: Lines shown above and below what was executed.
CONTEXT_LINES = 3
#: A shorter run of lines that were not executed is not worth folding.
FEWEST_LINES_OF_A_GAP = 8
#: A function's lines are shown up to here beyond those that were executed.
MOST_LINES_OF_A_FUNCTION = 400

#: Tokens that a docstring, if any, comes after.
_BEFORE_A_STATEMENT = (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)

#: Line and column, both as they count in the text: lines from 1, characters from 0.
Point = tuple[int, int]


@dataclass(slots=True, eq=False)
class Place:
    """A range of one file's text and the sites there, most executed first."""

    number: int
    file: str
    start: Point
    end: Point
    text: str = ""  # of the range, its first line
    sites: list[tuple[Code, Site]] = field(default_factory=list)
    around: list[Place] = field(default_factory=list)  # the next larger one first
    shown: bool = False  # some of the text is this place's own

    @property
    def executions(self) -> int:
        """Of all sites there."""
        return sum(site.executions for _, site in self.sites)

    @property
    def generic(self) -> int:
        """Executions that no form did."""
        return sum(site.generic for _, site in self.sites)

    @property
    def families(self) -> list[str]:
        """Of the sites, each once."""
        return list(dict.fromkeys(site.family for _, site in self.sites))

    @property
    def state(self) -> str:
        """GENERIC if such sites do a quarter of the executions; COLD if all are."""
        states = {site.state for _, site in self.sites}
        generic = sum(s.executions for _, s in self.sites if s.state == GENERIC)
        if 4 * generic >= self.executions and GENERIC in states:
            return GENERIC
        return COLD if states == {COLD} else SPECIALIZED


@dataclass(slots=True)
class Segment:
    """Text of one line with the same places around it, the innermost first."""

    text: str
    around: list[Place]
    is_first: bool = False  # of its innermost place, in the file
    is_comment: bool = False  # or a docstring

    @property
    def place(self) -> Place | None:
        """The one that shows."""
        return self.around[0] if self.around else None


@dataclass(slots=True)
class Line:
    """One line of source; `executions` are code units executed, None where none is."""

    number: int
    segments: list[Segment]
    executions: int | None


@dataclass(slots=True)
class Gap:
    """Lines without counts between lines that have them."""

    lines: list[Line]


def characters_before(text: str, column_bytes: int) -> int:
    """How many characters begin in the text's first bytes of UTF-8."""
    if text.isascii():
        return min(column_bytes, len(text))
    data = text.encode("utf-8", "surrogatepass")[:column_bytes]
    return sum(byte & 0xC0 != 0x80 for byte in data)


def _range_in(text: list[str], site: Site) -> tuple[Point, Point] | None:
    """The site's range in characters, or None where the text has no such line."""
    line = site.line
    if line is None or not 1 <= line <= len(text):
        return None
    first = text[line - 1]
    indent = len(first) - len(first.lstrip())
    last_line = site.end_line or line
    if site.column is None or not line <= last_line <= len(text):
        return (line, indent), (line, len(first))
    start = max(characters_before(first, site.column), indent)
    is_long = last_line - line >= MOST_LINES_OF_A_RANGE
    is_statement = last_line > line and STATEMENT.match(first, start)
    if is_long or is_statement or site.end_column is None:
        return (line, start), (line, len(first))
    end = characters_before(text[last_line - 1], site.end_column)
    if last_line == line and end <= start:
        return (line, indent), (line, len(first))
    return (line, start), (last_line, end)


def places_of(
    file: str, text: list[str], sites: Iterable[tuple[Code, Site]], first_number: int
) -> tuple[list[Place], list[tuple[Code, Site]]]:
    """The file's places by where they begin, and the sites that the text lacks."""
    ranges: dict[tuple[Point, Point], list[tuple[Code, Site]]] = {}
    lost: list[tuple[Code, Site]] = []
    for code, site in sites:
        found = _range_in(text, site)
        if found is None:
            lost.append((code, site))
        else:
            ranges.setdefault(found, []).append((code, site))
    places = []
    for number, (start, end) in enumerate(sorted(ranges), first_number):
        here = sorted(ranges[start, end], key=lambda pair: -pair[1].executions)
        stop = end[1] if end[0] == start[0] else None
        first_line = text[start[0] - 1][start[1] : stop]
        places.append(Place(number, file, start, end, first_line, here))
    return places, lost


def _stretches(text: list[str], place: Place) -> Iterator[tuple[int, int, int]]:
    """Line, start and end of the parts of a range, each within one line's text."""
    first, last = place.start[0], place.end[0]
    for number in range(first, last + 1):
        line = text[number - 1]
        start = place.start[1] if number == first else len(line) - len(line.lstrip())
        end = place.end[1] if number == last else len(line)
        if start < end:
            yield number, start, end


def _size(text: list[str], place: Place) -> int:
    """Characters of a range, so that the innermost is the smallest."""
    return sum(end - start for _, start, end in _stretches(text, place))


def cut(text: list[str], places: list[Place]) -> dict[int, list[Segment]]:
    """The segments of every line that has a place on it."""
    by_line: dict[int, list[tuple[int, int, Place]]] = {}
    sizes = {place.number: _size(text, place) for place in places}
    for place in places:
        for number, start, end in _stretches(text, place):
            by_line.setdefault(number, []).append((start, end, place))
    lines = {}
    for number, stretches in sorted(by_line.items()):
        stretches.sort(key=lambda item: (sizes[item[2].number], item[2].number))
        lines[number] = _segments(text[number - 1], stretches)
    return lines


def _segments(line: str, stretches: list[tuple[int, int, Place]]) -> list[Segment]:
    """One line cut at the edges of its stretches, which come smallest place first."""
    edges = {0, len(line)}
    for start, end, _ in stretches:
        edges |= {start, end}
    bounds = sorted(edges)
    around: list[list[Place]] = [[] for _ in bounds]
    for start, end, place in stretches:
        for index in range(bisect_left(bounds, start), bisect_left(bounds, end)):
            around[index].append(place)
    segments = []
    for index, (start, end) in enumerate(pairwise(bounds)):
        chain = around[index]
        segments.append(Segment(line[start:end], chain))
        for position, place in enumerate(chain):
            if len(chain) - position - 1 > len(place.around):
                place.around = chain[position + 1 :]
        if chain and not chain[0].shown:
            chain[0].shown = segments[-1].is_first = True
    return segments


def _comments(text: list[str]) -> dict[int, int]:
    """For lines with a comment, and those of docstrings, the column it begins at."""
    found: dict[int, int] = {}
    begins = True  # a statement
    lines = (f"{line}\n" for line in text)
    try:
        for token in tokenize.generate_tokens(lambda: next(lines, "")):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.start[1]
            elif token.type == tokenize.STRING and begins:
                found[token.start[0]] = token.start[1]
                found |= dict.fromkeys(range(token.start[0] + 1, token.end[0] + 1), 0)
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                begins = token.type in _BEFORE_A_STATEMENT
    except (tokenize.TokenError, SyntaxError):
        pass  # not Python, or cut: what was found until there is right
    return found


def _with_comment(segments: list[Segment], column: int) -> Iterator[Segment]:
    """The segments of a line, cut where its comment begins; places stay whole."""
    at = 0
    for segment in segments:
        before = max(column - at, 0)
        at += len(segment.text)
        if segment.around or before >= len(segment.text):
            yield segment
            continue
        if before:
            yield Segment(segment.text[:before], [])
        yield Segment(segment.text[before:], [], is_comment=True)


def _executed_lines(codes: Iterable[Code], count: int) -> set[int]:
    """Lines worth showing: functions that ran, and what is near lines with counts."""
    shown: set[int] = set()
    for code in codes:
        lines = {site.line for site in code.sites if site.line} | set(code.lines)
        for line in lines:
            shown |= set(range(line - CONTEXT_LINES, line + CONTEXT_LINES + 1))
        if code.first_line > 1 and lines:
            last = min(max(lines), code.first_line + MOST_LINES_OF_A_FUNCTION)
            shown |= set(range(code.first_line, last + 1))
    return {line for line in shown if 1 <= line <= count}


def lines_of(
    text: list[str], places: list[Place], codes: list[Code]
) -> list[Line | Gap]:
    """The whole text: lines around what was executed, and the gaps between them."""
    segments = cut(text, places)
    executions: dict[int, int] = {}
    for code in codes:
        for number, count in code.lines.items():
            executions[number] = executions.get(number, 0) + count
    shown = _executed_lines(codes, len(text))
    comments = _comments(text)
    result: list[Line | Gap] = []
    pending: list[Line] = []

    def flush() -> None:
        folds = len(pending) >= FEWEST_LINES_OF_A_GAP
        result.extend([Gap(pending.copy())] if folds else pending)
        pending.clear()

    for number, line in enumerate(text, 1):
        whole = segments.get(number) or [Segment(line, [])]
        if number in comments:
            whole = list(_with_comment(whole, comments[number]))
        item = Line(number, whole, executions.get(number))
        if number in shown:
            flush()
            result.append(item)
        else:
            pending.append(item)
    flush()
    return result
