"""Data sets as tracks: GTSRB, and pseudo-tracks made of digits and Fashion-MNIST.

The last two are for tuning. They imitate what makes a fleet's tracks hard: a tail of rare classes,
near-identical frames that grow sharper as the sign comes closer, cluttered grounds, and some
tracks that are bad from end to end.
"""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

SIDE_PX = 32
FASHION = Path("/usr/share/datasets/fashion-mnist")
TAIL_RATIO = 10.0
"""Most frequent class over rarest, as in GTSRB."""
BAD_TRACK_FRAC = 0.08


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tracks:
    """Pictures by track, and how the tracks are divided.

    Args:
        pictures: uint8 [n, 32, 32, 3].
        track_of: Track of each picture, ascending.
        classes: Class of each track.
        test: True for each track that is held out.
        priors: Share of each class in the stream, for plain accuracy.
    """

    pictures: np.ndarray
    track_of: np.ndarray
    classes: np.ndarray
    test: np.ndarray
    priors: np.ndarray

    @property
    def class_count(self) -> int:
        """The number of classes."""
        return len(self.priors)


def load_tracks(name: str, seed: int, cache: Path, data: Path) -> Tracks:
    """Return a data set with the split and the order of this seed.

    Args:
        name: ``gtsrb``, ``digits``, ``digits40`` or ``fashion24``.
        seed: Of the split; of the pseudo-tracks too.
        cache: Folder for decoded pictures.
        data: Folder that holds ``gtsrb``.

    Returns:
        Tracks in a random order, so that ties favour no class.
    """
    if name == "gtsrb":
        return _split(*_gtsrb(cache, data), seed)
    maker = {"digits": _digits, "digits40": _digits40, "fashion24": _fashion24}[name]
    path = cache / "pseudo" / f"{name}-{seed}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, *_pseudo_tracks(*maker(), seed))
    with np.load(path) as stored:
        pictures, track_of, classes, test, priors = (stored[f"arr_{i}"] for i in range(5))
    return Tracks(pictures=pictures, track_of=track_of, classes=classes, test=test, priors=priors)


def _gtsrb(cache: Path, data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decode once: pictures, track of each picture, class of each track."""
    path = cache / "gtsrb32.npz"
    if not path.exists():
        pictures, names = [], []
        for folder in sorted((data / "gtsrb/Final_Training/Images").iterdir()):
            for table in folder.glob("*.csv"):
                with table.open() as rows:
                    for row in csv.DictReader(rows, delimiter=";"):
                        with Image.open(folder / row["Filename"]) as picture:
                            small = picture.convert("RGB").resize(
                                (SIDE_PX, SIDE_PX), reducing_gap=2
                            )
                        pictures.append(np.asarray(small))
                        names.append((int(row["ClassId"]), int(row["Filename"].split("_")[0])))
        keys, track_of = np.unique(np.array(names), axis=0, return_inverse=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, np.stack(pictures), track_of.reshape(-1), keys[:, 0])
    with np.load(path) as stored:
        return stored["arr_0"], stored["arr_1"], stored["arr_2"]


def _split(pictures: np.ndarray, track_of: np.ndarray, classes: np.ndarray, seed: int) -> Tracks:
    """Hold out a quarter of the tracks of every class, and shuffle the tracks."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(classes))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    by_frame = np.argsort(rank[track_of], kind="stable")
    pictures, track_of, classes = pictures[by_frame], rank[track_of][by_frame], classes[order]
    test = np.zeros(len(classes), bool)
    for c in range(classes.max() + 1):
        mine = np.flatnonzero(classes == c)
        test[rng.permutation(mine)[: max(1, round(0.25 * len(mine)))]] = True
    priors = np.bincount(classes[track_of], minlength=classes.max() + 1) / len(track_of)
    return Tracks(pictures=pictures, track_of=track_of, classes=classes, test=test, priors=priors)


def _digits() -> tuple[np.ndarray, np.ndarray, int]:
    from sklearn.datasets import load_digits

    data = load_digits()
    grey = (data.images * 15.9).astype(np.uint8)
    large = [
        np.asarray(Image.fromarray(g).resize((28, 28), Image.Resampling.BICUBIC)) for g in grey
    ]
    return np.stack(large), data.target.astype(np.int64), 1


def _digits40() -> tuple[np.ndarray, np.ndarray, int]:
    pictures, classes, _ = _digits()
    return pictures, classes, 4


def _fashion24() -> tuple[np.ndarray, np.ndarray, int]:
    raw = gzip.decompress((FASHION / "train-images-idx3-ubyte.gz").read_bytes())
    answers = gzip.decompress((FASHION / "train-labels-idx1-ubyte.gz").read_bytes())
    pictures = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)
    kinds = np.frombuffer(answers, np.uint8, offset=8).astype(np.int64)
    # Shirts, coats and sneakers are left out: the classes of signs are not confused by people.
    kept = np.isin(kinds, [0, 1, 3, 5, 8, 9])
    return pictures[kept], np.unique(kinds[kept], return_inverse=True)[1].reshape(-1), 4


TINTS = np.array([[1, 0.25, 0.2], [0.25, 0.4, 1], [0.95, 0.85, 0.2], [0.9, 0.9, 0.9]])


def _pseudo_tracks(
    pictures: np.ndarray, kinds: np.ndarray, variants: int, seed: int
) -> tuple[np.ndarray, ...]:
    """Turn single pictures into a long-tailed set of short tracks, with a balanced test part.

    Args:
        pictures: uint8 [n, 28, 28].
        kinds: Class of each picture.
        variants: Each class becomes this many: by tint for digits, by quarter turn for fashion.
        seed: Of every draw.
    """
    rng = np.random.default_rng([7, seed])
    count = (int(kinds.max()) + 1) * variants
    by_kind = [list(rng.permutation(np.flatnonzero(kinds == k))) for k in range(kinds.max() + 1)]
    turns = len(pictures) > 10_000
    most = 75 if turns else (120 if variants == 1 else 36)
    tail = most * TAIL_RATIO ** (-np.arange(count) / (count - 1))
    train_counts = np.maximum(np.round(tail), 3).astype(int)[rng.permutation(count)]
    test_count = 20 if turns else (40 if variants == 1 else 8)
    jobs = [
        (c, held)
        for c in range(count)
        for held in [False] * int(train_counts[c]) + [True] * test_count
    ]
    jobs = [jobs[i] for i in rng.permutation(len(jobs))]
    frames, classes, test = [], [], []
    for c, held in jobs:
        kind, variant = divmod(c, variants)
        if not by_kind[kind]:
            continue
        picture = pictures[by_kind[kind].pop()]
        tint = TINTS[3]
        if variants > 1 and turns:
            picture = np.rot90(picture, variant)
        elif variants > 1:
            tint = TINTS[variant]
        frames.append(_film(picture, tint, 4 if held else 8, rng))
        classes.append(c)
        test.append(held)
    track_of = np.repeat(np.arange(len(frames)), [len(f) for f in frames])
    return (
        np.concatenate(frames),
        track_of,
        np.array(classes),
        np.array(test),
        train_counts / train_counts.sum(),
    )


def _film(
    picture: np.ndarray, tint: np.ndarray, frame_count: int, rng: np.random.Generator
) -> np.ndarray:
    """Show one picture in several frames of an approach, on a ground of its own."""
    bad = rng.random() < BAD_TRACK_FRAC
    light = rng.uniform(0.35, 1.0) * (0.4 if bad else 1.0)
    ground = rng.uniform(10, 80, (4, 4, 3)).astype(np.uint8)
    scene = np.asarray(Image.fromarray(ground).resize((SIDE_PX, SIDE_PX)), np.float32)
    hue = np.clip(tint + rng.normal(0, 0.06, 3), 0, 1)
    size, place = rng.uniform(25, 30), rng.uniform(0.3, 0.7, 2)
    frames = []
    for step in range(frame_count):
        sharp = (0.35 if bad else 0.6) + (0.2 if bad else 0.4) * step / max(1, frame_count - 1)
        side = round(size + rng.uniform(-1, 1))
        left, top = ((place * (SIDE_PX - side)) + rng.uniform(-0.7, 0.7, 2)).round().astype(int)
        mask = Image.new("L", (SIDE_PX, SIDE_PX))
        mask.paste(Image.fromarray(picture).resize((side, side)), (int(left), int(top)))
        alpha = np.asarray(mask, np.float32)[..., None] / 255
        frame = light * (scene * (1 - alpha) + 255 * hue * alpha)
        image = Image.fromarray(np.clip(frame, 0, 255).astype(np.uint8))
        if bad:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.5)))
        low = max(8, int(SIDE_PX * sharp))
        image = image.resize((low, low), Image.Resampling.BOX).resize((SIDE_PX, SIDE_PX))
        noisy = np.asarray(image, np.float32) + rng.normal(0, 3, (SIDE_PX, SIDE_PX, 3))
        frames.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return np.stack(frames)
