"""Drives of the twin, recorded for this bench and read back as pictures and class maps of CamVid.

The camera is CamVid's, as far as one can tell from its film: 4:3, some 50 degrees wide, level, as
high as a driver's head; and its fleet lives in a town, mostly on dry days.
"""

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.scene_labels.film import RECIPE
from bessemer.core.arrivals import Arrival
from bessemer.core.errors import InputError
from bessemer.core.frames import camera_frames
from bessemer.core.ids import content_id
from bessemer.core.ontology import Migration
from bessemer.edge.decode import decode_segment
from bessemer.edge.preprocess import resize_picture
from bessemer.ingest.camvid import ONTOLOGY
from bessemer.ingest.mcap import McapReader
from bessemer.recipes.twin import CAMVID_OF_TWIN
from bessemer.tasks.segment import SegmentFrame
from bessemer.twin.conditions import Season, Weather
from bessemer.twin.drive_log.log import LogConfig
from bessemer.twin.fleet.plan import FleetPlan, PlannedDrive, plan_drives
from bessemer.twin.fleet.record import record_drive
from bessemer.twin.fleet.regions import Region
from bessemer.twin.rig import Rig, look_from, pinhole

TASK = SegmentFrame(ONTOLOGY)
RENAMES = tuple(Migration(old=old.label, new=new) for old, new in CAMVID_OF_TWIN.items())
CAMERA = "front"
DRIVES = 60
_DEG = float(np.pi) / 180


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwinFilm:
    """Frames in order of drive and time.

    Args:
        address: Of the drives and how they were read.
        pictures: uint8 [n, h, w, 3].
        maps: Indices of CamVid's classes [n, h, w], 255 where nothing is said.
        drives: The drive of each, counted from 0.
    """

    address: str
    pictures: np.ndarray
    maps: np.ndarray
    drives: np.ndarray


def _region(code: str, latitude_deg: float, clear: float, overcast: float, rain: float) -> Region:
    weathers = ((Weather.CLEAR, clear), (Weather.OVERCAST, overcast), (Weather.RAIN, rain))
    return Region(
        code=code,
        latitude_deg=latitude_deg,
        networks=(("town", 0.8), ("country", 0.2)),
        weathers=tuple((season, weathers) for season in Season),
    )


def plan() -> tuple[PlannedDrive, ...]:
    """Return the drives of this bench: the first of a fleet's."""
    pose = look_from(1.6, 0.0, 1.3, pitch_rad=-1 * _DEG)
    fleet = FleetPlan(
        vehicles=6,
        hours=0.5,
        drive_s=20.0,
        rig=Rig(name="camvid", cameras=(pinhole(CAMERA, 320, 240, 50 * _DEG, pose),), rate_hz=1.0),
        seed=7,
        event_scale=2.0,
        regions=(_region("GB", 52.0, 0.45, 0.45, 0.1), _region("DE", 48.0, 0.6, 0.3, 0.1)),
    )
    return plan_drives(fleet)[:DRIVES]


def record_drives(folder: Path) -> None:
    """Drive and record what is missing."""
    missing = [d for d in plan() if not (folder / f"{d.name}.mcap").exists()]
    if missing:
        from bessemer.twin.world import DrivingWorld

        world = DrivingWorld()
        for drive in missing:
            path = folder / f"{drive.name}.mcap"
            done = record_drive(world, drive, path, LogConfig(crf=18))
            world.close()
            facts = {"pictures": done.pictures, "took_s": round(done.took_s, 1)}
            print(drive.name, json.dumps(facts), file=sys.stderr, flush=True)


def load_twin(cache: Path, folder: Path) -> TwinFilm:
    """Read the drives once, as the recipe reads film.

    Raises:
        InputError: If one is missing.
    """
    files = [folder / f"{drive.name}.mcap" for drive in plan()]
    if not all(file.exists() for file in files):
        raise InputError(
            "Some drives are missing.", where=str(folder), fix="Run without --summary first."
        )
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    address = content_id("transfer-film", (1, digests, RENAMES, RECIPE.preprocess))[:12]
    path = cache / f"film-{address}.npz"
    if not path.exists():
        read = [read_drive(file) for file in files]
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part.npz")
        np.savez(
            part,
            allow_pickle=False,
            pictures=np.concatenate([pictures for pictures, _ in read]),
            maps=np.concatenate([maps for _, maps in read]),
            drives=np.repeat(np.arange(len(read)), [len(pictures) for pictures, _ in read]),
        )
        part.replace(path)
    with np.load(path) as stored:
        return TwinFilm(address=address, **{name: stored[name] for name in stored.files})


def read_drive(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures of one drive and their maps, at the recipe's size."""
    size_px = (RECIPE.preprocess.height_px, RECIPE.preprocess.width_px)
    reader = McapReader(scenes=ONTOLOGY, renames=RENAMES)
    pictures = [np.zeros((0, *size_px, 3), np.uint8)]
    maps = [np.zeros((0, *size_px), np.uint8)]
    for arrival in reader.read(path):
        if isinstance(arrival, Arrival):
            segments = {segment.segment_id: segment for segment in arrival.segments}
            offsets = {i: np.array(s.offsets_ns, np.int64) for i, s in segments.items()}
            truth = {r.unit.start_ns: r for r in arrival.truth if r.task == ONTOLOGY.task}
            frames = [f for f in camera_frames(arrival.recording, offsets) if f.t_ns in truth]
            for frame in frames:
                ((_, picture),) = decode_segment(segments[frame.segment_id], [frame.index])
                pictures.append(resize_picture(picture, *size_px)[None])
            maps.append(TASK.targets(frames, [truth[f.t_ns] for f in frames], size_px))
    return np.concatenate(pictures), np.concatenate(maps)
