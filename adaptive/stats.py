"""``python -m adaptive.stats``: where and why a program's code specializes or not.

    python -m adaptive.stats program.py             # run it, then report
    with adaptive.stats.collect() as s: ...         # the same for a block
    print(s.report("text"))

Owns the interface for programs and the way from a command line to a report; the run
itself is a process of its own (`report.child`), where the engine counts.

Exit status: the program's own if that is not 0; else 1 if --fail-under or --baseline
fails; 2 for a command line that cannot be followed.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from adaptive import config, runner
from adaptive.__main__ import check_policy
from adaptive.report import child, facts, markdown, output, schema, text
from adaptive.report.compare import Comparison, same_program
from adaptive.report.options import FORMATS, Options, UsageError, format_of, parse
from adaptive.report.profile import Profile, total_of
from adaptive.report.schema import Document
from adaptive.report.select import (
    DEFAULT_SORT,
    DEFAULT_TOP,
    Row,
    Selection,
    selected,
)
from adaptive.report.text import Paper

__all__ = ["Statistics", "collect"]

FAILED = 1
MISUSED = 2
#: What a shell shows for a program that Ctrl-C ended.
INTERRUPTED = 128 + signal.SIGINT


class Counts(Protocol):
    """What the engine counts while it does."""

    def profile(self) -> Profile:
        """What was counted so far."""


class Statistics:
    """What a block of code made the engine count, for reading at any time."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def profile(self) -> Profile:
        """Everything that was counted, as plain data."""
        return self._counts.profile()

    def sites(self) -> list[Row]:
        """Every site with its code, the one most executed without a form first."""
        return self.profile().hottest()

    def report(
        self,
        format: str = "text",
        *,
        sort: str = DEFAULT_SORT,
        top: int = DEFAULT_TOP,
        suggest: bool = False,
    ) -> str:
        """The report: "text", "markdown", "json" or "html".

        Raises ValueError for another format.
        """
        document = Document(self.profile())
        return rendered(document, format, sort=sort, top=top, suggest=suggest)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the report that the file's suffix stands for, whole or not at all.

        Raises ValueError, one sentence, if that cannot be.
        """
        name = os.fspath(path)
        output.save(name, self.report(format_of(name), suggest=True))


@contextmanager
def collect(threshold: int | None = None) -> Iterator[Statistics]:
    """Run the block on the engine, counting; what it yields stays readable after.

    `threshold` is that of `adaptive.enable`.
    """
    from adaptive.collector import collecting

    with collecting(threshold) as counts:
        yield Statistics(counts)


def rendered(
    document: Document,
    format: str,
    *,
    sort: str = DEFAULT_SORT,
    top: int = DEFAULT_TOP,
    suggest: bool = False,
    paper: Paper | None = None,
) -> str:
    """The report of a document.  Raises ValueError for an unknown format or order."""
    profile, selections = document.profile, document.selections
    if format == "text":
        return text.render(
            profile,
            sort=sort,
            top=top,
            suggest=suggest,
            selections=selections,
            paper=paper,
        )
    if format == "markdown":
        return markdown.render(
            profile, sort=sort, top=top, suggest=suggest, selections=selections
        )
    if format == "json":
        return schema.dumps(profile, selections)
    if format == "html":
        from adaptive.report import html

        return html.render(profile)
    raise ValueError(f"no format is called {format!r} (formats: {', '.join(FORMATS)})")


def main(arguments: list[str]) -> int:
    """Follow the command line; the exit status."""
    try:
        options = parse(arguments)
        if options.output is not None:
            output.check_writable(options.output)
        if options.families:
            _show(text.families())
            return 0
        if options.compare:
            return _compare(options, *options.compare)
        if options.load:
            document = schema.load(options.load)
            selections = _selections(options, document)
            baseline = _baseline(options, document.profile.command, selections)
            profile = options.selection.of(document.profile)
            return _finish(options, Document(profile, selections), baseline, 0)
        return _run(options, arguments)
    except (UsageError, ValueError) as error:
        return _complain(str(error), MISUSED)
    except KeyboardInterrupt:
        return INTERRUPTED  # no longer the program's: the report is given up


def _complain(words: str, status: int) -> int:
    """One line on stderr, and the exit status."""
    print(f"adaptive.stats: {words}", file=sys.stderr)
    return status


def _compare(options: Options, old: str, new: str) -> int:
    """Report what changed between two files."""
    before, after = schema.load(old), schema.load(new)
    if set(before.selections) != set(after.selections):
        raise UsageError(f"{old!r} and {new!r} hold different parts of their programs")
    some = [options.selection]
    comparison = Comparison(
        selected(before.profile, some), selected(after.profile, some)
    )
    if options.format == "json":
        report = comparison.as_json()
    elif options.format == "markdown":
        report = markdown.render_comparison(comparison, top=options.top)
    else:
        paper = _paper(options)
        report = text.render_comparison(comparison, top=options.top, paper=paper)
    _deliver(options, report)
    return 0


def _selections(options: Options, document: Document | None) -> tuple[Selection, ...]:
    """What a document was selected by, if there is one, and what we select."""
    before = document.selections if document else ()
    ours = (options.selection,) if options.selection else ()
    return tuple(dict.fromkeys([*before, *ours]))


def _baseline(
    options: Options, command: list[str], selections: tuple[Selection, ...]
) -> Profile | None:
    """The part of --baseline's run that ours can be measured by.

    Raises UsageError if it is of another program or of a smaller part of it, ValueError
    if it cannot be read.
    """
    path = options.baseline
    if path is None:
        return None
    document = schema.load(path)
    if not same_program(document.profile.command, command):
        theirs = facts.program(document.profile)
        raise UsageError(f"--baseline {path!r} is of another program: {theirs}")
    for selection in document.selections:
        if selection not in selections:
            raise UsageError(f"--baseline {path!r} holds only {selection}")
    return selected(document.profile, selections)


def _run(options: Options, arguments: list[str]) -> int:
    """Run the program in a process of its own, then report what it counted."""
    target = options.target
    assert target is not None, "parse gives one of the ways"
    settings = config.configure(options.threshold, None, options.policy, True)
    if settings.disabled:
        raise UsageError("ADAPTIVE_DISABLE keeps the engine off: nothing would count")
    check_policy(settings)
    try:
        runner.check(target)
    except OSError as error:
        raise UsageError(f"can't open file {target.name!r}: {error.strerror}") from None
    selections = _selections(options, None)
    baseline = _baseline(options, target.words, selections)
    with tempfile.TemporaryDirectory(prefix="adaptive-stats-") as folder:
        raw = os.path.join(folder, "raw")
        python = [sys.executable, *runner.interpreter_words(len(arguments))]
        words = ["--collect", raw, *options.engine_words, *target.words]
        status = child.run([*python, "-m", "adaptive", *words])
        profile = _counted(raw, status)
    if profile is None:
        return status or (FAILED if _gated(options) else 0)
    profile.interrupted |= status == INTERRUPTED
    try:
        part = Document(options.selection.of(profile), selections)
        return _finish(options, part, baseline, status)
    except ValueError as error:
        return _complain(str(error), status or MISUSED)


def _counted(raw: str, status: int) -> Profile | None:
    """What the program counted; None, and a line why, if it did not say."""
    from adaptive.report.gather import load

    try:
        if os.path.getsize(raw):
            return load(raw)
    except FileNotFoundError:
        pass
    except ValueError as error:
        _complain(f"the counts cannot be read: {error}", status)
        return None
    _complain(f"no report: {child.ending(status)}", status)
    return None


def _gated(options: Options) -> bool:
    return options.fail_under is not None or options.baseline is not None


def _finish(
    options: Options, document: Document, baseline: Profile | None, status: int
) -> int:
    """Report what was selected, and judge it; the exit status."""
    report = rendered(
        document,
        options.format,
        sort=options.sort,
        top=options.top,
        suggest=options.suggest,
        paper=_paper(options),
    )
    apart = options.target is not None and options.format in ("text", "markdown")
    _deliver(options, report, apart)
    return status or _judged(options, document.profile, baseline)


def _judged(options: Options, profile: Profile, before: Profile | None) -> int:
    """What --fail-under and --baseline say; each failure is a line on stderr."""
    total = total_of(site for _, site in profile.sites())
    if not total.executions and _gated(options):
        return _complain(facts.verdict(total), FAILED)
    status = 0
    least = options.fail_under
    if least is not None and 100 * least > facts.hundredths(
        total.hits, total.executions
    ):
        words = facts.verdict(total).rstrip(".")
        status = _complain(f"{words}, but --fail-under is {least:g}", FAILED)
    if before is not None:
        comparison = Comparison(before, profile)
        if comparison.fell:
            status = _complain(comparison.complaint, FAILED)
    return status


def _paper(options: Options) -> Paper:
    return output.paper(sys.stdout if options.output is None else None)


def _deliver(options: Options, report: str, apart: bool = False) -> None:
    """Bring the report to its place; `apart` from what the program printed."""
    if options.output is not None:
        output.save(options.output, report)
    else:
        _show("\n" * apart + report)


def _show(words: str) -> None:
    """Print, for as long as somebody reads."""
    with suppress(BrokenPipeError):
        output.show(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
