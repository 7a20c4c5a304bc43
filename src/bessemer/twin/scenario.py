"""What is to happen in the driving world: where, when, in what weather, with what in the way."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

from bessemer.core.errors import InputError
from bessemer.twin.conditions import Conditions
from bessemer.twin.rig import Rig


class Dynamics(StrEnum):
    """How the ego moves."""

    BICYCLE = "bicycle"
    WHEELED = "wheeled"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCall:
    """An event of the long tail that must happen.

    Attributes:
        name: Which; see ``bessemer twin events``.
        at_s: When it may begin, seconds after the reset.
        params: Its parameters, by name, where they are not drawn.
    """

    name: str
    at_s: float = 3.0
    params: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        """Check that it has a time."""
        if not 0.0 <= self.at_s < math.inf:
            raise InputError(
                f"at_s is {self.at_s}.",
                where=f"event {self.name}",
                fix="Give seconds after the drive's begin: a finite number from 0.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One drive.

    Attributes:
        network: A network's name, or the path of a ``.net.xml`` or ``.xodr`` file.
        rig: The ego's cameras.
        duration_s: When it ends.
        conditions: Weather and light.
        density_frac: Traffic, as a share of what the network bears.
        dynamics: How the ego moves.
        events: What must happen.
        importance: Weight of what is seen in any mean over drives: below 1 where events were
            forced that are rarer by nature.
    """

    network: str
    rig: Rig
    duration_s: float = 60.0
    conditions: Conditions = field(default_factory=Conditions)
    density_frac: float = 0.3
    dynamics: Dynamics = Dynamics.BICYCLE
    events: tuple[EventCall, ...] = ()
    importance: float = 1.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not self.duration_s > 0:
            raise InputError(f"A drive lasts longer than {self.duration_s} s.", where="Scenario")
        if not 0.0 <= self.density_frac <= 1.0:
            raise InputError(
                f"density_frac is a share in [0, 1], not {self.density_frac}.", where="Scenario"
            )
        if not 0.0 < self.importance < math.inf:
            raise InputError(
                f"A drive's importance is a number above 0, not {self.importance}.",
                where="Scenario",
            )
