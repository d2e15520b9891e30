"""`python -m tests.mutation`: is the removal of any guard of a form noticed by a test?

A guard is one condition that a form's fast way rests on: an operand of `passes(...)`
in the loop, a condition that leads from a form's arm back to the base, or one in the
functions that the arms ask.  In a copy of the checkout every guard is given a number
and a way to be left out, the core is built once, without optimization, and the
families' tests run once per guard with that one left out (`mutation_runner.py`).  A run
that fails, crashes or hangs has noticed it.  A guard that no program can miss stands in
a table with the reason, and is tried only on request.

By hand or by night: a run takes half an hour, or some minutes in the folder of an
earlier one.  Exit status 1: a guard is not missed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from tests.mutation_runner import PLAN, SURVIVED

ROOT = Path(__file__).parent.parent
#: Functions that forms' arms ask, by the file in adaptive/ that has them.
ASKED = {
    "families/binary_op.pxi": (
        *("both_ints", "both_floats", "both_strings", "tuple_item", "string_item"),
        *("list_slice", "push_getitem", "binary_op"),
        *("compute_large", "compute_floats", "cut_of", "slice_of", "sliced"),
        *("cut_by_slice", "number_in_place"),
    ),
    "families/call.pxi": (
        *("is_bound_method", "is_called_with_one", "shows_its_type", "is_of_kinds"),
        *("is_list_append", "is_builtin", "is_builtin_method", "is_builtin_class"),
        *("is_no_python_call", "is_cached_class", "find_super", "super_value"),
        *("push_init", "is_of_type", "builds_instance", "push_function"),
        *("push_callee", "push_callee_ex", "is_instance", "length_of", "super_kind"),
        "first_argument",
    ),
    "families/compare_op.pxi": (
        *("compare_op", "compare_ints", "number_relation", "is_compared_by_identity"),
        *("both_by_identity", "branch_on_bool", "branch_untraced"),
    ),
    "families/contains_op.pxi": ("is_set", "find_in_items"),
    "families/extensions.pxi": (
        *("extension_for", "row_fits", "is_number", "as_double", "index_from_end"),
        *("list_item_from_end", "tuple_item_from_end", "and_ints", "or_ints"),
        *("xor_ints", "shift_left", "shift_right", "floor_divide_ints"),
        *("remainder_of_ints", "divide_ints", "divide_floats", "remainder_of_floats"),
        *("power_of_float", "both_whole", "both_as_doubles", "add_numbers"),
        *("subtract_numbers", "multiply_numbers", "divide_numbers"),
        *("place_in_sequence", "notice_array", "bytes_item", "bytearray_item"),
        *("array_item", "learned_extension", "computed"),
    ),
    "families/for_iter.pxi": (
        *("next_of_list", "next_of_tuple", "next_of_range", "is_pairwise"),
    ),
    "families/load_attr.pxi": (
        *("is_cached_type", "stored_value", "hinted_value", "slot_value"),
        *("module_value", "class_value", "has_cached_shared_keys"),
        *("type_value_with_values", "type_value_without_dict"),
        *("type_value_with_lazy_dict", "push_hook", "lacks_own_value", "load_method"),
        "has_cached_descriptor",
    ),
    "families/load_global.pxi": ("has_cached_keys", "module_global", "builtin_global"),
    "families/send.pxi": ("resumable", "send"),
    "families/store_attr.pxi": (
        *("has_cached_type", "has_stored_place", "hinted_place", "store_known"),
    ),
    "families/store_subscr.pxi": (
        *("place_in_list", "place_for_number", "store_number", "store_sliced"),
    ),
    "families/to_bool.pxi": ("is_true_by_type",),
    "families/unpack_sequence.pxi": ("is_pair",),
    "actions/attributes.pxi": (
        *("locate", "learn", "attribute_of", "value_index", "may_shadow"),
        *("own_attribute", "known_attribute", "module_attribute", "find_attribute"),
    ),
    "actions/callees.pxi": (
        *("cached_callee", "find_callee", "callee_of", "learn_callee"),
        *("known_state", "learn_state"),
    ),
    "actions/fused.pxi": (
        *("extended", "borrowed_binary", "half_borrowed_binary", "borrowed_compare"),
        *("borrowed_attribute", "borrowed_method", "borrowed_truth"),
    ),
}
LOOP = "_core.pyx"
#: In the folder: which test has noticed what, so that it comes first in the next run.
NOTICED = "noticed.json"
#: What else is run but the families' tests.
OTHER_TESTS = (
    *("tests/test_guards.py", "tests/test_attributes.py", "tests/test_copies.py"),
    "tests/test_specializing.py",
)
SLOW_TESTS = ("tests/test_core_calls.py", "tests/test_tools.py")
#: Those that run in other processes, where no guard is left out, or only repeat.
NOT_RUN = "drift or stress or modes or fork or daemon or ending or command"
#: Between two looks for an outcome.
PAUSE_S = 0.05
#: Of those, the ones whose yes keeps a form from going on.
NEGATIVE = ("may_shadow", "value_index")
#: Where an arm of the loop goes on when all has gone well.
ONWARD = re.compile(r"arms\.to_(ENTER|RESUME|RETURN|LEAVE|UNWIND)")

#: Guards that no program can miss, and why.  By their function and text.
NEXT = "what is asked next says the same"
CLASS = "a class's methods are bound, so that it is never the first argument"
ABSENT = "what is not found is NULL in any case"
HOST = "through the host the call gives the same"
CELL = "what begins the function has made it a cell"
UNNOTICED: dict[tuple[str, str], str] = {
    ("extended", "not row.runs_nothing"): "the result is the same",
    ("hinted_value", "host_instance_values(owner) is not NULL"): NEXT,
    ("hinted_place", "host_instance_values(owner) is not NULL"): NEXT,
    ("hinted_value", "not PyDict_CheckExact(dict)"): "the host does not ask either",
    ("hinted_place", "not PyDict_CheckExact(dict)"): "the host does not ask either",
    ("push_getitem", "not kind.tp_flags & Py_TPFLAGS_HEAPTYPE"): NEXT,
    ("learn_state", "state.pushable"): (
        "a function would have to fall on the entry of its own code"
    ),
    ("is_bound_method", "base[0] is NULL"): "the form that goes on misses",
    ("is_called_with_one", "base[0] is NULL"): CLASS,
    ("is_builtin_class", "base[0] is NULL"): CLASS,
    ("is_cached_class", "base[0] is NULL"): CLASS,
    ("has_cached_keys", "PyDict_CheckExact(namespace)"): (
        "the cached version is that of a plain dict's keys"
    ),
    ("lacks_own_value", "not host_has_managed_dict(Py_TYPE(owner))"): (
        "the cached type has a managed dict"
    ),
    ("lacks_own_value", "host_instance_values(owner) is not NULL"): (
        "without it the form only misses"
    ),
    ("CALL_BOUND_METHOD_EXACT_ARGS", "callee.exact_count != oparg + 1"): NEXT,
    (
        "LOAD_FAST_CHECK_LOAD_FAST_CHECK_STORE_SUBSCR",
        "unit_op(next[1]) != ops.STORE_SUBSCR_LIST_INT",
    ): "the base stores to the same place",
    ("locate", "host_is_data_descriptor(found)"): (
        "one without __get__ is loaded as any other value"
    ),
    ("learn", "not PyUnicode_CHECK_INTERNED(name)"): "names of code are interned",
    ("learn", "host_instance_values(owner) is not NULL"): (
        "the shared names hold the name as well"
    ),
    ("own_attribute", "host_find_name(dict, entry.name, &own) == 1"): ABSENT,
    (
        "module_attribute",
        "host_find_name(PyModule_GetDict(module), name, &value) == 1",
    ): ABSENT,
    ("find_callee", "version == ANY_CODE"): (
        "without it more callees are searched for when they die"
    ),
    ("find_super", "found == 1"): ABSENT,
    ("find_super", "not PyType_Check(kind)"): "it is in no MRO",
    ("is_no_python_call", "base[0] is NULL"): HOST,
    ("is_no_python_call", "Py_IS_TYPE(base[1], &PyFunction_Type)"): HOST,
    ("is_no_python_call", "Py_IS_TYPE(base[1], &PyMethod_Type)"): HOST,
    ("super_value", "base[0] is not NULL"): CLASS,
    ("super_kind", "PyCell_Check(cell)"): CELL,
    ("first_argument", "PyCell_Check(value)"): CELL,
    ("row_fits", "is_number(Py_TYPE(left))"): NEXT,
    ("row_fits", "is_number(Py_TYPE(right))"): NEXT,
    ("index_from_end", "host_compact(key, &index)"): (
        "the index that it leaves unset is an address in this build, and not negative"
    ),
    ("place_in_sequence", "not PyLong_CheckExact(key)"): NEXT,
    ("power_of_float", "a == 0.0"): NEXT,
    ("power_of_float", "not isfinite(a)"): NEXT,
    ("power_of_float", "result == 0.0"): "the host gives the same zero",
}

#: Where the core asks which guard is left out.
SWITCH = '''
cdef extern from *:
    """
    int left_out = -1;
    static int is_left_out(int number) {
        return left_out == number;
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
            return f"(({self.text}) or is_left_out({number}))"
        return f"(({self.text}) and not is_left_out({number}))"

    def __str__(self) -> str:
        return f"{self.file}, {self.function}: {' '.join(self.text.split())}"


class Outcome(NamedTuple):
    """What came of leaving a guard out."""

    number: int
    seconds: float
    word: str
    test: str  # the last that ran


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
    return not re.fullmatch(r"\w+|\w+ is (?:not )?NULL", text)


def in_loop(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Function, place and sense of the operands of `passes`, and of what leads back.

    That is a condition by which an arm goes to the base, or to the unfused load.
    """
    begin = text.index("cdef PyObject *run(")
    for match in re.finditer(r"\bpasses\(", text[begin:]):
        opened = begin + match.end() - 1
        arm = re.findall(r"op == arms\.(\w+)", text[:opened])[-1]
        for place in conditions(text, opened + 1, closing(text, opened), True):
            yield (arm, *place)
    for match in re.finditer(r"^ +if (?!not passes)", text[begin:], re.M):
        start = begin + match.end()
        stop = end_of_condition(text, start)
        body = text[stop + 1 :].lstrip()
        if body.startswith("arms.to_") and not ONWARD.match(body):
            arm = re.findall(r"op == arms\.(\w+)", text[:start])[-1]
            for place in conditions(text, start, stop, False):
                yield (arm, *place)


def in_function(text: str, name: str) -> Iterator[tuple[str, int, int, bool]]:
    """The conditions of one function that answers whether a form may go on."""
    (head,) = re.finditer(rf"^cdef [^\n(]*\b{name}\(", text, re.M)
    end = re.compile(r"\n\n+(?=\S)").search(text, head.end())
    body = text[: end.start() if end else len(text)]
    begin = body.index(":\n", closing(text, head.end() - 1))
    is_yes = name not in NEGATIVE
    for match in re.finditer(r"^( +)(?:el)?if ", body[begin:], re.M):
        start = begin + match.end()
        stop = end_of_condition(body, start)
        block = re.compile(rf"(?:\n{match[1]} +.*)+").match(body, stop + 1)
        result = block[0].rsplit("\n", 1)[1].strip() if block else ""
        holds = not re.match(r"return(?: NULL| False| -1)?$", result)
        chosen = re.match(r"form ==|form in|wanted ==|oparg ==", body[start:stop])
        if not chosen and not re.search(r"[-+]=", result):
            for place in conditions(body, start, stop, holds == is_yes):
                yield (name, *place)
    for match in re.finditer(r"^( +)return ", body[begin:], re.M):
        start = begin + match.end()
        found = re.search(rf"\n(?!{match[1]}    |{match[1]}\))", body[start:])
        stop = start + found.start() if found else len(body)
        for *place, holds in in_result(body, name, start, stop):
            yield (name, *place, holds == is_yes)


def end_of_condition(text: str, start: int) -> int:
    """Where the colon stands that ends the statement's head."""
    at = start
    while True:
        at = text.index(":\n", at)
        head = text[start:at]
        if head.count("(") == head.count(")"):
            return at
        at += 1


def in_result(
    text: str, name: str, start: int, stop: int
) -> Iterator[tuple[int, int, bool]]:
    """The conditions of `return a and b`, and of `return x if a else NULL`."""
    choice = re.match(r"(.*?)\sif\s(.*)\selse\s(.*)$", text[start:stop], re.S)
    if choice:
        first, last = start + choice.start(2), start + choice.end(2)
        nothing, names = ("NULL", "-1", "False"), {choice[1], choice[3]}
        if names & {*nothing, "state"}:
            yield from conditions(text, first, last, choice[1] not in nothing)
    elif re.search(r"\band\b|==|<|\w+\(", text[start:stop]):
        head = text[: text.index(f"{name}(")].rsplit("\n", 1)[-1]
        if "bint" in head:
            yield from conditions(text, start, stop, True)


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


def renew(folder: Path, found: list[Guard]) -> None:
    """Builds the core in the folder, or finds it built, and copies the tests."""
    built = folder / "guards.txt"
    listed = "".join(f"{guard}\n" for guard in found)
    if not built.exists():
        folder.mkdir(exist_ok=True)
        prepare(folder, found)
        built.write_text(listed, "utf-8")
    elif built.read_text("utf-8") != listed:
        sys.exit(f"{folder} was built of other guards: name a folder that is not there")
    shutil.copytree(ROOT / "tests", folder / "tests", dirs_exist_ok=True)


def prepare(folder: Path, found: list[Guard]) -> None:
    """A copy of the checkout whose guards can be left out, with its core built."""
    for name in ("adaptive", "bench"):
        shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
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


def arms_of(guard: Guard) -> list[str]:
    """The arms of the loop that have the guard, or ask the function that has it.

    Or the form that the function has it for.  A fused arm is tested by what it ends
    with.
    """
    if guard.file == LOOP:
        return [re.sub(r"^(LOAD_(FAST_CHECK|CONST)_)+(?=.)", "", guard.function)]
    text = (ROOT / "adaptive" / guard.file).read_text("utf-8")[: guard.start]
    forms = re.findall(r"\bform == ops\.(\w+)", text[text.rindex("\ncdef ") :])
    if forms:
        return [forms[-1]]
    loop = (ROOT / "adaptive" / LOOP).read_text("utf-8")
    parts = re.split(r"\bop == arms\.(\w+)", loop[loop.index("cdef PyObject *run(") :])
    asks = re.compile(rf"\b{guard.function}\(")
    arms = zip(parts[1::2], parts[2::2], strict=True)
    return [name for name, text in arms if asks.search(text)]


def test_files(guard: Guard) -> list[list[str]]:
    """The tests to try in turn, those of the guard's own family first."""
    paths = sorted((ROOT / "tests" / "families").glob("test_*.py"), key=len_name)
    files = {
        path.stem.removeprefix("test_"): path.relative_to(ROOT).as_posix()
        for path in paths
    }
    own = guard.file.removeprefix("families/").removesuffix(".pxi")
    if guard.file == LOOP:
        own = next((s for s in files if guard.function.lower().startswith(s)), "fused")
    special = {"actions/fused": "fused", "actions/attributes": "load_attr"}
    first = special.get(own, own)
    family = [file for stem, file in files.items() if stem.startswith(first)]
    return [family, [*OTHER_TESTS], [*files.values()], [*SLOW_TESTS]]


def len_name(path: Path) -> int:
    """The longest names first: `call_kw` before `call`."""
    return -len(path.stem)


def explanation(guard: Guard) -> str:
    """Why no program can miss it, or ""."""
    return UNNOTICED.get((guard.function, " ".join(guard.text.split())), "")


def row_of(
    found: list[Guard], number: int, before: dict[str, str]
) -> dict[str, object]:
    """What the runner is to do about a guard; -1: about none, which all tests pass.

    `before` has the tests that have noticed guards in an earlier run.
    """
    if number < 0:
        files = [path.relative_to(ROOT).as_posix() for path in test_paths()]
        return {"number": number, "words": [], "groups": [files]}
    guard = found[number]
    noticing = before.get(str(number))
    words = [noticing] if noticing else arms_of(guard)
    return {"number": number, "words": words, "groups": test_files(guard)}


def test_paths() -> list[Path]:
    """The files whose tests are run."""
    families = sorted((ROOT / "tests" / "families").glob("test_*.py"))
    return [*families, *(ROOT / name for name in OTHER_TESTS + SLOW_TESTS)]


def run_plan(folder: Path, plan: Path, output: IO[str]) -> subprocess.Popen[str]:
    """Begins the run of a plan."""
    words = ["-s", "-o", "addopts=", "-p", "no:terminal", "-p", "no:cacheprovider"]
    words += ["-p", "mutation_runner", "-k", f"not ({NOT_RUN})"]
    files = [path.relative_to(ROOT).as_posix() for path in test_paths()]
    path = os.pathsep.join([str(folder), str(folder / "tests")])
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *words, *files],
        cwd=folder,
        env={**os.environ, PLAN: str(plan), "PYTHONPATH": path},
        stdout=output,
        stderr=output,
        text=True,
    )


def outcomes(folder: Path, found: list[Guard], numbers: list[int]) -> Iterator[Outcome]:
    """Leaves out one after the other; each as soon as it is known."""
    with tempfile.TemporaryDirectory() as temporary:
        plan, done = Path(temporary, "plan"), Path(temporary, "plan.done")
        rows = [row_of(found, number, noticed_before(folder)) for number in numbers]
        plan.write_text(json.dumps(rows))
        done.touch()
        with Path(temporary, "output").open("w+") as output, done.open() as lines:
            running = run_plan(folder, plan, output)
            part = ""
            while True:
                is_over = running.poll() is not None
                part += lines.readline()
                if part.endswith("\n"):
                    yield Outcome(*json.loads(part))
                    part = ""
                elif is_over:
                    break
                else:
                    time.sleep(PAUSE_S)
            if running.returncode:
                output.seek(0)
                sys.exit(f"pytest failed: {output.read()}")


def noticed_before(folder: Path) -> dict[str, str]:
    """The test that noticed a guard last time, by the guard's number."""
    path = folder / NOTICED
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def note(folder: Path, seen: Outcome) -> None:
    """Keeps which test has noticed the guard."""
    if seen.word != SURVIVED:
        known = {**noticed_before(folder), str(seen.number): seen.test}
        (folder / NOTICED).write_text(json.dumps(known, indent=1), "utf-8")


def is_missed(guard: Guard, seen: Outcome) -> bool:
    """Says what came of leaving the guard out; False if no test needs it."""
    why = explanation(guard)
    noticed = seen.word != SURVIVED
    word = "noticed" if noticed else f"equal ({why})" if why else "NOT NOTICED"
    print(f"{seen.number:4} {seen.seconds:5.1f}s {word:11} {guard}", flush=True)
    return noticed or bool(why)


def main() -> int:
    """Try every guard, or those asked for; say which is not missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument(
        "--folder", type=Path, help="where to build, and to find what was built before"
    )
    parser.add_argument("--list", action="store_true", help="number the guards, stop")
    parser.add_argument(
        "--explained", action="store_true", help="try those, too, that no test can miss"
    )
    parser.add_argument(
        "--only", metavar="N,N", help="only the guards of these numbers"
    )
    options = parser.parse_args()
    found = guards()
    numbers = [*range(len(found))]
    if options.only:
        numbers = [int(word) for word in options.only.split(",")]
    elif not options.explained and not options.list:
        numbers = [number for number in numbers if not explanation(found[number])]
    if options.list:
        for number in numbers:
            print(f"{number:4} {found[number]}")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        renew(folder, found)
        return report(folder, found, outcomes(folder, found, [-1, *numbers]))


def report(folder: Path, found: list[Guard], seen: Iterator[Outcome]) -> int:
    """Prints all outcomes, the one with every guard in its place first, and the sum."""
    first = next(seen)
    if first.word != SURVIVED:
        sys.exit(f"{first.word} with every guard in its place: {first.test}")
    missed = []
    for outcome in seen:
        guard = found[outcome.number]
        note(folder, outcome)
        missed.append(is_missed(guard, outcome))
    explained = sum(bool(explanation(guard)) for guard in found)
    print(
        f"{len(found)} guards: {len(missed)} tried, {missed.count(False)} not noticed;"
        f" {explained} explained"
    )
    return 1 if False in missed else 0


if __name__ == "__main__":
    sys.exit(main())
