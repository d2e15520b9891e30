"""The pytest plugin of `tests.mutation`: the tests once per guard that is left out.

The tests are collected once.  Then every guard gets a child of its own by fork, in
which it is left out, and the tests run there until one fails, the likeliest first.  The
plan comes as JSON in a file that an environment variable names; for each of its rows a
line goes to that file's neighbour: the guard's number, seconds, what the child did, and
the last test that it ran.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

#: Names the plan: rows of number, words and groups.  A test is run the earlier the
#: sooner a word stands in its ID, and then the sooner a group of files has its file;
#: tests in no group are not run.
PLAN = "MUTATION_PLAN"
#: No test takes as long, on a busy machine; a process in which one hangs is ended.
SECONDS = 60
#: What a child is that has failed no test.
SURVIVED = "survived"


def place(item: pytest.Item, row: dict[str, Any]) -> tuple[int, int]:
    """Where a test stands in the order of a row."""
    file = item.path.relative_to(item.config.rootpath).as_posix()
    groups = [i for i, files in enumerate(row["groups"]) if file in files]
    named = any(word in item.nodeid for word in row["words"])
    return min(groups, default=-1), not named


def ordered(items: list[pytest.Item], row: dict[str, Any]) -> list[pytest.Item]:
    """The tests of a row in the order in which they are to run."""
    places = [(place(item, row), i) for i, item in enumerate(items)]
    chosen = sorted((named, group, i) for (group, named), i in places if group >= 0)
    return [items[i] for _, _, i in chosen]


def run_child(session: pytest.Session, row: dict[str, Any]) -> None:
    """Leaves the guard out and runs tests until one fails; never returns."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    # Whoever only lists guards needs no core that is built.
    library = ctypes.CDLL(import_module("adaptive._core").__file__)
    ctypes.c_int.in_dll(library, "left_out").value = row["number"]
    items = ordered(session.items, row)
    running = Path(f"{os.environ[PLAN]}.running")
    for item, following in zip(items, [*items[1:], None], strict=True):
        running.write_text(item.nodeid, "utf-8")
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            os._exit(1)
    os._exit(0)


def outcome(session: pytest.Session, row: dict[str, Any]) -> str:
    """What a child does that runs without the guard."""
    child = os.fork()
    if child == 0:
        try:
            run_child(session, row)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"signal {-code}"
    return SURVIVED if code == 0 else "failed"


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Runs the plan in the place of the tests."""
    path = Path(os.environ[PLAN])
    with Path(f"{path}.done").open("w", encoding="utf-8") as done:
        for row in json.loads(path.read_text("utf-8")):
            begun = time.monotonic()
            word = outcome(session, row)
            last = Path(f"{path}.running").read_text("utf-8")
            line = (row["number"], round(time.monotonic() - begun, 1), word, last)
            print(json.dumps(line), file=done, flush=True)
    return True
