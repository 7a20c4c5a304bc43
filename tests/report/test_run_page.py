import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bessemer.core.errors import InputError
from bessemer.core.fleet import Count
from bessemer.report.page import write_page
from bessemer.report.run_page import render_run
from bessemer.report.story import GateStory, RunStory, Shot
from bessemer.report.summary import summarise_run
from tests.report.stories import run_story

VOID = {"meta", "img", "input", "br", "link"}


class Balance(HTMLParser):
    """Collects tags, and fails where one closes that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.styled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        named = dict(attrs)
        self.links += [v for k in ("src", "href", "srcset", "action") if (v := named.get(k))]
        self.styled += [tag for k in named if k == "style" or k.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def story() -> RunStory:
    return run_story()


@pytest.fixture(scope="module")
def html(story: RunStory) -> str:
    return render_run(story)


def test_the_page_is_well_formed_and_asks_nothing_of_a_network(html: str) -> None:
    page = Balance()
    page.feed(html)
    page.close()
    assert page.open == []
    assert not page.seen & {"script", "link", "iframe", "object", "embed", "form", "base"}
    assert all(link.startswith(("data:image/", "#")) for link in page.links)
    assert page.styled == []
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in unescape(html)
    assert not re.search(r"url\(|@import|https?://", html)


def test_anchors_lead_somewhere(html: str) -> None:
    targets = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= targets


def test_every_number_of_the_headline_is_there(html: str) -> None:
    for said in ("After 3 turns and 180 labels paid", "0.931", "[0.911, 0.951]", "+0.049"):
        assert said.replace(", ", ",\u00a0") in html


def test_everything_that_explains_the_run_is_there(html: str, story: RunStory) -> None:
    turn = story.turns[1]
    told = [count.reason.replace("_", " ") for count in story.rejected]
    told += [c.reason.replace("_", " ") for c in (*turn.haul.kept, *turn.picks.passed_over)]
    told += [g.name.replace("_", " ") for g in (*turn.haul.groups, *turn.picks.groups)]
    told += [error.given for error in turn.labels.errors]
    told += [*story.notes, *(part.name for part in story.slices), "cannot tell"]
    for said in told:
        assert said in unescape(html), said
    for one in (*story.addresses, *turn.addresses):
        assert f'title="{one.address}">{one.address[:12]}<' in html


def test_text_is_escaped_everywhere(story: RunStory) -> None:
    bad = '<script>alert("1")</script>&'
    turn = story.turns[0]
    gate = GateStory(shipped=False, n_checks=1, reasons=(bad,))
    hostile = replace(
        story,
        recipe=bad,
        notes=(bad,),
        branch=bad,
        arms=(replace(story.arms[0], name=bad), *story.arms[1:]),
        rejected=(Count(reason=bad, count=1),),
        slices=tuple(replace(part, name=bad, where=bad) for part in story.slices),
        turns=(replace(turn, gate=gate), *story.turns[1:]),
    )
    html = render_run(hostile)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    page = Balance()
    page.feed(html)
    assert page.open == []


def test_the_same_story_gives_the_same_page(html: str) -> None:
    assert render_run(run_story()) == html


def test_the_page_stays_small(html: str) -> None:
    assert len(html.encode()) < 2_000_000


@pytest.mark.parametrize("n_seeds", [1, 2])
def test_with_few_seeds_no_interval_is_claimed(n_seeds: int) -> None:
    few = run_story(n_seeds=n_seeds)
    html = render_run(few)
    assert "too few for an interval" in html
    assert 'class="band"' not in html
    assert "no interval" in summarise_run(few)


def test_one_turn_without_chance_beside_it_is_told(story: RunStory) -> None:
    alone = replace(story, arms=story.arms[:1], differences=(), slices=(), turns=story.turns[:1])
    html = render_run(alone)
    assert "Nothing was run beside it" in html
    assert "Nothing was run beside it" in summarise_run(alone)


def test_a_story_without_turns_is_refused(story: RunStory) -> None:
    with pytest.raises(InputError, match="at least one arm"):
        replace(story, turns=())


def test_a_picture_that_would_be_fetched_is_refused() -> None:
    with pytest.raises(InputError, match="data URIs"):
        Shot(thumb="https://example.org/a.png", caption="", reason="")


def test_a_page_is_written_whole(html: str, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "report.html"
    write_page("old", path)
    assert write_page(html, path) == path
    assert path.read_text(encoding="utf-8") == html
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_a_page_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = write_page("old", tmp_path / "report.html")
    with pytest.raises(UnicodeEncodeError):
        write_page("\ud800", path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
