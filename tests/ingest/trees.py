"""Small archives on disk, in the layouts that readers know, and what can be wrong with them."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

HEADER = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"


def encoded(format_: str, seed: int = 0, size_px: tuple[int, int] = (12, 10)) -> bytes:
    """Return a picture of noise, width and height ``size_px``."""
    width_px, height_px = size_px
    rng = np.random.default_rng(seed)
    picture = Image.fromarray(rng.integers(0, 256, (height_px, width_px, 3), dtype=np.uint8))
    out = io.BytesIO()
    picture.save(out, format_)
    return out.getvalue()


def gtsrb_tree(root: Path, classes: int = 2, tracks: int = 2, frames: int = 3) -> Path:
    """Write a whole GTSRB archive; sizes of its pictures vary. Returns the folder of classes."""
    images = root / "Final_Training" / "Images"
    for class_id in range(classes):
        folder = images / f"{class_id:05d}"
        folder.mkdir(parents=True)
        rows = [HEADER]
        for track in range(tracks):
            for frame in range(frames):
                name = f"{track:05d}_{frame:05d}.ppm"
                width_px, height_px = 15 + track, 16 + frame
                seed = class_id * 10_000 + track * 100 + frame
                (folder / name).write_bytes(encoded("PPM", seed, (width_px, height_px)))
                rows.append(gtsrb_row(name, width_px, height_px, class_id))
        (folder / f"GT-{folder.name}.csv").write_text("\n".join(rows) + "\n")
    return images


def gtsrb_row(name: str, width_px: int, height_px: int, class_id: int) -> str:
    """Return one right row of a table."""
    return f"{name};{width_px};{height_px};1;1;{width_px - 2};{height_px - 2};{class_id}"


def camvid_tree(root: Path) -> Path:
    """Write two drives of CamVid's layout; one lies in ``train`` and in ``val``."""
    frames = [
        ("train", "0001TP_006690"),
        ("train", "0001TP_006720"),
        ("train", "0006R0_f00930"),
        ("train", "0006R0_f01530"),
        ("val", "0006R0_f00932"),
    ]
    for seed, (part, stem) in enumerate(frames):
        (root / part).mkdir(parents=True, exist_ok=True)
        (root / f"{part}annot").mkdir(exist_ok=True)
        (root / part / f"{stem}.jpg").write_bytes(encoded("JPEG", seed))
        (root / f"{part}annot" / f"{stem}.png").write_bytes(mask_png(seed))
    return root


def mask_png(seed: int = 0, highest: int = 11, size_px: tuple[int, int] = (12, 10)) -> bytes:
    """Return a dense map whose values are 0 to ``highest``, each at least once."""
    width_px, height_px = size_px
    ids = (np.arange(width_px * height_px) + seed) % (highest + 1)
    out = io.BytesIO()
    Image.fromarray(ids.reshape(height_px, width_px).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def pictures_tree(root: Path) -> Path:
    """Write five pictures of three formats in two folders, all but one labelled."""
    (root / "b").mkdir(parents=True)
    (root / "a").mkdir()
    for seed, (name, format_) in enumerate(
        [
            ("a/2.jpg", "JPEG"),
            ("a/10.jpg", "JPEG"),
            ("a/1.png", "PNG"),
            ("b/1.ppm", "PPM"),
            ("c.png", "PNG"),
        ]
    ):
        (root / name).write_bytes(encoded(format_, seed))
    labels = ["path,class", "a/2.jpg,cat", "a/10.jpg,dog", "a/1.png,cat", "c.png,dog"]
    (root / "labels.csv").write_text("\n".join(labels))
    return root
