"""Fused instructions, and the two that are quickened without a counter.

A fused instruction does what stands behind it as well, also when that has a form of its
own; it must fail, miss, and be looked into just where the single ones would be.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
import support

import adaptive
from adaptive import dis, isa

from . import life
from .life import Case

TYPES = """
class C:
    general = [3]
    def __init__(self, x=1):
        self.x = x
    def __add__(self, other):
        return ["add", other]
    def __lt__(self, other):
        LOG.append("lt")
        return []
    def __setitem__(self, key, value):
        LOG.append((key, value))
    def __bool__(self):
        LOG.append("bool")
        return False
    def method(self, value):
        return [self.x, value]
class Bad:
    def __add__(self, other):
        raise KeyError(["add"])
    __lt__ = __setitem__ = __bool__ = __add__
    def __getattr__(self, name):
        raise KeyError([name])
    def __setattr__(self, name, value):
        raise KeyError([name])
class Slots:
    __slots__ = "slot", "unset"
    def __init__(self):
        self.slot = [4]
class Dies:
    def __del__(self):
        LOG.append("dies")
def keep(*values):
    return values
"""
VALUES = (
    *("1000", "1.5", "'text'", "[1, 2]", "(1,)", "{0: 5}", "None", "True", "C()"),
    *("Bad()", "2**70", "''", "[]", "Dies()", "0", "float('nan')"),
)
#: Both operands bound, one of them unbound, or both: `u` says which.
BOUND = ("", ", u=1", ", u=2", ", u=3")
#: Operands for subscripts, and for attributes of numbers.
FITTING = ("[5, 6], 1", "1, [5, 6]", "(1,), 0", "C(3), 2", "Slots(), 2")
INPUTS = (
    *(f"{value}, {value}" for value in VALUES),
    *FITTING,
    *(
        f"{left}, {right}{unbound}"
        for left, right in pairwise(VALUES)
        for unbound in BOUND
    ),
)


def program(body: str) -> str:
    """A function of `a` and `b`, either of which `u` may unbind."""
    lines = "".join(f"    {line}\n" for line in body.split("|"))
    unbinding = "    if u & 1: del a\n    if u & 2: del b\n"
    return f"{TYPES}\ndef f(a, b=0, u=0):\n{unbinding}{lines}"


LFC, CONST, STORE = "LOAD_FAST_CHECK", "LOAD_CONST", "STORE_FAST"
#: What is fused, and bodies that have it.
BODIES: dict[tuple[str, ...], tuple[str, ...]] = {
    (LFC, LFC, "BINARY_OP_ADD_INT"): ("return a + b", "a += b|return a"),
    (LFC, LFC, "BINARY_OP_MULTIPLY_FLOAT"): ("return a * b",),
    (LFC, LFC, "BINARY_OP_SUBSCR_LIST_INT"): ("return a[b]", "return b[a]"),
    (LFC, LFC, "COMPARE_OP_INT"): ("return a < b", "if a == b:|  return 1|return 0"),
    (LFC, CONST, "BINARY_OP_ADD_INT"): ("return a + 1", "a += 1000|return a"),
    (LFC, CONST, "BINARY_OP_SUBTRACT_INT"): ("return a - 1", "a -= 1000|return a"),
    (LFC, CONST, "COMPARE_OP_INT"): ("return a < 1", "if a != 5:|  return 1|return 0"),
    (CONST, "COMPARE_OP_INT"): ("return keep(a)[0] < 5", "return keep(a)[0] == 0"),
    (LFC, "LOAD_ATTR_INSTANCE_VALUE"): ("return keep(a.x)", "return a.x(1)"),
    (LFC, "LOAD_ATTR_WITH_HINT"): (
        "a.__dict__|return keep(a.x)",
        "a.__dict__|return a.x(1)",
    ),
    (LFC, "LOAD_ATTR_SLOT"): (
        "return keep(a.slot)",
        "return a.slot(1)",
        "return a.slot, a.unset",
    ),
    (LFC, "LOAD_ATTR_METHOD_WITH_VALUES"): ("return a.method(1)",),
    (LFC, "LOAD_ATTR_SHARED_CACHE"): (
        "a.__dict__|return keep(a.general)",
        "a.__dict__|return a.method(1)",
        "a.__dict__|return a.general(1)",
    ),
    (LFC, LFC, "BINARY_OP"): ("return a + b", "return a[b]", "a += b|return a"),
    (LFC, CONST, "BINARY_OP"): ("return a + 1", "return a[0]", "return a % 2.5"),
    (LFC, LFC, "COMPARE_OP"): ("return a < b", "if a == b:|  return 1|return 0"),
    (LFC, CONST, "COMPARE_OP"): (
        "return a < 1.5",
        "if a == 'text':|  return 1|return 0",
    ),
    (LFC, LFC, "STORE_SUBSCR"): ("a[b] = 5|return a", "b[a] = [a]|return b"),
    (LFC, "BINARY_OP"): ("return keep(a)[0] + b", "return a.x * b"),
    (CONST, "BINARY_OP"): ("return keep(a)[0] + 5", "return keep(a)[0] * 2.5"),
    (LFC, "COMPARE_OP"): ("return keep(a)[0] < b", "return keep(a)[0] == b"),
    (CONST, "COMPARE_OP"): ("return keep(a)[0] < 5", "return keep(a)[0] == 'text'"),
    (LFC, "LOAD_ATTR"): ("return keep(a.general)", "return a.append(1), a"),
    (LFC, "STORE_ATTR"): (
        "a.x = [b]|return keep(a.x)",
        "a.slot = [b]|return keep(a.slot)",
        "a.unset = b|return a.unset",
        "a.slot = Dies()|a.slot = b|return keep(a.slot)",
    ),
    (LFC, "TO_BOOL"): ("if a:|  return 1|return 0", "while not a:|  return 1|return 0"),
    (LFC, "POP_JUMP_IF_NONE"): ("if a is not None:|  return 1|return 0",),
    (LFC, "POP_JUMP_IF_NOT_NONE"): ("if a is None:|  return 1|return 0",),
    (LFC, LFC): ("return keep(a, b)", "return [a, b, a, a]"),
    (LFC, CONST): ("return keep(a, 5)", "return [a, 'x', b, 2.5]"),
    (STORE, LFC): ("c = a|return c", "c = [a]|d = c|return c is d", "a = b|return a"),
    (STORE, STORE): ("a, b = b, a|return a, b", "c, d = [a], [b]|return c, d"),
}
CASES = [
    Case("_".join(parts), program(body), "1000, 2000", others=INPUTS)
    for parts, bodies in BODIES.items()
    for body in bodies
]


def shown(function: object) -> list[str]:
    """The names of a function's instructions as they stand now."""
    return [row.opname for row in dis.instructions(adaptive.code(function))]


def steps_of(case: Case) -> list[str]:
    """All calls of a case."""
    return [case.call.format(given) for given in (case.hit, *case.others)]


def cold(case: Case, steps: list[str]) -> list[support.Seen]:
    """What each call shows on the host in code that never ran.

    Once it is warm, the host loads two locals at once, and its tracebacks point at the
    first of them when the second is unbound.
    """
    with support.plain_host():
        return [life.Program(case).seen(step) for step in steps]


def fused_by(case: Case) -> Iterator[str]:
    """The calls that give the site a form for which the case's row is fused."""
    for step in steps_of(case):
        program = life.Program(case)
        for _ in range(life.PASSED + 2):
            program.seen(step)
        if case.form in shown(program.holder):
            yield step


def check(case: Case, policy: adaptive.Policy, fused: bool) -> None:
    """Asserts the host's results for all calls, hits and misses mixed."""
    steps = steps_of(case)
    expected = cold(case, steps)
    program = life.Program(case)
    with life.ruled(policy):
        for _ in range(3):
            assert [program.seen(step) for step in steps] == expected
        for step, once in zip(steps, expected, strict=True):
            assert [program.seen(step) for _ in range(3)] == [once] * 3
        assert any(fused_by(case)) == fused


def test_every_fused_instruction_has_a_case() -> None:
    """S1-13: the table of bodies is complete."""
    assert set(BODIES) == set(isa.FUSED)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.form)
def test_results(case: Case) -> None:
    """S0-13: values, misses, errors and unbound locals, as on the host."""
    check(case, adaptive.Policy(), fused=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.form)
def test_results_when_nothing_is_fused(case: Case) -> None:
    """S0-13: the policy's switch changes no result."""
    policy = adaptive.Policy()
    policy.fuse = False
    check(case, policy, fused=False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.form)
def test_no_drift(case: Case) -> None:
    """S2-52: no reference is lost or kept."""
    with support.hot_engine():
        hit = next(fused_by(case))
        program = life.Program(case)
        for _ in range(life.PASSED + 2):
            program.seen(hit)
        names = [
            row.opname
            for row in dis.instructions(adaptive.code(program.holder))
            if isa.DEOPT[row.opcode] == isa.NUMBER[case.family]
        ]
    life.check_no_drift(case._replace(call=hit, nth=names.index(case.form)))


LOOP = """
def f(n):
    done = []
    while n:
        n -= 1
        done.append(n)
    return done
"""


def test_resume_and_loop_are_quickened_at_their_first_run() -> None:
    """S0-27, S1-12: RESUME_CHECK and JUMP_BACKWARD_NO_JIT need no second run."""
    f = support.function(LOOP)
    with support.hot_engine():
        assert {"RESUME", "JUMP_BACKWARD"} <= set(shown(f)) | {"JUMP_BACKWARD"}
        assert "RESUME_CHECK" not in shown(f)
        assert f(3) == [2, 1, 0]
        assert "RESUME_CHECK" in shown(f)
        assert "RESUME" not in shown(f)


def test_backward_jump() -> None:
    """S1-12: JUMP_BACKWARD_NO_JIT, and its trace counter stays as it began."""
    f = support.function(
        "def f(n):\n    for x in range(n):\n        n += x\n    return n\n"
    )
    with support.hot_engine():
        assert "JUMP_BACKWARD" in shown(f)
        assert f(3) == f(3) == 6
        assert "JUMP_BACKWARD_NO_JIT" in shown(f)
        assert "JUMP_BACKWARD" not in shown(f)


def test_unconditional_loop_is_left_by_a_signal() -> None:
    """The quickened jump looks around: an alarm ends a loop of nothing else."""
    done = support.python(
        "-c",
        "import adaptive, signal; adaptive.enable(0)\n"
        "def f():\n    while True:\n        pass\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.2)\n"
        "signal.signal(signal.SIGALRM, signal.default_int_handler)\n"
        "try: f()\nexcept KeyboardInterrupt: print('left')\n",
    )
    assert done.stdout == "left\n", done.stderr
