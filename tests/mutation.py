"""`python -m tests.mutation`: is the removal of any guard of a form noticed by a test?

A guard is one condition that a form's fast way rests on: an operand of `passes(...)`
in the loop, or a condition in one of the functions that the arms of forms ask.  In a
copy of the checkout every guard is given a number and a way to be left out, the core is
built once, without optimization, and the families' tests run once per guard with that
one left out.  A run that fails, crashes or hangs has noticed it.

By hand or by night: a run takes about an hour.  Exit status 1: a guard is not missed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
#: A run of one family's tests takes seconds, of all of them a minute; this is for one
#: that hangs, on a busy machine.
SECONDS = 900

#: Functions that forms' arms ask, by the file in adaptive/ that has them.
ASKED = {
    "families/binary_op.pxi": (
        *("both_ints", "both_floats", "both_strings", "tuple_item", "string_item"),
        *("list_slice", "extension_for", "push_getitem"),
    ),
    "families/call.pxi": (
        *("cached_callee", "is_bound_method", "is_called_with_one", "is_list_append"),
        *("is_builtin", "is_builtin_method", "is_builtin_class", "is_no_python_call"),
        *("is_cached_class", "find_super", "super_value", "push_init"),
        "builds_instance",
    ),
    "families/compare_op.pxi": ("compare_ints", "branch_untraced"),
    "families/contains_op.pxi": ("is_set",),
    "families/for_iter.pxi": (
        *("next_of_list", "next_of_tuple", "next_of_range", "is_pairwise"),
    ),
    "families/load_attr.pxi": (
        *("is_cached_type", "stored_value", "hinted_value", "slot_value"),
        *("module_value", "class_value", "has_cached_shared_keys"),
        *("type_value_with_values", "type_value_without_dict"),
        *("type_value_with_lazy_dict", "push_hook", "lacks_own_value"),
        "has_cached_descriptor",
    ),
    "families/load_global.pxi": ("has_cached_keys", "module_global", "builtin_global"),
    "families/send.pxi": ("resumable",),
    "families/store_attr.pxi": ("has_cached_type", "has_stored_place", "hinted_place"),
    "families/store_subscr.pxi": ("place_in_list",),
    "families/to_bool.pxi": ("is_true_by_type",),
    "families/unpack_sequence.pxi": ("is_pair",),
    "actions/fused.pxi": (
        *("extended", "borrowed_binary", "half_borrowed_binary", "borrowed_compare"),
        *("borrowed_attribute", "borrowed_method", "borrowed_truth"),
    ),
}
LOOP = "_core.pyx"

#: Guards that no program can miss, and why.  By their function and text.
NEXT = "what is asked next says the same"
CLASS = "a class's methods are bound, so that it is never the first argument"
UNNOTICED: dict[tuple[str, str], str] = {
    ("extended", "not row.runs_nothing"): "the result is the same",
    ("hinted_value", "host_instance_values(owner) is not NULL"): NEXT,
    ("hinted_place", "host_instance_values(owner) is not NULL"): NEXT,
    ("hinted_value", "not PyDict_CheckExact(dict)"): "the host does not ask either",
    ("hinted_place", "not PyDict_CheckExact(dict)"): "the host does not ask either",
    ("push_getitem", "not kind.tp_flags & Py_TPFLAGS_HEAPTYPE"): NEXT,
    ("is_bound_method", "base[0] is NULL"): "the form that goes on misses",
    ("is_called_with_one", "base[0] is NULL"): CLASS,
    ("is_builtin_class", "base[0] is NULL"): CLASS,
    ("is_cached_class", "base[0] is NULL"): CLASS,
    ("is_list_append", "PyList_CheckExact(base[1])"): "the host does not ask either",
    ("has_cached_keys", "PyDict_CheckExact(namespace)"): (
        "the cached version is that of a plain dict's keys"
    ),
    ("lacks_own_value", "not host_has_managed_dict(Py_TYPE(owner))"): (
        "the cached type has a managed dict"
    ),
    ("lacks_own_value", "host_instance_values(owner) is not NULL"): (
        "without it the form only misses"
    ),
}

#: Where the core asks which guard is left out.
SWITCH = '''
cdef extern from *:
    """
    #include <stdlib.h>
    static int is_left_out(int number) {
        static int chosen = -2;
        if (chosen == -2) {
            const char *text = getenv("LEFT_OUT");
            chosen = text == NULL ? -1 : atoi(text);
        }
        return chosen == number;
    }
    """
    bint is_left_out(int) noexcept nogil

'''
BUILD = """
from Cython.Build import cythonize
from setuptools import Extension, setup

core = Extension(
    "adaptive._core",
    ["adaptive/_core.pyx"],
    include_dirs=["adaptive"],
    define_macros=[("ADAPTIVE_STRESS", "0"), ("ADAPTIVE_STATS", "0")],
    extra_compile_args=["-O0", "-fno-strict-aliasing", "-fwrapv", "-w"],
)
directives = {"language_level": "3", "cdivision": True}
modules = cythonize([core], compiler_directives=directives, quiet=True, force=True)
setup(script_args=["-q", "build_ext", "--inplace", "--force"], ext_modules=modules)
"""


class Guard(NamedTuple):
    """One condition: where it stands, and what leaves it out.

    `holds` says that the form needs it to be true, else that it needs it to be false.
    """

    file: str
    function: str
    start: int
    end: int
    text: str
    holds: bool

    def without(self, number: int) -> str:
        """The condition's text, with a way to leave it out."""
        if self.holds:
            return f"(is_left_out({number}) or ({self.text}))"
        return f"(not is_left_out({number}) and ({self.text}))"

    def __str__(self) -> str:
        return f"{self.file}, {self.function}: {' '.join(self.text.split())}"


def closing(text: str, opened: int) -> int:
    """The index of the bracket that closes the one at `opened`."""
    depth = 0
    for index in range(opened, len(text)):
        depth += (text[index] in "([") - (text[index] in ")]")
        if depth == 0:
            return index
    raise ValueError(f"nothing closes the bracket at {opened}")


def operands(text: str, start: int, end: int, word: str) -> Iterator[tuple[int, int]]:
    """Where the operands of `and` or `or` stand that are in no brackets."""
    depth, begun = 0, start
    for index in range(start, end):
        depth += (text[index] in "([") - (text[index] in ")]")
        if depth == 0 and re.match(rf"\s{word}\s", text[index:end]):
            yield begun, index
            begun = index + len(word) + 1
    yield begun, end


def unwrapped(text: str, start: int, end: int) -> tuple[int, int]:
    """The same condition without `likely(...)` around it, and without blanks."""
    while text[start:end] != text[start:end].strip():
        start += text[start].isspace()
        end -= text[end - 1].isspace()
    match = re.match(r"(?:un)?likely\(|\(", text[start:end])
    if match and closing(text, start + match.end() - 1) == end - 1:
        return unwrapped(text, start + match.end(), end - 1)
    return start, end


def conditions(
    text: str, start: int, end: int, holds: bool
) -> Iterator[tuple[int, int, bool]]:
    """The single conditions of one that must hold, or must not."""
    start, end = unwrapped(text, start, end)
    for first, last in operands(text, start, end, "and" if holds else "or"):
        if (first, last) == (start, end):
            if re.match(r"not\s*\(", text[first:last]):
                inner = unwrapped(text, first + 3, last)
                yield from conditions(text, *inner, not holds)
            else:
                yield first, last, holds
        else:
            yield from conditions(text, first, last, holds)


def is_question(text: str) -> bool:
    """Whether the text asks something; not whether there is a result at all."""
    return not re.fullmatch(r"\w+|\w+ is (?:not )?NULL|[\w.\[\]]+", text)


def in_loop(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Function, place and sense of the operands of `passes`."""
    begin = text.index("cdef PyObject *run(")
    for match in re.finditer(r"\bpasses\(", text[begin:]):
        opened = begin + match.end() - 1
        arm = re.findall(r"op == arms\.(\w+)", text[:opened])[-1]
        for place in conditions(text, opened + 1, closing(text, opened), True):
            yield (arm, *place)


def in_function(text: str, name: str) -> Iterator[tuple[str, int, int, bool]]:
    """The conditions of one function that answers whether a form may go on."""
    (head,) = re.finditer(rf"^cdef [^\n(]*\b{name}\(", text, re.M)
    end = text.find("\n\n\n", head.end())
    body = text[: end if end > 0 else len(text)]
    begin = body.index(":\n", closing(text, head.end() - 1))
    for match in re.finditer(r"^( +)(?:el)?if ", body[begin:], re.M):
        start = begin + match.end()
        stop = next(
            at for at in range(start, len(body)) if ends_condition(body, start, at)
        )
        result = body[stop + 1 :].lstrip().split("\n", 1)[0]
        holds = not re.match(r"return (?:NULL|False|-1)$", result)
        if not re.match(r"form ==|form in", body[start:stop]):
            for place in conditions(body, start, stop, holds):
                yield (name, *place)
    for match in re.finditer(r"^    return ", body[begin:], re.M):
        start = begin + match.end()
        found = re.search(r"\n(?! {8}|    \))", body[start:])
        stop = start + found.start() if found else len(body)
        yield from in_result(body, name, start, stop)


def ends_condition(text: str, start: int, at: int) -> bool:
    """Whether the colon at this place ends the statement's head."""
    if text[at : at + 2] != ":\n":
        return False
    head = text[start:at]
    return head.count("(") == head.count(")")


def in_result(
    text: str, name: str, start: int, stop: int
) -> Iterator[tuple[str, int, int, bool]]:
    """The conditions of `return a and b`, and of `return x if a else NULL`."""
    choice = re.match(r"(NULL|\w+) if (.*) else ([^\n]*)$", text[start:stop], re.S)
    if choice:
        first, last = start + choice.start(2), start + choice.end(2)
        for place in conditions(text, first, last, choice[1] != "NULL"):
            yield (name, *place)
    elif re.search(r"\band\b|==|\w+\(", text[start:stop]):
        head = text[: text.index(f"{name}(")].rsplit("\n", 1)[-1]
        if "bint" in head:
            for place in conditions(text, start, stop, True):
                yield (name, *place)


def guards() -> list[Guard]:
    """All guards, file by file, in the order in which they stand."""
    found: list[Guard] = []
    for file in (LOOP, *ASKED):
        text = (ROOT / "adaptive" / file).read_text("utf-8")
        places = [*in_loop(text)] if file == LOOP else []
        for name in ASKED.get(file, ()):
            places += in_function(text, name)
        for function, start, end, holds in places:
            start, end = unwrapped(text, start, end)
            if is_question(text[start:end]):
                words = text[start:end]
                found.append(Guard(file, function, start, end, words, holds))
    return sorted(found, key=lambda guard: (guard.file, guard.start))


def prepare(folder: Path, found: list[Guard]) -> None:
    """A copy of the checkout whose guards can be left out, with its core built."""
    for name in ("adaptive", "tests", "bench"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for old in (folder / "adaptive").glob("_core.*.so"):
        old.unlink()
    for file in {guard.file for guard in found}:
        path = folder / "adaptive" / file
        text = path.read_text("utf-8")
        for number, guard in reversed([*enumerate(found)]):
            if guard.file == file:
                text = text[: guard.start] + guard.without(number) + text[guard.end :]
        path.write_text(text)
    core = folder / "adaptive" / LOOP
    text = core.read_text("utf-8")
    core.write_text(text.replace("\ncdef extern", f"{SWITCH}cdef extern", 1))
    subprocess.run([sys.executable, "-c", BUILD], cwd=folder, check=True)


def test_files(guard: Guard) -> list[list[str]]:
    """The tests to try in turn, those of the guard's own family first."""
    own = guard.file.removeprefix("families/").removesuffix(".pxi")
    if guard.file == LOOP:
        families = sorted((ROOT / "tests" / "families").glob("test_*.py"), key=len_name)
        stems = [path.stem.removeprefix("test_") for path in families]
        own = next((s for s in stems if guard.function.lower().startswith(s)), "fused")
    first = {"actions/fused": "fused"}.get(own, own)
    names = [f"tests/families/test_{first}.py"]
    if first == "call":
        names += [f"tests/families/test_call_{part}.py" for part in ("kw", "super")]
    others = ["tests/families", "tests/test_guards.py", "tests/test_attributes.py"]
    return [names, [name for name in others if (ROOT / name).exists()]]


def len_name(path: Path) -> int:
    """The longest names first: `call_kw` before `call`."""
    return -len(path.stem)


def is_noticed(folder: Path, number: int, files: list[str]) -> bool:
    """Whether these tests fail without the guard of this number."""
    words = ["-x", "-q", "-p", "no:cacheprovider", "-k", "not drift", *files]
    environ = {**os.environ, "LEFT_OUT": str(number), "PYTHONPATH": str(folder)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words],
            cwd=folder,
            env=environ,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    if done.returncode in (
        pytest.ExitCode.USAGE_ERROR,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        sys.exit(f"{' '.join(files)}: {done.stderr.decode()}")
    return done.returncode != pytest.ExitCode.OK


def is_missed(folder: Path, found: list[Guard], number: int) -> bool:
    """Leaves one guard out and says what comes of it; False if no test needs it."""
    guard, begun = found[number], time.monotonic()
    noticed = any(is_noticed(folder, number, files) for files in test_files(guard))
    why = UNNOTICED.get((guard.function, " ".join(guard.text.split())), "")
    word = "noticed" if noticed else f"equal ({why})" if why else "NOT NOTICED"
    print(f"{number:4} {time.monotonic() - begun:4.0f}s {word:11} {guard}", flush=True)
    return noticed or bool(why)


def main() -> int:
    """Try every guard, or those asked for; say which is not missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument(
        "--folder", type=Path, help="where to build, and to find what was built before"
    )
    parser.add_argument("--list", action="store_true", help="number the guards, stop")
    parser.add_argument(
        "--only", metavar="N,N", help="only the guards of these numbers"
    )
    options = parser.parse_args()
    found = guards()
    numbers = range(len(found))
    if options.only:
        numbers = [int(word) for word in options.only.split(",")]
    if options.list:
        for number in numbers:
            print(f"{number:4} {found[number]}")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        if not (folder / "adaptive").exists():
            folder.mkdir(exist_ok=True)
            prepare(folder, found)
            if is_noticed(folder, -1, ["tests/families"]):
                sys.exit("the tests fail with every guard in its place")
        unnoticed = sum(not is_missed(folder, found, number) for number in numbers)
    print(f"{len(numbers)} guards, {unnoticed} not noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
