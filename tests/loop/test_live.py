"""A fleet that drives week by week: every arm meets the same world, as if it had been replayed."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bessemer.core.errors import InputError
from bessemer.core.records import Split
from bessemer.fleet.deal import RecordedDeal
from bessemer.loop.archive import ingest_archive
from bessemer.loop.line import Line
from bessemer.loop.live import LiveFleet
from bessemer.loop.recipe import Recipe, archive_of_recipe
from bessemer.loop.recipes import find_recipe
from bessemer.loop.run import branches_of, next_turn, run_turns
from bessemer.loop.works import Works
from bessemer.twin.fleet.shipped import shipped_fleet
from tests.loop.tiny import addresses

pytestmark = pytest.mark.slow

CARS = ("vehicle-00", "vehicle-01", "vehicle-04")


@dataclass
class FleetThatShips:
    """Brings the drives of three cars that ship with the package, a week at a time.

    Attributes:
        root: Where they are brought.
        brought: The weeks, in the order in which they were asked for.
    """

    root: Path
    brought: list[int] = field(default_factory=list)

    def drive_until(self, week: int) -> Path:
        """Copy what lies before the end of a week."""
        self.brought.append(week)
        wanted = {"exam", *(f"week-{number}" for number in range(week + 1))}
        for car in CARS:
            for folder in (shipped_fleet() / car).iterdir():
                if folder.name in wanted:
                    shutil.copytree(folder, self.root / car / folder.name, dirs_exist_ok=True)
        return self.root


def tiny_drives() -> Recipe:
    """The recipe on drives, hardly trained, with a labeller that errs."""
    settings = ("train.steps=6", "seeds=1", "budget.uploads=4", "budget.labels=6")
    return find_recipe("twin", [*settings, "oracle.error_frac=0.3"])


def run_live(root: Path, fleet: LiveFleet, turns: int) -> dict[str, str]:
    """Run some turns of both arms; return the address of every turn so far."""
    with Works.open(root) as works:
        line = Line.ready(tiny_drives(), works)
        list(run_turns(line, branches_of(line), turns, fleet))
        return addresses(works)


@pytest.fixture(scope="module")
def straight(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, FleetThatShips, dict[str, str]]:
    """Two turns of both arms, driven live in one go."""
    root = tmp_path_factory.mktemp("live")
    fleet = FleetThatShips(root / "fleet")
    return root, fleet, run_live(root, fleet, 2)


def test_each_week_is_driven_once_and_only_when_it_comes(
    straight: tuple[Path, FleetThatShips, dict[str, str]],
) -> None:
    root, fleet, made = straight
    assert fleet.brought == [0, 1]
    assert len(made) == 4
    with Works.open(root) as works:
        assert not any("week-2" in recording.source for recording in works.lake.recordings())


def test_the_exam_is_what_was_driven_before_the_first_week(
    straight: tuple[Path, FleetThatShips, dict[str, str]],
) -> None:
    with Works.open(straight[0]) as works:
        sides = {side: works.lake.recordings(split=side) for side in Split}
        assert all("/exam/" in recording.source for recording in sides[Split.TEST])
        assert not any("/exam/" in recording.source for recording in sides[Split.TRAIN])
        for deal in Line.ready(tiny_drives(), works).deals:
            source = works.atlas.recordings[deal.stretch.recording_id].source
            assert source.split("/")[1:3] == [deal.vehicle, f"week-{deal.week}"]


def test_weights_and_weather_of_a_drive_reach_the_lake(
    straight: tuple[Path, FleetThatShips, dict[str, str]],
) -> None:
    with Works.open(straight[0]) as works:
        for recording in works.lake.recordings():
            facts = {a.name: a.value for a in recording.attributes}
            assert float(facts["importance"]) > 0
            assert facts["weather"]


@pytest.mark.slow
def test_a_run_that_stopped_between_weeks_ends_at_the_same_addresses(
    straight: tuple[Path, FleetThatShips, dict[str, str]], tmp_path: Path
) -> None:
    early = run_live(tmp_path, FleetThatShips(tmp_path / "fleet"), 1)
    assert early.items() < straight[2].items()
    assert run_live(tmp_path, FleetThatShips(tmp_path / "fleet"), 2) == straight[2]


def test_a_replay_of_what_was_driven_comes_to_the_same_addresses(
    straight: tuple[Path, FleetThatShips, dict[str, str]], tmp_path: Path
) -> None:
    recipe, fleet = tiny_drives(), FleetThatShips(tmp_path / "fleet")
    with Works.open(tmp_path / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), fleet.drive_until(2))
        line = Line.ready(recipe, works)
        list(run_turns(line, branches_of(line), 2))
        assert addresses(works) == straight[2]


def test_the_next_turn_drives_its_own_week(
    straight: tuple[Path, FleetThatShips, dict[str, str]], tmp_path: Path
) -> None:
    root = Path(shutil.copytree(straight[0], tmp_path / "copy"))
    fleet = FleetThatShips(root / "fleet")
    with Works.open(root) as works:
        assert next_turn(Line.ready(tiny_drives(), works), fleet).turn == 3
        assert fleet.brought == [2]
        with pytest.raises(InputError, match="All 3 weeks"):
            next_turn(Line.ready(tiny_drives(), works), fleet)


def test_a_week_in_which_nobody_drove_is_an_error(tmp_path: Path) -> None:
    recipe = tiny_drives()
    with Works.open(tmp_path) as works:
        data = FleetThatShips(tmp_path / "fleet").drive_until(0)
        ingest_archive(works, archive_of_recipe(recipe), data)
        line = Line.ready(recipe, works)
        with pytest.raises(InputError, match="Nobody drove in week 2"):
            list(run_turns(line, branches_of(line)[:1], 2))


def test_a_recipe_of_recorded_drives_holds_no_tail_back() -> None:
    assert isinstance(tiny_drives().deal, RecordedDeal)
    with pytest.raises(InputError, match="no tail is held back"):
        find_recipe("twin", ["tail_when='x'"])
