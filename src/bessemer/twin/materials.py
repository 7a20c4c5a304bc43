"""Every material of the twin, in one list that ground and bodies share.

Albedos are linear reflectances of the real thing, roughly: fresh asphalt 0.05 to old 0.15, grass
0.05 to 0.10 in green, concrete 0.3 to 0.5, snow 0.8. Emissions are radiances in a unit in which
a white sheet in full sun gives about 1.
"""

from bessemer.core.errors import InputError
from bessemer.twin.classes import SemanticClass as C
from bessemer.twin.scene import Lamp, Material, Texture


def _plain(
    name: str,
    semantic: C,
    albedo: tuple[float, float, float],
    texture: Texture = Texture.PLAIN,
    *,
    tinted: bool = False,
    mirror_frac: float = 0.0,
) -> Material:
    return Material(
        name=name,
        semantic=semantic,
        albedo=albedo,
        texture=texture,
        tinted=tinted,
        mirror_frac=mirror_frac,
    )


def _lamp(
    name: str,
    semantic: C,
    lamp: Lamp,
    albedo: tuple[float, float, float],
    emission: tuple[float, float, float],
) -> Material:
    return Material(name=name, semantic=semantic, albedo=albedo, emission=emission, lamp=lamp)


GROUND = (
    _plain("asphalt", C.ROAD, (0.09, 0.09, 0.095), Texture.ASPHALT),
    _plain("asphalt_old", C.ROAD, (0.15, 0.15, 0.15), Texture.ASPHALT),
    _plain("cycleway", C.ROAD, (0.22, 0.07, 0.05), Texture.ASPHALT),
    _plain("marking", C.LANE_MARKING, (0.65, 0.65, 0.62), Texture.PAINT_WORN),
    _plain("marking_yellow", C.LANE_MARKING, (0.60, 0.42, 0.05), Texture.PAINT_WORN),
    _plain("sidewalk", C.SIDEWALK, (0.30, 0.29, 0.28), Texture.PAVING),
    _plain("kerb", C.SIDEWALK, (0.38, 0.38, 0.37), Texture.CONCRETE),
    _plain("grass", C.TERRAIN, (0.06, 0.11, 0.03), Texture.GRASS),
    _plain("field", C.TERRAIN, (0.17, 0.14, 0.07), Texture.FIELD),
    _plain("gravel", C.TERRAIN, (0.25, 0.24, 0.22), Texture.ASPHALT),
    _plain("earth", C.TERRAIN, (0.13, 0.09, 0.06), Texture.GRASS),
)

BESIDE = (
    _plain("brick", C.BUILDING, (0.28, 0.11, 0.07), Texture.BRICK),
    _plain("plaster", C.BUILDING, (0.55, 0.50, 0.42), Texture.PLASTER),
    _plain("plaster_grey", C.BUILDING, (0.42, 0.42, 0.42), Texture.PLASTER),
    _plain("facade_brick", C.BUILDING, (0.28, 0.11, 0.07), Texture.WINDOWS),
    _plain("facade_light", C.BUILDING, (0.58, 0.53, 0.45), Texture.WINDOWS),
    _plain("facade_grey", C.BUILDING, (0.35, 0.36, 0.38), Texture.WINDOWS),
    _plain("facade_yellow", C.BUILDING, (0.55, 0.42, 0.20), Texture.WINDOWS),
    _plain("roof_tile", C.BUILDING, (0.24, 0.08, 0.05), Texture.BRICK),
    _plain("roof_slate", C.BUILDING, (0.12, 0.12, 0.14), Texture.BRICK),
    _plain("concrete_wall", C.WALL, (0.38, 0.38, 0.36), Texture.CONCRETE),
    _plain("brick_wall", C.WALL, (0.25, 0.12, 0.08), Texture.BRICK),
    _plain("tunnel", C.TUNNEL, (0.28, 0.28, 0.27), Texture.CONCRETE),
    _plain("fence_wood", C.FENCE, (0.25, 0.17, 0.10), Texture.WOOD),
    _plain("guard_rail", C.FENCE, (0.45, 0.46, 0.48), mirror_frac=0.1),
    _plain("railing", C.FENCE, (0.12, 0.13, 0.13)),
    _plain("hedge", C.VEGETATION, (0.05, 0.10, 0.03), Texture.LEAVES),
    _plain("leaves", C.VEGETATION, (0.06, 0.12, 0.03), Texture.LEAVES),
    _plain("leaves_dark", C.VEGETATION, (0.03, 0.07, 0.03), Texture.LEAVES),
    _plain("bark", C.VEGETATION, (0.12, 0.09, 0.06), Texture.BARK),
    _plain("pole_metal", C.POLE, (0.30, 0.31, 0.32)),
    _plain("pole_wood", C.POLE, (0.20, 0.14, 0.09), Texture.WOOD),
    _plain("sign_white", C.TRAFFIC_SIGN, (0.75, 0.75, 0.75)),
    _plain("sign_red", C.TRAFFIC_SIGN, (0.55, 0.03, 0.03)),
    _plain("sign_blue", C.TRAFFIC_SIGN, (0.03, 0.10, 0.45)),
    _plain("sign_yellow", C.TRAFFIC_SIGN, (0.70, 0.50, 0.03)),
    _plain("sign_black", C.TRAFFIC_SIGN, (0.03, 0.03, 0.03)),
    _plain("sign_back", C.TRAFFIC_SIGN, (0.40, 0.41, 0.42)),
    _plain("signal_housing", C.TRAFFIC_LIGHT, (0.03, 0.03, 0.03)),
    _lamp("signal_red", C.TRAFFIC_LIGHT, Lamp.RED, (0.10, 0.01, 0.01), (3.0, 0.15, 0.1)),
    _lamp("signal_amber", C.TRAFFIC_LIGHT, Lamp.AMBER, (0.10, 0.06, 0.01), (3.0, 1.5, 0.1)),
    _lamp("signal_green", C.TRAFFIC_LIGHT, Lamp.GREEN, (0.01, 0.10, 0.04), (0.15, 2.6, 1.2)),
    _plain("plaster_yellow", C.BUILDING, (0.55, 0.42, 0.20), Texture.PLASTER),
    _plain("door", C.BUILDING, (0.10, 0.06, 0.04), Texture.WOOD),
    _lamp("street_bulb", C.POLE, Lamp.NONE, (0.7, 0.7, 0.65), (1.2, 1.0, 0.6)),
)


def _vehicle(kind: str, semantic: C) -> tuple[Material, ...]:
    """Return what a vehicle of a class is made of, lamps included."""
    return (
        _plain(f"{kind}/paint", semantic, (0.8, 0.8, 0.8), tinted=True, mirror_frac=0.08),
        _plain(f"{kind}/glass", semantic, (0.03, 0.035, 0.04), mirror_frac=0.3),
        _plain(f"{kind}/rubber", semantic, (0.02, 0.02, 0.02)),
        _plain(f"{kind}/metal", semantic, (0.35, 0.35, 0.36), mirror_frac=0.15),
        _plain(f"{kind}/dark", semantic, (0.04, 0.04, 0.04)),
        _plain(f"{kind}/white", semantic, (0.7, 0.7, 0.7)),
        _lamp(f"{kind}/head", semantic, Lamp.HEAD, (0.7, 0.7, 0.7), (6.0, 5.6, 5.0)),
        _lamp(f"{kind}/tail", semantic, Lamp.TAIL, (0.25, 0.02, 0.02), (0.8, 0.04, 0.03)),
        _lamp(f"{kind}/brake", semantic, Lamp.BRAKE, (0.25, 0.02, 0.02), (3.5, 0.15, 0.1)),
        _lamp(f"{kind}/left", semantic, Lamp.LEFT, (0.4, 0.2, 0.03), (3.0, 1.3, 0.05)),
        _lamp(f"{kind}/right", semantic, Lamp.RIGHT, (0.4, 0.2, 0.03), (3.0, 1.3, 0.05)),
        _lamp(f"{kind}/beacon", semantic, Lamp.BEACON, (0.05, 0.1, 0.4), (0.3, 0.8, 6.0)),
    )


def _living(kind: str, semantic: C) -> tuple[Material, ...]:
    """Return what a person or an animal is made of."""
    return (
        _plain(f"{kind}/cloth", semantic, (0.8, 0.8, 0.8), Texture.CLOTH, tinted=True),
        _plain(f"{kind}/trousers", semantic, (0.06, 0.07, 0.10), Texture.CLOTH),
        _plain(f"{kind}/skin", semantic, (0.45, 0.28, 0.20)),
        _plain(f"{kind}/hair", semantic, (0.06, 0.04, 0.03)),
        _plain(f"{kind}/shoes", semantic, (0.03, 0.03, 0.03)),
        _plain(f"{kind}/helmet", semantic, (0.5, 0.5, 0.5), mirror_frac=0.05),
    )


MOVING = (
    *_vehicle("car", C.CAR),
    *_vehicle("truck", C.TRUCK),
    *_vehicle("bus", C.BUS),
    *_vehicle("motorcycle", C.MOTORCYCLE),
    *_vehicle("bicycle", C.BICYCLE),
    *_living("person", C.PERSON),
    *_living("rider", C.RIDER),
    _plain("animal/fur", C.ANIMAL, (0.22, 0.14, 0.08), Texture.CLOTH, tinted=True),
    _plain("animal/dark", C.ANIMAL, (0.05, 0.04, 0.03)),
    _plain("debris/wood", C.DEBRIS, (0.28, 0.19, 0.11), Texture.WOOD),
    _plain("debris/rubber", C.DEBRIS, (0.02, 0.02, 0.02)),
    _plain("debris/card", C.DEBRIS, (0.32, 0.22, 0.13)),
    _plain("debris/metal", C.DEBRIS, (0.3, 0.3, 0.3)),
    _plain("cone/orange", C.DEBRIS, (0.75, 0.16, 0.02)),
    _plain("cone/white", C.DEBRIS, (0.8, 0.8, 0.8)),
    _plain("ego/paint", C.EGO, (0.05, 0.05, 0.06), mirror_frac=0.1),
    _plain("car/blue", C.CAR, (0.03, 0.08, 0.40), mirror_frac=0.08),
    _plain("truck/wood", C.TRUCK, (0.28, 0.19, 0.11), Texture.WOOD),
    _plain("person/vest", C.PERSON, (0.75, 0.32, 0.03), Texture.CLOTH),
    _plain("person/band", C.PERSON, (0.70, 0.70, 0.66), mirror_frac=0.1),
    _plain("cone/red", C.DEBRIS, (0.55, 0.03, 0.03)),
    _plain("debris/plastic", C.DEBRIS, (0.7, 0.7, 0.7), tinted=True),
    _lamp("tunnel_lamp", C.TUNNEL, Lamp.NONE, (0.7, 0.7, 0.65), (1.6, 1.4, 1.0)),
    _plain("animal/hide_red", C.ANIMAL, (0.20, 0.095, 0.040), Texture.CLOTH, tinted=True),
    _plain("animal/hide_white", C.ANIMAL, (0.60, 0.57, 0.52), tinted=True),
    _plain("animal/patch", C.ANIMAL, (0.035, 0.028, 0.025), tinted=True),
    _plain("animal/wool", C.ANIMAL, (0.62, 0.58, 0.50), Texture.CLOTH, tinted=True),
    _plain("animal/bristle", C.ANIMAL, (0.048, 0.040, 0.034), Texture.CLOTH, tinted=True),
    _plain("animal/fox", C.ANIMAL, (0.40, 0.13, 0.03), Texture.CLOTH, tinted=True),
)

MATERIALS: tuple[Material, ...] = (*GROUND, *BESIDE, *MOVING)
"""All of them; a scene of the twin carries this list whole. Append only at an end of a group."""

_INDEX = {material.name: index for index, material in enumerate(MATERIALS)}


def material_index(name: str) -> int:
    """Return where a material stands in :data:`MATERIALS`.

    Args:
        name: Its name.

    Returns:
        Its index.

    Raises:
        InputError: If there is none of that name.

    Example:
        >>> material_index("asphalt")
        0
    """
    if name not in _INDEX:
        raise InputError(
            f"There is no material {name!r}.",
            where="twin materials",
            fix=f"Take one of: {', '.join(sorted(_INDEX))}.",
        )
    return _INDEX[name]
