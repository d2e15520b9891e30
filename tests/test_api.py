"""The public functions: what they switch, show and refuse; that they leave no mark."""

from __future__ import annotations

import dis
import gc
import io
import marshal
import sys
import types
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import support

import adaptive
from adaptive import config, isa, reasons

PUBLIC = {
    "Policy",
    "code",
    "counters",
    "declined",
    "disable",
    "enable",
    "enabled",
    "is_enabled",
    "reset_counters",
    "specialize",
}


def engine_frames(call: Callable[[], object]) -> int:
    """How many frames of a call the engine ran."""
    before = support.on_engine()
    call()
    return support.on_engine() - before


def simple() -> Any:
    """A new function that calls another one twice."""
    return support.function(
        """
        def leaf(x):
            return x

        def f(x=1):
            return leaf(x) + leaf(x)
        """
    )


# -- enable and disable


def test_names() -> None:
    assert set(adaptive.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(adaptive, name).__doc__


def test_enable_and_disable() -> None:
    f = simple()
    assert not adaptive.is_enabled()
    assert adaptive.enable(0) is None
    assert adaptive.is_enabled()
    assert f() == 2
    assert adaptive.disable() is None
    assert not adaptive.is_enabled()
    assert f() == 2


def test_enable_twice_and_disable_twice() -> None:
    adaptive.enable(0)
    adaptive.enable(3)
    adaptive.disable()
    adaptive.disable()
    assert not adaptive.is_enabled()


def test_enabled_restores() -> None:
    with adaptive.enabled(0) as nothing:
        assert nothing is None
        assert adaptive.is_enabled()
        with adaptive.enabled():
            assert adaptive.is_enabled()
        assert adaptive.is_enabled()
    assert not adaptive.is_enabled()


def test_enabled_restores_after_an_error() -> None:
    with pytest.raises(KeyError), adaptive.enabled(0):
        raise KeyError
    assert not adaptive.is_enabled()


@pytest.mark.parametrize("bad", [-1, config.MAX_THRESHOLD + 1, 1 << 80])
def test_threshold_out_of_bounds(bad: int) -> None:
    with pytest.raises(ValueError, match=f"not {bad}"):
        adaptive.enable(bad)
    assert not adaptive.is_enabled()


@pytest.mark.parametrize("bad", ["1", 1.0, [], b"1"])
def test_threshold_of_a_wrong_type(bad: Any) -> None:
    with pytest.raises(TypeError, match="threshold must be an int"):
        adaptive.enable(bad)
    with pytest.raises(TypeError, match="threshold must be an int"):
        adaptive.enabled(bad).__enter__()
    assert not adaptive.is_enabled()


@pytest.mark.parametrize("threshold", [0, 1, 4, 9])
def test_threshold_counts_calls(threshold: int) -> None:
    """Code without loops is lowered once it has been called `threshold` times."""
    warm = support.function("def f():\n    return 1\n")
    lowered = []
    adaptive.enable(threshold)
    for _ in range(threshold + 3):
        before = adaptive._engine().counters()["lowered"]
        warm()
        lowered.append(adaptive._engine().counters()["lowered"] - before)
    adaptive.disable()
    assert lowered.index(1) == threshold
    assert sum(lowered) == 1


def test_lower_threshold_reaches_seen_code() -> None:
    """The threshold in force counts, not the one at a function's first call."""
    f = support.function("def f():\n    return 1\n")
    with adaptive.enabled(1000):
        f()
    with adaptive.enabled(0):
        before = adaptive._engine().counters()["lowered"]
        f()
        assert adaptive._engine().counters()["lowered"] == before + 1


@pytest.mark.parametrize("bad", [-1, config.MAX_THRESHOLD + 1])
def test_policy_threshold_out_of_bounds(bad: int) -> None:
    policy = adaptive.Policy()
    policy.threshold = bad
    with pytest.raises(ValueError, match=f"not {bad}"):
        adaptive.enable(policy=policy)
    assert not adaptive.is_enabled()


def test_hook_is_really_removed() -> None:
    """After disable() no frame is counted any more, by any reason."""
    f = simple()
    with support.hot_engine():
        assert engine_frames(f) >= 3
    adaptive.reset_counters()
    for _ in range(100):
        f()
    seen = adaptive.counters()
    assert seen["frames"] == {"engine": 0, "host": {}}
    assert seen["calls_inlined"] == seen["calls_through_host"] == 0


def test_host_inlines_again_after_disable() -> None:
    """The host's own specialized Python calls are back; a hook forbids them."""
    f = simple()

    def form() -> set[str]:
        names = {row.opname for row in dis.get_instructions(f, adaptive=True)}
        return {name for name in names if name.startswith("CALL_PY")}

    with adaptive.enabled(config.MAX_THRESHOLD):
        for _ in range(100):
            f()
        assert not form()
    for _ in range(200):
        f()
    assert form()


def test_disable_deep_inside() -> None:
    """disable() called from engine frames: they go on, on the host, rightly."""
    names = support.loaded(
        """
        log = []

        class C:
            def __init__(self, n):
                self.value = deep(n)

        def gen(n):
            for i in range(4):
                try:
                    yield deep(n) if i == 1 else i
                finally:
                    log.append(i)

        def deep(n, *args):
            held = [n, args]
            try:
                if n == 0:
                    switch()
                    raise KeyError(n)
                if n == 5:
                    return C(n - 1).value + 1
                if n == 8:
                    return sum(gen(n - 1))
                if n == 11:
                    return list(map(deep, [n - 1]))[0] + 1
                if n % 2:
                    return deep(*[n - 1, held]) + 1
                return deep(n - 1, held) + 1
            except KeyError:
                return 0
            finally:
                log.append(held[0])
        """,
        switch=lambda: None,
    )
    expected = names["deep"](15), list(names["log"])
    names["log"].clear()
    names["switch"] = adaptive.disable
    adaptive.enable(0)
    shown = names["deep"](15), list(names["log"])
    assert not adaptive.is_enabled()
    assert shown == expected
    adaptive.reset_counters()
    names["switch"] = lambda: None
    names["deep"](15)
    assert adaptive.counters()["frames"]["engine"] == 0


def test_disabled_loop_leaves_the_engine() -> None:
    """A loop that runs when disable() is called is handed over at its next turn."""
    names = support.loaded(
        """
        def leaf():
            pass

        def loop(stop):
            for i in range(50):
                if i == 3:
                    stop()
                leaf()
            return i
        """
    )
    adaptive.enable(0)
    adaptive.reset_counters()
    assert names["loop"](adaptive.disable) == 49
    seen = adaptive.counters()
    assert seen["bailouts"].get("disabled", 0) >= 1
    assert seen["calls_inlined"] <= 10


def test_enable_deep_inside() -> None:
    """enable() called from host frames; what they call next runs on the engine."""
    names = support.loaded(
        """
        def leaf(n):
            return n and leaf(n - 1) + 1

        def f(switch):
            before = leaf(5)
            switch()
            return before, [leaf(n) for n in range(5)]
        """
    )
    adaptive.reset_counters()
    try:
        assert names["f"](lambda: adaptive.enable(0)) == (5, [0, 1, 2, 3, 4])
    finally:
        adaptive.disable()
    assert adaptive.counters()["frames"]["engine"] >= 15


# -- specialize


def test_specialize_returns_the_function() -> None:
    def f() -> int:
        return 1

    assert adaptive.specialize(f) is f
    assert adaptive.is_enabled()
    adaptive.disable()


@pytest.mark.parametrize("bad", [1, len, int, None, "f"])
def test_specialize_refuses(bad: Any) -> None:
    with pytest.raises(TypeError, match="has no Python code"):
        adaptive.specialize(bad)
    assert not adaptive.is_enabled()


def test_only_the_marked_function_runs_here() -> None:
    """With @specialize alone: it, its nested functions, and what they call."""
    names = support.loaded(
        """
        def called(x):
            return x

        def other(x):
            return called(x)

        def f(n):
            def nested(x):
                return called(x) * 2
            return [nested(i) for i in range(n)]
        """
    )
    adaptive.specialize(names["f"])
    try:
        adaptive.reset_counters()
        names["other"](1)
        seen = adaptive._engine().counters()
        assert seen["frames"]["engine"] == 0
        assert seen["frames"]["host"]["unmarked"] >= 2
        for _ in range(config.DEFAULT_THRESHOLD + 2):
            assert names["f"](3) == [0, 2, 4]
        adaptive.reset_counters()
        assert names["f"](3) == [0, 2, 4]
        # f, the comprehension, three times nested and called.
        assert adaptive._engine().counters()["frames"]["engine"] == 8
        adaptive.reset_counters()
        names["other"](1)
        assert adaptive._engine().counters()["frames"]["engine"] == 0
    finally:
        adaptive.disable()


def test_marked_generator_and_method() -> None:
    names = support.loaded(
        """
        class C:
            def m(self, n):
                yield from range(n)
            @classmethod
            def c(cls):
                return cls
        """
    )
    c = names["C"]()
    adaptive.specialize(c.m)
    adaptive.specialize(names["C"].c)
    try:
        assert engine_frames(lambda: list(c.m(3))) >= 1
        assert names["C"].c() is names["C"]
    finally:
        adaptive.disable()


def test_hook_goes_with_the_last_marked_function() -> None:
    first, second = simple(), simple()
    adaptive.specialize(first)
    adaptive.specialize(second)
    first()
    del first
    gc.collect()
    assert adaptive.is_enabled()
    second()
    del second
    gc.collect()
    assert not adaptive.is_enabled()


def test_marking_twice_is_marking_once() -> None:
    f = simple()
    adaptive.specialize(adaptive.specialize(f))
    del f
    gc.collect()
    assert not adaptive.is_enabled()


def test_marks_and_enable() -> None:
    """disable() ends both; the end of `enabled` leaves the marks."""
    f = simple()
    adaptive.specialize(f)
    with adaptive.enabled(0):
        pass
    assert adaptive.is_enabled()
    adaptive.disable()
    assert not adaptive.is_enabled()
    adaptive.reset_counters()
    f()
    assert adaptive.counters()["frames"]["engine"] == 0


def test_mark_again_after_disable() -> None:
    f = simple()
    adaptive.specialize(f)
    adaptive.disable()
    adaptive.specialize(f)
    assert engine_frames(f) >= 1
    del f
    gc.collect()
    assert not adaptive.is_enabled()


# -- code, declined


def test_code() -> None:
    f = support.function(
        """
        def f(x):
            for i in x:
                try:
                    f(i)
                except KeyError:
                    pass
        """
    )
    shown = adaptive.code(f)
    assert shown.host is f.__code__
    assert len(shown.co_code) == len(shown._co_code_adaptive) == 2 * len(shown.units)
    assert shown.co_consts is f.__code__.co_consts
    assert shown.co_names is f.__code__.co_names
    assert len(shown.host_offsets) == len(shown.units)
    for host, unit in shown.unit_offsets.items():
        assert shown.host_offsets[unit] == host
        assert unit == 0 or shown.host_offsets[unit - 1] != host
    for start, end, target, depth, lasti in shown.exception_table:
        assert 0 <= start < end <= len(shown.units)
        assert 0 <= target < len(shown.units)
        assert depth >= 0 and isinstance(lasti, bool)
    assert shown.exception_table
    assert "f" in repr(shown)


def test_code_of_everything_with_code() -> None:
    async def coro() -> None:
        pass

    async def agen() -> Any:
        yield 1

    gen = (x for x in ())
    running = coro()
    for thing, code in (
        (gen, gen.gi_code),
        (running, running.cr_code),
        (agen(), agen.__code__),
        (coro.__code__, coro.__code__),
        (Path("x").exists, Path.exists.__code__),
    ):
        assert adaptive.code(thing).host is code
    running.close()


@pytest.mark.parametrize("bad", [1, len, int, None])
def test_code_refuses(bad: Any) -> None:
    with pytest.raises(TypeError, match="has no Python code"):
        adaptive.code(bad)
    with pytest.raises(TypeError, match="has no Python code"):
        adaptive.declined(bad)


def broken_code() -> types.CodeType:
    """Code that the host's compiler would never write."""
    code = simple().__code__
    return code.replace(co_code=b"\xff\x00" * (len(code.co_code) // 2))


def test_declined() -> None:
    assert adaptive.declined(simple()) is None
    reason = adaptive.declined(broken_code())
    assert reason == "unknown_opcode"
    assert reasons.DECLINE in reasons.BY_NAME[reason].kinds
    with pytest.raises(ValueError, match=r"f is not lowered: unknown_opcode \(The"):
        adaptive.code(broken_code())


def test_too_large_code_is_declined_and_runs() -> None:
    source = "def f(x):\n" + "    x += 1\n" * 30_000 + "    return x\n"
    f = support.function(source)
    with support.hot_engine():
        assert f(0) == 30_000
    assert adaptive.declined(f) == "code_too_large"
    assert adaptive.counters()["frames"]["host"]["code_too_large"] >= 1


def test_code_stays_the_same_object() -> None:
    f = simple()
    assert adaptive.code(f).units is adaptive.code(f).units


# -- counters


def test_counters_have_their_shape() -> None:
    adaptive.reset_counters()
    f = simple()
    with support.hot_engine():
        for argument in (1, 1, 1, "x", None, ()):
            with suppress(TypeError):
                f(argument)
    seen = adaptive.counters()
    empty: dict[str, Any] = {
        "frames": {"engine": 0, "host": {}},
        "calls_inlined": 0,
        "calls_through_host": 0,
        "bailouts": {},
        "lowered": 0,
        "quickened": 0,
        "attempts": 0,
        "specialized": {},
        "refused": {},
    }
    assert set(seen) == set(empty)
    assert set(seen["frames"]) == {"engine", "host"}
    assert set(seen["frames"]["host"]) <= set(reasons.NAMES)
    assert set(seen["bailouts"]) <= set(reasons.NAMES)
    assert set(seen["specialized"]) <= {
        row.name for rows in isa.FORMS.values() for row in rows
    }
    assert seen["specialized"]["BINARY_OP_ADD_INT"] == 1
    refusals = {row.name for row in reasons.of_kind(reasons.REFUSAL)}
    assert set(seen["refused"]) <= refusals
    decided = sum(seen["specialized"].values()) + sum(seen["refused"].values())
    assert seen["attempts"] == decided
    assert seen["lowered"] >= seen["quickened"] >= 2
    adaptive.reset_counters()
    assert adaptive.counters() == empty


def test_counters_are_copies() -> None:
    adaptive.counters()["frames"]["host"]["cold"] = 10**9
    assert adaptive.counters()["frames"]["host"].get("cold", 0) < 10**9


# -- no marks left


def test_host_code_is_untouched() -> None:
    """S0-34, S0-35: co_code, its listing and its marshalled bytes stay the host's."""
    f = support.function(
        """
        def f(n):
            class C:
                x = n
            def inner(*args, **kw):
                return [a for a in args if a], kw
            try:
                return inner(*range(n), k=C.x)
            except ValueError as error:
                raise KeyError from error
        """
    )

    def marks() -> list[Any]:
        text = io.StringIO()
        dis.dis(f, file=text)
        return [
            f.__code__.co_code,
            support.masked(text.getvalue()),
            marshal.dumps(f.__code__),
            hash(f.__code__),
            f.__code__.co_stacksize,
            list(f.__code__.co_positions()),
            sorted(vars(f)),
            dir(f.__code__),
            sys.getsizeof(f.__code__.co_consts),
        ]

    before = marks()
    with support.hot_engine():
        for n in range(60):
            f(n)
    assert marks() == before
    with support.hot_engine():
        assert marks() == before


def test_namespaces_are_untouched() -> None:
    names = support.loaded("class C:\n    def m(self):\n        return 1\nc = C()\n")
    before = [sorted(names), sorted(vars(names["C"])), sorted(vars(names["c"]))]
    modules = set(sys.modules)
    with support.hot_engine():
        names["c"].m()
    assert [sorted(names), sorted(vars(names["C"])), sorted(vars(names["c"]))] == before
    assert set(sys.modules) == modules


def test_code_objects_die() -> None:
    """What the engine knows of code goes with it, without a collection."""

    def live(number: int) -> weakref.ref[types.CodeType]:
        f = support.function(f"def f():\n    return {number}\n")
        with support.hot_engine():
            assert f() == number
        assert adaptive.code(f)
        # The namespace and the function hold each other.
        f.__globals__.clear()
        return weakref.ref(f.__code__)

    gc.collect()
    gc.disable()
    try:
        refs = [live(number) for number in range(20)]
        assert [ref() for ref in refs] == [None] * 20
    finally:
        gc.enable()


def test_code_units_outlive_their_code() -> None:
    f = simple()
    units = adaptive.code(f).units
    text = bytes(units)
    del f
    gc.collect()
    assert bytes(units) == text
    assert units.read_op(0) == isa.NUMBER["RESUME"]


def test_dead_code_leaks_nothing() -> None:
    """S2-52: memory does not grow with code that was lowered and has died."""

    def round_() -> None:
        for number in range(50):
            f = support.function(f"def f(x):\n    return [x, {number}]\n")
            with support.hot_engine():
                f(1)

    for _ in range(3):
        round_()
    grown = []
    for _ in range(4):
        gc.collect()
        before = sys.getallocatedblocks()
        round_()
        gc.collect()
        grown.append(sys.getallocatedblocks() - before)
    assert min(grown) <= 5, grown


# -- environment


def test_disabled_by_environment() -> None:
    done = support.python(
        "-c",
        "import adaptive\n"
        "adaptive.enable(0)\n"
        "@adaptive.specialize\n"
        "def f(): return 1\n"
        "print(adaptive.is_enabled(), f(), adaptive.declined(f))\n",
        ADAPTIVE_DISABLE="1",
    )
    assert done.stdout == "False 1 suppressed\n", done.stderr


def test_import_does_not_load_the_engine() -> None:
    """Importing the package is cheap; nothing is switched on by it."""
    done = support.python(
        "-c",
        "import adaptive, sys\n"
        "print('adaptive._core' in sys.modules, adaptive.is_enabled())\n"
        "adaptive.disable()\n"
        "print('adaptive._core' in sys.modules)\n",
    )
    assert done.stdout == "False False\nFalse\n", done.stderr


@pytest.mark.parametrize("mode", config.STRESS_MODES)
def test_stress_build_is_loaded_for_stress(mode: str) -> None:
    done = support.python(
        "-c",
        "import adaptive, sys\n"
        "with adaptive.enabled(0): pass\n"
        "print([name for name in sys.modules if name.startswith('adaptive._core')])\n",
        stress=f"{mode}:1",
    )
    assert done.stdout == "['adaptive._core_stress']\n", done.stderr


def test_plain_build_has_no_stress() -> None:
    with pytest.raises(RuntimeError, match="no stress modes"):
        adaptive._engine().set_stress(1, 1, 0, 0)


def test_shutdown_with_the_engine_on() -> None:
    """Finalizers and atexit functions run on the engine to the end of the process."""
    done = support.python(
        "-c",
        "import adaptive, atexit\n"
        "class C:\n"
        "    def __del__(self): print('del', [x for x in range(2)])\n"
        "kept = C()\n"
        "atexit.register(lambda: print('atexit'))\n"
        "def g():\n"
        "    try: yield\n"
        "    finally: print('gen')\n"
        "gen = g()\n"
        "adaptive.enable(0)\n"
        "next(gen)\n",
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert sorted(done.stdout.splitlines()) == ["atexit", "del [0, 1]", "gen"]
