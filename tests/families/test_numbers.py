"""Operators and comparisons on awkward numbers and strings, in forms made for others.

Each function is warmed with a pair of one kind and then given every pair there is, so
that hits, misses and the base all meet overflow, signs, zeros, infinities and NaN.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
import support

import adaptive
from adaptive import dis, isa

from . import life

INTS = (
    *(0, 1, -1, 2, 3, -5, 7, 255, 256, 257, -6),
    *(2**15, 2**29, 2**30 - 1, 2**30, 2**30 + 1, -(2**30), -(2**30) + 1),
    *(2**31, 2**59, 2**60 - 1, 2**60, -(2**60) - 1, 2**62, -(2**62), 2**63 - 1),
    *(2**63, -(2**63), -(2**63) - 1, 10**50, -(10**50), True, False),
)
FLOATS = (
    *(0.0, -0.0, 1.0, -1.5, 2.5, 0.1, 1e16, -3.0, float(2**53), 1e308, -1e308),
    *(math.inf, -math.inf, math.nan, 5e-324, -5e-324, 2.2250738585072014e-308),
)
VALUES: tuple[Any, ...] = (*INTS, *FLOATS)
BINARY_OP = isa.NUMBER["BINARY_OP"]
#: What a function is warmed with, by what it is called.
WARM = {
    "small ints": (1000, 3),
    "large ints": (2**50, 2**40),
    "floats": (7.5, 2.5),
    "float and int": (7.5, 3),
    "int and float": (7, 2.5),
}
#: Exponents and shifts above this would take all memory.
LARGEST_POWER = 200
TEXTS = ("", "a", "b", "ab", "é", "€", "\ud800", "\U0001f600", "a\0b", "A")


def exact(value: object) -> object:
    """A value's type and all its bits, NaN's sign aside."""
    if isinstance(value, float):
        return ("float", value.hex())
    if isinstance(value, complex):
        return ("complex", exact(value.real), exact(value.imag))
    return (type(value).__name__, value)


def outcome(function: Callable[[Any, Any], Any], left: Any, right: Any) -> object:
    """The exact result or the exception of one call."""
    try:
        return exact(function(left, right))
    except (ArithmeticError, TypeError, ValueError) as error:
        return (type(error).__name__, str(error))


def affordable(operator: str, left: Any, right: Any) -> bool:
    """Whether the result of a power or a left shift is not gigantic."""
    if operator.rstrip("=") not in ("**", "<<") or not isinstance(right, int):
        return True
    return abs(right) <= LARGEST_POWER or (isinstance(left, float))


def pairs(operator: str) -> list[tuple[Any, Any]]:
    """All pairs of values that an operator may be given."""
    every = itertools.product(VALUES, repeat=2)
    return [pair for pair in every if affordable(operator, *pair)]


def source(operator: str) -> str:
    """A function that applies an operator, in place or not."""
    if operator.endswith("=") and operator not in isa.COMPARE_OPERATORS:
        return f"def f(a, b):\n    a {operator} b\n    return a\n"
    return f"def f(a, b):\n    return a {operator} b\n"


def check(text: str, warm: tuple[Any, Any], given: list[tuple[Any, Any]]) -> None:
    """Asserts the host's results for all pairs, in what the warm pair has made."""
    host, own = support.function(text), support.function(text)
    with support.plain_host():
        expected = [outcome(host, *pair) for pair in given]
    with life.ruled(life.patient()):
        for _ in range(life.PASSED + 1 + life.HITS):
            outcome(own, *warm)
        shown = [outcome(own, *pair) for pair in given]
    wrong = [
        (pair, ours, theirs)
        for pair, ours, theirs in zip(given, shown, expected, strict=True)
        if ours != theirs
    ]
    assert wrong == []


WARMED = [
    (operator, warm)
    for operator in isa.BINARY_OPERATORS[:-1]
    for warm in WARM
    if affordable(operator, *WARM[warm])
]


@pytest.mark.parametrize(("operator", "warm"), WARMED)
def test_operator(operator: str, warm: str) -> None:
    """S0-15, S0-16, S2-36: every operator on every pair, and its error's text."""
    check(source(operator), WARM[warm], pairs(operator))


CONTEXTS = (
    "def f(a, b):\n    return a {} b\n",
    "def f(a, b):\n    if a {} b:\n        return 1\n    return 0\n",
    "def f(a, b):\n    while not a {} b:\n        return 1\n    return 0\n",
    "def f(a, b):\n    return (a {0} b) is (b {0} a)\n",
)


@pytest.mark.parametrize("warm", [*WARM, "strings"])
@pytest.mark.parametrize("operator", isa.COMPARE_OPERATORS)
def test_comparison(operator: str, warm: str) -> None:
    """S1-28, S2-40: as value and as condition, NaN, large ints and text included."""
    given = list(itertools.product((*VALUES, *TEXTS), repeat=2))
    for context in CONTEXTS:
        check(context.format(operator), {**WARM, "strings": ("a", "b")}[warm], given)


@pytest.mark.parametrize("operator", isa.COMPARE_OPERATORS)
def test_nan_is_unlike_itself(operator: str) -> None:
    """S1-28: only != holds of NaN, in COMPARE_OP_FLOAT itself."""
    f = support.function(source(operator))
    with support.hot_engine():
        for _ in range(life.PASSED + 1):
            f(1.5, 2.5)
        names = [row.opname for row in adaptive.dis.instructions(adaptive.code(f))]
        assert "COMPARE_OP_FLOAT" in names
        for pair in ((math.nan, math.nan), (math.nan, 1.0), (1.0, math.nan)):
            assert f(*pair) is (operator == "!=")


CHAINS = (
    "(a + b) - (b - a) * (a + 1)",
    "((a + b) * (a - b) + (a * a)) - (b * b - a)",
    "a - (b + (a - (b + (a - b))))",
    "-(a + b) + (+(a - b)) * 1",
    "[c := a + b, c + a, c - b, c * c, c]",
    "(lambda x, y: (x + y, x - y, x, y))(a + b, a - b)",
    "[x + y for x in (a + b, a * b) for y in (a - b, a)]",
    "(a + b, (a + b) + (a + b), [*{a + b: a * b}.items()])",
)


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("warm", WARM)
def test_temporaries_are_only_reused_when_nobody_else_has_them(
    chain: str, warm: str
) -> None:
    """S0-15, S0-16: a result may take an operand's place, but never a seen one's."""
    given = [
        (left, right)
        for left, right in itertools.product(VALUES, repeat=2)
        if type(left) in (int, float) and type(right) in (int, float)
    ]
    text = (
        "def f(a, b):\n    x = [a, b]\n"
        f"    r = {chain}\n    return repr((x, r, a, b))\n"
    )
    check(text, WARM[warm], given)
    check(text, WARM[warm], given[::-1])


@pytest.mark.parametrize("operator", ["&", "|", "^", "<<", ">>"])
def test_large_ints_keep_the_form(operator: str) -> None:
    """S2-11: they are no misses, so the counter of the form stays as it was."""
    text = f"def f(a):\n    return (a) {operator} (a - a + 70)\n"
    host, own = support.function(text), support.function(text)
    with life.ruled(life.patient()):
        for _ in range(life.PASSED + 1):
            own(1000)
        before = extension_of(own)
        assert before.opname == "BINARY_OP_EXTEND"
        for value in (value for value in INTS if type(value) is int):
            shown = outcome(lambda a, _: own(a), value, None)
            with support.plain_host():
                assert shown == outcome(lambda a, _: host(a), value, None)
        assert extension_of(own) == before


def extension_of(function: Any) -> Any:
    """The function's last BINARY_OP as it stands."""
    rows = dis.instructions(adaptive.code(function))
    return [row for row in rows if isa.DEOPT[row.opcode] == BINARY_OP][-1]


#: A number that only a local holds is changed where it is.
OWN = (
    "def f(a, b):\n    x = -a\n    x += b\n    return x\n",
    "def f(a, b):\n    x = -a\n    x += -b\n    return x\n",
    "def f(a, b):\n    x = -a\n    x = x - 1\n    x = x + 1\n    return x\n",
    "def f(a, b):\n    x = -a\n    x += x\n    return x\n",
    "def f(a, b):\n    x = y = -a\n    x += b\n    return y\n",
    "def f(a, b):\n    x = -a\n    x = x + b, x\n    return x[0]\n",
)


@pytest.mark.parametrize("text", OWN)
@pytest.mark.parametrize("warm", ["small ints", "large ints", "floats"])
def test_a_local_s_own_number(text: str, warm: str) -> None:
    """S0-15, S2-36: sums that need no new number, and those that do, of all pairs."""
    check(text, WARM[warm], pairs("+"))


#: Whoever else has a local's number keeps it as it was: lines of a function of `n`,
#: a new number above all small ones, which log the others' view after each change.
HOLDERS = (
    ("y = n", "n += 1", "LOG.append((y, n))"),
    ("y = n + 1", "LOG.append((y, n))"),
    ("y = n + -n", "y = n - 1", "z = -y", "y = n + z", "LOG.append((y, z, n))"),
    ("y = [n]", "n += 1", "LOG.append((y, n))"),
    ("y = {n: n}", "n += 1", "LOG.append((y, n, n in y))"),
    ("y = (n, n + n)", "n = n + n", "LOG.append((y, n))"),
    ("y = lambda: n", "n += 1", "LOG.append((y(), n))"),
    ("y = lambda m=n: m", "n += 1", "LOG.append((y(), n))"),
    ("y = locals()", "n += 1", "LOG.append((y['n'], n))"),
    ("y = sys._getframe()", "n += 1", "LOG.append((y.f_locals['n'], n))"),
    ("y = itertools.count(n)", "n += 1", "LOG.append((next(y), n))"),
    ("y = itertools.repeat(n)", "n -= 1", "LOG.append((next(y), n))"),
    ("y = (n, n := n + 1)", "LOG.append((y, n))"),
    ("y = n + (n := n + 1)", "LOG.append((y, n))"),
    ("n += (n := n + 1)", "LOG.append(n)"),
    ("y = n - (n := n - 1) + n", "LOG.append((y, n))"),
    ("global kept", "kept = n", "n += 1", "LOG.append((kept, n))"),
    ("n += 1000", "n -= n", "LOG.append((n, n is ZERO))"),
    ("n = 1000", "n += 1", "LOG.append(n)", "n = 1000", "LOG.append(n)"),
    ("for n in range(500, 503): n += 1000; LOG.append(n)",),
    ("for n, y in enumerate('abc', 500): n += 1000; LOG.append((n, y))",),
    ("for n, y in zip(range(500, 503), range(600, 603)): n += y; LOG.append((n, y))",),
    ("for n in [n, n + 1]: n += 1; LOG.append(n)",),
    ("for n in (5000, 5001): n += 1; LOG.append(n)",),
    ("y = [n + i for i in range(3)]", "n, *m = y", "n += 1", "LOG.append((y, n, m))"),
    ("def y(m): m += 1; return m", "LOG.append((y(n), n, y(n + 1), y(*[n])))"),
    ("def y(m=1000): m += 1; return m", "LOG.append((y(), y(), list(map(y, [n, n]))))"),
    (
        *("def y():", "    m = yield n", "    m += 1", "    yield m"),
        *("z = y(); next(z)", "LOG.append((z.send(n), n))"),
    ),
    ("try: raise ValueError(n)", "except ValueError as e: n += 1; LOG.append((e, n))"),
    ("y = sys._getframe; n += 1", "LOG.append((y().f_locals['n'], n))"),
)


@pytest.mark.parametrize("lines", HOLDERS, ids=lambda lines: lines[0])
@pytest.mark.parametrize("number", ["int('1000')", "float('1000')"])
def test_what_others_hold_does_not_change(lines: tuple[str, ...], number: str) -> None:
    """S0-13: a number changes where it is only for the one that holds it."""
    body = "".join(f"    {line}\n" for line in lines)
    text = f"import itertools, sys\nZERO = 0\ndef f(n):\n{body}"
    call = f"f({number})"
    shown = []
    for side in (support.plain_host, lambda: life.ruled(life.patient())):
        program = life.Program(life.Case("BINARY_OP_ADD_INT", text, ""))
        with side():
            shown.append([program.seen(call) for _ in range(life.PASSED + life.HITS)])
    assert shown[0] == shown[1]
