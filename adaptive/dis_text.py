"""How a listing looks: columns of text, on a terminal in colour and cut to its width.

Owns the columns and their colours; what stands in them is `dis`'s.  rich is used for
terminals only, and only when the first line is to be shown on one.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, TextIO, TypeAlias

    #: One column's text, and its style.
    Piece: TypeAlias = tuple[str, str]
    #: One line: its pieces from left to right.
    Line: TypeAlias = list[Piece]

#: Styles, by what is shown with them.  rich's words.
STYLES = {
    "plain": "",
    "head": "bold",
    "unit": "dim",
    "form": "bold green",
    "fused": "bold magenta",
    "cache": "dim",
    "counter": "cyan",
    "host": "dim",
    "source": "yellow",
    "refusal": "bold red",
    "removed": "red",
    "added": "green",
}
#: The space between two columns.
GAP = "  "
#: What is longer in the middle of a row is cut.
MOST_TEXT = 32


def one(text: str, style: str = "plain") -> Line:
    """A line of one piece."""
    return [(text, style)]


def aligned(rows: Iterable[Sequence[Piece]]) -> Iterator[Line]:
    """The rows with each column padded to its widest text; columns all empty go."""
    table = [list(row) for row in rows]
    widths = [
        max(len(row[column][0]) for row in table)
        for column in range(len(table[0]) if table else 0)
    ]
    for row in table:
        yield [
            (f"{text:<{width}}{GAP}", style)
            for (text, style), width in zip(row, widths, strict=True)
            if width
        ]


def shortened(text: str) -> str:
    """The text, cut where it would push other columns out of sight."""
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 3]}..."


def plain(line: Line) -> str:
    """The line's text alone."""
    return "".join(text for text, _ in line).rstrip()


def print_lines(lines: Iterable[Line], file: TextIO | None = None) -> None:
    """Print lines: as they are, or to a terminal in colour and no wider than it is."""
    stream = sys.stdout if file is None else file
    console = _console(stream)
    for line in lines:
        if console is None:
            print(plain(line), file=stream)
        else:
            console.print(_painted(line), no_wrap=True, overflow="ellipsis", crop=True)


def load_for(stream: TextIO) -> None:
    """Import now what printing to the stream will need."""
    if _console(stream) is not None:
        _painted([])


def _console(stream: TextIO) -> Any:
    """What rich makes of a terminal, with NO_COLOR and COLUMNS; None elsewhere."""
    if not stream.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(file=stream, highlight=False, markup=False, emoji=False)


def _painted(line: Line) -> Any:
    """The line as rich's text."""
    from rich.text import Text

    text = Text()
    for piece, style in line:
        text.append(piece, STYLES[style])
    text.rstrip()
    return text
