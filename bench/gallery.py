"""``python -m bench.gallery``: makes docs/gallery/, a counted run of a real program.

The page is the HTML report of one round of pyperformance's raytrace; the picture is
that page in a window, at the site that lost most.  Paths of this machine are replaced.
"""

from __future__ import annotations

import linecache
import os
import shutil
import sys
from pathlib import Path

from adaptive.collector import collecting
from adaptive.report import html
from adaptive.report.profile import Profile
from bench.loader import load_program
from bench.programs import STDLIB_PROGRAMS, script_path

NAME = "raytrace"
FOLDER = Path(__file__).parent.parent / "docs" / "gallery"
PAGE = FOLDER / f"{NAME}.html"
PICTURE = PAGE.with_suffix(".png")
WINDOW = {"width": 1280, "height": 800}


def counted() -> Profile:
    """One round of the program, its file named as if it had been run where it is."""
    (program,) = (row for row in STDLIB_PROGRAMS if row.name == NAME)
    path = script_path(program)
    shown = f"{path.parent.name}/{path.name}"
    with load_program(program) as workload:
        with collecting() as run:
            workload.seconds(1)
        profile = run.profile()
    linecache.cache[shown] = (
        path.stat().st_size,
        None,
        path.read_text("utf-8").splitlines(keepends=True),
        shown,
    )
    for code in profile.codes:
        code.file = shown if code.file == str(path) else Path(code.file).name
    profile.command = [shown]
    return profile


def photograph() -> None:
    """The page in a window, scrolled to its largest loss."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("bench.gallery: the picture needs Chromium, and none is installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=WINDOW, color_scheme="light")
        page.goto(PAGE.as_uri())
        page.locator(".losses .more").first.click()
        page.locator(".panel.pinned").wait_for()
        page.screenshot(path=PICTURE)
        browser.close()


def main() -> None:
    """Write both files."""
    FOLDER.mkdir(exist_ok=True)
    part = PAGE.with_suffix(".html.part")
    part.write_text(html.render(counted()), "utf-8")
    os.replace(part, PAGE)
    photograph()


if __name__ == "__main__":
    main()
