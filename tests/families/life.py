"""The life of a form: warm up, hit, miss, cool down; the same beats in every family.

A `Case` is a small program with a function whose site gets one form, and the arguments
it is run with.  `check_life` runs it on the host and on the engine and compares each
result, with tracebacks, and what the program logged; on the engine it also asserts the
opcode and the counter at the site.  A `Refusal` is a program whose site gets no form,
and why.  All numbers come from `config`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import support
from test_refcounts import ROUNDS, RUNS, WARM_UP, calmest, leaks, state

import adaptive
from adaptive import config, dis, isa
from adaptive._cache import make_counter

#: Executions that a new site lets pass, and misses that a form does.
PASSED = config.COUNTER_STARTS["WARMUP"][0]
TOLERATED = config.COUNTER_STARTS["COOLDOWN"][0]
FRESH = make_counter(*config.COUNTER_STARTS["WARMUP"])
COOLED = make_counter(*config.COUNTER_STARTS["COOLDOWN"])
#: Executions of a form in a row, after those that made it.
HITS = 4
#: The longest cool-down there is, so that a form stays however often it misses.
PATIENT = (2**12 - 1, 0)

#: Read after every run: what the program noted while it ran.
LOG = "LOG"


class Case(NamedTuple):
    """One form's program.

    `hit` and `miss` are arguments of `f`, as source; `change` is a statement run
    between hits and misses; `after` is what the site becomes when the cool-down is
    over: a form, or the reason for none.  `others` are more arguments, for which only
    the result counts.  `call` is how `f` is called, `nth` which site of the family is
    meant; the site stands in the function called `f`, or in `holder`.
    """

    form: str
    source: str
    hit: str
    miss: str = ""
    after: str = ""
    change: str = "pass"
    others: tuple[str, ...] = ()
    call: str = "f({})"
    nth: int = 0
    holder: str = "f"

    def __str__(self) -> str:
        return f"{self.form}-{self.hit[:24]}"

    @property
    def family(self) -> str:
        """The base instruction's name."""
        return isa.BY_NUMBER[isa.NUMBER[self.form]].base

    def steps(self) -> list[str]:
        """The expressions of all beats, in order; the change is before the misses."""
        return [
            *[self.call.format(self.hit)] * (PASSED + 1 + HITS),
            *[self.call.format(self.miss or self.hit)] * (TOLERATED + 1),
            *[self.call.format(other) for other in self.others],
        ]


class Refusal(NamedTuple):
    """One reason for which a site gets no form; `named` is the form its rule names."""

    reason: str
    family: str
    source: str
    arguments: str
    named: str = ""
    call: str = "f({})"
    nth: int = 0
    holder: str = "f"

    def __str__(self) -> str:
        return f"{self.reason}-{self.named or self.family}-{self.arguments[:20]}"


def cases(
    family: str,
    *rows: tuple[str, str, str, str, str],
    others: tuple[str, ...] = (),
    **more: Any,
) -> list[Case]:
    """Cases of one family from (form, source, hit, miss, after).

    The family's name is left out of form and after; `others` and what else a case may
    have is the same for all rows.
    """
    made = []
    for form, source, hit, miss, after in rows:
        long = f"{family}_{after}"
        after = long if long in isa.NUMBER else after
        case = Case(f"{family}_{form}", source, hit, miss, after, others=others)
        made.append(case._replace(**more))
    return made


def refusals(family: str, *rows: tuple[str, ...], **more: Any) -> list[Refusal]:
    """Refusals of one family from (reason, source, arguments, named form)."""
    made = []
    for reason, source, arguments, *named in rows:
        refusal = Refusal(reason, family, source, arguments, "".join(named))
        made.append(refusal._replace(**more))
    return made


class Naming(adaptive.Policy):
    """One rule for all sites of a family: always the same outcome."""

    def __init__(self, family: str, outcome: Any) -> None:
        super().__init__()
        self.rules = {family: lambda site: outcome}  # type: ignore[misc]


@contextmanager
def ruled(policy: adaptive.Policy) -> Iterator[None]:
    """Everything runs on the engine under a policy, for the block."""
    adaptive.enable(0, policy=policy)
    try:
        yield
    finally:
        adaptive.enable(0, policy=adaptive.Policy())
        adaptive.disable()


def patient() -> adaptive.Policy:
    """A policy under which a form stays, however often it misses."""
    policy = adaptive.Policy()
    policy.cooldown = PATIENT
    return policy


def changed(times: int) -> int:
    """The raw counter of a form that is the site's next after so many others."""
    value, backoff = config.COUNTER_STARTS["COOLDOWN"]
    return make_counter(value, backoff + times)


def restarted(start: str = "WARMUP", times: int = 1) -> int:
    """The raw counter after so many failed attempts from one of config's starts."""
    backoff = config.COUNTER_STARTS[start][1]
    backoff = min(backoff + times, config.COUNTER_MAX_BACKOFF)
    return make_counter(2**backoff - 1, backoff)


class Program:
    """A case's program on one side, with code that the other side never sees."""

    def __init__(self, case: Case | Refusal) -> None:
        self.names = support.loaded(case.source, **{LOG: []})
        self.names[LOG].clear()
        self.case = case
        self.codes: dict[str, CodeType] = {}

    def code(self, text: str) -> CodeType:
        """The expression's code; the same each time, so that it becomes warm too."""
        if text not in self.codes:
            self.codes[text] = compile(text, "<call>", "eval", dont_inherit=True)
        return self.codes[text]

    def change(self, text: str) -> None:
        """Runs a statement in the program's namespace."""
        exec(compile(text, "<change>", "exec", dont_inherit=True), self.names)

    def seen(self, text: str) -> support.Seen:
        """What an expression shows: its value or traceback, and what was logged."""
        code = self.code(text)
        try:
            value = eval(code, self.names)
        except Exception as error:
            shown = support.Seen("raised", support.report(error))
        else:
            shown = support.Seen("returned", f"{type(value).__name__} {value!r}")
            # What dies with it is of this run, and not of the next.
            del value
        noted = support.masked(f"{shown.text} {self.names[LOG]!r}")
        self.names[LOG].clear()
        return support.Seen(shown.how, noted)

    @property
    def holder(self) -> Any:
        """The function that the site is in."""
        return eval(self.case.holder, self.names)

    def site(self) -> dis.Instruction:
        """The case's instruction as it stands now."""
        sites = [
            row
            for row in dis.instructions(adaptive.code(self.holder))
            if isa.DEOPT[row.opcode] == isa.NUMBER[self.case.family]
        ]
        return sites[self.case.nth]

    def counter(self) -> int:
        """The site's raw counter."""
        return self.site().caches["counter"]


def data_of(site: dis.Instruction) -> set[int]:
    """What stands in the site's cells behind the counter."""
    return {value for name, value in site.caches.items() if name != "counter"}


def on_host(case: Case) -> list[support.Seen]:
    """What each beat shows on the plain host."""
    program = Program(case)
    shown = []
    with support.plain_host():
        for number, step in enumerate(case.steps()):
            if number == PASSED + 1 + HITS:
                program.change(case.change)
            shown.append(program.seen(step))
    return shown


def check_life(case: Case) -> None:
    """Asserts all beats of a case, each with the host's results."""
    expected = iter(on_host(case))
    steps = iter(case.steps())
    program = Program(case)

    def step() -> None:
        text = next(steps)
        assert program.seen(text) == next(expected), text

    with support.hot_engine():
        assert (program.site().opname, program.counter()) == (case.family, 0)
        warm_up(program, case, step)
        program.change(case.change)
        cool_down(program, case, step)
        for _ in case.others:
            step()


def warm_up(program: Program, case: Case, step: Any) -> None:
    """The first beats: executions pass, one attempts, the rest hit."""
    for passed in range(PASSED):
        step()
        assert program.site().opname == case.family
        assert program.counter() == make_counter(
            PASSED - passed - 1, config.COUNTER_STARTS["WARMUP"][1]
        )
    step()
    for _ in range(HITS):
        assert (program.site().opname, program.counter()) == (case.form, COOLED)
        step()
    assert (program.site().opname, program.counter()) == (case.form, COOLED)


def cool_down(program: Program, case: Case, step: Any) -> None:
    """The last beats: so many misses are tolerated, one more tries anew."""
    backoff = config.COUNTER_STARTS["COOLDOWN"][1]
    for missed in range(TOLERATED):
        step()
        assert program.site().opname == case.form
        assert program.counter() == make_counter(TOLERATED - missed - 1, backoff)
    before = refused(case.after)
    step()
    site = program.site()
    if case.after in isa.NUMBER:
        assert (site.opname, program.counter()) == (case.after, changed(1))
    else:
        assert (site.opname, program.counter()) == (case.family, restarted("COOLDOWN"))
        assert data_of(site) <= {0}
        assert refused(case.after) > before


def refused(reason: str) -> int:
    """How often a reason was given, since the counters were reset."""
    count: int = adaptive.counters()["refused"].get(reason, 0)
    return count


def check_results(case: Case, rounds: int = 3) -> None:
    """Every input of a case, mixed, in a form that stays: as on the host."""
    steps = [*dict.fromkeys(case.steps())] * rounds
    sides = []
    for side in (support.plain_host, lambda: ruled(patient())):
        program = Program(case)
        with side():
            for _ in range(PASSED + 1):
                program.seen(case.call.format(case.hit))
            if side is not support.plain_host:
                assert program.site().opname == case.form
            shown = [program.seen(step) for step in steps]
            program.change(case.change)
            sides.append(shown + [program.seen(step) for step in steps])
    assert sides[1] == sides[0]


def check_refusal(refusal: Refusal) -> None:
    """Asserts that the site stays base, for the reason, and tries again later."""
    program = Program(refusal)
    with support.plain_host():
        expected = Program(refusal).seen(refusal.call.format(refusal.arguments))
    text = refusal.call.format(refusal.arguments)
    policy = adaptive.Policy()
    if refusal.named:
        form = isa.BY_NUMBER[isa.NUMBER[refusal.named]]
        policy = Naming(refusal.family, form)
    code = program.code(text)
    with ruled(policy):
        for _ in range(PASSED):
            assert program.seen(text) == expected
        adaptive.reset_counters()
        with suppress(Exception):
            eval(code, program.names)
        counted = adaptive.counters()["refused"]
        assert counted.get(refusal.reason, 0) > 0, counted
        program.names[LOG].clear()
        site = program.site()
        assert (site.opname, program.counter()) == (refusal.family, restarted())
        assert data_of(site) <= {0}
        assert program.seen(text) == expected


# -- references


def repeat(program: Program, steps: list[str]) -> None:
    """Evaluates expressions many times, whatever they raise."""
    for _ in range(RUNS):
        for step in steps:
            try:
                eval(program.codes[step], program.names)
            except Exception as error:
                # What holds the program's frames must not outlive this.
                error.__traceback__ = None
            program.names[LOG].clear()


def watched(program: Program) -> tuple[Any, ...]:
    """Objects that live longer than a run."""
    values = [value for name, value in program.names.items() if name[:2] != "__"]
    consts = program.holder.__code__.co_consts
    shared = (None, True, False, (), "", 0, 1, 2, int, list, tuple, dict, str, object)
    return (program.holder, *values, *consts, *shared)


def drift(case: Case) -> dict[str, int]:
    """What moves with every run, and by how much in RUNS runs, in the case's form."""
    program = Program(case)
    steps = [*dict.fromkeys(case.steps())]
    for step in steps:
        program.code(step)
    rounds = []
    with ruled(patient()):
        for _ in range(PASSED + 1):
            program.seen(case.call.format(case.hit))
        assert program.site().opname == case.form
        objects = watched(program)
        for _ in range(WARM_UP):
            repeat(program, steps)
            state(objects)
        for _ in range(ROUNDS):
            before = state(objects)
            repeat(program, steps)
            after = state(objects)
            rounds.append([new - old for old, new in zip(before, after, strict=True)])
            if not leaks(calmest(rounds)):
                break
        program.change(case.change)
    labels = ["blocks", "total", "tracked", *(repr(thing) for thing in objects)]
    moved = zip(labels, calmest(rounds), strict=True)
    return {label: number for label, number in moved if leaks([number])}


def check_no_drift(case: Case) -> None:
    """Asserts that hits, misses and errors of a form neither keep nor lose anything."""
    gc.collect()
    gc.freeze()
    try:
        assert drift(case) == {}
    finally:
        gc.unfreeze()


# -- the ledger


def every(table: str) -> list[Any]:
    """The rows of one table of all family modules."""
    rows: list[Any] = []
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = import_module(f"{__package__}.{path.stem}")
        rows += getattr(module, table, ())
    return rows
