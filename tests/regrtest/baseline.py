"""The plain host's outcomes, kept so that engine runs need not repeat them.

A file of JSON lines, each with the interpreter it was seen on; later lines win.  Lines
are appended whole, so an interrupted or a second concurrent run loses nothing.
"""

import json
import os
import sys
from pathlib import Path

from tests.regrtest.runs import Outcome


def default_directory() -> Path:
    """Where results are kept when no option says otherwise; never the repository."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    version = ".".join(map(str, sys.version_info[:3]))
    return Path(cache, "adaptive-regrtest", version)


class Outcomes:
    """Outcomes by module, in memory and in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._by_module: dict[str, Outcome] = {}
        if path.exists():
            self._load()

    def _load(self) -> None:
        for line in self.path.read_text("utf-8").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # the last line of an interrupted run
            if record.pop("python", None) == sys.version:
                self._by_module[record["module"]] = Outcome(**record)

    def get(self, module: str) -> Outcome | None:
        """The outcome known for *module* on this very interpreter."""
        return self._by_module.get(module)

    def add(self, outcome: Outcome) -> None:
        """Remember *outcome* and append it to the file."""
        self._by_module[outcome.module] = outcome
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"python": sys.version, **outcome.as_json()})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
