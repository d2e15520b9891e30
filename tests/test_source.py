"""The sources: one table, one switch, one place per fact, imports in one direction."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import support

from adaptive import config, isa, reasons

PACKAGE = support.ROOT / "adaptive"
CORE = PACKAGE / "_core.pyx"
GENERATED_C = PACKAGE / "_core.c"
#: Written by the build.
PRODUCTS = {"_ops.pxd", "_arms.pxd"}
FAMILIES = pytest.mark.parametrize("family", isa.FAMILIES)
#: Those that a rule gives: RESUME's and JUMP_BACKWARD's have no guard.
FORMS = pytest.mark.parametrize(
    "form",
    [row for family in isa.FAMILIES for row in isa.FORMS[family]],
    ids=lambda row: row.name,
)

#: The tables of hints.
ADVICE = {f"report.{path.stem}" for path in (PACKAGE / "report").glob("advice_*.py")}
#: What may be imported by each module; DESIGN's layers, from the bottom up.
LAYERS = (
    {"isa", "reasons", "config"},
    {"_ops", "_arms"},
    {"_cache", "_host"},
    {"lowering", *(f"lowering.{name}" for name in ("common", "depths", "v311"))},
    {"_core", "_core_stress", "_core_stats"},
    {"families", *(f"families.{name.lower()}" for name in isa.FAMILIES)},
    {"_code", "deopt"},
    {"specializer", "marshal", "selection"},
    {"__init__"},
    {
        "listing",
        "monitoring",
        "runner",
        "summary",
        "testing",
        "dis_text",
        "report",
        "report.profile",
        "report.advice",
    },
    {
        "bisect",
        "diff",
        "dis",
        "report.gather",
        "report.hints",
        "report.places",
        *ADVICE,
    },
    {"report.html"},
    {"collector"},
    {"__main__"},
    {"report.select"},
    {"report.facts", "report.source", "report.schema"},
    {"report.compare", "report.options", "report.child"},
    {"report.text", "report.markdown"},
    {"report.output"},
    {"stats"},
    {"pytest_plugin"},
)
#: Above the core, found only at run time: the public API picks the loop's build.
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def sources(*suffixes: str) -> list[Path]:
    """The package's own files of these kinds, in order."""
    return sorted(
        path
        for path in PACKAGE.rglob("*")
        if path.suffix in suffixes and path.name not in PRODUCTS
    )


def stem(path: Path) -> str:
    """`lowering.v311` for adaptive/lowering/v311.py."""
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return name.removesuffix(".__init__") if name != "__init__" else name


def without_comments(text: str) -> str:
    """Cython source without comments, docstrings and other strings."""
    text = re.sub(r'"""(?:.|\n)*?"""', '""', text)
    text = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)
    return re.sub(r"#.*", "", text)


def loop_text() -> str:
    """The source of the dispatch loop."""
    text = CORE.read_text("utf-8")
    start = text.index("cdef PyObject **act(")
    return text[start : text.index("cdef PyObject *eval_frame(", start)]


def arms(namespace: str) -> list[tuple[list[str], str]]:
    """What the arms test for, and their text: `act`'s are `ops.X`, the loop's `arms.X`.

    The text of the last one goes to the end of the chain.
    """
    head = rf"^ +(?:el)?if \(?\s*(op == {namespace}\.[^:]*):$"
    _, *parts = re.split(head, loop_text(), flags=re.MULTILINE)
    return [
        (re.findall(rf"op == {namespace}\.(\w+)", tests), text)
        for tests, text in zip(parts[::2], parts[1::2], strict=True)
    ]


def arm_names(*namespaces: str) -> list[str]:
    """The opcodes that the arms test for, with repetitions."""
    return [
        name
        for namespace in namespaces
        for names, _ in arms(namespace)
        for name in names
    ]


def arm(name: str) -> str:
    """The text of the loop's arm for an opcode.  Raises ValueError unless it is one."""
    (text,) = (text for names, text in arms("arms") if name in names)
    return text


# -- one table


def test_rows_are_arms() -> None:
    """S1-13: every instruction and every step has exactly one arm, and nothing else.

    The instrumented ones have the last one, together.
    """
    names = arm_names("ops", "arms")
    assert len(names) == len(set(names))
    hot = {row.name for row in isa.INSTRUCTIONS if row.number < isa.FIRST_INSTRUMENTED}
    assert set(names) == {*hot, *isa.STEPS}
    # Nothing else is compared with an opcode in the loop, so that it stays a switch.
    assert len(re.findall(r"\bop == ", loop_text())) == len(names)


def test_forms_are_in_the_loop() -> None:
    """What is worth a form is hot: none is in `act`."""
    in_act = set(arm_names("ops"))
    assert not [row.name for row in isa.INSTRUCTIONS if row.base != row.name in in_act]


def test_arms_have_labels() -> None:
    """The table of labels is made from `arms.X`: a test for `ops.X` would be no arm."""
    act, run = loop_text().split("cdef PyObject *run(")
    assert "arms." not in act
    assert not re.findall(r"op == ops\.", run)
    assert not re.findall(r"\bop = ops\.", run)


def test_caches_are_skipped_by_their_constants() -> None:
    """Each arm of an instruction with caches names its cache constant, no number."""
    text = loop_text()
    for row in isa.INSTRUCTIONS:
        expected = bool(row.cache_units) and row.base == row.name
        assert (f"ops.{row.name}_CACHE" in text) == expected, row.name
    parts = {row.name: len(fused) for fused, row in isa.FUSED.items()}
    for names, text in arms("arms"):
        # Whole instructions may be skipped by number: those a fused one has done.
        most = parts.get(names[0], 2) - 1
        for units in re.findall(r"next \+= (\d+)", text):
            assert 1 <= int(units) <= most, names


@FORMS
def test_forms_skip_their_caches(form: isa.Instruction) -> None:
    """A form's arm names the constant of its base, or goes on at one that does."""
    text = arm(form.name)
    others = [row.name for row in isa.FORMS[form.base] if row is not form]
    onward = [name for name in re.findall(r"arms\.to_(\w+)", text) if name in others]
    assert f"ops.{form.base}_CACHE" in text or onward
    for name in onward:
        assert f"ops.{form.base}_CACHE" in arm(name)


@FORMS
def test_forms_can_miss(form: isa.Instruction) -> None:
    """A guard that fails goes on at the base's arm, before any action.

    The guard stands in `passes`, which lets it fail under stress, exactly once.
    """
    text = arm(form.name)
    assert f"arms.to_{form.base}()" in text
    assert len(re.findall(r"\bpasses\(", text)) == 1
    before, _ = text.split("passes(")
    assert not re.search(r"\b(?:Py_\w*(?:IN|DE)CREF|release|count_down)\(", before)


@FAMILIES
def test_bases_count_down(family: str) -> None:
    """S1-08, S1-11: base arms, and they alone, come to the one way to a form."""
    lines = [line.strip() for line in arm(family).splitlines() if line.strip()]
    assert lines[0] == "sync(frame, state, next)"
    assert lines[1] == "count_down(frame, state, next, sp, oparg)"
    for form in isa.FORMS[family]:
        assert "count_down" not in arm(form.name)


@pytest.mark.parametrize("path", sources(".pyx", ".pxi", ".pxd"), ids=stem)
def test_no_opcode_number_is_restated(path: Path) -> None:
    """Opcodes are compared with, and assigned from, names only."""
    text = without_comments(path.read_text("utf-8"))
    assert not re.findall(r"\bop\s*(?:[=!<>]=?)\s*\d", text)
    assert not re.findall(rf"\b(?:{'|'.join(isa.NUMBER)})\s*=\s*\d", text)
    assert not re.findall(r"\b\w+_CACHE\s*=\s*\d", text)
    assert not re.findall(r"\bREASON_\w+\s*=\s*\d", text)


def restates(table: ast.Dict) -> bool:
    """Whether a dict gives instructions their numbers or their cache widths."""
    pairs = [
        (key.value, value.value)
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant)
    ]
    rows = [
        (isa.BY_NUMBER[isa.NUMBER[name]], value)
        for name, value in pairs
        if name in isa.NUMBER
    ]
    return any(value for _, value in rows) and (
        all(row.number == value for row, value in rows)
        or all(row.cache_units == value for row, value in rows)
    )


@pytest.mark.parametrize("path", sources(".py"), ids=stem)
def test_no_table_is_restated(path: Path) -> None:
    """Only isa.py gives instructions numbers and cache widths."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            assert not restates(node), f"line {node.lineno}"
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, int)
        ):
            names = {name.id for name in node.targets if isinstance(name, ast.Name)}
            assert not names & set(isa.NUMBER), f"line {node.lineno}"


def test_ops_follow_from_the_tables() -> None:
    """S4-32: the generated constants are those that isa.py and reasons.py give."""
    text = (PACKAGE / "_ops.pxd").read_text("utf-8")
    values = {name: int(value) for name, value in re.findall(r"(\w+) = (\d+)", text)}
    for row in isa.INSTRUCTIONS:
        assert values[row.name] == row.number
        expected = row.cache_units if row.base == row.name else 0
        assert values.get(f"{row.name}_CACHE", 0) == expected
    for number, name in enumerate(isa.STEPS):
        assert values[name] == isa.FIRST_STEP + number
    for number, reason in enumerate(reasons.NAMES):
        assert values[f"REASON_{reason.upper()}"] == number
    assert values["REASON_COUNT"] == len(reasons.TABLE)


def test_arms_follow_from_the_tables() -> None:
    """Each arm of the loop has its number as a case label, and places to jump to.

    The table jumps in front of where an arm takes its argument, other arms behind it.
    """
    text = (PACKAGE / "_arms.pxd").read_text("utf-8")
    in_loop = [row for row in isa.INSTRUCTIONS if row.name in arm_names("arms")]
    numbered = [(row.name, row.number) for row in in_loop]
    numbered += [(name, isa.FIRST_STEP + n) for n, name in enumerate(isa.STEPS)]
    assert re.findall(r"#define ARM_(\w+) (\d+):.* in_(\w+)$", text, re.M) == [
        (name, str(number), name) for name, number in numbered
    ]
    assert re.findall(r": arm_(\w+): TAKE_OPARG\(\); in_(\w+)$", text, re.M) == [
        (row.name, row.name) for row in in_loop
    ]
    assert re.findall(r"\[(\d+)\] = &&arm_(\w+), ", text) == [
        (str(row.number), row.name) for row in in_loop
    ]
    values = dict(re.findall(r'^ +(\w+) "(ARM_\w+)"$', text, re.M))
    assert values == {name: f"ARM_{name}" for name, _ in numbered}


# -- rules


def rule_tree(family: str) -> ast.Module:
    """The module with a family's rule."""
    path = PACKAGE / "families" / f"{family.lower()}.py"
    return ast.parse(path.read_text("utf-8"))


def named_by(tree: ast.Module, function: str) -> set[str]:
    """The names that a module gives to `form` or `refusal`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function:
            pending = list(node.args)
            while pending:
                argument = pending.pop()
                if isinstance(argument, ast.IfExp):
                    pending += [argument.body, argument.orelse]
                else:
                    found.add(ast.literal_eval(argument))
    return found


def test_every_family_has_a_rule() -> None:
    """S1-11: one rule module per family, and no other modules; each has a `choose`."""
    modules = {path.stem for path in (PACKAGE / "families").glob("*.py")}
    assert modules == {"__init__", *(name.lower() for name in isa.FAMILIES)}
    for family in isa.FAMILIES:
        functions = [
            node
            for node in rule_tree(family).body
            if isinstance(node, ast.FunctionDef) and node.name == "choose"
        ]
        assert [ast.unparse(node.args) for node in functions] == ["site: Site"]
        assert ast.unparse(functions[0].returns or ast.Constant(None)) == "Outcome"


@FAMILIES
def test_rules_name_every_form(family: str) -> None:
    """A form that no rule gives is dead, and a rule gives forms of its family only."""
    expected = {row.name for row in isa.FORMS[family]}
    assert named_by(rule_tree(family), "form") == expected


@FAMILIES
def test_rules_refuse_for_refusals(family: str) -> None:
    names = named_by(rule_tree(family), "refusal")
    assert names <= {row.name for row in reasons.of_kind(reasons.REFUSAL)}


@FAMILIES
def test_rules_import_tables_only(family: str) -> None:
    """Rules hold no state and know no engine: isa and reasons, through the package."""
    tree = rule_tree(family)
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
        assert not isinstance(node, ast.Import)
    assert found <= {"__future__", ".", "types"}
    package = vars(import_module("adaptive.families"))
    modules = {
        value.__name__
        for name, value in package.items()
        # pytest rewrites asserts in a plugin's package, and marks its imports so.
        if isinstance(value, ModuleType) and not name.startswith("@")
    }
    own = {f"adaptive.families.{name.lower()}" for name in isa.FAMILIES}
    assert modules - own == {"adaptive.isa", "adaptive.reasons"}


def test_every_reason_is_given_somewhere() -> None:
    """A reason that nothing gives is no reason; one that is given has a row."""
    given = set()
    for path in sources(".pyx", ".pxi"):
        given |= set(re.findall(r"ops\.REASON_(\w+)", path.read_text("utf-8")))
    for path in sources(".py"):
        if path.name != "reasons.py":
            text = path.read_text("utf-8")
            given |= {name.upper() for name in reasons.NAMES if f'"{name}"' in text}
    given.discard("COUNT")
    assert given == {name.upper() for name in reasons.NAMES}


# -- one place for versions


@pytest.mark.parametrize(
    "path", sources(".pyx", ".pxi", ".pxd", ".py", ".h"), ids=lambda path: path.name
)
def test_version_is_asked_in_two_places(path: Path) -> None:
    """Only _host and the lowering know which CPython runs."""
    if path.name in ("_host.h", "_host.pxd") or "lowering" in path.parts:
        return
    text = without_comments(path.read_text("utf-8"))
    asked = re.findall(r"PY_VERSION_HEX|Py_Version\b|version_info|hexversion", text)
    assert not asked


@pytest.mark.parametrize("path", sources(".pyx", ".pxi"), ids=lambda path: path.name)
def test_private_layouts_stay_in_host(path: Path) -> None:
    """Fields of threads, generators and interpreters are _host's business."""
    text = without_comments(path.read_text("utf-8"))
    private = r"\b(?:cframe|datastack_\w+|gi_\w+|curexc_\w+|prev_instr|stacktop)\b"
    assert not re.findall(private, text)
    assert "pycore_" not in text


# -- imports in one direction


def imported(path: Path) -> set[str]:
    """The package's modules that a file imports at any place in it."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        # `from .` is the package that the file is in.
        above = ".".join(("adaptive", *path.parent.relative_to(PACKAGE).parts))
        text = re.sub(r"^(\s*from )\.(?=\w)", rf"\1{above}.", text, flags=re.M)
        text = re.sub(r"^(\s*from )\.(?= )", rf"\1{above}", text, flags=re.M)
    found = set()
    package = r"(adaptive[\w.]*)"
    pattern = rf"^\s*(?:from {package} c?import ([^\n]+)|c?import {package})"
    for module, names, plain in re.findall(pattern, text, re.MULTILINE):
        base = (module or plain).removeprefix("adaptive").lstrip(".")
        if base:
            found.add(base)
        else:
            parts = [part.split(" as ")[0].strip("() ,") for part in names.split(",")]
            inside = {part for part in parts if part in LEVEL}
            found |= inside or {"__init__"}
    return found


@pytest.mark.parametrize(
    "path", sources(".py", ".pyx", ".pxi", ".pxd"), ids=lambda path: path.name
)
def test_imports_run_downwards(path: Path) -> None:
    """The core imports no policy; nothing imports what stands above it."""
    own = stem(path)
    if path.suffix in (".pxi",):
        own = "_core"
    assert own in LEVEL, f"{own} has no layer"
    for name in imported(path) - {own}:
        assert name in LEVEL, name
        same_part = name.split(".")[0] == own.split(".")[0]
        assert LEVEL[name] < LEVEL[own] or same_part, f"{own} imports {name}"


# -- form of the core


@pytest.mark.parametrize("path", sources(".pxi"), ids=lambda path: path.name)
def test_fragments_are_included_once(path: Path) -> None:
    text = CORE.read_text("utf-8")
    name = path.relative_to(PACKAGE).as_posix()
    assert text.count(f'include "{name}"') == 1


def test_cdef_names() -> None:
    """Functions in snake case, types in capitals' case, constants in capitals."""
    for path in sources(".pyx", ".pxi"):
        text = without_comments(path.read_text("utf-8"))
        for name in re.findall(r"^c?p?def (?:inline )?[\w *]*?\b(\w+)\(", text, re.M):
            assert re.fullmatch(r"_*[a-z][a-z0-9_]*", name), f"{path.name}: {name}"
        for name in re.findall(r"^ctypedef struct (\w+)", text, re.M):
            assert re.fullmatch(r"[A-Z][A-Za-z]*", name), f"{path.name}: {name}"
        for name in re.findall(r"^cdef class (\w+)", text, re.M):
            assert re.fullmatch(r"[A-Z][A-Za-z]*", name), f"{path.name}: {name}"


def test_functions_fit() -> None:
    """50 lines a function, docstring and blank lines not counted; not the loop."""
    for path in sources(".pyx", ".pxi"):
        text = path.read_text("utf-8")
        blocks = re.split(r"^(?=c?def |cdef class |@)", text, flags=re.MULTILINE)
        for block in blocks[1:]:
            name = block.splitlines()[0]
            body = [
                line
                for line in re.sub(r'"""(?:.|\n)*?"""', "", block).splitlines()
                if line.startswith(" ") and line.strip()
            ]
            table = re.search(r"\*(?:run|act)\(", name)
            if not table and not name.startswith("cdef class"):
                assert len(body) <= 50, f"{path.name}: {name}"


def test_headers_say_what_a_file_is() -> None:
    for path in sources(".pyx", ".pxi", ".py", ".pxd"):
        text = path.read_text("utf-8")
        if text.strip() and not text.startswith("include"):
            head = text.removeprefix("# cython: freethreading_compatible=False\n")
            assert head.startswith(('"""', "# ")), path.name


def test_no_loose_ends() -> None:
    """No TODO, no path of one machine."""
    for path in sources(".pyx", ".pxi", ".pxd", ".py", ".h"):
        text = path.read_text("utf-8")
        assert not re.findall(r"\b(?:TODO|FIXME|XXX)\b", text), path.name
        assert not re.findall(r"/(?:work|tmp|root|home)/", text), path.name


def test_switches_are_read_in_config_only() -> None:
    """S4-13: the environment is read where the switches are declared."""
    for path in sources(".py", ".pyx", ".pxi"):
        if path.name != "config.py":
            text = path.read_text("utf-8")
            assert not re.findall(r"environ(?:\.get|\[)|getenv", text), path.name
    assert {switch.name for switch in config.SWITCHES} >= {"ADAPTIVE_DISABLE"}


def test_units_are_changed_in_one_module() -> None:
    """S4-04: everybody else calls its functions, which are atomic."""
    for path in sources(".pyx", ".pxi"):
        if path.name != "_cache.pyx":
            text = without_comments(path.read_text("utf-8"))
            slot = r"\b(?:units?|at|next|target|following)\[[^\]\n]*\] = "
            assert not re.findall(slot, text), path.name
            assert not re.findall(r"\bslot_(?:store|compare)\w*\(", text), path.name


def test_no_except_in_the_core() -> None:
    """What Cython makes of one drops a traceback that is NULL without memory."""
    for path in sources(".pyx", ".pxi"):
        if path.name != "_cache.pyx":
            text = without_comments(path.read_text("utf-8"))
            assert not re.findall(r"^ *(?:except\b|finally).*:$", text, re.M), path.name


# -- the generated C


def function_in_c(name: str) -> str:
    """One function of the core in the generated C, comments left out."""
    if not GENERATED_C.exists():
        pytest.skip("the build left no C file")
    text = GENERATED_C.read_text("utf-8", errors="replace")
    text = re.sub(r"/\*(?:.|\n)*?\*/", "", text)
    head = rf"^static PyObject \*\**__pyx_f_8adaptive_5_core_{name}\(.*\{{$"
    start = re.search(head, text, re.MULTILINE)
    assert start
    end = text.index("\n}\n", start.end())
    return text[start.start() : end]


@pytest.fixture(scope="module")
def loop_in_c() -> str:
    """The C function of the dispatch loop."""
    return function_in_c("run")


def test_two_switches(loop_in_c: str) -> None:
    """Both chains of arms have become one C switch, with a case label per opcode.

    One condition that is not `op == constant` silently makes an if-chain of it.
    """
    labels = []
    for text in (loop_in_c, function_in_c("act")):
        assert len(re.findall(r"\bswitch \(", text)) == 1
        labels += re.findall(r"^\s*case (__pyx_e_\w+|ARM_\w+|\d+):", text, re.M)
    assert len(labels) == len(set(labels)) == len(arm_names("ops", "arms"))


def test_the_loop_is_threaded(loop_in_c: str) -> None:
    """The table of arms is declared in one place, and jumped through in two: behind the
    arms, and from an instrumented instruction to the one under it.
    """
    for name, count in {"DECLARE_ARMS": 1, "ARM_OF_OTHERS": 1, "GO_TO_ARM": 2}.items():
        assert len(re.findall(rf"\b{name}\(", loop_in_c)) == count


def test_no_cython_runtime_in_the_loop(loop_in_c: str) -> None:
    """I6: no exceptions, no Python objects' helpers, no lock handling in the loop."""
    called = set(re.findall(r"\b(__Pyx_\w+)\s*\(", loop_in_c))
    assert not called
    assert "PyGILState" not in loop_in_c
    assert "__pyx_L1_error" not in loop_in_c
