"""From a counter that triggers to a form: one path for all families.

The schedule, lost races, rules that fail or name the wrong form, and threads.
"""

from __future__ import annotations

import ast
import re
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import pytest
import support
from families import life
from families.life import Case

import adaptive
from adaptive import config, dis, isa, reasons
from adaptive._cache import CodeUnits, make_counter
from adaptive.lowering import lower

EXECUTIONS = 130
THREADS = 8
LONGEST_WAIT = 2**config.COUNTER_MAX_BACKOFF
ROUNDS = 200
#: Reasons that these tests see counted.
REASONS = ("family_off", "rule_failed", "other_instruction", "polymorphic")

FUSED = {row.name for row in isa.FUSED.values()}
NO_FORM = reasons.BY_NAME["no_form_for_types"]


def first_case(family: str) -> Case:
    """A case of the family; its `hit` runs the site once per call."""
    cases: list[Case] = life.every("CASES")
    return next(
        case._replace(others=())
        for case in cases
        if case.family == family and case.form not in FUSED
    )


def hit(case: Case) -> str:
    """The call that runs the case's site once."""
    return case.call.format(case.hit)


def schedule(executions: int) -> list[int]:
    """Which executions attempt if every attempt fails, from config's numbers."""
    value, backoff = config.COUNTER_STARTS["WARMUP"]
    attempts = [value + 1]
    while attempts[-1] <= executions:
        backoff = min(backoff + 1, config.COUNTER_MAX_BACKOFF)
        attempts.append(attempts[-1] + 2**backoff)
    return attempts[:-1]


class Watching(adaptive.Policy):
    """Notes when a site is asked about, and answers what it is told to."""

    def __init__(self, program: life.Program, answer: Callable[[Any], Any]) -> None:
        super().__init__()
        self.program = program
        self.answer = answer
        self.asked: list[int] = []
        self.now = 0

    def choose(self, site: Any) -> Any:
        """The answer for the watched site, the package's rule for all others."""
        watched = self.program.site()
        here = site.code is self.program.holder.__code__ and site.unit == watched.unit
        if not here:
            return super().choose(site)
        self.asked.append(self.now)
        return self.answer(site)


@pytest.mark.parametrize("family", isa.FAMILIES)
def test_schedule(family: str) -> None:
    """S1-08, S1-09, S1-11, S2-10: failures are as far apart in all families."""
    case = first_case(family)
    program = life.Program(case)
    policy = Watching(program, lambda site: NO_FORM)
    expected = schedule(EXECUTIONS)
    value, backoff = config.COUNTER_STARTS["WARMUP"]
    with life.ruled(policy):
        for number in range(1, EXECUTIONS + 1):
            policy.now = number
            program.seen(hit(case))
            if number in expected:
                backoff = min(backoff + 1, config.COUNTER_MAX_BACKOFF)
                value = 2**backoff - 1
            else:
                value -= 1
            assert program.site().opname == family
            assert program.counter() == make_counter(value, backoff)
    assert policy.asked == expected
    assert len(expected) > 4


@pytest.mark.parametrize("family", isa.FAMILIES)
def test_counters_begin_at_the_first_resume(family: str) -> None:
    """S0-27, S0-29, S2-33: cells are 0 before the first call, and begun after it.

    Everything decodes at the same units before and after.
    """
    case = first_case(family)
    program = life.Program(case)
    with support.hot_engine():
        code = adaptive.code(program.holder)
        before = list(dis.instructions(code))
        assert all(not any(row.caches.values()) for row in before)
        program.seen(hit(case))
        after = list(dis.instructions(code))
    assert [row.unit for row in after] == [row.unit for row in before]
    counted = [row for row in after if "counter" in row.caches]
    assert counted
    backoff = config.COUNTER_STARTS["WARMUP"][1]
    assert all(row.caches["counter"] & 15 == backoff for row in counted)


@pytest.mark.parametrize("family", isa.FAMILIES)
def test_a_family_that_is_off(family: str) -> None:
    """S1-11: its sites stay generic for this reason, all others specialize."""
    case = first_case(family)
    program = life.Program(case)
    policy = adaptive.Policy()
    policy.families = policy.families - {family}
    with life.ruled(policy):
        adaptive.reset_counters()
        for _ in range(EXECUTIONS):
            program.seen(hit(case))
        counted = adaptive.counters()
        assert program.site().opname == family
    assert counted["refused"]["family_off"] >= len(schedule(EXECUTIONS))
    made = {isa.BY_NUMBER[isa.NUMBER[name]].base for name in counted["specialized"]}
    assert family not in made


def test_a_site_of_many_types() -> None:
    """S1-11, S2-11: after so many changes in a row it stays base, for the longest wait.

    Until then each change is counted above the cool-down's backoff.
    """
    source = "def f(a, b):\n    return a + b\n"
    program = life.Program(Case("BINARY_OP_ADD_INT", source, "1, 2"))
    kinds = [("INT", "f(1, 2)"), ("FLOAT", "f(1.5, 2.5)"), ("UNICODE", "f('a', 'b')")]
    with support.hot_engine():
        for _ in range(life.PASSED):
            program.seen("f(1, 2)")
        for change in range(config.MOST_CHANGES + 1):
            form, call = kinds[change % len(kinds)]
            if change:
                for _ in range(life.TOLERATED):
                    program.seen(call)
            program.seen(call)
            assert program.site().opname == f"BINARY_OP_ADD_{form}"
            assert program.counter() == life.changed(change)
        _, call = kinds[(config.MOST_CHANGES + 1) % len(kinds)]
        for _ in range(life.TOLERATED):
            program.seen(call)
        before = life.refused("polymorphic")
        program.seen(call)
        assert life.refused("polymorphic") == before + 1
        assert program.site().opname == "BINARY_OP"
        assert program.counter() == make_counter(
            LONGEST_WAIT - 1, config.COUNTER_MAX_BACKOFF
        )


#: One keeps the value in itself, the other in the class.
TWO_CLASSES = """
class A:
    x = 1
class B:
    def __init__(self):
        self.x = 2
def f(a):
    return a.x
"""

TWO_FUNCTIONS = """
from types import MethodType
def g(x):
    return 1, x
def h(x):
    return 2, x
def k(x, y, z=3):
    return x, y, z
def m(x, *y):
    return x, y
def f(a):
"""
FIRST = "def f(a):\n    for b in a:\n        return b\n"


def changing(calls: Sequence[str]) -> Iterator[str]:
    """The calls in turn, each for long enough to take the last one's form away.

    After them the site has a form for all, if there is one.
    """
    for change in range(config.MOST_CHANGES + 2):
        yield from repeat(calls[change % len(calls)], life.TOLERATED + 2)


@pytest.mark.parametrize(
    ("form", "source", "calls"),
    [
        ("BINARY_OP_EXTEND", "def f(a, b):\n    return a * b\n", ("2, 3", "2.5, 0.5")),
        ("COMPARE_OP_NUMBER", "def f(a, b):\n    return a < b\n", ("2, 3", "2.5, 0.5")),
        (
            "LOAD_ATTR_SHARED_CACHE",
            TWO_CLASSES,
            ("A()", "B()"),
        ),
        ("CALL_PY_EXACT_ARGS", f"{TWO_FUNCTIONS}    return a(5)\n", ("g", "h")),
        ("CALL_PY_GENERAL", f"{TWO_FUNCTIONS}    return a(5, 6)\n", ("k", "m")),
        (
            "CALL_BOUND_METHOD_EXACT_ARGS",
            f"{TWO_FUNCTIONS}    return a()\n",
            ("MethodType(g, 7)", "MethodType(h, 7)"),
        ),
        ("FOR_ITER_BUILTIN", FIRST, ("[1, 2]", "(3, 4)")),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isupper() else "",
)
def test_a_form_for_many_types(form: str, source: str, calls: tuple[str, ...]) -> None:
    """S1-11: where a form takes them all, the site that keeps changing gets that."""
    program = life.Program(Case(form, source, calls[0]))
    results = {call: program.seen(f"f({call})") for call in calls}
    with support.hot_engine():
        for call in changing(calls):
            assert program.seen(f"f({call})") == results[call]
        assert program.site().opname == form
        counter = program.counter()
        for call in calls * life.HITS:
            assert program.seen(f"f({call})") == results[call]
        assert (program.site().opname, program.counter()) == (form, counter)


UNLIKE = """
from types import FunctionType
def k(x=3):
    return x
def m(*y):
    return y
def cold(x=4):
    return x
whole = FunctionType(compile("name", "<whole>", "eval"), {"name": 5})
def f(a):
    return a()
"""


def test_any_code_must_be_ready() -> None:
    """S1-11: the form for many functions leaves code that it cannot enter to the base.

    One is a whole module's code, whose locals are its globals; one is not warm yet.
    """
    program = life.Program(Case("CALL_PY_GENERAL", UNLIKE, "k"))
    with support.plain_host():
        expected = [program.seen(f"f({name})") for name in ("whole", "cold")]
    with support.hot_engine():
        for call in changing("km"):
            program.seen(f"f({call})")
        site = program.site()
        assert (site.opname, site.caches["function_version"]) == ("CALL_PY_GENERAL", 0)
        assert [program.seen("f(whole)") for _ in range(3)] == expected[:1] * 3
    with adaptive.enabled(100):
        assert [program.seen("cold()"), program.seen("f(cold)")] == [expected[1]] * 2
    assert program.site().opname == "CALL_PY_GENERAL"


DYING = """
from types import FunctionType
def k(x=3):
    return x
def m(*y):
    return y
def dying():
    return "of many"
def made(i):
    return FunctionType(dying.__code__.replace(co_consts=(None, i)), {})
def f(a):
    return a()
def called(i):
    a = made(i)
    return f(a), f(a), f(a)
"""


def test_callees_that_die_are_forgotten() -> None:
    """S1-11: code at the address of code that has died is not taken for that."""
    program = life.Program(Case("CALL_PY_GENERAL", DYING, "k"))
    with support.plain_host():
        expected = [program.seen(f"called({i})") for i in range(100)]
    with support.hot_engine():
        for call in changing("km"):
            program.seen(f"f({call})")
        assert program.site().caches["function_version"] == 0
        assert [program.seen(f"called({i})") for i in range(100)] == expected


# -- races that are lost


def other_form(case: Case) -> isa.Instruction:
    """A form of the same family that the case does not get."""
    forms = [row for row in isa.FORMS[case.family] if row.name != case.form]
    return forms[-1] if forms else isa.BY_NUMBER[isa.NUMBER[case.form]]


@pytest.mark.parametrize("family", isa.FAMILIES)
def test_a_lost_race(family: str) -> None:
    """S1-02, S1-09, S1-14, S1-25: what came into the slot meanwhile stays.

    The counter stays too, no cell is filled, and the execution that tried is finished
    by the base.
    """
    case = first_case(family)
    program = life.Program(case)
    wanted, other = isa.BY_NUMBER[isa.NUMBER[case.form]], other_form(case)
    base = isa.NUMBER[family]

    def lose(site: Any) -> isa.Instruction:
        assert site.units.compare_exchange_op(site.unit, base, other.number)
        return wanted

    with support.plain_host():
        expected = life.Program(case).seen(hit(case))
    with life.ruled(Watching(program, lose)):
        for _ in range(life.PASSED):
            program.seen(hit(case))
        counter = program.counter()
        assert program.seen(hit(case)) == expected
        site = program.site()
        assert (site.opname, program.counter()) == (other.name, counter)
        assert life.data_of(site) <= {0}
        # No execution may see this slot, whose cells were never filled.
        units = adaptive.code(program.holder).units
        assert units.deoptimize_at(site.unit)


@pytest.mark.parametrize("family", isa.FAMILIES)
def test_a_slot_that_is_not_as_expected_is_left_alone(family: str) -> None:
    """S1-02, S1-10: compare_exchange_op and deoptimize_at on a live site."""
    case = first_case(family)
    program = life.Program(case)
    form, base = isa.NUMBER[case.form], isa.NUMBER[family]
    with support.hot_engine():
        for _ in range(life.PASSED + 1):
            program.seen(hit(case))
        site = program.site()
        units = adaptive.code(program.holder).units
        assert not units.compare_exchange_op(site.unit, base, other_form(case).number)
        assert units.read_op(site.unit) == form
        assert program.counter() == life.COOLED
        assert units.deoptimize_at(site.unit)
        assert (program.site().opname, program.counter()) == (family, life.FRESH)
        assert life.data_of(program.site()) <= {0}
        for _ in range(life.PASSED + 1):
            program.seen(hit(case))
        assert program.site().opname == case.form


# -- rules that fail, or lie


@pytest.mark.parametrize("error", [ValueError, RecursionError, MemoryError])
def test_a_rule_that_raises(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """S1-09: it is reported where nobody can catch it, and the site waits longer."""
    case = first_case("COMPARE_OP")
    program = life.Program(case)
    shown: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", shown.append)

    def fail(site: Any) -> None:
        raise error("no form today")

    with support.plain_host():
        expected = life.Program(case).seen(hit(case))
    with life.ruled(Watching(program, fail)):
        program.seen(hit(case))
        before = life.refused("rule_failed")
        assert program.seen(hit(case)) == expected
        assert life.refused("rule_failed") == before + 1
        assert (program.site().opname, program.counter()) == (
            case.family,
            life.restarted(),
        )
        assert program.seen(hit(case)) == expected
    assert len(shown) <= 1


DEEP = """
class C:
    x = 1
c = C()
def leaf(o):
    return o.x + 1
def f(n):
    return leaf(c) if n == 0 else f(n - 1)
"""


def test_a_rule_near_the_recursion_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """S1-09: what a rule cannot do there is nothing that the program did wrong."""
    shown: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", shown.append)
    with support.hot_engine():
        for less in range(1, 40):
            names = support.loaded(DEEP)
            for _ in range(life.PASSED + 2):
                with suppress(RecursionError):
                    names["f"](sys.getrecursionlimit() - less - 30)
    assert shown == []


@pytest.mark.parametrize("answer", [None, 5, "BINARY_OP_ADD_INT", object()])
@pytest.mark.filterwarnings("ignore")
def test_a_rule_that_returns_nonsense(answer: object) -> None:
    """S1-09: no form and no reason is an error of the rule's."""
    case = first_case("COMPARE_OP")
    program = life.Program(case)
    with life.ruled(Watching(program, lambda site: answer)):
        program.seen(hit(case))
        before = life.refused("rule_failed")
        program.seen(hit(case))
        assert life.refused("rule_failed") == before + 1
        assert program.site().opname == case.family


LIES = [
    (family, form.name)
    for family in isa.FAMILIES
    for form in isa.FORMS[family]
    if form.is_adaptive
]


@pytest.mark.parametrize(("family", "form"), LIES)
def test_whatever_a_rule_says(family: str, form: str) -> None:
    """S1-13: a form that is named for every site of its family changes no result."""
    lie = isa.BY_NUMBER[isa.NUMBER[form]]
    programs: dict[str, Case] = {}
    for case in life.every("CASES"):
        if case.family == family and case.form not in FUSED:
            programs.setdefault(case.source, case)
    for case in programs.values():
        steps = [*dict.fromkeys(case.steps())] * 2
        sides = []
        for side in (support.plain_host, lambda: life.ruled(life.Naming(family, lie))):
            program = life.Program(case)
            with side():
                shown = [program.seen(step) for step in steps]
                program.change(case.change)
                sides.append(shown + [program.seen(step) for step in steps])
        assert sides[1] == sides[0]


OTHERS = """
class C:
    def __getitem__(self, key):
        return None
def f():
    C()[42]
def g(record, calls):
    for i in range(40):
        if i == 20:
            record(calls)
        f()
"""


def test_a_rule_is_not_asked_under_another_hook() -> None:
    """S1-09: another tool's hook is told of the program's frames, not of the rules'."""
    internal = pytest.importorskip("_testinternalcapi")
    sides = []
    for side in (support.plain_host, support.hot_engine):
        names, calls = support.loaded(OTHERS), []
        with side():
            try:
                names["g"](internal.set_eval_frame_record, calls)
            finally:
                internal.set_eval_frame_default()
                adaptive.disable()
        sides.append(calls)
    assert sides[1] == sides[0] == ["f", "__getitem__"] * 20


def test_a_rule_is_not_asked_while_one_runs() -> None:
    """S1-25: what the rule itself runs is not specialized, and asks nobody."""
    case = first_case("BINARY_OP")
    program = life.Program(case)
    depth = [0]

    def nested(site: Any) -> Any:
        depth[0] += 1
        assert depth[0] == 1
        for _ in range(life.PASSED + 1):
            program.names["f"](1, 2)
        depth[0] -= 1
        return NO_FORM

    with life.ruled(Watching(program, nested)):
        for _ in range(life.PASSED + 1):
            program.seen(hit(case))
        assert program.site().opname == "BINARY_OP"


def test_a_site_is_over_when_its_rule_has_returned() -> None:
    """S2-52: nothing that was asked about can be asked later."""
    kept: list[Any] = []
    case = first_case("CALL")
    program = life.Program(case)

    def keep(site: Any) -> Any:
        kept.append(site)
        return NO_FORM

    with life.ruled(Watching(program, keep)):
        for _ in range(life.PASSED + 1):
            program.seen(hit(case))
    (site,) = kept
    questions = [name for name in dir(type(site)) if not name.startswith("_")]
    raised = []
    for name in questions:
        try:
            value = getattr(site, name)
            if callable(value):
                value(1)
        except ValueError:
            raised.append(name)
    assert set(questions) - set(raised) == {"family", "oparg"}
    with pytest.raises(ValueError, match="rule has returned"):
        site.types(1)


# -- threads


def in_threads(work: Callable[[int], None], count: int = THREADS) -> None:
    """Runs the work in threads that begin together; raises what one of them raised."""
    barrier = threading.Barrier(count)
    failed: list[BaseException] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def test_the_original_bytes_while_threads_specialize() -> None:
    """S1-06: they are the same at any moment."""
    source = "def f(a, b):\n    return a + b, a < b, [a][0], str(a)\n"
    with support.hot_engine():
        for _ in range(ROUNDS // 10):
            f = support.function(source)
            code = adaptive.code(f)
            original = lower(f.__code__).units

            def work(
                number: int, f: Any = f, code: Any = code, same: Any = original
            ) -> None:
                for count in range(20):
                    if number % 2:
                        f(*((1, 2) if count % 3 else (1.5, 2.5)))
                    assert code.co_code == same

            in_threads(work)


def test_code_is_quickened_once() -> None:
    """S0-28, S1-26: by threads that call it first at once, and counters have begun."""
    for _ in range(ROUNDS // 10):
        f = support.function("def f(a):\n    return a + 1\n")
        adaptive.code(f)
        with support.hot_engine():
            before = adaptive.counters()["quickened"]

            def work(number: int, f: Any = f) -> None:
                assert f(number) == number + 1

            in_threads(work)
            rows = list(dis.instructions(adaptive.code(f)))
            after = adaptive.counters()["quickened"]
        assert "RESUME_CHECK" in [row.opname for row in rows]
        assert all(row.caches["counter"] for row in rows if "counter" in row.caches)
        assert after > before


GLOBALS = """
value = 0
def f():
    return value, len
def write(count):
    names = globals()
    for number in range(count):
        names["value"] = number
        names[f"new{number}"] = number
        if number % 2:
            del names[f"new{number}"]
"""


def test_globals_are_read_while_they_are_written() -> None:
    """S1-20: a reader sees values in the order in which they were written."""
    names = support.loaded(GLOBALS)

    def work(number: int) -> None:
        if number == 0:
            names["write"](ROUNDS * 10)
            return
        seen = 0
        for _ in range(ROUNDS * 10):
            value, found = names["f"]()
            assert value >= seen
            assert found is len
            seen = value

    with support.hot_engine():
        in_threads(work)


CLASSES = """
class A:
    x = 0
    def m(self):
        return 0
class B(A):
    pass
b = B()
def f():
    return b.x, b.m(), B.x
"""


def test_no_stale_value_is_seen_after_a_join() -> None:
    """S1-21, S1-24: a class changes under readers; who starts after sees the change."""
    names = support.loaded(CLASSES)
    a, f = names["A"], names["f"]
    with support.hot_engine():
        for number in range(1, ROUNDS):

            def work(thread: int, number: int = number) -> None:
                if thread == 0:
                    a.x = number
                    a.m = lambda self: number
                for _ in range(5):
                    assert all(value in (number - 1, number) for value in f())

            in_threads(work, 4)
            assert f() == (number, number, number)


# -- what is quickened, and the sources


def test_quickening_changes_counters_only() -> None:
    """S0-42, S2-33: opcodes, arguments and other cells of the library's code stay.

    The nearest check to a sanitizer's that runs on every build: twice the same bytes.
    """
    root = Path(sysconfig.get_path("stdlib"))
    for path in islice(sorted(root.glob("*.py")), 0, None, 8):
        pending = [compile(path.read_bytes(), str(path), "exec", dont_inherit=True)]
        while pending:
            code = pending.pop()
            pending += [const for const in code.co_consts if hasattr(const, "co_code")]
            lowered = lower(code)
            units = CodeUnits(lowered.units, lowered.host_offsets)
            units.quicken()
            once = bytes(units)
            units.quicken()
            assert bytes(units) == once
            assert units.original_bytes() == lowered.units


def imported(node: ast.AST) -> list[str]:
    """The names that an import statement binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    return []


def test_no_name_is_imported_twice() -> None:
    """S0-46: at the top of any module of the package."""
    for path in (support.ROOT / "adaptive").rglob("*.py"):
        body = ast.parse(path.read_text("utf-8")).body
        names = [name for node in body for name in imported(node)]
        assert len(names) == len(set(names)), path


def test_the_build_pins_every_cache() -> None:
    """S2-17: a cell that moved, or a cache of another width, fails the build."""
    text = (support.ROOT / "adaptive" / "_cache.pyx").read_text("utf-8")
    pinned = set(re.findall(r"static_assert_\(ops\.(\w+) == (\d+)\)", text))
    for family in isa.FAMILIES:
        row = isa.BY_NUMBER[isa.NUMBER[family]]
        assert (f"{family}_CACHE", str(row.cache_units)) in pinned
        for field in row.cache[1:]:
            cell = (f"{family}_{field.name.upper()}_CELL", str(field.offset_units + 1))
            assert cell in pinned
