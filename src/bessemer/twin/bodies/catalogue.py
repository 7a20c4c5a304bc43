"""All bodies in one tuple, and which of them traffic may be.

Traffic comes from a simulation that knows kinds and sizes; :func:`pick_body` gives each of its
agents a shape by its name, the same one in every run, and :func:`stretch_to` fits the shape to it.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from types import MappingProxyType

from bessemer.core.errors import NotFoundError
from bessemer.twin.bodies.animals import animals
from bessemer.twin.bodies.cars import cars
from bessemer.twin.bodies.heavy import heavies
from bessemer.twin.bodies.people import ADULT, GAIT_PHASES, people
from bessemer.twin.bodies.things import things
from bessemer.twin.bodies.two_wheelers import two_wheelers
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body
from bessemer.twin.stage import AgentKind

MOST_STRETCH = 1.35
"""By how much a side may be drawn out before the shape no longer looks like itself."""

STRIDE_FRAC = 0.8
"""Two steps of a walk, as a share of the walker's height."""

STILL_MPS = 0.15
"""Below this speed a person stands."""

Size = tuple[float, float, float]


CATALOGUE: Mapping[AgentKind, tuple[str, ...]] = MappingProxyType(
    {
        AgentKind.CAR: (
            *("car/hatch",) * 6,
            *("car/suv",) * 5,
            *("car/saloon",) * 4,
            *("car/estate",) * 3,
            "car/van",
        ),
        AgentKind.TRUCK: ("truck/box", "truck/semi", "truck/tipper", "truck/flatbed"),
        AgentKind.BUS: ("bus/city",),
        AgentKind.MOTORCYCLE: ("motorcycle/road",),
        AgentKind.BICYCLE: ("bicycle/city", "bicycle/city", "bicycle/sport"),
        AgentKind.PEDESTRIAN: (
            *("person/adult",) * 7,
            *("person/coat",) * 6,
            *("person/child",) * 2,
            "person/stroller",
        ),
        AgentKind.EMERGENCY: ("emergency/police", "emergency/ambulance"),
    }
)
"""What each kind of traffic can look like; what is common stands more than once.

People stand here without the phase of their gait, which :func:`in_gait` adds. What is rare by
design, such as a load that sticks out, is left to events.
"""

_PAINTS: tuple[tuple[float, Size], ...] = (
    (24, (0.85, 0.85, 0.83)),
    (20, (0.035, 0.035, 0.04)),
    (18, (0.17, 0.175, 0.18)),
    (12, (0.45, 0.46, 0.47)),
    (9, (0.03, 0.07, 0.22)),
    (7, (0.42, 0.03, 0.03)),
    (4, (0.04, 0.13, 0.09)),
    (3, (0.33, 0.25, 0.15)),
    (2, (0.65, 0.38, 0.03)),
    (1, (0.10, 0.40, 0.55)),
)
_CLOTHES: tuple[tuple[float, Size], ...] = (
    (22, (0.05, 0.05, 0.06)),
    (16, (0.06, 0.08, 0.16)),
    (12, (0.22, 0.22, 0.23)),
    (10, (0.60, 0.58, 0.54)),
    (9, (0.16, 0.14, 0.09)),
    (8, (0.40, 0.04, 0.05)),
    (7, (0.10, 0.20, 0.42)),
    (6, (0.08, 0.18, 0.10)),
    (5, (0.55, 0.35, 0.08)),
    (5, (0.42, 0.16, 0.24)),
)


@cache
def all_bodies() -> tuple[Body, ...]:
    """Return every body of the twin, in an order that stays.

    Returns:
        The bodies; actors name them by their place here.
    """
    return (*cars(), *heavies(), *two_wheelers(), *people(), *animals(), *things())


@cache
def _places() -> dict[str, int]:
    return {body.name: place for place, body in enumerate(all_bodies())}


def body_index(name: str) -> int:
    """Return where a body stands in :func:`all_bodies`.

    Args:
        name: Its name; that of a person without a phase is the standing one.

    Returns:
        Its index.

    Raises:
        NotFoundError: If there is none of that name; it names those that there are.

    Example:
        >>> all_bodies()[body_index("truck/semi")].name
        'truck/semi'
        >>> all_bodies()[body_index("person/child")].name
        'person/child/stand'
    """
    places = _places()
    for full in (name, f"{name}/stand"):
        if full in places:
            return places[full]
    raise NotFoundError.among("body", name, places, where="twin bodies")


def body_named(name: str) -> Body:
    """Return a body by its name; raises what :func:`body_index` raises."""
    return all_bodies()[body_index(name)]


@cache
def names_to_put() -> tuple[str, ...]:
    """Return the names that whoever puts bodies on the road chooses from: gaits are left out."""
    return tuple(dict.fromkeys(_without_gait(body.name) for body in all_bodies()))


def _without_gait(name: str) -> str:
    return "/".join(name.split("/")[:2])


def stretch_to(name: str, size_m: Size) -> Size:
    """Return the scale that fits a body to the size of an agent.

    A simulation gives people and two-wheelers boxes that no walking or riding body fills, so they
    keep their proportions: a two-wheeler is fitted by its length, and people all by an adult's
    height, so that a child stays small. All else is fitted side by side.

    Args:
        name: Of the body.
        size_m: Length, width and height of the agent.

    Returns:
        Stretch along the body's axes.
    """
    body = body_named(name)
    sides = [wanted / own for wanted, own in zip(size_m, body.size_m, strict=True)]
    if body.semantic is SemanticClass.PERSON:
        tall = size_m[2] / ADULT.height_m
        return (tall, tall, tall)
    if body.semantic in (SemanticClass.BICYCLE, SemanticClass.MOTORCYCLE):
        return (sides[0], sides[0], sides[0])
    return (sides[0], sides[1], sides[2])


def _worst_stretch(name: str, size_m: Size) -> float:
    return max(max(side, 1.0 / side) for side in stretch_to(name, size_m))


def _chance(key: str, salt: str) -> float:
    """Return a number in [0, 1) that a key always gets."""
    digest = blake2b(f"{salt}\n{key}".encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / 2**56


def pick_body(kind: AgentKind, size_m: Size, key: str) -> str:
    """Return the body of an agent, of those that fit its size.

    Args:
        kind: What the agent is.
        size_m: Its length, width and height.
        key: Its name: the same name gets the same body.

    Returns:
        A name of the catalogue. Where none fits within :data:`MOST_STRETCH`, the nearest.

    Example:
        >>> pick_body(AgentKind.TRUCK, (16.5, 2.6, 4.0), "flow.3")
        'truck/semi'
    """
    worst = {name: _worst_stretch(name, size_m) for name in CATALOGUE[kind]}
    limit = max(MOST_STRETCH, min(worst.values()))
    fitting = [name for name in CATALOGUE[kind] if worst[name] <= limit]
    return fitting[int(_chance(key, "body") * len(fitting))]


def pick_tint(kind: AgentKind, key: str) -> Size:
    """Return the paint of an agent's vehicle, or the colour of its jacket, linear RGB.

    Args:
        kind: What the agent is.
        key: Its name: the same name gets the same colour.

    Returns:
        As common as such colours are on the road, roughly.
    """
    dressed = kind in (AgentKind.PEDESTRIAN, AgentKind.BICYCLE, AgentKind.MOTORCYCLE)
    left = _chance(key, "tint") * 100
    for weight, colour in _CLOTHES if dressed else _PAINTS:
        left -= weight
        if left < 0:
            return colour
    raise AssertionError("the shares of colours do not add up to 100")


@cache
def walks(name: str) -> bool:
    """Return whether a body, with or without a phase, is one of those that walk."""
    return f"{_without_gait(name)}/stand" in _places()


def in_gait(name: str, walked_m: float, speed_mps: float) -> str:
    """Return the body that a walker has at this point of its way.

    Args:
        name: Of a person, with or without a phase; bodies that do not walk stay as they are.
        walked_m: How far it has come.
        speed_mps: How fast it goes.

    Returns:
        The body of the gait's phase, or the standing one.

    Example:
        >>> in_gait("person/adult", 0.0, 1.4), in_gait("person/adult/2", 3.0, 0.0)
        ('person/adult/0', 'person/adult/stand')
    """
    if not walks(name):
        return name
    stem = _without_gait(name)
    if speed_mps < STILL_MPS:
        return f"{stem}/stand"
    stride_m = STRIDE_FRAC * body_named(stem).size_m[2]
    return f"{stem}/{int(walked_m / stride_m * GAIT_PHASES) % GAIT_PHASES}"
