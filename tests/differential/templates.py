"""The grammar's templates, parsed once, and the choice among them.

Owns the notation that ``grammar.py`` describes.  Knows nothing of scopes or names.
"""

import re
from dataclasses import dataclass
from functools import cache

from tests.differential.grammar import EXPRESSIONS, LITERALS
from tests.differential.grammar_flow import FLOW
from tests.differential.grammar_hot import HOT, WORDS
from tests.differential.grammar_uses import USES
from tests.differential.grammar_values import VALUES

HOLE = re.compile(r"\$(leaf_[a-z]|[A-Za-z]+)(\d?)")
BLOCKS = ("body", "loop", "star")


@dataclass(frozen=True)
class Hole:
    """One hole: what it wants, and the digit that makes it repeat."""

    want: str
    digit: str


@dataclass(frozen=True)
class Line:
    """One line of a template: text and holes alternating, or the name of a block."""

    indent: str
    parts: tuple[str | Hole, ...] = ()
    block: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Production:
    """One alternative of the grammar."""

    name: str
    weight: int
    needs: frozenset[str]
    lines: tuple[Line, ...]

    @property
    def nests(self) -> bool:
        """Whether a block of further statements is part of it."""
        return any(line.block for line in self.lines)


def _line(text: str) -> Line:
    stripped = text.lstrip(" ")
    indent = text[: len(text) - len(stripped)]
    if stripped[:1] == "$" and stripped[1:] in BLOCKS:
        return Line(indent, block=stripped[1:])
    parts: list[str | Hole] = []
    end = 0
    for match in HOLE.finditer(stripped):
        parts += [stripped[end : match.start()], Hole(match[1], match[2])]
        end = match.end()
    parts.append(stripped[end:])
    nested = re.search(r"lambda|(?<!^)(?<!^async)\bfor\b", stripped)
    return Line(indent, tuple(parts), quiet=bool(nested))


def _expressions(kind: str, text: str) -> list[Production]:
    found = []
    for row in text.strip().splitlines():
        head, template = row.strip().split(" | ", 1)
        weight, _, needs = head.partition(" @")
        found.append(
            Production(
                f"{kind}: {template}",
                int(weight),
                frozenset(needs.split()),
                (_line(template),),
            )
        )
    return found


def _statements(text: str) -> list[Production]:
    found = []
    for paragraph in text.strip().split("\n\n"):
        head, *lines = paragraph.splitlines()
        _, name, weight, *needs = head.split()
        found.append(
            Production(name, int(weight), frozenset(needs), tuple(map(_line, lines)))
        )
    return found


EXPRESSION_TABLE = {
    kind: _expressions(kind, text) for kind, text in EXPRESSIONS.items()
}
STATEMENT_TABLE = [
    *_statements(VALUES),
    *_statements(FLOW),
    *_statements(USES),
    *_statements(HOT),
]
LITERAL_TABLE = {kind: text.split() for kind, text in LITERALS.items()}
WORD_TABLE = {
    want: [word.replace("~", " ") for word in text.split()]
    for want, text in WORDS.items()
}
PRODUCTIONS = {
    production.name
    for table in (*EXPRESSION_TABLE.values(), STATEMENT_TABLE)
    for production in table
}


@cache
def allowed(table: str, flags: frozenset[str], nesting: bool) -> tuple[Production, ...]:
    """The productions of a kind ("" for statements), each as often as it weighs."""
    productions = EXPRESSION_TABLE[table] if table else STATEMENT_TABLE
    return tuple(
        production
        for production in productions
        if production.needs <= flags and (nesting or not production.nests)
        for _ in range(production.weight)
    )
