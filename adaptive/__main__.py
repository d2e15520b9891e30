"""``python -m adaptive``: run a program on the engine as ``python`` would run it.

Owns the command line and the exit status.  The program itself is set up by `runner`
and run by the core with no frame of this package below it.

Start-up time is part of the interface, so nothing slow is imported here; the option
parser is written out because argparse alone costs a third of an interpreter's start.
"""

from __future__ import annotations

import os
import sys

import adaptive

from . import config, runner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

USAGE = (
    "usage: python -m adaptive [--threshold N] [--policy FILE:CLASS]"
    " [--tlbc MODE] [--stress MODE[,MODE][:SEED]] [--collect FILE] [--diff]"
    " [--counters]"
    " (script.py | -m module | -c code) [args...]"
)
HELP = f"""{USAGE}

  --threshold N        calls before a function runs on the engine
                       (default {config.DEFAULT_THRESHOLD}; 0: everything at once)
  --policy FILE:CLASS  let a class in a Python file decide what is specialized
  --tlbc MODE          whether threads specialize code of their own:
                       {", ".join(config.THREAD_COPIES)}
  --stress MODE        provoke rare states: {", ".join(config.STRESS_MODES)}
  --collect FILE       count what is executed, for python -m adaptive.stats
  --diff               run the target on the host and on the engine, and compare
  --counters           say at exit, on stderr, how much ran on the engine
"""

#: Exit statuses of our own; every other one is the program's.
DIFFERENT = 1
MISUSED = 2


#: Options that take a value.
VALUED = ("threshold", "policy", "tlbc", "stress", "collect")


class UsageError(Exception):
    """A command line we cannot follow; the text is the line to print."""


class Options:
    """The words of the command line that come before the target."""

    __slots__ = (*VALUED, "counters", "diff", "target")

    def __init__(self) -> None:
        self.threshold: str | None = None
        self.policy: str | None = None
        self.stress: str | None = None
        self.collect: str | None = None
        self.tlbc: str | None = None
        self.diff = False
        self.counters = False
        self.target: runner.Target | None = None

    def words(self) -> list[str]:
        """These options again, for another ``python -m adaptive``; without --diff."""
        words = ["--counters"] if self.counters else []
        for name in VALUED:
            value = getattr(self, name)
            if value is not None:
                words += [f"--{name}", value]
        return words


def parse(arguments: list[str]) -> Options:
    """The options, and behind them the target.  Raises UsageError."""
    options = Options()
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word in ("--diff", "--counters"):
            setattr(options, word[2:], True)
        elif name.startswith("--") and name[2:] in VALUED:
            if not equals and not rest:
                raise UsageError(f"{name} needs a value")
            setattr(options, name[2:], value if equals else rest.pop(0))
        elif word[:2] in (runner.MODULE, runner.COMMAND):
            if not word[2:] and not rest:
                raise UsageError(f"argument expected for the {word} option")
            options.target = runner.Target(word[:2], word[2:] or rest.pop(0), rest)
            break
        elif word.startswith("-") and word != "-":
            raise UsageError(f"unknown option {word!r} (--help lists them)")
        else:
            options.target = runner.Target(runner.SCRIPT, word, rest)
            break
    return options


def complain(text: str, status: int = MISUSED) -> int:
    """One line on stderr, and the exit status."""
    print(text, file=sys.stderr)
    return status


def main(arguments: list[str]) -> int:
    """Run the command line; the exit status."""
    if arguments[:1] in (["--help"], ["-h"]):
        print(HELP, end="")
        return 0
    try:
        options = parse(arguments)
        settings = config.configure(
            options.threshold,
            options.stress,
            options.policy,
            options.collect is not None,
            options.tlbc,
        )
    except (UsageError, ValueError) as error:
        return complain(f"adaptive: {error}")
    target = options.target
    if target is None:
        return complain(USAGE)
    try:
        runner.check(target)
    except OSError as error:
        return complain(f"adaptive: can't open file {target.name!r}: {error.strerror}")
    folder = os.path.dirname(os.path.abspath(options.collect or "."))
    if options.collect and not os.access(folder, os.W_OK):
        return complain(f"adaptive: can't write counts in {folder!r}")
    interpreter = runner.interpreter_words(len(arguments))
    if options.diff:
        from . import diff

        try:
            check_policy(settings)
        except ValueError as error:
            return complain(f"adaptive: {error}")
        same = diff.compare(target, interpreter, options.words())
        return 0 if same else DIFFERENT
    try:
        run(target, interpreter, settings, options)
    except OSError as error:
        return complain(f"adaptive: can't read {target.name!r}: {error.strerror}")


def check_policy(settings: config.Settings) -> None:
    """Raise ValueError if the policy in force cannot be used, before anything runs."""
    if settings.policy:
        try:
            from .specializer import load_policy
        except ImportError:
            return  # nor can the engine be there: the run will say so
        load_policy(settings.policy)


def run(
    target: runner.Target,
    interpreter: list[str],
    settings: config.Settings,
    options: Options,
) -> NoReturn:
    """Become the target: this process ends with it, as the plain host would.

    No line of ours runs once the program has begun, because a trace or profile
    function of the program's would see it; and we hold no reference to its globals,
    because they must be finalized when the host finalizes them.

    Raises OSError if the target cannot be read.
    """
    try:
        core: Any = adaptive._engine()
    except ImportError as error:
        complain(f"adaptive: {error}; running on the plain host")
        runner.become_host(target, interpreter)
    except ValueError as error:
        sys.exit(complain(f"adaptive: {error}"))
    start = runner.prepare(target, interpreter)
    if options.counters:
        from . import summary

        summary.report_at_exit()
    if options.collect:
        from . import collector

        collector.collect_at_exit(options.collect, target.words)
    if not settings.disabled:
        # What the command line says comes before what the policy says.
        adaptive.enable(None if options.threshold is None else settings.threshold)
    core.run_main(start)
    raise AssertionError("run_main ends the process")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
