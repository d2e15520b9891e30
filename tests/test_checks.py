"""The engine's checks of its own work: what they report, and what happens then."""

from __future__ import annotations

import sys
import textwrap
from array import array
from pathlib import Path
from textwrap import dedent
from types import CodeType

import pytest
import support

from adaptive import isa
from adaptive.lowering import Lowered, lower
from adaptive.lowering.depths import DepthError, depths, effect

pytest.importorskip("adaptive._core")

HOST = "CPython " + ".".join(map(str, sys.version_info[:3]))

#: An object whose end leaves an exception pending, as no well-behaved one does.
LEAVES_ERROR = """
    import ctypes, sys
    api = ctypes.pythonapi
    api.PyCapsule_New.restype = ctypes.py_object
    api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    at_end = ctypes.cast(api.PyErr_NoMemory, ctypes.c_void_p).value
    def bad():
        return api.PyCapsule_New(1, None, at_end)
"""


def run(source: str, stress: str = "") -> tuple[str, str]:
    """What a program prints, and its errors, with everything hot at once."""
    options = ("--stress", stress) if stress else ()
    done = support.python(
        *("-m", "adaptive", "--threshold", "0", *options, "-c", dedent(source))
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_an_exception_that_nobody_raised() -> None:
    """Under --stress check it is found after the instruction that left it."""
    shown, errors = run(
        LEAVES_ERROR
        + """
    def f(x):
        x = 1
        y = x + 1
        return y
    print(f(2), f(bad()), f(2))
    """,
        stress="check",
    )
    assert shown == "2 2 2\n"
    assert "internal inconsistency: MemoryError is pending" in errors
    assert "  code  <string>:f\n" in errors
    assert "after STORE_FAST" in errors
    assert f"  host  {HOST}\n" in errors
    assert errors.count("adaptive:") == 1


def test_an_exception_that_nobody_raised_at_a_bail_out() -> None:
    """Every build looks when a frame is handed to the host."""
    shown, errors = run(
        LEAVES_ERROR
        + """
    class Ends:
        def __del__(self):
            sys.settrace(lambda *event: None)
    def f(x):
        x = 1
        y = x + 1
        return y
    print(f(2), f([Ends(), bad()]), f(2))
    """
    )
    assert shown == "2 2 2\n"
    assert "internal inconsistency: MemoryError is pending" in errors
    assert "  code  <string>:f\n" in errors


#: The checks are given depths that are not right, for one function at one instruction.
WRONG_DEPTH = """
    import adaptive
    from adaptive import isa
    from adaptive.lowering import iterate
    from adaptive.lowering.depths import depths
    from array import array

    def f(a, b):
        c = a * b
        return c - a

    def g(a):
        try:
            return f(a, 2)
        except SystemError as error:
            return str(error)

    wanted = len(f.__code__.co_code)
    def wrong(lowered):
        found = array("h", depths(lowered))
        names = [isa.BY_NUMBER[op].name for _, op, _, _ in iterate(lowered.units)]
        if names.count("BINARY_OP") == 2:
            for first, op, oparg, end in iterate(lowered.units):
                if isa.BY_NUMBER[op].name == "STORE_FAST":
                    found[first] += 1
        return found.tobytes()
    adaptive._engine().set_checks(wrong)
    print(g(3))
    print(sum(range(4)))
"""


def test_a_stack_of_another_depth() -> None:
    """The frame ends with SystemError; the program can catch it and go on."""
    shown, errors = run(WRONG_DEPTH, stress="check")
    assert shown == "adaptive: see the report on standard error\n6\n"
    assert "1 values on the stack where 2 belong" in errors
    assert "  code  <string>:f\n" in errors
    assert "after BINARY_OP" in errors
    assert "The frame ends with SystemError." in errors


def test_code_that_no_stack_fits_is_left_to_the_host() -> None:
    shown, errors = run(
        """
    import adaptive
    def refuses(lowered):
        if len(lowered.units) > 60:
            raise ValueError("no stack fits")
        return depths(lowered)
    from adaptive.lowering.depths import depths
    adaptive._engine().set_checks(refuses)
    def f(a):
        b = [a, a]
        return {k: v for k, v in zip(b, b)}, a + a, a - a, [a, b], (a, b), a * a, -a
    print(f(1), adaptive.declined(f))
    """,
        stress="check",
    )
    assert shown.endswith(" lowering_failed\n")
    assert "internal inconsistency: no stack fits" in errors
    assert "The code is left to the host." in errors


def test_checks_need_the_build() -> None:
    done = support.python(
        "-c",
        "import adaptive; core = adaptive._engine()\n"
        "try: core.set_checks(None)\nexcept RuntimeError as error: print(error)",
    )
    assert done.stdout == "this build of the loop has no stress modes\n"


MODULES = "core_calls core_exceptions core_frames core_generators core_tracing".split()


@pytest.mark.parametrize("stress", ["check", "check,specialize", "check,deopt,gc:3"])
@pytest.mark.parametrize("module", MODULES)
def test_every_instruction_leaves_what_it_must(module: str, stress: str) -> None:
    """S2-53: depth and exceptions after each instruction, over all programs."""
    done = support.python(
        "-c",
        f"import support, test_{module} as m; support.same_for_all(m.PROGRAMS)",
        stress=stress,
    )
    assert done.returncode == 0, done.stderr
    assert "inconsistency" not in done.stderr


# -- the depths


def codes(*names: str) -> list[Lowered]:
    """Modules of the standard library, lowered, with all that is nested in them."""
    home = Path(textwrap.__file__).parent
    pending = [
        compile((home / f"{name}.py").read_text("utf-8"), name, "exec")
        for name in names
    ]
    found = []
    while pending:
        code = pending.pop()
        found.append(lower(code))
        pending += [const for const in code.co_consts if isinstance(const, CodeType)]
    return found


def test_depths_of_real_code() -> None:
    for lowered in codes("typing", "tarfile", "dataclasses", "asyncio/tasks"):
        found = array("h", depths(lowered))
        assert found[0] == 0
        assert max(found) > 0


def test_depths_stay_in_the_hosts_bounds() -> None:
    def f(a: object, *b: object) -> object:
        with open(str(a)) as file:
            return [(x, y, *b) for x in file for y in (x, [x, {x: b}])]

    lowered = lower(f.__code__)
    assert max(array("h", depths(lowered))) <= f.__code__.co_stacksize


def test_units_that_no_stack_fits() -> None:
    pop = isa.NUMBER["POP_TOP"]
    units = array("H", [isa.NUMBER["RESUME"], pop, isa.NUMBER["RETURN_VALUE"]])
    with pytest.raises(DepthError, match="-1 values in front of unit 2"):
        depths(Lowered(units.tobytes(), units.tobytes(), [], 3))


@pytest.mark.parametrize(
    ("name", "oparg", "added"),
    [
        ("UNPACK_EX", 1 | 2 << 8, 3),
        ("BUILD_MAP", 3, -5),
        ("LOAD_GLOBAL", 1, 2),
        ("SWAP", 4, 0),
        ("CALL", 2, -3),
        ("BINARY_OP_ADD_INT", 0, -1),
    ],
)
def test_effects(name: str, oparg: int, added: int) -> None:
    assert effect(isa.NUMBER[name], oparg) == added
