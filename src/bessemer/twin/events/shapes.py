"""Which bodies events ask for; of several, one that exists is drawn."""

Shapes = tuple[str, ...]

CAR: Shapes = ("car/hatch", "car/estate", "car/saloon", "car/suv")
CAR_WITH_ROOF_BOX: Shapes = ("car/roof_box",)
VAN: Shapes = ("car/van",)
TRUCK: Shapes = ("truck/box", "truck/tipper", "truck/flatbed")
TRUCK_WITH_OVERHANG: Shapes = ("truck/overhang",)
BUS: Shapes = ("bus/city",)
RESCUE: Shapes = ("car/emergency", "car/ambulance")
MOTORCYCLE: Shapes = ("motorcycle/road",)
BICYCLE: Shapes = ("bicycle/city", "bicycle/sport")
FALLEN_BICYCLE: Shapes = ("bicycle/parked", "motorcycle/parked")

ADULT: Shapes = ("person/adult/stand", "person/coat/stand")
STROLLER: Shapes = ("person/stroller/stand",)
CHILD: Shapes = ("person/child/stand",)
WORKER: Shapes = ("person/worker/stand",)

DOG: Shapes = ("animal/dog",)
DEER: Shapes = ("animal/deer", "animal/buck")
BOAR: Shapes = ("animal/boar",)

CONE: Shapes = ("thing/cone",)
BEACON: Shapes = ("thing/beacon",)
BARRIER: Shapes = ("thing/barrier",)
WORKS_SIGN: Shapes = ("sign/works",)
KEEP_LEFT: Shapes = ("sign/arrow_left",)
TRIANGLE: Shapes = ("thing/warning_triangle",)
BOX: Shapes = ("thing/box",)
LADDER: Shapes = ("thing/ladder",)
BRANCH: Shapes = ("thing/branch",)
TYRE: Shapes = ("thing/tyre", "thing/shreds")
WHEEL: Shapes = ("thing/tyre",)
BALL: Shapes = ("thing/ball",)
RUBBISH: Shapes = ("thing/plank", "thing/pallet", "thing/bag", "thing/mattress", "thing/box")
TUNNEL: Shapes = ("tunnel/segment",)
