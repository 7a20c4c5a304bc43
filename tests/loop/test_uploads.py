"""A drive is one recording and many stretches: what brought one says nothing of the others."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.fleet import Campaign, Haul, Hit, Upload
from bessemer.core.ids import RecordingId, VehicleId
from bessemer.core.records import Stretch
from bessemer.loop.archive import ingest_archive
from bessemer.loop.line import Line
from bessemer.loop.recipe import archive_of_recipe
from bessemer.loop.records import TurnRecord
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.telling_turn import true_frac_of
from bessemer.loop.tracing import trace_network
from bessemer.loop.uploads import trigger_of, uploads_of
from bessemer.loop.works import Works
from tests.loop.test_scenes import street_recipe, write_street

PIECES = ("deal.stretch_s=2", "deal.weeks=2", "budget.labels=1")


def stretch(recording: str, start_ns: int, end_ns: int) -> Stretch:
    return Stretch(recording_id=RecordingId(recording), start_ns=start_ns, end_ns=end_ns)


def upload(where: Stretch, trigger: str = "") -> Upload:
    hits = (Hit(trigger=trigger, score=1.0, reason=f"why {trigger}"),) if trigger else ()
    return Upload(vehicle=VehicleId("v"), stretch=where, hits=hits, size_bytes=1)


@given(starts=st.sets(st.integers(0, 9)), at=st.integers(0, 9))
def test_a_unit_came_back_with_the_stretch_that_holds_it(starts: set[int], at: int) -> None:
    came = [upload(stretch("r", 10 * n, 10 * n + 10), f"t{n}") for n in sorted(starts)]
    unit, elsewhere = stretch("r", 10 * at + 3, 10 * at + 7), stretch("s", 0, 100)
    found = uploads_of(came, [unit, elsewhere])
    assert [trigger_of(one) for one in found.values()] == [f"t{n}" for n in starts & {at}]


def test_the_first_of_two_counts() -> None:
    unit = stretch("r", 0, 10)
    first, second = upload(unit), upload(unit, "novelty")
    assert trigger_of(uploads_of([first, second], [unit])[unit]) == "control"


@pytest.fixture
def driven(tmp_path: Path) -> Iterator[tuple[Line, TurnRecord]]:
    """One turn over a drive in stretches of which one frame was labelled."""
    recipe = street_recipe(*PIECES)
    with Works.open(tmp_path / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), write_street(tmp_path / "street"))
        line = Line.ready(recipe, works)
        (record,) = run_turns(line, branches_of(line)[:1], 1)
        yield line, record


@pytest.mark.slow
def test_what_came_of_the_same_drive_for_another_reason_is_not_counted(
    driven: tuple[Line, TurnRecord],
) -> None:
    line, record = driven
    works = line.works
    haul = works.ledger.get_document(record.haul, Haul)
    units = [entry.key.unit for entry in works.history.map_at(record.commit_id).entries()]
    holding = [u for u in haul.uploads if any(u.stretch.overlaps(unit) for unit in units)]
    assert len(holding) == len(units) == 1 < len(haul.uploads)
    assert len({u.stretch.recording_id for u in haul.uploads}) == 1

    traced = trace_network(works, record.network.network_id)
    assert sum(trigger.count for trigger in traced.triggers) == 1

    for one in haul.uploads:
        only = replace(
            haul, uploads=tuple(_asked(u, "c" if u == one else "d") for u in haul.uploads)
        )
        inside = f"t_ns >= {one.stretch.start_ns} AND t_ns < {one.stretch.end_ns}"
        found = true_frac_of(line, only, _campaign(inside), record)
        assert found == (1.0 if one in holding else None)


def _asked(one: Upload, trigger: str) -> Upload:
    return replace(one, hits=(Hit(trigger=trigger, score=1.0, reason=f"why {trigger}"),))


def _campaign(where: str) -> Campaign:
    return Campaign(name="c", reason="", slice_where=where, proxy="true", budget=9, until_week=9)
