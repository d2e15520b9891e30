"""Counted runs: the counting loop put in the place of the plain one, for a while.

Owns when counting begins and ends, and how its outcome leaves the process: as plain
data, so that the program that is counted sees as little of us as can be.  What the data
mean is said in `adaptive.report.profile`; `adaptive.report.gather` makes that of them.
"""

from __future__ import annotations

import os
import sys
from time import perf_counter

import adaptive
from adaptive import config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from adaptive.report.profile import Profile
    from adaptive.specializer import Policy


def _run_facts(command: list[str], began: float) -> dict[str, Any]:
    """What is known of a run besides its counts."""
    implementation = sys.implementation
    return {
        "command": command,
        "host": f"CPython {'.'.join(map(str, implementation.version[:3]))}",
        "engine": adaptive.__version__,
        "threshold": adaptive._calls,
        "seconds": perf_counter() - began,
    }


class collecting:  # noqa: N801 - read as a statement: `with collecting():`
    """Context manager: what runs in the block runs on the counting loop.

    Frames that were running before stay with the host until they end.  The engine is as
    it was before afterwards, on or off, with the plain loop.
    Raises RuntimeError where counting is on already, where ADAPTIVE_DISABLE keeps the
    engine off, or under a stress mode; and what `adaptive.enable` raises.
    """

    def __init__(
        self, threshold: int | None = None, *, policy: Policy | None = None
    ) -> None:
        self._threshold = threshold
        self._policy = policy
        self._restore: adaptive._State | None = None
        self._raw: dict[str, Any] | None = None
        self._began = 0.0

    def __enter__(self) -> collecting:
        settings = config.settings()
        if settings.disabled:
            raise RuntimeError("nothing can be counted: ADAPTIVE_DISABLE is set")
        if settings.stress:
            raise RuntimeError("nothing can be counted under a stress mode")
        restore = adaptive._State()
        if restore.build == adaptive.COUNTING:
            raise RuntimeError("counting is on already")
        self._core = adaptive._switch_build(adaptive.COUNTING)
        self._restore = restore
        self._core.leave_to_host(collecting.__exit__.__code__)
        self._core.leave_to_host(collecting._snapshot.__code__)
        self._core.begin_counting()
        self._began = perf_counter()
        try:
            adaptive.enable(self._threshold, policy=self._policy)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._core.disable()
        self._raw = self._snapshot()
        self._core.end_counting()
        if self._restore is not None:
            adaptive._restore_state(self._restore)

    def _snapshot(self) -> dict[str, Any]:
        """The counts as they are now."""
        counted: dict[str, Any] = self._core.counted()
        return {**_run_facts(list(sys.argv), self._began), **counted}

    def profile(self) -> Profile:
        """What was counted in the block, so far if it still runs."""
        from adaptive.report.gather import profile_of

        return profile_of(self._snapshot() if self._raw is None else self._raw)


def collect_at_exit(path: str, command: list[str]) -> None:
    """Count from now on, and leave the counts in a file when the program ends.

    Exit functions run last registered first, so this comes before the program starts.
    Everything that they need is imported here: at exit a name such as ``marshal`` may
    well mean a module of the program's.
    """
    import atexit
    import marshal

    core = adaptive._engine()
    process = os.getpid()
    began = perf_counter()

    def write() -> None:
        # A child made by os.fork leaves through the same exit functions.
        if os.getpid() == process:
            core.disable()
            data = marshal.dumps({**_run_facts(command, began), **core.counted()})
            with open(path + ".part", "wb") as file:
                file.write(data)
            os.replace(path + ".part", path)

    core.leave_to_host(write.__code__)
    core.begin_counting()
    atexit.register(write)
