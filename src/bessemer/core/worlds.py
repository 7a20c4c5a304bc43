"""The role of a world: something that can be reset, acted in, and looked at.

A world is a digital twin, a game, an arm on a table: whatever answers controls with observations.
The loop sees worlds only through :class:`World`; what a scenario, a control and an observation
hold is the world's own business.
"""

from typing import Protocol, TypeVar, runtime_checkable

ScenarioT = TypeVar("ScenarioT", contravariant=True)
ControlsT = TypeVar("ControlsT", contravariant=True)
ObservationT = TypeVar("ObservationT", covariant=True)


@runtime_checkable
class World(Protocol[ScenarioT, ControlsT, ObservationT]):
    """A closed loop: what is done changes what is seen next.

    The same seed, scenario and controls give the same observations on the same machine.
    """

    @property
    def step_s(self) -> float:
        """Simulated seconds that one step takes."""

    def reset(self, seed: int, scenario: ScenarioT) -> ObservationT:
        """Begin anew and return what is seen at the first instant.

        Args:
            seed: Draws all that the scenario leaves open.
            scenario: What is to happen.

        Returns:
            What is seen at the first instant.

        Raises:
            InputError: If the scenario cannot be set up; the world stays usable.
        """

    def step(self, controls: ControlsT) -> ObservationT:
        """Act for ``step_s`` and return what is seen then.

        Args:
            controls: What to do.

        Returns:
            What is seen afterwards.

        Raises:
            InputError: If a control is not a finite number, or the world was never reset.
        """

    def close(self) -> None:
        """Give back what the world holds; closing twice does nothing, a reset begins anew."""
