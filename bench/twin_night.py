"""How a network that learnt by day sees by night; run with ``python -m bench.twin_night``.

A small network learns to name every pixel from drives of the twin through a town by day; another
from as many frames, of which half show the night. Both are tested on drives of other seeds: each by
day, at night, in rain, in fog and in snow, and nothing but the conditions differs. Three seeds draw
weights and which of the recorded drives are learnt from; intervals are Student's t over them.

    python -m bench.twin_night

Drives and cells lie in ``bench/cache``, written whole or not at all: stop at any time.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.cell_file import read_measured, write_cell
from bench.scene_labels.film import CLASSES
from bench.transfer.drive import film_drive
from bench.transfer.learn import compiled, examples_of, score
from bench.transfer.summary import interval
from bessemer.core.ids import content_id
from bessemer.core.signature import Preprocess
from bessemer.ingest.camvid import ONTOLOGY
from bessemer.networks.config import HydraConfig
from bessemer.recipes.twin import twin
from bessemer.train.config import TrainConfig
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.rig import Rig, look_from, pinhole
from bessemer.twin.scenario import Scenario

HERE = Path(__file__).resolve().parent
SEEDS = (0, 1, 2)
LEARNT, TESTED = tuple(range(100, 124)), tuple(range(200, 212))
"""Seeds of drives; each training draws two thirds of the former."""

DAY = Conditions(hour=13.0)
CONDITIONS = {
    "day": DAY,
    "night": replace(DAY, hour=23.0),
    "rain": replace(DAY, weather=Weather.RAIN, intensity_frac=0.6),
    "fog": replace(DAY, weather=Weather.FOG, intensity_frac=0.6),
    "snow": replace(DAY, weather=Weather.SNOW, intensity_frac=0.6, season=Season.WINTER),
}
ARMS = {"day": ("day", "day"), "day and night": ("day", "night")}
"""Conditions of the first and the other half of the drives that an arm learns from."""

PREPROCESS = Preprocess(width_px=96, height_px=54)
NETWORK = HydraConfig(heads=twin().network.heads, width=12, pool=1, features=32)
TRAIN = TrainConfig(
    steps=500,
    batch=8,
    learning_rate=6e-3,
    flip=True,
    scale_frac=0.2,
    tone=0.4,
    checkpoint_every_steps=0,
)
_RIG = Rig(
    name="front",
    cameras=(pinhole("front", 96, 54, 1.2, look_from(1.6, 0.0, 1.4)),),
    rate_hz=1.0,
)
_DRIVE_S = 16.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """Frames of one drive with their maps."""

    pictures: np.ndarray
    maps: np.ndarray


def scenario(condition: str) -> Scenario:
    """Return what happens, but for the drive's seed."""
    return Scenario(
        network="town",
        rig=_RIG,
        duration_s=_DRIVE_S,
        conditions=CONDITIONS[condition],
        density_frac=0.5,
    )


def record(cache: Path) -> None:
    """Drive what is missing."""
    wanted = [(seed, condition) for seed in LEARNT for condition in ("day", "night")]
    wanted += [(seed, condition) for seed in TESTED for condition in CONDITIONS]
    missing = [(s, c) for s, c in wanted if not path_of(cache, s, c).exists()]
    if missing:
        from bessemer.twin.world import DrivingWorld

        world = DrivingWorld(truth=False)
        for seed, condition in missing:
            pictures, maps = film_drive(world, seed, scenario(condition))
            write_cell(path_of(cache, seed, condition), {}, pictures=pictures, maps=maps)


def path_of(cache: Path, seed: int, condition: str) -> Path:
    """Return where a drive lies; the address covers all that happens on it."""
    address = content_id("night-drive", (1, scenario(condition)))[:12]
    return cache / "twin_drives" / "night" / f"{condition}-{seed}-{address}.npz"


def load(cache: Path, seeds: tuple[int, ...], condition: str) -> list[Drive]:
    """Return the drives of some seeds in one condition."""
    drives = []
    for seed in seeds:
        with np.load(path_of(cache, seed, condition)) as cell:
            drives.append(Drive(pictures=cell["pictures"], maps=cell["maps"]))
    return drives


def run_cell(cache: Path, name: str, seed: int) -> None:
    """Train one network and test it in all conditions, unless that was done."""
    path = cell_of(cache, name, seed)
    if path.exists():
        return
    drawn = np.random.default_rng([seed, 0x17]).permutation(LEARNT)[: len(LEARNT) * 2 // 3]
    half = len(drawn) // 2
    first, other = ARMS[name]
    drives = load(cache, tuple(drawn[:half].tolist()), first)
    drives += load(cache, tuple(drawn[half:].tolist()), other)
    examples = examples_of(
        np.concatenate([drive.pictures for drive in drives]),
        np.concatenate([drive.maps for drive in drives]),
        np.repeat(np.arange(len(drives)), [len(drive.maps) for drive in drives]),
    )
    net = compiled(examples, NETWORK, PREPROCESS, TRAIN, seed)
    measured, by_class = {}, np.zeros((len(CONDITIONS), CLASSES))
    for row, condition in zip(by_class, CONDITIONS, strict=True):
        tested = load(cache, TESTED, condition)
        pictures = np.concatenate([drive.pictures for drive in tested])
        maps = np.concatenate([drive.maps for drive in tested])
        row[:], accuracy = score(net, pictures, maps, PREPROCESS)
        measured[f"miou {condition}"] = float(np.nanmean(row))
        measured[f"accuracy {condition}"] = accuracy
    write_cell(path, measured, by_class=by_class)


def cell_of(cache: Path, name: str, seed: int) -> Path:
    """Return where a cell lies; the address covers settings and drives."""
    drives = tuple(scenario(condition) for condition in CONDITIONS)
    settings = (2, NETWORK, PREPROCESS, TRAIN, drives, LEARNT, TESTED, ARMS[name])
    address = content_id("night", settings)[:12]
    return cache / "transfer" / "night" / f"{name.replace(' ', '-')}-{seed}-{address}.npz"


Figure = dict[str, float | list[float] | dict[str, float]]


def summarise(cache: Path) -> dict[str, dict[str, Figure]]:
    """Return mIoU by arm and condition, and what each condition costs a network of the day."""
    figures: dict[str, dict[str, Figure]] = {}
    for name in ARMS:
        cells = [read_measured(cell_of(cache, name, seed)) for seed in SEEDS]
        figures[name] = {}
        for row, condition in enumerate(CONDITIONS):
            values = [cell[f"miou {condition}"] for cell in cells]
            by_class = []
            for seed in SEEDS:
                with np.load(cell_of(cache, name, seed)) as cell:
                    by_class.append(cell["by_class"][row])
            classes = zip(ONTOLOGY.classes, np.mean(by_class, axis=0), strict=True)
            figures[name][condition] = {
                **_spread("miou", values),
                **_spread(
                    "beside_day", [v - c["miou day"] for v, c in zip(values, cells, strict=True)]
                ),
                "accuracy": round(float(np.mean([c[f"accuracy {condition}"] for c in cells])), 4),
                "iou_by_class": {k: round(float(v), 3) for k, v in classes if np.isfinite(v)},
            }
    gained = {}
    for condition in CONDITIONS:
        day, both = (figures[name][condition]["miou_by_seed"] for name in ARMS)
        assert isinstance(day, list)
        assert isinstance(both, list)
        gained[condition] = _spread("miou", [b - a for a, b in zip(day, both, strict=True)])
    figures["day and night, beside day"] = gained
    return figures


def _spread(name: str, values: list[float]) -> Figure:
    mean, half = interval(values)
    assert half is not None, "three seeds give an interval"
    return {
        f"{name}_by_seed": [round(value, 4) for value in values],
        f"{name}_mean": round(mean, 4),
        f"{name}_low": round(mean - half, 4),
        f"{name}_high": round(mean + half, 4),
    }


def main() -> None:
    """Record, train and test what is missing, and write the figures."""
    import torch

    torch.set_num_threads(1)
    cache = HERE / "cache"
    record(cache)
    for seed in SEEDS:
        for name in ARMS:
            run_cell(cache, name, seed)
    figures = summarise(cache)
    text = json.dumps(figures, indent=1)
    (HERE / "results" / "twin_night.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
