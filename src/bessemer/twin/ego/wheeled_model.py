"""The wheeled car as MuJoCo's XML: a chassis on four springs, and four wheels.

Masses and lengths are those of a usual car of the middle class. The body's origin lies in the
middle of the rear axle, at the height of the hubs.
"""

from dataclasses import dataclass
from xml.etree import ElementTree

from bessemer.twin.ego.bicycle import EGO_SHAPE

WHEELS = ("front_left", "front_right", "rear_left", "rear_right")
"""The wheels, as joints are named; the first two steer and drive."""

GRAVITY_MPS2 = 9.81


@dataclass(frozen=True, slots=True, kw_only=True)
class CarBuild:
    """What the car is made of.

    Attributes:
        wheelbase_m: Between the axles.
        track_m: Between the wheels of an axle.
        wheel_radius_m: Of a wheel.
        chassis_kg: All but the wheels.
        wheel_kg: One wheel.
        upright_kg: What holds a wheel.
        mass_ahead_m: Centre of the chassis' mass ahead of the rear axle.
        mass_height_m: And above the hubs.
        spring_npm: Each spring.
        damper_nspm: Each damper.
        front_brake_frac: Share of the brakes on the front axle.
    """

    wheelbase_m: float = EGO_SHAPE.wheelbase_m
    track_m: float = 1.58
    wheel_radius_m: float = 0.32
    chassis_kg: float = 1400.0
    wheel_kg: float = 20.0
    upright_kg: float = 15.0
    mass_ahead_m: float = 1.45
    mass_height_m: float = 0.23
    spring_npm: float = 28000.0
    damper_nspm: float = 2600.0
    front_brake_frac: float = 0.62

    @property
    def wheel_inertia_kgm2(self) -> float:
        """About the hub: a disc."""
        return self.wheel_kg * self.wheel_radius_m**2 / 2

    @property
    def rolling_mass_kg(self) -> float:
        """What a force along the road accelerates: all mass, and what turns with it."""
        turning = 4 * self.wheel_inertia_kgm2 / self.wheel_radius_m**2
        return self.chassis_kg + 4 * (self.wheel_kg + self.upright_kg) + turning


def car_xml(build: CarBuild, friction: float) -> str:
    """Return the model.

    Args:
        build: What the car is made of.
        friction: Of tyres on the road.

    Returns:
        MuJoCo's XML: qpos is the chassis' pose, then per wheel spring, steer (front) and spin.
    """
    root = ElementTree.Element("mujoco", model="car")
    ElementTree.SubElement(root, "compiler", angle="radian", autolimits="true")
    ElementTree.SubElement(
        root,
        "option",
        gravity=f"0 0 {-GRAVITY_MPS2}",
        integrator="implicitfast",
        cone="elliptic",
        # Friction that hardly creeps: tyres do not slide sideways while they hold.
        impratio="20",
    )
    world = ElementTree.SubElement(root, "worldbody")
    grip = f"{friction} 0.005 0.0001"
    ElementTree.SubElement(
        world,
        "geom",
        type="plane",
        size="0 0 1",
        friction=grip,
        contype="0",
        conaffinity="1",
    )
    chassis = ElementTree.SubElement(world, "body", name="chassis")
    ElementTree.SubElement(chassis, "freejoint")
    _add_mass(chassis, build)
    for name in WHEELS:
        _add_wheel(chassis, build, name, grip)
    actuators = ElementTree.SubElement(root, "actuator")
    for name in WHEELS[:2]:
        ElementTree.SubElement(
            actuators, "position", joint=f"steer_{name}", kp="20000", kv="400", name=f"steer_{name}"
        )
    for name in WHEELS[:2]:
        ElementTree.SubElement(actuators, "motor", joint=f"spin_{name}", name=f"drive_{name}")
    return ElementTree.tostring(root, encoding="unicode")


def _add_mass(chassis: ElementTree.Element, build: CarBuild) -> None:
    mass, shape = build.chassis_kg, EGO_SHAPE
    # A box of even mass, somewhat smaller than the car, since little of it sits in the corners.
    long, wide, high = 0.85 * shape.length_m, 0.85 * shape.width_m, 0.7 * shape.height_m
    inertia = (
        mass * (wide**2 + high**2) / 12,
        mass * (long**2 + high**2) / 12,
        mass * (long**2 + wide**2) / 12,
    )
    ElementTree.SubElement(
        chassis,
        "inertial",
        pos=f"{build.mass_ahead_m} 0 {build.mass_height_m}",
        mass=str(mass),
        diaginertia=" ".join(str(value) for value in inertia),
    )


def _add_wheel(chassis: ElementTree.Element, build: CarBuild, name: str, friction: str) -> None:
    front = name.startswith("front")
    side = 1 if name.endswith("left") else -1
    x = build.wheelbase_m if front else 0.0
    share = build.mass_ahead_m / build.wheelbase_m
    load = build.chassis_kg * GRAVITY_MPS2 * (share if front else 1 - share) / 2
    upright = ElementTree.SubElement(
        chassis, "body", name=f"upright_{name}", pos=f"{x} {side * build.track_m / 2} 0"
    )
    ElementTree.SubElement(
        upright,
        "inertial",
        pos="0 0 0",
        mass=str(build.upright_kg),
        diaginertia="0.5 0.5 0.5",
    )
    ElementTree.SubElement(
        upright,
        "joint",
        name=f"spring_{name}",
        type="slide",
        axis="0 0 1",
        stiffness=str(build.spring_npm),
        damping=str(build.damper_nspm),
        # Bent by the load that it bears, so that the car stands level from the first instant.
        springref=str(-load / build.spring_npm),
    )
    if front:
        ElementTree.SubElement(
            upright, "joint", name=f"steer_{name}", type="hinge", axis="0 0 1", armature="1"
        )
    wheel = ElementTree.SubElement(upright, "body", name=f"wheel_{name}")
    across, along = build.wheel_inertia_kgm2 / 2, build.wheel_inertia_kgm2
    ElementTree.SubElement(
        wheel,
        "inertial",
        pos="0 0 0",
        mass=str(build.wheel_kg),
        diaginertia=f"{across} {along} {across}",
    )
    ElementTree.SubElement(
        wheel, "joint", name=f"spin_{name}", type="hinge", axis="0 1 0", damping="0.01"
    )
    # A ball touches the ground in one point below the hub, whatever the wheel's angles.
    ElementTree.SubElement(
        wheel,
        "geom",
        type="sphere",
        size=str(build.wheel_radius_m),
        friction=friction,
        contype="1",
        conaffinity="0",
        condim="3",
    )
