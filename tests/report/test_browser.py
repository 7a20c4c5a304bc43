"""The page as a browser shows it: nothing overflows, nothing is fetched, nothing is refused."""

import shutil
from pathlib import Path

import pytest

from bessemer.report.page import write_page
from bessemer.report.run_page import render_run
from tests.report.stories import run_story

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_it_whole_and_fetches_nothing(
    tmp_path: Path, width: int, scheme: str
) -> None:
    from playwright.sync_api import sync_playwright

    path = write_page(render_run(run_story()), tmp_path / "report.html")
    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(path.as_uri())
        for turn in page.locator("details.turn > summary").all()[1:]:
            turn.click()
        wide = page.evaluate("document.documentElement.scrollWidth")
        broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).length")
        ink = page.evaluate("getComputedStyle(document.body).color")
        browser.close()
    assert wide <= width
    assert broken == 0
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert ink == {"light": "rgb(28, 26, 23)", "dark": "rgb(236, 231, 223)"}[scheme]
