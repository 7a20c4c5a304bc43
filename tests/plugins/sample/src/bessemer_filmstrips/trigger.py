"""A trigger that fires where the sun may blind a camera."""

from dataclasses import dataclass

from bessemer.core.fleet import Hit, Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class GlareTrigger:
    """Fires on bright stretches.

    Attributes:
        above: Fires above this mean brightness, in [0, 1].
        name: Its name in yields.
    """

    above: float = 0.6
    name: str = "glare"

    def fire(self, sight: Sight) -> Hit | None:
        """Return a hit that is the stronger, the brighter the stretch."""
        brightness = dict(sight.signals).get("brightness", 0.0)
        if brightness <= self.above:
            return None
        reason = f"mean brightness {brightness:.2f} is above {self.above:.2f}"
        return Hit(trigger=self.name, score=brightness, reason=reason)
