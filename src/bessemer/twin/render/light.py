"""What light a drive's conditions give: sun, sky, air, and what lies on the ground.

Source: the sun's declination after Cooper, "The absorption of radiation in solar stills", Solar
Energy 1969; air mass after Kasten and Young, "Revised optical air mass tables ...", Applied Optics
1989; extinction from visibility after Koschmieder, 1924 (contrast falls to 2% at the visibility).
Colours of sky, cloud and twilight are chosen by eye. Radiances are linear RGB in a unit in which
a white sheet in full sun gives about 1. A night here is some 300 times darker than a day, not ten
million times: a camera's auto exposure spans no more, and neither do eight bits.
"""

from dataclasses import dataclass

import numpy as np

from bessemer.twin.conditions import Conditions, Season, Weather

Rgb = tuple[float, float, float]
"""Linear RGB, or a direction east, north, up."""

_DAY_OF_YEAR = {Season.SPRING: 110, Season.SUMMER: 202, Season.AUTUMN: 293, Season.WINTER: 20}
_NOON_H = 13.0
_DEPTH = np.array([0.10, 0.17, 0.32])  # optical depth of clean air, by channel
_LEAVES: dict[Season, Rgb] = {
    Season.SPRING: (1.3, 1.45, 0.9),
    Season.SUMMER: (1.0, 1.0, 1.0),
    Season.AUTUMN: (3.6, 1.25, 0.7),
    Season.WINTER: (1.7, 0.95, 1.5),
}
_GRASS: dict[Season, Rgb] = {
    Season.SPRING: (1.0, 1.25, 0.9),
    Season.SUMMER: (1.0, 1.0, 1.0),
    Season.AUTUMN: (1.7, 1.05, 1.1),
    Season.WINTER: (1.8, 0.95, 1.6),
}
_VISIBILITY_M = {  # at intensity 0 and at 1
    Weather.CLEAR: (40_000.0, 40_000.0),
    Weather.OVERCAST: (20_000.0, 12_000.0),
    Weather.RAIN: (6_000.0, 700.0),
    Weather.FOG: (300.0, 30.0),
    Weather.SNOW: (2_000.0, 200.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """All that shading needs to know of time and weather.

    Attributes:
        sun_direction: Towards the sun, in the world's frame.
        sun_elevation_rad: How high it stands; below 0 at night.
        sun_radiance: What a white sheet that faces it gives back.
        zenith: Radiance of the sky above.
        horizon: Radiance of the sky at the horizon.
        glow: Radiance added to the horizon under the sun.
        ambient_up: What a white sheet that looks up gets from the sky.
        ambient_down: What a white sheet that looks down gets from the ground.
        fog: Radiance of thick air.
        extinction_per_m: How fast air swallows what lies behind it.
        cloud_frac: Share of the sky in clouds.
        dark_frac: 0 by day to 1 by night: switches street lamps and windows.
        wet_frac: How wet the ground is.
        snow_frac: Share of the ground in snow.
        rain_frac: How strongly it rains.
        flakes_frac: How strongly it snows.
        leaf_tint: Factor on the albedo of leaves.
        grass_tint: Factor on the albedo of grass, and of fields where they are green.
    """

    sun_direction: Rgb
    sun_elevation_rad: float
    sun_radiance: Rgb
    zenith: Rgb
    horizon: Rgb
    glow: Rgb
    ambient_up: Rgb
    ambient_down: Rgb
    fog: Rgb
    extinction_per_m: float
    cloud_frac: float
    dark_frac: float
    wet_frac: float = 0.0
    snow_frac: float = 0.0
    rain_frac: float = 0.0
    flakes_frac: float = 0.0
    leaf_tint: Rgb = (1.0, 1.0, 1.0)
    grass_tint: Rgb = (1.0, 1.0, 1.0)


def sun_direction(conditions: Conditions) -> Rgb:
    """Return the direction towards the sun: east, north, up.

    Args:
        conditions: Hour, season and latitude.

    Returns:
        A unit vector; its last part is the sine of the sun's elevation.

    Example:
        >>> round(sun_direction(Conditions(hour=13.0))[1], 2)  # at noon it stands in the south
        -0.46
    """
    day = _DAY_OF_YEAR[conditions.season]
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + day) / 365)
    hour_angle = np.radians(15.0) * (conditions.hour - _NOON_H)
    latitude = np.radians(conditions.latitude_deg)
    sin_d, cos_d = np.sin(declination), np.cos(declination)
    sin_l, cos_l = np.sin(latitude), np.cos(latitude)
    return (
        float(-cos_d * np.sin(hour_angle)),
        float(cos_l * sin_d - sin_l * cos_d * np.cos(hour_angle)),
        float(sin_l * sin_d + cos_l * cos_d * np.cos(hour_angle)),
    )


def light_of(conditions: Conditions) -> Light:
    """Return the light of a drive's conditions.

    Args:
        conditions: Hour, weather, season, latitude.

    Returns:
        The light.

    Example:
        >>> light_of(Conditions(hour=1.0)).dark_frac
        1.0
    """
    direction = sun_direction(conditions)
    elevation = float(np.arcsin(direction[2]))
    cloud = _cloud_frac(conditions)
    day = _smooth(-0.13, 0.16, elevation)  # civil twilight ends at -6 degrees
    sun = _sun_radiance(elevation) * (1.0 - _smooth(0.45, 0.9, cloud))
    zenith, horizon, glow = _sky(elevation, day, cloud)
    ambient = 0.55 * zenith + 0.45 * horizon
    clear_metres, dense_metres = _VISIBILITY_M[conditions.weather]
    share = conditions.intensity_frac
    visibility_m = clear_metres * (dense_metres / clear_metres) ** share
    snow = 0.45 + 0.5 * share if conditions.weather is Weather.SNOW else 0.0
    bounce = 0.2 + 0.5 * snow
    wet = {Weather.RAIN: 0.5 + 0.5 * share, Weather.SNOW: 0.3, Weather.FOG: 0.15}
    return Light(
        sun_direction=direction,
        sun_elevation_rad=elevation,
        sun_radiance=_rgb(sun),
        zenith=_rgb(zenith),
        horizon=_rgb(horizon),
        glow=_rgb(glow),
        ambient_up=_rgb(ambient),
        ambient_down=_rgb(bounce * (ambient + max(direction[2], 0.0) * sun)),
        fog=_rgb(0.35 * zenith + 0.65 * horizon),
        extinction_per_m=3.912 / visibility_m,
        cloud_frac=cloud,
        dark_frac=1.0 - _smooth(-0.10, 0.06, elevation - 0.05 * cloud),
        wet_frac=wet.get(conditions.weather, 0.0),
        snow_frac=snow,
        rain_frac=share if conditions.weather is Weather.RAIN else 0.0,
        flakes_frac=share if conditions.weather is Weather.SNOW else 0.0,
        leaf_tint=_LEAVES[conditions.season],
        grass_tint=_GRASS[conditions.season],
    )


def _cloud_frac(conditions: Conditions) -> float:
    if conditions.weather is Weather.CLEAR:
        return 0.25
    if conditions.weather is Weather.FOG:
        return 0.75 + 0.25 * conditions.intensity_frac
    return 1.0


def _sun_radiance(elevation: float) -> np.ndarray:
    """Return the sun through the air: redder and weaker the lower it stands."""
    degrees = np.degrees(elevation)
    if degrees <= -0.8:
        return np.zeros(3)
    air_mass = 1.0 / (
        np.sin(max(elevation, 0.0)) + 0.50572 * (max(degrees, 0.0) + 6.07995) ** -1.6364
    )
    through = np.exp(-_DEPTH * np.minimum(air_mass, 20.0))
    sun: np.ndarray = 0.98 * through * _smooth(-0.8, 2.0, float(degrees))
    return sun


def _sky(elevation: float, day: float, cloud: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return zenith, horizon and the glow under the sun."""
    low = 1.0 - _smooth(0.02, 0.35, abs(elevation))  # dawn and dusk
    bright = 0.10 + 0.90 * _smooth(-0.05, 0.45, elevation)
    zenith = np.array([0.10, 0.19, 0.40]) * bright
    horizon = (1 - 0.4 * low) * np.array([0.47, 0.55, 0.62]) * bright
    horizon = horizon + low * np.array([0.10, 0.05, 0.03])
    glow = low * np.array([0.75, 0.30, 0.08]) * _smooth(-0.14, 0.02, elevation)
    grey = np.array([0.36, 0.38, 0.41]) * bright
    zenith = zenith + cloud**2 * (grey - zenith)
    horizon = horizon + cloud**2 * (1.05 * grey - horizon)
    night_zenith = np.array([0.0012, 0.0018, 0.0042])
    night_horizon = np.array([0.0045, 0.0045, 0.0055]) * (1 + 0.5 * cloud)
    return (
        night_zenith + day * (zenith - night_zenith),
        night_horizon + day * (horizon - night_horizon),
        day * (1.0 - cloud**2) * glow,
    )


def _smooth(start: float, end: float, value: float) -> float:
    """Rise from 0 to 1 between two values, flat at both ends."""
    share = min(max((value - start) / (end - start), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


def _rgb(colour: np.ndarray) -> Rgb:
    return (float(colour[0]), float(colour[1]), float(colour[2]))
