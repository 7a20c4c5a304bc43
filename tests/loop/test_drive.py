"""What the fleet is told before a week, and that the network in shadow is asked."""

from dataclasses import replace

from bessemer.core.fleet import Haul
from bessemer.core.ids import ArtifactId
from bessemer.loop.drive import CHANCE, ENGINE, orders_for
from bessemer.loop.judge import Noise
from bessemer.loop.records import Branch, TurnState
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.tiny import tiny_line


def test_two_networks_that_differ_by_their_seed_are_held_against_each_other(
    copy_of_finished: Works,
) -> None:
    works = copy_of_finished
    line = tiny_line(works, "triggers.disagreement_above=0.0")
    first, second = run_turns(line, branches_of(line)[:1], 2)
    assert first.state.released == first.state.trained is not None
    haul = works.ledger.get_document(second.haul, Haul)
    fired = {y.trigger: y.fired for y in haul.yields}
    assert 0 < fired["disagreement"] < haul.met
    reasons = [h.reason for u in haul.uploads for h in u.hits if h.trigger == "disagreement"]
    assert all("shadow says" in reason for reason in reasons)


def test_in_shadow_runs_what_was_refused_or_else_a_twin_and_never_for_chance(
    finished: Works,
) -> None:
    line = tiny_line(finished)
    (noise,) = {
        finished.ledger.get_document(row.output, Noise)
        for row in finished.ledger.stages(branch=branches_of(line)[0].name, turn=2)
        if row.name == "noise" and row.output is not None
    }
    state = next(r.state for r in turn_records(finished) if r.branch.arm == ENGINE)
    assert state.trained is not None
    refused = replace(state.trained, onnx=ArtifactId("refused"))
    engine, chance = (Branch(arm=arm, seed=0, line="l") for arm in (ENGINE, CHANCE))

    def shadow(branch: Branch, state: TurnState) -> ArtifactId | None:
        return orders_for(line, branch, state, noise.twins).candidate

    assert shadow(engine, state) == noise.twins[0].onnx != state.trained.onnx
    assert shadow(engine, replace(state, trained=refused)) == refused.onnx
    assert shadow(engine, replace(state, released=None)) is None
    assert shadow(chance, state) is None
    assert orders_for(line, engine, state).candidate is None
