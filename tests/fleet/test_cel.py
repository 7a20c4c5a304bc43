"""Two CEL engines give the same answers, and a wrong condition is refused where it is made."""

import pytest
from cel_expr_python import cel as checker

from bessemer.core.errors import InputError
from bessemer.core.fleet import Campaign
from bessemer.fleet.cel import VARIABLES, CampaignTrigger, check_campaign, evaluate, variables_of
from bessemer.fleet.facts import facts_of
from tests.fleet.worlds import make_sight

SIGHT = make_sight(
    [[0.4, 0.35, 0.25]] * 4,
    [[0.1, 0.8, 0.1]] * 4,
    novelty=(0.25, 0.35, 0.25, 0.35),
    signals=(("Vehicle.Speed", 30.0), ("brightness", 0.2)),
)

TABLE = {
    "confidence < 0.5": True,
    "confidence < 0.5 && predicted == 'stop'": True,
    "predicted in ['yield', 'priority']": False,
    "second == 'yield' && margin < 0.1": True,
    "predicted.startsWith('st') || flicker > 0.5": True,
    "novelty > 0.29 && novelty < 0.31": True,
    "disagreement > 0.4": True,
    "n_frames >= 4 && n_frames % 2 == 0": True,
    "duration_s == 4.0": True,
    "signal['brightness'] < 0.3": True,
    "signal.brightness < 0.3": True,
    "signal['Vehicle.Speed'] > 50.0": False,
    "'Vehicle.Yaw' in signal && signal['Vehicle.Yaw'] > 1.0": False,
    "has(signal.brightness) ? signal.brightness > 0.9 : true": False,
    "confidence > 0.9 && signal['nowhere'] > 1.0": False,
    "signal['nowhere'] > 1.0 || confidence < 0.9": True,
    "double(n_frames) * confidence > 1.0": True,
    "!(predicted.matches('y.*d'))": True,
}


def campaign_of(proxy: str) -> Campaign:
    return Campaign(
        name="dusk", reason="recall 0.4", slice_where="", proxy=proxy, budget=5, until_week=9
    )


@pytest.mark.parametrize(("expression", "expected"), TABLE.items())
def test_both_engines_agree(expression: str, expected: bool) -> None:
    facts = facts_of(SIGHT)
    check_campaign(campaign_of(expression))
    kinds = {
        "double": checker.Type.DOUBLE,
        "string": checker.Type.STRING,
        "int": checker.Type.INT,
        "map(string, double)": checker.Type.Map(checker.Type.STRING, checker.Type.DOUBLE),
    }
    env = checker.NewEnv(variables={name: kinds[kind] for name, kind in VARIABLES.items()})
    by_checker = env.compile(expression).eval(data=variables_of(facts)).value()
    assert by_checker is expected
    assert evaluate(expression, facts) is expected


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("confidnce < 0.5", "undeclared reference to 'confidnce'"),
        ("confidence > 'a'", "no matching overload"),
        ("confidence < 1", "no matching overload"),
        ("confidence <", "Syntax error"),
        ("confidence", "gives double, not true or false"),
        ("", "Syntax error"),
    ],
)
def test_a_wrong_condition_names_campaign_expression_and_variables(
    expression: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        check_campaign(campaign_of(expression))
    message = str(caught.value)
    assert says in message
    assert repr(expression) in message
    assert "campaign dusk" in message
    assert "n_frames: int" in message


def test_a_missing_signal_is_no_match() -> None:
    assert evaluate("signal['nowhere'] > 1.0", facts_of(SIGHT)) is False


def test_an_unchecked_condition_that_cannot_run_is_refused_on_the_vehicle() -> None:
    facts = facts_of(SIGHT)
    with pytest.raises(InputError, match="cannot be run"):
        evaluate("confidnce < 0.5", facts)
    with pytest.raises(InputError, match="true or false"):
        evaluate("confidence", facts)


def test_a_campaign_fires_with_its_reason_and_only_after_a_release() -> None:
    trigger = CampaignTrigger(campaign=campaign_of("confidence < 0.5"))
    hit = trigger.fire(SIGHT)
    assert hit is not None
    assert hit.trigger == "dusk"
    assert "recall 0.4" in hit.reason
    assert trigger.fire(make_sight(novelty=(1.0,))) is None
