# mypy: ignore-errors
# ruff: noqa: RUF046, SIM109, UP018
# Warp compiles these functions: its annotations are not Python's, `float(1.0)` is a variable where
# `1.0` is a constant, and it knows no tuples.
"""The ray caster: one kernel from rays to radiance, depth, class and instance.

What stands still is two trees: what lies (roads, fields) in large triangles, and what stands on it
in small ones; in one tree the large would be in every ray's way. Actors sit in a small hierarchy of
boxes; a ray that meets a box is moved into the body's frame and walks the body's own tree, so that
a hundred cars cost a hundred matrices and no triangles. Light
is a sun with shadows, a sky that is brighter above, the nearest street lamps, and head lamps as
beams; lamps cast no shadows.

Cost: a ray and a shadow ray a pixel; one more ray on wet roads.
"""

from typing import no_type_check

import warp as wp

from bessemer.twin.classes import SemanticClass
from bessemer.twin.render.textures import (
    FIELD,
    GRASS,
    LEAVES,
    PAINT_WORN,
    WINDOWS,
    lattice,
    noise,
    paint_left,
    pane,
    ripple,
    texture_factor,
)
from bessemer.twin.render.walk import Trees, any_met, first_met

wp.set_module_options({"enable_backward": False, "fast_math": True})

SKY = wp.constant(int(SemanticClass.SKY))
ROAD = wp.constant(int(SemanticClass.ROAD))
MARKING = wp.constant(int(SemanticClass.LANE_MARKING))
SIGN = wp.constant(int(SemanticClass.TRAFFIC_SIGN))
SIDEWALK = wp.constant(int(SemanticClass.SIDEWALK))
NOTHING = wp.constant(-2)
GROUND = wp.constant(-1)
FAR_M = wp.constant(4000.0)
SHADOW_M = wp.constant(250.0)


@no_type_check
@wp.struct
class Solids:
    """All that a ray can meet; one row a triangle in ``materials``, one an actor from there on."""

    trees: Trees
    standing: wp.int32
    lying: wp.int32
    materials: wp.array[wp.int32]
    boxes: wp.uint64
    actors: wp.int32
    tree: wp.array[wp.int32]
    mesh: wp.array[wp.uint64]
    body_from_world: wp.array[wp.mat44]
    instance: wp.array[wp.int32]
    tint: wp.array[wp.vec3]
    lamps: wp.array[wp.int32]


@no_type_check
@wp.struct
class Stuff:
    """Materials, one row each."""

    albedo: wp.array[wp.vec3]
    emission: wp.array[wp.vec3]
    semantic: wp.array[wp.int32]
    lamp: wp.array[wp.int32]
    texture: wp.array[wp.int32]
    tinted: wp.array[wp.int32]
    mirror: wp.array[wp.float32]


@no_type_check
@wp.struct
class Lit:
    """An instant's :class:`bessemer.twin.render.light.Light`, and the lamps that are near."""

    sun_direction: wp.vec3
    sun: wp.vec3
    zenith: wp.vec3
    horizon: wp.vec3
    glow: wp.vec3
    ambient_up: wp.vec3
    ambient_down: wp.vec3
    fog: wp.vec3
    leaf_tint: wp.vec3
    grass_tint: wp.vec3
    extinction: wp.float32
    cloud: wp.float32
    dark: wp.float32
    wet: wp.float32
    snow: wp.float32
    worn: wp.float32
    bulbs: wp.int32
    bulb_at: wp.array[wp.vec3]
    bulb: wp.array[wp.vec3]
    beams: wp.int32
    beam_at: wp.array[wp.vec3]
    beam_ahead: wp.array[wp.vec3]
    beam: wp.array[wp.vec3]
    roofs: wp.int32
    roof_from_world: wp.array[wp.mat44]
    roof_low: wp.array[wp.vec3]
    roof_high: wp.array[wp.vec3]


@no_type_check
@wp.struct
class Hit:
    """What a ray met: an actor's row, GROUND or NOTHING; the normal is in the body's frame."""

    t: wp.float32
    actor: wp.int32
    face: wp.int32
    normal: wp.vec3


@no_type_check
@wp.struct
class Skin:
    """A surface at a point."""

    albedo: wp.vec3
    emission: wp.vec3
    mirror: wp.float32
    semantic: wp.int32


@no_type_check
@wp.func
def meet(solids: Solids, start: wp.vec3, ahead: wp.vec3, reach_m: float) -> Hit:
    """Return the nearest thing on a ray."""
    hit = Hit()
    hit.actor = NOTHING
    hit.t = reach_m
    house = first_met(solids.trees, solids.standing, start, ahead, hit.t)
    if house.face >= 0:
        hit.t = house.t
        hit.actor = GROUND
        hit.face = house.face
    road = first_met(solids.trees, solids.lying, start, ahead, hit.t)
    if road.face >= 0:
        hit.t = road.t
        hit.actor = GROUND
        hit.face = road.face
    if solids.actors > 0:
        query = wp.bvh_query_ray(solids.boxes, start, ahead)
        row = int(0)
        while wp.bvh_query_next(query, row, hit.t):
            into = solids.body_from_world[row]
            body = first_met(
                solids.trees,
                solids.tree[row],
                wp.transform_point(into, start),
                wp.transform_vector(into, ahead),
                hit.t,
            )
            if body.face >= 0:
                hit.t = body.t
                hit.actor = row
                hit.face = body.face
    if hit.actor != NOTHING:
        hit.normal = solids.trees.normals[hit.face]
    return hit


@no_type_check
@wp.func
def hidden(solids: Solids, start: wp.vec3, ahead: wp.vec3) -> float:
    """Return 1 if anything stands between a point and the sun."""
    if any_met(solids.trees, solids.standing, start, ahead, SHADOW_M):
        return 1.0
    if any_met(solids.trees, solids.lying, start, ahead, SHADOW_M):
        return 1.0
    if solids.actors > 0:
        query = wp.bvh_query_ray(solids.boxes, start, ahead)
        row = int(0)
        while wp.bvh_query_next(query, row, SHADOW_M):
            into = solids.body_from_world[row]
            if any_met(
                solids.trees,
                solids.tree[row],
                wp.transform_point(into, start),
                wp.transform_vector(into, ahead),
                SHADOW_M,
            ):
                return 1.0
    return 0.0


@no_type_check
@wp.func
def sky(lit: Lit, ahead: wp.vec3, disc: float) -> wp.vec3:
    """Return the radiance of the sky in a direction, with the sun itself if ``disc`` is 1."""
    up = wp.clamp(ahead[2], 0.0, 1.0)
    low = wp.exp(-4.5 * up)
    colour = wp.lerp(lit.zenith, lit.horizon, low)
    beside = wp.max(wp.dot(ahead, lit.sun_direction), 0.0)
    colour = colour + lit.glow * (low * wp.pow(beside, 4.0))
    if up > 0.01 and lit.cloud > 0.0:
        x = ahead[0] / (up + 0.12)
        y = ahead[1] / (up + 0.12)
        puff = 0.6 * noise(x * 0.9, y * 0.9) + 0.28 * noise(x * 2.3, y * 2.3)
        puff = puff + 0.12 * noise(x * 6.1, y * 6.1)
        cover = wp.clamp((puff - 0.75 + 0.6 * lit.cloud) * 3.0, 0.0, 1.0)
        white = lit.ambient_up * 0.9 + lit.sun * 0.35 + lit.glow * 0.3
        shade = 0.8 + 0.5 * (puff - 0.5)
        colour = wp.lerp(colour, white * shade, cover * (1.0 - low) * 0.9)
    if lit.sun[0] > 0.0:
        colour = colour + lit.sun * (0.5 * wp.pow(beside, 180.0) + 0.12 * wp.pow(beside, 12.0))
        if beside > 0.99990:
            colour = colour + lit.sun * (40.0 * disc)
    thick = wp.exp(-lit.extinction * 90.0 / wp.max(up, 0.01))
    return wp.lerp(lit.fog, colour, thick)


@no_type_check
@wp.func
def skin_of(
    stuff: Stuff,
    lit: Lit,
    material: int,
    still: int,
    tint: wp.vec3,
    lamps: int,
    place: wp.vec3,
    normal: wp.vec3,
    pixel_m: float,
) -> Skin:
    """Return the surface of a material at a place in its own frame."""
    skin = Skin()
    skin.semantic = stuff.semantic[material]
    skin.mirror = stuff.mirror[material]
    albedo = stuff.albedo[material]
    if stuff.tinted[material] != 0:
        albedo = wp.cw_mul(albedo, tint)
    u = place[0]
    v = place[1]
    if wp.abs(normal[2]) < 0.7:
        across = wp.normalize(wp.vec3(-normal[1], normal[0], 0.0))
        u = wp.dot(place, across)
        v = place[2]
    kind = stuff.texture[material]
    if kind == LEAVES:
        u = place[0] + 0.71 * place[2]
        v = place[1] - 0.53 * place[2]
        albedo = wp.cw_mul(albedo, lit.leaf_tint)
    if (kind == GRASS or kind == FIELD) and albedo[1] > albedo[0]:  # ploughed earth stays brown
        albedo = wp.cw_mul(albedo, lit.grass_tint)
    emission = stuff.emission[material]
    if kind == WINDOWS:
        if wp.abs(normal[2]) < 0.7:
            glass = pane(u, v, pixel_m)
            share = glass[0]
            dim = 0.02 + 0.05 * glass[1]
            albedo = wp.lerp(albedo * (1.0 + 0.2 * ripple(u, v, 3.0, pixel_m)), wp.vec3(dim), share)
            warm = wp.vec3(0.30, 0.20 + 0.05 * glass[1], 0.08 + 0.10 * glass[1])
            emission = warm * (share * glass[2] * lit.dark)
            skin.mirror = 0.35 * share
    elif kind == PAINT_WORN:
        left = paint_left(u, v, lit.worn, pixel_m)
        albedo = wp.lerp(wp.vec3(0.10, 0.10, 0.10), albedo, left)
        if left < 0.5:
            skin.semantic = ROAD
    elif kind != 0:
        albedo = wp.cw_mul(albedo, texture_factor(kind, u, v, pixel_m))
    lamp = stuff.lamp[material]
    if lamp != 0:
        if (lamps & lamp) == 0:
            emission = wp.vec3(0.0)
    elif still != 0 and kind != WINDOWS:
        emission = emission * lit.dark
    skin.albedo = albedo
    skin.emission = emission
    return skin


@no_type_check
@wp.func
def lamplight(lit: Lit, at: wp.vec3, normal: wp.vec3) -> wp.vec3:
    """Return what street lamps and head lamps shed on a point."""
    shed = wp.vec3(0.0)
    for i in range(lit.bulbs):
        to = lit.bulb_at[i] - at
        square = wp.dot(to, to)
        if square < 1600.0 and to[2] > 0.0:
            way = to / wp.sqrt(square + 1.0e-6)
            facing = 0.15 + 0.85 * wp.max(wp.dot(way, normal), 0.0)
            shed = shed + lit.bulb[i] * (lit.dark * facing * way[2] / (square + 4.0))
    for i in range(lit.beams):
        off = at - lit.beam_at[i]
        square = wp.dot(off, off)
        if square < 6400.0 and wp.dot(off, lit.beam_ahead[i]) > 0.0:
            way = off / wp.sqrt(square + 1.0e-6)
            front = lit.beam_ahead[i]
            side = way[0] * front[1] - way[1] * front[0]
            rise = way[2] - front[2]
            cut = wp.clamp(0.5 - rise / 0.04, 0.04, 1.0)
            spread = wp.exp(-side * side * 9.0 - rise * rise * 12.0) * cut
            facing = 0.1 + 0.9 * wp.max(-wp.dot(way, normal), 0.0)
            if normal[2] > 0.8:
                facing = facing + 0.25  # asphalt is rough: it gives back at grazing angles too
            shed = shed + lit.beam[i] * (spread * facing / (square + 60.0))
    return shed


@no_type_check
@wp.func
def nearness(solids: Solids, at: wp.vec3) -> float:
    """Return how much of the sky the things that stand on a piece of ground leave to it."""
    left = float(1.0)
    reach = wp.vec3(0.7, 0.7, 0.7)
    query = wp.bvh_query_aabb(solids.boxes, at - reach, at + reach)
    row = int(0)
    while wp.bvh_query_next(query, row):
        local = wp.transform_point(solids.body_from_world[row], at)
        near = wp.mesh_query_point_no_sign(solids.mesh[row], local + wp.vec3(0.0, 0.0, 0.1), 0.9)
        if near.result:
            spot = wp.mesh_eval_position(solids.mesh[row], near.face, near.u, near.v)
            gap = wp.length(spot - local)
            left = wp.min(left, 0.25 + 0.75 * wp.clamp(gap / 0.8, 0.0, 1.0))
    return left


@no_type_check
@wp.func
def roof_over(lit: Lit, at: wp.vec3) -> int:
    """Return the tunnel that a point is in, or -1."""
    for i in range(lit.roofs):
        local = wp.transform_point(lit.roof_from_world[i], at)
        low = lit.roof_low[i]
        high = lit.roof_high[i]
        if (
            local[0] >= low[0]
            and local[1] >= low[1]
            and local[0] <= high[0]
            and local[1] <= high[1]
            and local[2] <= high[2]
        ):
            return i
    return -1


@no_type_check
@wp.func
def under_roof(lit: Lit, at: wp.vec3) -> float:
    """Return the share of the sky that a point sees: little inside of a tunnel.

    A tunnel may be many pieces: what counts is how much of 24 m before and behind has no roof.
    """
    roof = roof_over(lit, at)
    if roof < 0:
        return 1.0
    way = wp.transpose(lit.roof_from_world[roof])
    along = wp.normalize(wp.vec3(way[0, 0], way[1, 0], way[2, 0]))
    near = float(24.0)
    for k in range(1, 9):
        for side in range(2):
            off = 3.0 * float(k) * (2.0 * float(side) - 1.0)
            if off * off < near * near and roof_over(lit, at + along * off) < 0:
                near = wp.abs(off)
    return 0.05 + 0.95 * wp.exp(-near / 5.0)


@no_type_check
@wp.func
def glimpse(solids: Solids, stuff: Stuff, lit: Lit, start: wp.vec3, ahead: wp.vec3) -> wp.vec3:
    """Return roughly what a puddle mirrors: sky, lamps, and things in flat light."""
    hit = meet(solids, start, ahead, 120.0)
    if hit.actor == NOTHING:
        return sky(lit, ahead, 0.0)
    at = start + ahead * hit.t
    still = wp.where(hit.actor < 0, 1, 0)
    tint = wp.vec3(1.0)
    lamps = int(0)
    material = solids.materials[hit.face]
    if hit.actor >= 0:
        tint = solids.tint[hit.actor]
        lamps = solids.lamps[hit.actor]
        at = wp.transform_point(solids.body_from_world[hit.actor], at)
    skin = skin_of(stuff, lit, material, still, tint, lamps, at, hit.normal, 1.0)
    ambient = 0.6 * lit.ambient_up + 0.4 * lit.ambient_down
    return wp.cw_mul(skin.albedo, ambient) + skin.emission


@no_type_check
@wp.func
def snowed(lit: Lit, skin: Skin, at: wp.vec3, up: float, still: int, pixel_m: float) -> wp.vec3:
    """Return an albedo with snow on what looks up; tyres keep part of the road free."""
    cover = lit.snow * wp.clamp(up * 2.5 - 0.75, 0.0, 1.0)
    patch = noise(at[0] / 2.2, at[1] / 2.2)
    if skin.semantic == ROAD or skin.semantic == MARKING:
        cover = cover * wp.clamp(0.1 + 0.75 * lit.snow + 1.1 * (patch - 0.5), 0.0, 1.0)
    elif still == 0:
        cover = cover * 0.5
    else:
        cover = wp.clamp(cover * (1.25 - 0.5 * patch), 0.0, 1.0)
    white = wp.vec3(0.78, 0.80, 0.84) * (1.0 + 0.15 * ripple(at[0], at[1], 0.8, pixel_m))
    return wp.lerp(skin.albedo, white, cover)


@no_type_check
@wp.kernel
def look(
    solids: Solids,
    stuff: Stuff,
    lit: Lit,
    rays: wp.array[wp.vec3],
    camera: wp.array[wp.int32],
    world_from_camera: wp.array[wp.mat44],
    pixel_rad: wp.array[wp.float32],
    radiance: wp.array[wp.vec3],
    depth_m: wp.array[wp.float32],
    semantic: wp.array[wp.uint8],
    instance: wp.array[wp.int32],
):
    """Cast one ray a pixel of all cameras and write what it meets."""
    i = wp.tid()
    pose = world_from_camera[camera[i]]
    start = wp.transform_point(pose, wp.vec3(0.0))
    ahead = wp.transform_vector(pose, rays[i])
    hit = meet(solids, start, ahead, FAR_M)
    if hit.actor == NOTHING:
        radiance[i] = sky(lit, ahead, 1.0)
        depth_m[i] = wp.inf
        semantic[i] = wp.uint8(SKY)
        instance[i] = 0
        return
    depth_m[i] = hit.t * rays[i][2]
    at = start + ahead * hit.t
    normal = hit.normal
    place = at
    still = int(1)
    tint = wp.vec3(1.0)
    lamps = int(0)
    material = solids.materials[hit.face]
    who = int(0)
    if hit.actor >= 0:
        into = solids.body_from_world[hit.actor]
        place = wp.transform_point(into, at)
        normal = wp.normalize(wp.transform_vector(wp.transpose(into), hit.normal))
        tint = solids.tint[hit.actor]
        lamps = solids.lamps[hit.actor]
        who = solids.instance[hit.actor]
        still = 0
    instance[i] = who
    facing = -wp.dot(normal, ahead)
    if facing < 0.0:
        normal = -normal
        facing = -facing
    pixel_m = hit.t * pixel_rad[camera[i]] / wp.clamp(facing, 0.12, 1.0)
    skin = skin_of(stuff, lit, material, still, tint, lamps, place, hit.normal, pixel_m)
    semantic[i] = wp.uint8(skin.semantic)
    albedo = skin.albedo
    if lit.snow > 0.0 and normal[2] > 0.3:
        albedo = snowed(lit, skin, at, normal[2], still, pixel_m)
    paved = still != 0 and normal[2] > 0.9
    if paved and lit.wet > 0.0:
        albedo = albedo * (1.0 - 0.5 * lit.wet)
    open_share = under_roof(lit, at)
    lift = wp.max(hit.t * 2.0e-4, 2.0e-3)
    outside = at + normal * lift
    soft = 0.5 + 0.5 * normal[2]
    ambient = wp.lerp(lit.ambient_down, lit.ambient_up, soft) * open_share
    if paved:
        if solids.actors > 0 and hit.t < 60.0:
            ambient = ambient * nearness(solids, at)
    elif still == 0:
        ambient = ambient * wp.clamp(0.55 + 0.6 * place[2], 0.3, 1.0)
    else:
        ambient = ambient * wp.clamp(0.65 + 0.1 * place[2], 0.5, 1.0)
    # The tubes of a tunnel, spread evenly.
    light = ambient + wp.vec3(0.055, 0.05, 0.038) * (1.0 - open_share)
    direct = wp.dot(normal, lit.sun_direction)
    if lit.sun[0] > 0.0 and direct > 0.0:
        light = light + lit.sun * (direct * (1.0 - hidden(solids, outside, lit.sun_direction)))
    if lit.dark > 0.0 or open_share < 0.7:
        lamps_light = lamplight(lit, at, normal)
        if skin.semantic == SIGN:
            lamps_light = lamps_light * 5.0  # signs throw light back to where it came from
        light = light + lamps_light
    colour = wp.cw_mul(albedo, light) + skin.emission
    grazing = 1.0 - facing
    fresnel = grazing * grazing * grazing * grazing * grazing
    if skin.mirror > 0.0:
        back = ahead + normal * (2.0 * facing)
        seen = sky(lit, back, 0.0)
        if back[2] < 0.0:
            seen = lit.ambient_down
        else:
            seen = wp.lerp(lit.ambient_down, seen, wp.clamp(back[2] * 5.0 + 0.2, 0.0, 1.0))
        colour = colour + seen * (skin.mirror * (0.35 + 0.65 * fresnel) * open_share)
    if paved and lit.wet > 0.0 and skin.semantic <= SIDEWALK:
        puddle = 0.35 + 0.65 * noise(at[0] / 3.1, at[1] / 3.1)
        share = wp.min(lit.wet * puddle * (0.03 + 0.6 * fresnel), 0.45)
        if share > 0.02:
            dx = 0.05 * noise(at[0] * 7.0, at[1] * 7.0) + 0.03 * lattice(i, 3) - 0.04
            dy = 0.05 * noise(at[0] * 7.0 + 71.0, at[1] * 7.0) + 0.03 * lattice(i, 5) - 0.04
            up = wp.normalize(wp.vec3(normal[0] + dx, normal[1] + dy, normal[2]))
            back = wp.normalize(ahead - up * (2.0 * wp.dot(up, ahead)))
            if back[2] > 0.0:
                colour = colour * (1.0 - share) + glimpse(solids, stuff, lit, outside, back) * (
                    share * open_share
                )
    clear = wp.exp(-lit.extinction * hit.t)
    radiance[i] = wp.lerp(lit.fog * open_share, colour, clear)
