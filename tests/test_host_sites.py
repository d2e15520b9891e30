"""The comparison with CPython's own specialized code, on small programs.

All twenty programs take minutes: ``python -m tests.host_sites``.
"""

from __future__ import annotations

import dis as host_dis
import json
import subprocess
import sys
from pathlib import Path

import pytest

import adaptive
from adaptive import isa, reasons
from tests import host_sites
from tests.host_sites import Comparison, Generic, Recorder, Site

ROOT = Path(__file__).parent.parent
#: Programs that run for well below a second, of different families.
SMALL = ("comprehensions", "coroutines", "json_dumps")

SITE = Site("a.py", "f", 1, 2, "LOAD_ATTR_SLOT", 3)
OURS = Generic("a.py", "f", 3, "LOAD_ATTR", "x", "polymorphic", 9)


@pytest.mark.parametrize("name", SMALL)
def test_every_difference_is_explained(name: str) -> None:
    result = host_sites.compare(name, rounds=2)
    assert result.specialized > 0
    lines = [host_sites.line_of(*pair) for pair in result.only_host]
    assert [line for line in lines if "NOT EXPLAINED" in line] == []


def test_what_the_host_calls_specialized() -> None:
    """Each of the host's adaptive instructions is a form, a wait or a pair."""
    specialized = [
        name for name in host_dis._all_opmap if host_sites.is_specialized(name)
    ]
    assert {"LOAD_ATTR_SLOT", "COMPARE_OP_INT_JUMP", "PRECALL_NO_KW_LEN"} <= {
        *specialized
    }
    for name in specialized:
        assert name not in host_dis.opmap
        assert not name.endswith(host_sites.NOT_SPECIALIZED)
    for name in ("PRECALL_PYFUNC", "LOAD_FAST__LOAD_FAST", "CALL_ADAPTIVE", "CALL"):
        assert not host_sites.is_specialized(name)


def test_tables_name_what_there_is() -> None:
    for form, absorbed in host_sites.ABSORBING.items():
        assert isa.BY_NUMBER[isa.NUMBER[form]].base != form
        assert absorbed in isa.FAMILIES
    for why, opname, text in host_sites.EXPLANATIONS:
        assert reasons.REFUSAL in reasons.BY_NAME[why].kinds
        assert any(name.startswith(opname) for name in host_dis._all_opmap)
        assert text


def test_the_recorder_counts_and_knows_why() -> None:
    names: dict[str, object] = {}
    exec("def f(a, b):\n    return a @ b if a != b else a + 1", names)
    f = names["f"]
    assert callable(f)

    class Matrix(int):
        def __matmul__(self, other: int) -> int:
            return other

    recorder = Recorder()
    adaptive.enable(0, policy=recorder)
    try:
        for _ in range(20):
            f(Matrix(1), 2)
    finally:
        adaptive.enable(0, policy=adaptive.Policy())
        adaptive.disable()
    recorder.note()
    found = {
        (site.family, site.name): (site.why, site.executions)
        for _, site in host_sites.generic_sites(recorder, f.__code__)
    }
    assert found[("COMPARE_OP", "!=")] == ("subclass", 20)
    assert found[("BINARY_OP", "@")] == ("subclass", 20)
    assert found[("BINARY_OP", "+")][0] == host_sites.UNTRIED


def test_a_line_without_an_explanation_fails(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    other = OURS._replace(why="family_off")
    results = {
        "nbody": Comparison(5, [(SITE, OURS)], 0, [OURS]),
        "float": Comparison(5, [(SITE, OURS), (SITE, other)], 1, [other]),
    }
    monkeypatch.setattr(host_sites, "compare", lambda name, rounds: results[name])
    assert host_sites.main(["--programs", "nbody"]) == 0
    assert "NOT EXPLAINED" not in capsys.readouterr().out
    file = tmp_path / "generic.json"
    words = ["--programs", "nbody,float", "--generic", str(file)]
    assert host_sites.main(words) == 1
    out = capsys.readouterr().out
    assert out.count("NOT EXPLAINED") == 1
    assert [*json.loads(file.read_text())] == ["nbody", "float"]


def test_a_form_in_any_copy_is_a_form() -> None:
    untried = OURS._replace(why=host_sites.UNTRIED)
    for found, expected in (
        ([], None),
        ([untried], untried),
        ([untried, None], None),
        ([untried, None, OURS], OURS),
    ):
        assert host_sites.of_copies(found) == expected


@pytest.mark.parametrize(
    "words", [("--programs", "no_such"), ("--rounds", "0"), ("more",)], ids=" ".join
)
def test_wrong_usage(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.host_sites", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 2)
