"""Campaign conditions in CEL: checked for types where they are made, run as they are on vehicles.

Two engines read the same expression. ``cel-expr-python`` knows the variables' types and refuses a
wrong expression when the campaign is made; ``common-expression-language`` needs no works installed
and runs on the vehicle. A table of expressions in the tests holds the two to the same answers.

A condition that asks for a signal which the vehicle does not have is not met; write
``"Vehicle.Speed" in signal && signal["Vehicle.Speed"] > 10.0`` to say so yourself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bessemer.core.errors import InputError, MissingExtraError
from bessemer.core.fleet import Campaign, Hit, Sight
from bessemer.fleet.facts import Facts, facts_of

if TYPE_CHECKING:
    from cel import Program

VARIABLES: Mapping[str, str] = {
    "confidence": "double",
    "predicted": "string",
    "second": "string",
    "margin": "double",
    "flicker": "double",
    "novelty": "double",
    "disagreement": "double",
    "n_frames": "int",
    "duration_s": "double",
    "signal": "map(string, double)",
}
"""What a condition may speak of, with CEL types; see :class:`bessemer.fleet.facts.Facts`."""


def check_campaign(campaign: Campaign) -> None:
    """Check the types of a campaign's condition; see :func:`check_condition`."""
    check_condition(campaign.proxy, where=f"campaign {campaign.name}")


def check_condition(condition: str, *, where: str) -> None:
    """Check the types of a condition, where it is made.

    Args:
        condition: The condition.
        where: Whose it is, named in errors.

    Raises:
        InputError: If it is no CEL condition on :data:`VARIABLES`.
        MissingExtraError: If the works are not installed.
    """
    try:
        from cel_expr_python import cel as checker
    except ImportError as error:
        raise MissingExtraError(
            "Campaigns are checked by cel-expr-python, which is not installed.",
            fix="Install bessemer[works].",
        ) from error
    kinds = {
        "double": checker.Type.DOUBLE,
        "string": checker.Type.STRING,
        "int": checker.Type.INT,
        "map(string, double)": checker.Type.Map(checker.Type.STRING, checker.Type.DOUBLE),
    }
    env = checker.NewEnv(variables={name: kinds[kind] for name, kind in VARIABLES.items()})
    try:
        kind = env.compile(condition).return_type()
    except RuntimeError as error:
        # The message repeats the expression with a marker below the place; its head says it all.
        message = str(error).partition("\n")[0].removeprefix("INVALID_ARGUMENT: ERROR: <input>:")
        raise _refusal(condition, message, where) from error
    if kind != checker.Type.BOOL:
        raise _refusal(condition, f"it gives {str(kind).lower()}, not true or false", where)


def evaluate(expression: str, facts: Facts) -> bool:
    """Return whether a condition holds, as a vehicle runs it.

    Args:
        expression: A checked CEL condition.
        facts: What the vehicle knows.

    Returns:
        The answer; False where a signal that it needs is not there.

    Raises:
        InputError: If the expression is no CEL condition.
    """
    try:
        held = _compiled(expression).execute(variables_of(facts))
    except KeyError:
        return False
    except (ValueError, TypeError, RuntimeError) as error:
        raise InputError(
            f"This condition cannot be run: {error}",
            where=expression,
            fix="Check the campaign where it is made.",
        ) from error
    if not isinstance(held, bool):
        raise InputError(f"A condition gives true or false, not {held!r}.", where=expression)
    return held


def variables_of(facts: Facts) -> dict[str, object]:
    """Return the variables of a condition by name."""
    return {
        name: dict(facts.signal) if name == "signal" else getattr(facts, name) for name in VARIABLES
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTrigger:
    """A failing slice's question, as a trigger; strongest where the network is least sure.

    Attributes:
        campaign: The question.
    """

    campaign: Campaign

    @property
    def name(self) -> str:
        """The campaign's name."""
        return self.campaign.name

    def fire(self, sight: Sight) -> Hit | None:
        """Return a hit where the proxy holds; never before the first release."""
        if sight.released is None:
            return None
        facts = facts_of(sight)
        if not evaluate(self.campaign.proxy, facts):
            return None
        return Hit(
            trigger=self.name,
            score=1.0 - facts.confidence,
            reason=f"campaign {self.name}: {self.campaign.proxy} holds "
            f"(predicted {facts.predicted} at {facts.confidence:.2f}); {self.campaign.reason}",
        )


@lru_cache(maxsize=256)
def _compiled(expression: str) -> "Program":
    """Return the compiled expression; vehicles meet the same few over and over."""
    import cel

    return cel.compile(expression)


def _refusal(condition: str, message: str, where: str) -> InputError:
    """Return the error for a condition that cannot be asked."""
    known = ", ".join(f"{name}: {kind}" for name, kind in VARIABLES.items())
    return InputError(
        f"The condition {condition!r} cannot be asked: {message}.",
        where=where,
        fix=f"It may speak of {known}. Numbers compared with a double need a point: 1.0, not 1.",
    )
