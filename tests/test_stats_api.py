"""`adaptive.stats` as other programs use it."""

from __future__ import annotations

from pathlib import Path

import pytest
import support

import adaptive
import adaptive.stats


def test_collect() -> None:
    """A block is counted, can be looked at inside, and reported after."""

    def hot(n: int) -> int:
        total = 0
        for i in range(n):
            total = total + i
        return total

    with adaptive.stats.collect(threshold=0) as s:
        hot(500)
        inside = s.profile()
    assert not adaptive.is_enabled()
    assert any(code.name.endswith("hot") for code in inside.codes)
    sites = [site for code, site in s.sites() if code.name.endswith("hot")]
    assert {site.family for site in sites} >= {"BINARY_OP", "FOR_ITER"}
    generic = [site.generic for _, site in s.sites()]
    assert generic == sorted(generic, reverse=True)
    for name in ("text", "markdown", "json", "html"):
        assert s.report(name)
    with pytest.raises(ValueError, match="'pdf'"):
        s.report("pdf")


def test_save(tmp_path: Path) -> None:
    with adaptive.stats.collect(threshold=0) as s:
        sum(n for n in range(50))
    s.save(tmp_path / "x.md")
    assert (tmp_path / "x.md").read_text().startswith("# Specialization")
    with pytest.raises(ValueError, match="No such file"):
        s.save(tmp_path / "none" / "x.md")


def test_start_up_stays_light() -> None:
    """What only reports need is loaded by nobody else."""
    code = (
        "import sys, adaptive, adaptive.__main__, adaptive.collector;"
        "print({'rich', 'msgspec', 'argparse', 'json', 'dataclasses', 'jinja2'}"
        " & set(sys.modules))"
    )
    done = support.python("-c", code)
    assert (done.stdout, done.stderr) == ("set()\n", "")
