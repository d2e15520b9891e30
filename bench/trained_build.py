"""`build_ext` with a profile of the loop (PGO): what setup.py builds with under gcc.

The loop is compiled twice.  The first has a counter at each branch and runs
`bench.training`; the second is laid out for what those counters say.  The other
modules, and the loop's builds for stress and statistics, are compiled once, as ever.

A profile that cannot be had costs some speed, so no build fails for it: the loop is
compiled without one, and one line says why.  setup.py loads this by path; nothing of
`bench` or of the package is imported here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import Extension
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError
from setuptools.modified import newer_group

ROOT = Path(__file__).parent.parent
CORE = "adaptive._core"
#: Training has one thread, so its counters need not be atomic.
COUNTING = ["-fprofile-generate", "-fprofile-update=single"]
#: What training never came to is compiled for speed all the same, not for size.
USING = ["-fprofile-use", "-fprofile-partial-training", "-Wno-missing-profile"]
#: What `_core.TRAINED` says.
DONE, FAILED = "1", "-1"
#: Training takes seconds; on a loaded machine perhaps a minute.
MOST_SECONDS = 300


def is_gcc(command: list[str]) -> bool:
    """Whether this compiler is gcc: others make and take profiles in their own ways."""
    try:
        said = subprocess.run(
            [*command, "--version"],
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return b"Free Software Foundation" in said.stdout


def run_training(folder: Path) -> None:
    """Train the loop that stands in `folder`, with what stands there.

    What the environment sets for the engine does not matter to the build, nor do the
    hash seeds of the day.
    Raises: OSError, subprocess.SubprocessError.
    """
    environ = {k: v for k, v in os.environ.items() if not k.startswith("ADAPTIVE_")}
    subprocess.run(
        [sys.executable, "-P", "-m", "bench.training"],
        cwd=folder,
        env={**environ, "PYTHONPATH": str(folder), "PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=MOST_SECONDS,
        check=True,
    )


def last_line(problem: Exception) -> str:
    """What went wrong, in one line; of a process that failed, what it said last."""
    text = str(problem)
    if isinstance(problem, subprocess.CalledProcessError):
        text = problem.stderr.decode(errors="replace").strip() or text
    return text.splitlines()[-1] if text else type(problem).__name__


class TrainedBuild(build_ext):
    """Builds the loop last, with the others to be trained with, and twice."""

    def build_extensions(self) -> None:
        """Everything that is out of date."""
        core = self.ext_map[CORE]
        path = self.get_ext_fullpath(CORE)
        stale = newer_group([*core.sources, *core.depends], path, "newer")
        compiler = getattr(self.compiler, "compiler_so", [])
        if not ((stale or self.force) and is_gcc(compiler)):
            super().build_extensions()
            return
        self.extensions.remove(core)
        super().build_extensions()
        self.extensions.append(core)
        self.build_trained(core)

    def build_trained(self, core: Extension) -> None:
        """The loop with a profile, or without one where that fails."""
        (made,) = self.compiler.object_filenames(core.sources, "", self.build_temp)
        # gcc writes it, and looks for it, beside the object file.
        profile = Path(made).with_suffix(".gcda")
        try:
            # The counts of an earlier build would be added to.
            profile.unlink(missing_ok=True)
            self.train(core)
            if not profile.exists():
                raise FileNotFoundError("training has left none")
            self.build_with(core, USING, ADAPTIVE_TRAINED=DONE)
        except (CCompilerError, OSError, subprocess.SubprocessError) as problem:
            self.warn(f"the loop is compiled without a profile: {last_line(problem)}")
            self.build_with(core, [], ADAPTIVE_TRAINED=FAILED)
        finally:
            profile.unlink(missing_ok=True)

    def train(self, core: Extension) -> None:
        """Leave a profile.  The loop that counts is built, and runs, in a folder apart.

        So it cannot be taken for the product, whenever this is interrupted.  Only here
        are sources and products together: `build_lib` has no sources, or old ones.
        """
        with tempfile.TemporaryDirectory(prefix="adaptive-training-") as name:
            folder = Path(name)
            shutil.copytree(Path(self.build_lib, "adaptive"), folder / "adaptive")
            for source in ("adaptive", "bench"):
                shutil.copytree(
                    ROOT / source,
                    folder / source,
                    ignore=shutil.ignore_patterns("*.so", "*.c", "__pycache__"),
                    dirs_exist_ok=True,
                )
            library, self.build_lib = self.build_lib, name
            try:
                self.build_with(core, COUNTING)
            finally:
                self.build_lib = library
            run_training(folder)

    def build_with(self, core: Extension, flags: list[str], **macros: str) -> None:
        """Build the loop with more flags: all others must be the same each time."""
        before = core.extra_compile_args, core.extra_link_args, core.define_macros
        core.extra_compile_args = [*core.extra_compile_args, *flags]
        core.extra_link_args = [*core.extra_link_args, *flags]
        core.define_macros = [*core.define_macros, *macros.items()]
        try:
            self.build_extension(core)
        finally:
            core.extra_compile_args, core.extra_link_args, core.define_macros = before
