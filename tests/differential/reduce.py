"""Makes a differing program small by deleting lines while it still differs.

A line goes together with the block under it; where that is too much, the block moves
one step out and only its head goes.  Passes repeat until nothing more can be deleted.
A ``tick()`` goes only with its loop: without fuel a program might not end.
"""

import warnings
from collections.abc import Callable, Iterator

STEP = 4  # spaces of one indentation


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _block_end(lines: list[str], start: int) -> int:
    """The index behind the block that the line at *start* heads."""
    end = start + 1
    while end < len(lines) and _indent(lines[end]) > _indent(lines[start]):
        end += 1
    return end


def _smaller(lines: list[str], start: int) -> Iterator[list[str]]:
    """The ways of making the program smaller at one line, the boldest first."""
    end = _block_end(lines, start)
    yield lines[:start] + lines[end:]
    if end > start + 1:
        body = [line[STEP:] for line in lines[start + 1 : end]]
        yield lines[:start] + body + lines[end:]
        kept = " " * (_indent(lines[start]) + STEP) + "pass"
        if lines[start + 1 : end] != [kept]:
            yield [*lines[: start + 1], kept, *lines[end:]]


def _compiles(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # programs compare literals with "is"
        try:
            compile(source, "<reduced>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
    return True


def reduced(source: str, differs: Callable[[str], bool]) -> str:
    """The smallest text found for which *differs* still holds."""
    lines = source.splitlines()
    shrunk = True
    while shrunk:
        shrunk = False
        position = len(lines) - 1
        while position >= 0:
            fuel = lines[position].strip() == "tick()"
            for candidate in () if fuel else _smaller(lines, position):
                text = "\n".join(candidate) + "\n"
                if _compiles(text) and differs(text):
                    lines, shrunk = candidate, True
                    break
            position = min(position, len(lines)) - 1
    return "\n".join(lines) + "\n"
