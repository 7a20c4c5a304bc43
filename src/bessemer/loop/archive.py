"""The archive that a fleet meets: read by a reader, with its settings, into the lake."""

from collections.abc import Sequence
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path

from bessemer.core.config import override
from bessemer.core.errors import InputError
from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import LogReader
from bessemer.core.records import SplitRule, Terms
from bessemer.ingest.run import IngestReport, ingest
from bessemer.loop.works import Works

_ABANDONED_S = 3600.0
"""A batch that was open for an hour is nobody's: its writer was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveConfig:
    """How an archive is taken in; any of it can be set.

    Attributes:
        reader: Knows its layout. A reader that is a frozen dataclass has its fields as settings.
        split: Deals recordings to train and test.
        terms: Licence, region and retention; None takes the layout's own.
        compare: Whether recordings of known names are read again and compared by content.
    """

    reader: LogReader
    split: SplitRule = field(default_factory=SplitRule)
    terms: Terms | None = None
    compare: bool = True


def archive_config(
    reader: str,
    settings: Sequence[str] = (),
    *,
    split: SplitRule | None = None,
    terms: Terms | None = None,
    compare: bool = True,
) -> ArchiveConfig:
    """Return how an archive is taken in.

    Args:
        reader: The reader's name.
        settings: Each ``path=value``, such as ``reader.sequence=true``.
        split: Deals recordings to train and test; None takes the default rule.
        terms: Licence, region and retention; None takes the layout's own.
        compare: Whether recordings of known names are compared by content.

    Returns:
        The config.

    Raises:
        InputError: If a setting is of a reader that has none, or of terms that were not given.

    Example:
        >>> archive_config("pictures", ["reader.rate_hz=10"]).reader
        PicturesReader(sequence=False, rate_hz=10, ontology=None)
    """
    config = ArchiveConfig(
        reader=find_plugin("readers", reader),
        split=split or SplitRule(),
        terms=terms,
        compare=compare,
    )
    for setting in settings:
        if setting.startswith("reader.") and not is_dataclass(config.reader):
            raise InputError(
                f"The reader {reader!r} has no settings.", where=setting, fix="Leave it out."
            )
        if setting.startswith("terms.") and terms is None:
            raise InputError(
                "Terms are set in addition to a licence and a region.",
                where=setting,
                fix="Give --licence and --region as well.",
            )
    return override(config, settings)


def ingest_archive(
    works: Works, config: ArchiveConfig, data: Path | None, *, growing: bool = False
) -> IngestReport:
    """Take an archive into the lake.

    First what a killed process left is removed, and erasures that were cut off are completed.

    Args:
        works: The works.
        config: The reader and its settings, the split, the terms.
        data: Folder or file; None for readers whose archive lies in a package.
        growing: Whether it is known to hold what was taken in before, so that nobody need be told.

    Returns:
        What was new, known, answered anew, rejected, and why.
    """
    works.lake.sweep(_ABANDONED_S)
    reader = config.reader
    with works.story.bar(f"reading {data or reader.name}") as progress:
        report = ingest(
            reader,
            data or Path(reader.name),
            works.lake,
            works.ledger,
            compare=config.compare,
            rule=config.split,
            terms=config.terms,
            progress=progress,
        )
    if report.n_known and not report.compared and not growing:
        works.story.say(
            f"{report.n_known} recordings are known by name; `bessemer ingest` compares content."
        )
    works.forget_frames()
    return report
