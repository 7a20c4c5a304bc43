"""The plans of the three networks that ship: nodes, edges, lanes and who may use them.

A plan is what SUMO calls plain XML; :mod:`bessemer.twin.roads.make` writes it and has it compiled.
Traffic keeps right. An edge's shape is the left border of its lanes, so the two directions of a
road share one line.

Shapes: n points, east and north, metres.
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

Line = Float64[np.ndarray, "n 2"]

WALK = "pedestrian"
BICYCLE = "bicycle"
NOBODY = "authority"
"""SUMO wants somebody on a lane: a hard shoulder is left to who may go anywhere anyway."""
STREET = "passenger delivery truck trailer bus coach motorcycle moped bicycle taxi emergency"
CARRIAGEWAY = STREET.replace(" bicycle", "")
MOTORWAY = CARRIAGEWAY.replace(" moped", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlan:
    """One lane: who may use it, and how wide it is."""

    allow: str
    width_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EdgePlan:
    """One direction of a road; lanes from right to left, shape at their left border."""

    name: str
    start: str
    end: str
    lanes: tuple[LanePlan, ...]
    speed_mps: float
    shape: Line
    priority: int = 1


@dataclass(slots=True, kw_only=True)
class Plan:
    """A network before it is compiled.

    Attributes:
        nodes: East, north and SUMO's type of node, by name.
        edges: Directions of roads.
        links: Lanes that follow each other: edge, lane, edge, lane.
        roundabouts: Rings: nodes, edges.
        options: More options of ``netconvert``.
    """

    nodes: dict[str, tuple[float, float, str]] = field(default_factory=dict)
    edges: list[EdgePlan] = field(default_factory=list)
    links: list[tuple[str, int, str, int]] = field(default_factory=list)
    roundabouts: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    options: tuple[str, ...] = ()

    def road(
        self,
        a: str,
        b: str,
        lanes: tuple[LanePlan, ...],
        speed_mps: float,
        shape: Line,
        priority: int,
    ) -> None:
        """Add both directions of a road between two nodes."""
        for start, end, line in ((a, b, shape), (b, a, shape[::-1])):
            self.edges.append(
                EdgePlan(
                    name=f"{start}.{end}",
                    start=start,
                    end=end,
                    lanes=lanes,
                    speed_mps=speed_mps,
                    shape=line,
                    priority=priority,
                )
            )


def town() -> Plan:
    """Return a grid of three by three blocks with signals, crossings and cycle lanes."""
    east, north = (0.0, 110.0, 230.0, 330.0), (0.0, 100.0, 215.0, 310.0)
    plain = (LanePlan(allow=WALK, width_m=2.5), LanePlan(allow=STREET, width_m=3.25))
    drive = LanePlan(allow=CARRIAGEWAY, width_m=3.25)
    cycle = (
        LanePlan(allow=WALK, width_m=2.5),
        LanePlan(allow=BICYCLE, width_m=1.7),
        drive,
    )
    avenue = (LanePlan(allow=WALK, width_m=3.2), LanePlan(allow=BICYCLE, width_m=1.9), drive, drive)
    columns, rows = (plain, avenue, plain, cycle), (plain, cycle, avenue, plain)
    plan = Plan(options=("--crossings.guess", "true", "--tls.left-green.time", "0"))
    for i, x in enumerate(east):
        for j, y in enumerate(north):
            signals = (0 < i < 3 and 0 < j < 3) or i == 1 or j == 2
            plan.nodes[f"{'ABCD'[i]}{j}"] = (x, y, "traffic_light" if signals else "priority")
    for i in range(4):
        for j in range(4):
            here = f"{'ABCD'[i]}{j}"
            for di, dj, lanes in ((1, 0, rows[j]), (0, 1, columns[i])):
                if i + di > 3 or j + dj > 3:
                    continue
                a = np.array([east[i], north[j]])
                b = np.array([east[i + di], north[j + dj]])
                outwards = np.array([dj * np.sign(i - 1.5), di * np.sign(j - 1.5)], np.float64)
                bow_m = 3.0 if (i in (0, 3) and dj) or (j in (0, 3) and di) else 0.0
                speed_mps = 13.89 if len(lanes) == 4 else 11.11 if len(lanes) == 3 else 8.33
                shape = _bow(a, b, outwards * bow_m)
                there = f"{'ABCD'[i + di]}{j + dj}"
                plan.road(here, there, lanes, speed_mps, shape, len(lanes))
    return plan


def motorway() -> Plan:
    """Return two times three lanes with hard shoulders, and ramps on both sides."""
    plan = Plan()
    stations = (0.0, 380.0, 600.0, 1260.0, 1520.0, 1900.0)
    shoulder = LanePlan(allow=NOBODY, width_m=2.75)
    drive = LanePlan(allow=MOTORWAY, width_m=3.75)
    beside = LanePlan(allow=MOTORWAY, width_m=3.5)
    for way, sign in (("east", 1.0), ("west", -1.0)):
        _carriageway(plan, way, sign, stations, shoulder, beside, drive)
    return plan


def _carriageway(
    plan: Plan,
    way: str,
    sign: float,
    stations: tuple[float, ...],
    shoulder: LanePlan,
    beside: LanePlan,
    drive: LanePlan,
) -> None:
    """Add one direction of the motorway; where a ramp lane runs, it takes the shoulder's place."""
    length_m = stations[-1]
    outermost = (shoulder, beside, shoulder, beside, shoulder)
    for i, x in enumerate(stations):
        at = _motorway_line(np.array([x]), sign, length_m, 2.0)[0]
        plan.nodes[f"{way}{i}"] = (float(at[0]), float(at[1]), "priority")
    for i, lane in enumerate(outermost):
        along = np.linspace(stations[i], stations[i + 1], 16)
        shape = _motorway_line(along, sign, length_m, 2.0)
        plan.edges.append(
            EdgePlan(
                name=f"{way}{i}.{i + 1}",
                start=f"{way}{i}",
                end=f"{way}{i + 1}",
                lanes=(lane, drive, drive, drive),
                speed_mps=36.11,
                shape=shape,
                priority=4,
            )
        )
        if i:
            previous = f"{way}{i - 1}.{i}"
            plan.links += [(previous, k, f"{way}{i}.{i + 1}", k) for k in (1, 2, 3)]
    side_m = 2.0 + 3 * drive.width_m
    for name, joint, reach_m in (("off", 2, 300.0), ("on", 3, -300.0)):
        joint_x = stations[joint]
        t = np.linspace(0.0, 1.0, 24)
        # It leaves along the motorway and bends away more and more.
        line = _motorway_line(joint_x + t * reach_m, sign, length_m, side_m + 65.0 * t**2.2)
        far = f"{way}-{name}"
        plan.nodes[far] = (float(line[-1, 0]), float(line[-1, 1]), "priority")
        leaves = name == "off"
        plan.edges.append(
            EdgePlan(
                name=far,
                start=f"{way}{joint}" if leaves else far,
                end=far if leaves else f"{way}{joint}",
                lanes=(LanePlan(allow=MOTORWAY, width_m=4.0),),
                speed_mps=19.44,
                shape=line if leaves else line[::-1],
                priority=2,
            )
        )
    plan.links += [
        (f"{way}1.2", 0, f"{way}-off", 0),
        (f"{way}-on", 0, f"{way}3.4", 0),
    ]


def _motorway_line(
    along_m: Float64[np.ndarray, " n"],
    sign: float,
    length_m: float,
    side_m: float | Float64[np.ndarray, " n"],
) -> Line:
    """Return a line right of the middle, in a long bend one way and then the other."""
    x = along_m if sign > 0 else length_m - along_m
    turn = 2 * np.pi / length_m
    slope = 45.0 * turn * np.cos(turn * x)
    unit = np.stack([np.ones_like(x), slope], axis=1) / np.hypot(1.0, slope)[:, None]
    middle = np.stack([x, 45.0 * np.sin(turn * x)], axis=1)
    right = np.stack([unit[:, 1], -unit[:, 0]], axis=1) * sign
    line: Line = middle + right * np.broadcast_to(side_m, x.shape)[:, None]
    return line


def country() -> Plan:
    """Return a winding road that starts and ends at one roundabout, and roads that turn off it."""
    plan = Plan()
    lanes = (LanePlan(allow=STREET, width_m=3.25),)
    radius_m = 17.0
    arms = {"R0": 0.0, "R1": 90.0, "R2": 250.0}
    for name, angle_deg in arms.items():
        x, y = _on_ring(radius_m, np.array([angle_deg]))[0]
        plan.nodes[name] = (float(x), float(y), "priority")
    names = list(arms)
    for a, b in zip(names, [*names[1:], names[0]], strict=True):
        end = arms[b] if arms[b] > arms[a] else arms[b] + 360.0
        plan.edges.append(
            EdgePlan(
                name=f"{a}.{b}",
                start=a,
                end=b,
                lanes=(LanePlan(allow=STREET, width_m=4.5),),
                speed_mps=6.94,
                shape=_on_ring(radius_m, np.linspace(arms[a], end, 20)),
                priority=9,
            )
        )
    plan.roundabouts.append((tuple(names), ("R0.R1", "R1.R2", "R2.R0")))
    fork, farm, village = (490.0, 295.0), (745.0, 425.0), (-60.0, -330.0)
    for name, place in (("fork", fork), ("farm", farm), ("village", village)):
        plan.nodes[name] = (*place, "priority")
    first, second, third = (plan.nodes[name][:2] for name in ("R1", "R0", "R2"))
    winding = [first, (0, 60), (-15, 170), (65, 275), (210, 295), (350, 262), fork]
    back = [
        (570, 302),
        (650, 262),
        (680, 185),
        (645, 108),
        (560, 68),
        (430, 78),
        (300, 75),
        (180, 20),
        (70, 0),
        second,
    ]
    loop = _spline([*winding, *back])
    half = int(np.linalg.norm(loop - fork, axis=1).argmin())
    plan.road("R1", "fork", lanes, 16.67, loop[: half + 1], 5)
    plan.road("fork", "R0", lanes, 16.67, loop[half:], 5)
    plan.road("fork", "farm", lanes, 11.11, _spline([fork, (545, 385), (645, 400), farm]), 2)
    way = _spline([third, (-20, -55), (-15, -160), (-65, -240), village])
    plan.road("R2", "village", lanes, 11.11, way, 4)
    return plan


def _on_ring(radius_m: float, angle_deg: Float64[np.ndarray, " n"]) -> Line:
    angle = np.deg2rad(angle_deg)
    return np.stack([radius_m * np.cos(angle), radius_m * np.sin(angle)], axis=1)


def _bow(
    a: Float64[np.ndarray, " 2"], b: Float64[np.ndarray, " 2"], by: Float64[np.ndarray, " 2"]
) -> Line:
    """Return the line from a to b, bent by so much in its middle."""
    t = np.linspace(0.0, 1.0, 9 if np.any(by) else 2)[:, None]
    line: Line = a + (b - a) * t + by * np.sin(np.pi * t) ** 2
    return line


def _spline(knots: list[tuple[float, float]], step_m: float = 6.0) -> Line:
    """Return a smooth line through knots, sampled so often (cubic Hermite, tangents by chord)."""
    p = np.array(knots, np.float64)
    chord = np.linalg.norm(np.diff(p, axis=0), axis=1)
    tangent = np.gradient(p, np.concatenate([[0.0], np.cumsum(chord)]), axis=0)
    pieces = []
    for i, length_m in enumerate(chord):
        t = np.linspace(0.0, 1.0, max(int(length_m / step_m), 2), endpoint=False)[:, None]
        pieces.append(
            (2 * t**3 - 3 * t**2 + 1) * p[i]
            + (t**3 - 2 * t**2 + t) * length_m * tangent[i]
            + (3 * t**2 - 2 * t**3) * p[i + 1]
            + (t**3 - t**2) * length_m * tangent[i + 1]
        )
    return np.concatenate([*pieces, p[-1:]])
