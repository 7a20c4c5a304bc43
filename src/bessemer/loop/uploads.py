"""Which upload brought a unit: a drive comes back in stretches, each for a reason of its own."""

from collections.abc import Iterable

from bessemer.core.fleet import Upload
from bessemer.core.ids import RecordingId
from bessemer.core.records import Stretch

CONTROL = "control"
"""The trigger of what no trigger asked for: it was drawn uniformly from all that was met."""


def uploads_of(uploads: Iterable[Upload], units: Iterable[Stretch]) -> dict[Stretch, Upload]:
    """Return the first upload that holds any of each unit.

    Args:
        uploads: What came back, in the order in which it did.
        units: Stretches of recordings.

    Returns:
        Uploads by unit; units of which nothing came back are left out.
    """
    by_recording: dict[RecordingId, list[Upload]] = {}
    for upload in uploads:
        by_recording.setdefault(upload.stretch.recording_id, []).append(upload)
    found: dict[Stretch, Upload] = {}
    for unit in units:
        for upload in by_recording.get(unit.recording_id, ()):
            if upload.stretch.overlaps(unit):
                found[unit] = upload
                break
    return found


def trigger_of(upload: Upload) -> str:
    """Return the trigger that an upload came for; the first that fired won."""
    return upload.hits[0].trigger if upload.hits else CONTROL
