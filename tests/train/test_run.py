"""The trainer learns, forgets nothing, and ends at the same bytes however often it is cut off."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bessemer.core.errors import InputError
from bessemer.core.signature import Geometry, Head
from bessemer.edge.runtime import OnnxNetwork
from bessemer.networks.config import HydraConfig
from bessemer.train.examples import Examples
from bessemer.train.run import train
from tests.train.colours import (
    CONFIG,
    HEAD,
    NETWORK,
    PREPROCESS,
    DyingError,
    colours,
    train_colours,
)


def test_colours_are_learnt(tmp_path: Path) -> None:
    config = replace(CONFIG, steps=80)
    trained = train(colours(), NETWORK, PREPROCESS, config, seed=0, workdir=tmp_path)
    unseen = colours(200, seed=1)
    logits = OnnxNetwork.open(trained.onnx_path).run(unseen.pictures).logits[0]
    assert (logits.argmax(axis=1) == unseen.targets[0]).mean() >= 0.95
    assert len(trained.losses) == 80


def test_a_run_cut_off_twice_ends_at_the_same_bytes(tmp_path: Path) -> None:
    straight = train_colours(tmp_path / "straight")
    for after in (7, 13):
        with pytest.raises(DyingError):
            train_colours(tmp_path / "cut", die_after=after)
    resumed = train_colours(tmp_path / "cut")
    assert resumed.weights_path.read_bytes() == straight.weights_path.read_bytes()
    assert resumed.network_id == straight.network_id
    assert resumed.losses == straight.losses


@pytest.mark.slow
def test_a_run_killed_outright_ends_at_the_same_bytes(tmp_path: Path, repo_root: Path) -> None:
    straight = train_colours(tmp_path / "straight")
    command = [sys.executable, "-m", "tests.train.colours", str(tmp_path / "killed"), "10"]
    died = subprocess.run(command, cwd=repo_root, check=False)
    assert died.returncode == -9
    assert (tmp_path / "killed" / "checkpoint.safetensors").exists()
    assert not (tmp_path / "killed" / "network.onnx").exists()
    assert train_colours(tmp_path / "killed").network_id == straight.network_id


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_passed_over(tmp_path: Path) -> None:
    straight = train_colours(tmp_path / "straight")
    other = replace(CONFIG, learning_rate=1e-2)
    train(colours(), NETWORK, PREPROCESS, other, seed=7, workdir=tmp_path / "used")
    assert train_colours(tmp_path / "used").network_id == straight.network_id
    (tmp_path / "used" / "checkpoint.safetensors").write_bytes(b"cut")
    assert train_colours(tmp_path / "used").network_id == straight.network_id


def test_another_seed_gives_another_network_and_the_global_generator_is_left_alone(
    tmp_path: Path,
) -> None:
    before = torch.random.get_rng_state()
    one, other = (
        train(colours(), NETWORK, PREPROCESS, CONFIG, seed=seed, workdir=tmp_path / str(seed))
        for seed in (1, 2)
    )
    assert one.network_id != other.network_id
    assert torch.equal(torch.random.get_rng_state(), before)


def test_two_heads_learn_at_once_where_each_is_silent_half_the_time(tmp_path: Path) -> None:
    whole = colours()
    classes = whole.targets[0].copy()
    classes[::2] = -1
    pixels = np.broadcast_to(whole.targets[0][:, None, None], (60, 8, 8)).astype(np.uint8)
    pixels = pixels.copy()
    pixels[1::2] = 255
    examples = Examples(
        pictures=whole.pictures,
        targets=(classes, pixels),
        groups=whole.groups,
        weights=whole.weights,
    )
    dense = Head(task=HEAD.task, geometry=Geometry.DENSE, output="map", ontology=HEAD.ontology)
    network = HydraConfig(heads=(HEAD, dense), width=4, stem_stride=1, pool=2, features=16)
    config = replace(CONFIG, steps=80, flip=True)
    trained = train(examples, network, PREPROCESS, config, seed=0, workdir=tmp_path)
    unseen = colours(60, seed=1)
    by_class, by_pixel = OnnxNetwork.open(trained.onnx_path).run(unseen.pictures).logits
    assert (by_class.argmax(axis=1) == unseen.targets[0]).mean() >= 0.9
    middle = by_pixel.argmax(axis=1)[:, 4, 4]
    assert (middle == unseen.targets[0]).mean() >= 0.9


def test_weights_to_begin_with_are_used(tmp_path: Path) -> None:
    first = train(colours(), NETWORK, PREPROCESS, CONFIG, seed=0, workdir=tmp_path / "first")
    gentle = replace(CONFIG, steps=1, learning_rate=1e-9)
    second = train(
        colours(),
        NETWORK,
        PREPROCESS,
        gentle,
        seed=1,
        workdir=tmp_path / "second",
        init_weights=first.weights_path,
    )
    pictures = colours(50, seed=3)
    one, other = (
        OnnxNetwork.open(trained.onnx_path).run(pictures.pictures).logits[0].argmax(axis=1)
        for trained in (first, second)
    )
    assert (one == other).mean() > 0.9


def test_what_cannot_be_trained_is_refused(tmp_path: Path) -> None:
    silent = replace(colours(), targets=(np.full(60, -1),))
    with pytest.raises(InputError, match="No example has a label"):
        train(silent, NETWORK, PREPROCESS, CONFIG, seed=0, workdir=tmp_path)
    none = replace(colours(), targets=())
    with pytest.raises(InputError, match="target columns"):
        train(none, NETWORK, PREPROCESS, CONFIG, seed=0, workdir=tmp_path)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_cuda_is_not_replaced_in_silence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="CUDA"):
        train(
            colours(),
            NETWORK,
            PREPROCESS,
            replace(CONFIG, device="cuda"),
            seed=0,
            workdir=tmp_path,
        )


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_cuda_learns_colours(tmp_path: Path) -> None:
    config = replace(CONFIG, steps=80, device="cuda")
    trained = train(colours(), NETWORK, PREPROCESS, config, seed=0, workdir=tmp_path)
    unseen = colours(200, seed=1)
    logits = OnnxNetwork.open(trained.onnx_path).run(unseen.pictures).logits[0]
    assert (logits.argmax(axis=1) == unseen.targets[0]).mean() >= 0.95
