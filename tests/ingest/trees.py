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
