"""``python -m adaptive.stats``: runs, reports, exit statuses, refusals."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select as poll
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import profiles
import pytest

from adaptive import isa
from adaptive.report import options, output, schema, select

ROOT = Path(__file__).parent.parent
SECONDS = 60

#: A site that specializes, and one whose operands are of two types.
PROGRAM = """\
import sys
def f(n):
    total = 0.5
    for i in range(n):
        total = total + 1.5
        both = "x" * 2 if i < 0 else i + 0.5
    return total
for _ in range(20):
    f(100)
print("ran", sys.argv[1:])
"""

Done = subprocess.CompletedProcess


def environment(**changes: str) -> dict[str, str]:
    """Ours, with the checkout on the path and nothing said of terminals."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ADAPTIVE")
        and name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")
    }
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **changes}


def stats(cwd: Path, *words: str, **changes: str) -> Done[str]:
    """One run of the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "adaptive.stats", *words],
        cwd=cwd,
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with the program and some reports."""
    (tmp_path / "app.py").write_text(PROGRAM)
    keep(tmp_path / "good.json", profiles.specialized(1, 1000, line=5))
    keep(tmp_path / "bad.json", profiles.refused(1, 1000, line=5))
    return tmp_path


def keep(path: Path, *sites: Any, command: tuple[str, ...] = ("app.py",)) -> None:
    """Write the report of a run of `app.py` with these sites."""
    code = profiles.code("app.py", *sites)
    profile = profiles.profile(code, command=list(command))
    path.write_text(schema.dumps(profile))


def refused(done: Done[str], *parts: str) -> None:
    """One line on stderr, status 2, nothing else."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("adaptive.stats: ")
    assert done.stderr.endswith("\n")
    assert done.stderr.count("\n") == 1
    for part in parts:
        assert part in done.stderr


# -- runs


def test_a_program_is_run_and_reported(folder: Path) -> None:
    """Its output first, then the report with its own lines in it."""
    done = stats(folder, "app.py", "--top", "x")
    assert (done.returncode, done.stderr) == (0, "")
    output, report = done.stdout.split("\n", 1)
    assert output == "ran ['--top', 'x']"
    assert report.startswith("\napp.py --top x\nCPython 3.11.")
    assert re.search(
        r"^>?[\d.]+ % of [\d,]+ executions were specialized\.$", report, re.M
    )
    assert re.search(r"^BINARY_OP +[\d,]+ ", report, re.M)


@pytest.mark.parametrize(
    "words",
    [("app.py", "1"), ("-m", "app", "1"), ("-mapp", "1"), ("-c", PROGRAM, "1")],
    ids=lambda words: words[0],
)
def test_targets(folder: Path, words: tuple[str, ...]) -> None:
    """Each way that python can be told a program; the report is about that one."""
    done = stats(folder, "-o", "out.json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("ran ['1']\n")
    profile = schema.load(str(folder / "out.json")).profile
    assert profile.command[-1] == "1"
    assert "f" in {code.name for code in profile.codes}
    for _, site in profile.sites():
        assert site.executions == site.hits + site.generic


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("out.txt", "app.py\n"),
        ("out", "app.py\n"),
        ("out.md", "# Spec"),
        ("out.json", "{"),
        ("out.html", "<!doctype html>"),
    ],
)
def test_the_suffix_is_the_format(folder: Path, name: str, begins: str) -> None:
    assert stats(folder, "-o", name, "app.py").stdout == "ran []\n"
    assert (folder / name).read_text("utf-8").lower().startswith(begins.lower())
    assert (folder / name).stat().st_mode & 0o777 == 0o666 & ~umask()


def umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_format_goes_before_suffix(folder: Path) -> None:
    stats(folder, "--format", "markdown", "-oout.json", "app.py")
    assert (folder / "out.json").read_text().startswith("# Spec")


def test_options_of_the_interpreter_reach_the_program(folder: Path) -> None:
    command = [sys.executable, "-X", "utf8", "-Om", "adaptive.stats"]
    code = "import sys; print(sys.flags.optimize, sys.flags.utf8_mode, __debug__)"
    done = subprocess.run(
        [*command, "-o", "x.json", "-c", code],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1 1 False\n"


def test_threshold_and_policy_reach_the_engine(folder: Path) -> None:
    (folder / "policy.py").write_text(
        "import adaptive\nclass P(adaptive.Policy):\n    families = ()\n"
    )
    words = ("--threshold", "7", "--policy", "policy.py:P", "-o", "x.json", "app.py")
    assert stats(folder, *words).returncode == 0
    profile = schema.load(str(folder / "x.json")).profile
    assert profile.threshold == 7
    assert sum(site.executions for _, site in profile.sites()) > 1000
    assert not any(site.hits for _, site in profile.sites())


def test_the_programs_status_is_ours(folder: Path) -> None:
    """Even where a gate fails; an exception still leaves a report."""
    done = stats(folder, "--fail-under=100", "-c", "import sys; sys.exit(3)")
    assert done.returncode == 3
    done = stats(folder, "-o", "x.json", "-c", "1/0")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert (folder / "x.json").exists()


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("import os; os._exit(0)", 0, "os._exit"),
        ("import os; os._exit(5)", 5, "os._exit"),
        ("import os; os.kill(os.getpid(), 9)", 137, "SIGKILL"),
        ("import os, sys; os.execv('/bin/true', ['true'])", 0, "exec"),
    ],
)
def test_programs_that_leave_no_counts(
    folder: Path, code: str, status: int, words: str
) -> None:
    """One line, the program's status, no file; a gate cannot be passed so."""
    done = stats(folder, "-o", "x.txt", "-c", code)
    assert done.returncode == status
    assert words in done.stderr and done.stderr.count("\n") == 1
    assert not (folder / "x.txt").exists()
    gated = stats(folder, "--fail-under", "0", "-c", code)
    assert gated.returncode == (status or 1)


# -- reports again


def test_a_report_can_be_shown_again(folder: Path) -> None:
    done = stats(folder, "--load", "bad.json")
    assert done.returncode == 0
    assert "mixed_types" in done.stdout
    assert "5 │ total = total + 1.5" in done.stdout
    again = stats(folder, "--load", "bad.json", "--format", "json")
    assert again.stdout == (folder / "bad.json").read_text()


def test_a_filtered_report_says_so(folder: Path) -> None:
    """In every format, and a file of a part is no baseline for the whole."""
    only = ("--family", "call", "--file", "*.py")
    done = stats(folder, "--load", "bad.json", *only, "-o", "part.json")
    assert done.returncode == 0
    document = schema.load(str(folder / "part.json"))
    assert document.selections[0].families == ("CALL",)
    assert list(document.profile.sites()) == []
    shown = stats(folder, "--load", "part.json")
    assert "only files *.py; families CALL" in shown.stdout
    refused(
        stats(folder, "--load", "bad.json", "--baseline", "part.json"), "holds only"
    )


def test_two_reports_are_compared(folder: Path) -> None:
    done = stats(folder, "--compare", "good.json", "bad.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "fell: 99.80 % before, 0.00 % after" in done.stdout
    data = stats(folder, "--compare", "bad.json", "good.json", "--format", "json")
    assert json.loads(data.stdout)["everything"]["points"] > 0


def test_families() -> None:
    """S1-12: each family, each form."""
    done = stats(ROOT, "--families")
    assert done.returncode == 0
    for family in isa.FAMILIES:
        for row in (isa.BY_NUMBER[isa.NUMBER[family]], *isa.FORMS[family]):
            assert re.search(rf"\b{row.name}\b", done.stdout)


# -- gates


@pytest.mark.parametrize(
    ("report", "words", "status"),
    [
        ("good.json", ("--fail-under", "99.8"), 0),
        ("good.json", ("--fail-under", "99.81"), 1),
        ("bad.json", ("--fail-under", "0"), 0),
        ("good.json", ("--baseline", "good.json"), 0),
        ("good.json", ("--baseline", "bad.json"), 0),
        ("bad.json", ("--baseline", "good.json"), 1),
        ("bad.json", ("--baseline", "good.json", "--fail-under", "1"), 1),
        ("good.json", ("--fail-under", "0", "--file", "none.py"), 1),
    ],
)
def test_gates(folder: Path, report: str, words: tuple[str, ...], status: int) -> None:
    """The report is written in any case; a failure is a line on stderr."""
    done = stats(folder, "--load", report, "-o", "out.md", *words)
    assert done.returncode == status
    assert bool(done.stderr) == bool(status)
    assert (folder / "out.md").exists()


def test_a_baseline_for_a_run(folder: Path) -> None:
    """The same program against its own report, then with a form taken from it."""
    assert stats(folder, "-o", "old.json", "app.py").returncode == 0
    assert stats(folder, "--baseline", "old.json", "app.py", "x").returncode == 0
    (folder / "app.py").write_text(PROGRAM.replace("+ 1.5", "+ i"))
    (folder / "policy.py").write_text(
        "import adaptive\nclass P(adaptive.Policy):\n    families = ('CALL',)\n"
    )
    words = ("--policy", "policy.py:P", "--baseline", "old.json", "app.py")
    done = stats(folder, *words)
    assert done.returncode == 1
    assert "fell" in done.stderr and "app.py:f" in done.stderr


# -- refusals


REFUSED = {
    "nothing": ((), "no program"),
    "options_only": (("--top", "3"), "no program"),
    "no_script": (("none.py",), "'none.py': No such file"),
    "no_code": (("-c",), "-c"),
    "unknown_option": (("--nothing", "app.py"), "--nothing"),
    "abbreviated": (("--fam", "CALL", "app.py"), "--fam"),
    "top_0": (("--top", "0", "app.py"), "--top"),
    "top_word": (("--top=many", "app.py"), "'many'"),
    "sort": (("--sort", "size", "app.py"), "'size'"),
    "format": (("--format", "pdf", "app.py"), "'pdf'"),
    "family": (("--family", "JUMP", "app.py"), "BINARY_OP"),
    "percent": (("--fail-under", "101", "app.py"), "0 to 100"),
    "percent_nan": (("--fail-under", "nan", "app.py"), "0 to 100"),
    "threshold": (("--threshold", "-1", "app.py"), "--threshold"),
    "policy": (("--policy", "x", "app.py"), "FILE:CLASS"),
    "policy_file": (("--policy", "none.py:P", "app.py"), "none.py"),
    "no_folder": (("-o", "none/x.json", "app.py"), "'none/x.json'"),
    "a_folder": (("-o", ".", "app.py"), "directory"),
    "no_baseline": (("--baseline", "none.json", "app.py"), "'none.json'"),
    "baseline_of_another": (("--baseline", "other.json", "app.py"), "-m other"),
    "baseline_no_json": (("--baseline", "app.py", "app.py"), "no JSON"),
    "baseline_newer": (("--baseline", "newer.json", "app.py"), "version"),
    "load_missing": (("--load", "none.json"), "'none.json'"),
    "load_and_run": (("--load", "good.json", "app.py"), "exclude"),
    "load_threshold": (("--load", "good.json", "--threshold", "1"), "--threshold"),
    "load_other": (("--load", "good.json", "--baseline", "other.json"), "another"),
    "baseline_of_a_part": (("--baseline", "part.json", "app.py"), "holds only"),
    "compare_one": (("--compare", "good.json"), "--compare"),
    "compare_html": (
        ("--compare", "good.json", "good.json", "--format=html"),
        "no HTML",
    ),
    "compare_gate": (
        ("--compare", "good.json", "bad.json", "--fail-under", "3"),
        "--fail-under",
    ),
    "compare_parts": (("--compare", "good.json", "part.json"), "different parts"),
    "families_run": (("--families", "app.py"), "exclude"),
    "families_out": (("--families", "-o", "x"), "-o"),
    "suggest_json": (("--suggest", "--format=json", "app.py"), "--suggest"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(folder: Path, name: str) -> None:
    """One line, status 2; the program does not run, no file is made or changed."""
    words, part = REFUSED[name]
    keep(folder / "other.json", command=("-m", "other"))
    text = (folder / "good.json").read_text()
    (folder / "newer.json").write_text(text.replace('"version":1', '"version":99'))
    selection = '"selections":[{"files":["x"],"families":[]}]'
    (folder / "part.json").write_text(text.replace('"selections":[]', selection))
    before = {path: path.read_bytes() for path in folder.iterdir()}
    refused(stats(folder, *words), part)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADAPTIVE_DISABLE", "1"),
        ("ADAPTIVE_THRESHOLD", "x"),
        ("ADAPTIVE_STRESS", "gc"),
    ],
)
def test_environments_that_count_nothing(folder: Path, name: str, value: str) -> None:
    refused(stats(folder, "app.py", **{name: value}))


def test_help_lists_the_options() -> None:
    done = stats(ROOT, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("--format", "--baseline", "--fail-under", "--suggest", "--load"):
        assert option in done.stdout


# -- files


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission_is_seen_before_the_run(folder: Path) -> None:
    folder.chmod(0o555)
    try:
        refused(stats(folder, "-o", "x.txt", "app.py"), "permission")
    finally:
        folder.chmod(0o755)


def test_what_cannot_be_written_whole_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old report stays, and nothing is left beside it."""
    path = tmp_path / "x.json"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ValueError, match=r"can't write .*x\.json.*No space left"):
        output.save(str(path), "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_devices_and_links_stay_what_they_are(folder: Path) -> None:
    (folder / "link.txt").symlink_to("real.txt")
    assert stats(folder, "--load", "good.json", "-o", "link.txt").returncode == 0
    assert (folder / "link.txt").is_symlink()
    assert (folder / "real.txt").read_text()
    assert stats(folder, "--load", "good.json", "-o", os.devnull).returncode == 0
    assert not Path(os.devnull).is_file()


def test_a_reader_may_stop_reading(folder: Path) -> None:
    words = [sys.executable, "-m", "adaptive.stats", "--load", "good.json"]
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as nobody:
        done = subprocess.run(
            words,
            cwd=folder,
            env=environment(),
            stdout=nobody,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


# -- terminals


def own_terminal() -> None:
    """In a new process: its standard input is what Ctrl-C is typed at.

    Ctrl-C has its usual meaning, whatever the tests were started from.
    """
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def on_terminal(cwd: Path, *command: str, **changes: str) -> Iterator[tuple[Any, int]]:
    """A process with a terminal of its own, and our end of it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=cwd,
        env=environment(**changes),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=own_terminal,
    )
    os.close(theirs)
    try:
        yield process, ours
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)
        os.close(ours)


def read_until(terminal: int, words: str | None = None) -> str:
    """What was printed up to these words, or until nobody has the terminal any more."""
    data = b""
    with suppress(OSError):
        while words is None or words.encode() not in data:
            readable, _, _ = poll.select([terminal], [], [], SECONDS)
            assert readable, f"nothing in {SECONDS} s after {data!r}"
            data += os.read(terminal, 65536)
    return data.decode()


@pytest.mark.parametrize(
    ("changes", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["colour", "NO_COLOR", "dumb"],
)
def test_colour_on_a_terminal(
    folder: Path, changes: dict[str, str], coloured: bool
) -> None:
    words = ("-m", "adaptive.stats", "--load", "bad.json")
    with on_terminal(folder, *words, **changes) as (process, terminal):
        shown = read_until(terminal)
        assert process.wait(SECONDS) == 0
    assert ("\x1b[" in shown) == coloured
    assert "mixed_types" in shown


def test_no_colour_elsewhere_and_the_width_asked_for(folder: Path) -> None:
    done = stats(folder, "--load", "bad.json", FORCE_COLOR="1", COLUMNS="40")
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 40


def test_what_an_encoding_lacks_is_escaped(folder: Path) -> None:
    done = stats(folder, "--load", "bad.json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "." * 30 in done.stdout


def test_progress_shows_and_goes(folder: Path) -> None:
    """Only at the right end of the line, and what the program prints stays."""
    code = "import time; print('name: ', end='', flush=True); time.sleep(1.6)"
    words = ("-m", "adaptive.stats", "-o", "x.txt", "-c", code)
    with on_terminal(folder, *words) as (process, terminal):
        shown = read_until(terminal)
        assert process.wait(SECONDS) == 0
    drawn = re.findall(r"\x1b7\x1b\[\d+G\x1b\[K(.*?)\x1b8", shown)
    assert drawn[0].startswith("counting 0:00:01")
    assert drawn[-1] == ""
    assert re.sub(r"\x1b7.*?\x1b8", "", shown) == "name: "


LOOP = """
def f(n): return n + 1
n = 0
while True:
    n = f(n)
    if n == 5000: print("ready", flush=True)
"""


def test_ctrl_c_still_reports(folder: Path) -> None:
    """The program ends as Ctrl-C ends it; its counts are written and reported."""
    (folder / "loop.py").write_text(LOOP)
    with on_terminal(folder, "-m", "adaptive.stats", "-o", "x.json", "loop.py") as (
        process,
        terminal,
    ):
        read_until(terminal, "ready")
        os.write(terminal, b"\x03")
        shown = read_until(terminal)
        status = process.wait(SECONDS)
    assert status == 128 + signal.SIGINT
    assert "KeyboardInterrupt" in shown
    profile = schema.load(str(folder / "x.json")).profile
    assert profile.interrupted
    assert sum(site.executions for _, site in profile.sites()) > 1000


def test_a_signal_for_us_ends_the_program(folder: Path) -> None:
    """It is not left behind, and nothing is written."""
    (folder / "loop.py").write_text(
        LOOP.replace('"ready"', "__import__('os').getpid()")
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "adaptive.stats", "-o", "x.json", "loop.py"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    program = int(process.stdout.readline())
    process.terminate()
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + signal.SIGTERM
    assert "SIGTERM" in errors
    with pytest.raises(ProcessLookupError):
        os.kill(program, 0)
    assert not (folder / "x.json").exists()


# -- the documentation


def test_the_docs_list_the_options() -> None:
    """Those that there are, with their defaults, and the families of formats."""
    text = (ROOT / "docs" / "stats.md").read_text("utf-8")
    _, _, rest = text.partition("<!-- options -->\n")
    rows = re.findall(r"^\| `(-[\w-]+)[^|]*\| (.*) \|$", rest.split("\n\n")[0], re.M)
    listed = dict(rows)
    shown = stats(ROOT, "--help").stdout
    assert set(listed) == set(re.findall(r"^  (-[\w-]+)", shown, re.M)) - {"-h"}
    assert listed["--top"] == f"rows of each list; {select.DEFAULT_TOP}"
    for name in select.SORTS:
        assert f"`{name}`" in listed["--sort"]
    for name in options.FORMATS:
        assert f"`{name}`" in listed["--format"]
