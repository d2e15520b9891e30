"""One small program per instruction family: a loop in which that family is the work.

Each function takes how often to do it and returns a value that depends on having done
it right. They are written out rather than generated: what stands here is what runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Micro:
    """A micro program: the family it is about, its function, its size."""

    name: str
    family: str
    function: Callable[[int], object]
    count: int
    loops: int = 5
    most_rounds: int | None = None


MICRO: dict[str, Micro] = {}


def micro(
    family: str, count: int = 200_000
) -> Callable[[Callable[[int], object]], Callable[[int], object]]:
    """Enter the function below as a micro program of `family`."""

    def enter(function: Callable[[int], object]) -> Callable[[int], object]:
        MICRO[function.__name__] = Micro(function.__name__, family, function, count)
        return function

    return enter


# BINARY_OP


@micro("BINARY_OP")
def binary_int(n: int) -> int:
    a = 0
    for i in range(n):
        a = (a + i * 3 - 1) & 0xFFFF
    return a


@micro("BINARY_OP")
def binary_float(n: int) -> float:
    x = 0.0
    step = 0.5
    for _ in range(n):
        x = x * step + 1.5 - step
    return x


@micro("BINARY_OP")
def binary_mixed(n: int) -> float:
    x = 0.5
    for i in range(n):
        x = (x + i) / 2
    return x


@micro("BINARY_OP")
def binary_str(n: int) -> int:
    left, right = "spam", "eggs"
    total = 0
    for _ in range(n):
        total += len(left + right)
    return total


@micro("BINARY_OP")
def inplace_str(n: int) -> int:
    text = ""
    for _ in range(n):
        text += "x"
    return len(text)


@micro("BINARY_OP")
def subscr_list(n: int) -> int:
    items = [3, 1, 4, 1, 5, 9, 2, 6]
    total = 0
    for i in range(n):
        total += items[i & 7]
    return total


@micro("BINARY_OP")
def subscr_tuple(n: int) -> int:
    items = (3, 1, 4, 1, 5, 9, 2, 6)
    total = 0
    for i in range(n):
        total += items[i & 7]
    return total


@micro("BINARY_OP")
def subscr_str(n: int) -> int:
    text = "abcdefgh"
    found = 0
    for i in range(n):
        if text[i & 7] == "c":
            found += 1
    return found


@micro("BINARY_OP")
def subscr_dict(n: int) -> int:
    table = {i: i * i for i in range(8)}
    total = 0
    for i in range(n):
        total += table[i & 7]
    return total


@micro("BINARY_OP", 100_000)
def subscr_slice(n: int) -> int:
    items = [1, 2, 3, 4, 5]
    total = 0
    for _ in range(n):
        total += len(items[1:4])
    return total


class Table:
    """A container whose `__getitem__` is Python."""

    def __getitem__(self, key: int) -> int:
        return key + 1


@micro("BINARY_OP", 100_000)
def subscr_getitem(n: int) -> int:
    table = Table()
    total = 0
    for i in range(n):
        total += table[i]
    return total


# COMPARE_OP, CONTAINS_OP, TO_BOOL


@micro("COMPARE_OP")
def compare_int(n: int) -> int:
    below = 0
    for i in range(n):
        if i < 1000:
            below += 1
        elif i == 5000:
            below -= 1
    return below


@micro("COMPARE_OP")
def compare_float(n: int) -> int:
    x, limit, above = 0.0, 100.0, 0
    for _ in range(n):
        x += 0.001
        if x > limit:
            above += 1
    return above


@micro("COMPARE_OP")
def compare_str(n: int) -> int:
    words = ("spam", "eggs", "ham", "spam")
    found = 0
    for i in range(n):
        if words[i & 3] == "spam":
            found += 1
    return found


@micro("CONTAINS_OP")
def contains_set(n: int) -> int:
    wanted = {1, 3, 5}
    found = 0
    for i in range(n):
        if (i & 7) in wanted:
            found += 1
    return found


@micro("CONTAINS_OP")
def contains_dict(n: int) -> int:
    wanted = {1: "a", 3: "b", 5: "c"}
    found = 0
    for i in range(n):
        if (i & 7) not in wanted:
            found += 1
    return found


@micro("TO_BOOL")
def to_bool_int(n: int) -> int:
    odd = 0
    for i in range(n):
        if i & 1:
            odd += 1
    return odd


@micro("TO_BOOL")
def to_bool_str_list_none(n: int) -> int:
    text, items, nothing = "x", [1], None
    true = 0
    for _ in range(n):
        if text:
            true += 1
        if items:
            true += 1
        if not nothing:
            true += 1
    return true


@micro("TO_BOOL")
def to_bool_object(n: int) -> int:
    thing = Table()
    true = 0
    for _ in range(n):
        if thing:
            true += 1
    return true


# LOAD_ATTR, STORE_ATTR, LOAD_SUPER_ATTR, LOAD_GLOBAL


class Point:
    """Instance attributes, a class attribute, methods, a property."""

    origin = 7

    def __init__(self, x: int, y: int = 0) -> None:
        self.x = x
        self.y = y

    def total(self) -> int:
        return self.x + self.y

    def moved(self, dx: int, dy: int = 1) -> int:
        return self.x + dx + dy

    @property
    def width(self) -> int:
        return self.x


class Point3(Point):
    """A subclass that asks its parent."""

    def total(self) -> int:
        return super().total() + 1


class SlotPoint:
    """Attributes in slots."""

    __slots__ = ("x", "y")

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def total(self) -> int:
        return self.x + self.y


@micro("LOAD_ATTR")
def load_instance(n: int) -> int:
    point = Point(1, 2)
    total = 0
    for _ in range(n):
        total += point.x + point.y
    return total


@micro("LOAD_ATTR")
def load_with_hint(n: int) -> int:
    point = Point(1, 2)
    for i in range(40):
        setattr(point, f"extra{i}", i)
    vars(point)["y"] = 5
    total = 0
    for _ in range(n):
        total += point.x + point.y
    return total


@micro("LOAD_ATTR")
def load_slot(n: int) -> int:
    point = SlotPoint(1, 2)
    total = 0
    for _ in range(n):
        total += point.x + point.y
    return total


@micro("LOAD_ATTR")
def load_module(n: int) -> float:
    total = 0.0
    for _ in range(n):
        total += math.pi
    return total


@micro("LOAD_ATTR")
def load_class(n: int) -> int:
    total = 0
    for _ in range(n):
        total += Point.origin
    return total


@micro("LOAD_ATTR")
def load_class_through_instance(n: int) -> int:
    point = Point(1)
    total = 0
    for _ in range(n):
        total += point.origin
    return total


@micro("LOAD_ATTR", 100_000)
def load_property(n: int) -> int:
    point = Point(3)
    total = 0
    for _ in range(n):
        total += point.width
    return total


@micro("LOAD_ATTR", 100_000)
def load_method(n: int) -> int:
    point = Point(1, 2)
    total = 0
    for _ in range(n):
        total += point.total()
    return total


@micro("LOAD_ATTR", 100_000)
def load_method_of_slots(n: int) -> int:
    point = SlotPoint(1, 2)
    total = 0
    for _ in range(n):
        total += point.total()
    return total


@micro("LOAD_ATTR", 100_000)
def load_polymorphic(n: int) -> int:
    points = (Point(1, 2), SlotPoint(3, 4), Point3(5, 6), SlotPoint(7, 8))
    total = 0
    for i in range(n):
        total += points[i & 3].x
    return total


@micro("LOAD_ATTR", 100_000)
def load_method_polymorphic(n: int) -> int:
    points = (Point(1, 2), SlotPoint(3, 4), Point3(5, 6), SlotPoint(7, 8))
    total = 0
    for i in range(n):
        point = points[i & 3]
        total += point.total() + point.x
    return total


@micro("LOAD_SUPER_ATTR", 50_000)
def load_super(n: int) -> int:
    point = Point3(1, 2)
    total = 0
    for _ in range(n):
        total += point.total()
    return total


@micro("STORE_ATTR")
def store_instance(n: int) -> int:
    point = Point(1, 2)
    for i in range(n):
        point.x = i
        point.y = i
    return point.x + point.y


@micro("STORE_ATTR")
def store_slot(n: int) -> int:
    point = SlotPoint(1, 2)
    for i in range(n):
        point.x = i
        point.y = i
    return point.x + point.y


GLOBAL = 3


@micro("LOAD_GLOBAL")
def load_global(n: int) -> int:
    total = 0
    for _ in range(n):
        total += GLOBAL
    return total


@micro("LOAD_GLOBAL")
def load_builtin(n: int) -> int:
    found = 0
    for _ in range(n):
        if int is not str:
            found += 1
    return found


# CALL


def add(a: int, b: int) -> int:
    """The callee of the call programs."""
    return a + b


def add_defaults(a: int, b: int = 2, *, c: int = 3) -> int:
    """A callee with defaults, positional and keyword-only."""
    return a + b + c


def add_all(*numbers: int, **named: int) -> int:
    """A callee that collects its arguments."""
    return len(numbers) + len(named)


@micro("CALL", 100_000)
def call_python(n: int) -> int:
    total = 0
    for i in range(n):
        total = add(total, i)
    return total


@micro("CALL", 100_000)
def call_defaults(n: int) -> int:
    total = 0
    for i in range(n):
        total += add_defaults(i)
    return total


def subtract(a: int, b: int) -> int:
    """Another callee of the same arguments."""
    return a - b


def subtract_defaults(a: int, b: int = 2) -> int:
    """Another one with defaults."""
    return a - b


@micro("CALL", 100_000)
def call_of_many(n: int) -> int:
    operations = (add, subtract, subtract, add)
    total = 0
    for i in range(n):
        total = operations[i & 3](total, i)
    return total


@micro("CALL", 100_000)
def call_of_many_with_defaults(n: int) -> int:
    operations = (add_defaults, subtract_defaults, subtract_defaults, add_defaults)
    total = 0
    for i in range(n):
        total += operations[i & 3](i)
    return total


@micro("CALL_KW", 100_000)
def call_keywords(n: int) -> int:
    total = 0
    for i in range(n):
        total += add_defaults(a=i, c=1)
    return total


@micro("CALL_KW", 100_000)
def call_method_keywords(n: int) -> int:
    point = Point(1)
    total = 0
    for i in range(n):
        total += point.moved(i, dy=2)
    return total


@micro("CALL", 100_000)
def call_bound_method(n: int) -> int:
    moved = Point(1).moved
    total = 0
    for i in range(n):
        total += moved(i, 1)
    return total


@micro("CALL_FUNCTION_EX", 50_000)
def call_star(n: int) -> int:
    numbers = (1, 2, 3)
    named = {"a": 1}
    total = 0
    for _ in range(n):
        total += add_all(*numbers, **named)
    return total


@micro("CALL", 50_000)
def call_class(n: int) -> int:
    total = 0
    for i in range(n):
        total += Point(i, 1).y
    return total


@micro("CALL", 100_000)
def call_builtin_class(n: int) -> int:
    total = 0
    for i in range(n):
        total += len(str(i)) + int(1.5)
    return total


@micro("CALL")
def call_type_tuple(n: int) -> int:
    item = (1, 2)
    found = 0
    for _ in range(n):
        if type(item) is tuple:
            found += 1
    return found


@micro("CALL")
def call_len(n: int) -> int:
    items = [1, 2, 3]
    total = 0
    for _ in range(n):
        total += len(items)
    return total


@micro("CALL")
def call_isinstance(n: int) -> int:
    item = Point3(1)
    found = 0
    for _ in range(n):
        if isinstance(item, Point):
            found += 1
    return found


@micro("CALL")
def call_builtin(n: int) -> int:
    total = 0
    for i in range(n):
        total += abs(-i) + min(i, 5)
    return total


@micro("CALL")
def call_list_append(n: int) -> int:
    items: list[int] = []
    for i in range(n):
        items.append(i)
    return len(items)


@micro("CALL", 100_000)
def call_method_descriptor(n: int) -> int:
    text, table = "spam", {"a": 1}
    total = 0
    for _ in range(n):
        total += len(text.upper()) + table.get("a", 0) + text.find("m")
    return total


def fib(n: int) -> int:
    """Fibonacci's n-th number, by as many calls."""
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@micro("CALL", 24)
def call_recursive(n: int) -> int:
    return fib(n)


@micro("CALL", 100_000)
def call_closure(n: int) -> int:
    total: int = 0

    def grow(by: int) -> None:
        nonlocal total
        total += by

    for i in range(n):
        grow(i)
    return total


@micro("CALL", 100_000)
def call_lambda_argument(n: int) -> int:
    return sum(map(lambda i: i + 1, range(n)))  # noqa: C417 (a callback is the subject)


# FOR_ITER, SEND, UNPACK_SEQUENCE, STORE_SUBSCR


@micro("FOR_ITER", 400_000)
def for_range(n: int) -> int:
    last = 0
    for i in range(n):
        last = i
    return last


@micro("FOR_ITER", 400_000)
def for_list(n: int) -> int:
    last = 0
    for i in [3] * n:
        last = i
    return last


@micro("FOR_ITER", 400_000)
def for_tuple(n: int) -> int:
    last = 0
    for i in (3,) * n:
        last = i
    return last


@micro("FOR_ITER")
def for_dict(n: int) -> int:
    total = 0
    for key, value in dict.fromkeys(range(n), 2).items():
        total += key + value
    return total


def count_up(n: int) -> Iterator[int]:
    """The generator of the generator programs."""
    i = 0
    while i < n:
        yield i
        i += 1


@micro("FOR_ITER")
def for_generator(n: int) -> int:
    total = 0
    for i in count_up(n):
        total += i
    return total


def delegate(n: int) -> Generator[int, None, int]:
    """Two delegating generators, so that each value passes through `yield from`."""
    yield from count_up(n)
    return n


@micro("SEND", 100_000)
def send_yield_from(n: int) -> int:
    total = 0
    for i in delegate(n):
        total += i
    return total


async def answer(i: int) -> int:
    """The coroutine that is awaited."""
    return i


async def await_many(n: int) -> int:
    """Await `answer` n times."""
    total = 0
    for i in range(n):
        total += await answer(i)
    return total


@micro("SEND", 100_000)
def send_await(n: int) -> object:
    try:
        await_many(n).send(None)
    except StopIteration as stop:
        return stop.value
    return None


@micro("UNPACK_SEQUENCE")
def unpack_two_tuple(n: int) -> int:
    pair = (1, 2)
    total = 0
    for _ in range(n):
        a, b = pair
        total += b - a
    return total


@micro("UNPACK_SEQUENCE")
def unpack_tuple(n: int) -> int:
    items = (1, 2, 3, 4)
    total = 0
    for _ in range(n):
        a, b, c, d = items
        total += a - b + c - d
    return total


@micro("UNPACK_SEQUENCE")
def unpack_list(n: int) -> int:
    items = [1, 2, 3]
    total = 0
    for _ in range(n):
        a, b, c = items
        total += a - b + c
    return total


@micro("STORE_SUBSCR")
def store_list(n: int) -> int:
    items = [0] * 8
    for i in range(n):
        items[i & 7] = i
    return sum(items)


@micro("STORE_SUBSCR")
def store_dict(n: int) -> int:
    table = {}
    for i in range(n):
        table[i & 63] = i
    return sum(table.values())


# What no specialised form is about, but every program does.


@micro("exceptions")
def try_without_raise(n: int) -> int:
    total = 0
    for i in range(n):
        try:
            total += i
        except ValueError:
            total = -1
    return total


@micro("exceptions", 50_000)
def try_with_raise(n: int) -> int:
    caught = 0
    for _ in range(n):
        try:
            raise ValueError
        except ValueError:
            caught += 1
    return caught


def fail() -> None:
    """Raise through one frame."""
    raise KeyError("x")


@micro("exceptions", 50_000)
def raise_through_call(n: int) -> int:
    caught = 0
    for _ in range(n):
        try:
            fail()
        except KeyError:
            caught += 1
    return caught


class Guard:
    """A context manager that does nothing."""

    def __enter__(self) -> int:
        return 1

    def __exit__(self, *exception: object) -> None:
        return None


@micro("with", 50_000)
def with_statement(n: int) -> int:
    guard = Guard()
    total = 0
    for _ in range(n):
        with guard as one:
            total += one
    return total


@micro("comprehensions", 2_000)
def comprehensions(n: int) -> int:
    total = 0
    for i in range(n):
        total += len([i + j for j in range(20) if j & 1])
        total += len({j: i for j in range(10)})  # noqa: C420 (the comprehension is measured)
    return total


@micro("comprehensions", 10_000)
def generator_expression(n: int) -> int:
    total = 0
    for _ in range(n):
        total += sum(j for j in range(10))
    return total


@micro("f-strings", 100_000)
def format_text(n: int) -> int:
    total = 0
    for i in range(n):
        total += len(f"{i}:{total!r:>8}")
    return total


@micro("match", 50_000)
def match_statement(n: int) -> int:
    shapes = ((1, 2), [3], {"kind": "x"}, Point(4, 5))
    total = 0
    for i in range(n):
        match shapes[i & 3]:
            case (a, b):
                total += b - a
            case [a]:
                total += a
            case {"kind": _}:
                total += 1
            case Point(x=a):
                total += a
    return total


@micro("while", 300_000)
def while_loop(n: int) -> int:
    i = 0
    while i < n:
        i += 1
    return i
