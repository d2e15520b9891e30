"""What specialization costs: microseconds per attempt, bytes per lowered function."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from bench.lowering import code_objects, code_of_file, stdlib_files

LIMIT_US = 5.0
"""The most that an attempt at one site may cost."""

LIMIT_BYTES = 3.0
"""The most memory that lowered code may take, in the host's bytecode."""

MEMORY_FILES = 200
"""How many files of the standard library are lowered to weigh them."""


class Left:
    """One of two types with an attribute, so that the site that loads it flips."""

    def __init__(self) -> None:
        self.value = 1


class Right:
    """The other one."""

    def __init__(self) -> None:
        self.value = 2


def load(items: list[object]) -> None:
    """LOAD_ATTR, of instances of two classes in turn."""
    for item in items:
        item.value  # type: ignore[attr-defined]  # noqa: B018


def add(items: list[float]) -> None:
    """BINARY_OP, of ints and floats in turn."""
    for item in items:
        item + item


def test(items: list[object]) -> None:
    """TO_BOOL, of three types in turn."""
    for item in items:
        if item:
            pass


def call(items: list[Callable[[], object]]) -> None:
    """CALL, of a function, a method and a class in turn."""
    for item in items:
        item()


@dataclass(frozen=True)
class Attempts:
    """How often one site was tried, and what that took beyond running on the host."""

    name: str
    count: int
    seconds: float

    @property
    def us_each(self) -> float:
        """Microseconds per attempt, the miss that led to it included."""
        return self.seconds * 1e6 / max(1, self.count)


def plain() -> None:
    """What `call` calls."""


def workloads() -> list[tuple[Callable[..., None], list[object]]]:
    """Functions with one adaptive site that changes its form every time, and items."""
    left, right = Left(), Right()
    return [
        (load, [left, right] * 5000),
        (add, [1, 1.5] * 5000),
        (test, [[], 1, ""] * 4000),
        (call, [plain, left.__init__, dict] * 4000),
    ]


def attempts() -> list[Attempts]:
    """Every workload with counters that let nothing pass: an attempt per execution."""
    adaptive = importlib.import_module("adaptive")
    policy = adaptive.Policy()
    policy.warmup = policy.cooldown = (0, 0)
    found = []
    for function, items in workloads():
        start = perf_counter()
        function(items)
        on_host = perf_counter() - start
        adaptive.enable(0, policy=policy)
        function(items)
        adaptive.reset_counters()
        start = perf_counter()
        function(items)
        seconds = perf_counter() - start
        adaptive.disable()
        count = adaptive.counters()["attempts"]
        found.append(Attempts(function.__name__, count, seconds - on_host))
    return found


def memory_ratio() -> tuple[int, float]:
    """Code objects weighed, and the bytes they take lowered, in the host's bytecode."""
    adaptive = importlib.import_module("adaptive")
    engine = adaptive._engine()
    count = ours = hosts = 0
    for path in list(stdlib_files())[:MEMORY_FILES]:
        module = code_of_file(path)
        for code in code_objects(module) if module else ():
            count += 1
            ours += engine.memory_of(code)
            hosts += len(code.co_code)
    return count, ours / max(1, hosts)


def main() -> int:
    """Print the figures; 1 when over a limit, 2 without an engine."""
    try:
        tried = attempts()
        count, ratio = memory_ratio()
    except ImportError as error:
        print(f"bench specializing: {error}", file=sys.stderr)
        return 2
    for each in tried:
        print(f"{each.name}: {each.count} attempts, {each.us_each:.2f} µs each")
    print(f"{count} code objects lowered: {ratio:.2f} times the host's bytecode")
    dear = max(each.us_each for each in tried)
    return int(dear > LIMIT_US or ratio > LIMIT_BYTES)
