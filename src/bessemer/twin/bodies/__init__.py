"""Shapes made by code: cars, people, signs, cones, with a material and a class a triangle."""

from bessemer.twin.bodies.catalogue import (
    CATALOGUE,
    all_bodies,
    body_index,
    body_named,
    in_gait,
    names_to_put,
    pick_body,
    pick_tint,
    stretch_to,
)

__all__ = [
    "CATALOGUE",
    "all_bodies",
    "body_index",
    "body_named",
    "in_gait",
    "names_to_put",
    "pick_body",
    "pick_tint",
    "stretch_to",
]
