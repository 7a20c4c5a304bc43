"""What a network said is kept in the lake and found again, the same to the last bit."""

import numpy as np

from bessemer.loop.opinions import opinions, remembered
from bessemer.loop.records import Picks
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.tiny import Heart, HeartStory, tiny_line


def test_a_run_leaves_what_the_network_said_about_every_candidate(finished: Works) -> None:
    first, second = [r for r in turn_records(finished) if r.branch.arm == "engine"]
    line = tiny_line(finished)
    network = line.open_network(first.network.onnx)
    picks = finished.ledger.get_document(second.picks, Picks)
    candidates = [p.unit for p in picks.chosen] + [u for part in picks.left for u in part.units]
    frames = [frame for unit in candidates for frame in line.frames_of(unit)]
    kept = finished.lake.read_predictions(
        network.network_id,
        network.signature.preprocess.preprocess_id,
        line.name,
        [frame.segment_id for frame in frames],
    )
    assert set(frames) <= set(kept.frames)


def test_what_was_said_once_is_not_computed_again(copy_of_finished: Works) -> None:
    works, heart = copy_of_finished, Heart()
    line = tiny_line(works)
    first, second = [r for r in turn_records(works) if r.branch.arm == "engine"]
    unseen = opinions(line, second.network, first.state.pool)
    works.story = HeartStory(heart)
    again = opinions(line, second.network, first.state.pool)
    assert heart.beats == 0
    np.testing.assert_array_equal(again.probs, unseen.probs)
    np.testing.assert_array_equal(again.features, unseen.features)
    opinions(line, second.network, second.state.pool)
    assert heart.beats > 0


def test_rows_come_in_the_order_that_was_asked_for(copy_of_finished: Works) -> None:
    line = tiny_line(copy_of_finished)
    record = turn_records(copy_of_finished)[-1]
    network = line.open_network(record.network.onnx)
    frames = [frame for unit in record.state.pool[:9] for frame in line.frames_of(unit)]
    part, whole = remembered(line, network, frames[4:7]), remembered(line, network, frames)
    back = remembered(line, network, frames[::-1])
    assert back.frames == tuple(frames[::-1])
    np.testing.assert_array_equal(back.probs[::-1], whole.probs)
    np.testing.assert_array_equal(whole.probs[4:7], part.probs)
