"""Lets nobody jump: where SUMO sets an agent over at once, it goes there in small steps.

SUMO moves people across a corner, and bodies round the end of a lane, within one step: up to 2.6 m
(measured in the town, once in some 20 s and person). What is shown goes on as it went, and comes to
SUMO's place at walking pace, so that velocities are those of bodies.

Cost: tens of microseconds a step with a hundred agents.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from bessemer.twin.traffic.table import AgentTable

JUMP_M = 0.2
"""What an agent may be off the place that its speed leads to, within a step."""
_TOO_FAR_M = 4.0  # this is a new beginning, not a jump
_COMES_BACK_MPS = 0.6


class Steady:
    """Remembers where agents were a step ago, and how far what is shown is from SUMO's place.

    Args:
        step_s: Seconds of a step.
    """

    def __init__(self, step_s: float) -> None:
        self._step_s = step_s
        self._step: int | None = None
        self._were: tuple[str, ...] = ()
        self._places: Float64[np.ndarray, "n 2"] = np.zeros((0, 2))
        self._off: Mapping[str, Float64[np.ndarray, " 2"]] = {}

    def shown(self, table: AgentTable, step: int) -> AgentTable:
        """Return the table with the places that agents are shown at.

        Args:
            table: What SUMO says.
            step: Its number; agents go on from the step before alone, and the same step may be
                asked for again.

        Returns:
            The same agents, none further from where its speed leads it than ``JUMP_M`` and what
            it comes back in a step.
        """
        if step != self._step:
            self._go_on(table, follows=self._step is not None and step == self._step + 1)
            self._step = step
        if not self._off:
            return table
        position = table.position_m.copy()
        for i, name in enumerate(table.agent_ids):
            if name in self._off:
                position[i, :2] += self._off[name]
        return replace(table, position_m=position)

    def _go_on(self, table: AgentTable, *, follows: bool) -> None:
        """Take up where agents are now, one step after those that are remembered or not."""
        places = table.position_m[:, :2]
        heading = np.stack([np.cos(table.yaw_rad), np.sin(table.yaw_rad)], axis=1)
        led = heading * (table.speed_mps * self._step_s)[:, None]
        off = {}
        if follows and self._were:
            row_of = {name: i for i, name in enumerate(self._were)}
            rows = np.array([row_of.get(name, -1) for name in table.agent_ids], int)
            jump = places - self._places[rows] - led
            # Of most, nothing is to be remembered.
            eased = np.hypot(jump[:, 0], jump[:, 1]) > JUMP_M
            eased |= np.array([name in self._off for name in table.agent_ids], bool)
            for i in np.flatnonzero(eased & (rows >= 0)).tolist():
                rest = self._rest(self._off.get(table.agent_ids[i]), jump[i])
                if rest is not None:
                    off[table.agent_ids[i]] = rest
        self._were, self._places, self._off = table.agent_ids, places, off

    def _rest(
        self, off: Float64[np.ndarray, " 2"] | None, jump: Float64[np.ndarray, " 2"]
    ) -> Float64[np.ndarray, " 2"] | None:
        """Return how far an agent is shown from its place now; None where it stands there."""
        far = float(np.hypot(*jump))
        if far > _TOO_FAR_M:
            return None
        if far > JUMP_M:
            off = -jump if off is None else off - jump
        if off is None:
            return None
        left = float(np.hypot(*off))
        come = _COMES_BACK_MPS * self._step_s
        return off * (1.0 - come / left) if left > come else None
