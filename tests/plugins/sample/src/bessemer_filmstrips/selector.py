"""A selector that takes the longest strips: a label that is carried along serves most frames."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bessemer.core.errors import InputError
from bessemer.core.selection import Candidates, Choice, Labelled, ReasonCode, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class LongestSelector:
    """Chooses by the number of frames; ties go to the earlier candidate."""

    name: ClassVar[str] = "longest"

    def select(
        self, candidates: Candidates, labelled: Labelled, budget: int, seed: int
    ) -> Selection:
        """Choose the longest; see :class:`bessemer.core.selection.Selector`."""
        if candidates.space_id != labelled.space_id:
            raise InputError("Candidates and labels are in different spaces.", where=self.name)
        order = np.argsort(-candidates.frame_counts, kind="stable")[:budget].tolist()
        left = sorted(set(range(len(candidates))) - set(order))

        def said(index: int, code: ReasonCode) -> Choice:
            reason = f"It has {candidates.frame_counts[index]} frames."
            return Choice(index=index, unit=candidates.units[index], code=code, reason=reason)

        return Selection(
            selector=self.name,
            chosen=tuple(said(i, ReasonCode.TYPICAL) for i in order),
            passed_over=tuple(said(i, ReasonCode.LOWER_RANK) for i in left),
        )
