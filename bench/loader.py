"""Loads one private copy of a program, so that two copies never share code objects.

A pyperformance script hands its benchmark to `pyperf.Runner`, which would start worker
processes. Here the script meets a stand-in for `pyperf` that only remembers what it was
handed. Each load compiles the script again, and imports again the modules in which the
program does its work: the host's inline caches and the engine's state belong to code
objects, and a copy measured on one side must not meet those of the other.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import platform
import shutil
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import ClassVar, cast

from bench import micro
from bench.micro import Micro
from bench.programs import Program, script_path


@dataclass
class Workload:
    """A benchmark function as a script handed it over, with its arguments."""

    kind: str
    """`time` (takes loops, returns seconds), `func` (called plainly) or `async`."""
    function: Callable[..., object]
    args: tuple[object, ...]
    run_async: Callable[..., object] = asyncio.run
    probe: Callable[[], object] = lambda: None

    def seconds(self, loops: int) -> float:
        """Run `loops` times; what it took, set-up left out where it can be told."""
        if self.kind == "time":
            return cast(float, self.function(loops, *self.args))
        if self.kind == "async":
            awaits = time_awaits(self.function, self.args, loops)
            return cast(float, self.run_async(awaits))
        return time_calls(self.function, self.args, loops)

    def result(self) -> object:
        """Run once; the value returned, or None where that is only a time."""
        if self.kind == "time":
            self.function(1, *self.args)
            return None
        if self.kind == "async":
            return self.run_async(self.function(*self.args))
        return self.function(*self.args)


def time_calls(
    function: Callable[..., object], args: tuple[object, ...], loops: int
) -> float:
    """Seconds that `loops` calls of `function` take."""
    start = perf_counter()
    for _ in range(loops):
        function(*args)
    return perf_counter() - start


async def time_awaits(
    function: Callable[..., object], args: tuple[object, ...], loops: int
) -> float:
    """Seconds that `loops` awaited calls take, the event loop already running."""
    start = perf_counter()
    for _ in range(loops):
        await function(*args)  # type: ignore[misc]
    return perf_counter() - start


class Runner:
    """Stands in for `pyperf.Runner`: parses the script's options, keeps its benchmarks.

    Subclassed for each load, with the command line and the dict to fill.
    """

    argv: tuple[str, ...] = ()
    workloads: ClassVar[dict[str, Workload]] = {}

    def __init__(self, **options: object) -> None:
        self.metadata: dict[str, object] = {}
        self.argparser = argparse.ArgumentParser()

    def parse_args(self) -> argparse.Namespace:
        """The script's own options, from the program's declared command line."""
        return self.argparser.parse_args(self.argv)

    def bench_func(
        self,
        name: str,
        function: Callable[..., object],
        *args: object,
        inner_loops: int = 1,
    ) -> None:
        """Keep a function that is called plainly."""
        self.workloads[name] = Workload("func", function, args)

    def bench_time_func(
        self,
        name: str,
        function: Callable[..., object],
        *args: object,
        inner_loops: int = 1,
    ) -> None:
        """Keep a function that takes a number of loops and returns seconds."""
        self.workloads[name] = Workload("time", function, args)

    def bench_async_func(
        self,
        name: str,
        function: Callable[..., object],
        *args: object,
        inner_loops: int = 1,
    ) -> None:
        """Keep a coroutine function."""
        self.workloads[name] = Workload("async", function, args)


def stand_in_for_pyperf(
    argv: tuple[str, ...], workloads: dict[str, Workload]
) -> types.ModuleType:
    """A module with the few names that scripts use of pyperf."""
    pyperf = types.ModuleType("pyperf")
    pyperf.Runner = type(  # type: ignore[attr-defined]
        "Runner", (Runner,), {"argv": argv, "workloads": workloads}
    )
    pyperf.perf_counter = perf_counter  # type: ignore[attr-defined]
    pyperf.python_implementation = (  # type: ignore[attr-defined]
        lambda: platform.python_implementation().lower()
    )
    return pyperf


@contextmanager
def modules_replaced(
    fresh: tuple[str, ...], replacements: dict[str, types.ModuleType]
) -> Iterator[None]:
    """Within: `fresh` packages are not imported yet, `replacements` are.

    Afterwards `sys.modules` has for all of them what it had before.
    """

    def concerned() -> dict[str, types.ModuleType]:
        roots = {*fresh, *replacements}
        return {
            name: module
            for name, module in sys.modules.items()
            if name in roots or name.partition(".")[0] in roots
        }

    before = concerned()
    for name in before:
        del sys.modules[name]
    sys.modules.update(replacements)
    try:
        yield
    finally:
        for name in concerned():
            del sys.modules[name]
        sys.modules.update(before)


@contextmanager
def removals_put_off() -> Iterator[list[Path]]:
    """Within: `shutil.rmtree` only notes the directory.

    A script that makes files for its benchmark removes them as soon as the runner
    returns; here that is before the first run.
    """
    noted: list[Path] = []
    remove = shutil.rmtree
    shutil.rmtree = lambda path: noted.append(Path(path))  # type: ignore[assignment]
    try:
        yield noted
    finally:
        shutil.rmtree = remove


@contextmanager
def load_program(program: Program) -> Iterator[Workload]:
    """A copy of `program` of its own; its files are there as long as the context."""
    path = script_path(program)
    script = types.ModuleType("__main__")
    script.__file__ = str(path)
    workloads: dict[str, Workload] = {}
    pyperf = stand_in_for_pyperf(program.argv, workloads)
    code = compile(path.read_bytes(), str(path), "exec")
    search_path = list(sys.path)
    sys.path.insert(0, str(path.parent))
    with removals_put_off() as leftovers:
        try:
            with modules_replaced(
                (*program.fresh, *program.requires),
                {"__main__": script, "pyperf": pyperf},
            ):
                exec(code, vars(script))
                run_async = importlib.import_module("asyncio").run
        finally:
            sys.path[:] = search_path
    vars(script).update(program.constants)
    workload = workloads[program.name]
    workload.run_async = run_async
    if program.args is not None:
        workload.args = program.args
    if program.probe:
        expression = compile(program.probe, f"<probe of {program.name}>", "eval")
        workload.probe = lambda: eval(expression, vars(script))
    try:
        yield workload
    finally:
        for directory in leftovers:
            shutil.rmtree(directory)


@contextmanager
def load_micro(program: Micro) -> Iterator[Workload]:
    """A copy of one micro program: the whole of `micro.py`, compiled anew."""
    path = Path(micro.__file__)
    module = types.ModuleType(micro.__name__)
    code = compile(path.read_bytes(), str(path), "exec")
    with modules_replaced((), {micro.__name__: module}):
        exec(code, vars(module))
    copy = module.MICRO[program.name]
    yield Workload("func", copy.function, (copy.count,))


@contextmanager
def load(program: Program | Micro) -> Iterator[Workload]:
    """A copy of any program, sharing no code object with another copy."""
    copy = load_micro(program) if isinstance(program, Micro) else load_program(program)
    with copy as workload:
        yield workload
