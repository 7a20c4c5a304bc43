"""The archive that a replayed fleet meets: read once, by a reader, into the lake."""

from pathlib import Path

from bessemer.core.plugins import find_plugin
from bessemer.core.records import SplitRule, Terms
from bessemer.ingest.run import IngestReport, ingest
from bessemer.loop.works import Works

_ABANDONED_S = 3600.0
"""A batch that was open for an hour is nobody's: its writer was killed."""


def ingest_archive(
    works: Works, reader: str, data: Path | None, rule: SplitRule, terms: Terms | None = None
) -> IngestReport:
    """Take an archive into the lake; what is there already is not read again.

    First what a killed process left is removed, and erasures that were cut off are completed.

    Args:
        works: The works.
        reader: The reader's name.
        data: Folder or file; None for readers whose archive lies in a package.
        rule: Deals recordings to train and test.
        terms: Licence and region; None takes the layout's own.

    Returns:
        How many were new, known, rejected, and why.
    """
    works.lake.sweep(_ABANDONED_S)
    with works.story.bar(f"reading {data or reader}") as progress:
        report = ingest(
            find_plugin("readers", reader),
            data or Path(reader),
            works.lake,
            works.ledger,
            rule=rule,
            terms=terms,
            progress=progress,
        )
    works.forget_frames()
    return report
