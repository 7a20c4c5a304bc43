"""Triggers: conditions on what a vehicle knows; each says in words why a stretch is wanted.

A trigger's score orders only its own hits; scores of different triggers are never compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bessemer.core.errors import InputError
from bessemer.core.fleet import Hit, Sight
from bessemer.fleet.facts import facts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LowConfidence:
    """The released network is unsure of the stretch as a whole.

    Attributes:
        below: Fires below this mean confidence.
        name: Its name in yields.
    """

    below: float = 0.8
    name: str = "low_confidence"

    def fire(self, sight: Sight) -> Hit | None:
        """Return a hit that is the stronger, the lower the mean confidence."""
        facts = facts_of(sight)
        if sight.released is None or not facts.n_frames or facts.confidence >= self.below:
            return None
        return Hit(
            trigger=self.name,
            score=1.0 - facts.confidence,
            reason=f"mean confidence {facts.confidence:.2f} over {facts.n_frames} frames is below "
            f"{self.below:.2f}; best guess {facts.predicted}, then {facts.second}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """The network in shadow says something else than the released one.

    In shadow runs a refused candidate, or a twin of the released network from another seed.

    Two networks of unlike temper are far apart wherever one is sure, though both say the same; so a
    track counts only where the class differs. On real tracks the distance alone fired mostly on
    what was right.

    Attributes:
        above: Fires above this distance between their mean probabilities.
        dense: Whether the probabilities are shares of pixels, of which any change counts.
        name: Its name in yields.
    """

    above: float = 0.3
    dense: bool = False
    name: str = "disagreement"

    def fire(self, sight: Sight) -> Hit | None:
        """Return a hit that is the stronger, the further the two are apart."""
        facts = facts_of(sight)
        if sight.candidate is None or facts.disagreement <= self.above:
            return None
        other = sight.classes[int(sight.candidate.probs.mean(axis=0).argmax())]
        if other == facts.predicted and not self.dense:
            return None
        return Hit(
            trigger=self.name,
            score=facts.disagreement,
            reason=f"released says {facts.predicted}, shadow says {other}: distance "
            f"{facts.disagreement:.2f} is above {self.above:.2f}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flicker:
    """The answer changes from frame to frame although the thing does not.

    Attributes:
        above: Fires above this share of changes.
        name: Its name in yields.
    """

    above: float = 0.1
    name: str = "flicker"

    def fire(self, sight: Sight) -> Hit | None:
        """Return a hit that is the stronger, the more often the class changes."""
        facts = facts_of(sight)
        if sight.released is None or facts.flicker <= self.above:
            return None
        return Hit(
            trigger=self.name,
            score=facts.flicker,
            reason=f"the class changes between {facts.flicker:.0%} of consecutive frames, above "
            f"{self.above:.0%}; mostly {facts.predicted}, then {facts.second}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
    """Nothing like it is held by the works.

    Attributes:
        above: Fires above this mean distance in the pinned space.
        name: Its name in yields.
    """

    above: float = 0.2
    name: str = "novelty"

    def fire(self, sight: Sight) -> Hit | None:
        """Return a hit that is the stronger, the further the stretch lies from what is held."""
        if not sight.novelty:
            return None
        distance = sum(sight.novelty) / len(sight.novelty)
        if distance <= self.above:
            return None
        return Hit(
            trigger=self.name,
            score=distance,
            reason=f"distance {distance:.2f} to the nearest frame held is above {self.above:.2f}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rarity:
    """The predicted class has few labels.

    Attributes:
        classes: Class names, in the order of ``counts``.
        counts: Labelled units by class, in the order of ``classes``.
        at_most: Fires for classes with no more labels than this.
        min_confidence: Below it the prediction is not believed.
        name: Its name in yields.
    """

    classes: tuple[str, ...]
    counts: tuple[float, ...]
    at_most: float = 5.0
    min_confidence: float = 0.3
    name: str = "rarity"

    def __post_init__(self) -> None:
        """Check that there is a count a class."""
        if len(self.counts) != len(self.classes):
            raise InputError(
                f"There are {len(self.classes)} classes but {len(self.counts)} counts.",
                where="Rarity",
                fix="Give one count a class, in the order of the classes.",
            )

    def fire(self, sight: Sight) -> Hit | None:
        """Return a hit that is the stronger, the rarer the class and the surer the network."""
        facts = facts_of(sight)
        if sight.released is None or facts.confidence < self.min_confidence:
            return None
        count = self.counts[self.classes.index(facts.predicted)]
        if count > self.at_most:
            return None
        return Hit(
            trigger=self.name,
            score=facts.confidence / (1.0 + count),
            reason=f"predicted {facts.predicted} at confidence {facts.confidence:.2f}, of which "
            f"only {count:g} are labelled (at most {self.at_most:g})",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseRarity:
    """A class that few labelled pictures show fills more of the picture than usual.

    A share alone says little: a network that balances its classes gives each some percent of every
    picture, there or not. So it is held against what the same network says of labelled pictures.

    Attributes:
        classes: Class names, in the order of ``counts``.
        counts: Labelled pictures that show each class, in the order of ``classes``.
        usual: Share of the labelled pictures that the released network gives each class.
        at_most: Fires for classes that no more labelled pictures show than this.
        above_usual: Fires from this much more than the usual share.
        name: Its name in yields.
    """

    classes: tuple[str, ...]
    counts: tuple[float, ...]
    usual: tuple[float, ...]
    at_most: float = 8.0
    above_usual: float = 0.01
    name: str = "rarity"

    def __post_init__(self) -> None:
        """Check that there is a count and a share a class."""
        if not len(self.counts) == len(self.usual) == len(self.classes):
            raise InputError(
                f"There are {len(self.classes)} classes but {len(self.counts)} counts and "
                f"{len(self.usual)} shares.",
                where="DenseRarity",
                fix="Give one count and one share a class, in the order of the classes.",
            )

    def fire(self, sight: Sight) -> Hit | None:
        """Return a hit that is the stronger, the rarer the class and the more of it is seen."""
        facts = facts_of(sight)
        if sight.released is None or not facts.predicted:
            return None
        shares = [float(share) for share in sight.released.probs.mean(axis=0)]
        more = [share - usual for share, usual in zip(shares, self.usual, strict=True)]
        seen = [c for c, excess in enumerate(more) if excess >= self.above_usual]
        rarest = min(seen, key=lambda c: self.counts[c], default=None)
        if rarest is None or self.counts[rarest] > self.at_most:
            return None
        count = self.counts[rarest]
        return Hit(
            trigger=self.name,
            score=more[rarest] / (1.0 + count),
            reason=f"predicted {self.classes[rarest]} on {shares[rarest]:.1%} of the picture, "
            f"usually {self.usual[rarest]:.1%}; only {count:g} labelled "
            f"{'frame shows' if count == 1 else 'frames show'} it (at most {self.at_most:g})",
        )


def counts_in_order(classes: tuple[str, ...], counts: Mapping[str, float]) -> tuple[float, ...]:
    """Return labelled counts in the order of the classes, 0 where none is labelled.

    Args:
        classes: Class names.
        counts: Labelled units by class name.

    Returns:
        One count a class.

    Example:
        >>> counts_in_order(("stop", "yield"), {"yield": 3})
        (0.0, 3.0)
    """
    return tuple(float(counts.get(name, 0.0)) for name in classes)
