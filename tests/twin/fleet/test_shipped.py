from collections import Counter

from bessemer.core.arrivals import Arrival
from bessemer.core.plugins import find_plugin
from bessemer.ingest.camvid import ONTOLOGY
from bessemer.ingest.mcap import McapReader
from bessemer.loop.recipe import archive_of_recipe
from bessemer.recipes.twin import CAMVID_OF_TWIN, twin
from bessemer.twin.classes import SemanticClass
from bessemer.twin.fleet.plan import plan_drives
from bessemer.twin.fleet.shipped import shipped_fleet, shipped_plan


def test_the_fleet_that_ships_is_the_one_that_is_planned() -> None:
    root = shipped_fleet()
    there = {str(path.relative_to(root))[: -len(".mcap")]: path for path in root.rglob("*.mcap")}
    planned = {drive.name: drive for drive in plan_drives(shipped_plan())}
    assert there.keys() == planned.keys()
    assert sum(path.stat().st_size for path in there.values()) < 4_000_000
    drives = planned.values()
    assert {drive.region for drive in drives} == {"DE", "ES", "NO"}
    assert {drive.scenario.network for drive in drives} == {"town", "country", "motorway"}
    assert sum(bool(drive.scenario.events) for drive in drives) >= 5


def test_every_class_of_the_twin_is_one_of_camvids_or_says_nothing() -> None:
    for kind in SemanticClass:
        name = CAMVID_OF_TWIN.get(kind, kind.label)
        assert name == "" or name in ONTOLOGY.classes


def test_drives_that_ship_go_in_whole_with_a_label_a_picture() -> None:
    config = archive_of_recipe(twin())
    reader = config.reader
    assert isinstance(reader, McapReader)
    found = list(reader.read(shipped_fleet() / "vehicle-00"))
    assert found
    weather: Counter[str] = Counter()
    for arrival in found:
        assert isinstance(arrival, Arrival), arrival
        masks = [mask for label in arrival.truth for mask in label.elements.masks]
        assert len(masks) == sum(
            ref.n_frames for ref in arrival.recording.segments if ref.stream == "camera/front"
        )
        facts = {a.name: a.value for a in arrival.recording.attributes}
        weather[facts["weather"]] += 1
        assert arrival.recording.terms.licence == "CC0-1.0"
    assert len(weather) > 1


def test_the_reader_is_found_by_what_lies_there() -> None:
    assert find_plugin("readers", "mcap").recognises(shipped_fleet())
