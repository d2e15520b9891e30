"""`adaptive.Policy`: what it decides, what it may not do, and what it cannot spoil."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import support

import adaptive
from adaptive import _cache, config, isa, reasons, specializer
from adaptive.families import form, refusal

ADD = "def f(a, b):\n    return a + b\n"
SUBTRACT = "def f(a, b):\n    return a - b\n"
#: Counters that let nothing pass.
AT_ONCE = config.AT_ONCE


@contextmanager
def in_force(policy: adaptive.Policy) -> Iterator[None]:
    """The policy decides in the block, about functions that are marked in it."""
    adaptive.enable(config.MAX_THRESHOLD, policy=policy)
    adaptive.disable()
    adaptive.reset_counters()
    try:
        yield
    finally:
        adaptive.disable()
        adaptive.enable(config.MAX_THRESHOLD, policy=adaptive.Policy())
        adaptive.disable()


def marked(source: str, **names: Any) -> Any:
    """A new function that runs on the engine from its first call on."""
    return adaptive.specialize(support.function(source, **names))


def with_rule(rule: Any, family: str = "BINARY_OP", **attributes: Any) -> Any:
    """A policy with one rule of its own."""
    return type("Own", (adaptive.Policy,), {"rules": {family: rule}, **attributes})()


def opnames(f: Any) -> list[str]:
    """The names of a function's instructions as they stand now."""
    units = adaptive.code(f).units
    found = []
    unit = 0
    while unit < len(units):
        op = units.read_op(unit)
        found.append(isa.BY_NUMBER[op].name)
        unit += 1 + isa.CACHE_UNITS[op]
    return found


def specialized() -> dict[str, int]:
    """How often each form was given since the policy is in force."""
    counts: dict[str, int] = adaptive.counters()["specialized"]
    return counts


def refused() -> dict[str, int]:
    """How often a form was refused since then, by reason."""
    counts: dict[str, int] = adaptive.counters()["refused"]
    return counts


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What sys.unraisablehook is given."""
    caught: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", caught.append)
    return caught


# -- what the default does


def test_default() -> None:
    with in_force(adaptive.Policy()):
        f = marked(ADD)
        assert [f(2, 3) for _ in range(3)] == [5, 5, 5]
        assert specialized() == {"BINARY_OP_ADD_INT": 1}
        assert "BINARY_OP_ADD_INT" in opnames(f)


def test_defaults_are_the_declared_ones() -> None:
    policy = adaptive.Policy()
    assert policy.warmup == config.COUNTER_STARTS["WARMUP"]
    assert policy.cooldown == config.COUNTER_STARTS["COOLDOWN"]
    assert policy.families == frozenset(isa.FAMILIES)
    assert policy.threshold is None
    assert policy.fuse is True
    assert policy.prepare() == (_cache.WARMUP, _cache.COOLDOWN)
    for family in isa.FAMILIES:
        assert policy.rule(family) is specializer.default_rule(family)


@pytest.mark.parametrize("name", ["RESUME", "JUMP_BACKWARD", "NOP", "binary_op", ""])
def test_only_families_have_rules(name: str) -> None:
    with pytest.raises(KeyError, match="no family"):
        specializer.default_rule(name)
    with pytest.raises(KeyError, match="no family"):
        adaptive.Policy().rule(name)


def test_rules_are_loaded_beforehand() -> None:
    """An import inside a rule could run in the middle of an import of the program's."""
    done = support.python(
        "-c",
        "import adaptive, sys\n"
        "adaptive.enable(0)\n"
        "print(*sorted(name for name in sys.modules if '.families.' in name))\n",
    )
    expected = sorted(f"adaptive.families.{name.lower()}" for name in isa.FAMILIES)
    assert done.stdout.split() == expected, done.stderr


# -- families and fusing


def test_family_off() -> None:
    """The site is asked about, refused for that reason, and goes on as the base."""

    class NoOperators(adaptive.Policy):
        families = adaptive.Policy.families - {"BINARY_OP"}

    with in_force(NoOperators()):
        f = marked("def f(a, b):\n    return a + b, len([a])\n")
        assert [f(2, 3) for _ in range(9)] == [(5, 1)] * 9
        assert set(refused()) == {"family_off"}
        assert "BINARY_OP" in opnames(f)
        assert "CALL_LEN" in opnames(f)


def test_all_families_off() -> None:
    """S4-14: nothing is even attempted."""

    class Off(adaptive.Policy):
        families = frozenset()

    with in_force(Off()):
        f = marked("def f(a, b):\n    return a + b, len([a]), a in [b], a.real\n")
        for _ in range(9):
            f(2, 3)
        assert adaptive.counters()["attempts"] == 0
        assert not {row for row in opnames(f) if isa.NUMBER[row] in derived_forms()}


def derived_forms() -> set[int]:
    """The opcodes of all forms that a rule gives."""
    return {row.number for family in isa.FAMILIES for row in isa.FORMS[family]}


@pytest.mark.parametrize("fuse", [True, False])
def test_fuse(fuse: bool) -> None:
    policy = adaptive.Policy()
    policy.fuse = fuse
    fused = {row.name for row in isa.FUSED.values()}
    with in_force(policy):
        f = marked("def f(a, b):\n    c = a\n    d = b\n    return c, d\n")
        assert [f(1, 2) for _ in range(3)] == [(1, 2)] * 3
        assert bool(fused & set(opnames(f))) == fuse


# -- counters


@pytest.mark.parametrize("value", [0, 1, 2, 5, 40])
def test_warmup_is_honoured(value: int) -> None:
    """S2-10: exactly `value` executions pass before the first attempt."""
    asked: list[int] = []
    calls = 0

    def rule(site: Any) -> Any:
        asked.append(calls)
        return form("BINARY_OP_ADD_INT")

    with in_force(with_rule(rule, warmup=(value, 1))):
        f = marked(ADD)
        for calls in range(1, value + 10):
            assert f(calls, 1) == calls + 1
        assert asked == [value + 1]


@pytest.mark.parametrize("value", [0, 1, 7, 52])
def test_cooldown_is_honoured(value: int) -> None:
    """S2-11: exactly `value` misses pass before the next attempt; hits do not count."""
    asked: list[int] = []
    misses = 0

    def rule(site: Any) -> Any:
        asked.append(misses)
        return form("BINARY_OP_ADD_INT")

    with in_force(with_rule(rule, warmup=AT_ONCE, cooldown=(value, 0))):
        f = marked(ADD)
        f(1, 1)
        for misses in range(1, 2 * value + 3):
            assert f("a", "b") == "ab"
            assert f(1, misses) == 1 + misses
        assert asked == [0, value + 1, 2 * value + 2]


@pytest.mark.parametrize("warmup", [(0, 1), (0, 6), (3, 12)], ids=str)
@pytest.mark.parametrize("cooldown", [(5, 0), (5, 3), (5, 8)], ids=str)
def test_a_policys_backoff_is_no_history(
    warmup: tuple[int, int], cooldown: tuple[int, int]
) -> None:
    """A site whose counters begin with a large backoff has not changed its form yet."""
    policy = adaptive.Policy()
    policy.warmup, policy.cooldown = warmup, cooldown
    with in_force(policy):
        f = marked(ADD)
        for _ in range(warmup[0] + 1):
            f(1, 2)
        assert specialized() == {"BINARY_OP_ADD_INT": 1}
        for _ in range(cooldown[0] + 1):
            f(1.5, 2.5)
        assert refused() == {}
        assert specialized()["BINARY_OP_ADD_FLOAT"] == 1


@pytest.mark.parametrize("backoff", [0, 1, 3])
def test_refusals_back_off(backoff: int) -> None:
    """After each refusal the wait is the restarted counter's, longer every time."""
    asked: list[int] = []
    calls = 0

    def rule(site: Any) -> Any:
        asked.append(calls)
        return refusal("mixed_types")

    with in_force(with_rule(rule, warmup=(0, backoff))):
        f = marked(ADD)
        for calls in range(1, 200):
            assert f(calls, 1) == calls + 1
        assert set(refused()) == {"mixed_types"}
    expected = []
    execution, raw = 1, _cache.make_counter(0, backoff)
    while execution < 200:
        expected.append(execution)
        raw = _cache.restart_counter(raw)
        execution += _cache.split_counter(raw)[0] + 1
    assert asked == expected
    assert len(asked) >= 4


def test_a_policy_is_for_code_that_starts_under_it() -> None:
    """Counters of code that has run already stay; rules are the new one's at once."""

    class Refuses(adaptive.Policy):
        def choose(self, site: Any) -> Any:
            return refusal("mixed_types")

    with in_force(Refuses()):
        f = marked(ADD)
        f(1, 2), f(1, 2)
        assert refused() == {"mixed_types": 1}
        adaptive.disable()
        adaptive.enable(config.MAX_THRESHOLD, policy=adaptive.Policy())
        for _ in range(9):
            f(1, 2)
        assert specialized().get("BINARY_OP_ADD_INT") == 1


# -- threshold


def engine_frames(f: Callable[[], object]) -> int:
    """How many frames of a call the engine ran; nothing of ours is called between."""
    counters = adaptive._engine().counters
    before = counters()
    f()
    after = counters()
    return int(after["frames"]["engine"] - before["frames"]["engine"])


@pytest.mark.parametrize("threshold", [0, 3])
def test_threshold(threshold: int) -> None:
    """The policy's counts, unless one is given."""
    policy = adaptive.Policy()
    policy.threshold = threshold
    f = support.function("def f():\n    return 1\n")
    try:
        adaptive.enable(policy=policy)
        ran = [engine_frames(f) for _ in range(threshold + 2)]
        assert ran == [0] * threshold + [1, 1]
        f = support.function("def f():\n    return 1\n")
        adaptive.enable(config.MAX_THRESHOLD)
        assert engine_frames(f) == 0
    finally:
        adaptive.enable(config.MAX_THRESHOLD, policy=adaptive.Policy())
        adaptive.disable()


# -- policies that are none


@pytest.mark.parametrize(
    ("attributes", "error", "said"),
    [
        ({"warmup": (-1, 0)}, ValueError, r"warmup \(-1, 0\): counter: the value"),
        ({"warmup": (1 << 12, 0)}, ValueError, "warmup"),
        ({"cooldown": (0, 16)}, ValueError, r"cooldown \(0, 16\): counter: the back"),
        ({"cooldown": (0, -1)}, ValueError, "cooldown"),
        ({"warmup": 5}, TypeError, r"warmup must be \(value, backoff\), not 5"),
        ({"warmup": (1,)}, TypeError, "warmup"),
        ({"warmup": (1, 2, 3)}, TypeError, "warmup"),
        ({"cooldown": ("1", 2)}, TypeError, "cooldown"),
        ({"cooldown": (1.0, 2)}, TypeError, "cooldown"),
        ({"cooldown": "ab"}, TypeError, "cooldown"),
        ({"cooldown": None}, TypeError, "cooldown"),
        ({"threshold": -1}, ValueError, "threshold must be from 0"),
        ({"threshold": "4"}, TypeError, "threshold must be an int"),
        ({"families": {"CALL", "CAL"}}, ValueError, "no family is called 'CAL'"),
        ({"families": {"RESUME"}}, ValueError, "no family is called 'RESUME'"),
        ({"families": None}, TypeError, "NoneType"),
        ({"families": "CALL"}, ValueError, "no family is called 'A'"),
        ({"rules": {"CAL": len}}, ValueError, "no family is called 'CAL'"),
        ({"rules": {"CALL": 5}}, TypeError, "the rule for CALL must be callable"),
    ],
    ids=str,
)
def test_bad_policies(
    attributes: dict[str, Any], error: type[Exception], said: str
) -> None:
    """Refused as a whole: what was in force stays, and nothing is switched on."""
    rule_calls: list[str] = []

    def rule(site: Any) -> Any:
        rule_calls.append(site.family)
        return form("BINARY_OP_ADD_INT")

    bad = type("Bad", (adaptive.Policy,), attributes)()
    with in_force(with_rule(rule)):
        with pytest.raises(error, match=said) as caught:
            adaptive.enable(0, policy=bad)
        assert "\n" not in str(caught.value)
        assert not adaptive.is_enabled()
        f = marked(ADD)
        f(1, 2), f(1, 2)
        assert rule_calls == ["BINARY_OP"]


@pytest.mark.parametrize("bad", [3, "Policy", adaptive.Policy, object(), len])
def test_what_is_no_policy(bad: Any) -> None:
    with pytest.raises(TypeError, match=r"must be an adaptive\.Policy"):
        adaptive.enable(0, policy=bad)
    assert not adaptive.is_enabled()


def test_a_policy_need_not_call_our_init() -> None:
    class Own(adaptive.Policy):
        def __init__(self) -> None:
            self.asked = 0

        def choose(self, site: Any) -> Any:
            self.asked += 1
            return super().choose(site)

    policy = Own()
    with in_force(policy):
        f = marked(ADD)
        f(1, 2), f(1, 2)
        assert policy.asked == 1
        assert specialized() == {"BINARY_OP_ADD_INT": 1}


# -- rules


def test_replaced_rule() -> None:
    """It is asked for its family only, with a site that says what there is."""
    seen: list[Any] = []

    def rule(site: Any) -> Any:
        seen.append((site.family, site.operator, site.types(2), site.code, site.oparg))
        return refusal("no_form_for_types")

    with in_force(with_rule(rule)):
        f = marked("def f(a, b):\n    return a * b, len([a])\n")
        assert [f(2, 3.0), f(2, 3.0)] == [(6.0, 1)] * 2
        operator = isa.BINARY_OPERATORS.index("*")
        assert seen == [("BINARY_OP", "*", (int, float), f.__code__, operator)]
        assert refused() == {"no_form_for_types": 1}
        assert "CALL_LEN" in specialized()


RAISED = [ValueError("text"), SystemExit(3), GeneratorExit(), MemoryError()]


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_rule_that_raises(error: BaseException, unraisable: list[Any]) -> None:
    """Reported once per attempt; the program does not notice, and is tried again."""

    def rule(site: Any) -> Any:
        raise error

    with in_force(with_rule(rule, warmup=AT_ONCE)):
        f = marked(ADD)
        assert f(2, 3) == 5
        assert [report.exc_value for report in unraisable] == [error]
        (note,) = error.__notes__
        assert "rule for BINARY_OP" in note
        assert " f" in note
        assert refused() == {"rule_failed": 1}
        for _ in range(20):
            assert f(2, 3) == 5
        assert refused()["rule_failed"] == len(unraisable) > 1
        assert specialized() == {}
    error.__notes__.clear()
    unraisable.clear()


def test_rule_that_raises_while_the_program_handles_an_exception(
    unraisable: list[Any],
) -> None:
    """The exception that the program handles stays the one that it handles."""

    def rule(site: Any) -> Any:
        raise ValueError("of the rule")

    with in_force(with_rule(rule, warmup=AT_ONCE)):
        f = marked(
            """
            def f(a, b):
                try:
                    raise KeyError("own")
                except KeyError as error:
                    total = a + b
                    try:
                        raise
                    except KeyError as again:
                        return total, again is error, again.__context__
            """
        )
        assert f(2, 3) == (5, True, None)
        assert len(unraisable) == 1
    unraisable.clear()


def test_interrupt_inside_a_rule_is_the_programs(unraisable: list[Any]) -> None:
    def rule(site: Any) -> Any:
        raise KeyboardInterrupt

    with in_force(with_rule(rule, warmup=AT_ONCE)):
        f = marked("def f(a, b):\n    for _ in range(3):\n        a + b\n")
        with pytest.raises(KeyboardInterrupt):
            f(2, 3)
        assert refused()["rule_failed"] == 1
    assert not unraisable


class Named:
    """Looks a little like a reason."""

    name = "no_such_reason"


NONSENSE = [None, 3, "BINARY_OP_ADD_INT", object(), (), Named(), int, [1]]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda value: type(value).__name__)
def test_rule_that_returns_nonsense(nonsense: object, unraisable: list[Any]) -> None:
    with in_force(with_rule(lambda site: nonsense, warmup=AT_ONCE)):
        f = marked(ADD)
        assert f(2, 3) == 5
        assert refused() == {"rule_failed": 1}
        assert len(unraisable) == 1
        assert "BINARY_OP" in opnames(f)
    unraisable.clear()


@pytest.mark.parametrize(
    ("name", "source", "operands", "reason"),
    [
        ("COMPARE_OP_INT", ADD, (2, 3), "other_instruction"),
        ("BINARY_OP", ADD, (2, 3), "other_instruction"),
        ("RESUME_CHECK", ADD, (2, 3), "other_instruction"),
        ("LOAD_FAST_CHECK_LOAD_CONST", ADD, (2, 3), "other_instruction"),
        ("BINARY_OP_ADD_INT", SUBTRACT, (2, 3), "other_operator"),
        ("BINARY_OP_SUBTRACT_FLOAT", ADD, (2.0, 3.0), "other_operator"),
        ("BINARY_OP_ADD_UNICODE", SUBTRACT, (2, 3), "other_operator"),
        ("BINARY_OP_SUBSCR_DICT", ADD, (2, 3), "other_operator"),
        ("BINARY_OP_INPLACE_ADD_UNICODE", ADD, ("a", "b"), "not_the_same_local"),
        ("BINARY_OP_EXTEND", ADD, ("a", "b"), "no_form_for_types"),
    ],
)
def test_rule_that_names_a_wrong_form(
    name: str, source: str, operands: tuple[Any, ...], reason: str
) -> None:
    """Whatever it says, a form is committed only where it does what its base does."""
    plain = support.function(source)
    expected = plain(*operands)
    chosen = isa.BY_NUMBER[isa.NUMBER[name]]
    with in_force(with_rule(lambda site: chosen, warmup=AT_ONCE)):
        f = marked(source)
        assert [f(*operands) for _ in range(9)] == [expected] * 9
        assert specialized() == {}
        assert set(refused()) == {reason}
        assert "BINARY_OP" in opnames(f)


@pytest.mark.parametrize("number", [-1, 255, 256, 300, 1 << 16, 1 << 40])
def test_rule_that_forges_a_form(number: int, unraisable: list[Any]) -> None:
    """A row that is none of the table's is not believed."""
    forged = form("BINARY_OP_ADD_INT")._replace(number=number)
    with in_force(with_rule(lambda site: forged, warmup=AT_ONCE)):
        f = marked(ADD)
        assert [f(2, 3) for _ in range(9)] == [5] * 9
        assert specialized() == {}
        assert set(refused()) <= {"other_instruction", "rule_failed"}
        assert refused()
    unraisable.clear()


@pytest.mark.parametrize(
    "name",
    [
        row.name
        for row in isa.FORMS["BINARY_OP"]
        if "ADD" in row.name or row.name == "BINARY_OP_EXTEND"
    ],
)
@pytest.mark.parametrize("left", [2, 2.0, "a", [1], (1,), 1 << 70, True, None])
def test_forms_for_other_types_are_harmless(name: str, left: Any) -> None:
    """A form given where its guard fails misses, every time, and nothing is wrong."""
    chosen = isa.BY_NUMBER[isa.NUMBER[name]]
    plain = support.function(ADD)
    pairs = [(left, left), (left, 3), (left, "b"), (left, 2.5)]

    def shown(f: Any) -> list[str]:
        results = []
        for pair in pairs * 3:
            try:
                results.append(repr(f(*pair)))
            except TypeError as error:
                results.append(str(error))
        return results

    with in_force(with_rule(lambda site: chosen, warmup=AT_ONCE, cooldown=AT_ONCE)):
        assert shown(marked(ADD)) == shown(plain)


def test_another_opcode_in_the_slot_wins() -> None:
    """S3-04, S4-16: what came into the slot while the rule ran stays there."""
    other = form("BINARY_OP_ADD_FLOAT")

    def rule(site: Any) -> Any:
        base = isa.NUMBER["BINARY_OP"]
        assert site.units.compare_exchange_op(site.unit, base, other.number)
        return form("BINARY_OP_ADD_INT")

    with in_force(with_rule(rule, warmup=AT_ONCE)):
        f = marked(ADD)
        assert f(2, 3) == 5
        assert specialized() == refused() == {}
        assert other.name in opnames(f)
        assert f(2.0, 3.0) == 5.0


def test_rules_are_not_asked_inside_rules() -> None:
    """What a rule calls runs on the host, and specializes nothing."""
    asked: list[str] = []
    inner = support.function("def f(n):\n    return sum(i * i for i in range(n))\n")

    def rule(site: Any) -> Any:
        asked.append(site.family)
        assert inner(50) == 40425
        return form("BINARY_OP_ADD_INT")

    with in_force(with_rule(rule)):
        f = marked(ADD)
        adaptive.specialize(inner)
        f(1, 2), f(1, 2)
        assert asked == ["BINARY_OP"]
        assert adaptive.counters()["attempts"] == 1


def test_a_rule_may_switch_the_engine_off() -> None:
    def rule(site: Any) -> Any:
        adaptive.disable()
        return form("BINARY_OP_ADD_INT")

    with in_force(with_rule(rule, warmup=AT_ONCE)):
        f = marked("def f(a, b):\n    for _ in range(9): a + b\n    return a\n")
        assert f(2, 3) == 2
        assert not adaptive.is_enabled()


# -- sites


def facts() -> list[str]:
    """The names of everything that a site can be asked."""
    return [name for name in dir(adaptive._engine().Site) if not name.startswith("_")]


@pytest.mark.parametrize("made", ["kept", "new"])
def test_a_site_is_over_when_its_rule_is(made: str) -> None:
    """Every question raises ValueError then; its name and argument are just data."""
    kept: list[Any] = []

    def rule(site: Any) -> Any:
        kept.append(site)
        return form("BINARY_OP_ADD_INT")

    with in_force(with_rule(rule, warmup=AT_ONCE)):
        f = marked(ADD)
        f(1, 2)
    site = kept[0] if made == "kept" else type(kept[0])()
    if made == "kept":
        assert (site.family, site.oparg) == ("BINARY_OP", 0)
    questions = set(facts()) - {"family", "oparg"}
    assert len(questions) > 20
    for name in questions:
        ask = site.types if name == "types" else partial(getattr, site, name)
        with pytest.raises(ValueError, match="rule has returned"):
            ask(*[1] * (name == "types"))


@pytest.mark.parametrize("count", [0, -1, 4, 1 << 20])
def test_types_has_bounds(count: int, unraisable: list[Any]) -> None:
    caught: list[str] = []

    def rule(site: Any) -> Any:
        try:
            site.types(count)
        except ValueError as error:
            caught.append(str(error))
        return refusal("mixed_types")

    with in_force(with_rule(rule, warmup=AT_ONCE)):
        marked(ADD)(1, 2)
    (said,) = caught
    assert f" {count}" in said
    assert not unraisable


#: A site of every family, and a policy that asks all there is at each of them.
INQUISITIVE = """
import adaptive
from adaptive import families, isa

core = adaptive._engine()
questions = [name for name in dir(core.Site) if name[0] != "_" and name != "types"]
asked = set()

class Asks(adaptive.Policy):
    warmup = (0, 0)

    def choose(self, site):
        asked.add(site.family)
        for name in questions:
            try:
                getattr(site, name)
            except ValueError:
                pass
        for count in 1, 2, 3:
            try:
                site.types(count)
            except ValueError:
                pass
        return families.refusal("mixed_types")

class Point:
    def __init__(self, x=0):
        self.x = x

def keywords(*args, k=0):
    return args

def numbers():
    yield from iter([1, 2])

def f(a, unbound=None):
    del unbound
    len
    a + 1, [1][0], a // 1, a < 2, not [a], 1 in (1, 2), super
    table = {}
    table[1] = 2
    a, b = 1, 2
    point = Point(3)
    point.x = point.x
    keywords(1, 2, 3, 4, 5, 6, 7, 8, 9), keywords(k=1), str(1), [].append(1)
    a += 1
    a //= 1
    for _ in numbers():
        if a:
            len

adaptive.enable(0, policy=Asks())
f(1), f(1)
adaptive.disable()
print(sorted(asked) == sorted(isa.FAMILIES))
"""


def test_any_question_may_be_asked_anywhere() -> None:
    """What a site cannot say of its instruction is a ValueError, and no crash."""
    done = support.python("-c", INQUISITIVE)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


# -- policies in files


FILE = """
import adaptive

class Off(adaptive.Policy):
    families = frozenset()

class Bad(adaptive.Policy):
    warmup = (1, 99)
"""


def test_load_policy(tmp_path: Path) -> None:
    """FILE may hold colons; the class is behind the last one."""
    path = tmp_path / "a:b.py"
    path.write_text(FILE)
    policy = specializer.load_policy(f"{path}:Off")
    assert isinstance(policy, adaptive.Policy)
    assert type(policy).__name__ == "Off"
    for name, said in (
        ("None", "has no adaptive.Policy called None"),
        ("adaptive", "has no adaptive.Policy called adaptive"),
        ("Bad", "warmup"),
    ):
        with pytest.raises(ValueError, match=said) as caught:
            specializer.load_policy(f"{path}:{name}")
        assert "\n" not in str(caught.value)


PROGRAM = """
import adaptive
for _ in range(2):
    try:
        adaptive.enable(0)
    except ValueError as error:
        print(error)
def f(a, b):
    return a + b
for _ in range(9):
    f(1, 2)
adaptive.disable()
print(adaptive.is_enabled(), adaptive._loaded and adaptive.counters()["specialized"])
"""


@pytest.mark.parametrize("name", ["Off", "Bad"])
def test_policy_of_the_environment(name: str, tmp_path: Path) -> None:
    """It is in force from the start; a bad one is said each time, and nothing runs."""
    path = tmp_path / "policy.py"
    path.write_text(FILE)
    done = support.python("-c", PROGRAM, ADAPTIVE_POLICY=f"{path}:{name}")
    lines = done.stdout.splitlines()
    assert done.stderr == ""
    if name == "Off":
        assert lines == ["False {}"]
    else:
        assert len(lines) == 3
        assert lines[0] == lines[1]
        assert lines[0].startswith(f"policy {path}:Bad: ValueError: warmup (1, 99)")
        assert lines[2] == "False None"


def test_stress_specializes_at_once() -> None:
    """`--stress specialize` comes before the policy's counters; its rules stay."""
    program = (
        "import adaptive\n"
        "class Slow(adaptive.Policy):\n"
        "    warmup = cooldown = (4000, 12)\n"
        "    families = adaptive.Policy.families - {'CALL'}\n"
        "adaptive.enable(0, policy=Slow())\n"
        "def f(a, b):\n"
        "    return a + b, len([a])\n"
        "f(1, 2), f(1.0, 2.0), f('a', 'b')\n"
        "adaptive.disable()\n"
        "given = adaptive.counters()['specialized']\n"
        "print(*sorted(name for name in given if name[:4] in ('BINA', 'CALL')))\n"
    )
    done = support.python("-c", program, stress="specialize")
    expected = "BINARY_OP_ADD_FLOAT BINARY_OP_ADD_INT BINARY_OP_ADD_UNICODE\n"
    assert done.stdout == expected, done.stderr


def test_every_refusal_of_the_core_is_declared() -> None:
    """`family_off` and its like are the policy's; all are rows of kind refusal."""
    for name in ("family_off", "rule_failed", "other_instruction", "other_operator"):
        assert reasons.BY_NAME[name].kinds == (reasons.REFUSAL,)
