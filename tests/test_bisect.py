"""`adaptive.bisect`, and the switches that it searches with."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import pytest
import support

from adaptive import bisect, selection

pytest.importorskip("adaptive._core")

#: Many functions, of which `victim` is to be at fault, and ways to use some forms.
PROGRAM = """
    import sys

    {others}

    def helper(x):
        return x * 2

    def victim(a, b):
        total = 0
        for i in range(20):
            total = total + a * b - i
        return total

    def main():
        for i in range(20):
            {calls}
            helper(i)
            victim(i, 2)
        {fault}
        print("right")

    main()
"""
NUMBERS = range(30)

#: A policy whose file makes the lowering spoil one function: `-` becomes `+`.
SPOILED = """
    import adaptive
    from adaptive import isa, lowering

    right = lowering.lower

    def lower(code):
        lowered = right(code)
        if code.co_name == "victim":
            units = bytearray(lowered.units)
            for first, op, oparg, end in lowering.iterate(lowered.units):
                if isa.BINARY_OPERATORS[oparg:oparg + 1] == ("-",):
                    if isa.BY_NUMBER[op].name == "BINARY_OP":
                        units[2 * first + 1] = isa.BINARY_OPERATORS.index("+")
            lowered = lowering.Lowered(bytes(units), lowered.host_offsets,
                                       lowered.exception_table, lowered.host_length)
        return lowered

    lowering.lower = lower

    class Spoiled(adaptive.Policy):
        pass
"""

#: The program finds a form in its own function, and goes wrong.
FORM_IS_THERE = """
        import adaptive
        if adaptive.is_enabled() and not adaptive.declined(victim):
            from adaptive import isa, lowering
            units = adaptive.code(victim)._co_code_adaptive
            for row in lowering.iterate(units):
                if row[1] == isa.NUMBER["{form}"]: sys.exit(3)
"""


def program(home: Path, fault: str = "print(victim(3, 4))") -> Path:
    """The program in a file, with a fault at its end."""
    path = home / "program.py"
    others = "\n".join(f"def other{n}(x): return x + {n}" for n in NUMBERS)
    calls = "; ".join(f"other{n}(i)" for n in NUMBERS)
    text = dedent(PROGRAM).replace("{others}", others).replace("{calls}", calls)
    path.write_text(text.replace("    {fault}", indented(fault)), "utf-8")
    return path


def indented(fault: str) -> str:
    """The lines of a fault as they stand in `main`."""
    return "\n".join(f"    {line}" for line in dedent(fault).strip().splitlines())


def searched(
    *words: str, options: Sequence[str] = (), **environ: str
) -> subprocess.CompletedProcess[str]:
    """What ``python -m adaptive.bisect`` says of ``python -m adaptive`` and words."""
    command = ("python", "-m", "adaptive", "--threshold", "0", *words)
    return support.python("-m", "adaptive.bisect", *options, "--", *command, **environ)


def test_finds_a_function_that_is_lowered_wrongly(tmp_path: Path) -> None:
    policy = tmp_path / "policy.py"
    policy.write_text(dedent(SPOILED), "utf-8")
    path = program(tmp_path)
    done = searched("--policy", f"{policy}:Spoiled", str(path))
    assert done.returncode == bisect.FOUND, done.stderr
    assert f"function: {path}:victim\n" in done.stdout
    assert done.stdout.count("function:") == 1
    assert "form: none" in done.stdout
    runs = done.stderr.splitlines()
    assert all(line.startswith("run ") for line in runs)
    assert len(runs) <= 20


@pytest.mark.parametrize("form", ["BINARY_OP_MULTIPLY_INT", "FOR_ITER_RANGE"])
def test_finds_the_form(tmp_path: Path, form: str) -> None:
    path = program(tmp_path, FORM_IS_THERE.replace("{form}", form))
    done = searched(str(path))
    assert done.returncode == bisect.FOUND, done.stderr
    assert "exit status 0 on the plain host, exit status 3 here" in done.stdout
    assert f"function: {path}:victim\nform: {form}\n" in done.stdout
    assert f"ADAPTIVE_FORMS={form}" in done.stdout


def test_a_fused_instruction_is_found(tmp_path: Path) -> None:
    form = "LOAD_FAST_CHECK_LOAD_FAST_CHECK_BINARY_OP"
    path = program(tmp_path, FORM_IS_THERE.replace("{form}", form))
    done = searched(str(path))
    assert f"function: {path}:victim\nform: {form}\n" in done.stdout, done.stderr


def test_two_functions_together(tmp_path: Path) -> None:
    fault = """
        import adaptive
        if adaptive.is_enabled():
            if not adaptive.declined(victim) and not adaptive.declined(other7):
                sys.exit(3)
    """
    path = program(tmp_path, fault)
    done = searched(str(path))
    assert f"function: {path}:victim\nfunction: {path}:other7\n" in done.stdout
    assert done.returncode == bisect.FOUND


def test_a_hang_is_a_difference(tmp_path: Path) -> None:
    fault = """
        import adaptive, time
        if adaptive.is_enabled() and not adaptive.declined(victim): time.sleep(60)
    """
    path = program(tmp_path, fault)
    done = searched(str(path), options=("--timeout", "3"))
    assert "no end in time here" in done.stdout
    assert f"function: {path}:victim\n" in done.stdout


def test_nothing_to_find(tmp_path: Path) -> None:
    done = searched(str(program(tmp_path)))
    assert done.returncode == bisect.NOTHING
    assert done.stdout == "no difference: exit status 0 on both sides\n"


def test_the_hook_itself(tmp_path: Path) -> None:
    fault = "import adaptive\nif adaptive.is_enabled(): sys.exit(3)"
    done = searched(str(program(tmp_path, fault)))
    assert "with no function lowered as well" in done.stdout
    assert done.returncode == bisect.FOUND


@pytest.mark.parametrize(
    ("fault", "options", "said"),
    [
        ("import time; print(time.time_ns())", (), "not show the same twice"),
        (FORM_IS_THERE.replace("{form}", "LOAD_CONST"), ("--runs", "5"), "gave up"),
    ],
    ids=["unstable", "runs"],
)
def test_commands_to_search_in_vain(
    tmp_path: Path, fault: str, options: tuple[str, ...], said: str
) -> None:
    done = searched(str(program(tmp_path, fault)), options=options)
    assert done.returncode == bisect.MISUSED
    assert said in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "which command?"),
        (("--runs", "0", "--", "true"), "above 0"),
        (("--", "no-such-command-at-all"), "can't run 'no-such-command-at-all'"),
        (("--compare", "status", "--", "python", "-c", "import adaptive"), None),
        (("--", "python", "-c", "raise SystemExit(1)"), None),
    ],
    ids=["none", "bounds", "command", "engine", "other"],
)
def test_wrong_usage(words: tuple[str, ...], said: str | None) -> None:
    done = support.python("-m", "adaptive.bisect", *words)
    if said is None:
        assert done.returncode == bisect.NOTHING
    else:
        assert done.returncode == bisect.MISUSED
        assert said in done.stderr


def test_stdlib_bisect_stays_reachable() -> None:
    done = support.python(
        "-c",
        "import adaptive.bisect, bisect, random, sys;"
        "print(bisect.bisect_left([1, 2], 2), bisect is sys.modules['bisect'],"
        " hasattr(adaptive.bisect, 'bisect_left'))",
    )
    assert done.stdout == "1 True False\n", done.stderr


# -- the search by itself


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_smallest(count: int) -> None:
    for least in range(1, count + 1):
        asked = []

        def differs(some: int, least: int = least, asked: list[int] = asked) -> bool:
            asked.append(some)
            return some >= least

        assert bisect.smallest(count, differs) == least
        assert len(asked) <= count.bit_length()


@pytest.mark.parametrize("guilty", [{"a"}, {"z"}, {"c", "x"}, {"a", "b", "m", "z"}])
def test_culprits(guilty: set[str]) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    found = bisect.culprits(letters, lambda some: guilty <= set(some))
    assert set(found) == guilty


def test_too_many_culprits() -> None:
    with pytest.raises(bisect.CannotSearchError, match="more than 4"):
        bisect.culprits("abcdef", lambda some: len(some) == 6)


# -- the switches


def lowered(path: Path, **environ: str) -> list[str]:
    """What the program has lowered, by ADAPTIVE_LOWERED; of the program itself."""
    listed = path.with_name("lowered")
    listed.unlink(missing_ok=True)
    done = support.python(
        *("-m", "adaptive", "--threshold", "0", str(path)),
        ADAPTIVE_LOWERED=str(listed),
        **environ,
    )
    assert done.returncode == 0, done.stderr
    if not listed.exists():
        return []
    names = listed.read_text("utf-8").splitlines()
    return [
        name.removeprefix(f"{path}:") for name in names if name.startswith(str(path))
    ]


def test_only(tmp_path: Path) -> None:
    path = program(tmp_path)
    every = lowered(path)
    assert {"victim", "other3", "main", "<module>"} <= set(every)
    assert lowered(path, ADAPTIVE_ONLY=f"{path}:victim") == ["victim"]
    some = lowered(path, ADAPTIVE_ONLY=f"{path}:victim,*:other1?")
    assert sorted(some) == [*(f"other{n}" for n in range(10, 20)), "victim"]
    names = tmp_path / "names"
    names.write_text(f"{path}:other3\n{path}:main\n", "utf-8")
    assert lowered(path, ADAPTIVE_ONLY=f"@{names}") == ["main", "other3"]


def test_what_is_not_chosen_says_so(tmp_path: Path) -> None:
    fault = "import adaptive; print(adaptive.declined(helper))"
    done = support.python(
        *("-m", "adaptive", "--threshold", "0", str(program(tmp_path, fault))),
        ADAPTIVE_ONLY="*:victim",
    )
    assert done.stdout == "not_chosen\nright\n"


#: Reasons that are given here and by no rule.
REASONS = ("form_off",)
FORMS_USED = """
    import adaptive
    counted = adaptive.counters()
    from adaptive import isa, lowering
    units = adaptive.code(victim)._co_code_adaptive
    fused = {row.number for row in isa.FUSED.values()}
    print(*counted["specialized"], counted["refused"].get("form_off", 0) > 0,
          any(row[1] in fused for row in lowering.iterate(units)))
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("none", "True False"),
        ("FOR_ITER_RANGE", "FOR_ITER_RANGE True False"),
        ("FOR_ITER", "FOR_ITER_RANGE True False"),
        # A fused instruction follows the form of the one that it ends with.
        (
            "LOAD_FAST_CHECK_LOAD_FAST_CHECK_BINARY_OP,BINARY_OP_MULTIPLY_INT",
            "BINARY_OP_MULTIPLY_INT True True",
        ),
    ],
)
def test_forms(tmp_path: Path, words: str, said: str) -> None:
    done = support.python(
        *("-m", "adaptive", "--threshold", "0", str(program(tmp_path, FORMS_USED))),
        ADAPTIVE_FORMS=words,
    )
    assert done.stdout == f"{said}\nright\n", done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADAPTIVE_ONLY", "@/no/such/file", "can't read '/no/such/file'"),
        ("ADAPTIVE_FORMS", "BINARY_OP_ADD", "no form or family is called"),
        ("ADAPTIVE_LOWERED", "/no/such/file", "can't write '/no/such/file'"),
    ],
)
def test_bad_switches(name: str, value: str, said: str) -> None:
    done = support.python("-m", "adaptive", "-c", "print(1)", **{name: value})
    assert done.returncode == 2
    assert done.stderr.startswith(f"adaptive: {name}: ")
    assert said in done.stderr and done.stderr.count("\n") == 1
    assert not done.stdout


def test_every_form_can_be_named() -> None:
    assert len(selection.FORMS) == len(set(selection.FORMS)) > 60
    assert selection.forms("") == set(selection.FORMS)
