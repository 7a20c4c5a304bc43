"""Augmentation: pictures and dense targets move together."""

from dataclasses import replace

import torch

from bessemer.core.signature import Preprocess
from bessemer.train.augment import augment, disguise
from bessemer.train.config import TrainConfig

STILL = TrainConfig(
    shift_frac=0.0, scale_frac=0.0, rotate_rad=0.0, brightness=0.0, contrast_frac=0.0
)
PREPROCESS = Preprocess(width_px=16, height_px=16)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_no_change_asked_is_no_change_made() -> None:
    image = torch.randn(4, 3, 6, 8, generator=generator())
    target = torch.randint(0, 5, (4, 6, 8), generator=generator())
    moved, (moved_target,) = augment(image, [target], STILL, generator(), PREPROCESS)
    assert torch.allclose(moved, image, atol=1e-5)
    assert torch.equal(moved_target, target)


def test_a_target_moves_with_its_picture() -> None:
    target = torch.zeros(8, 24, 32, dtype=torch.long)
    target[:, 6:18, 4:14] = 1
    image = target[:, None].float().repeat(1, 3, 1, 1)
    config = replace(STILL, shift_frac=0.1, scale_frac=0.2, rotate_rad=0.3, flip=True)
    moved, (moved_target,) = augment(image, [target], config, generator(), PREPROCESS)
    assert not torch.equal(moved_target, target)
    said = moved_target != 255
    assert ((moved[:, 0] > 0.5) == (moved_target == 1))[said].float().mean() > 0.99


def test_a_turn_keeps_shapes_in_wide_pictures() -> None:
    target = torch.zeros(1, 40, 80, dtype=torch.long)
    target[:, 15:25, 35:45] = 1
    image = target[:, None].float().repeat(1, 3, 1, 1)
    config = replace(STILL, rotate_rad=0.7)
    _, (turned,) = augment(image, [target], config, generator(1), PREPROCESS)
    assert abs(int((turned == 1).sum()) - 100) <= 12


def test_the_same_draw_gives_the_same_batch_and_light_alone_moves_nothing() -> None:
    image = torch.randn(4, 3, 6, 6, generator=generator())
    classes = torch.arange(4)
    config = replace(STILL, brightness=0.2, contrast_frac=0.5)
    one, (kept,) = augment(image, [classes], config, generator(3), PREPROCESS)
    other, _ = augment(image, [classes], config, generator(3), PREPROCESS)
    assert torch.equal(one, other)
    assert torch.equal(kept, classes)
    order = image[:, 0].flatten(1).argsort(dim=1)
    assert (one[:, 0].flatten(1).gather(1, order).diff(dim=1) >= 0).all()


def test_a_disguise_follows_from_its_draws_and_leaves_the_thing() -> None:
    ramp = torch.linspace(-1, 1, 32).expand(16, 3, 32, 32)
    one, again, other = (disguise(ramp, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert one.shape == ramp.shape
    # The ramp is still seen through the noise.
    likeness = torch.corrcoef(torch.stack([one.flatten(), ramp.flatten()]))[0, 1]
    assert likeness > 0.8


def test_a_tone_curve_keeps_black_white_and_order() -> None:
    config = replace(STILL, tone=1.0)
    ramp = torch.linspace(-2, 2, 16).expand(8, 3, 16, 16)
    bent, _ = augment(ramp, [], config, generator(5), PREPROCESS)
    rows = bent[:, 0, 8]
    torch.testing.assert_close(rows[:, [0, -1]], ramp[:, 0, 8][:, [0, -1]])
    assert (rows.diff(dim=1) >= 0).all()
    assert (rows - ramp[:, 0, 8]).abs().amax(dim=1).min() > 0.01
