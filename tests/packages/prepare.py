"""A package's source archive and an environment for its tests, kept in a cache.

Both are made once for each version of the package and of the interpreter.  What is
only half made is never found: it is built beside its place and moved there.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import adaptive
from tests.packages.catalog import RUNNER, Package

RECORDER = Path(__file__).with_name("recorder.py")
PLUGIN = "adaptive_packages_recorder"
#: The environment variable by which the recorder is told where to write.
EVENTS_PATH = "ADAPTIVE_PACKAGES_EVENTS"


class PrepareError(Exception):
    """A package cannot be had or installed; the text is one sentence."""


def default_cache() -> Path:
    """Where archives and environments are kept; never the repository."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    version = ".".join(map(str, sys.version_info[:3]))
    return Path(home, "adaptive-packages", version)


class Prepared:
    """What is there for a package: the archive, unpacked, and an interpreter."""

    def __init__(self, package: Package, cache: Path) -> None:
        self.package = package
        self.home = cache / f"{package.name}-{package.version}"
        self.source = self.home / "source"
        self.python = self.home / "venv" / "bin" / "python"

    def make(self) -> None:
        """Make what is missing.  Raises PrepareError."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.source.exists():
            _whole(self.source, self._unpack)
        # An environment names its own place in its scripts, so it is made in place,
        # and a file says that it is complete.
        complete = self.home / "complete"
        wanted = "\n".join(self._requirements())
        if not complete.exists() or complete.read_text("utf-8") != wanted:
            self._make_environment()
            complete.write_text(wanted, "utf-8")

    def _requirements(self) -> list[str]:
        return [*RUNNER, *self.package.requires]

    def _unpack(self, target: Path) -> None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--no-binary", self.package.name, self.package.pinned]
        with tempfile.TemporaryDirectory(dir=self.home) as directory:
            _run([*command, "--dest", directory], self.package)
            (archive,) = Path(directory).iterdir()
            with tarfile.open(archive) as file:
                file.extractall(directory, filter="data")
            archive.unlink()
            (top,) = Path(directory).iterdir()
            shutil.move(top, target)

    def _make_environment(self) -> None:
        home = self.home / "venv"
        _run([sys.executable, "-m", "venv", "--clear", str(home)], self.package)
        install = [str(self.python), "-m", "pip", "install", "--quiet"]
        _run([*install, str(self.source), *self._requirements()], self.package)

    def library(self) -> str:
        """A directory for PYTHONPATH with the engine and the recorder and nothing else.

        The project's own directory would bring its ``tests`` in the place of theirs.
        """
        library = self.home / "library"
        library.mkdir(exist_ok=True)
        for name, target in (
            ("adaptive", Path(adaptive.__file__).parent),
            (f"{PLUGIN}.py", RECORDER),
        ):
            link = library / name
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        return str(library)


def _whole(place: Path, make: Callable[[Path], None]) -> None:
    """Let `make` fill a directory beside *place*, and move it there when it has."""
    with tempfile.TemporaryDirectory(dir=place.parent) as directory:
        made = Path(directory, place.name)
        make(made)
        made.rename(place)


def _run(command: list[str], package: Package) -> None:
    """Raises PrepareError with the last line that the command has to say."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
        step = " ".join(command[1:4])
        raise PrepareError(f"{package.pinned}: {step} failed: {words[-1]}")
