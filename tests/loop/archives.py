"""Small archives in the official layouts of GTSRB and CamVid: generated, or cut from the real ones.

Cut ones are copies: a reader refuses links that lead out of its archive.
"""

import csv
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.ingest.trees import HEADER, gtsrb_row

SIGN_CLASSES = (0, 6, 19, 24, 27, 29, 32, 37)
DRIVES = ("0001TP_{:06}", "0006R0_f{:05}", "0016E5_{:05}")
FRAMES_OF_A_DRIVE = 14
FRAMES_OF_A_SECOND = 30


def make_signs(root: Path, tracks: int = 7, frames: int = 3) -> Path:
    """Write tracks of coloured crops: a colour a class, so that something can be learnt."""
    rng = np.random.default_rng(0)
    for class_id in SIGN_CLASSES:
        folder = root / "Final_Training" / "Images" / f"{class_id:05}"
        folder.mkdir(parents=True)
        colour = rng.integers(30, 220, 3)
        rows = [HEADER]
        for track in range(tracks):
            for frame in range(frames):
                side_px = 16 + 2 * track + frame
                noise = rng.integers(-25, 26, (side_px, side_px, 3))
                picture = np.clip(colour + noise, 0, 255).astype(np.uint8)
                name = f"{track:05}_{frame:05}.ppm"
                Image.fromarray(picture).save(folder / name)
                rows.append(gtsrb_row(name, side_px, side_px, class_id))
        (folder / f"GT-{class_id:05}.csv").write_text("\n".join(rows) + "\n")
    return root


def cut_signs(gtsrb: Path, root: Path, tracks: int = 7, frames: int = 3) -> Path:
    """Copy the first frames of the first tracks of some classes."""
    for class_id in SIGN_CLASSES:
        place = Path("Final_Training", "Images", f"{class_id:05}")
        table = f"GT-{class_id:05}.csv"
        (root / place).mkdir(parents=True)
        with (gtsrb / place / table).open(newline="") as file:
            head, *rows = csv.reader(file, delimiter=";")
        kept = [row for row in rows if _is_within(row[0], tracks, frames)]
        for row in kept:
            shutil.copy(gtsrb / place / row[0], root / place / row[0])
        with (root / place / table).open("w", newline="") as file:
            csv.writer(file, delimiter=";").writerows([head, *kept])
    return root


def _is_within(name: str, tracks: int, frames: int) -> bool:
    """Return whether a file, named after its track and frame, is among the first of both."""
    track, frame = name.removesuffix(".ppm").split("_")
    return int(track) < tracks and int(frame) < frames


def make_scenes(root: Path) -> Path:
    """Write three drives, a frame a second: sky over a road on which a car comes nearer."""
    for drive, (name, sky) in enumerate(zip(DRIVES, (90, 160, 220), strict=True)):
        for number in range(FRAMES_OF_A_DRIVE):
            mask = np.zeros((36, 48), np.uint8)
            mask[14:] = 3
            mask[16 : 18 + number, 10 + 8 * drive : 16 + 8 * drive + number] = 8
            mask[:2] = 11
            picture = np.zeros((36, 48, 3), np.uint8)
            picture[mask == 0] = picture[mask == 11] = (sky // 2, sky // 2, sky)
            picture[mask == 3] = (90, 85, 80)
            picture[mask == 8] = (200, 40, 60)
            noise = np.random.default_rng(100 * drive + number).integers(0, 20, picture.shape)
            stem = name.format(900 + FRAMES_OF_A_SECOND * number)
            _put(root, "train", stem, picture + noise.astype(np.uint8), mask)
    return root


def _put(root: Path, part: str, stem: str, picture: np.ndarray, mask: np.ndarray) -> None:
    """Write a frame and its dense answer."""
    for folder in (root / part, root / f"{part}annot"):
        folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(root / part / f"{stem}.jpg", quality=95)
    Image.fromarray(mask).save(root / f"{part}annot" / f"{stem}.png")


def cut_scenes(camvid: Path, root: Path) -> Path:
    """Copy frames of every drive, spread over it."""
    for name in DRIVES:
        drive = name.partition("_")[0]
        found = sorted((camvid / "train").glob(f"{drive}_*.jpg"))
        for path in _spread(found):
            for part, suffix in (("train", ".jpg"), ("trainannot", ".png")):
                (root / part).mkdir(parents=True, exist_ok=True)
                file = Path(part, path.stem + suffix)
                shutil.copy(camvid / file, root / file)
    return root


def _spread(paths: list[Path]) -> Iterable[Path]:
    """Return as many paths as a drive has here, from its beginning to its end."""
    return (paths[i] for i in np.linspace(0, len(paths) - 1, FRAMES_OF_A_DRIVE).astype(int))


MAKERS: dict[str, Callable[[Path], Path]] = {"signs": make_signs, "scenes": make_scenes}
CUTTERS: dict[str, tuple[str, Callable[[Path, Path], Path]]] = {
    "signs": ("gtsrb", cut_signs),
    "scenes": ("camvid", cut_scenes),
}
