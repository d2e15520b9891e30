"""Adaptive code units as they stand, beside the host bytecode they were made from.

``python -m adaptive.dis TARGET`` shows a file, a module, or one function of either
(``file.py:qualified.name``, ``module:qualified.name``) without running it.  With
``--diff`` it runs a program on the engine and then shows what has become of its code.
`dis` and `diff` do the same for a live function.

A listing has a row for each instruction: its unit, its base and argument, the form that
stands there, the fields of its inline cache, its counter as value/backoff, the host's
instruction and the source line.  All offsets are in code units, on both sides; the
host's own ``dis`` counts in bytes.
"""

from __future__ import annotations

import argparse
import atexit
import dis as host_dis
import linecache
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

import adaptive

from . import config, isa, reasons, runner
from .dis_text import aligned, load_for, one, print_lines, shortened
from .listing import PARTS, Instruction, Listing, instructions
from .lowering import Declined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.abc import InspectLoader
    from typing import Any, NoReturn, TextIO

    from adaptive._core import Site
    from adaptive.families import Outcome
    from adaptive.specializer import Policy

    from .dis_text import Line, Piece
    from .listing import Code

USAGE = (
    "usage: python -m adaptive.dis (file.py | module)[:qualified.name]"
    " | --diff [--all] [--threshold N]"
    " (script.py[:qualified.name] | -m module[:qualified.name] | -c code) [args...]"
)
#: What stands before an instruction that the fused one above it does as well.
PART = "| "


def _columns(row: Instruction) -> list[Piece]:
    """What an instruction shows in each column of its own."""
    fields = " ".join(f"{name}={value}" for name, value in row.fields.items())
    return [
        (f"{row.unit:>5}", "unit"),
        (f"{PART if row.part_of else ''}{row.base}", "plain"),
        (shortened(row.argument), "plain"),
        (row.form, "fused" if row.form in PARTS else "form"),
        (fields, "cache"),
        (row.counter, "counter"),
    ]


#: What the columns are called.
HEADINGS = ("unit", "base", "argument", "form", "cache", "counter", "host", "line")


def _host_text(row: host_dis.Instruction) -> str:
    """One host instruction, its offset and jump target in units."""
    jumps = row.opcode in host_dis.hasjrel or row.opcode in host_dis.hasjabs
    argrepr = f"to {row.argval // 2}" if jumps else row.argrepr
    oparg = "" if row.arg is None else str(row.arg)
    argument = f"({argrepr})" if argrepr else ""
    words = (f"{row.offset // 2:>5}", row.opname, oparg, argument)
    return shortened(" ".join(filter(None, words)))


def _source(code: CodeType, line: int | None) -> str:
    """A line's number and text, as far as they are known."""
    if line is None:
        return ""
    return f"{line:>4}  {linecache.getline(code.co_filename, line).strip()}".rstrip()


def _table(host: CodeType, code: Code | None) -> Iterator[list[Piece]]:
    """The rows of a listing; only the host's columns without adaptive code."""
    ours: dict[int, list[Instruction]] = {}
    for instruction in instructions(code) if code is not None else ():
        ours.setdefault(instruction.host_unit, []).append(instruction)
    empty = [("", "plain")] * (len(HEADINGS) - 2)
    yield [(heading, "head") for heading in HEADINGS]
    for row in host_dis.get_instructions(host):
        source = _source(host, row.starts_line)
        lefts = map(_columns, ours.get(row.offset // 2, []))
        rights = [((_host_text(row), "host"), (source, "source"))]
        nothing = (("", "plain"), ("", "plain"))
        for left, right in zip_longest(lefts, rights):
            yield [*(left or empty), *(right or nothing)]


def listing(host: CodeType, code: Code | None) -> Iterator[Line]:
    """The lines of a listing: the table, then the exception table."""
    yield from aligned(_table(host, code))
    for start, end, target, depth, lasti in code.exception_table if code else ():
        mark = " lasti" if lasti else ""
        yield one(f"units {start} to {end - 1}: exceptions to {target} [{depth}]{mark}")


def _place(code: CodeType) -> str:
    return f"{code.co_qualname}, {code.co_filename} line {code.co_firstlineno}"


def _lines(host: CodeType, code: Code | None, refusal: str = "") -> Iterator[Line]:
    """One code object's listing; `refusal` is the reason if there is no code."""
    yield one(_place(host), "head")
    if code is None:
        yield one(f"declined: {refusal}. {reasons.sentence(refusal)}", "refusal")
    yield from listing(host, code)
    yield one("")


def _fresh_lines(host: CodeType) -> Iterator[Line]:
    """One code object's listing, lowered for this."""
    try:
        code = Listing(host)
    except Declined as error:
        return _lines(host, None, error.reason)
    return _lines(host, code)


# -- what a run has changed


def changes(host: CodeType, code: Code) -> Iterator[Line]:
    """The instructions that are not what they were lowered to, as a diff by lines.

    Sites that were tried and stay as they were are shown as well.  Nothing at all if
    nothing changed.
    """
    lines = [line for line, *_ in host.co_positions()]
    table: list[list[Piece]] = []
    shown = None
    for row in instructions(code):
        if not row.form and not _was_refused(row):
            continue
        line = lines[row.host_unit]
        if line is not None and line != shown:
            shown = line
            table.append([(f"@@ {_source(host, line).strip()}", "source"), *_EMPTY])
        table += _changed(row)
    if any(row[0][0].startswith("+") for row in table):
        yield one(f"--- {_place(host)}, as it was lowered", "head")
        yield one(f"+++ {_place(host)}, as it stands now", "head")
        yield from _diff_lines(table)
        yield one("")


_EMPTY: list[Piece] = [("", "plain")] * 5


def _diff_lines(table: list[list[Piece]]) -> Iterator[Line]:
    """The table aligned, its headings left out of the columns' widths."""
    rows = aligned(row for row in table if row[1][0])
    for row in table:
        yield next(rows) if row[1][0] else [row[0]]


def _was_refused(row: Instruction) -> bool:
    """Whether an attempt at the site has failed: its next wait is longer."""
    warmup = config.COUNTER_STARTS["WARMUP"][1]
    return row.base in isa.FAMILIES and int(row.counter.partition("/")[2]) > warmup


def _changed(row: Instruction) -> Iterator[list[Piece]]:
    """The rows for one site: base and form, or the base that stayed."""
    (unit, _), base, argument, form, fields, counter = _columns(row)
    if not row.form:
        yield [(f" {unit}", "unit"), base, argument, form, fields, counter]
        return
    nothing = ("", "plain")
    there = (f"{PART if row.part_of else ''}{row.form}", "")
    before = [(f"-{unit}", ""), base, argument, nothing, nothing, nothing]
    after = [(f"+{unit}", ""), there, argument, nothing, fields, counter]
    yield [(text, "removed") for text, _ in before]
    yield [(text, "added") for text, _ in after]


def _walk(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _walk(constant)


def _host_code(obj: Any) -> CodeType:
    """The code object of what has one.  Raises TypeError for anything else."""
    host = obj if isinstance(obj, CodeType) else getattr(obj, "__code__", None)
    if not isinstance(host, CodeType):
        raise TypeError(f"{type(obj).__name__} object has no Python code to show")
    return host


def dis(obj: Any, file: TextIO | None = None) -> None:
    """Print the listing of a function, method or code object as its units stand now.

    Where the engine is not there or kept off, the code is lowered afresh.
    Raises TypeError for what has no Python code.
    """
    host = _host_code(obj)
    if not _engine_is_there():
        lines = _fresh_lines(host)
    elif refusal := adaptive.declined(host):
        lines = _lines(host, None, refusal)
    else:
        lines = _lines(host, adaptive.code(host))
    print_lines(lines, file)


def diff(obj: Any, file: TextIO | None = None) -> None:
    """Print what runs have changed in a function, method or code object.

    Nothing is printed if nothing has.  Raises TypeError for what has no Python code,
    ValueError for code that is declined.
    """
    host = _host_code(obj)
    print_lines(changes(host, adaptive.code(host)), file)


def _engine_is_there() -> bool:
    """Whether code objects have units that run."""
    try:
        adaptive._engine()
    except ImportError:
        return False
    return not config.settings().disabled


def find(target: str) -> CodeType:
    """The code object that a target names, compiled but not run.

    Raises LookupError with one sentence if there is none, and what compiling raises.
    """
    place, colon, qualname = target.partition(":")
    code = _file_code(place) if place.endswith(".py") else _module_code(place)
    return named(code, qualname, place) if colon else code


def _comparable(qualname: str) -> str:
    """The host's spelling of a nested function is accepted, and not asked for."""
    return qualname.replace(".<locals>", "")


def named(code: CodeType, qualname: str, place: str) -> CodeType:
    """The code object of that qualified name in another one.

    Raises LookupError with one sentence, naming `place`, if there is none.
    """
    wanted = _comparable(qualname)
    for inner in _walk(code):
        if _comparable(inner.co_qualname) == wanted:
            return inner
    raise LookupError(f"{place} has no function or class called {qualname!r}")


def _file_code(name: str) -> CodeType:
    try:
        source = Path(name).read_bytes()
    except OSError as error:
        raise LookupError(f"can't open file {name!r}: {error.strerror}") from None
    return compile(source, name, "exec", dont_inherit=True)


def _module_code(name: str) -> CodeType:
    """The code of a module; its parent packages are imported to find it."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise LookupError(f"no module named {name!r}")
    loader: InspectLoader | Any = spec.loader
    code = loader.get_code(name) if hasattr(loader, "get_code") else None
    if code is None:
        raise LookupError(f"{name!r} has no Python code to show")
    return code


# -- the command


class UsageError(Exception):
    """A command line that makes no sense; the text is the line to print."""


class Options(argparse.Namespace):
    """The words of the command line."""

    diff: bool
    all: bool
    threshold: str | None
    module: list[str] | None
    command: list[str] | None
    target: list[str]


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, and not the end of the process."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message} (--help shows what can be said)")


def parse(arguments: list[str]) -> Options:
    """The options.  Raises UsageError."""
    parser = Parser(
        prog="python -m adaptive.dis",
        usage=USAGE.removeprefix("usage: "),
        description=(
            "Show code units beside the host's bytecode. TARGET is file.py or module,"
            " either with :qualified.name for one function; with -m it is a module."
        ),
        allow_abbrev=False,
    )
    parser.add_argument(
        "--diff",
        action="store_true",
        help="run the target on the engine, then show what has changed in its code",
    )
    parser.add_argument(
        "--all", action="store_true", help="with --diff: of imported modules too"
    )
    parser.add_argument("--threshold", metavar="N", help="as python -m adaptive has it")
    rest = argparse.REMAINDER
    parser.add_argument("-m", dest="module", nargs=rest, help="run a module")
    parser.add_argument("-c", dest="command", nargs=rest, help="run code")
    parser.add_argument("target", nargs=rest, help="what to show or run")
    options = parser.parse_args(arguments, Options())
    given = [words for words in (options.module, options.command) if words is not None]
    if not given and not options.target:
        raise UsageError("a target is missing (--help shows what can be said)")
    if any(not words for words in given):
        raise UsageError("-m and -c need a word behind them")
    if options.diff:
        return options
    if given or options.all or options.threshold is not None:
        raise UsageError("-m, -c, --all and --threshold need --diff, which runs code")
    if len(options.target) > 1:
        raise UsageError("only one target can be shown; with --diff it has arguments")
    return options


def main(arguments: list[str]) -> int:
    """Show the one target; the exit status."""
    try:
        options = parse(arguments)
        if options.diff:
            run_and_compare(options, len(arguments))
        code = find(options.target[0])
    except (UsageError, LookupError, SyntaxError, ValueError) as error:
        print(f"adaptive.dis: {error}", file=sys.stderr)
        return 2
    try:
        print_lines(line for inner in _walk(code) for line in _fresh_lines(inner))
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # the reader, a pager perhaps, has seen enough
    return 0


class Comparison:
    """What is to be shown of a run: noted while it runs, printed when it has ended."""

    def __init__(self, qualname: str, everything: bool) -> None:
        self.qualname = _comparable(qualname)
        self.everything = everything
        self.file = ""  # the program's own; "" where runpy will know it
        self.text: list[str] = []  # of a command
        self.codes: dict[int, CodeType] = {}

    def begin(self, target: runner.Target, start: runner.Start) -> None:
        """Note what is known of the program before it runs."""
        if target.option == runner.COMMAND:
            self.text = target.name.splitlines(keepends=True)
        if isinstance(start, CodeType):
            self.file = start.co_filename
            self.codes.update((id(code), code) for code in _walk(start))

    def recording(self, policy: Policy) -> Policy:
        """The policy, noting the code objects that it is asked about."""
        ask, codes = policy.choose, self.codes

        def choose(site: Site) -> Outcome:
            code = site.code
            codes[id(code)] = code
            return ask(site)

        policy.choose = choose  # type: ignore[method-assign]
        return policy

    def is_wanted(self, code: CodeType) -> bool:
        """Whether the code object is one that was asked for, and runs on the engine."""
        file = self.file or getattr(sys.modules.get("__main__"), "__file__", "")
        if self.qualname and _comparable(code.co_qualname) != self.qualname:
            return False
        in_place = self.everything or code.co_filename == file
        return in_place and adaptive.declined(code) is None

    def lines(self) -> Iterator[Line]:
        """The differences, in the order of the source."""
        if self.text:
            linecache.cache[self.file] = (len(self.text), None, self.text, self.file)
        wanted = sorted(
            filter(self.is_wanted, self.codes.values()),
            key=lambda code: (code.co_filename, code.co_firstlineno, code.co_qualname),
        )
        found = [line for code in wanted for line in changes(code, adaptive.code(code))]
        return iter(found or [one("adaptive.dis: nothing has specialized")])

    def print_at_exit(self) -> None:
        """Have it printed after the program's own exit functions."""
        process, stream = os.getpid(), sys.stdout
        load_for(stream)

        def report() -> None:
            # A child made by os.fork leaves through the same exit functions.
            if os.getpid() == process:
                adaptive.disable()
                with suppress(OSError, ValueError):  # the program closed its stdout
                    print_lines(self.lines(), stream)
                    stream.flush()

        atexit.register(report)


def target_of(options: Options) -> tuple[runner.Target, str]:
    """What --diff runs, and the qualified name that stands behind it, if any.

    Raises LookupError for a script or a name that is not there, SyntaxError for a
    script that does not compile.
    """
    if options.command is not None:
        text, *rest = options.command
        return runner.Target(runner.COMMAND, text, rest), ""
    word, *rest = options.target if options.module is None else options.module
    place, colon, qualname = word.partition(":")
    if options.module is not None:
        return runner.Target(runner.MODULE, place, rest), qualname
    code = _file_code(place)
    if colon:
        named(code, qualname, place)
    return runner.Target(runner.SCRIPT, place, rest), qualname


def run_and_compare(options: Options, word_count: int) -> NoReturn:
    """Become the target, as ``python -m adaptive`` does; at exit, show the changes.

    Raises UsageError, LookupError or ValueError, one sentence, if it cannot be run, and
    SyntaxError if it does not compile.
    """
    settings = config.configure(options.threshold, None)
    if settings.disabled:
        raise UsageError("ADAPTIVE_DISABLE keeps the engine off: nothing would change")
    target, qualname = target_of(options)
    try:
        core: Any = adaptive._engine()
    except ImportError as error:
        raise UsageError(str(error)) from None
    comparison = Comparison(qualname, options.all)
    policy = comparison.recording(adaptive._first_policy())
    words = " ".join(target.words)
    print(f"adaptive.dis: running {words} on the engine", file=sys.stderr)
    start = runner.prepare(target, runner.interpreter_words(word_count))
    comparison.begin(target, start)
    comparison.print_at_exit()
    threshold = None if options.threshold is None else settings.threshold
    adaptive.enable(threshold, policy=policy)
    core.run_main(start)
    raise AssertionError("run_main ends the process")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
