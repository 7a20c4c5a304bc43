"""Pretraining: frames of one recording come to look alike, and a cut-off run goes on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bessemer.core.errors import InputError
from bessemer.edge.preprocess import normalise
from bessemer.networks.network import make_network
from bessemer.networks.weights import load_fitting
from bessemer.train.config import PretrainConfig
from bessemer.train.losses import pair_contrast
from bessemer.train.pretrain import pretrain
from tests.train.colours import CONFIG, NETWORK, PREPROCESS, DyingError, colours

PRETRAIN = PretrainConfig(fit=replace(CONFIG, steps=12, batch=12), projection=16)


def test_a_cut_off_pretraining_ends_at_the_same_bytes(tmp_path: Path) -> None:
    examples = colours()

    def dying(done: int, total: int) -> None:
        if done == 6:
            raise DyingError

    def run(name: str, progress: object = None) -> bytes:
        made = pretrain(
            examples.pictures,
            examples.groups,
            NETWORK,
            PREPROCESS,
            PRETRAIN,
            seed=1,
            workdir=tmp_path / name,
            progress=dying if progress else None,
        )
        return made.weights_path.read_bytes() + made.onnx_path.read_bytes()

    straight = run("straight")
    with pytest.raises(DyingError):
        run("cut", dying)
    assert run("cut") == straight


def test_a_pretraining_goes_on_from_an_earlier_one_whatever_checkpoint_lies_there(
    tmp_path: Path,
) -> None:
    examples = colours()

    def run(folder: Path, begun: Path | None) -> Path:
        return pretrain(
            examples.pictures,
            examples.groups,
            NETWORK,
            PREPROCESS,
            PRETRAIN,
            seed=1,
            workdir=folder,
            init_weights=begun,
        ).weights_path

    first = run(tmp_path / "first", None)
    begun = tmp_path / "begun.safetensors"
    begun.write_bytes(first.read_bytes())
    on = run(tmp_path / "on", begun).read_bytes()
    assert on != begun.read_bytes()
    # A checkpoint of another beginning lies in the folder, and is not gone on from.
    assert run(tmp_path / "first", begun).read_bytes() == on


def test_recordings_come_apart(tmp_path: Path) -> None:
    # Groups are colours here, so that what should look alike is known.
    examples = colours(90)
    config = replace(PRETRAIN, fit=replace(PRETRAIN.fit, steps=60, batch=3, warmup_frac=0.2))
    groups = examples.targets[0]
    made = pretrain(
        examples.pictures, groups, NETWORK, PREPROCESS, config, seed=1, workdir=tmp_path
    )
    module = make_network(NETWORK, 1)
    assert all(name.startswith("heads.") for name in load_fitting(module, made.weights_path))
    with torch.no_grad():
        inputs = torch.from_numpy(normalise(examples.pictures, PREPROCESS))
        features = module.eval()(inputs)[-1].numpy()
    centres = np.stack([features[groups == k].mean(axis=0) for k in range(3)])
    nearest = ((features[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == groups).mean() > 0.9


def test_the_loss_punishes_collapse_and_distance() -> None:
    spread = torch.randn(64, 8, generator=torch.Generator().manual_seed(0))
    collapsed = torch.ones(64, 8)
    assert pair_contrast(spread, spread) < pair_contrast(collapsed, collapsed)
    assert pair_contrast(spread, spread) < pair_contrast(spread, spread.flip(0))
    # Directions are compared, not lengths.
    torch.testing.assert_close(pair_contrast(spread, 3 * spread), pair_contrast(spread, spread))


def test_one_recording_is_not_enough(tmp_path: Path) -> None:
    examples = colours(6)
    with pytest.raises(InputError, match="two tracks"):
        pretrain(
            examples.pictures,
            np.zeros(6, np.int64),
            NETWORK,
            PREPROCESS,
            PRETRAIN,
            seed=1,
            workdir=tmp_path,
        )
