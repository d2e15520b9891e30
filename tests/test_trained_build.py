"""The build with a profile: what is compiled when, and that no build fails for it.

Nothing is compiled here; whether the loop at hand has been trained is in its `TRAINED`.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import support
from setuptools import Distribution, Extension
from setuptools.errors import CompileError

from adaptive import _core, _core_stats
from bench import trained_build
from bench.trained_build import CORE, COUNTING, USING, TrainedBuild, is_gcc, last_line

SETUP = support.ROOT / "setup.py"
TRAINING = support.ROOT / "bench" / "training.py"

#: A call of `build_extension`: the module, the flags added, the macros added.
Built = tuple[str, list[str], dict[str, str]]
OTHERS: list[Built] = [("adaptive._cache", [], {}), ("adaptive._core_stats", [], {})]
PLAIN: Built = (CORE, [], {})
COUNTED: Built = (CORE, COUNTING, {})
TRAINED: Built = (CORE, USING, {"ADAPTIVE_TRAINED": "1"})
UNTRAINED: Built = (CORE, [], {"ADAPTIVE_TRAINED": "-1"})


def compiler_that_says(text: str, status: int = 0) -> list[str]:
    """A command that says this, whatever it is asked."""
    return [sys.executable, "-c", f"print({text!r}); raise SystemExit({status})"]


GCC = compiler_that_says("gcc 12\nCopyright (C) 2022 Free Software Foundation, Inc.")


class Compiler:
    """What the command asks of the compiler."""

    def __init__(self, command: list[str]) -> None:
        self.compiler_so = command

    def object_filenames(
        self, sources: list[str], strip_dir: object, output_dir: str
    ) -> list[str]:
        """Where it puts object files."""
        return [str(Path(output_dir, name).with_suffix(".o")) for name in sources]


class Build(TrainedBuild):
    """The command, which notes what it would compile, and makes empty files of it."""

    built: list[Built]
    said: list[str]
    #: What goes wrong, by the flag that is compiled with, or "training".
    problems: dict[str, Exception]
    product: Path
    profile: Path

    def build_extension(self, ext: Extension) -> None:
        """Nothing that counts may be taken for the product."""
        flags = list(ext.extra_compile_args)
        assert ext.extra_link_args == flags
        assert ext.define_macros[0] == ("ADAPTIVE_STATS", "0")
        self.built.append((ext.name, flags, dict(ext.define_macros[1:])))
        path = Path(self.get_ext_fullpath(ext.name))
        if flags == COUNTING:
            assert not path.is_relative_to(self.product.parent)
        for flag in flags:
            if flag in self.problems:
                raise self.problems[flag]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def train_in(self, folder: Path) -> None:
        """In the place of `run_training`: all that it needs is there."""
        made = {path.stem.partition(".")[0] for path in (folder / "adaptive").iterdir()}
        assert {"_cache", "_core", "isa", "lowering"} <= made
        assert (folder / "bench" / "training.py").exists()
        assert not self.profile.exists()
        self.profile.parent.mkdir(parents=True)
        self.profile.touch()
        if "training" in self.problems:
            raise self.problems["training"]

    def warn(self, msg: str) -> None:
        """Keep what would be printed."""
        self.said.append(msg)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """The command for three modules, none of them built yet; gcc compiles."""
    monkeypatch.chdir(support.ROOT)
    modules = [
        Extension(
            name,
            [name.replace(".", "/") + ".c"],
            define_macros=[("ADAPTIVE_STATS", "0")],
        )
        for name in ("adaptive._cache", CORE, "adaptive._core_stats")
    ]
    command = Build(Distribution({"ext_modules": modules}))
    command.build_lib = str(tmp_path / "lib")
    command.build_temp = str(tmp_path / "temp")
    command.ensure_finalized()
    command.built, command.said, command.problems = [], [], {}
    command.compiler = Compiler(GCC)
    command.product = Path(command.get_ext_fullpath(CORE))
    command.profile = tmp_path / "temp" / "adaptive" / "_core.gcda"
    monkeypatch.setattr(trained_build, "run_training", command.train_in)
    return command


def test_the_loop_is_built_twice(build: Build) -> None:
    """Once to count, once with the counts, of which nothing is left over."""
    build.build_extensions()
    assert build.built == [*OTHERS, COUNTED, TRAINED]
    assert build.product.exists() and not build.profile.exists()
    assert not build.said
    # All are there to be copied into the sources.
    assert {ext.name for ext in build.extensions} == {CORE, *(row[0] for row in OTHERS)}


def test_a_profile_is_of_this_training(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts of an earlier build are not used, and no profile is missed in silence."""
    build.profile.parent.mkdir(parents=True)
    build.profile.touch()
    monkeypatch.setattr(trained_build, "run_training", lambda folder: None)
    build.build_extensions()
    assert build.built == [*OTHERS, COUNTED, UNTRAINED]
    assert build.said[0].endswith("training has left none")


@pytest.mark.parametrize(
    ("where", "problem", "said"),
    [
        (COUNTING[0], CompileError("no gcov"), "no gcov"),
        ("training", subprocess.TimeoutExpired("x", 3, stderr=b"y"), "after 3 seconds"),
        ("training", OSError("no python"), "no python"),
        (
            "training",
            subprocess.CalledProcessError(1, "x", stderr=b"Traceback:\nTypeError: z\n"),
            "TypeError: z",
        ),
        (USING[0], CompileError("other control flow"), "other control flow"),
    ],
    ids=str,
)
def test_no_build_fails_for_a_profile(
    build: Build, where: str, problem: Exception, said: str
) -> None:
    """One line says what went wrong, and the loop is compiled without."""
    build.problems[where] = problem
    build.build_extensions()
    assert build.built[:3] == [*OTHERS, COUNTED]
    assert build.built[-1] == UNTRAINED
    assert build.product.exists() and not build.profile.exists()
    (line,) = build.said
    assert line.startswith("the loop is compiled without a profile: ")
    assert line.endswith(said) and "\n" not in line


def test_what_stops_a_build_leaves_no_product(build: Build) -> None:
    """A loop that counts is never found by the next build, as if it were done."""
    build.problems["training"] = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        build.build_extensions()
    assert build.built == [*OTHERS, COUNTED]
    assert not build.product.exists() and not build.profile.exists()


def test_other_compilers_build_once(build: Build) -> None:
    build.compiler = Compiler(compiler_that_says("clang version 14"))
    build.build_extensions()
    assert build.built == [OTHERS[0], PLAIN, OTHERS[1]]
    assert not build.said


def test_what_is_built_is_not_trained_again(build: Build) -> None:
    """The base command then finds out by itself that there is nothing to do."""
    build.product.parent.mkdir(parents=True)
    build.product.touch()
    build.build_extensions()
    assert build.built == [OTHERS[0], PLAIN, OTHERS[1]]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (GCC, True),
        (compiler_that_says("Apple clang version 14.0"), False),
        (compiler_that_says("Free Software Foundation", status=1), False),
        (["/nowhere/to/be/found"], False),
        ([], False),
    ],
)
def test_is_gcc(command: list[str], expected: bool) -> None:
    assert is_gcc(command) == expected


def test_last_line() -> None:
    """Something is said of every problem."""
    assert last_line(OSError()) == "OSError"
    failed = subprocess.CalledProcessError(3, "x", stderr=b"")
    assert last_line(failed) == str(failed)


def folder_with(tmp_path: Path, training: str) -> Path:
    """A folder whose training is this text."""
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "__init__.py").touch()
    (tmp_path / "bench" / "training.py").write_text(training, "utf-8")
    return tmp_path


def test_training_depends_on_nothing_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It imports from its own folder first, and no setting of the caller's is there."""
    folder = folder_with(
        tmp_path,
        "import os, sys\n"
        "assert sys.path[0] == os.getcwd(), sys.path\n"
        "assert not [name for name in os.environ if name.startswith('ADAPTIVE_')]\n"
        "assert os.environ['PYTHONHASHSEED'] == '0'\n",
    )
    monkeypatch.setenv("ADAPTIVE_DISABLE", "1")
    monkeypatch.setenv("PYTHONPATH", str(support.ROOT))
    trained_build.run_training(folder)


def test_training_that_fails_or_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_with(tmp_path, "import time\ntime.sleep(60)")
    monkeypatch.setattr(trained_build, "MOST_SECONDS", 0.2)
    with pytest.raises(subprocess.TimeoutExpired):
        trained_build.run_training(folder)
    monkeypatch.undo()
    (folder / "bench" / "training.py").write_text("raise SystemExit('no')", "utf-8")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        trained_build.run_training(folder)
    assert last_line(caught.value) == "no"


def test_training_runs_on_the_engine(tmp_path: Path) -> None:
    """All of it does (its status says so), without a warning, and it leaves nothing."""
    words = ("-X", "dev", "-W", "error", "-P", "-m", "bench.training")
    done = support.python(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not [*tmp_path.iterdir()]


def test_training_is_not_what_is_measured() -> None:
    """Nor does it take more than the build has: the standard library."""
    imported = {"adaptive", "bench.micro"}
    for node in ast.walk(ast.parse(TRAINING.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    roots = {name.partition(".")[0] for name in imported}
    assert roots - {"adaptive", "bench"} <= sys.stdlib_module_names
    assert {name for name in imported if name.startswith("bench")} == {"bench.micro"}
    docstring = ast.get_docstring(ast.parse(TRAINING.read_text("utf-8"))) or ""
    measured = set(re.findall(r"`(\w+)`", docstring))
    assert {"argparse", "copy", "json", "pickle"} <= measured
    assert not roots & measured


def setup_definitions(monkeypatch: pytest.MonkeyPatch, **environ: str) -> Any:
    """What setup.py defines in this environment, with nothing built."""
    for name in ("ADAPTIVE_DEBUG", "ADAPTIVE_PGO"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    tree = ast.parse(SETUP.read_text("utf-8"))
    tree.body = [node for node in tree.body if not isinstance(node, ast.Expr)]
    namespace: dict[str, Any] = {"__file__": str(SETUP), "__name__": "defined"}
    exec(compile(tree, "setup.py", "exec"), namespace)
    return namespace


@pytest.mark.parametrize(
    ("environ", "trains"),
    [
        ({}, True),
        ({"ADAPTIVE_PGO": "1"}, True),
        ({"ADAPTIVE_PGO": "0"}, False),
        ({"ADAPTIVE_DEBUG": "1"}, False),
    ],
)
def test_training_can_be_left_out(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], trains: bool
) -> None:
    commands = setup_definitions(monkeypatch, **environ)["commands"]()
    assert [each.__name__ for each in commands.values()] == ["TrainedBuild"] * trains


def test_without_bench_the_build_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    namespace = setup_definitions(monkeypatch)
    for path in namespace["TRAINING"]:
        assert (support.ROOT / path).is_file()
    namespace["HERE"] = tmp_path
    assert namespace["commands"]() == {}


def test_an_sdist_has_what_its_build_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sources as they were before Cython, and what the loop is trained with."""
    namespace = setup_definitions(monkeypatch)
    packed = []
    monkeypatch.setattr(
        "Cython.Build.cythonize", lambda modules, **_: packed.extend(modules)
    )
    namespace["extensions"]()
    for module in packed:
        assert {*module.sources} <= {*module.depends}
    (core,) = (module for module in packed if module.name == CORE)
    assert {*namespace["TRAINING"]} <= {*core.depends}
    imported = {f"bench/{name}.py" for name in ("__init__", "micro", "training")}
    assert {*imported, "bench/trained_build.py"} == {*namespace["TRAINING"]}


def test_this_loop_was_trained_if_it_was_tried() -> None:
    """1 by the ordinary build under gcc, 0 by the others; -1 is a training that failed.

    The loop for statistics has other branches, so it never has a profile.
    """
    assert _core.TRAINED in (0, 1)
    assert _core_stats.TRAINED == 0
