"""The learner that all arms share: a small conv net, pretraining, propagation and self-training.

Before any label, the network learns which frames are of one track. A label on a track is carried to
all its frames. Then tracks about which the network is sure, on average over their frames, join
with the network's own answer. Only the selector differs by arm.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from bench.label_efficiency.tracks import Tracks
from bessemer.train.losses import pair_contrast

BATCH = 128
VIEWS = 8
"""Frames of a track that the network looks at when it is asked about the track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerConfig:
    """How the network is trained in every arm.

    Args:
        widths: Channels of the three blocks.
        pretrain_steps: Steps on pairs of frames of one track, no label read; once a seed.
        pretrain_tracks: Tracks a step.
        pretrain_rate: Peak learning rate of these.
        steps: Steps on paid labels alone.
        self_steps: Steps on paid labels and on the network's own, half and half, in two rounds.
        sure: Least mean confidence of a track that joins with the network's own label.
        peak_rate: Peak learning rate.
        frame_steps: Steps of the arm that buys single frames, from weights as drawn.
    """

    widths: tuple[int, int, int] = (24, 48, 96)
    pretrain_steps: int = 4000
    pretrain_tracks: int = 96
    pretrain_rate: float = 2e-3
    steps: int = 300
    self_steps: int = 500
    sure: float = 0.7
    peak_rate: float = 0.05
    frame_steps: int = 1400


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


Weights = dict[str, torch.Tensor]


def pretrain(tracks: Tracks, config: LearnerConfig, seed: int) -> Weights:
    """Learn from the tracks that are not held out which frames are of one track; no label is read.

    Args:
        tracks: The data set.
        config: The training.
        seed: Of weights, batches and views.

    Returns:
        Weights of the body.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng([17, seed])
    net = SmallNet(config.widths, tracks.class_count)
    project = nn.Sequential(nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 64))
    both = nn.ModuleList([net, project])
    both.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(both.parameters(), lr=config.pretrain_rate, weight_decay=0.02)
    starts = np.searchsorted(tracks.track_of, np.arange(len(tracks.classes) + 1))
    pool = np.flatnonzero(~tracks.test)
    both.train()
    for step in range(config.pretrain_steps):
        done = step / config.pretrain_steps
        rate = config.pretrain_rate * min(1.0, (step + 1) / 50) * (0.5 + 0.5 * np.cos(np.pi * done))
        for group in optimiser.param_groups:
            group["lr"] = rate
        drawn = rng.choice(pool, min(config.pretrain_tracks, len(pool)), replace=False)
        spans = starts[drawn + 1] - starts[drawn]
        pairs = [
            starts[drawn] + (rng.random(len(drawn)) * spans).astype(np.int64) for _ in range(2)
        ]
        one, other = (project(net.body(_varied(_tensor(tracks.pictures[f])))) for f in pairs)
        loss = pair_contrast(one, other)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return {k: v.clone() for k, v in net.state_dict().items() if k.startswith("body.")}


def features_of(tracks: Tracks, begun: Weights, config: LearnerConfig) -> np.ndarray:
    """Return what pretrained weights make of every track, before any label."""
    net = _network(tracks, config, begun)
    starts = np.searchsorted(tracks.track_of, np.arange(len(tracks.classes) + 1))
    return _ask(net, tracks, starts, np.arange(len(tracks.classes)))[1]


def learn(
    tracks: Tracks, labelled: np.ndarray, begun: Weights, config: LearnerConfig, seed: int
) -> Answer:
    """Train from pretrained weights on the labelled tracks, and answer for every track.

    Args:
        tracks: The data set; labels of tracks that are not labelled are used for scoring only.
        labelled: Indices of tracks whose label is paid for.
        begun: Of :func:`pretrain`.
        config: The training.
        seed: Of weights, batches and jitter.

    Returns:
        Probabilities and features of all tracks, scores on the held-out ones.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng([11, seed])
    net = _network(tracks, config, begun)
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
        config: The training.
        seed: Of weights, batches and jitter.

    Returns:
        Macro recall and accuracy on the held-out tracks.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng([11, seed])
    net = _network(tracks, config, {})
    classes = tracks.classes[tracks.track_of[labelled]]
    share = 1 / np.sqrt(np.bincount(classes)[classes])
    share /= share.sum()

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            drawn = rng.choice(len(labelled), BATCH, p=share)
            yield labelled[drawn], classes[drawn]

    _fit(net, tracks, batches(), config.frame_steps, config.peak_rate)
    return _score(net, tracks)


def _network(tracks: Tracks, config: LearnerConfig, begun: Weights) -> SmallNet:
    """Return a network with weights as drawn, but for those that are given."""
    net = SmallNet(config.widths, tracks.class_count)
    net.load_state_dict(begun, strict=False)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


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


def _varied(x: torch.Tensor) -> torch.Tensor:
    """Vary far more than cameras do, so that a ground or a light does not give a track away."""
    n = len(x)
    x = _jitter(x)
    grey = x.mean(dim=1, keepdim=True).expand_as(x)
    x = torch.where(torch.rand(n, 1, 1, 1) < 0.3, grey, x)
    x = x * (0.6 + 0.8 * torch.rand(n, 1, 1, 1)) + 0.3 * torch.randn(n, 3, 1, 1)
    blurred = F.interpolate(F.avg_pool2d(x, 2), size=x.shape[2:], mode="bilinear")
    x = torch.where(torch.rand(n, 1, 1, 1) < 0.3, blurred, x)
    crop = torch.zeros(n, 2, 3)
    crop[:, 0, 0] = crop[:, 1, 1] = 0.6 + 0.5 * torch.rand(n)
    crop[:, :, 2] = (torch.rand(n, 2) - 0.5) * 0.5
    grid = F.affine_grid(crop, list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, align_corners=False, padding_mode="reflection")
    return x.contiguous(memory_format=torch.channels_last)


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
