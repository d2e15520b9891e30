"""The HTML report in a real browser: pointer, keyboard, filters, themes, widths."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import report_example as example

from adaptive import reasons
from adaptive.report import html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("no Chromium is installed (Debian: chromium)", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
#: WCAG AA for text of ordinary size.
LEAST_CONTRAST = 4.5

#: The contrast of each visible piece of text with what is painted behind it, as
#: [ratio, text] pairs.  Canvas pixels turn every notation of a colour into bytes.
CONTRASTS = """() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", {willReadFrequently: true});
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = (top, below) =>
    [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    if (!element) return rgba("Canvas");
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(element.parentElement));
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    const ground = behind(element);
    const text = over(rgba(getComputedStyle(element).color), ground);
    const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
    found.push([(a + 0.05) / (b + 0.05), node.data.trim().slice(0, 40)]);
  }
  return found;
}"""


@pytest.fixture(autouse=True)
def _nothing_left_on() -> None:
    """Takes the place of the check for threads: asyncio has one that waits for the
    browser's driver.  Nothing here switches the engine on.
    """


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser, for as long as there are tests that need it."""
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(60)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html.render(example.example()), "utf-8")
    return path.as_uri()


class Tab:
    """A page with the report, and what went wrong or left the machine in it."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": WIDE, **options})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.goto(address)

    def segment(self, text: str) -> Any:
        """The range with this text that can be reached by Tab or arrow keys."""
        return self.page.locator(".listing .s[aria-label]").get_by_text(
            text, exact=True
        )

    def card(self) -> Any:
        """The card that is shown."""
        return self.page.locator(".card:visible")

    def focused(self) -> str:
        """The text of the element that has the focus."""
        text: str = self.page.evaluate("document.activeElement.textContent")
        return text


@pytest.fixture
def tab(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A tab, with the options of the test's parameter."""
    opened = Tab(browser, address, **getattr(request, "param", {}))
    yield opened
    opened.context.close()
    assert opened.errors == []
    assert opened.requests == [address]


phone = pytest.mark.parametrize("tab", [{"viewport": PHONE}], indirect=True)


# -- the pointer


def test_pointing_shows_a_card(tab: Tab) -> None:
    tab.segment("result + ").hover()
    assert tab.card().locator("h4 code").inner_text() == "BINARY_OP"
    tab.segment("vectors").hover()
    assert tab.card().locator("h4 code").inner_text() == "FOR_ITER"


def test_a_click_keeps_the_card(tab: Tab) -> None:
    tab.segment("result + ").click()
    text = tab.card().inner_text()
    for part in ("60,052", "60,050", reasons.sentence("mixed_types"),
                 "int, float", "9 attempts to specialize", "vector.py:15"):  # fmt: skip
        assert part in text
    tab.segment("vectors").hover()
    assert "BINARY_OP" in tab.card().inner_text()
    tab.page.get_by_role("button", name="Close details").locator("visible=true").click()
    assert tab.card().count() == 0


def test_the_whole_range_lights_up(tab: Tab) -> None:
    """Also where smaller ranges cover parts of it, and on its other lines."""
    tab.segment("str").hover()
    lit = tab.page.locator(".listing .s.on")
    assert lit.all_inner_texts() == ["str"]
    tab.page.locator(".listing .s", has_text="(").last.click()
    assert "".join(lit.all_inner_texts()) == "str(vector.y,)"


def test_a_card_leads_to_the_range_around_it(tab: Tab) -> None:
    tab.segment("vector.x").click()
    around = tab.card().locator(".around a")
    assert "BINARY_OP" in around.inner_text()
    around.click()
    assert tab.card().locator("h4 code").inner_text() == "BINARY_OP"


def test_a_hot_site_leads_to_its_line(tab: Tab) -> None:
    tab.page.locator(".losses .where").first.click()
    line = tab.page.locator(".l.at")
    assert line.locator(".n").inner_text() == "15"
    box = line.bounding_box()
    assert box is not None and 48 < box["y"] < WIDE["height"]
    tab.page.locator(".losses .more").first.click()
    assert "mixed_types" in tab.card().inner_text()


def test_the_largest_loss_is_shown_at_first(tab: Tab) -> None:
    assert "mixed_types" in tab.card().inner_text()


def test_an_address_opens_its_card(browser: Any, address: str, tab: Tab) -> None:
    tab.segment("vectors").click()
    other = Tab(browser, tab.page.url)
    assert other.card().locator("h4 code").inner_text() == "FOR_ITER"
    other.context.close()


# -- the keyboard


def tab_to(tab: Tab, selector: str, most: int = 200) -> None:
    """Press Tab until an element has the focus.  Fails if that never happens."""
    for _ in range(most):
        tab.page.keyboard.press("Tab")
        if tab.page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    pytest.fail(f"Tab never reaches {selector}")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_open_and_close_a_card(tab: Tab, key: str) -> None:
    tab_to(tab, ".listing .s")
    first = tab.focused()
    tab.page.keyboard.press("ArrowDown")
    second = tab.focused()
    assert first != second
    tab.page.keyboard.press(key)
    assert tab.page.evaluate("document.activeElement.tagName") == "H3"
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Tab")
    assert tab.page.evaluate("document.activeElement.className") == "close"
    tab.page.keyboard.press("Escape")
    assert tab.card().count() == 0
    assert tab.focused() == second


def test_arrow_keys_reach_every_range(tab: Tab) -> None:
    tab.page.locator("details.file").first.evaluate("file => file.open = true")
    listing = tab.page.locator(".listing").first
    expected = listing.locator(".s[aria-label]").all_inner_texts()
    listing.locator(".s[tabindex='0']").focus()
    tab.page.keyboard.press("Home")
    met = [tab.focused()]
    while len(met) < len(expected):
        tab.page.keyboard.press("ArrowRight")
        met.append(tab.focused())
    assert met == expected
    tab.page.keyboard.press("ArrowUp")
    assert tab.focused() in expected[:-1]
    tab.page.keyboard.press("End")
    assert tab.focused() == expected[-1]


def test_tab_reaches_every_control_and_shows_it(tab: Tab) -> None:
    """Each stop is visible, in reading order, and has an outline."""
    count = tab.page.locator("main summary:visible").count()
    seen: list[str] = []
    outlines = set()
    for _ in range(200):
        tab.page.keyboard.press("Tab")
        state = tab.page.evaluate(
            """() => { const e = document.activeElement, r = e.getBoundingClientRect();
            return [e.tagName, e.id, e.className, r.width > 0 && r.height > 0,
                    getComputedStyle(e).outlineStyle] }"""
        )
        if state[0] == "BODY":
            break
        seen.append(f"{state[0]}#{state[1]}.{state[2]}")
        assert state[3], seen[-1]
        outlines.add(state[4])
    assert outlines == {"solid"}
    assert seen[0] == "A#.skip"
    for control in ("BUTTON#theme.scripted", "SELECT#by-file.", "SELECT#by-family."):
        assert control in seen
    assert sum(stop.startswith("SUMMARY") for stop in seen) == count
    assert (
        sum(".s " in stop for stop in seen)
        == tab.page.locator(".listing:visible .s[tabindex='0']").count()
    )


def test_roles_and_names(tab: Tab) -> None:
    """What a screen reader says of the parts that are not plain text."""
    page = tab.page
    assert page.get_by_role("navigation", name="Sections").count() == 1
    assert page.get_by_role("complementary", name="Details of a range").count() == 1
    assert page.get_by_role("combobox", name="File").count() == 1
    assert page.get_by_role("group", name="Source of vector.py").count() == 1
    name = "result + : BINARY_OP, generic, 60,052 executions"
    assert page.get_by_role("link", name=name).count() == 1
    assert "78" in page.get_by_role("img", name="All executions").get_attribute(
        "aria-label"
    )


# -- filters and theme


def test_filter_by_family(tab: Tab) -> None:
    tab.page.get_by_label("Family").select_option("COMPARE_OP")
    assert tab.page.locator(".losses .family:visible").all_inner_texts() == [
        "COMPARE_OP"
    ]
    on = tab.page.locator(".listing:visible .s:not(.off)")
    assert on.all_inner_texts() == ['part == "</script>"']
    assert tab.page.locator("#found").inner_text().startswith("1 of ")
    tab.page.get_by_role("button", name="Show all").click()
    assert tab.page.locator(".losses .family:visible").count() > 1
    assert tab.page.locator(".listing .s.off").count() == 0


def test_filter_by_file(tab: Tab) -> None:
    tab.page.get_by_label("File").select_option(label="<string>")
    files = tab.page.locator("details.file > summary h3:visible")
    assert files.all_inner_texts() == ["<string>"]
    assert tab.page.locator(".functions tbody tr:visible").count() == 1
    tab.page.get_by_label("Family").select_option("TO_BOOL")
    assert tab.page.locator(".functions tbody tr:visible").count() == 1
    tab.page.get_by_label("Family").select_option("FOR_ITER")
    assert tab.page.locator(".functions tbody tr:visible").count() == 0
    assert tab.page.locator(".losses + .none").is_visible()


def test_arrow_keys_pass_over_what_is_filtered_out(tab: Tab) -> None:
    tab.page.get_by_label("Family").select_option("LOAD_ATTR")
    tab.segment("vector.x").focus()
    tab.page.keyboard.press("ArrowRight")
    assert tab.focused() == "vector.y"


def test_a_jump_shows_what_a_filter_hides(tab: Tab) -> None:
    tab.segment("vector.x").click()
    tab.page.get_by_label("File").select_option(label="<string>")
    assert not tab.page.locator(".l").first.is_visible()
    tab.card().locator("h3 a").click()
    assert tab.page.locator(".l.at .n").inner_text() == "15"
    assert tab.page.locator(".l.at").is_visible()


PAPER = "getComputedStyle(document.body).backgroundColor"


@pytest.mark.parametrize("tab", [{"color_scheme": "dark"}], indirect=True)
def test_the_theme_is_the_systems_until_chosen(tab: Tab) -> None:
    dark = tab.page.evaluate(PAPER)
    button = tab.page.get_by_role("button", name="Theme")
    assert button.inner_text() == "Theme: auto"
    button.click()
    light = tab.page.evaluate(PAPER)
    assert button.inner_text() == "Theme: light" and light != dark
    tab.page.emulate_media(color_scheme="light")
    button.press("Enter")
    assert button.inner_text() == "Theme: dark"
    assert tab.page.evaluate(PAPER) == dark
    button.press("Space")
    assert tab.page.evaluate(PAPER) == light


def test_the_theme_is_remembered(tab: Tab, address: str) -> None:
    tab.page.get_by_role("button", name="Theme").click()
    tab.page.reload()
    tab.requests.pop()
    assert tab.page.get_by_role("button", name="Theme").inner_text() == "Theme: light"


@pytest.mark.parametrize(
    "tab",
    [
        {"color_scheme": scheme, "viewport": size}
        for scheme in ("light", "dark")
        for size in (WIDE, PHONE)
    ],
    indirect=True,
    ids=lambda options: f"{options['color_scheme']}-{options['viewport']['width']}",
)
def test_contrast(tab: Tab) -> None:
    """Every text, tinted source and an open card too, in both themes."""
    tab.page.evaluate(
        "document.querySelectorAll('details').forEach(d => d.open = true)"
    )
    tab.segment("vector.x").click()
    found = tab.page.evaluate(CONTRASTS)
    assert len(found) > 300
    assert [pair for pair in found if pair[0] < LEAST_CONTRAST] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_states_differ_without_colour(tab: Tab, scheme: str) -> None:
    tab.page.emulate_media(color_scheme=scheme)
    styles = {
        state: tab.page.locator(f".listing .s.{state}").first.evaluate(
            "s => getComputedStyle(s).textDecorationStyle"
        )
        for state in ("specialized", "generic", "cold")
    }
    assert len(set(styles.values())) == 3
    fills = tab.page.locator("#summary > .bar rect").evaluate_all(
        "rects => rects.map(r => getComputedStyle(r).fill)"
    )
    assert len(set(fills)) == len(fills) == 4


# -- widths


def overflow(page: Any) -> int:
    """Pixels by which the page is wider than the window."""
    pixels: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return pixels


@pytest.mark.parametrize("width", [320, 360, 600, 900, 1199, 1200, 1440, 2400])
def test_no_width_makes_the_page_scroll_sideways(tab: Tab, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 800})
    tab.page.evaluate(
        "document.querySelectorAll('details').forEach(d => d.open = true)"
    )
    assert overflow(tab.page) == 0


@phone
def test_a_card_on_a_phone_leaves_its_line_visible(tab: Tab) -> None:
    tab.segment("vector.x").click()
    panel, line = (
        tab.page.locator("#panel").bounding_box(),
        tab.page.locator(".l", has=tab.page.locator(".on")).first.bounding_box(),
    )
    assert panel is not None and line is not None
    assert panel["width"] == PHONE["width"]
    assert panel["y"] + panel["height"] == PHONE["height"]
    assert line["y"] >= 48 and line["y"] + line["height"] <= panel["y"]
    assert overflow(tab.page) == 0


@phone
def test_line_numbers_stay_while_the_source_scrolls(tab: Tab) -> None:
    """Beside short lines and empty ones too."""
    listing = tab.page.locator(".listing").first
    left, scrolled = listing.evaluate(
        """listing => { listing.scrollLeft = 9999;
        return [listing.getBoundingClientRect().left, listing.scrollLeft] }"""
    )
    assert scrolled > 100
    lefts = listing.locator(".l:visible .n").evaluate_all(
        "numbers => numbers.map(n => n.getBoundingClientRect().left)"
    )
    assert len(lefts) > 20 and set(lefts) == {left}


@phone
def test_pointing_on_a_phone_opens_nothing(tab: Tab) -> None:
    assert tab.card().count() == 0
    tab.segment("vectors").hover()
    assert tab.card().count() == 0


# -- without scripts, and without a network


@pytest.mark.parametrize("tab", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts(tab: Tab) -> None:
    """Summary, tables, source and cards are there; controls that do nothing are not."""
    page = tab.page
    assert page.locator(".figure").inner_text() == "78.2\N{NO-BREAK SPACE}%"
    assert page.locator("tbody tr:visible").count() >= 10
    assert page.locator(".l:visible").count() > 20
    for control in ("#theme", "#by-file", "#by-family"):
        assert not page.locator(control).is_visible()
    tab.segment("result + ").click()
    assert reasons.sentence("mixed_types") in tab.card().inner_text()
    tab.card().locator(".close").click()
    assert tab.card().count() == 0
    page.locator(".families summary").first.click()
    assert page.locator(".families table:visible").count() == 1


def test_the_page_may_not_fetch(tab: Tab) -> None:
    """Its own policy stops what a mistake would let through."""
    tab.page.evaluate(
        """() => {
        window.blocked = [];
        document.addEventListener("securitypolicyviolation",
          (event) => window.blocked.push(event.effectiveDirective));
        fetch("http://127.0.0.1:9/").catch(() => {});
        for (const html of ["<img src='http://127.0.0.1:9/'>", "<p style='top:0'>",
             "<iframe src='http://127.0.0.1:9/'></iframe>"])
          document.body.insertAdjacentHTML("beforeend", html);
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        }"""
    )
    directives = "connect-src img-src style-src-attr frame-src script-src-elem".split()
    tab.page.wait_for_function(
        "all => all.every((one) => window.blocked.includes(one))", arg=directives
    )
    assert tab.page.evaluate("window.ran") is None
    assert tab.errors and all("Content Security" in text for text in tab.errors)
    tab.errors.clear()
    del tab.requests[1:]


def test_a_huge_run_stays_usable(browser: Any, tmp_path: Path) -> None:
    """100 000 sites: the page opens, filters and jumps."""
    path = tmp_path / "huge.html"
    path.write_text(html.render(example.huge(100_000, 200)), "utf-8")
    tab = Tab(browser, path.as_uri())
    assert tab.page.get_by_text("Not everything is on this page").is_visible()
    tab.page.get_by_label("Family").select_option("CALL")
    kept = tab.page.locator("#found").inner_text()
    assert not kept.startswith("0 of")
    tab.page.get_by_role("button", name="Show all").click()
    tab.page.locator(".losses .more").first.click()
    assert "big_int" in tab.card().inner_text()
    assert overflow(tab.page) == 0 and tab.errors == []
    tab.context.close()
