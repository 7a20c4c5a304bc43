"""A real drive, met piece by piece: a small network file runs in the fleet, and triggers speak."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from bessemer.core.fleet import Deal, Orders
from bessemer.core.ids import VehicleId
from bessemer.core.records import Split
from bessemer.edge.preprocess import normalise
from bessemer.fleet.deal import cut_stretches
from bessemer.fleet.replay import ReplayedFleet
from bessemer.fleet.triggers import Flicker, Novelty
from bessemer.loop.archive import ingest_archive
from bessemer.loop.line import Line
from bessemer.loop.recipe import archive_of_recipe
from bessemer.loop.works import Works
from bessemer.networks.export import export_onnx
from bessemer.networks.hydra import Hydra
from bessemer.networks.network import make_network
from tests.loop.shades import shades_recipe

pytestmark = pytest.mark.slow


def write_wavering(line: Line, pictures: np.ndarray, path: Path) -> None:
    """Write a network as drawn, its bias moved so that it says each class of half the pictures."""
    recipe = line.recipe
    network = make_network(recipe.network, 0).eval()
    assert isinstance(network, Hydra)
    with torch.no_grad():
        logits = network(torch.from_numpy(normalise(pictures, recipe.preprocess)))[0]
        linear = network.heads["classes"].linear
        assert isinstance(linear, torch.nn.Linear)
        linear.bias[0] -= (logits[:, 0] - logits[:, 1]).median()
    export_onnx(network, recipe.preprocess, path)


def test_flicker_and_novelty_speak_on_a_real_drive(real_data: Path, tmp_path: Path) -> None:
    (tmp_path / "road").mkdir()
    shutil.copy(real_data / "dashcam" / "solidWhiteRight.mp4", tmp_path / "road")
    recipe = shades_recipe(reader="video")
    with Works.open(tmp_path / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), tmp_path / "road")
        line = Line.ready(recipe, works)
        (drive,) = works.lake.recordings(split=Split.TRAIN)
        pieces = cut_stretches(drive, 1.0)
        frames = line.frames_of(drive.stretch)
        write_wavering(line, line.pictures_of(frames, recipe.preprocess), tmp_path / "n.onnx")
        orders = Orders(
            week=0,
            task=line.name,
            released=works.lake.put_file(tmp_path / "n.onnx"),
            upload_budget=len(pieces),
            control_frac=0.0,
        )
        deals = [Deal(vehicle=VehicleId("v"), week=0, stretch=piece) for piece in pieces]
        triggers = (Flicker(above=0.0), Novelty(above=0.04))
        known = line.unit_vectors(pieces[:1])
        haul = ReplayedFleet(deals, [drive], line.world).drive(orders, triggers, known)
    assert (len(frames), haul.met) == (221, 7)
    fired = {
        trigger.name: {u.stretch for u in haul.uploads for h in u.hits if h.trigger == trigger.name}
        for trigger in triggers
    }
    assert fired["novelty"] == set(pieces[1:]), "all is new but what the works hold"
    assert fired["flicker"], "where it wavers, the answer changes from frame to frame"
    assert len(haul.uploads) + sum(count.count for count in haul.kept) == haul.met
