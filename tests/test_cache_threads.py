"""The C-level accessors without the interpreter lock, in a module built for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable
from functools import partial
from importlib import machinery, util
from pathlib import Path
from typing import Any

import pytest
import support

from adaptive import isa
from adaptive._cache import CodeUnits

SOURCE = Path(__file__).parent / "cache_probe.pyx"
COMPILER = "gcc"
#: Sites times passes: at least 10**7 rounds.
SITES = 1024
PASSES = 9800


def built(folder: Path) -> Path:
    """The probe's shared library, with assertions on."""
    c_file = folder / "cache_probe.c"
    library = folder / f"cache_probe{sysconfig.get_config_var('EXT_SUFFIX')}"
    translate = "-c|from Cython.Compiler.Main import main; main(1)|-3|-I"
    compile_c = "-shared|-fPIC|-O2|-UNDEBUG|-fno-strict-aliasing"
    includes = [f"-I{sysconfig.get_path('include')}", f"-I{support.ROOT / 'adaptive'}"]
    for command in (
        [sys.executable, *translate.split("|"), support.ROOT, "-o", c_file, SOURCE],
        [COMPILER, *compile_c.split("|"), *includes, c_file, "-o", library],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The probe, built once."""
    pytest.importorskip("Cython")
    if shutil.which(COMPILER) is None:
        pytest.skip(f"no {COMPILER}")
    return built(tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="module")
def probe(library: Path) -> Any:
    """The probe, imported."""
    loader = machinery.ExtensionFileLoader("cache_probe", str(library))
    spec = util.spec_from_loader("cache_probe", loader)
    assert spec is not None
    module = util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def sites(probe: Any, count: int = SITES, arg: int = 0) -> CodeUnits:
    """So many generic sites."""
    site = bytes([probe.base, arg]) + bytes(2 * (probe.site_units - 1))
    return CodeUnits(site * count, bytes(len(site) * count))


def form_of(probe: Any) -> int:
    """A form of the probe's base; any number below the instrumented ones does."""
    forms = (op for op in isa.BY_NUMBER if isa.DEOPT[op] == probe.base != op)
    return next(forms, isa.FIRST_INSTRUMENTED - 1)


def together(*calls: Callable[[], object]) -> list[object]:
    """The results of calls that start at once, each in a thread of its own."""
    results: list[object] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int) -> None:
        barrier.wait()
        results[place] = calls[place]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_caches_are_seen_with_the_opcode(probe: Any) -> None:
    """S1-03, S1-04: who sees the form sees the caches that were written before it."""
    units, form = sites(probe), form_of(probe)
    _, stale = together(
        lambda: probe.specialize_sites(units, form, PASSES),
        lambda: probe.read_sites(units, form, PASSES),
    )
    assert SITES * PASSES >= 10**7
    assert stale == 0


def test_one_commit_wins(probe: Any) -> None:
    """S1-01, S1-02, S1-07: of racing commits one wins per site; no argument is lost."""
    forms = (200, 201, 202)
    for _ in range(20):
        units = sites(probe, count=20_000, arg=3)
        *won, _ = together(
            *(partial(probe.commit_all, units, form) for form in forms),
            partial(probe.number_all, units, 7),
        )
        assert sum(won) == 20_000
        now = [units.read_op(at) for at in range(0, len(units), probe.site_units)]
        assert [now.count(form) for form in forms] == won
        assert probe.arguments(units) == {7}


def test_instrumented_slots_are_left_alone(probe: Any) -> None:
    """S2-28: refused even when the expected opcode is the one that is there."""
    for op in range(256):
        assert probe.instrumented(op) == (op >= isa.FIRST_INSTRUMENTED)
        units = CodeUnits(bytes([op, 5]), bytes(2))
        done = probe.replace(units, 0, op, probe.base)
        assert done == (op < isa.FIRST_INSTRUMENTED)
        assert bytes(units) == bytes([probe.base if done else op, 5])


@pytest.mark.parametrize("value", [0, 0xDEADBEEF, 0x0123456789ABCDEF, 2**64 - 1])
def test_widths(probe: Any, value: int) -> None:
    """S0-04, S1-05: each width reads what was written and no cell beside it."""
    units = CodeUnits(b"\xee" * 20, bytes(20))
    assert probe.round_trip(units, 1, 2, value) == (
        value,
        value & 0xFFFFFFFF,
        value & 0xFFFF,
    )
    assert bytes(units)[:6] == b"\xee" * 6
    assert bytes(units)[6:14] == value.to_bytes(8, "little")
    assert bytes(units)[14:] == b"\xee" * 6


def test_counter_is_the_unit_behind(probe: Any) -> None:
    """S2-32: the counter of the instruction at unit u is unit u + 1."""
    units = CodeUnits(bytes(8), bytes(8))
    assert probe.count(units, 1, 0x1234) == 0x1234
    assert bytes(units) == b"\0\0\0\0\x34\x12\0\0"


def test_restart_asserts(library: Path) -> None:
    """S2-08: in a build with assertions, restarting an unreachable counter aborts."""
    program = "import cache_probe, sys; print(cache_probe.restart(int(sys.argv[1])))"
    done = [
        subprocess.run(
            [sys.executable, "-c", program, str(raw)],
            capture_output=True,
            text=True,
            check=False,
            cwd=support.ROOT,
            env={"PYTHONPATH": f"{library.parent}:{support.ROOT}"},
        )
        for raw in (0, 15)
    ]
    assert done[0].stdout == f"{1 << 4 | 1}\n", done[0].stderr
    assert done[1].returncode < 0
    assert "counter_restart" in done[1].stderr and "Assertion" in done[1].stderr
