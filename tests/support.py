"""What the tests share: one program on the host and on the engine, and what it showed.

A program is source text with a function `main`.  It is compiled anew for each side, so
that neither side sees code that the other one has warmed up, and observed the way a
user sees it: the value's repr, or the traceback as Python prints it, with positions.
"""

from __future__ import annotations

import linecache
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import adaptive

ROOT = Path(__file__).parent.parent
FILE = "<program>"
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
SUBPROCESS_SECONDS = 120

#: Why the host may run a frame of a program that is hot at once.
ALLOWED = frozenset({"own"})


class Seen(NamedTuple):
    """What a program showed: the value's repr, or its traceback, and which it was."""

    how: str
    text: str


@contextmanager
def plain_host() -> Iterator[None]:
    """The hook is removed for the block, whatever was on before it."""
    was_enabled = adaptive.is_enabled()
    adaptive.disable()
    try:
        yield
    finally:
        if was_enabled:
            adaptive.enable(0)


@contextmanager
def hot_engine() -> Iterator[None]:
    """Everything runs on the engine at once for the block."""
    with adaptive.enabled(0):
        yield


def masked(text: str) -> str:
    """The text without the addresses of objects."""
    return ADDRESS.sub("0x", text)


def report(error: BaseException) -> str:
    """The traceback as printed, from the program's own first frame on."""
    passing = error.__traceback__
    while passing is not None and passing.tb_frame.f_code.co_filename != FILE:
        passing = passing.tb_next
    return masked("".join(traceback.format_exception(type(error), error, passing)))


def compiled(source: str) -> Any:
    """New code for the program; its lines are where tracebacks look for them."""
    text = dedent(source)
    linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
    return compile(text, FILE, "exec", dont_inherit=True)


def loaded(source: str, **names: Any) -> dict[str, Any]:
    """The program's namespace after its top level has run on the plain host."""
    namespace: dict[str, Any] = {"__name__": "program", **names}
    code = compiled(source)
    with plain_host():
        exec(code, namespace)
    return namespace


def function(source: str, name: str = "f", **names: Any) -> Any:
    """One function of a program that the plain host has loaded."""
    return loaded(source, **names)[name]


def seen(source: str, side: Callable[[], Any], names: Mapping[str, Any]) -> Seen:
    """What the program shows on a side: its top level and its `main` run there."""
    namespace: dict[str, Any] = {"__name__": "program", **names}
    code = compiled(source)
    caught: BaseException | None = None
    value: object = None
    with side():
        try:
            exec(code, namespace)
            value = namespace["main"]()
        except BaseException as error:
            caught = error
    if caught is not None:
        return Seen("raised", report(caught))
    return Seen("returned", masked(repr(value)))


def left_to_host() -> dict[str, int]:
    """Frames that the host ran although the hook saw them, by reason."""
    frames: dict[str, int] = adaptive.counters()["frames"]["host"]
    return frames


def on_engine() -> int:
    """Frames that the engine ran."""
    count: int = adaptive.counters()["frames"]["engine"]
    return count


def same(source: str, allowed: frozenset[str] = ALLOWED, **names: Any) -> Seen:
    """Runs a program on both sides; asserts that they show the same.

    Also asserts that the engine ran it, and left frames to the host for no reason but
    the allowed ones.  Returns what both showed.
    """
    expected = seen(source, plain_host, names)
    adaptive.reset_counters()
    shown = seen(source, hot_engine, names)
    ran, left = on_engine(), left_to_host()
    assert shown == expected
    assert ran > 0
    assert set(left) <= allowed, left
    return shown


def same_for_all(programs: Mapping[str, str]) -> None:
    """Runs every program; for processes in which a stress mode is on."""
    for name, source in programs.items():
        with plain_host():
            expected = seen(source, plain_host, {})
        shown = seen(source, hot_engine, {})
        if shown != expected:
            sys.exit(f"{name}:\n{expected.text}\nbecame\n{shown.text}")
    if not adaptive.counters()["frames"]["engine"]:
        sys.exit("nothing ran on the engine")
    print(f"{len(programs)} programs agree")


def python(
    *words: str,
    stress: str = "",
    stdin: str = "",
    cwd: Path | None = None,
    **environ: str,
) -> subprocess.CompletedProcess[str]:
    """Runs this interpreter with the checkout and the tests on its path."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, *words],
        env={
            **{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
            "PYTHONPATH": path,
            "ADAPTIVE_STRESS": stress,
            **environ,
        },
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=SUBPROCESS_SECONDS,
        check=False,
    )


def agree_under_stress(module: str, stress: str) -> None:
    """Asserts that a test module's PROGRAMS show the same under a stress mode."""
    done = python(
        "-c",
        f"import support, {module}; support.same_for_all({module}.PROGRAMS)",
        stress=stress,
    )
    assert done.returncode == 0, done.stderr
    assert "programs agree" in done.stdout
