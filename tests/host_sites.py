"""Sites that CPython 3.11 specializes and the engine does not.

``python -m tests.host_sites [--programs a,b] [--rounds N] [--generic FILE]`` runs
programs of `bench` twice each, every time in a process of its own: on the plain host,
whose ``dis`` then shows what stands in its quickened code, and on the engine at
threshold 0, where the same sites are looked up.  A line is printed for each site that
only the host has specialized, with the engine's reason and why the difference is meant.
The exit status is 1 if a line has no explanation, 2 for wrong usage.

A site is a host instruction: file, qualified name, place in the file, unit.  Sites that
ran less than `LEAST_EXECUTIONS` times on the engine are not compared: the host begins
after eight calls of a function, whenever that is, the engine at a site's second
execution, and what does not fit yet then, such as the first instance of a class, is
tried again at the 6th and 14th.
"""

from __future__ import annotations

import argparse
import contextlib
import dis as host_dis
import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple
from zlib import crc32

import adaptive
from adaptive import _cache, isa
from adaptive import dis as adaptive_dis
from bench.loader import load
from bench.programs import available, find

ROOT = Path(__file__).parent.parent
ROUNDS = 3
SECONDS = 600
LEAST_EXECUTIONS = 16

#: Twenty programs of different kinds, for a comparison that takes minutes.
CHOSEN = """
async_generators async_tree_io chaos comprehensions coroutines deepcopy deltablue float
generators go hexiom json_dumps logging_format nbody pprint_pformat pyflate raytrace
regex_compile richards unpickle_pure_python
""".split()

#: The host's endings for an instruction that waits for its specializer, or that no
#: specializer ever looks at again.
NOT_SPECIALIZED = ("_ADAPTIVE", "_QUICK")
#: In the name of two instructions done as one; nothing is specialized in them.
SUPERINSTRUCTION = "__"
#: The host's PRECALL says with these that CALL is to look: CALL's own form is the site.
LEFT_TO_CALL = frozenset({"PRECALL_PYFUNC", "PRECALL_BOUND_METHOD"})

#: Forms that do the instruction behind them as well.
ABSORBING = {
    "FOR_ITER_DICT_ITEMS": "UNPACK_SEQUENCE",
    "FOR_ITER_ENUMERATE": "UNPACK_SEQUENCE",
    "FOR_ITER_ZIP": "UNPACK_SEQUENCE",
    "CALL_SUPER_ATTR": "LOAD_ATTR",
    "CALL_SUPER_METHOD": "LOAD_ATTR",
}

#: Files that do the comparison.
OWN = (__file__, str(ROOT / "bench"), str(ROOT / "adaptive"))

# Why a site is generic, where that is not the name of a refusal.
UNTRIED = "untried"
LEFT_TO_HOST = "left_to_host"

#: Differences that are meant, by the engine's reason and the beginning of the host's
#: form.  The first that fits explains a line.
EXPLANATIONS: tuple[tuple[str, str, str], ...] = (
    (
        "polymorphic",
        "",
        "the types alternate: the host goes on exchanging forms, the engine does not",
    ),
    (
        "not_in_instance",
        "LOAD_METHOD_WITH_DICT",
        "methods of objects with a dict of their own have no form since CPython 3.12",
    ),
)


class Site(NamedTuple):
    """A specialized instruction of the host."""

    file: str
    qualname: str
    place: int  # tells apart code objects of one name: a checksum of their positions
    unit: int
    opname: str
    line: int | None


class Generic(NamedTuple):
    """A site of the engine that has no form at the end of a run."""

    file: str
    qualname: str
    line: int | None
    family: str
    name: str  # what is loaded, stored or computed; "" for most
    why: str
    executions: int  # at least


class Comparison(NamedTuple):
    """What one program showed."""

    specialized: int  # sites that the host has specialized
    only_host: list[tuple[Site, Generic]]
    rare: int  # of the host's sites, more that ran too seldom on the engine
    generic: list[Generic]  # all that the engine left so, the most executed first


Key = tuple[str, str, int]


def key_of(code: CodeType) -> Key:
    """What a code object is called in every process."""
    place = crc32(repr((code.co_firstlineno, list(code.co_positions()))).encode())
    return code.co_filename, code.co_qualname, place


def walk(code: CodeType) -> Iterator[CodeType]:
    """The code object and all that are nested in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from walk(constant)


def live_codes() -> dict[int, CodeType]:
    """Every code object that a live function or generator has, or holds; by id."""
    found: dict[int, CodeType] = {}
    for thing in gc.get_objects():
        for name in ("__code__", "gi_code", "cr_code", "ag_code"):
            if isinstance(code := vars_or_slot(thing, name), CodeType):
                found.update((id(inner), inner) for inner in walk(code))
    return found


def vars_or_slot(thing: object, name: str) -> object:
    """The attribute, if the object's type has it built in: no code of others runs."""
    descriptor = type(thing).__dict__.get(name)
    if type(descriptor).__name__ not in ("getset_descriptor", "member_descriptor"):
        return None
    return descriptor.__get__(thing)


# -- the host's side


def is_specialized(opname: str) -> bool:
    """Whether the host has decided on a form, by the instruction's name."""
    return (
        opname not in host_dis.opmap
        and not opname.endswith(NOT_SPECIALIZED)
        and SUPERINSTRUCTION not in opname
        and opname not in LEFT_TO_CALL
    )


def host_sites(code: CodeType) -> Iterator[Site]:
    """The host's specialized instructions in one code object."""
    key = key_of(code)
    rows = list(host_dis.get_instructions(code, adaptive=True))
    line = None
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        line = row.starts_line or line
        if is_specialized(row.opname):
            # PRECALL is no instruction here; what it does, CALL does.
            calls = row.opname.startswith("PRECALL") and after is not None
            offset = after.offset if calls and after else row.offset
            yield Site(*key, offset // 2, row.opname, line)


def is_programs(code: CodeType) -> bool:
    """Whether the code belongs to what is compared, not to what compares."""
    return not code.co_filename.startswith(OWN)


class Codes:
    """All code objects that were seen, kept alive, with the host's forms before."""

    def __init__(self) -> None:
        self.before = {key: set(host_sites(code)) for key, code in live_codes().items()}
        self.all = live_codes()

    def run(self, name: str, rounds: int) -> None:
        """Run a program so many times; it prints nothing."""
        program = find(name)
        loops = getattr(program, "loops", 1)
        with contextlib.redirect_stdout(io.StringIO()), load(program) as workload:
            for _ in range(rounds):
                workload.seconds(loops)
            self.all.update(live_codes())

    def by_key(self) -> dict[Key, list[CodeType]]:
        """The code objects; there are several of a module that is imported anew."""
        copies: dict[Key, list[CodeType]] = {}
        for code in filter(is_programs, self.all.values()):
            copies.setdefault(key_of(code), []).append(code)
        return copies

    def new_host_sites(self) -> set[Site]:
        """What the host has specialized since the beginning."""
        return {
            site
            for key, code in self.all.items()
            if is_programs(code)
            for site in host_sites(code)
            if site not in self.before.get(key, ())
        }


def run_on_host(name: str, rounds: int) -> list[Site]:
    """What the host specializes while the program is loaded and runs."""
    codes = Codes()
    codes.run(name, rounds)
    return sorted(codes.new_host_sites(), key=str)


# -- the engine's side


class Recorder(adaptive.Policy):
    """The default policy, and what became of each attempt, by code object and unit.

    A form may still be refused when it is committed; which reason was counted then is
    seen at the next attempt.  Holds strings and ints only, so that it does not move the
    garbage collector's clock.
    """

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[int, CodeType] = {}
        self.attempts: dict[int, int] = {}
        self.outcomes: dict[int, str] = {}
        self.refused: dict[str, int] = {}
        self.last = 0

    @staticmethod
    def place(code: CodeType, unit: int) -> int:
        """One number for the site."""
        return id(code) << 16 | unit

    def note(self) -> None:
        """What became of the last attempt."""
        refused = adaptive.counters()["refused"]
        for reason, count in refused.items():
            if count != self.refused.get(reason, 0):
                self.outcomes[self.last] = reason
        self.refused = refused

    def choose(self, site: Any) -> Any:
        """As decided by the rules."""
        self.note()
        code = site.code
        self.codes[id(code)] = code
        self.last = self.place(code, site.unit)
        self.attempts[self.last] = self.attempts.get(self.last, 0) + 1
        self.outcomes[self.last] = ""
        return super().choose(site)

    def why_generic(self, code: CodeType, unit: int) -> str:
        """Why there is no form at the unit."""
        return self.outcomes.get(self.place(code, unit), UNTRIED)

    def executions(self, code: CodeType, unit: int, counter: int) -> int:
        """How often the site ran at least: exact if it never had a form."""
        if not counter:
            return 0
        wait = _cache.WARMUP
        total = 0
        for _ in range(self.attempts.get(self.place(code, unit), 0)):
            total += _cache.split_counter(wait)[0] + 1
            wait = _cache.restart_counter(wait)
        passed = _cache.split_counter(wait)[0] - _cache.split_counter(counter)[0]
        return total + max(passed, 0)


def generic_sites(recorder: Recorder, code: CodeType) -> Iterator[tuple[int, Generic]]:
    """The engine's sites without a form, each with its host unit."""
    lines = [line for line, *_ in code.co_positions()]
    absorbed = ""
    for row in adaptive_dis.instructions(adaptive.code(code)):
        if row.opname in isa.FAMILIES and row.opname != absorbed:
            counter = row.caches["counter"]
            yield (
                row.host_unit,
                Generic(
                    code.co_filename,
                    code.co_qualname,
                    lines[row.host_unit],
                    row.opname,
                    row.argrepr,
                    recorder.why_generic(code, row.unit),
                    recorder.executions(code, row.unit, counter),
                ),
            )
        absorbed = ABSORBING.get(row.opname, "")


def of_copies(found: Sequence[Generic | None]) -> Generic | None:
    """The one that counts of a site in all copies of its code: None is a form."""
    for one in found:
        if one is not None and one.why != UNTRIED:
            return one
    return None if None in found or not found else found[0]


def run_on_engine(name: str, rounds: int, sites: Sequence[Site]) -> list[Any]:
    """Of the host's sites those that the engine left generic, how many more ran too
    seldom there, and all that it left generic.
    """
    recorder = Recorder()
    # What this imports is not the program's.
    adaptive.enable(0, policy=recorder)
    adaptive.disable()
    codes = Codes()
    with adaptive.enabled(0):
        codes.run(name, rounds)
    recorder.note()
    by_key = codes.by_key()
    ran_on_host = codes.new_host_sites()
    ours: dict[Key, list[dict[int, Generic]]] = {}
    only_host = []
    for site in sites:
        key = site[:3]
        if key not in ours:
            copies = by_key.get(key, ())
            ours[key] = [dict(generic_sites(recorder, code)) for code in copies]
        found = of_copies([copy.get(site.unit) for copy in ours[key]])
        if found is not None:
            if found.why == UNTRIED and site in ran_on_host:
                found = found._replace(why=LEFT_TO_HOST)
            only_host.append((site, found))
    compared = [
        pair
        for pair in only_host
        if pair[1].why == LEFT_TO_HOST or pair[1].executions >= LEAST_EXECUTIONS
    ]
    generic = [
        site
        for code in recorder.codes.values()
        if is_programs(code)
        for _, site in generic_sites(recorder, code)
        if site.why != UNTRIED
    ]
    return [compared, len(only_host) - len(compared), generic]


# -- both


def child(side: str, name: str, rounds: int, given: object = None) -> Any:
    """Run one side in a process of its own; what it found.

    Raises RuntimeError with what it wrote if it failed.
    """
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.host_sites", "--side", side),
            *("--programs", name, "--rounds", str(rounds)),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{name} on the {side}: {done.stderr.strip()}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(name: str, rounds: int = ROUNDS) -> Comparison:
    """Run a program on both sides."""
    sites = child("host", name, rounds)
    only_host, rare, generic = child("engine", name, rounds, sites)
    return Comparison(
        len(sites),
        [(Site(*site), Generic(*ours)) for site, ours in only_host],
        rare,
        sorted((Generic(*site) for site in generic), key=lambda s: -s.executions),
    )


def explanation(site: Site, ours: Generic) -> str:
    """Why the difference is meant, or nothing."""
    for why, opname, text in EXPLANATIONS:
        if ours.why == why and site.opname.startswith(opname):
            return text
    return ""


def line_of(site: Site, ours: Generic) -> str:
    """What is printed of a difference."""
    file = "/".join(Path(site.file).parts[-2:])
    named = f"{ours.family} {ours.name}".strip()
    why = explanation(site, ours) or "NOT EXPLAINED"
    return (
        f"  {file}:{site.line} {site.qualname} unit {site.unit}: {site.opname};"
        f" {named} {ours.why} after {ours.executions} executions ({why})"
    )


def report(name: str, result: Comparison) -> int:
    """Print what a program showed; how many lines have no explanation."""
    print(
        f"{name}: {result.specialized} sites specialized by the host,"
        f" {len(result.only_host)} by it alone"
        f" ({result.rare} more ran less than {LEAST_EXECUTIONS} times here)"
    )
    for pair in result.only_host:
        print(line_of(*pair))
    sys.stdout.flush()
    return sum(not explanation(*pair) for pair in result.only_host)


def options_of(words: Sequence[str]) -> argparse.Namespace:
    """The command line.  Exits with status 2 if it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.host_sites",
        description="List the sites that CPython 3.11 specializes and the engine not.",
    )
    parser.add_argument(
        "--programs",
        default=",".join(CHOSEN),
        help="names from bench/programs.py, or all (default: twenty of them)",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each program")
    parser.add_argument("--generic", help="a JSON file for all generic sites")
    parser.add_argument("--side", choices=("host", "engine"), help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    known = available()
    names = options.programs.split(",")
    options.names = [*known] if names == ["all"] else names
    if options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    for name in options.names:
        if name not in known:
            parser.error(f"no program is called {name!r}")
    return options


def be_a_side(options: argparse.Namespace) -> None:
    """The work of a child: prints what it found, as JSON, in one line."""
    (name,) = options.names
    given = json.loads(sys.stdin.read())
    if options.side == "host":
        print(json.dumps(run_on_host(name, options.rounds)))
    else:
        sites = [Site(*site) for site in given]
        print(json.dumps(run_on_engine(name, options.rounds, sites)))


def main(words: Sequence[str]) -> int:
    """Compare the programs; the exit status."""
    options = options_of(words)
    if options.side:
        be_a_side(options)
        return 0
    unexplained = failed = 0
    generic = {}
    for name in options.names:
        try:
            result = compare(name, options.rounds)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            failed += 1
            continue
        generic[name] = result.generic
        unexplained += report(name, result)
    if options.generic:
        Path(options.generic).write_text(json.dumps(generic))
    print(f"{unexplained} lines without an explanation")
    return 2 if failed else int(unexplained > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
