# mypy: ignore-errors
# ruff: noqa: RUF046, UP018
# Warp compiles these functions: its annotations are not Python's, and `int(0)` is a variable.
"""Counts how many pixels each actor would fill if nothing stood before it: what is hidden of it.

A ray goes on through all that it meets, so that an actor's count does not depend on the others; the
one that sees a mesh in :mod:`bessemer.twin.render.kernels` counts here too, by the same test.

Cost: one ray a pixel against the actors' boxes alone, without shadows or colour.
"""

from typing import no_type_check

import warp as wp

from bessemer.twin.render.kernels import FAR_M, Solids
from bessemer.twin.render.walk import any_met

wp.set_module_options({"enable_backward": False, "fast_math": True})


@no_type_check
@wp.kernel
def count_silhouettes(
    solids: Solids,
    counted: wp.array[wp.int32],
    rays: wp.array[wp.vec3],
    camera: wp.array[wp.int32],
    world_from_camera: wp.array[wp.mat44],
    pixels: wp.array2d[wp.int32],
):
    """Add 1 to ``pixels[camera, row]`` for each counted actor's row that a pixel's ray meets."""
    i = wp.tid()
    pose = world_from_camera[camera[i]]
    start = wp.transform_point(pose, wp.vec3(0.0))
    ahead = wp.transform_vector(pose, rays[i])
    query = wp.bvh_query_ray(solids.boxes, start, ahead)
    row = int(0)
    while wp.bvh_query_next(query, row, FAR_M):
        if counted[row] != 0:
            into = solids.body_from_world[row]
            if any_met(
                solids.trees,
                solids.tree[row],
                wp.transform_point(into, start),
                wp.transform_vector(into, ahead),
                FAR_M,
            ):
                wp.atomic_add(pixels, camera[i], row, 1)
