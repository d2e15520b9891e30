"""Runs programs once and prints what they computed: `python -m bench.run_one NAME…`.

One line of JSON per program, the same on every side and in every run: a digest of what
the function returned, of what its probe shows, and of what it printed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import sys

from bench.loader import load
from bench.programs import find

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def digest(value: object) -> str:
    """A short name for a value: of its repr, addresses left out."""
    text = ADDRESS.sub(" at ADDRESS", repr(value))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run(name: str) -> dict[str, str]:
    """Run one program once; what it computed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), load(find(name)) as workload:
        result = workload.result()
        shown = workload.probe()
    return {
        "program": name,
        "result": digest(result),
        "probe": digest(shown),
        "printed": digest(printed.getvalue()),
    }


def main(names: list[str]) -> int:
    """Run each named program; 2 when a name is not known."""
    for name in names:
        try:
            find(name)
        except KeyError as error:
            print(f"bench.run_one: {error.args[0]}", file=sys.stderr)
            return 2
    for name in names:
        print(json.dumps(run(name)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
