"""Which bodies events ask for; of several, one that exists is drawn."""

Shapes = tuple[str, ...]

CAR: Shapes = ("car/hatch", "car/estate", "car/saloon", "car/suv")
CAR_WITH_ROOF_BOX: Shapes = ("car/roof_box",)
VAN: Shapes = ("car/van",)
TRUCK: Shapes = ("truck/box", "truck/tipper", "truck/flatbed")
TRUCK_WITH_OVERHANG: Shapes = ("truck/overhang",)
BUS: Shapes = ("bus/city",)
RESCUE: Shapes = ("emergency/police", "emergency/ambulance")
MOTORCYCLE: Shapes = ("motorcycle/road",)
BICYCLE: Shapes = ("bicycle/city", "bicycle/sport")

ADULT: Shapes = ("person/adult", "person/coat")
STROLLER: Shapes = ("person/stroller",)
CHILD: Shapes = ("person/child",)
WORKER: Shapes = ("person/worker",)

DOG_OR_FOX: Shapes = ("animal/dog", "animal/fox")
DEER: Shapes = ("animal/deer", "animal/buck")
BOAR: Shapes = ("animal/boar",)
HERD: Shapes = ("animal/cow", "animal/sheep")

CONE: Shapes = ("cone/cone",)
BEACON: Shapes = ("cone/beacon",)
BARRIER: Shapes = ("cone/barrier",)
WORKS_SIGN: Shapes = ("sign/works",)
KEEP_LEFT: Shapes = ("sign/arrow_left",)
TRIANGLE: Shapes = ("cone/triangle",)
BOX: Shapes = ("debris/box",)
LADDER: Shapes = ("debris/ladder",)
BRANCH: Shapes = ("debris/branch",)
TYRE: Shapes = ("debris/tyre", "debris/shreds")
WHEEL: Shapes = ("debris/wheel",)
BALL: Shapes = ("debris/ball",)
RUBBISH: Shapes = ("debris/plank", "debris/pallet", "debris/bag", "debris/mattress", "debris/box")
TUNNEL: Shapes = ("tunnel/segment",)
