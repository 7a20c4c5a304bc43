"""CamVid as arrays: frames in order of drive and time, their maps, their points."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bessemer.core.errors import InputError
from bessemer.curate.embed import PinnedEmbedder
from bessemer.edge.preprocess import resize_picture
from bessemer.ingest.camvid import ONTOLOGY
from bessemer.recipes.scenes import scenes

RECIPE = scenes()
CLASSES = len(ONTOLOGY.classes)
UNSAID = 255
DRIVES = ("0001TP", "0006R0", "0016E5")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenes:
    """Frames in order of drive and time.

    Args:
        pictures: uint8 [n, h, w, 3].
        maps: Class indices [n, h, w], 255 where nothing is said.
        drives: The drive of each.
        times_ns: When each was taken, since its drive began.
        points: In the pinned space [n, d].
    """

    pictures: np.ndarray
    maps: np.ndarray
    drives: np.ndarray
    times_ns: np.ndarray
    points: np.ndarray


def load_scenes(cache: Path, data: Path) -> Scenes:
    """Read the frames once, resized as the recipe does."""
    size_px = (RECIPE.preprocess.height_px, RECIPE.preprocess.width_px)
    path = cache / f"camvid-{size_px[1]}x{size_px[0]}.npz"
    if not path.exists():
        files = sorted((data / "camvid/train").glob("*.jpg"))
        if not files:
            raise InputError("There are no frames.", where=str(data), fix="Name it with --data.")
        pictures, maps = [], []
        for file in files:
            with Image.open(file) as picture:
                pictures.append(resize_picture(np.asarray(picture.convert("RGB")), *size_px))
            with Image.open(data / "camvid/trainannot" / f"{file.stem}.png") as answer:
                small = answer.resize(size_px[::-1], Image.Resampling.NEAREST)
            values = np.asarray(small, np.uint8)
            maps.append(np.where(values < CLASSES, values, np.uint8(UNSAID)))
        numbers = [int("".join(c for c in f.stem.split("_")[1] if c.isdigit())) for f in files]
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(
            part,
            allow_pickle=False,
            pictures=np.stack(pictures),
            maps=np.stack(maps),
            drives=np.array([f.stem.split("_")[0] for f in files]),
            times_ns=np.array(numbers) * 1_000_000_000 // 30,
            points=PinnedEmbedder().embed(np.stack(pictures)),
        )
        part.replace(path)
    with np.load(path) as stored:
        return Scenes(**{name: stored[name] for name in stored.files})
