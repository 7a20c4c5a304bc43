"""One instant of a drive worth a picture: at a given time, or when an event shows most.

Import this module only where a world runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.twin.classes import SemanticClass
from bessemer.twin.drive import Observation, View
from bessemer.twin.driver.chauffeur import Chauffeur
from bessemer.twin.events.cast import Subject
from bessemer.twin.rig import Rig
from bessemer.twin.scenario import Scenario
from bessemer.twin.scene import Lamp
from bessemer.twin.world import DrivingWorld

SEEK_PX = 64
"""Width of the pictures in which an event is looked for."""

_SEEK_STEPS = 4  # an event lasts for many of them
_FILLS_FRAC = 0.06  # a thing that fills more of the picture does not show more
_PATIENCE_S = 12.0  # an event that has not found its place by then is tried elsewhere
_CUT_WORTH = 0.35  # what a thing is worth that the picture's edge cuts
_BESIDE_WORTH = 0.6  # what a camera is worth that does not look ahead: the road tells more


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When and where an event shows.

    Attributes:
        at_s: When, since the reset.
        camera: Which of the rig's cameras sees it; the first for events that have no actors.
        shown: How well; see :func:`shown`.
        shown_frac: Share of the picture that its actors fill.
    """

    at_s: float
    camera: StreamName
    shown: float = 0.0
    shown_frac: float = 0.0


def drive_through(world: DrivingWorld, seed: int, scenario: Scenario) -> Iterator[Observation]:
    """Yield what each step of a drive gives, with a careful driver at the wheel.

    Args:
        world: Where.
        seed: Of the drive.
        scenario: What happens.

    Yields:
        Observations from the reset to the end.
    """
    seen = world.reset(seed, scenario)
    chauffeur = Chauffeur(world)
    yield seen
    while not seen.done:
        seen = world.step(chauffeur.drive(seen.ego))
        yield seen


def subject_instances(world: DrivingWorld, seen: Observation) -> frozenset[int]:
    """Return the instance ids of all that belongs to events that are under way.

    Args:
        world: The world.
        seen: What it gave last.

    Returns:
        Ids as they stand in instance pictures.
    """
    subjects: list[Subject] = [subject for _, subject in world.director.subjects()]
    agents = {agent.agent_id: i for i, agent in enumerate(world.traffic.agents())}
    rows = [agents[name] for subject in subjects for name in subject.agent_ids if name in agents]
    # Agents come first among the actors, in their order.
    driven = {int(seen.actors.instance[row]) for row in rows}
    return frozenset(driven.union(*(subject.handles for subject in subjects)))


def shown(view: View, instances: frozenset[int], focus: SemanticClass | None = None) -> float:
    """Return how well some things show in a picture.

    A small thing that shows tells as much as a large one that shows more, so that roots of shares
    are added.

    Args:
        view: The picture.
        instances: The things.
        focus: Only what is of this class counts; None for all.

    Returns:
        From 0 for not at all, without bound: each thing that shows adds to it.
    """
    total = 0.0
    for instance in sorted(instances):
        found = view.instance == instance
        if focus is not None:
            found &= view.semantic == focus
        if not found.any():
            continue
        cut = found[:, 0].any() or found[:, -1].any() or found[-1].any()
        total += min(float(found.mean()), _FILLS_FRAC) ** 0.5 * (_CUT_WORTH if cut else 1.0)
    return total


def telling_moment(
    world: DrivingWorld, seed: int, scenario: Scenario, focus: SemanticClass | None = None
) -> Moment | None:
    """Return when, and in which camera, the actors of a scenario's events show best.

    Events of the paint and of the lenses have none; the middle of such an event is taken.

    Args:
        world: Where to drive.
        seed: Of the drive.
        scenario: With at least one event; its rig's cameras look for it.
        focus: Which of the actors must show; None for any.

    Returns:
        The moment, or None where no event began.

    Raises:
        InputError: If the scenario has no event.
    """
    if not scenario.events:
        raise InputError("Nothing is to happen, so no moment tells more.", where="Scenario")
    seeking = replace(
        scenario, rig=small_rig(scenario.rig, SEEK_PX, 1 / (_SEEK_STEPS * world.step_s))
    )
    best: Moment | None = None
    begun_s: float | None = None
    last_s = 0.0
    due_s = max(call.at_s for call in scenario.events)
    for seen in drive_through(world, seed, seeking):
        if not seen.events:
            if begun_s is not None or seen.t_ns > (due_s + _PATIENCE_S) * 1e9:
                break
            continue
        begun_s = seen.t_ns / 1e9 if begun_s is None else begun_s
        last_s = seen.t_ns / 1e9
        for moment in _moments(seen, subject_instances(world, seen), focus):
            if best is None or moment.shown > best.shown:
                best = moment
    world.close()
    if best is None and begun_s is not None:
        middle_s = round((begun_s + min(last_s, begun_s + 8.0)) / 2, 1)
        best = Moment(at_s=middle_s, camera=scenario.rig.cameras[0].name)
    return best


def _moments(
    seen: Observation, instances: frozenset[int], focus: SemanticClass | None
) -> Iterator[Moment]:
    """Yield what each picture of an observation shows of some things, if anything."""
    lit = seen.actors.lamps & int(Lamp.BRAKE) != 0
    braking = frozenset(seen.actors.instance[lit].tolist())
    for view in seen.views:
        ahead = view.camera == "front"
        # A lit brake lamp tells as much again as the thing that carries it.
        worth = shown(view, instances, focus) + shown(view, instances & braking, focus)
        worth *= 1.0 if ahead else _BESIDE_WORTH
        if worth > 0:
            yield Moment(
                at_s=round(view.t_ns / 1e9, 3),
                camera=view.camera,
                shown=worth,
                shown_frac=float(np.isin(view.instance, sorted(instances)).mean()),
            )


def small_rig(rig: Rig, width_px: int, rate_hz: float) -> Rig:
    """Return a rig whose cameras see the same, all at once and in fewer pixels.

    Args:
        rig: The cameras.
        width_px: Width of the smaller pictures; those that are narrower stay.
        rate_hz: Pictures a second and camera.

    Returns:
        Another rig.
    """
    cameras = []
    for camera in rig.cameras:
        lens = camera.calibration
        scale = min(1.0, width_px / lens.width_px)
        # Pixels grow; the last row of the matrix does not speak of pixels.
        matrix = tuple(v * scale if i < 6 else v for i, v in enumerate(lens.intrinsics))
        smaller = replace(
            lens,
            width_px=max(1, round(lens.width_px * scale)),
            height_px=max(1, round(lens.height_px * scale)),
            intrinsics=matrix,
        )
        cameras.append(replace(camera, calibration=smaller, offset_s=0.0))
    return replace(rig, cameras=tuple(cameras), rate_hz=rate_hz)


def only_camera(rig: Rig, name: StreamName) -> Rig:
    """Return a rig that has one of a rig's cameras.

    Args:
        rig: The cameras.
        name: Which is to stay.

    Returns:
        Another rig.
    """
    return replace(rig, cameras=tuple(c for c in rig.cameras if c.name == name))


def look_at(world: DrivingWorld, seed: int, scenario: Scenario, at_s: float) -> Observation:
    """Return the observation of one instant, each picture exposed for itself.

    Args:
        world: Where to drive.
        seed: Of the drive.
        scenario: What happens; its rig looks.
        at_s: When.

    Returns:
        The observation, whose views are of that instant.

    Raises:
        InputError: If the drive ends before.
    """
    scenario = replace(
        scenario,
        rig=_rig_that_looks_at(scenario.rig, at_s),
        duration_s=max(scenario.duration_s, at_s + world.step_s),
    )
    for seen in drive_through(world, seed, scenario):
        if seen.t_ns >= round(at_s * 1e9) and seen.views:
            return seen
    raise InputError(
        f"The drive ends before {at_s} s.", where=scenario.network, fix="Take another seed."
    )


def _rig_that_looks_at(rig: Rig, at_s: float) -> Rig:
    """Return a rig whose cameras look once, at a time."""
    cameras = tuple(replace(camera, offset_s=at_s) for camera in rig.cameras)
    return replace(rig, cameras=cameras, rate_hz=1 / (at_s + 1.0))
