"""The world of a line: what its vehicles' signals say, and what its early weeks miss."""

from pathlib import Path

from bessemer.core.fleet import Orders
from bessemer.core.records import Split
from bessemer.fleet.cel import evaluate
from bessemer.fleet.deal import DealConfig
from bessemer.fleet.facts import facts_of
from bessemer.fleet.replay import ReplayedFleet
from bessemer.loop.archive import archive_config, ingest_archive
from bessemer.loop.line import Line
from bessemer.loop.recipe import archive_of_recipe
from bessemer.loop.works import Works
from tests.fleet.worlds import TASK
from tests.ingest.films import write_film
from tests.loop.shades import shades, shades_recipe

FAST = 'signal["Vehicle.Speed"] > 31.0'


def test_a_recorded_speed_is_a_signal_of_the_fleet(tmp_path: Path) -> None:
    data = tmp_path / "road"
    write_film(data / "a.mp4")
    (data / "a.csv").write_text("t_s,Vehicle.Speed [km/h],late\n0.0,30,\n1.0,40,7\n")
    recipe = shades_recipe(reader="video")
    with Works.open(tmp_path / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), data)
        line = Line.ready(recipe, works)
        (recording,) = works.lake.recordings(split=Split.TRAIN)
        fleet = ReplayedFleet(line.deals, [recording], line.world)
        (sight,) = fleet.sights(line.deals, Orders(week=0, task=TASK, upload_budget=1), None)
    assert len(sight.frames) == 20
    assert dict(sight.signals) == {"Vehicle.Speed": 35.0, "late": 7.0}
    assert evaluate(FAST, facts_of(sight))
    assert not evaluate('signal["Vehicle.Speed"] > 36.0', facts_of(sight))


def test_early_weeks_miss_what_a_condition_names_as_tail(tmp_path: Path) -> None:
    recipe = shades_recipe(
        deal=DealConfig(vehicles=1, weeks=2, tail_frac=0.5),
        tail_when='signal["brightness"] < 0.4',
    )
    with Works.open(tmp_path / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), shades(tmp_path / "shades"))
        line = Line.ready(recipe, works)
        seen = {
            week: [
                line.signals_of(line.frames_of(d.stretch))["brightness"]
                for d in line.deals
                if d.week == week
            ]
            for week in (0, 1)
        }
    assert len(seen[0]) == len(seen[1]) == 15
    assert min(seen[0]) > 0.4 > max(seen[1])


def test_an_answer_in_an_unknown_class_is_left_out_counted_and_comes_in_once_mended(
    tmp_path: Path,
) -> None:
    data = shades(tmp_path / "shades")
    paths = sorted(data.rglob("*.png"))
    rows = [f"{p.relative_to(data)},{'dark' if int(p.stem) % 2 else 'bright'}" for p in paths]
    table = data / "labels.csv"
    table.write_text("\n".join(["path,class", *rows]).replace("bright", "brihgt", 1) + "\n")
    recipe = shades_recipe()
    with Works.open(tmp_path / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), data)
        line = Line.ready(recipe, works)
        assert len(line.truth) == len(paths) - 1
        [refused] = works.ledger.rejections("label")
        assert (refused.reason, refused.where) == ("unknown_class", "shades/exam/00.png")
        assert "No class is named 'brihgt'. Did you mean 'bright'?" in refused.detail
        table.write_text("\n".join(["path,class", *rows]) + "\n")
        ingest_archive(works, archive_config("pictures", split=recipe.split), data)
        assert len(Line.ready(recipe, works).truth) == len(paths)
