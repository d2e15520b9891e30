"""One counted run as one HTML file that needs nothing else: no network, no script.

Owns what the page says; `places` owns where it stands in the source, the files under
`templates/` how it looks.  Everything readable is there without a script; the script
adds the filters, the theme and the panel that follows the pointer.  What a page holds
is bounded by the constants here, and the page names what was left out.
"""

from __future__ import annotations

import linecache
import math
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import PurePath
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from adaptive import reasons
from adaptive.report import profile as words
from adaptive.report.advice import Hint
from adaptive.report.hints import hint_for
from adaptive.report.places import Gap, Line, Place, lines_of, places_of
from adaptive.report.profile import Code, Profile, Site, Total

#: Sites that have a place in the source and a card: about 2 KB of page each.
MOST_SITES = 2_000
MOST_FILES = 40
#: Lines of source, of all files together.
MOST_LINES = 15_000
#: A longer line is cut here: machine-made source has lines of megabytes.
MOST_CHARACTERS = 1_000
MOST_LOSSES = 25
#: Of all executions: a site that lost fewer is named only among the first few, and
#: not for its warm-up.
LOSS_SHARE = 0.001
FEWEST_LOSSES = 5
MOST_CAUSES = 8
MOST_FUNCTIONS = 100
MOST_DECLINED = 100
MOST_PAIRS = 30
MOST_THREADS = 30
MOST_ROWS_WITHOUT_SOURCE = 200

#: Files with at least this share of the executions are open at first.
OPEN_SHARE = 0.05
#: The steps of a line's bar, and of a range's tint.
LINE_STEPS = 10
TINT_STEPS = 3

#: Executions that no refusal explains, by their kind: a name and a sentence.
KINDS = {
    "misses": "A form's guard failed, and the general instruction did the work.",
    "deferred": "The site was still warming up: it had not been refused anything.",
}

#: Control characters as the pictures that Unicode has for them.
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"}


class Cause(NamedTuple):
    """Executions that no form did, for one reason."""

    name: str
    sentence: str
    executions: int
    sites: int


class Loss(NamedTuple):
    """A site that lost executions, and where it stands."""

    code: Code
    site: Site
    place: Place | None
    before: str
    text: str
    after: str


@dataclass(slots=True)
class SourceFile:
    """One file of the page: its lines with places, or its sites where it has none."""

    number: int
    path: str
    total: Total
    lines: list[Line | Gap] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)  # numbers of the lines
    unplaced: list[tuple[Code, Site]] = field(default_factory=list)
    rows_left_out: int = 0
    hottest_line: int = 0  # code units executed
    is_open: bool = False
    is_cut: bool = False  # some of its lines did not fit

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePath(self.path).name or self.path

    @property
    def folder(self) -> str:
        """The path up to the name."""
        return self.path.removesuffix(self.name)


@dataclass(slots=True)
class Page:
    """What the template shows beyond the profile itself."""

    profile: Profile
    total: Total
    causes: list[Cause]
    losses: list[Loss]
    families: dict[str, Total]
    forms: dict[str, list[tuple[str, words.FormCount]]]
    functions: list[tuple[Code, Total]]
    files: list[SourceFile]
    by_path: dict[str, SourceFile]
    states: Counter[str]
    left_out: list[str]

    @property
    def places(self) -> list[Place]:
        """Of all files, in the page's order."""
        return [place for file in self.files for place in file.places]

    def anchor(self, path: str, line: int | None) -> str:
        """The id of the line, of the file where it is not shown, or "" without both."""
        file = self.by_path.get(path)
        if file is None:
            return ""
        return f"f{file.number}l{line}" if line in file.shown else f"f{file.number}"

    def number(self, path: str) -> str:
        """The file's number for the filter, or "" for a file that is not shown."""
        return str(self.by_path[path].number) if path in self.by_path else ""


def grouped(number: int) -> str:
    """1234567 as 1,234,567."""
    return f"{number:,}"


def compact(number: int) -> str:
    """1234567 as 1.2M: at most four characters below a thousand billions."""
    value = float(number)
    for unit in ("", "k", "M", "G"):
        if value < 999.5:
            return (
                f"{value:.1f}{unit}" if unit and value < 9.95 else f"{value:.0f}{unit}"
            )
        value /= 1000
    return f"{value:.0f}T"


def percent(part: float, whole: float = 1.0) -> str:
    """A share in percent, never 0 or 100 for what is only nearly so."""
    share = 100 * part / whole if whole else 0.0
    if 0 < share < 0.05:
        return "<0.1\N{NO-BREAK SPACE}%"
    if 99.95 <= share < 100:
        return ">99.9\N{NO-BREAK SPACE}%"
    digits = 0 if share in (0, 100) else 1
    return f"{share:.{digits}f}\N{NO-BREAK SPACE}%"


def milliseconds(nanoseconds: int) -> str:
    """A duration for people."""
    return f"{nanoseconds / 1e6:.1f}\N{NO-BREAK SPACE}ms"


def step(value: int, most: int, steps: int) -> int:
    """Where a count stands between 0 and the greatest one, on a root scale."""
    return math.ceil(steps * math.sqrt(value / most)) if value and most else 0


def sentence(name: str) -> str:
    """What a reason means; its name where a newer version has given it."""
    return reasons.sentence(name) if name in reasons.BY_NAME else name


def prose(text: str) -> Markup:
    """A sentence with its code in backquotes shown as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def hint_of(site: Site) -> Hint | None:
    """What to change, for a site that lost executions."""
    return hint_for(site) if site.generic else None


def _source(path: str) -> list[str]:
    """The file's lines as Python sees them now, cut to a length that can be shown."""
    try:
        lines = linecache.getlines(path)
    except (OSError, ValueError, UnicodeError):
        return []
    return [line.rstrip("\r\n")[:MOST_CHARACTERS] for line in lines]


def _causes(profile: Profile) -> list[Cause]:
    """Why executions were not specialized, most first."""
    executions: Counter[str] = Counter()
    sites: Counter[str] = Counter()
    for _, site in profile.sites():
        counts = dict(site.unspecialized)
        counts |= {"misses": site.misses, "deferred": site.deferred}
        for name, count in counts.items():
            if count:
                executions[name] += count
                sites[name] += 1
    return [
        Cause(name, KINDS.get(name) or sentence(name), count, sites[name])
        for name, count in executions.most_common(MOST_CAUSES)
    ]


def _chosen(profile: Profile, files: set[str]) -> dict[str, list[tuple[Code, Site]]]:
    """The sites with a place on the page, by file: half by losses, half by executions.

    A site without a loss stands for its file as well, so the two lists overlap little.
    """
    sites = [pair for pair in profile.sites() if pair[0].file in files]
    if len(sites) > MOST_SITES:
        by_loss = sorted(sites, key=lambda pair: -pair[1].generic)[: MOST_SITES // 2]
        known = {id(site) for _, site in by_loss}
        rest = [pair for pair in sites if id(pair[1]) not in known]
        rest.sort(key=lambda pair: -pair[1].executions)
        sites = by_loss + rest[: MOST_SITES - len(by_loss)]
    chosen: dict[str, list[tuple[Code, Site]]] = {}
    for code, site in sites:
        chosen.setdefault(code.file, []).append((code, site))
    return chosen


def _bounded(lines: list[Line | Gap], budget: int) -> tuple[list[Line | Gap], int]:
    """As much of a file as fits: its gaps go first, then its end.  And what is left."""
    shown = sum(isinstance(line, Line) for line in lines)
    folded = sum(len(line.lines) for line in lines if isinstance(line, Gap))
    if shown + folded > budget:
        kept = [line if isinstance(line, Line) else Gap([]) for line in lines]
        return kept[:budget], max(0, budget - shown)
    return lines, budget - shown - folded


def _files(profile: Profile, totals: dict[str, Total]) -> list[SourceFile]:
    """The files of the page with the most executions, cut into lines and places."""
    paths = list(totals)[:MOST_FILES]
    chosen = _chosen(profile, set(paths))
    codes: dict[str, list[Code]] = {}
    for code in profile.codes:
        codes.setdefault(code.file, []).append(code)
    whole = sum(total.executions for total in totals.values())
    files: list[SourceFile] = []
    number, budget = 1, MOST_LINES
    for path in paths:
        file = SourceFile(len(files) + 1, path, totals[path])
        file.is_open = file.total.executions >= OPEN_SHARE * whole
        text, sites = _source(path), chosen.get(path, [])
        places, lost = places_of(path, text, sites, number)
        number += len(places)
        if text:
            whole_file = lines_of(text, places, codes[path])
            file.lines, budget = _bounded(whole_file, budget)
            file.is_cut = file.lines is not whole_file
        _list_rest(file, places, lost)
        files.append(file)
    return files


def _list_rest(
    file: SourceFile, places: list[Place], lost: list[tuple[Code, Site]]
) -> None:
    """Keep the places whose line is shown; put the sites of the others into a table."""
    for line in file.lines:
        inside = [line] if isinstance(line, Line) else line.lines
        file.shown |= {item.number for item in inside}
        executed = [item.executions or 0 for item in inside]
        file.hottest_line = max([file.hottest_line, *executed])
    file.places = [place for place in places if place.start[0] in file.shown]
    gone = [place for place in places if place.start[0] not in file.shown]
    lost += [pair for place in gone for pair in place.sites]
    lost.sort(key=lambda pair: (pair[1].line or 0, pair[1].column or 0))
    file.unplaced = lost[:MOST_ROWS_WITHOUT_SOURCE]
    file.rows_left_out = len(lost) - len(file.unplaced)


def _losses(profile: Profile, files: list[SourceFile], whole: int) -> list[Loss]:
    """The sites that lost most executions, with their text."""
    places = {
        id(site): place
        for file in files
        for place in file.places
        for _, site in place.sites
    }
    losses: list[Loss] = []
    for code, site in profile.hottest()[:MOST_LOSSES]:
        is_few = len(losses) < FEWEST_LOSSES and site.generic > site.deferred
        if is_few or site.generic > LOSS_SHARE * whole:
            place = places.get(id(site))
            losses.append(Loss(code, site, place, *_excerpt(code, place)))
    return losses


def _excerpt(code: Code, place: Place | None) -> tuple[str, str, str]:
    """The first line of a place: what is before it, its own text, what is after it."""
    if place is None:
        return "", "", ""
    line, start = _source(code.file)[place.start[0] - 1], place.start[1]
    after = line[start + len(place.text) :].rstrip()
    return line[:start].lstrip(), place.text, after


def _left_out(
    profile: Profile, totals: dict[str, Total], files: list[SourceFile]
) -> list[str]:
    """Sentences about what a bound kept off the page."""
    notes = []
    sites = sum(1 for _ in profile.sites())
    kept = [s for f in files for p in f.places for _, s in p.sites]
    kept += [site for file in files for _, site in file.unplaced]
    if len(kept) < sites:
        whole = sum(total.executions for total in totals.values())
        share = percent(sum(site.executions for site in kept), whole)
        notes.append(
            f"{grouped(len(kept))} of {grouped(sites)} sites are shown one by one:"
            f" those that lost or did most, with {share} of the executions. The"
            " totals count all of them."
        )
    if len(totals) > len(files):
        notes.append(
            f"{grouped(len(files))} of {grouped(len(totals))} files are shown: those"
            " with most executions."
        )
    if any(file.is_cut for file in files):
        notes.append(
            f"Source beyond {grouped(MOST_LINES)} lines is left out, lines that were"
            " not executed first."
        )
    notes += [
        f"Of {grouped(count)} {what}, the first {grouped(most)} are listed."
        for what, count, most in (
            ("functions", len(profile.codes), MOST_FUNCTIONS),
            ("declined functions", len(profile.declined), MOST_DECLINED),
            ("threads", len(profile.threads), MOST_THREADS),
        )
        if count > most
    ]
    if profile.codes_dropped:
        notes.append(
            f"{grouped(profile.codes_dropped)} code objects beyond the bound of the run"
            " were not kept one by one."
        )
    return notes


def _forms(profile: Profile) -> dict[str, list[tuple[str, words.FormCount]]]:
    """Forms that were executed, by family, most executed first."""
    families: dict[str, dict[str, words.FormCount]] = {}
    for _, site in profile.sites():
        for name, count in site.forms.items():
            forms = families.setdefault(site.family, {})
            sum_ = forms.setdefault(name, words.FormCount())
            sum_.executions += count.executions
            sum_.misses += count.misses
    return {
        family: sorted(forms.items(), key=lambda item: -item[1].executions)
        for family, forms in families.items()
    }


def _page(profile: Profile) -> Page:
    """Everything that the template shows."""
    totals = words.by_file(profile)
    files = _files(profile, totals)
    families = words.by_family(profile)
    total = words.total_of(site for _, site in profile.sites())
    return Page(
        profile=profile,
        total=total,
        causes=_causes(profile),
        losses=_losses(profile, files, total.executions),
        families={name: total for name, total in families.items() if total.sites},
        forms=_forms(profile),
        functions=words.by_code(profile)[:MOST_FUNCTIONS],
        files=files,
        by_path={file.path: file for file in files},
        states=Counter(site.state for _, site in profile.sites()),
        left_out=_left_out(profile, totals, files),
    )


def _integrity(text: str) -> str:
    """The source expression that lets a policy allow exactly this text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    """Templates, filters and constants.  Everything is escaped unless marked."""
    environment = Environment(
        loader=PackageLoader("adaptive.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "grouped": grouped,
        "compact": compact,
        "percent": percent,
        "milliseconds": milliseconds,
        "step": step,
        "prose": prose,
        "sentence": sentence,
        "hint": hint_of,
        "families": _families,
    }
    environment.globals |= {
        "LINE_STEPS": LINE_STEPS,
        "TINT_STEPS": TINT_STEPS,
        "KINDS": KINDS,
        "STATES": (words.SPECIALIZED, words.GENERIC, words.COLD),
        "MOST": {
            "declined": MOST_DECLINED,
            "pairs": MOST_PAIRS,
            "threads": MOST_THREADS,
        },
        "is_gap": lambda line: isinstance(line, Gap),
    }
    return environment


def _families(sites: Iterable[Site]) -> str:
    """The sites' families, for the filter."""
    return " ".join(sorted({site.family for site in sites}))


def render(profile: Profile) -> str:
    """The report as the text of one HTML file, which any encoding of UTF-8 can hold."""
    environment = _environment()
    loader = environment.loader
    assert loader is not None
    style = loader.get_source(environment, "report.css")[0]
    script = loader.get_source(environment, "report.js")[0]
    page = _page(profile)
    text = environment.get_template("report.jinja").render(
        page=page,
        profile=profile,
        total=page.total,
        most_executions=max((p.executions for p in page.places), default=0),
        # The hashes hold for these very texts, which contain no closing tag.
        style=Markup(style),
        script=Markup(script),
        style_hash=_integrity(style),
        script_hash=_integrity(script),
    )
    whole = text.translate(_PICTURES)
    return whole.encode("utf-8", "backslashreplace").decode("utf-8")
