"""How fast the twin's cameras draw, beside other renderers, at equal content.

A street of some 13,000 triangles with 30 cars and 10 people is seen by six surround cameras. Each
renderer draws colour with shadows, depth, and which thing a pixel shows; the twin's own adds
classes, and once more the whole way to eight bits. Every renderer's pictures are checked against
geometry before it is timed: a renderer of empty sky would be fast. Times are medians.

With ``--device cuda`` the same code draws on a GPU, many worlds at a time from as many threads, and
the table says how many sets a second that makes. Without a GPU it says so and ends.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bench.twin_street import crowd, pose, street
from bessemer.twin.classes import SemanticClass
from bessemer.twin.conditions import Conditions
from bessemer.twin.render.image import Image, Look
from bessemer.twin.render.light import Light, light_of
from bessemer.twin.render.photograph import look_of, photograph
from bessemer.twin.render.renderer import Renderer
from bessemer.twin.rig import Camera, look_from, pinhole
from bessemer.twin.scene import Actors, Scene
from bessemer.twin.threads import one_blas_thread

SIZES = ((128, 72), (192, 108), (320, 180))
NOON = light_of(Conditions(hour=15.0))
NIGHT = light_of(Conditions(hour=23.0))
EGO = pose(0.0, -1.7, 0.0, 0.0)
YAWS = {"front": 0, "front_left": 55, "front_right": -55, "left": 110, "right": -110, "back": 180}
WARM_UP = 3
WORLDS = (1, 2, 4, 16, 64)

Cell = dict[str, float | int | str]


def surround(width: int, height: int) -> list[Camera]:
    """Return six cameras: five of 70 degrees and a wide one to the back."""
    return [
        pinhole(
            name,
            width,
            height,
            float(np.radians(110 if name == "back" else 70)),
            look_from(1.5, 0.0, 1.5, yaw_rad=float(np.radians(yaw))),
        )
        for name, yaw in YAWS.items()
    ]


def measured(draw: Callable[[], object], repeats: int) -> Cell:
    """Return the median wall and CPU time of a call, and how many a second that makes."""
    for _ in range(WARM_UP):
        draw()
    wall, cpu = [], []
    for _ in range(repeats):
        start, start_cpu = time.perf_counter(), time.process_time()
        draw()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - start_cpu)
    cpu_s = statistics.median(cpu)
    return {
        "wall_ms": round(1e3 * statistics.median(wall), 2),
        "cpu_ms": round(1e3 * cpu_s, 2),
        "least_cpu_ms": round(1e3 * min(cpu), 2),
        "sets_per_cpu_s": round(1.0 / cpu_s, 1),
    }


def check_street(images: tuple[Image, ...]) -> None:
    """Fail unless six pictures show a street with its traffic."""
    classes = np.concatenate([image.semantic.ravel() for image in images])
    shares = {c: float((classes == c).mean()) for c in SemanticClass}
    assert 0.05 < shares[SemanticClass.SKY] < 0.6, shares
    assert shares[SemanticClass.ROAD] > 0.15, shares
    assert shares[SemanticClass.BUILDING] > 0.1, shares
    things = set(np.concatenate([image.instance.ravel() for image in images]).tolist())
    assert len(things) > 15, things


def check_shadows(renderer: Renderer, actors: Actors, looks: list[Look]) -> None:
    """Fail unless taking the sun's blockers away makes the road brighter somewhere."""
    empty = renderer.render(Actors.none(), NOON, looks)
    full = renderer.render(actors, NOON, looks)
    darkened = 0
    for without, beside in zip(empty, full, strict=True):
        same = (without.semantic == beside.semantic) & (beside.semantic == SemanticClass.ROAD)
        darkened += int((beside.radiance[same].sum(1) < 0.6 * without.radiance[same].sum(1)).sum())
    assert darkened > 20, darkened


def own(scene: Scene, actors: Actors, looks: list[Look], repeats: int, device: str) -> list[Cell]:
    """Measure the twin's renderer: by day, by night, and as pictures."""
    renderer = Renderer(scene, device)
    check_street(renderer.render(actors, NOON, looks))
    check_shadows(renderer, actors, looks)
    what = "radiance with shadows, depth, class, instance"
    by_day = measured(lambda: renderer.render(actors, NOON, looks), repeats)
    by_night = measured(lambda: renderer.render(actors, NIGHT, looks, head_lamps_from=EGO), repeats)
    pictures = measured(lambda: photograph(renderer, actors, NOON, looks), repeats)
    full = measured(lambda: photograph(renderer, actors, NOON, looks, silhouettes=True), repeats)
    return [
        {"renderer": "twin", "draws": what, **by_day},
        {"renderer": "twin, night", "draws": what + ", lamps", **by_night},
        {"renderer": "twin, pictures", "draws": what + ", sensor", **pictures},
        {"renderer": "twin, all", "draws": what + ", sensor, silhouettes", **full},
    ]


def in_town(width: int, height: int, repeats: int, device: str) -> list[Cell]:
    """Measure the twin's renderer in the shipped town, amid traffic, by day and by night."""
    from bessemer.twin.drive import Controls
    from bessemer.twin.rigs import load_rig
    from bessemer.twin.scenario import Scenario
    from bessemer.twin.world import DrivingWorld

    world, rig = DrivingWorld(), load_rig("surround", width_px=width, height_px=height)
    world.reset(1, Scenario(network="town", rig=rig, density_frac=0.5))
    seen = world.step(Controls())
    renderer, ego = Renderer(world.scene, device), seen.ego.world_from_ego
    world.close()
    looks = [look_of(camera, ego) for camera in rig.cameras]
    check_town(renderer.render(seen.actors, NOON, looks))
    draws = "radiance with shadows, depth, class, instance, silhouettes"

    def look(light: Light, lamps: Any) -> Callable[[], object]:
        return lambda: renderer.render(
            seen.actors, light, looks, head_lamps_from=lamps, silhouettes=True
        )

    by_day, by_night = look(NOON, None), look(NIGHT, ego)
    pictures = measured(
        lambda: photograph(renderer, seen.actors, NOON, looks, silhouettes=True), repeats
    )
    return [
        {"renderer": "twin, town", "draws": draws, **measured(by_day, repeats)},
        {"renderer": "twin, town, night", "draws": draws, **measured(by_night, repeats)},
        {"renderer": "twin, town, all", "draws": draws + ", sensor", **pictures},
    ]


def check_town(images: tuple[Image, ...]) -> None:
    """Fail unless six pictures show a town."""
    classes = np.concatenate([image.semantic.ravel() for image in images])
    shares = {c: float((classes == c).mean()) for c in SemanticClass}
    assert shares[SemanticClass.SKY] < 0.6, shares
    assert shares[SemanticClass.ROAD] > 0.1, shares
    assert shares[SemanticClass.BUILDING] > 0.03, shares


def at_a_time(
    scene: Scene, actors: Actors, looks: list[Look], repeats: int, device: str
) -> list[Cell]:
    """Measure worlds in parallel: a renderer and a thread each, on one device."""
    cells: list[Cell] = []
    for worlds in WORLDS:
        renderers = [Renderer(scene, device) for _ in range(worlds)]
        with ThreadPoolExecutor(worlds) as pool:

            def draw(renderer: Renderer) -> None:
                for _ in range(repeats):
                    renderer.render(actors, NOON, looks)

            check_street(renderers[-1].render(actors, NOON, looks))
            list(pool.map(draw, renderers))
            start = time.perf_counter()
            list(pool.map(draw, renderers))
            wall = time.perf_counter() - start
        cells.append(
            {
                "renderer": "twin, worlds in parallel",
                "worlds": worlds,
                "sets_per_s": round(worlds * repeats / wall, 1),
            }
        )
    return cells


def device_of(name: str) -> str:
    """Return a device that is there by its name; ``cuda`` is the first GPU.

    Raises:
        SystemExit: If there is none such; the message says what to do.
    """
    import warp as wp

    wp.init()  # type: ignore[no-untyped-call]
    gpus = [str(device) for device in wp.get_cuda_devices()]
    if name == "cpu" or name in gpus:
        return name
    if name == "cuda" and gpus:
        return gpus[0]
    there = ", ".join(gpus) or "none"
    raise SystemExit(
        f"There is no device {name!r} to render on; GPUs that are there: {there}. "
        "Run it where `nvidia-smi` lists one, or take --device cpu."
    )


def newton_cells(
    scene: Scene, actors: Actors, looks: list[Look], truth: tuple[Image, ...], repeats: int
) -> list[Cell]:
    """Measure Newton's camera sensor on the same triangles, seen from the same places."""
    import newton
    import warp as wp
    from newton.sensors import SensorCamera

    builder = newton.ModelBuilder()
    meshes = [
        newton.Mesh(m.points, m.triangles.reshape(-1), compute_inertia=False)
        for m in (scene.ground, *(body.mesh for body in scene.bodies))
    ]
    builder.add_shape_mesh(-1, mesh=meshes[0], color=(0.4, 0.4, 0.4))
    for row in range(len(actors.body)):
        matrix = actors.world_from_body[row].astype(np.float64)
        half = 0.5 * float(np.arctan2(matrix[1, 0], matrix[0, 0]))
        turn = wp.quat(0.0, 0.0, float(np.sin(half)), float(np.cos(half)))
        body = builder.add_body(xform=wp.transform(wp.vec3(*matrix[:3, 3]), turn), mass=1.0)
        red, green, blue = (float(c) for c in actors.tint[row])
        builder.add_shape_mesh(
            body, mesh=meshes[1 + int(actors.body[row])], color=(red, green, blue)
        )
    model = builder.finalize(device="cpu")
    state = model.state()
    joints: tuple[Any, Any] = (model.joint_q, model.joint_qd)
    newton.eval_fk(model, *joints, state)
    sensor = SensorCamera(model)
    sensor.create_default_light(
        enable_shadows=True, direction=wp.vec3(*(-np.array(NOON.sun_direction)))
    )
    narrow = looks[0].camera.calibration
    width, height = narrow.width_px, narrow.height_px
    draws: list[tuple[Any, Any]] = []
    for angle, group in ((70.0, looks[:-1]), (110.0, looks[-1:])):
        vertical = 2 * np.arctan(np.tan(np.radians(angle) / 2) * height / width)
        rays = SensorCamera.compute_camera_rays_pinhole(
            width, height, camera_fov=float(vertical), device="cpu"
        )
        poses = [_newton_pose(look.world_from_camera) for look in group]
        draws.append((wp.array(poses, dtype=wp.transformf, device="cpu"), rays))
    cells: list[Cell] = []
    for name, full in (("newton", True), ("newton, depth and ids", False)):
        buffers = [_newton_buffers(sensor, len(p), width, height, full) for p, _ in draws]
        config = SensorCamera.RenderConfig(enable_shadows=full, enable_textures=full)

        def draw(
            buffers: list[dict[str, Any]] = buffers, config: Any = config
        ) -> list[dict[str, Any]]:
            for (poses, rays), images in zip(draws, buffers, strict=True):
                worlds = wp.zeros(len(poses), dtype=wp.int32, device="cpu")
                sensor.update(
                    state, poses, rays, render_config=config, world_indices=worlds, **images
                )
            return buffers

        drawn = draw()
        _check_same(
            np.concatenate([images["forward_depth_image"].numpy() for images in drawn]),
            np.concatenate([images["shape_index_image"].numpy() for images in drawn]),
            truth,
        )
        what = "sRGB with shadows, depth, normals, ids" if full else "depth, ids"
        cells.append({"renderer": name, "draws": what, **measured(draw, repeats)})
    return cells


def _newton_pose(world_from_camera: np.ndarray) -> list[float]:
    """Return place and quaternion of a camera that looks along its -z, with y up."""
    matrix = world_from_camera[:3, :3] @ np.diag([1.0, -1.0, -1.0])
    values, vectors = np.linalg.eigh(_quaternion_form(matrix))
    w, x, y, z = vectors[:, int(values.argmax())]
    return [*world_from_camera[:3, 3].tolist(), float(x), float(y), float(z), float(w)]


def _quaternion_form(m: np.ndarray) -> np.ndarray:
    """Return the matrix whose strongest eigenvector is a rotation's quaternion (Bar-Itzhack)."""
    return np.array(
        [
            [m[0, 0] + m[1, 1] + m[2, 2], m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]],
            [m[2, 1] - m[1, 2], m[0, 0] - m[1, 1] - m[2, 2], m[1, 0] + m[0, 1], m[2, 0] + m[0, 2]],
            [m[0, 2] - m[2, 0], m[1, 0] + m[0, 1], m[1, 1] - m[0, 0] - m[2, 2], m[2, 1] + m[1, 2]],
            [m[1, 0] - m[0, 1], m[2, 0] + m[0, 2], m[2, 1] + m[1, 2], m[2, 2] - m[0, 0] - m[1, 1]],
        ]
    )


def _newton_buffers(sensor: Any, n: int, width: int, height: int, full: bool) -> dict[str, Any]:
    images = {
        "forward_depth_image": sensor.allocate_image_depth_forward(n, width, height),
        "shape_index_image": sensor.allocate_image_shape_index(n, width, height),
    }
    if full:
        images["color_image"] = sensor.allocate_image_color(n, width, height)
        images["normal_image"] = sensor.allocate_image_normal(n, width, height)
    return images


def _check_same(depth: np.ndarray, shape: np.ndarray, truth: tuple[Image, ...]) -> None:
    """Fail unless a renderer's depth and things are those of the twin's own."""
    ours = np.stack([image.depth_m for image in truth])
    things = np.stack([image.instance for image in truth])
    seen = np.isfinite(ours) & (ours < 150)
    close = np.abs(depth - ours)[seen] < 0.02 + 0.002 * ours[seen]
    assert close.mean() > 0.98, close.mean()
    assert (shape[seen] == things[seen]).mean() > 0.98  # shape 0 is the ground, as id 0 is


def mujoco_missing() -> str:
    """Return why MuJoCo's renderer cannot be measured here, or "" where it can."""
    probe = (
        "import mujoco; model = mujoco.MjModel.from_xml_string('<mujoco/>');"
        "mujoco.Renderer(model, 72, 128)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        env={**os.environ, "MUJOCO_GL": "egl"},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def mujoco_cell(
    scene: Scene, actors: Actors, looks: list[Look], truth: tuple[Image, ...], repeats: int
) -> Cell:
    """Measure MuJoCo's renderer by EGL: colour with shadows, then depth, then ids."""
    import mujoco  # type: ignore[import-untyped]

    spec = mujoco.MjSpec()
    spec.visual.global_.offwidth, spec.visual.global_.offheight = SIZES[-1]
    spec.visual.map.zfar, spec.visual.map.znear = 2000.0, 0.05
    spec.stat.extent = 1.0
    light = spec.worldbody.add_light(castshadow=True, dir=[-c for c in NOON.sun_direction])
    light.directional = True
    for row, mesh in enumerate((scene.ground, *(body.mesh for body in scene.bodies))):
        spec.add_mesh(
            name=f"mesh{row}",
            uservert=mesh.points.ravel().tolist(),
            userface=mesh.triangles.ravel().tolist(),
            inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
        )
    for row in range(-1, len(actors.body)):
        matrix = np.eye(4) if row < 0 else actors.world_from_body[row].astype(np.float64)
        half = 0.5 * float(np.arctan2(matrix[1, 0], matrix[0, 0]))
        spec.worldbody.add_geom(
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname="mesh0" if row < 0 else f"mesh{1 + int(actors.body[row])}",
            pos=matrix[:3, 3],
            quat=[np.cos(half), 0.0, 0.0, np.sin(half)],
            rgba=[0.4, 0.4, 0.4, 1.0] if row < 0 else [*actors.tint[row].tolist(), 1.0],
            contype=0,
            conaffinity=0,
        )
    for look in looks:
        calibration = look.camera.calibration
        x, y, z, qx, qy, qz, qw = _newton_pose(look.world_from_camera)
        half_height = calibration.height_px / 2 / look.camera.intrinsics[1, 1]
        spec.worldbody.add_camera(
            name=look.camera.name,
            pos=[x, y, z],
            quat=[qw, qx, qy, qz],
            fovy=float(np.degrees(2 * np.arctan(half_height))),
        )
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    calibration = looks[0].camera.calibration
    renderer = mujoco.Renderer(model, calibration.height_px, calibration.width_px)

    def draw() -> tuple[np.ndarray, np.ndarray]:
        depth, things = [], []
        for look in looks:
            renderer.update_scene(data, camera=look.camera.name)
            renderer.render()
            renderer.enable_depth_rendering()
            depth.append(renderer.render().copy())
            renderer.disable_depth_rendering()
            renderer.enable_segmentation_rendering()
            things.append(renderer.render()[..., 0].copy())
            renderer.disable_segmentation_rendering()
        return np.stack(depth), np.stack(things)

    _check_same(*draw(), truth)
    cell = measured(draw, max(repeats // 3, 3))
    renderer.close()
    return {"renderer": "mujoco", "draws": "sRGB with shadows, depth, ids", **cell}


def measure(
    scene: Scene, actors: Actors, width: int, height: int, repeats: int, device: str
) -> list[Cell]:
    """Measure the twin's own renderer."""
    looks = [look_of(camera, EGO) for camera in surround(width, height)]
    found = own(scene, actors, looks, repeats, device)
    found += in_town(width, height, repeats, device)
    if device != "cpu":
        found += at_a_time(scene, actors, looks, repeats, device)
    return found


def of_peers(
    scene: Scene, actors: Actors, width: int, height: int, repeats: int, with_mujoco: bool
) -> list[Cell]:
    """Measure other renderers."""
    looks = [look_of(camera, EGO) for camera in surround(width, height)]
    truth = Renderer(scene).render(actors, NOON, looks)
    found = newton_cells(scene, actors, looks, truth, repeats)
    if with_mujoco:
        found.append(mujoco_cell(scene, actors, looks, truth, repeats))
    return found


def main() -> None:
    """Measure all, print a table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=21)
    parser.add_argument("--device", default="cpu", help="cpu, cuda, or cuda:1")
    parser.add_argument("--out", type=Path, help="By default twin_render.json, or ..._cuda.json.")
    parser.add_argument("--without-peers", action="store_true")
    options = parser.parse_args()
    device = device_of(options.device)
    peers = device == "cpu" and not options.without_peers
    file = "twin_render.json" if device == "cpu" else "twin_render_cuda.json"
    out = options.out or Path("bench/results") / file
    scene, actors = street(), crowd()
    os.environ["MUJOCO_GL"] = "egl"
    missing = mujoco_missing() if peers else "not asked for"
    if missing and peers:
        print(f"MuJoCo's renderer is left out: {missing}", file=sys.stderr)
    cells: list[Cell] = []
    for width, height in SIZES:
        # As in a world: BLAS's threads would take a second core's time and win nothing.
        with one_blas_thread():
            found = measure(scene, actors, width, height, options.repeats, device)
            if peers:
                found += of_peers(scene, actors, width, height, options.repeats, not missing)
        for cell in found:
            cells.append({"size": f"{width}x{height}", **cell})
            print(json.dumps(cells[-1]), flush=True)
    result = {
        "triangles": len(scene.ground.triangles),
        "body_triangles": [len(body.mesh.triangles) for body in scene.bodies],
        "actors": len(actors.body),
        "cameras": len(YAWS),
        "device": device,
        "processor": platform.processor() or platform.machine(),
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "mujoco_left_out": missing,
        "cells": cells,
    }
    out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
