"""Weather, light and season: what changes the picture while the road stays the same."""

from dataclasses import dataclass
from enum import StrEnum

from bessemer.core.errors import InputError


class Weather(StrEnum):
    """What falls from the sky, or hangs in the air."""

    CLEAR = "clear"
    OVERCAST = "overcast"
    RAIN = "rain"
    FOG = "fog"
    SNOW = "snow"


class Season(StrEnum):
    """What trees and fields look like."""

    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The conditions of a drive.

    Attributes:
        hour: Time of day in [0, 24); the sun stands highest at 13.
        weather: What falls.
        intensity_frac: How strongly it falls, or how dense the fog is; of no meaning when clear.
        season: What leaves look like.
        latitude_deg: Where; with the season and the hour it says how high the sun stands.
    """

    hour: float = 12.0
    weather: Weather = Weather.CLEAR
    intensity_frac: float = 0.5
    season: Season = Season.SUMMER
    latitude_deg: float = 48.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 0.0 <= self.hour < 24.0:
            raise InputError(f"An hour lies in [0, 24), not {self.hour}.", where="Conditions")
        if not 0.0 <= self.intensity_frac <= 1.0:
            raise InputError(
                f"intensity_frac is a share in [0, 1], not {self.intensity_frac}.",
                where="Conditions",
            )
        if not -66.0 <= self.latitude_deg <= 66.0:
            raise InputError(
                "The twin has no polar night: a latitude lies within 66 degrees.",
                where="Conditions",
            )
