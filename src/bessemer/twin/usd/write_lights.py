"""Puts lights onto a stage: lamps of the street, the sun, the sky."""

from collections.abc import Sequence

import numpy as np
from pxr import Gf, Usd, UsdGeom, UsdLux

from bessemer.twin.conditions import Conditions
from bessemer.twin.render.light import Light, Rgb, light_of
from bessemer.twin.scene import StreetLamps
from bessemer.twin.usd.attributes import fill, put
from bessemer.twin.usd.layout import SKY, STREET_LAMPS

_BULB_M = 0.15
_BULB_GAIN_M2 = 5.0
"""What a bulb of radiance 1 sheds on a white sheet at 1 m, as the twin's renderer has it."""
_SUN_DEG = 0.53


def put_street_lamps(
    stage: Usd.Stage, lamps: StreetLamps, conditions: Sequence[Conditions]
) -> None:
    """Define a sphere of light a lamp, as bright as the first frame's dusk asks.

    Args:
        stage: Where.
        lamps: They.
        conditions: Those of each frame; without any, lamps are on.
    """
    UsdGeom.Scope.Define(stage, STREET_LAMPS)
    on_frac = light_of(conditions[0]).dark_frac if conditions else 1.0
    for k, (place, radiance) in enumerate(
        zip(lamps.position_m.tolist(), lamps.radiance.tolist(), strict=True)
    ):
        made = UsdLux.SphereLight.Define(stage, f"{STREET_LAMPS}/lamp_{k}")
        UsdGeom.Xformable(made).AddTranslateOp().Set(Gf.Vec3d(*place))
        made.CreateRadiusAttr(_BULB_M)
        made.CreateColorAttr(Gf.Vec3f(*radiance))
        made.CreateIntensityAttr(on_frac * _BULB_GAIN_M2 / _BULB_M**2)
        put(made.GetPrim(), "radiance", "color3f", tuple(radiance))


def put_sky(stage: Usd.Stage, conditions: Sequence[Conditions], codes: Sequence[float]) -> None:
    """Define the sun and an even sky, as a white sheet that looks up would see them.

    Args:
        stage: Where.
        conditions: Those of each frame.
        codes: Time code of each frame.
    """
    UsdGeom.Scope.Define(stage, SKY)
    known = {each: light_of(each) for each in set(conditions)}
    lights = [known[each] for each in conditions]
    sun = UsdLux.DistantLight.Define(stage, f"{SKY}/Sun")
    turned = UsdGeom.Xformable(sun).AddTransformOp().GetAttr()
    fill(turned, codes, [_turned_to(light.sun_direction) for light in lights])
    sun.CreateAngleAttr(_SUN_DEG)
    sun.CreateNormalizeAttr(True)
    sun.CreateIntensityAttr(float(np.pi))
    fill(sun.CreateColorAttr(), codes, [Gf.Vec3f(*light.sun_radiance) for light in lights])
    dome = UsdLux.DomeLight.Define(stage, f"{SKY}/Dome")
    fill(dome.CreateColorAttr(), codes, [_sky(light) for light in lights])


def _sky(light: Light) -> Gf.Vec3f:
    return Gf.Vec3f(*light.ambient_up)


def _turned_to(direction: Rgb) -> Gf.Matrix4d:
    """Return the transform of a light that shines from a direction; unturned it shines along -z."""
    return Gf.Matrix4d().SetRotate(Gf.Rotation(Gf.Vec3d(0, 0, 1), Gf.Vec3d(*direction)))
