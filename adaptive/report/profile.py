"""What one counted run was: plain data, filled by `adaptive.stats`, read by reports.

Owns the words of the statistics.  An *execution* of a site is one of four kinds, and
`Site.executions`, counted by the loop apart from them, is their sum:

hit             a specialized form's guard held
miss            it did not, and the base finished the execution
deferred        the base ran while its counter counted down to an attempt that was not
                refused before (warm-up)
unspecialized   the base ran after an attempt had been refused, for a named reason

Everything here is data that JSON can hold; nothing refers to live objects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adaptive import isa

#: Which executions of a program count as hot: a share of all adaptive executions.
HOT_SHARE = 0.01

SPECIALIZED = "specialized"
GENERIC = "generic"
COLD = "cold"


@dataclass(slots=True)
class FormCount:
    """How often a site was executed in one specialized form, misses included."""

    executions: int = 0
    misses: int = 0


@dataclass(slots=True)
class TypesSeen:
    """Operand types at a site, the deepest operand first, and how often.

    Counted at generic executions and misses; a form's hits count for the types that
    it was committed for.
    """

    types: tuple[str, ...]
    count: int


@dataclass(slots=True)
class Site:
    """One adaptive instruction of one code object.

    `unit` is its code unit; `host_offset` the byte offset of the host instruction in
    `co_code`.  Lines count from 1, columns from 0 in bytes of UTF-8, as `co_positions`
    gives them; None where the compiler kept none.
    """

    unit: int
    host_offset: int
    family: str  # the base instruction's name
    form: str  # what stands there at the end of the run
    executions: int
    line: int | None = None
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None
    deferred: int = 0
    unspecialized: dict[str, int] = field(default_factory=dict)  # by reason
    forms: dict[str, FormCount] = field(default_factory=dict)
    attempts: int = 0
    successes: int = 0
    failures: dict[str, int] = field(default_factory=dict)  # by reason
    despecialized: int = 0  # a form given up for the base
    flips: int = 0  # a form given up for another form
    types: list[TypesSeen] = field(default_factory=list)  # most seen first
    types_more: int = 0  # executions whose types did not fit the list

    @property
    def misses(self) -> int:
        """Executions whose guard failed."""
        return sum(count.misses for count in self.forms.values())

    @property
    def hits(self) -> int:
        """Executions that a specialized form did."""
        return sum(count.executions - count.misses for count in self.forms.values())

    @property
    def refused(self) -> int:
        """Executions by the base after a refusal."""
        return sum(self.unspecialized.values())

    @property
    def generic(self) -> int:
        """Executions that no form did, whatever the cause."""
        return self.misses + self.deferred + self.refused

    @property
    def share(self) -> float:
        """Hits among the executions, from 0 to 1; 1 for a site never executed."""
        return self.hits / self.executions if self.executions else 1.0

    @property
    def state(self) -> str:
        """SPECIALIZED, GENERIC, or COLD for a site that was hardly executed."""
        if not self.attempts:
            return COLD
        return SPECIALIZED if 2 * self.hits >= self.executions else GENERIC

    @property
    def reason(self) -> str | None:
        """The refusal that most executions, or else most attempts, fell under."""
        for counts in (self.unspecialized, self.failures):
            if counts:
                return max(counts, key=lambda name: counts[name])
        return None


@dataclass(slots=True)
class Code:
    """One code object that was lowered, and its sites that were executed."""

    file: str
    name: str  # qualified
    first_line: int
    units: int
    calls: int = 0  # executions of its RESUME, resumptions too
    instructions: int = 0  # units executed
    fused: int = 0  # of these, fused ones
    lowering_ns: int = 0
    lines: dict[int, int] = field(default_factory=dict)  # units executed, by line
    sites: list[Site] = field(default_factory=list)


@dataclass(slots=True)
class Declined:
    """A code object that stayed with the host."""

    file: str
    name: str
    first_line: int
    reason: str


@dataclass(slots=True)
class Thread:
    """What one thread executed; `name` is "" where nobody knew it any more."""

    name: str
    ident: int
    executions: dict[str, int]  # by instruction or form as it was dispatched
    misses: dict[str, int]  # by form


@dataclass(slots=True)
class Total:
    """Executions added up over sites."""

    executions: int = 0
    hits: int = 0
    misses: int = 0
    deferred: int = 0
    unspecialized: int = 0
    attempts: int = 0
    successes: int = 0
    failures: int = 0
    sites: int = 0

    def add(self, site: Site) -> None:
        """Count the site in."""
        self.executions += site.executions
        self.hits += site.hits
        self.misses += site.misses
        self.deferred += site.deferred
        self.unspecialized += site.refused
        self.attempts += site.attempts
        self.successes += site.successes
        self.failures += sum(site.failures.values())
        self.sites += 1

    @property
    def share(self) -> float:
        """Hits among the executions, from 0 to 1; 1 where there were none."""
        return self.hits / self.executions if self.executions else 1.0


@dataclass(slots=True)
class Profile:
    """One counted run."""

    command: list[str]  # the target and its arguments
    host: str  # "CPython 3.11.7"
    engine: str  # the package's version
    threshold: int
    seconds: float
    codes: list[Code] = field(default_factory=list)
    declined: list[Declined] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    pairs: list[tuple[str, str, int]] = field(default_factory=list)  # most seen first
    frames_engine: int = 0
    frames_host: dict[str, int] = field(default_factory=dict)  # by reason
    bailouts: dict[str, int] = field(default_factory=dict)  # by reason
    calls_inlined: int = 0
    calls_through_host: int = 0
    lowered: int = 0
    lowering_ns: int = 0
    codes_dropped: int = 0  # lowered beyond the bound, not kept one by one
    interrupted: bool = False  # Ctrl-C, or the program ended by an exception

    def sites(self) -> Iterator[tuple[Code, Site]]:
        """Every site that was executed, with its code object."""
        for code in self.codes:
            for site in code.sites:
                yield code, site

    def hottest(self) -> list[tuple[Code, Site]]:
        """The sites by executions that no form did, most first."""
        return sorted(
            self.sites(),
            key=lambda pair: (
                -pair[1].generic,
                pair[0].file,
                pair[0].name,
                pair[1].unit,
            ),
        )

    def instructions(self) -> Counter[str]:
        """Executions by instruction or form, as dispatched, of all threads."""
        counts: Counter[str] = Counter()
        for thread in self.threads:
            counts.update(thread.executions)
        return counts


def total_of(sites: Iterable[Site]) -> Total:
    """The sites' executions added up."""
    total = Total()
    for site in sites:
        total.add(site)
    return total


def by_family(profile: Profile) -> dict[str, Total]:
    """A total for each family of the instruction set, in its order."""
    totals = {family: Total() for family in isa.FAMILIES}
    for _, site in profile.sites():
        totals[site.family].add(site)
    return totals


def by_code(profile: Profile) -> list[tuple[Code, Total]]:
    """A total for each code object, most executions first."""
    totals = [(code, total_of(code.sites)) for code in profile.codes]
    return sorted(totals, key=lambda pair: -pair[1].executions)


def by_file(profile: Profile) -> dict[str, Total]:
    """A total for each file, most executions first."""
    totals: dict[str, Total] = {}
    for code, site in profile.sites():
        totals.setdefault(code.file, Total()).add(site)
    return dict(sorted(totals.items(), key=lambda item: -item[1].executions))


def by_line(code: Code) -> dict[int, Total]:
    """A total for each line of a code object that has sites."""
    totals: dict[int, Total] = {}
    for site in code.sites:
        if site.line is not None:
            totals.setdefault(site.line, Total()).add(site)
    return dict(sorted(totals.items()))


def by_form(profile: Profile) -> dict[str, FormCount]:
    """Executions and misses of each specialized form that was executed."""
    counts: dict[str, FormCount] = {}
    for _, site in profile.sites():
        for form, count in site.forms.items():
            sum_ = counts.setdefault(form, FormCount())
            sum_.executions += count.executions
            sum_.misses += count.misses
    return dict(sorted(counts.items(), key=lambda item: -item[1].executions))
