"""Every road, light and event has its picture in the docs, and the pages say what is."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bessemer.twin.events.catalogue import EVENTS
from bessemer.twin.play.gallery import LIGHTS, Group, all_shots

ROWS = re.compile(
    r"^\| !\[(\w+)\]\(pictures/twin/event-(\w+)\.jpg\) \| `(\w+)`<br>(.+?) \| ([\d,]+) \| (.+?) \|",
    re.MULTILINE,
)
LINKS = re.compile(r"\]\(pictures/twin/([\w-]+\.jpg)\)")


@pytest.fixture(scope="module")
def folder(repo_root: Path) -> Path:
    """Where the pictures of the docs lie."""
    return repo_root / "docs" / "pictures" / "twin"


def picture(folder: Path, name: str) -> np.ndarray:
    """Return a picture of the docs, by its name."""
    return np.asarray(Image.open(folder / f"{name}.jpg").convert("RGB"), np.float64)


def test_every_event_and_every_road_in_every_light_is_shown() -> None:
    shots = all_shots()
    assert len({shot.name for shot in shots}) == len(shots)
    assert [shot.event for shot in shots if shot.group is Group.EVENTS] == list(EVENTS)
    conditions = [shot for shot in shots if shot.group is Group.CONDITIONS]
    assert len(conditions) == 3 * len(LIGHTS)
    assert {shot.network for shot in conditions} == {"town", "motorway", "country"}


def test_an_event_is_shown_where_and_when_it_fits() -> None:
    for shot in all_shots():
        if shot.event:
            assert EVENTS[shot.event].fits(shot.network, shot.conditions), shot.name
            EVENTS[shot.event].check(shot.params)


def test_the_folder_holds_the_pictures_and_is_small(folder: Path) -> None:
    sizes = {path.stem: path.stat().st_size for path in folder.iterdir()}
    assert sizes.keys() == {shot.name for shot in all_shots()}
    assert max(sizes.values()) < 300_000
    assert sum(sizes.values()) < 2_500_000


def test_the_pages_show_every_picture_once_at_least(repo_root: Path, folder: Path) -> None:
    pages = [(repo_root / "docs" / name).read_text() for name in ("twin.md", "twin-events.md")]
    linked = {name for page in pages for name in LINKS.findall(page)}
    assert linked == {path.name for path in folder.iterdir()}


def test_the_table_says_what_the_catalogue_says(repo_root: Path) -> None:
    page = (repo_root / "docs" / "twin-events.md").read_text()
    told = {name: (text, rare, where) for _, _, name, text, rare, where in ROWS.findall(page)}
    assert told == {
        name: (
            spec.description,
            f"{1 / spec.per_clip:,.0f}",
            "everywhere" if len(spec.surrounds) == 3 else ", ".join(spec.surrounds),
        )
        for name, spec in EVENTS.items()
    }
    assert f"Each of {len(EVENTS)} events" in (repo_root / "docs" / "twin.md").read_text()


@pytest.mark.parametrize("network", ["town", "motorway", "country"])
def test_light_and_weather_show(folder: Path, network: str) -> None:
    seen = {light: picture(folder, f"{network}-{light}") for light in LIGHTS}
    third = {light: found[: len(found) // 4].mean() for light, found in seen.items()}
    assert third["night"] < third["dusk"] < third["day"]
    far = {light: found[: len(found) * 3 // 5].std() for light, found in seen.items()}
    assert far["fog"] < 0.7 * far["day"]
    # A white road: brighter below than a wet one.
    ground = {light: np.median(found[-len(found) // 3 :]) for light, found in seen.items()}
    assert ground["snow"] > ground["rain"]


def test_no_picture_is_flat(folder: Path) -> None:
    for path in folder.iterdir():
        assert picture(folder, path.stem).std() > 8, path.name
