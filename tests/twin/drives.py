"""Small drives made by hand: smooth pictures, a few boxes, a road that bends."""

from pathlib import Path

import numpy as np

from bessemer.core.ids import ElementId, StreamName
from bessemer.core.labels import Box3d
from bessemer.core.records import Calibration, Terms
from bessemer.twin.conditions import Conditions, Weather
from bessemer.twin.drive import EgoState, Observation, View
from bessemer.twin.drive_log.log import DriveFacts, DriveLog, LogConfig
from bessemer.twin.rig import Camera, Rig, look_from, pinhole
from bessemer.twin.scene import Actors
from bessemer.twin.truth import TrueBox, TrueLane, Truth

WIDTH_PX, HEIGHT_PX = 96, 64
PERIOD_NS = 200_000_000
FACTS = DriveFacts(
    terms=Terms(licence="CC0-1.0", region="DE", retention_days=30),
    vehicle="v3",
    seed=7,
    scenario="town",
    conditions=Conditions(weather=Weather.RAIN, hour=21.5),
    importance=0.25,
)


def fisheye(name: str) -> Camera:
    """Return a camera that looks back, with distortion, a little later than the others."""
    return Camera(
        name=StreamName(name),
        calibration=Calibration(
            model="kannala_brandt",
            width_px=WIDTH_PX,
            height_px=HEIGHT_PX,
            intrinsics=(40.0, 0.0, 48.0, 0.0, 41.0, 32.0, 0.0, 0.0, 1.0),
            distortion=(0.1, -0.02, 0.003, 0.0004),
            ego_from_camera=look_from(-0.5, 0.1, 1.1, yaw_rad=3.0, pitch_rad=0.2),
        ),
        offset_s=0.05,
    )


RIG = Rig(
    name="two",
    cameras=(pinhole("front", WIDTH_PX, HEIGHT_PX, 1.2, look_from(1.6, 0.0, 1.4)), fisheye("back")),
)


def picture(rng: np.random.Generator, size_px: tuple[int, int]) -> np.ndarray:
    """Return a smooth picture: a few waves of chance colour."""
    height_px, width_px = size_px
    y, x = np.mgrid[0:height_px, 0:width_px] / width_px
    waves = [
        rng.uniform(20, 45) * np.sin(rng.uniform(1, 9) * x + rng.uniform(1, 9) * y + phase)
        for phase in rng.uniform(0, 6, 9)
    ]
    channels = [128 + sum(waves[c::3]) for c in range(3)]
    return np.stack(channels, axis=2).clip(0, 255).astype(np.uint8)


def view(camera: Camera, t_ns: int, ego: EgoState, rng: np.random.Generator) -> View:
    """Return what a camera saw, with blocky truth."""
    calibration = camera.calibration
    size_px = calibration.height_px, calibration.width_px
    blocks = rng.integers(0, 23, (4, 6))
    rows, columns = (np.arange(n) * k // n for n, k in zip(size_px, blocks.shape, strict=True))
    semantic = blocks[rows][:, columns].astype(np.uint8)
    return View(
        camera=camera.name,
        t_ns=t_ns,
        world_from_camera=ego.world_from_ego @ camera.ego_from_camera,
        picture=picture(rng, size_px),
        depth_m=np.where(semantic == 0, np.inf, 3.0 + semantic).astype(np.float32),
        semantic=semantic,
        instance=(semantic.astype(np.int32) // 10) * 300,
    )


def box(name: str, t_ns: int, x_m: float, class_name: str = "car") -> TrueBox:
    """Return a box that drives east."""
    return TrueBox(
        box=Box3d(
            element_id=ElementId(f"actor/{name}"),
            t_ns=t_ns,
            frame="world",
            class_name=class_name,
            center_m=(x_m, 2.0, 0.75),
            size_m=(4.5, 1.8, 1.5),
            rotation_wxyz=(float(np.cos(0.1)), 0.0, 0.0, float(np.sin(0.1))),
            velocity_mps=(5.0, 0.5, 0.0),
        ),
        instance=1,
        visible_frac=(("front", 0.75),),
    )


def ego_at(t_ns: int) -> EgoState:
    """Return where the ego is: round a bend, a step each period."""
    k = t_ns / PERIOD_NS - 1
    return EgoState(x_m=1.5 * k, y_m=0.1 * k * k, yaw_rad=0.1 * k, pitch_rad=0.01, speed_mps=7.5)


def drive(n: int = 12, *, rig: Rig = RIG, seed: int = 0) -> list[tuple[Observation, Truth]]:
    """Return ``n`` steps of a drive round a bend; a car goes with it and a person leaves midway.

    Cameras look as a step begins, or so much later as their offset says.
    """
    rng = np.random.default_rng(seed)
    steps = []
    for k in range(n):
        t_ns = (k + 1) * PERIOD_NS
        looks = [
            (camera, t_ns - PERIOD_NS + round(camera.offset_s * 1e9)) for camera in rig.cameras
        ]
        views = tuple(view(camera, look_ns, ego_at(look_ns), rng) for camera, look_ns in looks)
        seen = Observation(
            t_ns=t_ns,
            ego=ego_at(t_ns),
            views=views,
            actors=Actors.none(),
            conditions=FACTS.conditions,
            signals=(("Vehicle.Speed", 27.0 + k), ("Vehicle.Body.Lights.IsBrakeOn", float(k % 2))),
            events=("cut_in",) if 4 <= k < 8 else (),
        )
        boxes = [box("1", t_ns, 1.5 * k + 10)]
        boxes += [box("2", t_ns, 30.0, "person")] if k < n // 2 else []
        lane = TrueLane(
            element_id=ElementId(f"lane/{k // 5}"),
            t_ns=t_ns,
            frame="world",
            class_name="drive lane",
            points=((0.0, 0.0, 0.0), (5.0, 0.5, 0.0)),
            width_m=3.25,
            successors=(ElementId("lane/next"), ElementId("lane/turn")),
        )
        truth = Truth(t_ns=t_ns, boxes=tuple(boxes), lanes=(lane,), drivable=())
        steps.append((seen, truth))
    return steps


def write_drive(
    path: Path,
    steps: list[tuple[Observation, Truth]] | None = None,
    *,
    rig: Rig = RIG,
    facts: DriveFacts = FACTS,
    config: LogConfig | None = None,
    start_ns: int = 0,
) -> Path:
    """Write a drive and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with DriveLog(path, rig, facts, config, start_ns=start_ns) as log:
        for seen, truth in drive(rig=rig) if steps is None else steps:
            log.write(seen, truth)
    return path
