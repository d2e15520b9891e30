"""The counting loop: what it counts is what happened, and nothing else changes."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
import support

import adaptive
from adaptive import collector, isa
from adaptive.report import gather
from adaptive.report.profile import Code, Profile, Site, total_of

LOOP = """
def f(n):
    total = 0
    for i in range(n):
        total += i * 2
        if total > 5:
            total -= 1
    return total
"""
#: Programs of different shapes; each defines `main()`.
PROGRAMS = {
    "loop": f"{LOOP}\ndef main():\n    return f(200)\n",
    "types that change": """
def add(a, b):
    return a + b
def main():
    for a, b in [(1, 2), (1.5, 2.5), ("a", "b"), (1, 2.5), ([1], [2])] * 60:
        add(a, b)
""",
    "attributes": """
class A:
    def __init__(self, x):
        self.x = x
    def twice(self):
        return self.x * 2
class B(A):
    @property
    def y(self):
        return self.x
def main():
    total = 0
    for kind in [A, B] * 80:
        o = kind(3)
        o.x += 1
        total += o.twice() + getattr(o, "y", 0)
    return total
""",
    "exceptions": """
def item(items, i):
    try:
        return items[i]
    except IndexError:
        return None
    finally:
        i += 1
def main():
    return [item([1, 2], i) for i in range(-4, 60)]
""",
    "generators": """
def numbers(n):
    for i in range(n):
        sent = yield i
        if sent:
            yield from numbers(2)
def main():
    return sum(numbers(100)), [x for x in numbers(50) if x % 3]
""",
    "containers": """
def main():
    d = {}
    for i, word in enumerate("some words to count in a dict".split() * 20):
        d[word] = d.get(word, 0) + 1
        if word in d and i in (1, 2, 3):
            d[i] = word
    for key, value in d.items():
        a, b = key, value
    return [1, 2, 3][-1], "abc"[1:], sorted(map(str, d))
""",
    "a module's values": """
import math
def main():
    total = 0
    for i in range(50):
        total += math.pi + math.floor(1.5)
    return total
""",
    # The loop's jumps are longer than an argument byte.
    "long jumps": "def main():\n    x = 1\n    for i in range(40):\n"
    + "        x = (x + i) % 1000\n" * 60
    + "        if x == -1:\n"
    + "            x += i\n" * 80
    + "    return x\n",
}
NAMES = pytest.mark.parametrize("name", PROGRAMS)


def counted(source: str, policy: adaptive.Policy | None = None) -> Profile:
    """The profile of `main()`, everything on the engine."""
    main = support.loaded(source)["main"]
    with collector.collecting(0, policy=policy or adaptive.Policy()) as counts:
        main()
    return counts.profile()


def code_called(profile: Profile, name: str) -> Code:
    """The one code object of this name."""
    (found,) = [code for code in profile.codes if code.name == name]
    return found


def sites_of(code: Code, family: str) -> list[Site]:
    """The code's sites of a family."""
    return [site for site in code.sites if site.family == family]


def assert_adds_up(profile: Profile) -> None:
    """Each site's parts are its whole, and the threads' counts are the sites'."""
    for code, site in profile.sites():
        parts = site.hits + site.misses + site.deferred + site.refused
        assert site.executions == parts, (code.name, site)
        assert sum(seen.count for seen in site.types) <= site.executions
    by_thread: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for thread in profile.threads:
        for name, count in thread.executions.items():
            base = isa.BY_NUMBER[isa.NUMBER[name]].base
            if base in isa.FAMILIES:
                by_thread[base] += count
        missed.update(thread.misses)
    by_site: Counter[str] = Counter()
    missed_at: Counter[str] = Counter()
    for _, site in profile.sites():
        by_site[site.family] += site.executions
        for form, count in site.forms.items():
            missed_at[form] += count.misses
    assert by_thread == by_site
    assert +missed == +missed_at


@NAMES
def test_totals_add_up(name: str) -> None:
    """Executions are hits, misses, deferred and unspecialized ones."""
    profile = counted(PROGRAMS[name])
    assert profile.codes
    assert_adds_up(profile)


@NAMES
def test_fused_sites_count_as_unfused_ones(name: str) -> None:
    """A site that a fused instruction does is executed as often as by itself."""
    unfused = adaptive.Policy()
    unfused.fuse = False

    def by_place(profile: Profile) -> dict[tuple[Any, ...], int]:
        return {
            (code.name, code.first_line, site.unit, site.family): site.executions
            for code, site in profile.sites()
            # What a comparison's jump or a loop's unpacking absorbs is not executed.
            if site.family not in ("TO_BOOL", "UNPACK_SEQUENCE")
        }

    assert by_place(counted(PROGRAMS[name])) == by_place(
        counted(PROGRAMS[name], unfused)
    )


@pytest.mark.parametrize("times", [1, 7, 500])
def test_executions_are_those_of_the_program(times: int) -> None:
    code = code_called(counted(f"{LOOP}\ndef main():\n    f({times})\n"), "f")
    (loop,) = sites_of(code, "FOR_ITER")
    assert loop.executions == times + 1
    first, product, *_ = sorted(
        (site.unit, site.executions) for site in sites_of(code, "BINARY_OP")
    )
    assert first[1] == product[1] == times
    assert code.calls == 1
    # A loop's jump back has no line.
    assert sum(code.lines.values()) == code.instructions - times


def test_a_module_behind_a_global_is_counted() -> None:
    """Both sites are executed in every turn, whichever instruction does the second."""
    code = code_called(counted(PROGRAMS["a module's values"]), "main")
    for family in ("LOAD_GLOBAL", "LOAD_ATTR"):
        turns = [site.executions for site in sites_of(code, family)]
        assert turns[-2:] == [50, 50], family


def test_attempts_are_the_counters() -> None:
    """What the sites' histories say is what the engine counted as a whole."""
    main = support.loaded(PROGRAMS["types that change"])["main"]
    with collector.collecting(0, policy=adaptive.Policy()) as counts:
        main()
        counters = adaptive.counters()
    profile = counts.profile()
    total = total_of(site for _, site in profile.sites())
    assert total.attempts == counters["attempts"]
    assert total.successes == sum(counters["specialized"].values())
    assert total.failures == sum(counters["refused"].values())


def test_history_of_a_site() -> None:
    """Forms given up for others, and for the base; the types of each execution."""
    profile = counted(PROGRAMS["types that change"])
    (site,) = sites_of(code_called(profile, "add"), "BINARY_OP")
    assert site.executions == 300
    assert site.flips >= 1
    assert len(site.forms) >= 2
    assert {types for seen in site.types for types in seen.types} >= {"int", "str"}


def test_generic_site_has_its_reason_and_types() -> None:
    source = "def main():\n    for i in range(99):\n        [i] == (i,)\n"
    (site,) = sites_of(code_called(counted(source), "main"), "COMPARE_OP")
    assert site.reason == "mixed_types"
    assert site.state == "generic"
    assert set(site.failures) == {"mixed_types"}
    assert [(seen.types, seen.count) for seen in site.types] == [
        (("list", "tuple"), 99)
    ]


def test_positions_are_the_source_s() -> None:
    profile = counted("def main():\n    for i in range(50):\n        i + [i][0]\n")
    sites = sites_of(code_called(profile, "main"), "BINARY_OP")
    places = {(site.line, site.column, site.end_column) for site in sites}
    assert places == {(3, 8, 18), (3, 12, 18)}


def test_threads_are_told_apart() -> None:
    names = support.loaded(LOOP)
    with collector.collecting(0, policy=adaptive.Policy()) as counts:
        threads = [
            threading.Thread(target=names["f"], args=(n,), name=f"worker {n}")
            for n in (50, 150)
        ]
        for thread in threads:
            thread.start()
            thread.join()
    profile = counts.profile()
    assert_adds_up(profile)
    loops = {
        thread.name: sum(
            count for name, count in thread.executions.items() if "FOR_ITER" in name
        )
        for thread in profile.threads
        if thread.name.startswith("worker")
    }
    # threading's own code has loops as well, the same in each.
    assert loops["worker 150"] - loops["worker 50"] == 100


def test_counting_again_begins_at_zero() -> None:
    """Forms stay, and so do reasons; executions are those of the block."""
    names = support.loaded(f"{LOOP}\ndef g(a, b):\n    return a == b\n")
    policy = adaptive.Policy()
    for times in (100, 30):
        with collector.collecting(0, policy=policy) as counts:
            names["f"](times)
            for _ in range(times):
                names["g"]([], ())
        profile = counts.profile()
        assert_adds_up(profile)
        code = code_called(profile, "f")
        (loop,) = sites_of(code, "FOR_ITER")
        assert loop.executions == times + 1
        (compared,) = sites_of(code_called(profile, "g"), "COMPARE_OP")
        assert compared.executions == times
        assert compared.reason == "mixed_types"
    assert loop.forms["FOR_ITER_RANGE"].executions == 31


def test_profile_while_counting() -> None:
    names = support.loaded(LOOP)
    with collector.collecting(0, policy=adaptive.Policy()) as counts:
        names["f"](10)
        early = code_called(counts.profile(), "f").instructions
        names["f"](10)
    assert 0 < early < code_called(counts.profile(), "f").instructions


def test_code_lives_as_long_as_it_is_counted() -> None:
    """A function that dies in the block is in the profile, and can die after it."""
    with collector.collecting(0, policy=adaptive.Policy()) as counts:
        names = support.loaded(LOOP)
        names["f"](20)
        code: CodeType = names["f"].__code__
        reference = weakref.ref(code)
        del names, code
        gc.collect()
    assert code_called(counts.profile(), "f").calls == 1
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("was_enabled", [False, True])
def test_everything_is_as_before(was_enabled: bool) -> None:
    adaptive.disable()
    if was_enabled:
        adaptive.enable(17)
    before = adaptive._State()
    try:
        with suppress(ZeroDivisionError), collector.collecting(0):
            assert adaptive._State().build == adaptive.COUNTING
            assert adaptive.is_enabled()
            raise ZeroDivisionError
        after = adaptive._State()
        for name in adaptive._State.__slots__:
            assert getattr(after, name) == getattr(before, name)
    finally:
        adaptive.disable()


def test_counting_does_not_nest() -> None:
    with collector.collecting(), pytest.raises(RuntimeError, match="already"):
        collector.collecting().__enter__()


def test_plain_build_does_not_count() -> None:
    with pytest.raises(RuntimeError, match="does not count"):
        adaptive._engine().begin_counting()


@pytest.mark.parametrize(
    "switch", ["ADAPTIVE_DISABLE=1", "ADAPTIVE_STRESS=deopt"], ids=str
)
def test_nothing_to_count(switch: str) -> None:
    name, _, value = switch.partition("=")
    text = "from adaptive import collector\ncollector.collecting().__enter__()"
    done = support.python("-c", text, **{name: value})
    assert "RuntimeError: nothing can be counted" in done.stderr


# -- the file that a process leaves


def run(tmp_path: Path, program: str, *options: str) -> tuple[Any, Path]:
    """The program counted in a process of its own, and where its counts should be."""
    path = tmp_path / "counts"
    words = ("-m", "adaptive", "--threshold", "0", "--collect", str(path), *options)
    return support.python(*words, "-c", program), path


@pytest.mark.parametrize(
    ("end", "status"),
    [("", 0), ("raise SystemExit(3)", 3), ("1 / 0", 1)],
    ids=["end", "exit", "exception"],
)
def test_counts_are_left_however_it_ends(tmp_path: Path, end: str, status: int) -> None:
    done, path = run(tmp_path, f"{LOOP}\nf(30)\n{end}")
    assert done.returncode == status
    profile = gather.load(str(path))
    assert_adds_up(profile)
    (loop,) = sites_of(code_called(profile, "f"), "FOR_ITER")
    assert loop.executions == 31
    assert [*tmp_path.iterdir()] == [path]


def test_child_leaves_no_counts(tmp_path: Path) -> None:
    """A child made by os.fork ends before its parent, and writes nothing."""
    fork = "import os\nif os.fork():\n    os.wait()\nelse:\n    f(999)\n"
    done, path = run(tmp_path, f"{LOOP}\nf(30)\n{fork}")
    assert done.returncode == 0, done.stderr
    (loop,) = sites_of(code_called(gather.load(str(path)), "f"), "FOR_ITER")
    assert loop.executions == 31


def test_no_counts_without_an_end(tmp_path: Path) -> None:
    _, path = run(tmp_path, "import os\nos._exit(0)")
    assert not path.exists()


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    done = support.python(
        "-m", "adaptive", "--collect", str(tmp_path / "no" / "counts"), "-c", "print(1)"
    )
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr.count("\n") == 1
    assert str(tmp_path / "no") in done.stderr


@pytest.mark.parametrize(
    "data", [b"", b"{", b"i\x00\x00\x00\x00", b"[\x00\x00\x00\x00"]
)
def test_file_without_counts(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "counts"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="no counts"):
        gather.load(str(path))


def test_program_sees_no_more_modules(tmp_path: Path) -> None:
    """What is counted is not changed by our imports: no json, no rich, no reports."""
    program = "import sys\nprint(*sorted(m for m in sys.modules))"
    done, _ = run(tmp_path, program)
    loaded = set(done.stdout.split())
    assert not loaded & {"json", "rich", "jinja2", "dataclasses", "argparse"}
