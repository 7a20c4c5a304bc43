"""Cells of the label-error measure: real pictures, noise as people make it, honest probabilities.

A cell is one (data set, seed). It costs minutes to train, is cached, and knows nothing of how
labels are scored.
"""

import csv
import gzip
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from bessemer.curate.embed import PinnedEmbedder
from bessemer.label.confusion import class_centroids, confusion_from_centroids, draw_confused
from bessemer.label.folds import predict_out_of_sample

CACHE = Path(__file__).parent / "cache" / "label_errors"
ERROR_FRAC = 0.1
N_FOLDS = 4
STEPS = 500
SIDE_PX = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tracks:
    """Pictures of tracks: frames, the track of each, the class of each track."""

    pictures: UInt8[np.ndarray, "n 32 32 3"]
    groups: Int64[np.ndarray, " n"]
    classes: Int64[np.ndarray, " t"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """What a search for errors is given, and the truth it is judged by."""

    labels: Int64[np.ndarray, " t"]
    truth: Int64[np.ndarray, " t"]
    groups: Int64[np.ndarray, " n"]
    probs: Float32[np.ndarray, "n c"]
    vectors: Float32[np.ndarray, "n d"]


def gtsrb_tracks(root: Path, every: int = 3) -> Tracks:
    """Read every ``every``-th frame of each track of GTSRB's official training part."""
    from PIL import Image

    pictures, groups = [], []
    classes: list[int] = []
    for folder in sorted((root / "Final_Training" / "Images").iterdir()):
        (table,) = folder.glob("*.csv")
        seen: dict[str, int] = {}
        for row in csv.DictReader(table.open(), delimiter=";"):
            track, frame = row["Filename"].removesuffix(".ppm").split("_")
            if track not in seen:
                seen[track] = len(classes)
                classes.append(int(row["ClassId"]))
            if int(frame) % every:
                continue
            with Image.open(folder / row["Filename"]) as picture:
                small = picture.convert("RGB").resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR)
                pictures.append(np.asarray(small))
            groups.append(seen[track])
    return Tracks(pictures=np.stack(pictures), groups=np.array(groups), classes=np.array(classes))


def digits_tracks(seed: int) -> Tracks:
    """Return scikit-learn's digits, each as a short track of shifted and dimmed frames."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.kron(digits.images / 16 * 255, np.ones((4, 4)))
    return _as_tracks(images.astype(np.float32), digits.target.astype(np.int64), seed)


def fashion_tracks(seed: int, n_tracks: int = 1300) -> Tracks:
    """Return Fashion-MNIST with a long tail of classes, each picture as a short track."""
    folder = Path("/usr/share/datasets/fashion-mnist")
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        classes = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    rng = np.random.default_rng(seed)
    weights = 0.8 ** rng.permutation(10)[classes]
    rows = rng.choice(len(images), n_tracks, replace=False, p=weights / weights.sum())
    padded = np.pad(images[rows], ((0, 0), (2, 2), (2, 2))).astype(np.float32)
    return _as_tracks(padded, classes[rows], seed)


def tailed_tracks(name: str, seed: int) -> Tracks:
    """Return the many-classed pseudo-tracks on which selectors are tuned, ``digits40`` say."""
    from bench.label_efficiency.tracks import load_tracks

    tracks = load_tracks(name, seed, CACHE.parent, Path())
    return Tracks(pictures=tracks.pictures, groups=tracks.track_of, classes=tracks.classes)


def _as_tracks(
    images: Float32[np.ndarray, "t 32 32"], classes: Int64[np.ndarray, " t"], seed: int
) -> Tracks:
    """Return six frames a picture: shifted, dimmed and noisy by amounts the track mostly shares."""
    rng = np.random.default_rng(seed + 1)
    frames = []
    for image in images:
        dim, noise = rng.uniform(0.3, 1.0), rng.uniform(0, 60)
        for _ in range(6):
            moved = np.roll(image, rng.integers(-3, 4, size=2), axis=(0, 1))
            grey = moved * dim * rng.uniform(0.8, 1.2) + rng.normal(0, noise, image.shape)
            frames.append(np.clip(grey, 0, 255).astype(np.uint8))
    groups = np.repeat(np.arange(len(images)), 6)
    return Tracks(
        pictures=np.repeat(np.stack(frames)[..., None], 3, axis=3), groups=groups, classes=classes
    )


def mistake_tracks(
    tracks: Tracks, vectors: Float32[np.ndarray, "n d"], seed: int
) -> Int64[np.ndarray, " t"]:
    """Return the labels of tracks, a tenth of them taken for a similar class."""
    n_classes = int(tracks.classes.max()) + 1
    centroids = class_centroids(vectors, tracks.classes[tracks.groups], n_classes)
    confusion = confusion_from_centroids(centroids)
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(len(tracks.classes))[: round(ERROR_FRAC * len(tracks.classes))]
    labels = tracks.classes.copy()
    for track in wrong:
        labels[track] = draw_confused(confusion, int(labels[track]), float(rng.random()))
    return labels


def cell_of(data: str, seed: int, data_root: Path) -> Cell:
    """Return a cell, from the cache if it was trained before."""
    path = CACHE / f"{data}-{seed}-{N_FOLDS}x{STEPS}.npz"
    if not path.exists():
        cell = _train_cell(data, seed, data_root)
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part.npz")
        np.savez_compressed(
            partial,
            labels=cell.labels,
            truth=cell.truth,
            groups=cell.groups,
            probs=cell.probs,
            vectors=cell.vectors,
        )
        os.replace(partial, path)
    with np.load(path, allow_pickle=False) as stored:
        return Cell(**{name: stored[name] for name in stored.files})


def _train_cell(data: str, seed: int, data_root: Path) -> Cell:
    """Train the networks of a cell."""
    match data:
        case "gtsrb":
            tracks = gtsrb_tracks(data_root / "gtsrb")
        case "fashion":
            tracks = fashion_tracks(seed)
        case "digits":
            tracks = digits_tracks(seed)
        case "digits40" | "fashion24":
            tracks = tailed_tracks(data, seed)
        case _:
            raise ValueError(data)
    vectors = PinnedEmbedder().embed(tracks.pictures)
    labels = mistake_tracks(tracks, vectors, seed)
    inputs = (tracks.pictures.transpose(0, 3, 1, 2).astype(np.float32) / 255 - 0.5) / 0.25
    given = labels[tracks.groups]
    n_classes = int(tracks.classes.max()) + 1

    def fit_predict(
        train: Int64[np.ndarray, " m"], held: Int64[np.ndarray, " k"]
    ) -> Float32[np.ndarray, "k c"]:
        return _fit_predict(inputs[train], given[train], inputs[held], n_classes, seed)

    probs = predict_out_of_sample(tracks.groups, N_FOLDS, seed, fit_predict)
    return Cell(
        labels=labels, truth=tracks.classes, groups=tracks.groups, probs=probs, vectors=vectors
    )


def _fit_predict(
    inputs: Float32[np.ndarray, "m 3 32 32"],
    classes: Int64[np.ndarray, " m"],
    held: Float32[np.ndarray, "k 3 32 32"],
    n_classes: int,
    seed: int,
) -> Float32[np.ndarray, "k c"]:
    """Train a small convolutional network for a short while and return what it says."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    layers: list[nn.Module] = []
    for before, after in ((3, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after)]
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 16, n_classes))
    optimiser = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=STEPS)
    rng = np.random.default_rng(seed)
    for _ in range(STEPS):
        rows = rng.integers(len(inputs), size=64)
        loss = nn.functional.cross_entropy(
            net(torch.from_numpy(inputs[rows])), torch.from_numpy(classes[rows])
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    net.eval()
    with torch.no_grad():
        said = [
            torch.softmax(net(torch.from_numpy(held[i : i + 512])), dim=1).numpy()
            for i in range(0, len(held), 512)
        ]
    return np.concatenate(said)
