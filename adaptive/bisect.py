"""``python -m adaptive.bisect``: which function, and which form, makes a difference.

    python -m adaptive.bisect [options] -- python -m adaptive prog.py arguments...

The command is run again and again: on the plain host for what it should show, then on
the engine with ever fewer functions lowered (ADAPTIVE_ONLY), then with ever fewer forms
(ADAPTIVE_FORMS).  It must do the same in every run, and use the engine itself; how it
does so is its own affair, as the switches are passed by the environment.

Owns the search and its report; what the switches do is the business of `selection`.
Exit status: 0 something was found, 1 there is no difference to be found, 2 wrong usage
or a command that cannot be searched in.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adaptive.selection import FORMS, NO_FORMS

#: Functions, or forms, that may be at fault together; each costs a search of its own.
MOST_CULPRITS = 4
#: What differs from run to run for no fault of anybody's.
ADDRESS = re.compile(rb"0x[0-9a-fA-F]{6,}")
COMPARED = {
    "all": "exit status, standard output and standard error",
    "output": "exit status and standard output",
    "status": "exit status",
}
FOUND, NOTHING, MISUSED = 0, 1, 2


class CannotSearchError(Exception):
    """The command gives nothing to go by; the text is the sentence to print."""


@dataclass(frozen=True)
class Shown:
    """What one run of the command showed, of what is compared."""

    status: int | None  # None: it did not end in time
    output: bytes = b""
    errors: bytes = b""

    def words(self) -> str:
        """How it ended."""
        if self.status is None:
            return "no end in time"
        if self.status < 0:
            return f"signal {-self.status}"
        return f"exit status {self.status}"


@dataclass
class Runs:
    """The command, the environment around it, and how often it may be run."""

    command: Sequence[str]
    compared: str
    timeout: float
    most: int
    done: int = 0
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def run(self, what: str, **switches: str) -> Shown:
        """One run with these switches.  Raises CannotSearchError after the last one."""
        if self.done >= self.most:
            raise CannotSearchError(f"gave up after {self.done} runs (--runs)")
        self.done += 1
        print(f"run {self.done:2} of at most {self.most}: {what}", file=sys.stderr)
        try:
            ended = subprocess.run(
                self.command,
                env={**self.environ, **switches},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Shown(None)
        except OSError as error:
            raise CannotSearchError(
                f"can't run {self.command[0]!r}: {error.strerror}"
            ) from None
        keeps_output = self.compared != "status"
        keeps_errors = self.compared == "all"
        return Shown(
            ended.returncode,
            ADDRESS.sub(b"0x", ended.stdout) if keeps_output else b"",
            ADDRESS.sub(b"0x", ended.stderr) if keeps_errors else b"",
        )


def smallest(count: int, differs: Callable[[int], bool]) -> int:
    """The least number of first items with which it differs; with all, it does."""
    low, high = 0, count
    while high - low > 1:
        middle = (low + high) // 2
        if differs(middle):
            high = middle
        else:
            low = middle
    return high


def culprits(
    items: Sequence[str], differs: Callable[[Sequence[str]], bool]
) -> list[str]:
    """Items that together make the difference, where all items do; each is needed.

    Raises CannotSearchError where more than MOST_CULPRITS are.
    """
    found: list[str] = []
    rest = list(items)
    while len(found) < MOST_CULPRITS:
        known, left = tuple(found), tuple(rest)

        def differs_with(count: int, known: Any = known, left: Any = left) -> bool:
            return differs([*known, *left[:count]])

        count = smallest(len(rest), differs_with)
        found.append(rest[count - 1])
        # The difference needs this one and nothing behind it.
        rest = rest[: count - 1]
        if not rest or differs(found):
            return found
    raise CannotSearchError(f"more than {MOST_CULPRITS} make the difference together")


class Search:
    """The way from a command that differs to what is at fault."""

    def __init__(self, runs: Runs, directory: str) -> None:
        self.runs = runs
        self.only = os.path.join(directory, "only")
        self.lowered = os.path.join(directory, "lowered")
        self.expected = Shown(0)

    def prepare(self) -> Shown | None:
        """The difference with the whole engine on; None if there is none.

        Raises CannotSearchError for a command that differs for itself.
        """
        run = self.runs.run
        self.expected = run("the plain host", ADAPTIVE_DISABLE="1")
        if run("the plain host again", ADAPTIVE_DISABLE="1") != self.expected:
            raise CannotSearchError(
                "the command does not show the same twice on the plain host;"
                " compare less of it (--compare)"
            )
        shown = run("the engine", ADAPTIVE_LOWERED=self.lowered)
        return None if shown == self.expected else shown

    def functions(self) -> list[str]:
        """What was lowered, in order.  Raises CannotSearchError for nothing."""
        try:
            with open(self.lowered, encoding="utf-8", errors="surrogateescape") as file:
                names = list(dict.fromkeys(file.read().splitlines()))
        except FileNotFoundError:
            names = []
        if not names:
            raise CannotSearchError("nothing was lowered: does the command use it?")
        return names

    def differs(self, what: str, functions: Sequence[str], forms: str = "") -> bool:
        """Whether the command differs with these functions and forms only."""
        with open(self.only, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(f"{name}\n" for name in functions)
        switches = {"ADAPTIVE_ONLY": f"@{self.only}"}
        if forms:
            switches["ADAPTIVE_FORMS"] = forms
        return self.runs.run(what, **switches) != self.expected

    def faulty_functions(self) -> list[str]:
        """The functions at fault; none where it is not the code that is lowered."""
        names = self.functions()

        def differs(some: Sequence[str]) -> bool:
            return self.differs(f"{len(some)} of {len(names)} functions", some)

        if differs([]):
            return []
        if not differs(names):
            raise CannotSearchError("the difference went away: it is not in every run")
        return culprits(names, differs)

    def faulty_forms(self, functions: Sequence[str]) -> list[str]:
        """The forms at fault in these functions; none where they do without."""

        def differs(some: Sequence[str]) -> bool:
            words = ",".join(some) or NO_FORMS
            return self.differs(f"{len(some)} of {len(FORMS)} forms", functions, words)

        if differs([]):
            return []
        return culprits(FORMS, differs)


def report(shown: Shown, search: Search) -> str:
    """Searches on; what is at fault, for people."""
    expected = search.expected
    lines = [f"differs: {expected.words()} on the plain host, {shown.words()} here"]
    functions = search.faulty_functions()
    if not functions:
        lines.append("with no function lowered as well: the hook itself, or start-up")
        return "\n".join(lines)
    lines += [f"function: {name}" for name in functions]
    forms = search.faulty_forms(functions)
    lines += [f"form: {name}" for name in forms]
    if not forms:
        lines.append("form: none; its lowering, or an instruction in its base form")
    lines.append("to see it again, set:")
    lines.append(f"  ADAPTIVE_ONLY={','.join(functions)!r}")
    lines.append(f"  ADAPTIVE_FORMS={','.join(forms) or NO_FORMS}")
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser(
        prog="python -m adaptive.bisect",
        usage="%(prog)s [options] -- command...",
        description="Find the function, then the form, that makes a command differ"
        " from the plain host.",
    )
    line.add_argument(
        "--compare",
        choices=COMPARED,
        default="output",
        help="; ".join(f"{name}: {what}" for name, what in COMPARED.items())
        + " (default: output)",
    )
    line.add_argument("--timeout", type=float, default=120, help="seconds for a run")
    line.add_argument("--runs", type=int, default=80, help="runs to make at most")
    line.add_argument("command", nargs="*", help="what to run")
    return line


def main(arguments: Sequence[str] | None = None) -> int:
    """Search; the exit status."""
    line = parser()
    options = line.parse_args(arguments)
    if not options.command:
        line.error("which command? it comes behind --")
    if options.timeout <= 0 or options.runs < 1:
        line.error("--timeout and --runs must be above 0")
    runs = Runs(options.command, options.compare, options.timeout, options.runs)
    with tempfile.TemporaryDirectory() as directory:
        search = Search(runs, directory)
        try:
            shown = search.prepare()
            if shown is None:
                print(f"no difference: {search.expected.words()} on both sides")
                return NOTHING
            print(report(shown, search))
        except CannotSearchError as error:
            print(f"adaptive.bisect: {error}", file=sys.stderr)
            return MISUSED
    return FOUND


if __name__ == "__main__":
    sys.exit(main())
