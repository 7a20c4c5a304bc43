"""The sun goes where astronomy says, and weather dims what it must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.render.light import light_of, sun_direction

ALL = st.builds(
    Conditions,
    hour=st.floats(0.0, 23.99),
    weather=st.sampled_from(Weather),
    intensity_frac=st.floats(0.0, 1.0),
    season=st.sampled_from(Season),
    latitude_deg=st.floats(-66.0, 66.0),
)


@given(conditions=ALL)
def test_light_is_finite_and_never_quite_gone(conditions: Conditions) -> None:
    light = light_of(conditions)
    assert np.isclose(np.linalg.norm(light.sun_direction), 1.0)
    for colour in (light.zenith, light.horizon, light.ambient_up, light.ambient_down, light.fog):
        assert np.isfinite(colour).all()
        assert min(colour) > 0.0
    assert 0.0 <= light.dark_frac <= 1.0
    assert light.extinction_per_m > 0.0


def test_the_sun_culminates_where_a_textbook_says() -> None:
    """Elevation at noon is 90 degrees - latitude + declination (20.6 degrees on 21 July)."""
    up = sun_direction(Conditions(hour=13.0, latitude_deg=48.0, season=Season.SUMMER))[2]
    assert np.degrees(np.arcsin(up)) == pytest.approx(90 - 48 + 20.6, abs=0.5)


def test_the_sun_rises_in_the_east_and_sets_in_the_west() -> None:
    assert sun_direction(Conditions(hour=8.0))[0] > 0.5
    assert sun_direction(Conditions(hour=18.0))[0] < -0.5


def test_the_light_falls_from_noon_over_dusk_to_night() -> None:
    noon, dusk, night = (light_of(Conditions(hour=hour)) for hour in (13.0, 20.4, 1.0))
    for earlier, later in ((noon, dusk), (dusk, night)):
        assert sum(earlier.ambient_up) > 2 * sum(later.ambient_up)
        assert earlier.dark_frac <= later.dark_frac
    assert sum(night.sun_radiance) == 0.0


@pytest.mark.parametrize(("share", "visibility_m"), [(0.0, 300.0), (1.0, 30.0)])
def test_fog_is_as_dense_as_its_intensity_says(share: float, visibility_m: float) -> None:
    light = light_of(Conditions(weather=Weather.FOG, intensity_frac=share))
    assert np.exp(-light.extinction_per_m * visibility_m) == pytest.approx(0.02, abs=1e-3)
