"""How a network is compiled, without torch, so that recipes are cheap to read."""

from dataclasses import dataclass, field

from bessemer.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """Settings of one training.

    Attributes:
        steps: Optimiser steps.
        batch: Examples a step.
        learning_rate: Peak, after the warm-up; falls along a cosine to zero.
        warmup_frac: Share of the steps in which it rises from zero.
        weight_decay: Decoupled, on matrices only.
        label_smoothing: Probability mass spread over the other classes.
        balance: How far classes are evened out: 0 draws groups alike, 1 draws classes alike. In
            dense maps it weighs pixels instead.
        shift_frac: Largest shift of a picture, as a share of its side.
        scale_frac: Largest change of scale.
        rotate_rad: Largest turn.
        brightness: Largest change of brightness, in units of the full range.
        contrast_frac: Largest change of contrast.
        tone: Largest change of the tone curve, as the logarithm of its exponent: 0.7 halves or
            doubles it, which makes something of dusk out of a day.
        flip: Whether pictures may be mirrored left to right.
        checkpoint_every_steps: Steps between checkpoints; 0 keeps none.
        threads: Threads of the processor.
        device: ``cpu``, ``cuda`` or ``auto``.
    """

    steps: int = 400
    batch: int = 64
    learning_rate: float = 3e-3
    warmup_frac: float = 0.1
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    balance: float = 0.5
    shift_frac: float = 0.1
    scale_frac: float = 0.1
    rotate_rad: float = 0.15
    brightness: float = 0.15
    contrast_frac: float = 0.3
    tone: float = 0.0
    flip: bool = False
    checkpoint_every_steps: int = 200
    threads: int = 1
    device: str = "cpu"

    def __post_init__(self) -> None:
        """Check ranges."""
        if min(self.steps, self.batch, self.threads) < 1 or self.learning_rate <= 0:
            raise InputError("Steps, batch, threads and rate are positive.", where="TrainConfig")
        if self.device not in {"cpu", "cuda", "auto"}:
            raise InputError(
                f"No device is called {self.device!r}.",
                where="TrainConfig.device",
                fix="Write cpu, cuda or auto.",
            )
        if not 0.0 <= self.balance <= 1.0:
            raise InputError("balance is a share in [0, 1].", where="TrainConfig.balance")


def _far_from_the_picture() -> TrainConfig:
    """Return a training whose views differ far more than two frames of a camera do."""
    return TrainConfig(
        steps=1500,
        batch=96,
        learning_rate=2e-3,
        shift_frac=0.25,
        scale_frac=0.35,
        brightness=0.2,
        contrast_frac=0.6,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainConfig:
    """Settings of a pretraining.

    Attributes:
        fit: Steps, pairs a step (``batch``), rate and augmentation.
        projection: Length of the vectors that are compared.
        temperature: How sharply the nearest other recordings are pushed away.
    """

    fit: TrainConfig = field(default_factory=_far_from_the_picture)
    projection: int = 64
    temperature: float = 0.2
