"""BINARY_OP: every form's life, and every operator on the numbers that are awkward."""

from __future__ import annotations

import pytest
import support
from support import same

from . import life
from .life import Case, Refusal

NUMBERS = (
    "1000, True",
    "True, True",
    "I(3), 4",
    "4, I(3)",
    "N(3), 4",
    "4, N(3)",
    "F(1.5), 2.5",
    "2**30, 2**6",
    "2**60, -3",
    "-2**63, 1",
    "10**50, -10**50",
    "1, None",
    "1.5, 'x'",
    "float('nan'), 1.0",
    "-0.0, 0.0",
    "{1}, {2}",
    "Decimal(3), Decimal('0.5')",
    "Decimal(3), 2",
    "timedelta(1), timedelta(2)",
    "date(2020, 2, 29), date(2020, 2, 28)",
)

#: Subclasses with operators of their own, which note that they are called.
SUBCLASSES = """
from array import array as ARRAY
from datetime import date, timedelta
from decimal import Decimal
import enum
class N(enum.IntEnum):
    three = 3
class I(int):
    def __add__(self, other):
        LOG.append("I")
        return 100
    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __add__
class F(float):
    def __add__(self, other):
        LOG.append("F")
        return 0.5
    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __add__
class S(str):
    def __add__(self, other):
        LOG.append("S")
        return "own"
    __iadd__ = __radd__ = __add__
class L(list):
    def __getitem__(self, key):
        LOG.append(key)
        return "own"
class D(dict):
    def __missing__(self, key):
        LOG.append(key)
        return "missing"
class Key:
    def __hash__(self):
        raise KeyError(["hash"])
class Index:
    def __index__(self):
        LOG.append("index")
        return 1
class G:
    def __getitem__(self, key):
        LOG.append("G")
        if key is None:
            raise IndexError("none")
        return [key]
class H(G):
    def __getitem__(self, key):
        return super().__getitem__(key)
class Rest:
    def __getitem__(self, key, *rest, more=5):
        return [key, rest, more]
class W:
    def __getitem__(self, key, more=1):
        return [key, more]
class Static:
    __getitem__ = staticmethod(lambda key: [key])
"""


def binary(operator: str) -> str:
    """A function of two operands; neither is kept by a variable while it works."""
    return f"{SUBCLASSES}\ndef f(a, b):\n    return a {operator} b\n"


SUBSCRIPT = f"{SUBCLASSES}\ndef f(a, k):\n    return a[k]\n"
APPEND = f"{SUBCLASSES}\ndef f(s, t):\n    s = s + t\n    return s\n"
EXTEND = f"{SUBCLASSES}\ndef f(s, t):\n    s += t\n    return s\n"
KEYS = (
    "[1, 2], 5",
    "[1, 2], -1",
    "[1, 2], -5",
    "(1, 2), -1",
    "(1, 2), 2**70",
    "[1], 'x'",
    "[1, 2], True",
    "[1, 2], Index()",
    "L([1]), 0",
    "'aé€', 2",
    "'aé€', 1",
    "'aé€', 3",
    "{}, 'x'",
    "{}, (1, 2)",
    "{}, []",
    "{}, Key()",
    "D(), 1",
    "G(), None",
    "Rest(), 1",
    "W(), 1",
    "Static(), 1",
    "None, 1",
    "list, int",
    "[1, 2, 3], slice(1)",
    "[1, 2, 3], slice(None, None, 2)",
    "[1, 2, 3], slice(-2, 2**70)",
    "[1, 2, 3], slice('a')",
    "b'abc', slice(-2, 5)",
    "b'abc', slice(2, 1)",
    "b'abc', slice(None)",
    "ARRAY('d', [1.5, -0.0]), 1",
    "ARRAY('d', [1.5]), 1",
    "ARRAY('d'), 0",
    "ARRAY('i', [7, -8]), -1",
    "bytearray(b'a\\xff'), 1",
    "'abc', slice(2, 1)",
    "(1, 2, 3), slice(-2, None)",
)

PLUS, MINUS, TIMES = binary("+"), binary("-"), binary("*")
STRINGS = ("S('a'), 'b'", "'a', S('b')", "'a', 1", "'', ''", "1, 2", "[1], 'ab'")

CASES = [
    *life.cases(
        "BINARY_OP",
        ("ADD_INT", PLUS, "1000, 2000", "'x', 'y'", "ADD_UNICODE"),
        ("ADD_INT", PLUS, "2**40, -2**50", "1, 1.5", "EXTEND"),
        ("SUBTRACT_INT", MINUS, "1000, 2000", "2.5, 1.5", "SUBTRACT_FLOAT"),
        ("MULTIPLY_INT", TIMES, "1000, 2000", "'ab', 3", "mixed_types"),
        ("ADD_FLOAT", PLUS, "1.5, 2.5", "1, 2", "ADD_INT"),
        ("SUBTRACT_FLOAT", MINUS, "1.5, 2.5", "{1}, {2}", "EXTEND"),
        ("MULTIPLY_FLOAT", TIMES, "1.5, 2.5", "2, 2.5", "EXTEND"),
        ("ADD_UNICODE", PLUS, "'ab', 'cd'", "1, 2", "ADD_INT"),
        ("EXTEND", PLUS, "b'x', b'y'", "'ab', 'cd'", "ADD_UNICODE"),
        ("EXTEND", binary("&"), "1000, 3000", "{1}, {2}", "EXTEND"),
        ("EXTEND", binary("|"), "1000, 3000", "{1}, {2}", "EXTEND"),
        ("EXTEND", binary("^"), "1000, 3000", "True, 2", "EXTEND"),
        ("EXTEND", binary("<<"), "1000, 3", "True, 2", "subclass"),
        ("EXTEND", binary(">>"), "1000, 3", "True, 2", "subclass"),
        ("EXTEND", binary("//"), "1000, 3", "7.5, 2.0", "no_form_for_operator"),
        ("EXTEND", binary("%"), "1000, 3", "7.5, 2.0", "EXTEND"),
        ("EXTEND", binary("%"), "7.5, 2.0", "'%s', 1", "mixed_types"),
        ("EXTEND", binary("/"), "1000, 3", "True, 2.0", "subclass"),
        ("EXTEND", binary("/"), "7.5, 2.0", "2.0, True", "subclass"),
        ("EXTEND", binary("/"), "7.5, 2", "2.5, True", "subclass"),
        ("EXTEND", binary("/"), "2, 7.5", "2**60, 2.5", "mixed_types"),
        ("EXTEND", binary("**"), "7.5, 2", "2, 3", "no_form_for_operator"),
        ("EXTEND", PLUS, "7.5, 2", "[1], [2]", "EXTEND"),
        ("EXTEND", PLUS, "2, 7.5", "(1,), (2,)", "EXTEND"),
        ("EXTEND", PLUS, "[1], [2]", "1, 2", "ADD_INT"),
        ("EXTEND", PLUS, "(1,), (2,)", "1, 2", "ADD_INT"),
        ("EXTEND", MINUS, "7.5, 2", "{1}, {2}", "EXTEND"),
        ("EXTEND", MINUS, "2, 7.5", "True, 2", "EXTEND"),
        ("EXTEND", MINUS, "{1}, {2}", "{1}, frozenset([2])", "mixed_types"),
        ("EXTEND", MINUS, "Decimal(3), Decimal(1)", "1, 2", "SUBTRACT_INT"),
        ("EXTEND", MINUS, "date(2020, 1, 1), date(2020, 1, 1)", "1j, 2j", "EXTEND"),
        ("EXTEND", TIMES, "timedelta(1), 2", "timedelta(1), 2.5", "mixed_types"),
        ("EXTEND", PLUS, "Decimal(3), Decimal(1)", "None, None", "other_builtin"),
        ("EXTEND", TIMES, "7.5, 2", "'ab', 3", "mixed_types"),
        ("EXTEND", TIMES, "2, 7.5", "True, 2.5", "subclass"),
        others=NUMBERS,
    ),
    *life.cases(
        "BINARY_OP",
        ("INPLACE_ADD_UNICODE", APPEND, "'ab' * 3, 'cd'", "1, 2", "ADD_INT"),
        ("INPLACE_ADD_UNICODE", EXTEND, "'ab' * 3, 'cd'", "1., 2.", "ADD_FLOAT"),
        others=STRINGS,
    ),
    *life.cases(
        "BINARY_OP",
        ("SUBSCR_LIST_INT", SUBSCRIPT, "[1, 2, 3], 1", "(1, 2), 1", "SUBSCR_TUPLE_INT"),
        ("SUBSCR_LIST_INT", SUBSCRIPT, "[1, 2, 3], 1", "[1], 1", "SUBSCR_LIST_INT"),
        (
            "SUBSCR_LIST_SLICE",
            SUBSCRIPT,
            "[1, 2], slice(1)",
            "'ab', slice(1)",
            "EXTEND",
        ),
        (
            "SUBSCR_LIST_SLICE",
            SUBSCRIPT,
            "[1, 2], slice(1)",
            "[1, 2], 1",
            "SUBSCR_LIST_INT",
        ),
        ("SUBSCR_TUPLE_INT", SUBSCRIPT, "(1, 2, 3), 1", "[1, 2], 1", "SUBSCR_LIST_INT"),
        ("SUBSCR_STR_INT", SUBSCRIPT, "'aé', 1", "{1: 2}, 1", "SUBSCR_DICT"),
        ("SUBSCR_DICT", SUBSCRIPT, "{'a': [1]}, 'a'", "'a', -1", "big_int"),
        ("SUBSCR_GETITEM", SUBSCRIPT, "G(), 1", "b'ab', 1", "EXTEND"),
        ("EXTEND", SUBSCRIPT, "b'ab', 1", "range(5), 1", "other_builtin"),
        ("EXTEND", SUBSCRIPT, "bytearray(b'ab'), -2", "b'ab', 2", "EXTEND"),
        (
            "EXTEND",
            SUBSCRIPT,
            "ARRAY('d', [7, 8]), -1",
            "ARRAY('u', 'a'), slice(1)",
            "other_builtin",
        ),
        ("SUBSCR_GETITEM", SUBSCRIPT, "H(), 1", "[7], 0", "SUBSCR_LIST_INT"),
        ("EXTEND", SUBSCRIPT, "[1, 2], -1", "{1: 2}, 1", "SUBSCR_DICT"),
        ("EXTEND", SUBSCRIPT, "(1, 2), -2", "{1: 2}, 1", "SUBSCR_DICT"),
        ("EXTEND", SUBSCRIPT, "'abc', slice(1, None)", "{1: 2}, 1", "SUBSCR_DICT"),
        ("EXTEND", SUBSCRIPT, "(1, 2), slice(0, 1)", "{1: 2}, 1", "SUBSCR_DICT"),
        ("EXTEND", SUBSCRIPT, "b'abc', slice(1, None)", "{1: 2}, 1", "SUBSCR_DICT"),
        others=KEYS,
    ),
]

REFUSALS = life.refusals(
    "BINARY_OP",
    ("mixed_types", TIMES, "'ab', 2"),
    ("subclass", PLUS, "True, 2.5"),
    ("subclass", PLUS, "L([1]), [2]"),
    ("subclass", SUBSCRIPT, "D(), 1"),
    ("other_builtin", SUBSCRIPT, "range(5), 0"),
    ("special_method", MINUS, "Static(), 2"),
    ("special_method", MINUS, "1, Static()"),
    ("no_form_for_operator", MINUS, "[], []"),
    ("index_not_an_int", SUBSCRIPT, "[1, 2], True"),
    ("index_not_an_int", SUBSCRIPT, "'ab', Index()"),
    ("other_builtin", MINUS, "range(5), range(5)"),
    ("big_int", SUBSCRIPT, "'a', -1"),
    ("special_method", SUBSCRIPT, "Static(), 1"),
    ("other_operator", MINUS, "1, 2", "BINARY_OP_ADD_INT"),
    ("other_operator", PLUS, "1, 2", "BINARY_OP_SUBSCR_LIST_INT"),
    ("no_form_for_types", MINUS, "None, None", "BINARY_OP_EXTEND"),
    ("not_the_same_local", PLUS, "'a', 'b'", "BINARY_OP_INPLACE_ADD_UNICODE"),
    ("not_a_python_function", SUBSCRIPT, "[1], 0", "BINARY_OP_SUBSCR_GETITEM"),
    ("other_instruction", PLUS, "1, 2", "COMPARE_OP_INT"),
    ("other_instruction", PLUS, "1, 2", "BINARY_OP"),
)


NAMED_LIKE_ARRAYS = """
from functools import partial
Named = type("array.array", (tuple,), {"__getitem__": partial(divmod, 7)})
named = Named((1, 2))
def f(key):
    return named[key]
def main():
    return [f(-1) for _ in range(20)]
"""


def test_a_class_that_is_named_like_arrays() -> None:
    """Its items are its own to give.

    This comes first here: after an array, no other type is taken for one.
    """
    assert same(NAMED_LIKE_ARRAYS).how == "returned"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_life(case: Case) -> None:
    """The form's beats.

    S0-12, S0-13, S0-15, S0-16, S0-17, S0-18, S1-12, S1-13, S2-10, S2-11, S2-30, S2-36,
    S2-37
    """
    life.check_life(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_results(case: Case) -> None:
    """S0-13, S0-17: whatever comes after what, in a form that stays."""
    life.check_results(case)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_drift(case: Case) -> None:
    """S2-52: no reference is lost or kept."""
    life.check_no_drift(case)


#: Types of C code with an operator of their own for assignments, and such as decline.
OWN_OPERATORS = """
from datetime import date
from decimal import Decimal

def plain(a, b):
    return a | b

def changing(a, b):
    a |= b
    return a

def both(a, b):
    try:
        return a + b
    except TypeError as error:
        return str(error)

def added(a, b):
    a += b
    return a

def main():
    seen = []
    for _ in range(20):
        left = {1}
        seen.append((plain(left, {2}), left, changing(left, {3}) is left, left))
        left = {1: 2}
        seen.append((plain(left, {2: 3}), changing(left, {3: 4}) is left, left))
        seen.append((changing(True, False), changing(frozenset([1]), frozenset([2]))))
    for left in (date(2020, 1, 1), Decimal(2), {1}, 1j, True):
        seen += [both(left, left) for _ in range(20)]
    for left in (Decimal(2), 1j, True):
        seen += [added(left, left) for _ in range(20)]
    return seen
"""


def test_types_of_c_code_have_rows_of_their_own() -> None:
    """An assignment in place may have another operator; NotImplemented is no result."""
    assert same(OWN_OPERATORS).how == "returned"


#: More operators of more types than there are rows: the last ones stay generic.
MANY_TYPES = """
import itertools
from collections import OrderedDict, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

LEFT = (
    True, 1j, Decimal(7), timedelta(7), date(2020, 1, 1), datetime(2020, 1, 1), b"%d",
    {1}, frozenset([1]), {}, {1: 2}.keys(), {1: 2}.items(), int,
    int | str, OrderedDict(), defaultdict(), vars(int), list[int],
)
OPERATORS = [sign + more for sign in "+ - * / // % & | ^".split() for more in ("", "=")]

def applied(function, left, right):
    try:
        return repr(function(left, right))
    except TypeError as error:
        return str(error)

def main():
    seen = []
    for sign, left in itertools.product(OPERATORS, LEFT):
        for right in (left, 3):
            scope = {}
            source = f"def f(a, b):\\n a {sign} b\\n return a"
            exec(source if "=" in sign else source.replace(sign, f"= a {sign}"), scope)
            seen += [applied(scope["f"], left, right) for _ in range(12)]
    return seen
"""


def test_more_types_than_rows() -> None:
    """In a process of its own: rows are not given back."""
    source = f"import support; assert support.same({MANY_TYPES!r}).how == 'returned'"
    done = support.python("-c", source)
    assert done.returncode == 0, done.stderr


#: What the generic instruction asks by itself, and what it must leave to the host.
BUILTIN_OPERANDS = """
import datetime, decimal, fractions, itertools, operator
day = datetime.timedelta(1)
three = decimal.Decimal(3)

class Tenfold(int):
    def __radd__(self, other):
        return "Tenfold"
    __rsub__ = __rmul__ = __rtruediv__ = __rand__ = __ror__ = __radd__

class Rational(decimal.Decimal):
    def __radd__(self, other):
        return "Rational"
    __rsub__ = __rmul__ = __rtruediv__ = __radd__

OPERANDS = (
    three, decimal.Decimal("0.5"), Rational(2), Tenfold(10), fractions.Fraction(1, 3),
    day, datetime.date(2020, 2, 29), {1, 2}, frozenset([2]), {3: 4}, {5: 6}.keys(),
    1j, 2, 2**70, True, 2.5, None, [1], (1,), "%s", b"%d", bytearray(b"%d"), int, str,
)
OPERATORS = "+ - * / // % & | ^ << >>".split()

def shown(source, left, right):
    scope = {"left": left, "right": right}
    try:
        exec(source, scope)
    except Exception as error:
        return type(error).__name__, str(error)
    return repr(scope["result"]), scope["left"] is left

def main():
    # A copy of its own for what is changed in place.
    def copied(value):
        changing = isinstance(value, (set, list, bytearray))
        return type(value)(value) if changing else value

    seen = []
    for sign, left, right in itertools.product(OPERATORS, OPERANDS, OPERANDS):
        seen.append(shown(f"result = left {sign} right", left, right))
        source = f"left {sign}= right; result = left"
        seen.append(shown(source, copied(left), right))
    return seen
"""


def test_operators_of_builtin_types() -> None:
    """The left operand's own function is asked first, and only where it would be."""
    assert same(BUILTIN_OPERANDS).how == "returned"


DICT_SUBCLASS = """
import collections

class D(dict):
    pass

class M(dict):
    def __missing__(self, key):
        return "missing", key

class E(M):
    pass

def get(container, key):
    try:
        return container[key]
    except KeyError as error:
        return repr(error)

def main():
    kinds = (D, M, E, collections.Counter, collections.OrderedDict)
    def seen():
        return [get(kind({1: 2}), key) for kind in kinds for key in (1, 3, (), 1.0)]
    log = [seen(), seen()]
    M.__getitem__ = lambda self, key: ("own", key)
    log.append(seen())
    E.__getitem__ = dict.__getitem__
    log.append(seen())
    D.__getitem__ = collections.OrderedDict.__getitem__
    del M.__getitem__
    E.__getitem__ = len
    try:
        E()[1]
    except TypeError as error:
        log.append(str(error))
    del E.__getitem__
    log.append(seen())
    return log
"""


def test_subclasses_of_dict() -> None:
    """The __getitem__ of dict is asked directly while it is what the class has."""
    assert same(DICT_SUBCLASS).how == "returned"


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusal(refusal: Refusal) -> None:
    """S1-09, S2-30: the base stays, and tries again after twice the distance."""
    life.check_refusal(refusal)
