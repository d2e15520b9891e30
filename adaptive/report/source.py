"""The source line of a site, with the range of the site marked under it.

Positions are those of `co_positions`: lines from 1, columns in bytes of UTF-8.  What a
terminal shows is counted in cells: a wide character takes two, a combining one none.
The file may have gone or changed since the run, so a range that its line has no place
for is not marked, and a line that is not there is not shown.
"""

from __future__ import annotations

import linecache
import os
import re
from typing import NamedTuple

from rich.cells import get_character_cell_size

from .profile import Profile, Site

#: Lines of one site that are shown; of a longer range the others are left out.
MOST_LINES = 3
#: A longer line is generated, and nobody reads all of it; the bound is for our time.
MOST_CHARACTERS = 10_000
TAB = " " * 4
MARK = "^"


class Line(NamedTuple):
    """One line of an excerpt; `marks` stands below the text, "" for no mark."""

    number: int
    text: str
    marks: str


class Cell(NamedTuple):
    """One character as it is shown: its width in cells, and whether it is marked."""

    text: str
    width: int
    marked: bool


#: Stands for what is cut off.
CUT = Cell("…", 1, False)


class Sources:
    """The lines of the files of one run."""

    def __init__(self, profile: Profile) -> None:
        target = profile.command
        #: What ``-c`` was given stands in no file.
        text = target[1] if target[:1] == ["-c"] and target[1:] else ""
        self._command = re.split(r"\r\n|\r|\n", text) if text else []

    def line(self, file: str, number: int) -> str | None:
        """One line without its end; None if there is no such file or line."""
        lines: list[str] = []
        if file == "<string>":
            lines = self._command
        elif file in linecache.cache or os.path.isfile(file):
            # Only a regular file: to open another one may wait for ever.
            lines = linecache.getlines(file)
        return lines[number - 1].rstrip("\r\n") if 0 < number <= len(lines) else None

    def excerpt(self, file: str, site: Site, cells: int) -> list[Line]:
        """The lines of a site, each at most `cells` wide; empty if they are unknown."""
        first = site.line or 0
        last = max(first, site.end_line or first)
        shown: list[tuple[int, list[Cell]]] = []
        for number in range(first, min(last, first + MOST_LINES - 1) + 1):
            text = self.line(file, number)
            if text is None:
                break
            text = text[:MOST_CHARACTERS]
            shown.append((number, _cells(text, *_range(text, site, number, last))))
        indent = min((_indent(line) for _, line in shown if line), default=0)
        return [_fitted(number, line[indent:], cells) for number, line in shown]


def _range(text: str, site: Site, number: int, last: int) -> tuple[int, int]:
    """Where the site begins and ends in a line, in characters; 0, 0 if it does not.

    Lines between the first and the last belong to it from their first character that
    is no space to the last one.
    """
    data = text.encode("utf-8", "surrogatepass")
    begin, end = site.column, site.end_column
    if begin is None or end is None:
        return 0, 0
    if max(begin * (number == site.line), end * (number == last)) > len(data):
        return 0, 0
    before = data[:begin].decode("utf-8", "replace")
    until = data[:end].decode("utf-8", "replace")
    return (
        len(before) if number == site.line else len(text) - len(text.lstrip()),
        len(until) if number == last else len(text.rstrip()),
    )


def _cells(text: str, begin: int, end: int) -> list[Cell]:
    """The line's characters as they are shown: tabs spread, no control characters."""
    cells: list[Cell] = []
    for index, character in enumerate(text):
        marked = begin <= index < end
        if character == "\t":
            cells += [Cell(" ", 1, marked) for _ in TAB]
        elif character.isprintable():
            cells.append(Cell(character, get_character_cell_size(character), marked))
        else:
            # It would move the cursor, or worse.
            shown = " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
            cells.append(Cell(shown, 1, marked))
    return cells


def _indent(line: list[Cell]) -> int:
    """The number of spaces at the line's beginning."""
    for index, cell in enumerate(line):
        if cell.text != " ":
            return index
    return len(line)


def _width(line: list[Cell]) -> int:
    return sum(cell.width for cell in line)


def _fitted(number: int, line: list[Cell], cells: int) -> Line:
    """The line, cut to a width so that the beginning of what is marked is seen."""
    marked = [index for index, cell in enumerate(line) if cell.marked]
    begin = 0
    if marked and _width(line[: marked[-1] + 1]) >= cells:
        # A quarter of the width for what stands before.
        begin = marked[0]
        while begin and _width(line[begin - 1 : marked[0]]) <= cells // 4:
            begin -= 1
    kept = _at_most([CUT, *line[begin:]] if begin else line, cells)
    text = "".join(cell.text for cell in kept)
    marks = "".join((MARK if cell.marked else " ") * cell.width for cell in kept)
    return Line(number, text, marks.rstrip())


def _at_most(line: list[Cell], cells: int) -> list[Cell]:
    """The line if it fits; its beginning and an ellipsis if not."""
    width = 0
    fitting = 0
    for index, cell in enumerate(line):
        width += cell.width
        if width < cells:
            fitting = index + 1
        elif width > cells:
            return [*line[:fitting], CUT]
    return line
