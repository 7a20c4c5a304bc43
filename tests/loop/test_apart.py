"""What nearly repeats the test is not learnt from, and stands among the rejections."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bessemer.core.errors import LeakError
from bessemer.core.ids import RecordingId
from bessemer.core.labels import Author, AuthorKind, Coverage, Elements, LabelRevision
from bessemer.core.records import Stretch
from bessemer.loop.apart import NearTest
from bessemer.loop.archive import ingest_archive
from bessemer.loop.compile import commit_answers
from bessemer.loop.judge import check_leaks
from bessemer.loop.line import Line
from bessemer.loop.recipe import Recipe, archive_of_recipe
from bessemer.loop.recipes import find_recipe
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.works import Works
from bessemer.validate.leak import LeakConfig
from tests.loop.shades import ONTOLOGY, shades, shades_recipe

COPIES = ("again.jpg", "brighter.png", "smaller.png")


def archive(folder: Path) -> Path:
    """Write pictures of noise with labels, and three copies of exam pictures on the road."""
    top = shades(folder / "shades")
    exam = [Image.open(path) for path in sorted((top / "exam").glob("*.png"))]
    patches = [picture.crop((0, 0, 5, 5)) for picture in exam]
    big = [patch.resize((64, 64), Image.Resampling.BICUBIC) for patch in patches]
    for number, picture in enumerate(big):
        picture.save(top / "exam" / f"{number:02}.png")
    big[0].save(top / "road" / COPIES[0], quality=80)
    lit = np.clip(np.asarray(big[1]).astype(np.float32) * 1.1, 0, 255).astype(np.uint8)
    Image.fromarray(lit).save(top / "road" / COPIES[1])
    big[2].resize((48, 48), Image.Resampling.BILINEAR).save(top / "road" / COPIES[2])
    rows = ["path,class"]
    for path in sorted(top.rglob("*.*g")):
        shade = "bright" if np.asarray(Image.open(path)).mean() > 120 else "dark"
        rows.append(f"{path.relative_to(top).as_posix()},{shade}")
    (top / "labels.csv").write_text("\n".join(rows) + "\n")
    return top


def opened(works: Works, recipe: Recipe, data: Path) -> Line:
    ingest_archive(works, archive_of_recipe(recipe), data)
    return Line.ready(recipe, works)


def test_copies_of_test_pictures_are_held_out_with_a_reason_each(tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(), archive(tmp_path))
        records = list(run_turns(line, branches_of(line), 2))
        held = {near.source: near for near in line.near_test.values()}
        assert sorted(held) == [f"shades/road/{name}" for name in sorted(COPIES)]
        assert held["shades/road/again.jpg"].test_source == "shades/exam/00.png"
        assert held["shades/road/again.jpg"].cosine > 0.98
        refused = works.ledger.rejections("split")
        assert {r.where for r in refused} == set(held)
        assert {r.reason for r in refused} == {"near_test"}
        assert all("1 of 1 frames" in r.detail for r in refused)
        met = {deal.stretch.recording_id for deal in line.deals}
        assert len(met) == 30
        copies = [r.stretch for r in works.lake.recordings(ids=list(line.near_test))]
        assert line.living([*copies, *records[0].state.pool]) == list(records[0].state.pool)
        pool = {unit.recording_id for record in records for unit in record.state.pool}
        assert pool <= met


def test_none_learns_from_all_but_identical_bytes(tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(leak=None), archive(tmp_path))
        assert line.near_test == {}
        assert len(line.deals) == 33


def test_a_commit_with_a_near_duplicate_is_refused(tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(), archive(tmp_path))
        near = next(iter(line.near_test.values()))
        unit = works.lake.recordings(ids=[near.recording_id])[0].stretch
        label = LabelRevision(
            unit=unit,
            task=ONTOLOGY.task,
            ontology_id=ONTOLOGY.ontology_id,
            author=Author(kind=AuthorKind.PERSON, name="merged from elsewhere"),
            coverage=Coverage(streams=(), spans=()),
            elements=Elements(),
        )
        works.lake.seal_labels([label])
        branch = branches_of(line)[0]
        commit_id = commit_answers(line, branch, None, (label.revision_id,), "Merge")
        with pytest.raises(LeakError, match=f"{near.source} . {near.test_source}"):
            check_leaks(line, commit_id)


def test_comparing_again_returns_at_once(tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(), archive(tmp_path))
        first = line.near_test
        assert Line.ready(shades_recipe(turns=1), works).near_test == first
        stages = [row for row in works.ledger.stages() if row.name == "apart"]
        assert len(stages) == 1
        assert stages[0].attempts == 1
        strict = Line.ready(shades_recipe(leak=LeakConfig(cosine=1.0)), works)
        assert strict.near_test == {}


def test_of_a_drive_only_the_near_frames_are_held_out() -> None:
    near = NearTest(
        recording_id=RecordingId("r"),
        source="drives/1",
        near_ns=(5, 25),
        n_frames=4,
        test_source="drives/2",
        cosine=0.99,
    )
    units = [
        Stretch(recording_id=RecordingId("r"), start_ns=t, end_ns=t + 10) for t in range(0, 40, 10)
    ]
    assert [near.touches(unit) for unit in units] == [True, False, True, False]


@pytest.mark.slow
def test_two_drives_are_not_near_by_accident(real_data: Path, tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        line = opened(works, find_recipe("scenes"), real_data / "camvid")
        assert line.near_test == {}
        lax = Line.ready(find_recipe("scenes", ["leak.cosine=0.3"]), works)
        assert lax.near_test, "the drives were compared"
