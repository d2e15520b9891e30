"""Versions: of types, of code, of the keys of dicts; and when there are none left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest
import support
from families import life
from families.life import Case

import adaptive
from adaptive import config, dis, isa
from adaptive._cache import make_counter

ENGINE = adaptive._engine()
#: The largest version that there is.
LAST = 2**32 - 1
THREADS = 16
#: Reasons that these tests see counted.
REASONS = ("no_version", "out_of_range")


def version(function: FunctionType) -> int:
    """The version of a function's code, which is lowered if need be."""
    adaptive.code(function)
    number: int = ENGINE.version_of_code(function.__code__)
    return number


def new_function() -> FunctionType:
    """A function with code that nobody else has."""
    function: FunctionType = support.function("def f(x):\n    return [x]\n")
    return function


NAMESPACE = (
    "import types\ndef g():\n    return n\nf = types.FunctionType(g.__code__, {0})"
)


def keys_version() -> int:
    """A version that the keys of a new dict are given now."""
    program = life.Program(
        Case("LOAD_GLOBAL_MODULE", NAMESPACE.replace("{0}", "{'n': 1}"), "")
    )
    with support.hot_engine():
        for _ in range(life.PASSED + 1):
            program.seen("f()")
        cell = program.site().caches["module_keys_version"]
    # The 16 bits of the cell say a version by their sign.
    return cell + (LAST + 1 - 2**16) * (cell >= 2**15)


@pytest.fixture
def versions() -> Iterator[Any]:
    """`set_next_versions`; afterwards none that was given is given again."""
    code, keys = version(new_function()), keys_version()
    yield ENGINE.set_next_versions
    ENGINE.set_next_versions(code_version=code + 1, keys_version=keys + 1)


# -- types

CHAIN = """
class A:
    def m(self):
        return ["A"]
class Z:
    def m(self):
        return ["Z"]
class B(A):
    pass
class C(B):
    pass
c = C()
def f(o):
    return o.m()
"""


def warm(source: str, call: str, form: str) -> life.Program:
    """A program whose site has its form now; for use inside `hot_engine`."""
    program = life.Program(Case(form, source, ""))
    for _ in range(life.PASSED + 1):
        program.seen(call)
    assert (program.site().opname, program.counter()) == (form, life.COOLED)
    return program


def test_a_type_has_no_version_until_a_site_needs_one() -> None:
    """S0-01: 0 before, more after, 0 or another after a change."""
    source = "class C:\n    __slots__ = ('x',)\n    def m(self):\n        return 1\n"
    with support.hot_engine():
        program = life.Program(
            Case(
                "LOAD_ATTR_METHOD_NO_DICT", f"{source}def f(o):\n    return o.m()\n", ""
            )
        )
        kind = program.names["C"]
        assert ENGINE.version_of_type(kind) == 0
        for _ in range(life.PASSED + 1):
            program.seen("f(C())")
        assert program.site().opname == "LOAD_ATTR_METHOD_NO_DICT"
        before = ENGINE.version_of_type(kind)
        assert before == program.site().caches["type_version"] > 0
        kind.other = 1
        assert ENGINE.version_of_type(kind) != before


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("A.m = lambda self: ['new']", ["new"]),
        ("B.m = lambda self: ['B']", ["B"]),
        ("B.__bases__ = (Z,)", ["Z"]),
        ("del A.m; A.__getattr__ = lambda self, name: lambda: [name]", ["m"]),
    ],
)
def test_a_change_reaches_all_subclasses(change: str, expected: list[str]) -> None:
    """S0-02, S0-03, S0-11: the next call is right, and is one miss."""
    with support.hot_engine():
        program = warm(CHAIN, "f(c)", "LOAD_ATTR_METHOD_WITH_VALUES")
        stale = program.site().caches["type_version"]
        program.change(change)
        assert ENGINE.version_of_type(program.names["C"]) != stale
        assert program.names["f"](program.names["c"]) == expected
        assert program.site().opname == "LOAD_ATTR_METHOD_WITH_VALUES"
        missed = make_counter(life.TOLERATED - 1, config.COUNTER_STARTS["COOLDOWN"][1])
        assert program.counter() == missed


def test_a_type_without_a_version_never_matches() -> None:
    """S0-11: a change leaves the type with version 0, and no cell says 0."""
    with support.hot_engine():
        program = warm(CHAIN, "f(c)", "LOAD_ATTR_METHOD_WITH_VALUES")
        for number in range(life.TOLERATED - 1):
            program.change(f"A.m = lambda self: {number}")
            assert ENGINE.version_of_type(program.names["C"]) == 0
            assert program.site().caches["type_version"] != 0
            assert program.names["f"](program.names["c"]) == number
        assert program.site().opname == "LOAD_ATTR_METHOD_WITH_VALUES"


# -- code


def test_versions_of_code_are_its_own() -> None:
    """S0-19: 10000 functions, 10000 versions, none of them 0."""
    functions = [new_function() for _ in range(100)]
    source = "".join(f"def f{number}(x):\n    return x\n" for number in range(9900))
    names = support.loaded(source)
    functions += [names[f"f{number}"] for number in range(9900)]
    numbers = {version(function) for function in functions}
    assert len(numbers) == len(functions)
    assert 0 not in numbers


def test_code_without_locals_of_its_own_has_none() -> None:
    """S0-19, S0-26: what is never pushed needs no version."""
    code = compile("x = 1", "<program>", "exec")
    assert version(FunctionType(code, {})) == 0


CALLS = """
def one(x):
    return [x]
def f(g, x=1):
    return g(x)
"""


@pytest.mark.parametrize(
    "change",
    [
        "one.__code__ = (lambda x: ['new', x]).__code__",
        "one.__defaults__ = (5,)",
        "one.__kwdefaults__ = {'k': 1}",
    ],
)
def test_assigned_parts_are_seen_by_the_next_call(change: str) -> None:
    """S0-20: whether or not the assignment makes the site miss."""
    results = []
    for side in (support.plain_host, support.hot_engine):
        program = life.Program(Case("CALL_PY_EXACT_ARGS", CALLS, ""))
        with side():
            for _ in range(life.PASSED + 1 + life.HITS):
                program.seen("f(one)")
            program.change(change)
            results.append([program.seen("f(one)"), program.seen("f(one, 2)")])
    assert results[0] == results[1]


def test_the_last_versions_of_code(versions: Any) -> None:
    """S0-43: no version is given twice, and after the last there are none for good."""
    versions(code_version=LAST - 1)
    assert [version(new_function()) for _ in range(4)] == [LAST - 1, LAST, 0, 0]


def test_the_last_versions_of_code_in_many_threads(versions: Any) -> None:
    """S0-43: nor when threads take them at once (under the lock, on this build)."""
    left, each = 100, 10
    versions(code_version=LAST - left + 1)
    functions = [new_function() for _ in range(THREADS * each)]
    barrier = threading.Barrier(THREADS)
    numbers: list[int] = []

    def take(mine: list[FunctionType]) -> None:
        barrier.wait()
        numbers.extend([version(function) for function in mine])

    threads = [
        threading.Thread(target=take, args=(functions[first::THREADS],))
        for first in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [number for number in numbers if number]
    assert sorted(given) == list(range(LAST - left + 1, LAST + 1))
    assert len(numbers) == len(functions)


def check_backoff(program: life.Program, call: str, family: str, reason: str) -> None:
    """Asserts that a site stays generic, waits longer each time, and is right."""
    with support.plain_host():
        expected = life.Program(program.case).seen(call)
    for _ in range(life.PASSED):
        assert program.seen(call) == expected
    for failures in range(1, 5):
        before = life.refused(reason)
        assert program.seen(call) == expected
        assert (program.site().opname, program.counter()) == (
            family,
            life.restarted(times=failures),
        )
        assert life.refused(reason) > before
        wait = 2 ** (config.COUNTER_STARTS["WARMUP"][1] + failures) - 1
        for _ in range(wait):
            assert program.seen(call) == expected
        assert program.site().opname == family


def test_no_version_of_code(versions: Any) -> None:
    """S0-44: a call of code without a version stays generic, and works."""
    program = life.Program(Case("CALL_PY_EXACT_ARGS", CALLS, ""))
    versions(code_version=0)
    with support.hot_engine():
        check_backoff(program, "f(one)", "CALL", "no_version")


#: Sites whose form needs a version of keys.
KEYED = {
    "LOAD_GLOBAL_MODULE": (NAMESPACE.replace("{0}", "{'n': 1}"), "f()"),
    "LOAD_ATTR_METHOD_WITH_VALUES": (CHAIN, "f(c)"),
    "LOAD_ATTR_MODULE": (
        "import types\nm = types.ModuleType('m')\nm.x = 1\ndef f(o):\n    return o.x\n",
        "f(m)",
    ),
}


@pytest.mark.parametrize("form", KEYED)
def test_no_version_of_keys(form: str, versions: Any) -> None:
    """S0-44: nor is there one without versions of keys."""
    source, call = KEYED[form]
    program = life.Program(Case(form, source, ""))
    versions(keys_version=0)
    with support.hot_engine():
        check_backoff(program, call, isa.BY_NUMBER[isa.NUMBER[form]].base, "no_version")


def test_a_version_of_keys_that_is_too_large(versions: Any) -> None:
    """S2-44: LOAD_GLOBAL's cells have 16 bits for it."""
    source, call = KEYED["LOAD_GLOBAL_MODULE"]
    program = life.Program(Case("LOAD_GLOBAL_MODULE", source, ""))
    versions(keys_version=2**20)
    with support.hot_engine():
        check_backoff(program, call, "LOAD_GLOBAL", "out_of_range")


def test_the_last_versions_of_keys(versions: Any) -> None:
    """S0-43: the last one is used, and none comes after it."""
    source, call = KEYED["LOAD_GLOBAL_MODULE"]
    versions(keys_version=LAST)
    names = []
    with support.hot_engine():
        for _ in range(3):
            program = life.Program(Case("LOAD_GLOBAL_MODULE", source, ""))
            for _ in range(life.PASSED + 1):
                program.seen(call)
            names.append(program.site().opname)
    assert names == ["LOAD_GLOBAL_MODULE", "LOAD_GLOBAL", "LOAD_GLOBAL"]


# -- what a form saves


def test_a_method_is_called_without_a_bound_method() -> None:
    """S0-14: no bound method refers to the function while it runs, in any form."""
    source = """
import gc, types
class C:
    def m(self):
        return [type(o) for o in gc.get_referrers(C.m) if type(o) is types.MethodType]
def f(o):
    return o.m()
def g(o):
    bound = o.m
    return bound()
c = C()
"""
    names = support.loaded(source)
    with support.hot_engine():
        assert names["g"](names["c"]), "a bound method is not found by this test"
        for _ in range(life.PASSED + 1 + life.HITS):
            assert names["f"](names["c"]) == []
        shown = [row.opname for row in dis.instructions(adaptive.code(names["f"]))]
        assert "LOAD_ATTR_METHOD_WITH_VALUES" in shown


def test_exact_arguments_make_no_bundle() -> None:
    """S0-23: a call allocates no block before the callee runs.

    So many arguments that the tuple of the call to compare with is a new one.
    """
    names = ", ".join(f"a{number}" for number in range(30))
    given = ", ".join(map(str, range(30)))
    source = f"""
from sys import getallocatedblocks as blocks
def inside({names}):
    return blocks()
def bundled(*a):
    return blocks()
def direct():
    before = blocks()
    return blocks() - before
def exact():
    before = blocks()
    return inside({given}) - before
def general():
    before = blocks()
    return bundled({given}) - before
"""
    functions = support.loaded(source)
    with support.hot_engine():
        used = {
            name: min(functions[name]() for _ in range(50))
            for name in ("direct", "exact", "general")
        }
        code = adaptive.code(functions["exact"])
        assert "CALL_PY_EXACT_ARGS" in [row.opname for row in dis.instructions(code)]
    assert used["exact"] == used["direct"] < used["general"]


def test_ten_thousand_calls_do_not_miss() -> None:
    """S0-21: the counter stands where the commitment put it."""
    program = life.Program(Case("CALL_PY_EXACT_ARGS", CALLS, ""))
    f, one = program.names["f"], program.names["one"]
    with support.hot_engine():
        for number in range(10000):
            assert f(one, number) == [number]
        assert program.site().opname == "CALL_PY_EXACT_ARGS"
        assert program.counter() == life.COOLED
