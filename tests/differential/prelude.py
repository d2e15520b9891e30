"""What every random program may use.  Executed anew for each program and each side.

The text of this file after the marker line is the start of the program's namespace; it
is ordinary code, so it runs on the engine too.  Fuel makes every program end: once it
is used up, each loop and each call raises IndexError at its first ``tick()``.
"""

# --- the prelude begins here ---
import math  # noqa: F401 (this and more is there for the programs)
import sys
from contextlib import suppress  # noqa: F401
from functools import partial, reduce  # noqa: F401
from itertools import chain  # noqa: F401

BIG = (1 << 70) + 1
inf = float("inf")
nan = float("nan")
LOG = []
DEATHS = []
FUEL = [0] * 60
EXACT_PLACES = True  # the observer clears it where the host's lines cannot be relied on
tick = FUEL.pop


def text_of(value):
    """str(value), also of an object that its __init__ has left unfinished."""
    try:
        return str(value)
    except Exception as error:
        return f"no text: {type(error).__name__}"


def plain(value, depth=2):
    """A value that equals its like on the other side, and has no address in it."""
    kind = type(value)
    if kind is str and " at 0x" in value.lower():
        value = value.lower().partition(" at 0x")[0]
    if kind in (int, float, str, bytes, bool, complex, type(None), type(...)):
        return repr(value)[:200]
    if depth and kind in (list, tuple, set, frozenset):
        items = sorted(value, key=repr) if kind in (set, frozenset) else value
        return kind.__name__ + repr([plain(item, depth - 1) for item in [*items][:12]])
    if depth and kind is dict:
        items = [(plain(k, 0), plain(v, depth - 1)) for k, v in [*value.items()][:12]]
        return repr(items)
    if issubclass(kind, BaseException):  # isinstance would ask the value
        return f"{kind.__name__}: {text_of(value)[:100]}"
    return f"<{kind.__name__}>"


def log(*values):
    LOG.append([plain(value) for value in values])


def described(error):
    lines = []
    traceback = error.__traceback__
    while traceback:
        line = traceback.tb_lineno if EXACT_PLACES else 0
        lines.append((traceback.tb_frame.f_code.co_name, line))
        traceback = traceback.tb_next
    return type(error).__name__, plain(text_of(error)), lines[:20]


def note(error):
    LOG.append(described(error))


def hot(function, plan, *cases):
    """Call the function with the cases in the plan's order, or a case itself."""
    tick()
    tick()
    runs = []
    for digit in plan:
        case = cases[int(digit) % len(cases)]
        try:
            seen = plain(case() if callable(case) else function(*case), 3)
        except Exception as error:
            seen = described(error)
        if runs and runs[-1][1] == seen:
            runs[-1][0] += 1
        else:
            runs.append([1, seen])
    LOG.append(runs)


def attempt(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        note(error)
        return 0
    finally:
        log("attempted")


def depth():
    frame, count = sys._getframe(1), 0
    while frame:
        frame, count = frame.f_back, count + 1
    return count


def caller():
    frame = sys._getframe(1)
    return frame.f_code.co_name, frame.f_lineno, frame.f_back.f_code.co_name


def twice(q):
    return q + q % 1000


def add(q):
    def adder(r):
        nonlocal q
        q = q % 1000
        return q + r

    return adder


def shapes(i, s="s", *rest, k=1, **more):
    return i, s, len(rest), k, sorted(more)


def strict(a, /, b=2, *, c=3):
    return a, b, c


def decorated(function):
    def wrapper(*args, **kwargs):
        log("decorated", len(args))
        return function(*args, **kwargs)

    wrapper.__wrapped__ = function
    return wrapper


def group(count, first, second):
    if count:
        inner = ExceptionGroup("inner", [second(count), ValueError(1)])
        raise ExceptionGroup("outer", [first(0), inner])


def numbers(count):
    for i in range(count % 5 if isinstance(count, int) else 2):
        got = yield i
        if got is not None:
            log("got", got)
    return count


class Await:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield self.value
        return self.value if got is None else got


async def waiting(value):
    first = await Await(value)
    return await Await(first)


async def stream(count):
    try:
        for i in range(count % 4 if isinstance(count, int) else 2):
            got = yield await Await(i)
            log("async got", got)
    finally:
        log("stream ends")


async def collect(source):
    return [item async for item in source]


def drive(coroutine, replies=()):
    """Run a coroutine by hand, replying from a list; exceptions in it are thrown."""
    replies = list(replies)
    seen = []
    reply = None
    try:
        while True:
            tick()
            if isinstance(reply, Exception):
                seen.append(coroutine.throw(reply))
            else:
                seen.append(coroutine.send(reply))
            reply = replies.pop(0) if replies else None
    except StopIteration as stop:
        return stop.value
    finally:
        log("drove", seen)
        coroutine.close()


def traced(function, *args):
    """Call under a trace function that logs every event."""

    def tracer(frame, event, arg):
        name = frame.f_code.co_name
        LOG.append((event, name, frame.f_lineno, plain(arg)[:60]))
        return tracer if len(LOG) < 300 else None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        return function(*args)
    finally:
        sys.settrace(before)


def profiled(function, *args):
    """Call under a profile function that logs every event."""

    def profiler(frame, event, arg):
        if len(LOG) < 300:
            LOG.append((event, frame.f_code.co_name, frame.f_lineno))

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        return function(*args)
    finally:
        sys.setprofile(before)


class Manager:
    """A context manager that, by its number, raises at either end or suppresses."""

    def __init__(self, number):
        self.number = number

    def __enter__(self):
        log("enter", self.number)
        if self.number == 4:
            raise ValueError("enter")
        return self.number

    def __exit__(self, kind, error, traceback):
        line = traceback and (traceback.tb_lineno if EXACT_PLACES else "line")
        log("exit", kind and kind.__name__, line)
        if self.number == 3:
            raise KeyError("exit")
        return self.number == 2


class AsyncManager(Manager):
    async def __aenter__(self):
        return await Await(self.__enter__())

    async def __aexit__(self, *error):
        await Await("exit")
        return self.__exit__(*error)


class Iterable:
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return self

    def __next__(self):
        self.count -= 1
        if self.count < 0:
            raise StopIteration
        return self.count


class Counting:
    """A data descriptor.

    It stands under the name i, too, and must not come back to itself there: at which
    level a recursion without end is noticed is not the same on both sides
    (docs/compatibility.md, "The recursion limit").
    """

    def __get__(self, instance, owner=None):
        return self if instance is None else vars(instance).get("i", 0) + 1

    def __set__(self, instance, value):
        log("descriptor set", value)
        vars(instance)["i"] = value


class Meta(type):
    def __call__(cls, *args, **kwargs):
        return super().__call__(*args, **kwargs)

    def __getattr__(cls, name):
        if name == "shared":
            return 7
        raise AttributeError(name)


class Base:
    __match_args__ = ("i", "l")
    shared = 1
    name = "base"
    d = Counting()

    def __init__(self, i=1, l=(1, 2)):  # noqa: E741
        self.i = i
        self.l = list(l)
        self.f = 1.5
        self.t = (1, 2)

    @property
    def p(self):
        return self.i * 2 if isinstance(self.i, int) else self.missing

    @p.setter
    def p(self, value):
        self.i = value

    @staticmethod
    def s(i):
        return i

    @classmethod
    def c(cls, i):
        return cls.shared if i else len(cls.__name__)

    def m(self, i):
        return self.i + i % 1000

    def self(self):
        return self

    def __getattr__(self, name):
        if name == "fallback":
            return 11
        raise AttributeError(f"no {name}")

    def __getitem__(self, key):
        return self.l[key]

    def __setitem__(self, key, value):
        self.l[key] = value

    def __lt__(self, other):
        log("lt")
        return self.i < (other.i if isinstance(other, Base) else other)

    def __len__(self):
        return len(self.l)

    def __repr__(self):
        return f"<{type(self).__name__}>"

    def __int__(self):
        return self.i


class Derived(Base, metaclass=Meta):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.name = "derived"

    def m(self, i):
        return super().m(i) + super(Derived, self).s(1)  # noqa: UP008

    def __setattr__(self, name, value):
        if name == "extra":
            raise AttributeError(name)
        super().__setattr__(name, value)


class Number(Base):
    __match_args__ = ("value",)

    @property
    def value(self):
        return self.i

    def __repr__(self):
        return f"Number({self.i})"

    def __call__(self, *args, **kwargs):
        return len(args) + len(kwargs)

    def __bool__(self):
        log("bool")
        return bool(self.i)

    def __eq__(self, other):
        log("eq")
        return self.i == (other.i if isinstance(other, Base) else other)

    def __contains__(self, item):
        return item == self.i

    def __neg__(self):
        return Number(-self.i)

    def __add__(self, other):
        log("add")
        if isinstance(other, Base):
            other = other.i
        return Number(self.i + other % 1000)

    def __radd__(self, other):
        log("radd")
        return Number(other + self.i % 1000)

    def __rsub__(self, other):
        return Number(other - self.i)

    def __mul__(self, other):
        if isinstance(other, int):
            return Number(self.i % 100 * (other % 100))
        return NotImplemented

    def __iadd__(self, other):
        log("iadd")
        self.i = self.i + other % 1000
        return self

    def __matmul__(self, other):
        return Number(other)


class Slots:
    __slots__ = ("i", "l")
    shared = 2

    def __init__(self, i=0, l=()):  # noqa: E741
        self.i = i

    def m(self, i):
        return self.i - i

    def __repr__(self):
        return "<Slots>"


class Described:
    @property
    def both(self):
        return self.__dict__.setdefault("seen", 1)

    def __init__(self, i):
        self.i = i

    def __getattribute__(self, name):
        if name == "method":
            return lambda i: (name, i)
        return super().__getattribute__(name)


class Mortal:
    """Says when it dies, which reference counting fixes exactly."""

    def __init__(self, i):
        self.i = i

    def __del__(self, deaths=DEATHS, log=LOG, plain=plain):
        deaths.append((len(log), plain(self.i)))


class Watcher(Mortal):
    """Says from where it died."""

    def __del__(self, deaths=DEATHS, log=LOG, frame_of=sys._getframe):
        frame, callers = frame_of(1), []
        while frame and len(callers) < 3:
            callers.append((frame.f_code.co_name, EXACT_PLACES and frame.f_lineno))
            frame = frame.f_back
        deaths.append((len(log), callers))


class Names:
    one = 1
    two = 2


# Kinds of owners, callables and iterators that engines tell apart


class Whole(int):
    pass


class Real(float):
    pass


class Text(str):
    pass


class Items(list):
    pass


class Pair(tuple):
    pass


class Table(dict):
    pass


class Plain:
    a = 1

    def __init__(self, i=1):
        self.i = i

    def m(self, i=0):
        return i


class Answers(Plain):
    def __getattr__(self, name):
        if name == "missing":
            raise AttributeError(name)
        return "answer", name


class Override(Plain):
    def __getattribute__(self, name):
        if name in ("i", "zz"):
            return "override", name
        return object.__getattribute__(self, name)


class Both(Answers):
    def __getattribute__(self, name):
        if name == "fallback":
            raise AttributeError(name)
        return super().__getattribute__(name)


class NonData:
    def __get__(self, instance, owner):
        return "nondata", instance is None


class Calls:
    def __call__(self, *args):
        return len(args)


class Hidden(Plain):
    nondata = NonData()
    only = Counting()
    value = Calls()


class SlotsAndDict:
    __slots__ = ("__dict__", "i")
    shared = 3

    def __init__(self, i=1):
        self.i = i

    def m(self, i):
        return i


class Quiet(type):
    def s(cls, i):
        return "meta", i


class Meant(metaclass=Quiet):
    shared = 4

    def __init__(self, i=1):
        self.i = i

    @classmethod
    def c(cls, i):
        return i

    def m(self, i):
        return i


class Judged(type):
    def __instancecheck__(cls, value):
        return value == 5


class Judge(metaclass=Judged):
    pass


class Failing:
    def __init__(self, *args):
        raise ValueError(len(args))


class Returning:
    def __init__(self, *args):
        return args


class Fresh:
    def __new__(cls, *args):
        return args

    def __init__(self, *args):
        log("never")


class Row:
    def __getitem__(self, key):
        if key == 3:
            raise IndexError(key)
        return key


class Steps:
    def __init__(self, count):
        self.count = count

    def __iter__(self):
        return self

    def __next__(self):
        log("step", self.count)
        self.count -= 1
        if self.count < 0:
            raise StopIteration
        return self.count


class Breaks(Steps):
    def __next__(self):
        self.count -= 1
        if self.count < 0:
            raise ValueError("broken")
        return self.count


def filled(owner):
    """The owner, its values in a dict of its own."""
    vars(owner)["only"] = 3
    return owner
