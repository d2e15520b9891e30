"""The command line of ``python -m adaptive.stats``: its words, and what fits together.

Owns the options and every refusal that needs no file: whoever gets an `Options` from
`parse` can follow it.  argparse reads the options; the target behind them is split off
first, since its own words are not ours to read.
"""

from __future__ import annotations

import argparse
import os
from typing import NoReturn

from adaptive import isa, runner

from .select import DEFAULT_SORT, DEFAULT_TOP, SORTS, Selection

FORMATS = ("text", "markdown", "json", "html")
#: What the suffix of -o's file says; anything else is text.
SUFFIXES = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".htm": "html",
    ".html": "html",
}

USAGE = """\
python -m adaptive.stats [options] (script.py | -m module | -c code) [args...]
       python -m adaptive.stats [options] --load report.json
       python -m adaptive.stats [options] --compare old.json new.json
       python -m adaptive.stats --families"""

DESCRIPTION = (
    "Run a program on the engine and report which of its instructions specialize, how"
    " well, and why the others do not."
)


class UsageError(Exception):
    """A command line that cannot be followed; the text is the line to print."""


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(message)


class Options(argparse.Namespace):
    """The command line, read."""

    format: str
    output: str | None
    sort: str
    top: int
    file: list[str]
    family: list[str]
    suggest: bool
    fail_under: float | None
    baseline: str | None
    threshold: str | None
    policy: str | None
    load: str | None
    compare: list[str] | None
    families: bool
    target: runner.Target | None

    @property
    def selection(self) -> Selection:
        """What --file and --family select."""
        return Selection(tuple(self.file), tuple(self.family))

    @property
    def engine_words(self) -> list[str]:
        """What ``python -m adaptive`` is to be told as well."""
        words = []
        for name in ("threshold", "policy"):
            value = getattr(self, name)
            if value is not None:
                words += [f"--{name}", value]
        return words


def format_of(path: str | None) -> str:
    """The format that a file's name stands for."""
    suffix = os.path.splitext(path or "")[1].lower()
    return SUFFIXES.get(suffix, "text")


def parse(arguments: list[str]) -> Options:
    """The command line, checked.  Raises UsageError; --help exits."""
    parser, arity = _parser()
    own, words = _split(arguments, arity)
    options = parser.parse_args(own, namespace=Options())
    options.target = _target(words)
    options.format = options.format or format_of(options.output)
    _check(options)
    return options


def _parser() -> tuple[Parser, dict[str, int]]:
    """The parser, and how many words each option takes after its own."""
    parser = Parser(prog="adaptive.stats", usage=USAGE, description=DESCRIPTION)
    parser.allow_abbrev = False
    add = parser.add_argument
    actions = [
        add("-o", dest="output", metavar="FILE", help="write the report there"),
        add("--format", choices=FORMATS, help="by -o's suffix, else text"),
        add(
            "--sort",
            choices=tuple(SORTS),
            default=DEFAULT_SORT,
            help="order of the sites (default: %(default)s, executions no form did)",
        ),
        add(
            "--top",
            type=_count,
            default=DEFAULT_TOP,
            metavar="N",
            help="rows of each list (default: %(default)s)",
        ),
        add(
            "--file",
            action="append",
            default=[],
            metavar="GLOB",
            help="only files whose path or name fits; may be repeated",
        ),
        add(
            "--family",
            action="append",
            default=[],
            type=_family,
            metavar="NAME",
            help="only sites of this family; may be repeated",
        ),
        add("--suggest", action="store_true", help="say what to change at a site"),
        add(
            "--fail-under",
            type=_percent,
            metavar="PERCENT",
            help="exit status 1 if the share of specialized executions is less",
        ),
        add(
            "--baseline",
            metavar="OLD.json",
            help="exit status 1 if the share has fallen since that report",
        ),
        add("--threshold", metavar="N", help="as python -m adaptive takes it"),
        add("--policy", metavar="FILE:CLASS", help="as python -m adaptive takes it"),
        add("--load", metavar="REPORT.json", help="show a report again; runs nothing"),
        add(
            "--compare",
            nargs=2,
            metavar=("OLD.json", "NEW.json"),
            help="what changed between two reports; runs nothing",
        ),
        add(
            "--families", action="store_true", help="list the families and their forms"
        ),
    ]
    arity = {
        word: 1 if action.nargs is None else int(action.nargs)
        for action in actions
        for word in action.option_strings
    }
    return parser, arity


def _split(arguments: list[str], arity: dict[str, int]) -> tuple[list[str], list[str]]:
    """Our own words, and those of the target."""
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if word[:2] in (runner.MODULE, runner.COMMAND):
            break
        if word == "-" or not word.startswith("-"):
            break
        index += 1 + arity.get(word, 0)
    return arguments[:index], arguments[index:]


def _target(words: list[str]) -> runner.Target | None:
    """The target that these words are; None if there are none.  Raises UsageError."""
    if not words:
        return None
    word, *rest = words
    option = word[:2]
    if option not in (runner.MODULE, runner.COMMAND):
        return runner.Target(runner.SCRIPT, word, rest)
    if not word[2:] and not rest:
        raise UsageError(f"argument expected for the {word} option")
    return runner.Target(option, word[2:] or rest.pop(0), rest)


def _check(options: Options) -> None:
    """Raise UsageError for words that do not go together."""
    ways = {
        "a program": options.target is not None,
        "--load": options.load is not None,
        "--compare": options.compare is not None,
        "--families": options.families,
    }
    chosen = [way for way, given in ways.items() if given]
    if not chosen:
        raise UsageError("there is no program to run (--help shows what can be said)")
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} exclude each other")
    refused = {
        "--load": ("threshold", "policy"),
        "--compare": (
            *("threshold", "policy", "suggest", "fail_under", "baseline"),
            *(["format"] if options.format == "html" else []),
        ),
        "--families": (
            *("threshold", "policy", "suggest", "fail_under", "baseline"),
            *("output", "file", "family"),
        ),
    }
    for name in refused.get(chosen[0], ()):
        if name == "format":
            raise UsageError("--compare has no HTML: use text, markdown or json")
        if getattr(options, name) not in (None, False, []):
            option = "-o" if name == "output" else f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} means nothing with {chosen[0]}")
    if options.suggest and options.format == "json":
        raise UsageError("--suggest means nothing with JSON: hints are no counts")


def _count(text: str) -> int:
    """A number of rows."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text!r}")
    return int(text)


def _percent(text: str) -> float:
    """A share from 0 to 100."""
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"must be from 0 to 100, not {text!r}")
    return value


def _family(text: str) -> str:
    """A family's name, in whatever case it was typed."""
    if text.upper() not in isa.FAMILIES:
        known = ", ".join(isa.FAMILIES)
        raise argparse.ArgumentTypeError(f"there is no {text!r}; families: {known}")
    return text.upper()
