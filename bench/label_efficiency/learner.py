"""The learner that all arms share: a small conv net, propagation and self-training.

A label on a track is carried to all its frames. Then tracks about which the network is sure, on
average over their frames, join with the network's own answer. Only the selector differs by arm.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from bench.label_efficiency.tracks import Tracks

BATCH = 128
VIEWS = 8
"""Frames of a track that the network looks at when it is asked about the track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerConfig:
    """How the network is trained in every arm.

    Args:
        widths: Channels of the three blocks.
        steps: Steps on paid labels alone.
        self_steps: Steps on paid labels and on the network's own, half and half.
        sure: Least mean confidence of a track that joins with the network's own label.
        peak_rate: Peak learning rate.
    """

    widths: tuple[int, int, int] = (24, 48, 96)
    steps: int = 800
    self_steps: int = 600
    sure: float = 0.9
    peak_rate: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What the learner says of all tracks: probabilities, features, right or wrong."""

    probabilities: np.ndarray
    features: np.ndarray
    macro_recall: float
    accuracy: float


class SmallNet(nn.Module):
    """Three blocks of convolution, a hidden layer of 128, a head."""

    def __init__(self, widths: tuple[int, int, int], class_count: int) -> None:
        super().__init__()
        a, b, c = widths
        self.body = nn.Sequential(
            nn.Conv2d(3, a, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(a),
            nn.ReLU(),
            nn.Conv2d(a, b, 3, padding=1, bias=False),
            nn.BatchNorm2d(b),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(b, c, 3, padding=1, bias=False),
            nn.BatchNorm2d(c),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(16 * c, 128),
            nn.ReLU(),
        )
        self.head = nn.Linear(128, class_count)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits and features."""
        features = self.body(x)
        return self.head(features), features


def learn(tracks: Tracks, labelled: np.ndarray, config: LearnerConfig, seed: int) -> Answer:
    """Train from scratch on the labelled tracks, and answer for every track.

    Args:
        tracks: The data set; labels of tracks that are not labelled are used for scoring only.
        labelled: Indices of tracks whose label is paid for.
        config: The training.
        seed: Of weights, batches and jitter.

    Returns:
        Probabilities and features of all tracks, scores on the held-out ones.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng([11, seed])
    net = SmallNet(config.widths, tracks.class_count)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    starts = np.searchsorted(tracks.track_of, np.arange(len(tracks.classes) + 1))
    pool = np.flatnonzero(~tracks.test)
    given = np.full(len(tracks.classes), -1)
    given[labelled] = tracks.classes[labelled]
    paid = given.copy()
    _fit(net, tracks, _batches(paid, given, starts, rng), config.steps, config.peak_rate)
    first, _ = _ask(net, tracks, starts, pool)
    asked = first
    for _ in range(2):
        given = paid.copy()
        sure = (asked.max(axis=1) >= config.sure) & (paid[pool] < 0)
        given[pool[sure]] = asked[sure].argmax(axis=1)
        batches = _batches(paid, given, starts, rng)
        _fit(net, tracks, batches, config.self_steps // 2, 0.6 * config.peak_rate)
        asked, features = _ask(net, tracks, starts, pool)
    probabilities = np.zeros((len(tracks.classes), tracks.class_count), np.float32)
    # Self-training makes the network sure of its own answers; the mean with what it thought
    # before still shows its doubt.
    probabilities[pool] = (first + asked) / 2
    every_feature = np.zeros((len(tracks.classes), features.shape[1]), np.float32)
    every_feature[pool] = features
    macro, accuracy = _score(net, tracks)
    return Answer(
        probabilities=probabilities, features=every_feature, macro_recall=macro, accuracy=accuracy
    )


def learn_frames(
    tracks: Tracks, labelled: np.ndarray, config: LearnerConfig, seed: int
) -> tuple[float, float]:
    """Train on single labelled frames: nothing is carried along a track, nothing is believed.

    Args:
        tracks: The data set.
        labelled: Indices of frames whose label is paid for.
        config: The training; it takes as many steps as :func:`learn`.
        seed: Of weights, batches and jitter.

    Returns:
        Macro recall and accuracy on the held-out tracks.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng([11, seed])
    net = SmallNet(config.widths, tracks.class_count)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    classes = tracks.classes[tracks.track_of[labelled]]
    share = 1 / np.sqrt(np.bincount(classes)[classes])
    share /= share.sum()

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            drawn = rng.choice(len(labelled), BATCH, p=share)
            yield labelled[drawn], classes[drawn]

    _fit(net, tracks, batches(), config.steps + config.self_steps, config.peak_rate)
    return _score(net, tracks)


def _batches(
    paid: np.ndarray, given: np.ndarray, starts: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (frames, classes): half paid, half the network's own where there are any.

    Classes come as the root of their share, so that the tail is seen.
    """
    own = np.flatnonzero((given >= 0) & (paid < 0))
    known = np.flatnonzero(paid >= 0)
    halves = [known, own] if len(own) else [known]
    shares = []
    for half in halves:
        counts = np.bincount(given[half])
        share = 1 / np.sqrt(counts[given[half]])
        shares.append(share / share.sum())
    while True:
        drawn = [
            rng.choice(half, BATCH // len(halves), p=share)
            for half, share in zip(halves, shares, strict=True)
        ]
        tracks = np.concatenate(drawn)
        frames = starts[tracks] + (
            rng.random(len(tracks)) * (starts[tracks + 1] - starts[tracks])
        ).astype(np.int64)
        yield frames, given[tracks]


def _fit(
    net: SmallNet,
    tracks: Tracks,
    batches: Iterator[tuple[np.ndarray, np.ndarray]],
    steps: int,
    peak_rate: float,
) -> None:
    """Train for ``steps``, the rate rising for a tenth and falling along a cosine."""
    net.train()
    optimiser = torch.optim.SGD(
        net.parameters(), lr=peak_rate, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    for step in range(steps):
        done = step / steps
        rise = min(1.0, (done + 1e-3) / 0.1)
        for group in optimiser.param_groups:
            group["lr"] = peak_rate * rise * (0.5 + 0.5 * np.cos(np.pi * done))
        frames, classes = next(batches)
        x = _jitter(_tensor(tracks.pictures[frames]))
        loss = F.cross_entropy(net(x)[0], torch.from_numpy(classes), label_smoothing=0.05)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def _tensor(pictures: np.ndarray) -> torch.Tensor:
    """Turn pictures into a standardised tensor."""
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    spread = x.std(dim=(1, 2, 3), keepdim=True).clamp_min(8.0)
    return ((x - mean) / spread).contiguous(memory_format=torch.channels_last)


def _jitter(x: torch.Tensor) -> torch.Tensor:
    """Move, turn and scale a little; fade the contrast and colours a little."""
    n = len(x)
    angle = (torch.rand(n) - 0.5) * 0.35
    scale = 0.85 + 0.3 * torch.rand(n)
    shift = (torch.rand(n, 2) - 0.5) * 0.3
    cosine, sine = scale * torch.cos(angle), scale * torch.sin(angle)
    affine = torch.stack(
        [
            torch.stack([cosine, -sine, shift[:, 0]], dim=1),
            torch.stack([sine, cosine, shift[:, 1]], dim=1),
        ],
        dim=1,
    )
    grid = F.affine_grid(affine, list(x.shape), align_corners=False)
    moved = F.grid_sample(x, grid, align_corners=False, padding_mode="reflection")
    moved = moved * (0.8 + 0.4 * torch.rand(n, 3, 1, 1)) + 0.1 * torch.randn(n, 3, 1, 1)
    return moved.contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def _ask(
    net: SmallNet, tracks: Tracks, starts: np.ndarray, which: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean probabilities and mean features of tracks over a few frames of each."""
    net.eval()
    steps = (np.arange(VIEWS) + 0.5) / VIEWS
    spans = starts[which + 1] - starts[which]
    frames = (starts[which][:, None] + steps[None, :] * spans[:, None]).astype(np.int64).reshape(-1)
    probabilities, features = [], []
    for start in range(0, len(frames), 512):
        logits, hidden = net(_tensor(tracks.pictures[frames[start : start + 512]]))
        probabilities.append(logits.softmax(dim=1))
        features.append(hidden)
    p = torch.cat(probabilities).view(len(which), VIEWS, -1).mean(dim=1)
    h = F.normalize(torch.cat(features), dim=1).view(len(which), VIEWS, -1).mean(dim=1)
    return p.numpy(), h.numpy()


@torch.inference_mode()
def _score(net: SmallNet, tracks: Tracks) -> tuple[float, float]:
    """Return macro recall, and accuracy at the stream's class shares, over held-out frames."""
    net.eval()
    frames = np.flatnonzero(tracks.test[tracks.track_of])[::2]
    truth = tracks.classes[tracks.track_of[frames]]
    guesses = [
        net(_tensor(tracks.pictures[frames[start : start + 512]]))[0].argmax(dim=1).numpy()
        for start in range(0, len(frames), 512)
    ]
    right = np.concatenate(guesses) == truth
    recalls = np.array([right[truth == c].mean() for c in range(tracks.class_count)])
    return float(recalls.mean()), float((recalls * tracks.priors).sum())
