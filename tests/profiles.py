"""Profiles for the tests of the reports: built by hand, and by hypothesis.

`example` is about real source, with the positions that the compiler gives its
instructions, and its counts obey the laws of `adaptive.report.profile`.
"""

from __future__ import annotations

import dis
from pathlib import Path
from types import CodeType
from typing import Any

from hypothesis import strategies as st

from adaptive import isa, reasons
from adaptive.report.profile import (
    Code,
    Declined,
    FormCount,
    Profile,
    Site,
    Thread,
    TypesSeen,
)

#: Names that mean something to rich, Markdown, HTML or a terminal.
HOSTILE = "[bold]a|b[/] `c` <script>&amp; __d__ *e* :smile: \x1b[31m\n日本"

#: Non-ASCII before, inside and behind what is marked; a range of several lines; a tab.
SOURCE = """\
def price(name, amount):
    größe = "日本" + name; total = amount * 1
    return (
        total
        + größe
    )
\tif True: return amount["ключ"]
"""


def site(unit: int = 0, **values: Any) -> Site:
    """A generic BINARY_OP site; its executions are the sum of what is given."""
    values.setdefault("family", "BINARY_OP")
    values.setdefault("form", values["family"])
    made = Site(unit=unit, host_offset=2 * unit, executions=0, **values)
    made.executions = made.hits + made.generic
    return made


def refused(unit: int, count: int, reason: str = "mixed_types", **values: Any) -> Site:
    """A site that was refused a form and executed `count` times after that."""
    return site(
        unit,
        deferred=2,
        attempts=3,
        failures={reason: 3},
        unspecialized={reason: count},
        **values,
    )


def specialized(unit: int, hits: int, misses: int = 0, **values: Any) -> Site:
    """A site with a form that held `hits` times."""
    family = values.setdefault("family", "BINARY_OP")
    form = isa.FORMS[family][0].name
    values.setdefault("form", form)
    counts = FormCount(hits + misses, misses)
    return site(
        unit, deferred=2, attempts=1, successes=1, forms={form: counts}, **values
    )


def positions(source: str, opname: str) -> list[dict[str, int | None]]:
    """Where the instructions of a name stand, as keywords for a site."""
    found: list[dict[str, int | None]] = []
    pending: list[CodeType] = [compile(source, "<source>", "exec")]
    while pending:
        code = pending.pop()
        pending += [each for each in code.co_consts if isinstance(each, CodeType)]
        for instruction in dis.get_instructions(code):
            at = instruction.positions
            if instruction.opname == opname and at is not None:
                found.append(
                    {
                        "line": at.lineno,
                        "end_line": at.end_lineno,
                        "column": at.col_offset,
                        "end_column": at.end_col_offset,
                    }
                )
    return found


def profile(*codes: Code, **values: Any) -> Profile:
    """A run of `app.py` in which these codes were lowered."""
    defaults: dict[str, Any] = {
        "command": ["app.py"],
        "host": "CPython 3.11.7",
        "engine": "0.1.0",
        "threshold": 4,
        "seconds": 1.5,
        "lowered": len(codes),
    }
    return Profile(**{**defaults, "codes": list(codes), **values})


def code(file: str, *sites: Site, name: str = "f", first_line: int = 1) -> Code:
    """A code object with these sites."""
    return Code(file, name, first_line, units=100, sites=list(sites))


def example(folder: Path) -> Profile:
    """A run with something in every part of a report; its source is in `folder`."""
    path = folder / "app.py"
    path.write_text(SOURCE.replace("\tif", "#\tif"), "utf-8")
    concatenation, product, total = positions(SOURCE.rpartition("\t")[0], "BINARY_OP")
    types = [TypesSeen(("int", "float"), 700), TypesSeen(("str", "bytes"), 300)]
    return profile(
        code(
            str(path),
            refused(3, 1000, **product, types=types, types_more=5),
            refused(9, 50, "no_form_for_types", **total),
            specialized(15, 5000, 4, **concatenation),
            name="price",
        ),
        code(
            str(folder / "gone.py"),
            refused(1, 70, "no_form_for_callable", family="CALL", line=3),
            refused(5, 60, family="LOAD_ATTR"),
            name="Spam.<locals>.eggs",
        ),
        declined=[Declined(str(path), HOSTILE, 7, "code_too_large")],
        threads=[
            Thread("MainThread", 1, {"BINARY_OP": 1000, "LOAD_FAST": 9000}, {}),
            Thread("", 2, {"BINARY_OP_ADD_INT": 5000}, {"BINARY_OP_ADD_INT": 4}),
        ],
        pairs=[("LOAD_FAST", "BINARY_OP", 900), ("BINARY_OP", "STORE_FAST", 100)],
        frames_engine=300,
        frames_host={"cold": 90, "own": 10},
        bailouts={"tracing": 2},
        calls_inlined=200,
        calls_through_host=50,
        lowering_ns=2_500_000,
    )


def large(sites: int, per_code: int = 100) -> Profile:
    """A run of a program with many sites."""
    codes = []
    for start in range(0, sites, per_code):
        some = (
            (refused if unit % 3 else specialized)(
                unit, start + unit + 1, line=unit + 1
            )
            for unit in range(min(per_code, sites - start))
        )
        codes.append(code(f"m{start // 1000}.py", *some, name=f"f{start}"))
    return profile(*codes)


# -- any profile at all

counts = st.integers(0, 2**70)
small = st.integers(0, 50)
names = st.text(max_size=12) | st.just(HOSTILE) | st.just("\udc80.py")
refusals = st.sampled_from([row.name for row in reasons.of_kind(reasons.REFUSAL)])
by_reason = st.dictionaries(refusals, st.integers(1, 2**40), max_size=3)


@st.composite
def any_site(draw: st.DrawFn) -> Site:
    """A site whose counts add up and whose position may be anything."""
    family = draw(st.sampled_from(isa.FAMILIES))
    forms = {}
    for row in draw(st.lists(st.sampled_from(isa.FORMS[family]), max_size=2)):
        misses = draw(small)
        forms[row.name] = FormCount(misses + draw(counts), misses)
    position = st.none() | small
    return site(
        draw(small),
        family=family,
        form=draw(st.sampled_from([family, *forms])),
        line=draw(position),
        end_line=draw(position),
        column=draw(position),
        end_column=draw(position),
        deferred=draw(counts),
        unspecialized=draw(by_reason),
        forms=forms,
        attempts=draw(small),
        successes=draw(small),
        failures=draw(by_reason),
        despecialized=draw(small),
        flips=draw(small),
        types=draw(
            st.lists(
                st.builds(TypesSeen, st.lists(names, max_size=3).map(tuple), counts),
                max_size=2,
            )
        ),
        types_more=draw(small),
    )


any_code = st.builds(
    Code,
    names,
    names,
    small,
    small,
    lines=st.dictionaries(small, counts, max_size=2),
    sites=st.lists(any_site(), max_size=4),
)
any_profile = st.builds(
    Profile,
    command=st.lists(names, max_size=3),
    host=names,
    engine=names,
    threshold=small,
    seconds=st.floats(0, 1e9),
    codes=st.lists(any_code, max_size=3),
    declined=st.lists(st.builds(Declined, names, names, small, names), max_size=2),
    threads=st.lists(
        st.builds(
            Thread,
            names,
            counts,
            st.dictionaries(names, counts, max_size=2),
            st.dictionaries(names, counts, max_size=2),
        ),
        max_size=3,
    ),
    pairs=st.lists(st.tuples(names, names, counts), max_size=3),
    frames_engine=counts,
    frames_host=by_reason,
    bailouts=by_reason,
    calls_inlined=counts,
    interrupted=st.booleans(),
)
