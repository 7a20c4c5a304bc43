"""The story of a run names slices, how sure they are together, and whose weights it began with."""

from dataclasses import replace

from bessemer.core.ids import NetworkId
from bessemer.loop.recipe import Recipe
from bessemer.loop.telling import retell_run
from bessemer.loop.tracing import trace_network, turn_records
from bessemer.loop.works import Works
from bessemer.networks.published import FOUNDATIONS
from bessemer.report.run_page import render_run
from bessemer.report.summary import summarise_run
from bessemer.validate.outcome import SuiteReport
from bessemer.validate.suite import parse_suite
from tests.loop.tiny import tiny_recipe

LITE = ("network.backbone=lite", "network.pool=1", "foundation=imagenet")


def test_slices_tell_their_predicates_and_that_they_hold_together(finished: Works) -> None:
    recipe = tiny_recipe()
    story = retell_run(finished, recipe)
    suite = parse_suite(recipe.suite)
    assert {part.name: part.where for part in story.slices} == {
        part.name: part.where for part in suite.slices
    }
    report = finished.ledger.get_document(turn_records(finished)[-1].validation, SuiteReport)
    assert report.slice_level == 1 - suite.alpha / len(suite.slices)
    together = len(suite.slices) > 1
    assert ("slices together" in story.slice_interval) == together
    assert story.slice_interval in summarise_run(story)
    assert story.slice_interval in render_run(story)


def test_a_network_names_the_published_weights_that_it_began_with(copy_of_finished: Works) -> None:
    ledger = copy_of_finished.ledger
    plain = ledger.networks()[-1]
    assert trace_network(copy_of_finished, plain.network_id).foundation is None
    recipe = ledger.put_document(Recipe.__name__, tiny_recipe(*LITE))
    begun = replace(plain, network_id=NetworkId("f" * 64), recipe=recipe)
    ledger.add_network(begun)
    traced = trace_network(copy_of_finished, begun.network_id).foundation
    assert traced == FOUNDATIONS["imagenet"]
    assert traced is not None
    assert traced.licence == "Apache-2.0"
