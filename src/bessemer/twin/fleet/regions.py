"""Where simulated vehicles live: networks, latitude, and weather by season."""

from dataclasses import dataclass, replace

from bessemer.twin.conditions import Season, Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where vehicles live.

    Attributes:
        code: ISO 3166 code that recordings carry.
        latitude_deg: How far north.
        networks: Networks and how often a drive takes place there.
        weathers: Weather by season and how often.
    """

    code: str
    latitude_deg: float
    networks: tuple[tuple[str, float], ...]
    weathers: tuple[tuple[Season, tuple[tuple[Weather, float], ...]], ...]


def _weathers(
    clear: float, overcast: float, rain: float, fog: float, snow: float
) -> tuple[tuple[Weather, float], ...]:
    return (
        (Weather.CLEAR, clear),
        (Weather.OVERCAST, overcast),
        (Weather.RAIN, rain),
        (Weather.FOG, fog),
        (Weather.SNOW, snow),
    )


REGIONS: tuple[Region, ...] = (
    Region(
        code="DE",
        latitude_deg=50.0,
        networks=(("town", 0.5), ("country", 0.3), ("motorway", 0.2)),
        weathers=(
            (Season.SPRING, _weathers(0.45, 0.30, 0.20, 0.05, 0.0)),
            (Season.SUMMER, _weathers(0.60, 0.25, 0.15, 0.00, 0.0)),
            (Season.AUTUMN, _weathers(0.30, 0.35, 0.22, 0.13, 0.0)),
            (Season.WINTER, _weathers(0.25, 0.35, 0.15, 0.10, 0.15)),
        ),
    ),
    Region(
        code="ES",
        latitude_deg=40.0,
        networks=(("town", 0.6), ("country", 0.2), ("motorway", 0.2)),
        weathers=(
            (Season.SPRING, _weathers(0.65, 0.20, 0.15, 0.00, 0.0)),
            (Season.SUMMER, _weathers(0.92, 0.06, 0.02, 0.00, 0.0)),
            (Season.AUTUMN, _weathers(0.60, 0.20, 0.17, 0.03, 0.0)),
            (Season.WINTER, _weathers(0.50, 0.30, 0.15, 0.05, 0.0)),
        ),
    ),
    Region(
        code="NO",
        latitude_deg=60.0,
        networks=(("town", 0.4), ("country", 0.5), ("motorway", 0.1)),
        weathers=(
            (Season.SPRING, _weathers(0.35, 0.30, 0.20, 0.05, 0.10)),
            (Season.SUMMER, _weathers(0.45, 0.30, 0.23, 0.02, 0.0)),
            (Season.AUTUMN, _weathers(0.20, 0.33, 0.35, 0.10, 0.02)),
            (Season.WINTER, _weathers(0.20, 0.25, 0.05, 0.05, 0.45)),
        ),
    ),
)
"""Three places with other weather; shares are rough, what matters is that they differ."""


def regions_on(network: str) -> tuple[Region, ...]:
    """Return the regions with one network for all their drives.

    Args:
        network: Its name, or a file's.

    Returns:
        The regions, their weather as it was.
    """
    return tuple(replace(region, networks=((network, 1.0),)) for region in REGIONS)
