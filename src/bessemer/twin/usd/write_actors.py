"""Puts actors and their ways through time onto a stage.

Shapes: n frames in which one actor is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, Vt

from bessemer.core.errors import InputError
from bessemer.twin.scene import Actors, Body, Lamp, Scene
from bessemer.twin.usd.attributes import fill, put, put_series
from bessemer.twin.usd.layout import ACTORS, BODIES, prim_names
from bessemer.twin.usd.write_scene import glow_primvar

Rgb = tuple[float, float, float]


@dataclass(slots=True)
class _Track:
    """When one actor is there, and in which row of each frame it stands."""

    frames: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What of a body's look an actor may change.

    Attributes:
        albedo: Of what its tint multiplies.
        lit: Primvar, lamp and emission of each material with a lamp.
    """

    albedo: Rgb
    lit: tuple[tuple[str, int, Rgb], ...]


def put_actors(
    stage: Usd.Stage,
    scene: Scene,
    bodies: tuple[str, ...],
    frames: Sequence[Actors],
    codes: Sequence[float],
) -> None:
    """Define every actor that is there in any frame.

    Args:
        stage: Where.
        scene: Whose bodies they are.
        bodies: Prim name of each body.
        frames: Actors of each frame.
        codes: Time code of each frame.

    Raises:
        InputError: If an actor names a body that does not exist.
    """
    above = UsdGeom.Xform.Define(stage, ACTORS).GetPrim()
    ids = [_ids(actors) for actors in frames]
    put_series(above, "order", "int[]", codes, ids)
    tracks: dict[int, _Track] = {}
    for k, actors in enumerate(frames):
        _check(actors, len(bodies), k)
        for row, instance in enumerate(actors.instance.tolist()):
            track = tracks.setdefault(instance, _Track())
            track.frames.append(k)
            track.rows.append(row)
    materials = prim_names([material.name for material in scene.materials])
    looks = [_look(scene, body, materials) for body in scene.bodies]
    for instance in sorted(tracks):
        track = tracks[instance]
        prim = _put_actor(stage, bodies, frames, codes, instance, track)
        there = [(frames[k], row) for k, row in zip(track.frames, track.rows, strict=True)]
        seen = [looks[int(actors.body[row])] for actors, row in there]
        at = [codes[k] for k in track.frames]
        _paint(prim, at, seen, [_rgb(actors.tint[row]) for actors, row in there])
        _light(prim, at, seen, [int(actors.lamps[row]) for actors, row in there])


def _put_actor(
    stage: Usd.Stage,
    bodies: tuple[str, ...],
    frames: Sequence[Actors],
    codes: Sequence[float],
    instance: int,
    track: _Track,
) -> Usd.Prim:
    xform = UsdGeom.Xform.Define(stage, f"{ACTORS}/actor_{instance}")
    prim = xform.GetPrim()
    there = [(frames[k], row) for k, row in zip(track.frames, track.rows, strict=True)]
    at = [codes[k] for k in track.frames]
    body = [bodies[int(actors.body[row])] for actors, row in there]
    velocity = [_rgb(actors.velocity_mps[row]) for actors, row in there]
    put(prim, "instance", "int", instance)
    put_series(prim, "body", "token", at, body)
    put_series(prim, "tint", "color3f", at, [_rgb(actors.tint[row]) for actors, row in there])
    put_series(prim, "lamps", "int", at, [int(actors.lamps[row]) for actors, row in there])
    put_series(prim, "velocity_mps", "vector3f", at, velocity)
    poses = np.stack([actors.world_from_body[row].T for actors, row in there]).astype(np.float64)
    fill(xform.AddTransformOp().GetAttr(), at, list(Vt.Matrix4dArray.FromNumpy(poses)))
    stretch = [Gf.Vec3f(*_rgb(actors.scale[row])) for actors, row in there]
    fill(xform.AddScaleOp().GetAttr(), at, stretch)
    _show(xform, codes, set(track.frames))
    for name in dict.fromkeys(body):
        shown = stage.DefinePrim(f"{prim.GetPath()}/{name}")
        shown.GetInherits().AddInherit(f"{BODIES}/{name}")
        shown.SetInstanceable(True)
        _show(UsdGeom.Xform(shown), at, {k for k, other in enumerate(body) if other == name})
    return prim


def _show(shape: UsdGeom.Xform, codes: Sequence[float], there: set[int]) -> None:
    """Show a prim in some frames; what is there in all needs no word."""
    if len(there) == len(codes):
        return
    words = [
        UsdGeom.Tokens.inherited if k in there else UsdGeom.Tokens.invisible
        for k in range(len(codes))
    ]
    fill(shape.CreateVisibilityAttr(), codes, words)


def _paint(
    prim: Usd.Prim, codes: Sequence[float], looks: Sequence[_Look], tint: Sequence[Rgb]
) -> None:
    """Say the paint as viewers know it: tint times the albedo of what the body has tinted."""
    colours = [
        Gf.Vec3f(*(t * a for t, a in zip(rgb, look.albedo, strict=True)))
        for rgb, look in zip(tint, looks, strict=True)
    ]
    primvar = UsdGeom.PrimvarsAPI(prim).CreatePrimvar(
        "displayColor", Sdf.ValueTypeNames.Color3fArray, UsdGeom.Tokens.constant
    )
    fill(primvar.GetAttr(), codes, [Vt.Vec3fArray([colour]) for colour in colours])


def _light(
    prim: Usd.Prim, codes: Sequence[float], looks: Sequence[_Look], lamps: Sequence[int]
) -> None:
    """Say how each material with a lamp shines; one that never does needs no word."""
    dark = Gf.Vec3f(0.0)
    for primvar, lamp, emission in sorted({lit for look in looks for lit in look.lit}):
        on = [bool(bits & lamp) for bits in lamps]
        if not any(on):
            continue
        made = UsdGeom.PrimvarsAPI(prim).CreatePrimvar(
            primvar, Sdf.ValueTypeNames.Color3f, UsdGeom.Tokens.constant
        )
        fill(made.GetAttr(), codes, [Gf.Vec3f(*emission) if lit else dark for lit in on])


def _look(scene: Scene, body: Body, prims: tuple[str, ...]) -> _Look:
    used = np.unique(body.mesh.materials).tolist()
    tinted = [scene.materials[k].albedo for k in used if scene.materials[k].tinted]
    lit = [(k, scene.materials[k]) for k in used if scene.materials[k].lamp is not Lamp.NONE]
    return _Look(
        albedo=tinted[0] if tinted else (1.0, 1.0, 1.0),
        lit=tuple((glow_primvar(prims[k]), int(each.lamp), each.emission) for k, each in lit),
    )


def _ids(actors: Actors) -> Vt.IntArray:
    return Vt.IntArray.FromNumpy(np.ascontiguousarray(actors.instance))


def _rgb(row: np.ndarray) -> Rgb:
    x, y, z = row.tolist()
    return x, y, z


def _check(actors: Actors, n_bodies: int, frame: int) -> None:
    if not len(actors.body):
        return
    if not 0 <= int(actors.body.min()) <= int(actors.body.max()) < n_bodies:
        raise InputError(
            "An actor names a body that does not exist.",
            where=f"frame {frame}",
            fix="Give the scene that the actors were made for.",
        )
    columns = (actors.world_from_body, actors.scale, actors.tint, actors.velocity_mps)
    for column in columns:
        bad = ~np.isfinite(column.reshape(len(column), -1)).all(axis=1)
        if bad.any():
            instance = int(actors.instance[int(np.argmax(bad))])
            raise InputError(
                "A number of an actor is not finite.", where=f"frame {frame}, actor {instance}"
            )
