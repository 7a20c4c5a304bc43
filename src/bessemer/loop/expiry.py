"""Retention: recordings that may be kept no longer are found, then erased with a tombstone each.

Pages of reports were written with pictures inside, which erasing does not reach; it names them.

A recording's own clock need not be anybody's calendar, so its days count from its arrival. A day
is a day in UTC, and what ends on a day is erased on it: never late, and hours early at most.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bessemer.core.ids import RecordingId
from bessemer.loop.works import Works


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """A recording past its retention, and what used it.

    Attributes:
        recording_id: The recording.
        source: Its source.
        until: The last day on which it may be kept, as ``2027-01-31``.
        retention_days: How long it may be kept.
        n_commits: Data commits that hold it.
        n_networks: Networks that learnt from it.
    """

    recording_id: RecordingId
    source: str
    until: str
    retention_days: int
    n_commits: int
    n_networks: int


def find_expired(works: Works, as_of: date) -> Iterator[Expired]:
    """Yield the recordings whose retention ends on a day or ended before it, oldest first.

    Args:
        works: The works.
        as_of: The day, in UTC.

    Yields:
        One record a recording that was not erased yet.
    """
    morning_after = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) + timedelta(days=1)
    for kept in works.ledger.kept_until(morning_after.timestamp()):
        used = works.lake.lineage(kept.recording_id)
        yield Expired(
            recording_id=kept.recording_id,
            source=kept.source,
            until=datetime.fromtimestamp(kept.until_unix_s, UTC).date().isoformat(),
            retention_days=kept.retention_days,
            n_commits=len(used.commits),
            n_networks=len(used.networks),
        )


def erase_expired(works: Works, expired: Expired) -> None:
    """Erase a recording that is past its retention; the tombstone says so."""
    reason = f"kept for {expired.retention_days} days, until {expired.until}"
    works.lake.erase(expired.recording_id, reason)


def pages_with_pictures(works: Works) -> list[Path]:
    """Return the pages of reports in a works' folder: written before, they keep their thumbnails.

    Args:
        works: The works.

    Returns:
        Their paths, by name. Pages that were written or copied elsewhere are not known.
    """
    return sorted(works.root.glob("report-*.html"))
