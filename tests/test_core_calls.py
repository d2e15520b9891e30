"""Calls: every shape, every error text, pushed frames and calls through the host."""

from __future__ import annotations

from textwrap import indent

import pytest
import support
from support import same

import adaptive

#: Parameter lists; each becomes `def f(...): return (every parameter, in order)`.
SIGNATURES = (
    "",
    "a",
    "a, b",
    "a, b=20",
    "a=10, b=20, c=30",
    "a, /",
    "a, /, b",
    "a, b=20, /, c=30",
    "*, k",
    "*, k=1",
    "a, *, k, m=2",
    "*args",
    "a, *args",
    "a, *args, k=1",
    "*args, k",
    "**kw",
    "a, **kw",
    "a, /, **kw",
    "*args, **kw",
    "a, b=20, *args, k, m=2, **kw",
    "a, b, c, d, e, g, h, i",
)

#: Argument lists.
ARGUMENTS = (
    "",
    "1",
    "1, 2",
    "1, 2, 3",
    "1, 2, 3, 4, 5, 6, 7, 8",
    "a=1",
    "b=2",
    "k=3",
    "1, a=2",
    "1, b=2",
    "1, k=2",
    "1, k=2, m=3",
    "1, 2, k=3, z=4",
    "a=1, b=2, c=3",
    "b=1, a=2",
    "z=1",
    "1, 2, c=3",
    "*()",
    "*[1]",
    "*(1, 2)",
    "*range(8)",
    "**{}",
    "**{'a': 1}",
    "*[1], **{'k': 2}",
    "1, *[2], k=3",
    "**{'k': 1, 'z': 2}",
    "a=1, **{'b': 2}",
    "*[1, 2], **{'b': 3}",
)

PROGRAMS = {
    "not_callable": """
        def main():
            found = []
            for thing in (1, None, "s", [], object):
                try:
                    thing(1, 2, 3)
                except TypeError as error:
                    found.append(str(error))
            return found
        """,
    "bad_stars": """
        def f(*args, **kw):
            return args, kw

        class Keys:
            def keys(self):
                return ["a", "b"]
            def __getitem__(self, key):
                return key * 2

        class Broken:
            def __iter__(self):
                raise ValueError("no items")

        def main():
            found = [f(**Keys())]
            for call in (
                lambda: f(*1),
                lambda: f(*None, **{}),
                lambda: f(**1),
                lambda: f(**[]),
                lambda: f(1, **{1: 2}),
                lambda: f(a=1, **{"a": 2}),
                lambda: f(**{"a": 1}, **{"a": 2}),
                lambda: f(*Broken()),
                lambda: len(*1),
                lambda: int(**{"x": 1}, **{"x": 1}),
                lambda: [].append(*2),
            ):
                try:
                    found.append(call())
                except Exception as error:
                    found.append((type(error).__name__, str(error)))
            return found
        """,
    "keys_of_str_subclass": """
        class Name(str):
            def __hash__(self):
                return hash(str(self))
            def __eq__(self, other):
                return str(self) == other

        def f(a, b=2):
            return a, b

        def main():
            return f(**{Name("a"): 1, Name("b"): 3}), f(1, **{Name("b"): 4})
        """,
    "classes": """
        class Plain:
            pass

        class Init:
            def __init__(self, a, b=2, *args, **kw):
                self.seen = a, b, args, kw

        class Bad:
            def __init__(self):
                return 5

        class Raises:
            def __init__(self, n):
                raise ValueError(n)

        class New:
            def __new__(cls, *args):
                return args
            def __init__(self, *args):
                raise AssertionError

        class Both:
            def __new__(cls, *args):
                self = super().__new__(cls)
                self.new = args
                return self
            def __init__(self, a):
                self.init = a

        class Meta(type):
            def __call__(cls, *args):
                return "meta", args

        class WithMeta(metaclass=Meta):
            def __init__(self):
                raise AssertionError

        class Generator:
            def __init__(self):
                yield

        def main():
            one = Init(1, *[3, 4], k=5)
            two = Init(1)
            found = [one.seen, two.seen, Both(1).init, Both(2).new, New(1), WithMeta(7)]
            for call in (
                Bad, Raises, lambda: Raises(3), Init, lambda: Init(b=3),
                lambda: Plain(1), lambda: Both(), Generator, lambda: Init(1, a=2),
            ):
                try:
                    call()
                except Exception as error:
                    found.append((type(error).__name__, str(error)))
            return found
        """,
    "init_changes_while_warm": """
        class C:
            def __init__(self, x):
                self.x = x

        def make():
            return C(1)

        def other(self, x):
            self.y = x

        class Callable:
            def __call__(self, *args):
                return None

        def main():
            found = [vars(make())]
            C.__init__ = other
            found.append(vars(make()))
            C.__init__ = Callable()
            found.append(vars(make()))
            del C.__init__
            try:
                make()
            except TypeError as error:
                found.append(str(error))
            C.__new__ = lambda cls, x: x
            found.append(make())
            return found
        """,
    "abstract": """
        import abc

        class A(abc.ABC):
            def __init__(self):
                self.made = 1
            @abc.abstractmethod
            def m(self): ...

        class Direct:
            __init__ = lambda self: None

        Direct.__abstractmethods__ = frozenset({"m"})

        def main():
            found = []
            for cls in (A, Direct):
                try:
                    cls()
                except TypeError as error:
                    found.append(str(error))
            return found
        """,
    "bound_methods": """
        class C:
            def m(self, a, b=2, *args, k=4):
                return a, b, args, k
            @classmethod
            def c(cls, a):
                return cls.__name__, a
            @staticmethod
            def s(a):
                return a
            def __call__(self, a):
                return "called", a
            @property
            def p(self):
                return self.m

        class D(C):
            def m(self, *args, **kw):
                return super().m(*args, **kw), "D"
            def nothing():
                pass

        def main():
            c, d = C(), D()
            bound, unbound = c.m, C.m
            found = [
                bound(1), bound(1, 3, 5, k=6), unbound(c, 1), c.m(1, b=7), d.m(8),
                c.c(1), C.c(2), c.s(3), C.s(4), c(5), c.p(6), D.c(7),
                bound(*[1, 2], **{"k": 3}), list(map(c.m, [1, 2])),
            ]
            for call in (
                lambda: bound(), lambda: unbound(), lambda: c.m(1, z=2),
                lambda: d.nothing(), lambda: bound(*[], **{}), lambda: c.c(),
                lambda: c.s(), lambda: c(), lambda: c.missing(),
                lambda: None.missing(), lambda: C.missing(1),
            ):
                try:
                    found.append(call())
                except Exception as error:
                    found.append((type(error).__name__, str(error)))
            return found
        """,
    "method_wrappers": """
        import functools, types

        def f(*args, **kw):
            return args, kw

        class Odd:
            __call__ = functools.partial(f, "partial")

        class Nested:
            __call__ = Odd()

        def main():
            twice = types.MethodType(types.MethodType(f, 1), 2)
            of_builtin = types.MethodType(len, [1, 2, 3])
            return (
                Odd()(1, k=2), Nested()(3), twice(3), of_builtin(),
                functools.partial(f, 1)(2), types.MethodType(Odd, 1),
            )[:5]
        """,
    "builtin_errors": """
        def main():
            found = []
            for call in (
                lambda: len(), lambda: len(1, 2), lambda: len(5), lambda: int("x"),
                lambda: int(1, 2, 3), lambda: sorted(1), lambda: sorted([], key=1, z=2),
                lambda: isinstance(1), lambda: [].append(), lambda: {}.get(),
                lambda: "".join([1]), lambda: print(sep=1), lambda: max(),
                lambda: dict([1]), lambda: ord("ab"), lambda: getattr(1, "x"),
            ):
                try:
                    found.append(call())
                except Exception as error:
                    found.append((type(error).__name__, str(error)))
            return found
        """,
    "code_and_defaults_change": """
        def f(a, b=2, *, k=3):
            return a, b, k

        def call():
            return f(1)

        def g(a, b=5, *, k=6):
            return "g", a, b, k

        def main():
            found = [call()]
            f.__defaults__ = (20, 30)
            found.append((call(), f()))
            f.__kwdefaults__ = {"k": 40}
            found.append(call())
            f.__kwdefaults__ = None
            for change in (None, (1,)):
                f.__defaults__ = change
                try:
                    found.append(call())
                except TypeError as error:
                    found.append(str(error))
            f.__kwdefaults__ = {"k": 1}
            f.__defaults__ = (7,)
            f.__code__ = g.__code__
            found.append(call())
            return found
        """,
    "cells_and_arguments": """
        def outer(a, b=2, *args, k=3, **kw):
            def inner():
                nonlocal a
                a += 1
                return a, b, args, k, kw
            return inner

        def main():
            inner = outer(1, 5, 6, k=7, z=8)
            again = outer(a=10)
            return inner(), inner(), again(), again()
        """,
    "many_arguments": """
        names = [f"p{i}" for i in range(300)]
        exec(f"def wide({', '.join(names)}): return sum((p0, p1, p299))")
        exec(f"def call(): return wide({', '.join(map(str, range(300)))})")
        exec(f"def by_name(): return wide({', '.join(f'{n}=2' for n in names)})")
        exec(f"def star(): return wide(*range(299), p299=5)")

        def main():
            found = [call(), by_name(), star()]
            try:
                wide(*range(3))
            except TypeError as error:
                found.append(str(error))
            return found
        """,
    "evaluation_order": """
        log = []

        def note(x):
            log.append(x)
            return x

        def f(*args, **kw):
            return args, kw

        def main():
            found = f(note(1), *[note(2)], note(3), k=note(4), **{"m": note(5)})
            try:
                note(f)(note(6), k=note(1 / 0), m=note(7))
            except ZeroDivisionError:
                pass
            return found, log[:5], log[-1]
        """,
    "recursion_through_everything": """
        import functools

        class C:
            def __init__(self, n):
                self.n = n and C(n - 1)
            def __getitem__(self, n):
                return n and self[n - 1]
            def __getattr__(self, name):
                return getattr(self, name[1:]) if len(name) > 1 else 0
            def __call__(self, n):
                return n and self(n - 1)
            def __eq__(self, n):
                return n == 0 or self == n - 1
            def __add__(self, n):
                return n and self + (n - 1)
            def __iter__(self):
                yield 1

        def by_map(n):
            return n and list(map(by_map, [n - 1]))[0]

        def by_sort(n):
            return n and sorted([n - 1], key=by_sort)[0]

        def star(n, *args):
            return n and star(n - 1, *args, 1)

        def main():
            c = C(20)
            return c[20], c.abcdefgh, c(20), c == 20, c + 20, by_map(20), star(20)
        """,
    "results_dropped": """
        alive = []

        class Kept:
            def __init__(self, n):
                alive.append(n)
            def __del__(self):
                alive.remove(self.n)
            n = 0

        def main():
            for n in range(3):
                Kept(0)
            k = Kept(0)
            return list(alive)
        """,
    "init_error_frees": """
        log = []

        class C:
            def __init__(self, fail):
                if fail:
                    raise ValueError
            def __del__(self):
                log.append("dead")

        def main():
            for fail in (1, 0, 1):
                try:
                    C(fail)
                except ValueError:
                    log.append("raised")
            return log
        """,
    "function_is_replaced_while_it_runs": """
        def f(n):
            global f
            f = None
            return n + 1

        def main():
            return f(1), f
        """,
    "class_cell_and_super": """
        class A:
            def m(self):
                return "A", __class__.__name__
            @classmethod
            def c(cls):
                return cls.__name__

        class B(A):
            def m(self):
                return super().m(), super(B, self).m(), __class__.__name__
            @classmethod
            def c(cls):
                return super().c()
            def bad(*args):
                return super().m()
            def nested(self):
                return [super(B, self).m() for _ in range(2)]

        def loose(self):
            return super().m()

        def main():
            found = [B().m(), B.c(), B().nested()]
            for call in (lambda: B.bad(), lambda: loose(1), lambda: B.bad(1)):
                try:
                    found.append(call())
                except Exception as error:
                    found.append((type(error).__name__, str(error)))
            return found
        """,
    "decorated": """
        import functools

        def doubled(f):
            @functools.wraps(f)
            def wrapper(*args, **kw):
                return f(*args, **kw) * 2
            return wrapper

        @doubled
        @functools.lru_cache
        def f(a, *, k=1):
            return (a, k)

        def main():
            return f(1), f(1), f(2, k=3), f.__name__, f.__wrapped__.cache_info()
        """,
    "exec_eval_compile": """
        def main():
            scope = {}
            exec("def f(n): return n and f(n - 1)\\nx = f(5)", scope)
            found = [scope["x"], eval("x + y", scope, {"y": 3})]
            exec("a = 1\\nfor i in range(3): a += i", scope)
            found.append(scope["a"])
            local = 3
            found.append(eval("local + 1"))
            found.append(eval("[i for i in range(local)]", {"local": 2}))
            try:
                exec("1 + ", scope)
            except SyntaxError as error:
                found.append(error.msg)
            return found
        """,
}


def grid_source(signature: str) -> str:
    """A program that calls one signature with every argument list."""
    names = [
        part.split("=")[0].strip().lstrip("*")
        for part in signature.split(",")
        if part.strip() not in ("", "/", "*")
    ]
    lines = [
        f"def f({signature}):",
        f"    return ({''.join(name + ', ' for name in names)})",
        "found = []",
        "class C:",
        f"    def m(self{', ' if signature else ''}{signature}):",
        f"        return ({''.join(name + ', ' for name in names)})",
        f"    def __init__(self{', ' if signature else ''}{signature}):",
        f"        self.made = ({''.join(name + ', ' for name in names)})",
        "c = C.__new__(C)",
    ]
    for number, arguments in enumerate(ARGUMENTS):
        lines += [
            f"def call{number}():",
            indent(
                f"try: found.append(f({arguments}))\n"
                "except TypeError as error: found.append(str(error))\n"
                f"try: found.append(c.m({arguments}))\n"
                "except TypeError as error: found.append(str(error))\n"
                f"try: found.append(C({arguments}).made)\n"
                "except TypeError as error: found.append(str(error))",
                "    ",
            ),
        ]
    calls = "; ".join(f"call{number}()" for number in range(len(ARGUMENTS)))
    return "\n".join([*lines, f"def main(): {calls}; return found"]) + "\n"


@pytest.mark.parametrize("signature", SIGNATURES)
def test_binding(signature: str) -> None:
    """S0-24: each signature with each argument list: same values, same errors."""
    shown = same(grid_source(signature))
    assert shown.how == "returned"


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str) -> None:
    """S0-20, S0-22, S0-25, S0-26, S1-32, S2-38: programs about calls."""
    assert same(PROGRAMS[name]).how == "returned"


@pytest.mark.parametrize("stress", ["bail:1", "bail:2", "gc"])
def test_programs_under_stress(stress: str) -> None:
    """S2-53: frames handed over anywhere, garbage collected anywhere."""
    support.agree_under_stress(__name__, stress)


def test_python_calls_are_inlined() -> None:
    """S2-51: calls from engine code to Python code go neither by hook nor by host."""
    main = support.function(
        """
        class C:
            def __init__(self, a):
                self.a = a
            def m(self, b=1):
                return self.a + b

        def f(a, *args, k=2, **kw):
            return a

        def f0():
            return 1

        def main():
            for _ in range(10):
                c = C(1)
                c.m()
                c.m(b=2)
                bound = c.m
                bound(3)
                C.m(c)
                f(1, 2, k=3, z=4)
                f(*[1], **{"k": 5})
                f0()
        """,
        "main",
    )
    with support.hot_engine():
        main()
        adaptive.reset_counters()
        main()
        seen = adaptive.counters()
    # The one call of range(10), and leaving the with block.
    assert seen["calls_inlined"] >= 80
    assert seen["calls_through_host"] <= 5
    assert seen["frames"]["engine"] >= 81


def test_cold_callees_warm_up_by_calls() -> None:
    """A callee is the host's until it has been called `threshold` times."""
    names = support.loaded(
        """
        def callee():
            return 1

        def loops(n):
            for _ in range(n):
                callee()
        """
    )
    adaptive.enable(5)
    try:
        for calls in range(1, 9):
            adaptive.reset_counters()
            names["loops"](1)
            seen = adaptive.counters()
            on_host = seen["frames"]["host"].get("cold", 0)
            assert on_host == (1 if calls <= 5 else 0), calls
    finally:
        adaptive.disable()


def test_loop_is_on_the_engine_at_its_first_call() -> None:
    names = support.loaded("def f():\n    for i in range(3): pass\n    return i\n")
    with adaptive.enabled(1000):
        adaptive.reset_counters()
        assert names["f"]() == 2
        assert adaptive.counters()["lowered"] == 1
