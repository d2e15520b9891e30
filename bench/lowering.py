"""What lowering costs: microseconds per host instruction over the standard library."""

from __future__ import annotations

import dis
import importlib
import sys
import sysconfig
import types
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path
from time import perf_counter

Lower = Callable[[types.CodeType], object]

LIMIT_US = 5.0
"""The most that lowering may cost per host instruction."""


@dataclass
class Cost:
    """Sums over code objects."""

    code_objects: int = 0
    instructions: int = 0
    seconds: float = 0.0
    slowest: tuple[float, str] = (0.0, "none")
    """The dearest code object of some size: microseconds per instruction, and where."""
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def us_per_instruction(self) -> float:
        """Microseconds per host instruction."""
        return self.seconds * 1e6 / max(1, self.instructions)


def stdlib_files() -> Iterator[Path]:
    """Every source file of the standard library, installed packages left out."""
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*.py")):
        if not {"site-packages", "dist-packages"} & set(path.parts):
            yield path


def code_objects(code: types.CodeType) -> Iterator[types.CodeType]:
    """`code` and every code object among its constants, at any depth."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from code_objects(constant)


def code_of_file(path: Path) -> types.CodeType | None:
    """The file's code, or None for one of the test suite's files of bad source."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return SourceFileLoader("stdlib", str(path)).get_code("stdlib")
    except (SyntaxError, ValueError):
        return None


def lower_seconds(lower: Lower, code: types.CodeType) -> float:
    """What lowering one code object once takes. Raises: what `lower` does."""
    start = perf_counter()
    lower(code)
    return perf_counter() - start


def cost_of_file(path: Path, lower: Lower, cost: Cost) -> None:
    """Lower all code of one file, adding to `cost`."""
    module = code_of_file(path)
    if module is None:
        return
    for code in code_objects(module):
        count = sum(1 for _ in dis.get_instructions(code))
        try:
            seconds = lower_seconds(lower, code)
        except Exception as error:
            cost.refused[f"{type(error).__name__}: {error}"] += 1
            continue
        cost.code_objects += 1
        cost.instructions += count
        cost.seconds += seconds
        if count >= 100 and seconds * 1e6 / count > cost.slowest[0]:
            # More likely interrupted than slow, so it has three more chances.
            again = min(lower_seconds(lower, code) for _ in range(3))
            where = f"{path.name}:{code.co_firstlineno} {code.co_qualname}"
            cost.slowest = max(cost.slowest, (again * 1e6 / count, where))


def stdlib_cost() -> Cost:
    """Lower the whole standard library once."""
    lower = importlib.import_module("adaptive.lowering").lower
    cost = Cost()
    # Reading a stale cache file would otherwise rewrite it in the host's library.
    keep, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        for path in stdlib_files():
            cost_of_file(path, lower, cost)
    finally:
        sys.dont_write_bytecode = keep
    return cost


def main() -> int:
    """Print the figures; 1 when over the limit or when a code object was refused."""
    try:
        cost = stdlib_cost()
    except (ImportError, AttributeError) as error:
        print(f"bench lowering: {error}", file=sys.stderr)
        return 2
    print(f"{cost.code_objects} code objects, {cost.instructions} host instructions")
    print(f"lowered in {cost.seconds:.2f} s: {cost.us_per_instruction:.2f} µs each")
    us, where = cost.slowest
    print(f"dearest of 100 instructions or more, repeated: {us:.2f} µs, {where}")
    for reason, times in cost.refused.most_common(10):
        print(f"refused {times} times: {reason}")
    return int(bool(cost.refused) or cost.us_per_instruction > LIMIT_US)
