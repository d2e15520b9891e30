"""Exceptions: tracebacks, chains, handlers, what is current where, `finally`."""

from __future__ import annotations

import pytest
import support
from support import same

import adaptive

#: Programs whose `main` raises: the traceback is compared as printed.
RAISING = {
    "positions": """
        def deep(x):
            return (x +
                    x.y.z[
                        3])

        def main():
            for value in (1,):
                [deep(value), deep(value)]
        """,
    "chain_of_calls": """
        class C:
            def __init__(self):
                self.run(1)
            def run(self, *args, **kw):
                return (lambda: other(*args, **kw))()

        def other(*args):
            try:
                {}["missing"]
            except KeyError as error:
                raise ValueError("outer") from error

        def main():
            C()
        """,
    "context": """
        def main():
            try:
                try:
                    1 / 0
                except ZeroDivisionError:
                    raise KeyError("second")
            finally:
                int("third")
        """,
    "suppressed_context": """
        def main():
            try:
                1 / 0
            except ZeroDivisionError:
                raise KeyError("second") from None
        """,
    "bare_raise": """
        def again():
            raise

        def main():
            try:
                [][1]
            except IndexError:
                again()
        """,
    "bare_raise_without_error": """
        def main():
            raise
        """,
    "raise_in_finally": """
        def main():
            for i in range(2):
                try:
                    continue
                finally:
                    raise OSError(i)
        """,
    "reraised_same": """
        def main():
            try:
                try:
                    None.x
                except AttributeError as error:
                    raise error
            except AttributeError as error:
                raise error.with_traceback(error.__traceback__)
        """,
    "bad_raises": """
        def main():
            raise 1 from 2
        """,
    "bad_cause": """
        def main():
            raise ValueError from 2
        """,
    "class_that_makes_no_exception": """
        class E(Exception):
            def __new__(cls):
                return 1

        def main():
            raise E
        """,
    "bad_except": """
        def main():
            try:
                1 / 0
            except (ValueError, "x"):
                pass
        """,
    "unbound": """
        def main():
            if not main:
                x = 1
            print(x)
        """,
    "unbound_free": """
        def main():
            def inner():
                return x
            inner()
            x = 1
        """,
    "deleted": """
        def main():
            x = 1
            del x
            def inner():
                return x
            del x
        """,
    "name_error_suggestion": """
        def main():
            value = 1
            return valeu
        """,
    "attribute_suggestion": """
        class C:
            blech = 1

        def main():
            return C().bluch
        """,
    "unpack": """
        def main():
            a, b = 1, 2
            a, b, *c = [a]
        """,
    "unpack_many": """
        def main():
            a, b = range(3)
        """,
    "unpack_no_iterable": """
        def main():
            for a, b in [1]:
                pass
        """,
    "with_exit_raises": """
        class C:
            def __enter__(self):
                return self
            def __exit__(self, *error):
                raise RuntimeError(error[0].__name__)

        def main():
            with C() as c, C() as d:
                1 / 0
        """,
    "no_context_manager": """
        def main():
            with 5:
                pass
        """,
    "with_without_exit": """
        class C:
            def __enter__(self):
                pass

        def main():
            with C():
                pass
        """,
    "assertion": """
        def main():
            assert 1 == 1
            x = 3
            assert x == 4, f"{x}"
        """,
    "import_errors": """
        def main():
            try:
                from os import no_such_name
            except ImportError:
                import no.such.package
        """,
    "recursion": """
        import sys
        sys.setrecursionlimit(150)

        def f(n):
            return f(n + 1)

        def main():
            try:
                f(0)
            except RecursionError as error:
                last = error
            finally:
                sys.setrecursionlimit(1000)
            raise ValueError("after") from last.with_traceback(None)
        """,
    "except_star_rest": """
        def main():
            try:
                raise ExceptionGroup("g", [
                    ValueError(1), ExceptionGroup("h", [TypeError(2), KeyError(3)])])
            except* ValueError as group:
                raise
            except* TypeError:
                1 / 0
        """,
    "except_star_naked": """
        def main():
            try:
                int("x")
            except* KeyError:
                pass
        """,
    "except_star_bad_type": """
        def main():
            try:
                int("x")
            except* ExceptionGroup:
                pass
        """,
    "notes": """
        def main():
            try:
                1 / 0
            except ZeroDivisionError as error:
                error.add_note("a note")
                raise
        """,
    "generator_raises": """
        def g():
            try:
                yield 1
            finally:
                yield from h()

        def h():
            yield 2
            raise LookupError("in h")

        def main():
            return list(g())
        """,
    "comprehension": """
        def main():
            return [[1 // y for y in (x, 0)] for x in (1,)]
        """,
    "class_body": """
        def main():
            class C:
                x = 1
                class D:
                    y = x
        """,
    "through_builtin": """
        def key(x):
            return x.missing

        def main():
            return sorted([1, 2], key=key)
        """,
    "decorator_line": """
        def bad(f):
            raise ValueError

        def main():
            @bad
            @bad
            def f():
                pass
        """,
    "multi_line_call": """
        def f(*args):
            raise ValueError(args)

        def main():
            return f(
                1,
                f(
                    2,
                ),
            )
        """,
    "system_exit": """
        def main():
            try:
                raise SystemExit(3)
            finally:
                pass
        """,
    "match_error": """
        class C:
            __match_args__ = ("a", "a")
            a = 1

        def main():
            match C():
                case C(1, 1):
                    pass
        """,
}

PROGRAMS = {
    "finally_overrides": """
        def returns():
            try:
                return 1
            finally:
                return 2

        def swallows():
            try:
                1 / 0
            finally:
                return "swallowed"

        def breaks():
            for i in range(5):
                try:
                    return i
                finally:
                    if i < 3:
                        continue
                    break
            return "left at", i

        def nested():
            log = []
            try:
                try:
                    log.append(1)
                    return log
                finally:
                    log.append(2)
                    try:
                        raise KeyError
                    except KeyError:
                        log.append(3)
            finally:
                log.append(4)

        def main():
            return returns(), swallows(), breaks(), nested()
        """,
    "exc_info": """
        import sys

        def now():
            kind, value, passing = sys.exc_info()
            return kind and (kind.__name__, str(value), passing.tb_lineno)

        def gen():
            yield now()
            try:
                raise ValueError("in gen")
            except ValueError:
                yield now()
                yield now()
            yield now()

        def main():
            seen = [now()]
            try:
                raise KeyError("outer")
            except KeyError:
                seen.append(now())
                g = gen()
                seen.append(next(g))
                seen.append(next(g))
                seen.append(now())
                try:
                    raise OSError("inner")
                except OSError:
                    seen.append(now())
                    seen.append(next(g))
                seen.append(now())
                seen.append(next(g))
            seen.append(now())
            h = gen()
            next(h), next(h)
            seen.append(now())
            try:
                raise IndexError
            except IndexError:
                seen.append(next(h))
                h.close()
                seen.append(now())
            return seen
        """,
    "context_chains": """
        def chain(error):
            found = []
            while error is not None:
                found.append((
                    type(error).__name__, str(error), error.__suppress_context__,
                    type(error.__cause__).__name__,
                    error.__traceback__ and error.__traceback__.tb_lineno))
                error = error.__context__
            return found

        def gen():
            try:
                yield 1
            except ValueError:
                raise KeyError("gen")

        def main():
            found = []
            for step in range(4):
                try:
                    try:
                        1 / 0
                    except ZeroDivisionError as first:
                        if step == 0:
                            raise first
                        if step == 1:
                            raise ValueError("a") from first
                        if step == 2:
                            g = gen()
                            next(g)
                            g.throw(ValueError("thrown"))
                        try:
                            raise OSError("b")
                        except OSError:
                            raise first
                except Exception as error:
                    found.append(chain(error))
            return found
        """,
    "handler_variable": """
        def main():
            error = "before"
            try:
                1 / 0
            except ZeroDivisionError as error:
                pass
            try:
                return error
            except UnboundLocalError as unbound:
                return str(unbound)
        """,
    "except_star": """
        def split(group):
            log = []
            try:
                try:
                    raise group
                except* ValueError as some:
                    log.append(("value", [str(e) for e in some.exceptions]))
                except* (TypeError, KeyError) as some:
                    log.append(("type", len(some.exceptions)))
                    raise RuntimeError("new")
                else:
                    log.append("else")
                finally:
                    log.append("finally")
            except BaseException as rest:
                log.append((type(rest).__name__, str(rest), [
                    type(e).__name__ for e in getattr(rest, "exceptions", ())]))
            return log

        def main():
            E = ExceptionGroup
            return [
                split(E("a", [ValueError(1)])),
                split(E("b", [ValueError(1), TypeError(2)])),
                split(E("c", [KeyError(1), E("d", [TypeError(1), ValueError(5)])])),
                split(E("e", [OSError(1), ValueError(2)])),
                split(ValueError("naked")),
                split(OSError("naked")),
                split(BaseExceptionGroup("f", [KeyboardInterrupt(), KeyError(1)])),
            ]
        """,
    "except_star_own_groups": """
        import sys

        class Noted(ExceptionGroup):
            log = []
            def derive(self, excs):
                self.log.append(("derive", len(excs), sys._getframe(1).f_code.co_name))
                return Noted(self.message, excs)
            def split(self, kind):
                self.log.append(("split", kind, sys._getframe(1).f_code.co_name))
                return super().split(kind)

        class Failing(ExceptionGroup):
            def split(self, kind):
                raise LookupError("split")

        def shown(error):
            inner = [shown(e) for e in getattr(error, "exceptions", ())]
            return repr(error), inner, repr(error.__cause__), repr(error.__context__)

        def handled(group):
            try:
                try:
                    raise group from OSError("cause")
                except* ValueError as some:
                    Noted.log.append((shown(some), shown(sys.exc_info()[1])))
                    raise
                except* (TypeError, KeyError):
                    Noted.log.append(shown(sys.exc_info()[1]))
                    raise RuntimeError("new")
            except BaseException as rest:
                return shown(rest), shown(sys.exc_info()[1])

        def main():
            deep = Noted("deep", [OSError(3)])
            inner = Noted("in", [KeyError(1), ValueError(2), deep])
            groups = [
                Noted("a", [ValueError(1), OSError(2)]),
                Noted("b", [ValueError(1), inner]),
                Failing("c", [ValueError(1), OSError(2)]),
                Failing("d", [ValueError(1)]),
                OSError("e"),
            ]
            return [handled(group) for group in groups], Noted.log, sys.exc_info()
        """,
    "except_star_in_loop": """
        def f(n):
            total = 0
            for i in range(n):
                try:
                    if i % 2:
                        raise ExceptionGroup("g", [ValueError(i)])
                except* ValueError as group:
                    total += group.exceptions[0].args[0]
                else:
                    total += 100
            return total

        def main():
            return f(7)
        """,
    "with_statement": """
        class C:
            def __init__(self, log, swallow):
                self.log, self.swallow = log, swallow
            def __enter__(self):
                self.log.append("enter")
                return self
            def __exit__(self, kind, value, passing):
                self.log.append((kind and kind.__name__, str(value),
                                 passing and passing.tb_lineno))
                return self.swallow

        def f(log, swallow, how):
            for _ in range(2):
                with C(log, swallow) as c, C(log, 0):
                    if how == "return":
                        return "r"
                    if how == "break":
                        break
                    if how == "raise":
                        raise ValueError("v")
                    if how == "continue":
                        continue
            return "end"

        def main():
            found = []
            for how in ("return", "break", "raise", "continue", "none"):
                for swallow in (True, False, 1, [], "x"):
                    log = []
                    try:
                        log.append(f(log, swallow, how))
                    except ValueError as error:
                        log.append(repr(error))
                    found.append(log)
            return found
        """,
    "errors_in_del": """
        import sys
        seen = []

        class C:
            def __init__(self, name):
                self.name = name
            def __del__(self):
                try:
                    seen.append((self.name, sys.exc_info()[0] is None))
                    raise KeyError(self.name)
                finally:
                    seen.append("finally")

        def unraisable(args):
            seen.append((type(args.exc_value).__name__, str(args.exc_value)))

        def clears(a, b):
            c = C("c")
            d = C("d")
            return 5

        def raises():
            c = C("e")
            1 / 0

        def gen():
            c = C("g")
            yield 1

        def main():
            hook, sys.unraisablehook = sys.unraisablehook, unraisable
            try:
                a, b = C("a"), C("b")
                seen.append(clears(a, b))
                try:
                    raises()
                except ZeroDivisionError as error:
                    seen.append("caught")
                    error.__traceback__ = None
                error = None
                g = gen()
                next(g)
                del g
                for c in [C("h"), C("i")]:
                    pass
                c = C("j")
                c = None
                return seen
            finally:
                sys.unraisablehook = hook
        """,
    "traceback_objects": """
        import sys

        def inner(n):
            local = n
            if n == 0:
                raise ValueError
            try:
                inner(n - 1)
            finally:
                local = -n

        def main():
            try:
                inner(3)
            except ValueError as error:
                found = []
                tb = error.__traceback__
                while tb:
                    frame = tb.tb_frame
                    found.append((frame.f_code.co_name, tb.tb_lineno,
                                  frame.f_lineno, frame.f_lasti,
                                  frame.f_locals.get("local"),
                                  frame.f_back and frame.f_back.f_code.co_name))
                    tb = tb.tb_next
            return found[1:]
        """,
    "exception_keeps_locals": """
        import weakref

        class C:
            pass

        def f():
            c = C()
            ref = weakref.ref(c)
            raise ValueError(ref)

        def main():
            try:
                f()
            except ValueError as error:
                ref = error.args[0]
                alive = ref() is not None
                kept = error
            found = [alive, ref() is not None]
            kept = None
            found.append(ref() is not None)
            return found
        """,
    "frame_in_except_clear": """
        def f():
            x = [1]
            1 / 0

        def main():
            try:
                f()
            except ZeroDivisionError as error:
                frame = error.__traceback__.tb_next.tb_frame
                before = dict(frame.f_locals)
                frame.clear()
                return before, dict(frame.f_locals)
        """,
    "stop_iteration_in_for": """
        class I:
            def __iter__(self):
                return self
            def __next__(self):
                raise StopIteration(5)

        class B(I):
            def __next__(self):
                raise ValueError("next")

        def main():
            found = []
            for _ in I():
                found.append("never")
            else:
                found.append("else")
            try:
                for _ in B():
                    pass
            except ValueError as error:
                found.append(str(error))
            try:
                next(I())
            except StopIteration as stop:
                found.append(stop.value)
            return found
        """,
    "nested_handlers": """
        def f(n):
            log = []
            try:
                try:
                    try:
                        raise [ValueError, KeyError, OSError, IndexError][n]("x")
                    except ValueError:
                        log.append(1)
                        raise TypeError
                    except KeyError:
                        log.append(2)
                    else:
                        log.append("no")
                    finally:
                        log.append(3)
                except (TypeError, OSError) as error:
                    log.append(type(error.__context__).__name__)
                    return log
            except Exception:
                log.append(4)
            finally:
                log.append(5)
            return log

        def main():
            return [f(n) for n in range(4)]
        """,
    "exception_class_with_odd_methods": """
        class Meta(type):
            def __subclasscheck__(cls, other):
                raise RuntimeError("asked")

        class E(Exception, metaclass=Meta):
            pass

        class Swapped(Exception):
            def __new__(cls, *args):
                return ValueError("other class")

        def main():
            found = []
            try:
                try:
                    1 / 0
                except E:
                    found.append("no")
            except ZeroDivisionError as error:
                found.append(("passed", str(error)))
            try:
                raise Swapped("a")
            except ValueError as error:
                found.append(("swapped", str(error)))
            return found
        """,
}


@pytest.mark.parametrize("name", RAISING)
def test_traceback(name: str) -> None:
    """S0-13: the traceback is the host's to the letter, carets and chains too."""
    shown = same(RAISING[name])
    assert shown.how == "raised"
    assert 'File "<program>"' in shown.text


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_program(name: str) -> None:
    """S0-13: programs about exceptions."""
    assert same(PROGRAMS[name]).how == "returned"


#: How `f` or the class `K` is called with a temporary.
DEATHS = {
    "plain": "f(C('arg'))",
    "keyword": "f(a=C('arg'))",
    "bound": "K.bound(C('arg'))",
    "class": "K(C('arg'))",
    "class_keyword": "K(a=C('arg'))",
    "star": "f(*[C('arg')])",
    "star_keyword": "f(**{'a': C('arg')})",
    "builtin": "list(map(f, [C('arg')]))",
}


@pytest.mark.parametrize("how", DEATHS)
def test_arguments_die_as_on_the_host(how: str) -> None:
    """S4-30: who holds an argument while the callee runs shows in when it dies.

    Not under stress: with a hook installed, the host's own calls keep them longer.
    """
    same(
        f"""
        log = []

        class C:
            def __init__(self, name):
                self.name = name
            def __del__(self):
                log.append(self.name)

        def f(a):
            c = C("local")
            a = None
            log.append("replaced")

        class K:
            def __init__(self, a):
                c = C("local")
                a = None
                log.append("replaced")
            @classmethod
            def bound(cls, a):
                f(a)

        def main():
            {DEATHS[how]}
            return log
        """
    )


def test_traceback_offsets() -> None:
    """Where each entry's instruction stands, to the byte; also while a callee ran.

    Not under stress: with a hook installed, the host stores a call's offset otherwise.
    """
    same(
        """
        class C:
            def __init__(self, n):
                inner(n)

        def inner(n):
            if n == 0:
                raise ValueError
            if n == 1:
                return C(n - 1)
            if n == 2:
                return inner(n=n - 1)
            if n == 3:
                return inner(*[n - 1])
            if n == 4:
                return [inner(n - 1) for _ in (1,)]
            return list(map(inner, [n - 1]))

        def main():
            try:
                inner(5)
            except ValueError as error:
                found = []
                tb = error.__traceback__
                while tb:
                    found.append((tb.tb_frame.f_code.co_name, tb.tb_lasti))
                    tb = tb.tb_next
                return found
        """
    )


@pytest.mark.parametrize("stress", ["bail:1", "bail:2", "bail:3", "gc"])
def test_programs_under_stress(stress: str) -> None:
    """S2-53: frames handed over anywhere, garbage collected anywhere."""
    support.agree_under_stress(__name__, stress)


@pytest.mark.parametrize("seed", range(3))
def test_tracebacks_under_stress(seed: int) -> None:
    """S2-53: a frame handed over with handlers around it raises the same."""
    done = support.python(
        "-c",
        f"import support, {__name__} as t; support.same_for_all(t.RAISING)",
        stress=f"bail:{seed}",
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name", ["except_star", "except_star_in_loop", "except_star_own_groups"]
)
def test_except_star_stays_on_the_engine(name: str) -> None:
    """No frame goes to the host on the way."""
    before = adaptive.counters()["bailouts"]
    same(PROGRAMS[name])
    after = adaptive.counters()["bailouts"]
    assert {reason for reason in after if after[reason] != before.get(reason)} <= {
        "disabled"
    }


def test_a_group_whose_split_gives_no_pair() -> None:
    """CPython 3.11 reads what is not there; newer ones raise TypeError, as we do."""
    main = support.function(
        """
        class Group(ExceptionGroup):
            def split(self, kind):
                return [None, None]

        def main():
            try:
                raise Group("g", [KeyError(1)])
            except* OSError:
                pass
        """,
        "main",
    )
    with support.hot_engine(), pytest.raises(TypeError, match=r"Group\.split .* pair"):
        main()
