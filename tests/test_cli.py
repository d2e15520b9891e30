"""The command line: a program cannot tell ``python -m adaptive X`` from ``python X``.

Every comparison runs both in subprocesses and holds standard output, standard error
and the exit status against each other, byte by byte.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipapp
from pathlib import Path

import pytest

from adaptive import config, reasons

ROOT = Path(__file__).parent.parent
ENGINE = ("-m", "adaptive", "--threshold", "0")
#: stdout, stderr, exit status.
Outcome = tuple[bytes, bytes, int]


def python(
    cwd: Path, *words: str, typed: bytes = b"", mixed: bool = False, **env: str
) -> Outcome:
    """One interpreter run to its end; `mixed` joins stderr to stdout."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ADAPTIVE")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", **env}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env=environment,
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if mixed else subprocess.PIPE,
        timeout=120,
        check=False,
    )
    return plain_text(done.stdout), plain_text(done.stderr or b""), done.returncode


def plain_text(data: bytes) -> bytes:
    """Output without the addresses that no two processes share."""
    return re.sub(rb"\b0x[0-9a-f]+", b"0x", data)


def same(
    cwd: Path, *target: str, flags: tuple[str, ...] = (), typed: bytes = b""
) -> Outcome:
    """Run a target on both sides; what both did."""
    plain = python(cwd, *flags, *target, typed=typed)
    ours = python(cwd, *flags, *ENGINE, *target, typed=typed)
    assert ours == plain
    return plain


def script(cwd: Path, text: str, name: str = "program.py") -> str:
    """Write a program; its name for a command line."""
    path = cwd / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return name


def one_line(outcome: Outcome, *parts: str) -> None:
    """Our own refusals: status 2, nothing on stdout, one line saying what is wrong."""
    out, err, status = outcome
    assert (out, status) == (b"", 2)
    assert err.endswith(b"\n")
    assert err.count(b"\n") == 1
    for part in parts:
        assert part in err.decode()


WORLD = """
import sys
loader = __loader__ if isinstance(__loader__, type) else type(__loader__)
print(__name__, list(globals()), __spec__ and __spec__.name, loader)
print(globals().get("__file__"), __package__, __doc__, __annotations__)
print(sys.argv, sys.path[0], len(sys.path), __builtins__ is sys.modules["builtins"])
print(sys._getframe().f_back, vars(sys.modules["__main__"]) is globals())
"""

#: Programs with nothing to them but how they begin, end or fail.
PROGRAMS = {
    "world": WORLD,
    "exit_number": "import sys; sys.exit(3)",
    "exit_large": "import sys; sys.exit(256 + 7)",
    "exit_text": "import sys; sys.exit('a reason')",
    "exit_none": "import sys; sys.exit()",
    "exit_object": "raise SystemExit((1, 'two'))",
    "exit_hard": "import os, sys; print('x', flush=True); os._exit(5)",
    "exception": """
def inner(x):
    return 1 / x
def outer():
    inner(0)
print("before")
outer()
""",
    "exception_chain": """
try:
    {}["key"]
except KeyError as error:
    raise ValueError("text") from error
""",
    "exception_group": """
def fail(n): raise ValueError(n)
errors = []
for n in range(2):
    try: fail(n)
    except ValueError as e: errors.append(e)
raise ExceptionGroup("two", errors)
""",
    "exception_in_thread": """
import threading
def work(): raise RuntimeError("in a thread")
t = threading.Thread(target=work, name="worker"); t.start(); t.join()
""",
    "excepthook": """
import sys
def hook(kind, value, trace):
    print("hook", kind, value, trace.tb_frame.f_code.co_name, trace.tb_lineno)
sys.excepthook = hook
raise KeyError("k")
""",
    "broken_excepthook": """
import sys
def hook(*args): raise TypeError("hook")
sys.excepthook = hook
raise KeyError("k")
""",
    "unraisable": """
class C:
    def __del__(self): raise ValueError("del")
c = C()
del c
""",
    "interrupt": "import os, signal, time\n"
    "os.kill(os.getpid(), signal.SIGINT); time.sleep(9)",
    "interrupt_caught": """
import os, signal, time
try:
    os.kill(os.getpid(), signal.SIGINT); time.sleep(9)
except KeyboardInterrupt:
    print("caught")
""",
    "interrupt_exit_handler": """
import atexit, os, signal, time
atexit.register(print, "leaving")
os.kill(os.getpid(), signal.SIGINT); time.sleep(9)
""",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "recursion_depth": """
def depth(n):
    try:
        return depth(n + 1)
    except RecursionError:
        return n
print(depth(0))
""",
    "recursion_error": "def f(): f()\nf()",
    "stack": """
import sys, traceback, inspect
def f():
    traceback.print_stack(file=sys.stdout)
    return len(inspect.stack())
print(f())
""",
    "atexit_order": """
import atexit, threading, time
atexit.register(print, "first in, last out")
atexit.register(print, "last in, first out")
def late(): time.sleep(0.05); print("thread")
threading.Thread(target=late).start()
print("main is done")
""",
    "atexit_globals": """
import atexit
atexit.register(lambda: print(sorted(globals())))
""",
    "finalizers": """
class C:
    def __del__(self): print("del", __name__, type(C))
c = C()
cycle = [C()]; cycle.append(cycle)
""",
    "finalizers_exit": """
import sys
class C:
    def __init__(self, name): self.name = name
    def __del__(self): print("del", self.name, __name__)
a = C("global")
def f():
    b = C("local")
    sys.exit(C("status"))
f()
""",
    "finalizers_error": """
class C:
    def __del__(self): print("del", __name__)
a = C()
def f():
    b = C()
    1 / 0
f()
""",
    "profile_left_on": """
import sys
def note(frame, event, arg): print(event, frame.f_code.co_name)
sys.setprofile(note)
""",
    "trace_left_on": """
import sys
def note(frame, event, arg): print(event, frame.f_code.co_name); return note
def f(): return 1
sys.settrace(note)
f()
""",
    "input": "while True:\n    try: print('got', input())\n    except EOFError: break",
    "fork": """
import os, atexit
atexit.register(print, "exit", flush=True)
pid = os.fork()
if pid: os.waitpid(pid, 0)
""",
    "future": "print(compile('x: int = y', 's', 'exec').co_flags & 0x1000000)",
    "warning": "import warnings; warnings.warn('careful')\nprint(1 is 1)",
    "syntax_error": "print(1)\nif x\n    pass\n",
    "indentation_error": "def f():\nx = 1\n",
    "late_syntax_error": "return 5",
    "null_byte": "x = 1\n\0",
    "empty": "",
    "pickle": """
import pickle
class Point:
    def __init__(self, x): self.x = x
data = pickle.dumps(Point(3))
print(data, pickle.loads(data).x, type(pickle.loads(data)) is Point)
""",
    "spawn": """
import multiprocessing
class Point:
    def __init__(self, x): self.x = x
def work(point):
    point.x += 1
    return point, __name__
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for point, name in pool.map(work, [Point(1), Point(2)]):
            print(point.x, name, type(point) is Point)
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_script(name: str, tmp_path: Path) -> None:
    program = script(tmp_path, PROGRAMS[name])
    same(tmp_path, program, "an argument", "-c", "--threshold", typed=b"1\n2\n")


@pytest.mark.parametrize("name", PROGRAMS)
def test_module(name: str, tmp_path: Path) -> None:
    script(tmp_path, PROGRAMS[name])
    same(tmp_path, "-m", "program", "-m", "--help", typed=b"1\n2\n")


@pytest.mark.parametrize("name", sorted(PROGRAMS.keys() - {"null_byte", "spawn"}))
def test_command(name: str, tmp_path: Path) -> None:
    same(tmp_path, "-c", PROGRAMS[name], "-x", typed=b"1\n2\n")


@pytest.mark.parametrize(
    "name", ["world", "exception", "exit_text", "late_syntax_error", "stack", "empty"]
)
def test_stdin_is_the_script(name: str, tmp_path: Path) -> None:
    same(tmp_path, "-", "argument", typed=PROGRAMS[name].encode())


def test_expected_statuses(tmp_path: Path) -> None:
    """The comparisons above hold two programs against each other; this holds both."""
    expected = {"exit_number": 3, "exit_text": 1, "exception": 1, "interrupt": -2}
    for name, status in expected.items():
        assert same(tmp_path, script(tmp_path, PROGRAMS[name]))[2] == status


@pytest.mark.parametrize("name", ["exception", "warning", "exit_text"])
@pytest.mark.parametrize("option", ["", "-m", "-c"])
def test_order_of_stdout_and_stderr(name: str, option: str, tmp_path: Path) -> None:
    """Into one pipe: what was printed and the traceback, in the host's order."""
    program = script(tmp_path, PROGRAMS[name])
    targets = {"": [program], "-m": ["-m", "program"], "-c": ["-c", PROGRAMS[name]]}
    plain = python(tmp_path, *targets[option], mixed=True)
    assert python(tmp_path, *ENGINE, *targets[option], mixed=True) == plain


@pytest.mark.parametrize("spelling", ["{}", "./{}", "../{dir}/{}", "{root}/{}"])
def test_spellings_of_a_path(spelling: str, tmp_path: Path) -> None:
    name = script(tmp_path, WORLD)
    same(tmp_path, spelling.format(name, dir=tmp_path.name, root=tmp_path))


def test_script_elsewhere_and_symbolic_link(tmp_path: Path) -> None:
    script(tmp_path, WORLD, "sub/program.py")
    (tmp_path / "link.py").symlink_to("sub/program.py")
    for name in ("sub/program.py", "link.py"):
        out, _, status = same(tmp_path, name)
        assert status == 0
        assert str(tmp_path / "sub").encode() in out


@pytest.mark.parametrize("flags", [("-P",), ("-O",), ("-X", "dev"), ("-W", "error")])
def test_interpreter_flags(flags: tuple[str, ...], tmp_path: Path) -> None:
    name = script(tmp_path, WORLD + "assert print('assert')\nprint(sys.flags)")
    same(tmp_path, name, flags=flags)
    same(tmp_path, "-c", WORLD, flags=flags)


def test_directory_and_zip_file(tmp_path: Path) -> None:
    script(tmp_path, "import helper\n" + WORLD, "app/__main__.py")
    script(tmp_path, "print('helper', __name__, __file__)", "app/helper.py")
    script(tmp_path, "", "empty/other.py")
    zipapp.create_archive(tmp_path / "app", tmp_path / "app.pyz")
    for target in ("app", "app.pyz", "app/"):
        assert same(tmp_path, target, "argument")[2] == 0
        assert same(tmp_path, target, flags=("-P",))[2] == 0
    assert same(tmp_path, "empty")[2] == 1


def test_compiled_script(tmp_path: Path) -> None:
    import py_compile

    name = script(tmp_path, WORLD)
    py_compile.compile(str(tmp_path / name), str(tmp_path / "program.pyc"))
    assert same(tmp_path, "program.pyc")[2] == 0
    (tmp_path / "bad.pyc").write_bytes(b"\0" * 64)
    assert same(tmp_path, "bad.pyc")[2] == 1


@pytest.mark.parametrize(
    "source",
    [
        b"# coding: latin-1\nprint('\xe9'.encode())",
        b"\xef\xbb\xbfprint('mark')",
        b"print('\xe9')",
        b"# coding: no-such-codec\n",
        b"print(1)\r\nprint(2)\r",
    ],
    ids=["cookie", "mark", "not_utf8", "no_codec", "newlines"],
)
def test_encodings(source: bytes, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_bytes(source)
    same(tmp_path, "program.py")


def test_packages(tmp_path: Path) -> None:
    script(tmp_path, "print('package', __name__)", "pack/__init__.py")
    script(tmp_path, "from . import part\n" + WORLD, "pack/__main__.py")
    script(tmp_path, "print('part', __name__, __package__)", "pack/part.py")
    script(tmp_path, "", "bare/__init__.py")
    assert same(tmp_path, "-m", "pack", "argument")[2] == 0
    assert same(tmp_path, "-m", "pack.part")[2] == 0
    assert same(tmp_path, "-mpack")[2] == 0
    for missing in ("nothing_here", "pack.nothing", "bare", "program.py"):
        assert same(tmp_path, "-m", missing)[2] == 1


def test_modules_beside_the_script_do_not_reach_us(tmp_path: Path) -> None:
    """A program's json.py is the program's json, and nobody else's."""
    for name in ("json", "types", "array", "bisect", "typing", "dis"):
        script(tmp_path, f"print('mine: {name}')", f"sub/{name}.py")
    script(tmp_path, "import json\nfor n in range(9): (lambda: n)()", "sub/program.py")
    out, err, status = python(tmp_path, *ENGINE, "--counters", "sub/program.py")
    assert (out, status) == (b"mine: json\n", 0)
    assert b"adaptive-counters: " in err


def test_a_pipe_as_script(tmp_path: Path) -> None:
    """A pipe can be read only once, so nothing may look at it beforehand."""
    for text in ("print(__name__, __file__)", "1 +\n"):
        outcomes = []
        for words in ((), ENGINE):
            reader, writer = os.pipe()
            os.write(writer, text.encode())
            os.close(writer)
            done = subprocess.run(
                [sys.executable, *words, f"/dev/fd/{reader}"],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                cwd=tmp_path,
                capture_output=True,
                pass_fds=[reader],
                check=False,
            )
            os.close(reader)
            last = done.stderr.splitlines()[-1:]
            outcomes.append((done.returncode, done.stdout.split(b" ")[:1], last))
        assert outcomes[0] == outcomes[1]


# -- our own lines


def test_no_target_prints_usage(tmp_path: Path) -> None:
    one_line(python(tmp_path, "-m", "adaptive"), "usage: python -m adaptive")
    one_line(python(tmp_path, *ENGINE, "--counters"), "usage: python -m adaptive")


def test_help(tmp_path: Path) -> None:
    out, err, status = python(tmp_path, "-m", "adaptive", "--help")
    assert (err, status) == (b"", 0)
    for option in (b"--threshold", b"--policy", b"--stress", b"--diff", b"--counters"):
        assert option in out
    assert all(len(line) <= 80 for line in out.splitlines()[1:])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-such-option", "-c", "pass"], "--no-such-option"),
        (["-x"], "-x"),
        (["--threshold"], "--threshold"),
        (["--threshold", "-1", "-c", "pass"], "-1"),
        (["--threshold=many", "-c", "pass"], "many"),
        (["--threshold", "", "-c", "pass"], "--threshold"),
        (["--threshold", "99999999999", "-c", "pass"], "99999999999"),
        (["--stress", "loudly", "-c", "pass"], ", ".join(config.STRESS_MODES)),
        (["--stress", "bail:seed", "-c", "pass"], "seed"),
        (["--stress=bail,,gc", "-c", "pass"], "--stress"),
        (["--policy"], "--policy"),
        (["--policy", "mine.py", "-c", "pass"], "FILE:CLASS"),
        (["--policy=:Mine", "-c", "pass"], "FILE:CLASS"),
        (["--policies", "-c", "pass"], "--policies"),
        (["--counters=1", "-c", "pass"], "--counters=1"),
        (["-c"], "-c"),
        (["-m"], "-m"),
        (["missing.py"], "missing.py"),
        (["--diff", "missing.py"], "No such file"),
    ],
)
def test_misuse_is_one_line(words: list[str], said: str, tmp_path: Path) -> None:
    one_line(python(tmp_path, "-m", "adaptive", *words), said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADAPTIVE_THRESHOLD", "x"),
        ("ADAPTIVE_STRESS", "x"),
        ("ADAPTIVE_DISABLE", "x"),
        ("ADAPTIVE_POLICY", "x"),
    ],
)
def test_bad_environment_is_one_line(name: str, value: str, tmp_path: Path) -> None:
    outcome = python(tmp_path, "-m", "adaptive", "-c", "pass", **{name: value})
    one_line(outcome, name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file_is_one_line(tmp_path: Path) -> None:
    name = script(tmp_path, "")
    (tmp_path / name).chmod(0)
    one_line(python(tmp_path, "-m", "adaptive", name), "Permission denied")


# -- counters

CALLS = "def f(n): return n\nfor n in range(100): f(n)\n"


def counters(err: bytes) -> dict[str, object]:
    """The JSON of the last line on stderr."""
    last = err.decode().splitlines()[-1]
    prefix, _, text = last.partition(": ")
    assert prefix == "adaptive-counters"
    found: dict[str, object] = json.loads(text)
    return found


@pytest.mark.parametrize("end", ["", "1/0", "import sys; sys.exit(4)"])
def test_counters_come_last(end: str, tmp_path: Path) -> None:
    text = f"import atexit, sys\n{CALLS}atexit.register(print, 'x', file=sys.stderr)\n"
    name = script(tmp_path, text + end)
    plain = python(tmp_path, name)
    out, err, status = python(tmp_path, *ENGINE, "--counters", name)
    assert (out, status) == (plain[0], plain[2])
    assert err.startswith(plain[1] + b"adaptive: counters at exit\n")
    frames = counters(err)["frames"]
    assert isinstance(frames, dict)
    assert frames["engine"] + counters(err)["calls_inlined"] >= 100


def test_counters_once_after_fork(tmp_path: Path) -> None:
    _, err, _ = python(tmp_path, *ENGINE, "--counters", "-c", PROGRAMS["fork"])
    assert err.count(b"adaptive-counters") == 1


def test_counters_with_stderr_closed(tmp_path: Path) -> None:
    text = "import sys; print('out'); sys.stderr.close()"
    assert python(tmp_path, *ENGINE, "--counters", "-c", text) == (b"out\n", b"", 0)


def test_disabled_by_environment(tmp_path: Path) -> None:
    words = ("-m", "adaptive", "--counters", "-c", CALLS)
    _, err, status = python(tmp_path, *words, ADAPTIVE_DISABLE="1")
    frames = counters(err)["frames"]
    assert isinstance(frames, dict)
    assert (status, frames["engine"]) == (0, 0)


@pytest.mark.parametrize("end", ["1/0", "pass"])
def test_counters_show_specialization(end: str, tmp_path: Path) -> None:
    """How often it was tried, how often it went well, and why not."""
    text = "class C:\n    def __add__(self, other): return 1\n"
    text += f"def f(x):\n    return x + x, len([x])\nfor x in [C()] * 9: f(x)\n{end}"
    _, err, _ = python(tmp_path, *ENGINE, "--counters", "-c", text)
    seen = counters(err)
    lines = re.findall(r"^ +(\S.*?) +(\d+)(?:  (.*))?$", err.decode(), re.MULTILINE)
    rows = {label: (int(count), note) for label, count, note in lines}
    given, refused = seen["specialized"], seen["refused"]
    assert isinstance(given, dict) and isinstance(refused, dict)
    assert given["CALL_LEN"] == 1
    assert refused["special_method"] >= 1
    assert rows["attempts to specialize"][0] == seen["attempts"]
    assert rows["specialized"][0] == sum(given.values())
    assert rows["specialized"][1].endswith(" %")
    assert rows["refused a form"][0] == sum(refused.values())
    said = reasons.sentence("special_method")
    count, note = rows["special_method"]
    assert (count, note) == (refused["special_method"], said)


@pytest.mark.parametrize(
    "mode",
    ["bail", "gc", "bail,gc:7", "specialize", "deopt:3", "specialize,deopt,bail"],
)
def test_stress_changes_nothing(mode: str, tmp_path: Path) -> None:
    name = script(tmp_path, CALLS + PROGRAMS["exception"])
    plain = python(tmp_path, name)
    assert python(tmp_path, *ENGINE, "--stress", mode, name) == plain


# -- diff


def test_diff_same(tmp_path: Path) -> None:
    for name in ("exception", "exit_number", "interrupt", "syntax_error", "input"):
        program = script(tmp_path, PROGRAMS[name])
        out, err, status = python(
            tmp_path, "-m", "adaptive", "--diff", program, typed=b"a\n"
        )
        assert (out, status) == (b"", 0)
        assert err.startswith(b"same: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import sys; print('adaptive' in sys.modules)", "+stdout: True"),
        ("import sys; sys.exit('adaptive' in sys.modules)", "+exit status: 1"),
        ("import sys\nif 'adaptive' in sys.modules:\n\n    1/0\n1/0", "line 4"),
        ("import sys; raise KeyError('adaptive' in sys.modules)", "KeyError: True"),
    ],
    ids=["stdout", "status", "line", "exception"],
)
def test_diff_different(text: str, said: str, tmp_path: Path) -> None:
    program = script(tmp_path, text)
    out, _, status = python(tmp_path, "-m", "adaptive", "--diff", program)
    assert status == 1
    assert said in out.decode()


def test_diff_passes_options_on(tmp_path: Path) -> None:
    words = ("-m", "adaptive", "--diff", "--counters", "--threshold", "0")
    _, err, status = python(tmp_path, *words, "-c", CALLS)
    *_, last = err.splitlines()
    assert (status, last[:5]) == (0, b"same:")
    assert b"adaptive-counters: " in err


# -- policies

POLICY = """
import adaptive
from adaptive import reasons

class Off(adaptive.Policy):
    families = frozenset()

class NoCalls(adaptive.Policy):
    families = adaptive.Policy.families - {"CALL"}

class Eager(adaptive.Policy):
    threshold = 0

class Late(adaptive.Policy):
    threshold = 1000

class BadCounter(adaptive.Policy):
    warmup = (1 << 12, 0)

class BadThreshold(adaptive.Policy):
    threshold = -1

class BadFamily(adaptive.Policy):
    families = {"NO_SUCH"}

class BadRule(adaptive.Policy):
    rules = {"CALL": 3}

class Raises(adaptive.Policy):
    def __init__(self):
        raise RuntimeError("one line\\nand another")

class Exits(adaptive.Policy):
    def __init__(self):
        raise SystemExit(7)

class Other:
    pass

number = 3
"""


def policy_words(cwd: Path, name: str, text: str = POLICY) -> tuple[str, ...]:
    """Options that put a class of a policy file in force."""
    return ("-m", "adaptive", "--policy", f"{script(cwd, text, 'policy.py')}:{name}")


@pytest.mark.parametrize("way", ["option", "environment", "diff"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NoSuch", "has no adaptive.Policy called NoSuch"),
        ("Other", "has no adaptive.Policy called Other"),
        ("number", "has no adaptive.Policy called number"),
        ("BadCounter", "warmup (4096, 0)"),
        ("BadThreshold", "threshold must be from 0"),
        ("BadFamily", "no family is called 'NO_SUCH'"),
        ("BadRule", "the rule for CALL must be callable, not 3"),
        ("Raises", "RuntimeError: one line and another"),
        ("Exits", "SystemExit: 7"),
    ],
)
def test_bad_policies_are_one_line(
    name: str, said: str, way: str, tmp_path: Path
) -> None:
    """Before the program starts, and with no traceback of ours."""
    words = policy_words(tmp_path, name)
    target = ("-c", "print('it ran')")
    if way == "environment":
        done = python(tmp_path, *words[:2], *target, ADAPTIVE_POLICY=words[-1])
    else:
        done = python(tmp_path, *words, *(["--diff"] * (way == "diff")), *target)
    one_line(done, "adaptive: policy policy.py", said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("if", "SyntaxError"),
        ("1/0", "ZeroDivisionError: division by zero"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("import sys; sys.exit('no')", "SystemExit: no"),
        ("raise ValueError('a\\n\\nb')", "ValueError: a b"),
        (None, "FileNotFoundError"),
    ],
)
def test_bad_policy_files_are_one_line(
    text: str | None, said: str, tmp_path: Path
) -> None:
    words = policy_words(tmp_path, "Off", text or "")
    if text is None:
        (tmp_path / "policy.py").unlink()
    one_line(python(tmp_path, *words, "-c", "print('it ran')"), said)


SUM = "def f(n):\n    return len([n]) + n\nprint(sum(f(n) for n in range(99)))\n"


def specialized(outcome: Outcome) -> dict[str, int]:
    """The forms that a run with --counters gave."""
    out, err, status = outcome
    assert (out, status) == (b"4950\n", 0)
    found = counters(err)["specialized"]
    assert isinstance(found, dict)
    return found


def test_a_policy_decides(tmp_path: Path) -> None:
    target = ("--counters", "-c", SUM)
    default = specialized(python(tmp_path, *ENGINE, *target))
    assert {"CALL_LEN", "BINARY_OP_ADD_INT"} <= set(default)
    words = (*policy_words(tmp_path, "NoCalls"), "--threshold", "0")
    no_calls = specialized(python(tmp_path, *words, *target))
    assert no_calls["BINARY_OP_ADD_INT"] >= 1
    assert not [name for name in no_calls if name.startswith("CALL_")]
    off = (*policy_words(tmp_path, "Off"), "--threshold", "0")
    assert specialized(python(tmp_path, *off, *target)) == {}
    environ = {"ADAPTIVE_POLICY": "policy.py:Off"}
    assert specialized(python(tmp_path, *ENGINE, *target, **environ)) == {}
    # The command line comes first, and nothing is a policy as well: the default.
    words = (*ENGINE, "--policy", "", *target)
    assert specialized(python(tmp_path, *words, **environ)) == default


def test_diff_passes_the_policy_on(tmp_path: Path) -> None:
    words = (*policy_words(tmp_path, "Off"), "--threshold", "0", "--counters", "--diff")
    _, err, status = python(tmp_path, *words, "-c", SUM)
    *_, text, last = err.splitlines()
    assert (status, last[:5]) == (0, b"same:")
    assert counters(text)["specialized"] == {}


@pytest.mark.parametrize(
    ("name", "words", "ran"),
    [
        ("Eager", (), True),
        ("Late", (), False),
        ("Late", ("--threshold", "0"), True),
        ("Eager", ("--threshold", "1000"), False),
    ],
)
def test_threshold_of_the_policy(
    name: str, words: tuple[str, ...], ran: bool, tmp_path: Path
) -> None:
    """The command line's threshold comes before the policy's."""
    options = (*policy_words(tmp_path, name), *words, "--counters")
    _, err, _ = python(tmp_path, *options, "-c", "def f(): pass\nf()\nf()\n")
    frames = counters(err)["frames"]
    assert isinstance(frames, dict)
    assert (frames["engine"] + counters(err)["calls_inlined"] >= 2) == ran


def test_a_program_cannot_tell_that_there_is_a_policy(tmp_path: Path) -> None:
    """Its file leaves nothing in `__main__`, sys.argv or sys.path."""
    target = script(tmp_path, WORLD)
    plain = python(tmp_path, target, "x")
    assert python(tmp_path, *policy_words(tmp_path, "Eager"), target, "x") == plain


# -- without the engine


def test_without_the_engine_the_host_runs_it(tmp_path: Path) -> None:
    """A build for another micro version is refused, and the program still runs."""
    absent = "import sys\nfor name in ('_core', '_core_stress'):\n"
    absent += "    sys.modules['adaptive.' + name] = None\n"
    script(tmp_path, absent, "site/sitecustomize.py")
    name = script(tmp_path, PROGRAMS["exception"] + WORLD)
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    plain = python(tmp_path, "-u", name, "a", "-b", PYTHONPATH=path)
    words = ("-um", "adaptive", "--threshold", "0", "--counters")
    out, err, status = python(tmp_path, *words, name, "a", "-b", PYTHONPATH=path)
    assert (out, status) == (plain[0], plain[2])
    said, _, rest = err.partition(b"\n")
    assert said.startswith(b"adaptive: ")
    assert said.endswith(b"running on the plain host")
    assert rest == plain[1]


# -- start-up


def test_start_imports_little(tmp_path: Path) -> None:
    text = "import sys; print(*sorted(sys.modules))"
    loaded = set(python(tmp_path, "-m", "adaptive", "-c", text)[0].decode().split())
    slow = {"argparse", "dataclasses", "inspect", "json", "subprocess"}
    assert not loaded & slow
