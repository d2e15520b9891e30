"""The HTML report as text: whole, escaped, bounded, and true to the profile."""

from __future__ import annotations

import hashlib
import linecache
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import report_example as example
import support

from adaptive import reasons
from adaptive.report import html, places
from adaptive.report.profile import (
    COLD,
    GENERIC,
    SPECIALIZED,
    Code,
    Declined,
    FormCount,
    Profile,
    Site,
    Thread,
)

GALLERY = support.ROOT / "docs" / "gallery"
VOID = {"meta", "rect", "path", "circle", "br", "input"}
#: What may make a browser fetch something, as an attribute or in a style.
FETCHING = {"src", "srcset", "action", "formaction", "data", "poster", "ping"}


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed by its own tag."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def ids(self) -> list[str]:
        return [a["id"] or "" for _, a in self.attributes if "id" in a]

    def text(self) -> str:
        """What people read."""
        return "".join(t for tag, t in self.texts if tag not in ("style", "script"))


def read(page: str) -> Reader:
    """The page's elements.  Fails for one that is not closed."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page() -> str:
    return html.render(example.example())


@pytest.fixture(scope="module")
def reader(page: str) -> Reader:
    return read(page)


def profile(sites: list[Site], file: str = example.FILE, **fields: Any) -> Profile:
    """A run of one function."""
    lines = {site.line: site.executions for site in sites if site.line}
    code = Code(file, "f", 1, 10, 1, 100, lines=lines, sites=sites)
    return Profile(["x.py"], "CPython", "0", 4, 1.0, codes=[code], **fields)


# -- one file, and nothing else


def test_nothing_is_fetched(reader: Reader, page: str) -> None:
    """No element or style refers to anything outside the page, and the page says so."""
    for _, attributes in reader.attributes:
        assert not FETCHING & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
        assert not any(name.startswith("on") or name == "style" for name in attributes)
    (style,) = [text for tag, text in reader.texts if tag == "style"]
    assert "@import" not in style
    assert all(url.startswith("#") for url in re.findall(r'url\("?([^")]+)', style))
    assert not {"link", "img", "iframe", "object", "base"} & {
        tag for tag, _ in reader.attributes
    }


def test_policy_allows_this_style_and_script_only(reader: Reader) -> None:
    (policy,) = [
        attributes["content"] or ""
        for tag, attributes in reader.attributes
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for tag in ("style", "script"):
        (text,) = [text for at, text in reader.texts if at == tag]
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


def test_every_link_leads_somewhere(reader: Reader) -> None:
    ids = reader.ids()
    assert len(ids) == len(set(ids))
    for _, attributes in reader.attributes:
        target = (attributes.get("href") or "").removeprefix("#")
        assert not target or target in ids, target
        for name in ("aria-labelledby", "for"):
            assert set((attributes.get(name) or "").split()) <= set(ids)


# -- what it says


def test_counts_are_the_profiles(reader: Reader) -> None:
    text = reader.text()
    run = example.example()
    for _, site in run.sites():
        assert f"of {site.executions:,} executions" in text or site.line == 1
    total = sum(site.executions for _, site in run.sites())
    hits = sum(site.hits for _, site in run.sites())
    assert f"{total:,}" in text
    assert f"{100 * hits / total:.1f}\N{NO-BREAK SPACE}%" in text
    for row in run.declined:
        assert row.name in text and reasons.sentence(row.reason) in text
    for site in [site for _, site in run.sites() if site.reason]:
        assert reasons.sentence(site.reason or "") in text
    for first, second, count in run.pairs:
        assert first in text and second in text and f"{count:,}" in text


def test_history_and_types_of_a_site(reader: Reader) -> None:
    text = " ".join(reader.text().split())
    assert "7 attempts to specialize, 6 successful, 1 refused (polymorphic)." in text
    assert "Changed to another form 3 times. Given up for the base 2 times." in text
    assert "<b>Point 9,000" in text and "other types17" in text


def test_source_is_the_text() -> None:
    """Cutting a line at the edges of its sites neither loses nor adds a character."""
    assert split_listing(html.render(example.example())) == example.SOURCE.splitlines()


def split_listing(page: str) -> list[str]:
    """The text of each line of the first listing."""
    whole = re.findall(r'<div class="l" id="f1l\d+">.*?<code>(.*?)</code></div>', page)
    return [read_text(line) for line in whole]


def read_text(fragment: str) -> str:
    reader = Reader()
    reader.feed(fragment)
    reader.close()
    return "".join(text for _, text in reader.texts)


def test_what_is_missing_is_listed(reader: Reader) -> None:
    """Without source text, sites stand in a table by line."""
    text = reader.text()
    assert "The source text is not here" in text
    assert reasons.sentence("no_form_for_callable") in text


def test_an_empty_run() -> None:
    text = read(html.render(Profile([], "CPython", "0", 4, 0.0))).text()
    assert "No instruction that can specialize was executed" in text


def test_an_interrupted_run_says_so() -> None:
    assert "interrupted" in read(html.render(profile([], interrupted=True))).text()


def test_an_unknown_reason_is_shown_by_name() -> None:
    """A profile that a newer version has written."""
    site = example.bad(15, "vector.x", "LOAD_ATTR", "of_the_future", 9)
    assert "of_the_future" in read(html.render(profile([site]))).text()


# -- strange text


@pytest.mark.parametrize(
    "name",
    [
        "</script>",
        "<listcomp>",
        '"><b id=x>',
        "&amp;",
        "a\udc80b",
        "-->",
        "\x00\x1b[1m",
    ],
)
def test_names_are_text(name: str) -> None:
    """Whatever a name is made of, the page's elements stay what they are."""
    run = profile([example.good(15, "vector.x", "LOAD_ATTR_SLOT", "LOAD_ATTR", 9)])
    tags = [tag for tag, _ in read(html.render(run)).attributes]
    run.codes[0].name = name
    run.command = [name]
    run.declined = [Declined(name, name, 1, "code_too_large")]
    run.threads = [Thread(name, 1, {"NOP": 1}, {})]
    for site in run.codes[0].sites:
        site.types = [example.TypesSeen((name,), 3)]
    page = html.render(run)
    page.encode()
    shown = name.translate(html._PICTURES).replace("\udc80", r"\udc80")
    assert read(page).text().count(shown) >= 5
    assert tags.count("script") == [t for t, _ in read(page).attributes].count("script")


def test_a_file_name_that_is_no_text() -> None:
    run = profile(
        [example.bad(15, "vector.x", "LOAD_ATTR", "shadowed", 9)], "\udcff/\udc80.py"
    )
    assert r"\udc80.py" in read(html.render(run)).text()


@pytest.mark.parametrize(
    ("text", "column_bytes", "characters"),
    [("abc", 2, 2), ("abc", 9, 3), ("é = x", 5, 4), ("x😀y", 5, 2), ("\ud800x", 3, 1)],
)
def test_columns_are_bytes(text: str, column_bytes: int, characters: int) -> None:
    assert places.characters_before(text, column_bytes) == characters


# -- ranges


def owners(sites: list[Site], line: int) -> list[tuple[str, str]]:
    """The line's text in pieces, each with the form of the place that shows there."""
    text = example.SOURCE.splitlines()
    code = Code("f", "f", 1, 1)
    found, _ = places.places_of("f", text, [(code, site) for site in sites], 1)
    return [
        (piece.text, piece.place.sites[0][1].form if piece.place else "")
        for piece in places.cut(text, found)[line]
    ]


def test_the_innermost_range_shows() -> None:
    outer = example.good(9, "self.x + other.x", "BINARY_OP_ADD_FLOAT", "BINARY_OP", 9)
    inner = example.good(9, "other.x", "LOAD_ATTR_SLOT", "LOAD_ATTR", 9)
    assert owners([inner, outer], 9)[1:3] == [
        ("self.x + ", "BINARY_OP_ADD_FLOAT"),
        ("other.x", "LOAD_ATTR_SLOT"),
    ]


def test_overlapping_ranges_share_nothing() -> None:
    """Such ranges no compiler makes; every character still has one owner."""
    left = example.good(9, "self.x + other", "A", "LOAD_ATTR", 9)
    right = example.good(9, "other.x, self", "B", "LOAD_ATTR", 9)
    pieces = owners([left, right], 9)
    assert "".join(text for text, _ in pieces) == example.SOURCE.splitlines()[8]
    assert [owner for _, owner in pieces if owner] == ["A", "B", "B"]


def test_a_range_of_several_lines_leaves_indentation_out() -> None:
    call = example.good(
        16, "str(\n            vector.y,\n        )", "CALL_STR_1", "CALL", 9
    )
    assert owners([call], 17) == [(" " * 12, ""), ("vector.y,", "CALL_STR_1")]
    assert owners([call], 18) == [(" " * 8, ""), (")", "CALL_STR_1")]


def test_a_range_over_a_whole_class_shows_at_its_head() -> None:
    whole = example.SOURCE[example.SOURCE.index("def unused") :].rstrip()
    site = example.good(22, whole, "CALL_TYPE_1", "CALL", 9)
    assert owners([site], 22) == [("def unused():", "CALL_TYPE_1")]
    with pytest.raises(KeyError):
        owners([site], 23)


def test_a_statement_shows_at_its_head() -> None:
    """A loop's range is all of it; its body is not what the site does."""
    lines = example.SOURCE.splitlines()
    loop = "\n".join(lines[13:18]).lstrip()
    site = example.good(14, loop, "FOR_ITER_LIST", "FOR_ITER", 9)
    head = loop.partition("\n")[0]
    assert owners([site], 14) == [("    ", ""), (head, "FOR_ITER_LIST")]
    with pytest.raises(KeyError):
        owners([site], 15)


def test_sites_of_one_range_are_one_place() -> None:
    text = example.SOURCE.splitlines()
    code = Code("f", "f", 1, 1)
    load = example.good(15, "vector.x", "LOAD_ATTR_SLOT", "LOAD_ATTR", 9)
    test = example.bad(15, "vector.x", "TO_BOOL", "no_form_for_types", 9)
    (place,), lost = places.places_of("f", text, [(code, load), (code, test)], 1)
    assert [site for _, site in place.sites] == [load, test] and not lost
    assert place.state == GENERIC and place.families == ["LOAD_ATTR", "TO_BOOL"]


def test_a_place_hidden_by_smaller_ones_is_found_around_them() -> None:
    text = ["ab"]
    sites = [Site(n, n, "CALL", "CALL", 1, 1, 1, *cols) for n, cols in
             enumerate([(0, 2), (0, 1), (1, 2)])]  # fmt: skip
    found, _ = places.places_of(
        "f", text, [(Code("f", "f", 1, 1), s) for s in sites], 1
    )
    places.cut(text, found)
    left, whole, right = found
    assert left.around == right.around == [whole] and not whole.shown


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        (["x = 1  # é", "# y"], ["# é", "# y"]),
        (["# only"], ["# only"]),
        (["def f():", "    '''One", "    two.'''", "    x = 'three'"],
         ["'''One", "    two.'''"]),
        (["x = (", "# first", "'''never closed"], ["# first"]),
        (["  x", " y  # bad indentation"], []),
    ],
)  # fmt: skip
def test_comments_step_back(text: list[str], comments: list[str]) -> None:
    """Comments and docstrings are marked as such, as far as the text is Python."""
    code = Code("f", "f", 1, 1, lines=dict.fromkeys(range(1, 9), 1))
    lines = places.lines_of(text, [], [code])
    pieces = [piece for line in lines for piece in line.segments]
    assert [piece.text for piece in pieces if piece.is_comment] == comments
    assert ["".join(p.text for p in line.segments) for line in lines] == text


@pytest.mark.parametrize("line", [0, 99])
def test_a_site_beyond_the_text_is_listed(line: int) -> None:
    """The file may have changed since it ran."""
    site = Site(1, 2, "CALL", "CALL", 9, line, line, 0, 4, deferred=9)
    assert "no place in the text" in read(html.render(profile([site]))).text()


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (COLD, {"deferred": 1}),
        (GENERIC, {"attempts": 1, "unspecialized": {"big_int": 3}}),
        (SPECIALIZED, {"attempts": 1, "forms": {"CALL_LEN": FormCount(3, 1)}}),
    ],
)
def test_states(state: str, fields: dict[str, Any]) -> None:
    site = example.site(15, "vector.x", "CALL", "CALL", **fields)
    page = html.render(profile([site]))
    assert re.search(rf'<a class="s {state} t\d"[^>]*>vector.x</a>', page)


# -- bounds


def test_a_hundred_thousand_sites() -> None:
    """What is embedded is bounded, and the page says what is not."""
    run = example.huge(100_000, 200)
    page = html.render(run)
    assert len(page) < 12_000_000
    reader = read(page)
    cards = [a for tag, a in reader.attributes if tag == "article"]
    assert html.MOST_SITES // 2 < len(cards) <= html.MOST_SITES
    text = reader.text()
    (shown,) = re.findall(r"([\d,]+) of 100,000 sites", text)
    assert len(cards) <= int(shown.replace(",", "")) <= html.MOST_SITES
    assert f"{html.MOST_FILES:,} of 200 files" in text
    lines = [a for tag, a in reader.attributes if a.get("class") == "l"]
    assert len(lines) <= html.MOST_LINES and f"{html.MOST_LINES:,} lines" in text
    executions = sum(site.executions for _, site in run.sites())
    assert f"of {executions:,} executions" in text
    for code in run.codes:
        del linecache.cache[code.file]


def test_one_endless_line() -> None:
    example.keep("endless.py", "x = " + "f(y) + " * 100_000 + "1\n")
    site = Site(1, 2, "CALL", "CALL", 9, 1, 1, 600_000, 600_004, deferred=9)
    page = html.render(profile([site], "endless.py"))
    assert len(page) < 100_000
    del linecache.cache["endless.py"]


# -- figures for people


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (999, "999"), (1_000, "1.0k"), (9_960, "10k"), (999_499, "999k"),
     (999_500, "1.0M"), (1_234_567, "1.2M"), (5 * 10**9, "5.0G"), (7 * 10**12, "7T")],
)  # fmt: skip
def test_compact(number: int, shown: str) -> None:
    assert html.compact(number) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 5, "0"), (5, 5, "100"), (1, 10**6, "<0.1"), (10**6 - 1, 10**6, ">99.9"),
     (1, 3, "33.3"), (0, 0, "0")],
)  # fmt: skip
def test_percent(part: int, whole: int, shown: str) -> None:
    assert html.percent(part, whole) == f"{shown}\N{NO-BREAK SPACE}%"


# -- the gallery


def test_the_gallery_is_of_this_report() -> None:
    """Made by these templates, of a real run, without a path of the machine's."""
    page = (GALLERY / "raytrace.html").read_text("utf-8")
    reader = read(page)
    folder = Path(html.__file__).parent / "templates"
    for tag, name in (("style", "report.css"), ("script", "report.js")):
        (text,) = [text for at, text in reader.texts if at == tag]
        assert text == (folder / name).read_text("utf-8"), "run python -m bench.gallery"
    assert "Vector.dot" in reader.text()
    assert not re.search(r"/(?:work|tmp|root|home)/", page)
    picture = (GALLERY / "raytrace.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) < 200_000
