"""A run as the works tells it, with real digits for pictures: small, and complete."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from bessemer.core.fleet import Count
from bessemer.report.story import (
    Address,
    ArmStory,
    CommitStory,
    Curve,
    CurvePoint,
    Difference,
    GateStory,
    HaulStory,
    LabelError,
    LabelsStory,
    Mark,
    Measure,
    PicksStory,
    RunStory,
    Shot,
    ShotGroup,
    SliceStory,
    SliceTurn,
    StageStory,
    TurnStory,
    YieldStory,
)
from bessemer.report.thumbs import thumb_uri

STAGES = ("drive", "ingest", "curate", "label", "commit", "train", "validate", "release")
CLASSES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TURNS = (1, 2, 3)


def digit_pictures(count: int) -> list[UInt8[np.ndarray, "8 8 3"]]:
    """The first handwritten digits of scikit-learn."""
    from sklearn.datasets import load_digits

    grey = (load_digits().images[:count] * 15.9).astype(np.uint8)
    return [np.repeat(picture[:, :, None], 3, axis=2) for picture in grey]


def run_story(*, n_seeds: int = 3, turns: Sequence[int] = TURNS) -> RunStory:
    """A run of three turns, or of fewer."""
    pictures = [thumb_uri(p) for p in digit_pictures(40)]
    return RunStory(
        recipe="digits",
        task="digits",
        classes=CLASSES,
        n_train=1347,
        n_test=450,
        n_seeds=n_seeds,
        branch="engine/0",
        arms=(
            _arm("engine", (0.71, 0.86, 0.931), (0.80, 0.90, 0.944), n_seeds),
            _arm("chance", (0.66, 0.79, 0.882), (0.79, 0.88, 0.921), n_seeds),
        ),
        differences=(
            Difference(metric="macro_recall", difference=_measure(0.049, 0.026, n_seeds)),
            Difference(metric="accuracy", difference=_measure(0.023, 0.031, n_seeds)),
        ),
        slices=(
            _slice("all", "accuracy", "true", (0.80, 0.90, 0.944), 450, turns),
            _slice(
                "tail",
                "macro_recall",
                "class IN ('seven', 'eight', 'nine')",
                (0.41, 0.74, 0.89),
                134,
                turns,
            ),
            _slice("faint", "accuracy", "contrast < 0.33", (0.70, 0.66, 0.81), 41, turns),
        ),
        turns=tuple(_turn(turn, pictures) for turn in turns),
        rejected=(
            Count(reason="truncated_picture", count=3),
            Count(reason="unknown_class", count=1),
        ),
        addresses=(
            Address(name="recipe", address="9f2c" * 16),
            Address(name="last commit", address="07ab" * 16),
            Address(name="network that drives", address="c4d1" * 16),
        ),
        code_version="0.1.0",
        interval="95%, bootstrap over seeds and recordings",
        notes=("Times of digits are nominal, so the data set's seconds are not shown.",),
    )


def _measure(value: float, half: float, n_seeds: int) -> Measure:
    if n_seeds < 3:
        return Measure(value=value)
    return Measure(value=value, low=value - half, high=value + half)


def _arm(
    name: str, recalls: Sequence[float], accuracies: Sequence[float], n_seeds: int
) -> ArmStory:
    return ArmStory(
        name=name,
        curves=(
            _curve("macro_recall", recalls, n_seeds),
            _curve("accuracy", accuracies, n_seeds),
        ),
    )


def _curve(metric: str, values: Sequence[float], n_seeds: int) -> Curve:
    return Curve(
        metric=metric,
        points=tuple(
            CurvePoint(
                turn=turn,
                paid=60.0 * turn,
                mean=_measure(value, 0.06 / turn, n_seeds),
                seeds=tuple(value + 0.03 / turn * (seed - 1) for seed in range(n_seeds)),
            )
            for turn, value in zip(TURNS, values, strict=True)
        ),
    )


def _slice(
    name: str, metric: str, where: str, values: Sequence[float], n: int, turns: Sequence[int]
) -> SliceStory:
    marks = (Mark.CANNOT_TELL, Mark.FAIL if name == "faint" else Mark.CANNOT_TELL, Mark.PASS)
    return SliceStory(
        name=name,
        metric=metric,
        where=where,
        n_recordings=n,
        turns=tuple(
            SliceTurn(
                turn=turn,
                measure=Measure(value=value, low=value - 0.05, high=min(value + 0.05, 1.0)),
                mark=mark,
                reason=f"{name} {metric} is {value}.",
            )
            for turn, value, mark in zip(TURNS, values, marks, strict=True)
            if turn in turns
        ),
    )


def _turn(turn: int, pictures: Sequence[str]) -> TurnStory:
    return TurnStory(
        turn=turn,
        haul=_haul(turn, pictures),
        picks=PicksStory(
            selector="engine",
            groups=(
                _group("rare_class", pictures[10:17], 23, "Says nine; 4 labels so far."),
                _group("typical", pictures[17:22], 21, "Stands for 38 units like it."),
                _group("control", pictures[22:24], 6, "Drawn uniformly."),
            ),
            passed_over=(
                Count(reason="class_served", count=88),
                Count(reason="near_labelled", count=41),
                Count(reason="lower_rank", count=21),
            ),
        ),
        labels=_labels(turn, pictures),
        commit=CommitStory(
            commit_id=f"{turn}7ab" * 16,
            units=54 * turn,
            recordings=54 * turn,
            effective_units=48.6 * turn,
            error_frac=Measure(value=0.031, low=0.004, high=0.11),
            coverage_frac=0.31 + 0.13 * turn,
            balance_frac=0.7 + 0.08 * turn,
        ),
        gate=_gate(turn),
        uploaded_bytes=38_400 + 911 * turn,
        stages=tuple(
            StageStory(name=name, wall_s=wall_s * turn, cached=name == "ingest" and turn == 3)
            for name, wall_s in zip(STAGES, (0.8, 0.1, 0.3, 0.2, 0.1, 4.2, 0.6, 0.02), strict=True)
        ),
        addresses=(
            Address(name="commit", address=f"{turn}7ab" * 16),
            Address(name="network", address=f"{turn}4d1" * 16),
            Address(name="report", address=f"{turn}e0f" * 16),
        ),
    )


def _haul(turn: int, pictures: Sequence[str]) -> HaulStory:
    faint = "faint accuracy 0.66 is below the released network's 0.70."
    return HaulStory(
        week=turn - 1,
        met=449,
        uploaded=200,
        groups=(
            _group("low_confidence", pictures[:8], 91, "Confidence 0.34: eight or three."),
            _group("rarity", pictures[24:30], 57, "May be a nine, of which 4 are labelled."),
            _group("faint", pictures[30:34], 32, "Campaign: contrast 0.29."),
            _group("control", pictures[34:37], 20, "Drawn uniformly."),
        ),
        yields=(
            YieldStory(name="low_confidence", fired=160, uploaded=91),
            YieldStory(name="rarity", fired=88, uploaded=57),
            YieldStory(
                name="faint", is_campaign=True, fired=40, uploaded=32, true_frac=0.84, reason=faint
            ),
            YieldStory(name="control", fired=20, uploaded=20),
        ),
        kept=(
            Count(reason="no trigger fired", count=181),
            Count(reason="over the upload budget", count=68),
        ),
    )


def _labels(turn: int, pictures: Sequence[str]) -> LabelsStory:
    shots = [
        Shot(thumb=uri, caption="digit", reason="The network said so with 0.97, unasked.")
        for uri in pictures[37:40]
    ]
    return LabelsStory(
        paid=60.0,
        audited=3 * turn,
        audit_errors=int(turn > 1),
        error_frac=Measure(value=0.031, low=0.004, high=0.11),
        suspects=4,
        corrected=3,
        errors=tuple(
            LabelError(shot=shot, given=given, corrected=corrected)
            for shot, given, corrected in zip(
                shots, ("three", "seven", "one"), ("eight", "nine", "seven"), strict=True
            )
        ),
    )


def _gate(turn: int) -> GateStory:
    refused = turn == 2
    return GateStory(
        shipped=not refused,
        n_checks=6,
        reasons=("faint: accuracy 0.66 is worse than the released 0.70 (p = 0.02).",)
        if refused
        else (),
        unsure=("tail: macro recall 0.74 may or may not be within 0.03 of 0.71.",),
    )


def _group(name: str, pictures: Sequence[str], count: int, reason: str) -> ShotGroup:
    return ShotGroup(
        name=name,
        count=count,
        shots=tuple(
            Shot(thumb=uri, caption=f"digit {i}", reason=reason) for i, uri in enumerate(pictures)
        ),
    )
