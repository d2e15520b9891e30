"""Print the README's code block that a comment ``<!-- ci: NAME -->`` stands above."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def block(name: str) -> str:
    """The text of one marked block.  Raises KeyError unless there is exactly one."""
    pattern = rf"^<!-- ci: {re.escape(name)} -->\n```\w+\n(.*?)^```$"
    found = re.findall(pattern, README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    if len(found) != 1:
        raise KeyError(f"README.md has {len(found)} blocks marked {name!r}")
    text: str = found[0]
    return text


if __name__ == "__main__":
    print(block(sys.argv[1]), end="")
