"""The first turn of the recipe of the digits, over a quarter of them: both arms.

Up to the data commit no network exists, so nothing hangs on how a machine trains. One step is
trained, and what comes of it is not recorded. The budget ends before what is left are pairs that
help each other alike: which of such two comes first is decided by a machine's last digit.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from bessemer.core.config import override
from bessemer.core.fleet import Haul
from bessemer.core.records import Stretch
from bessemer.loop.archive import ingest_archive
from bessemer.loop.line import Line
from bessemer.loop.recipe import archive_of_recipe
from bessemer.loop.records import Answers, Picks, TurnRecord
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.works import Works
from tests.loop.few import few_digits, write_digits

SETTINGS = ("turns=1", "seeds=1", "train.steps=1", "budget.labels=16")


def replay() -> object:
    """Run the turn of each arm; return what came back, what was chosen, and the commit."""
    recipe = override(few_digits(), SETTINGS)
    with tempfile.TemporaryDirectory() as folder, Works.open(Path(folder, "works")) as works:
        ingest_archive(works, archive_of_recipe(recipe), write_digits(Path(folder, "few")))
        line = Line.ready(recipe, works)
        turns = list(run_turns(line, branches_of(line), turns=1))
        return {turn.branch.arm: _turn(works, turn) for turn in turns}


def _turn(works: Works, turn: TurnRecord) -> object:
    """Return one turn of one arm."""
    haul = works.ledger.get_document(turn.haul, Haul)
    picks = works.ledger.get_document(turn.picks, Picks)
    answers = works.ledger.get_document(turn.answers, Answers)
    came: dict[str, list[Stretch]] = {}
    for upload in haul.uploads:
        reasons = "; ".join(f"{hit.trigger}: {hit.reason}" for hit in upload.hits)
        came.setdefault(reasons, []).append(upload.stretch)
    return {
        "met": haul.met,
        "kept": haul.kept,
        "came back": {reason: _sources(works, its) for reason, its in came.items()},
        "chosen": [f"{_source(works, p.unit)} {p.code}: {p.reason}" for p in picks.chosen],
        "passed over": {part.code: _sources(works, part.units) for part in picks.left},
        "paid": answers.paid,
        "audited": answers.audited,
        "found wrong": [_source(works, c.unit) for c in answers.corrections],
        "commit": turn.commit_id,
    }


def _sources(works: Works, stretches: Iterable[Stretch]) -> list[str]:
    """Return where stretches come from, in their order."""
    return [_source(works, stretch) for stretch in stretches]


def _source(works: Works, stretch: Stretch) -> str:
    """Return where a stretch comes from: such as ``few/0012.png``."""
    return works.atlas.recordings[stretch.recording_id].source
