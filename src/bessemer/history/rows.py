"""Rows of the Merkle map: an entry as text that sorts as its key does, and reading it back.

A row's *path* is hex digits: of a hash of the recording, then the start, the end and the task. So
units of one recording stand side by side in the order of time, and recordings spread evenly.
Maps are compared and edited as such text; only a row that somebody asks for becomes records.
"""

import hashlib
from functools import lru_cache
from typing import NewType
from urllib.parse import quote, unquote

from bessemer.core.history import Entry, UnitKey
from bessemer.core.ids import RecordingId, RevisionId, TaskName
from bessemer.core.records import Stretch

RECORDING_DIGITS = 32
_START, _END = RECORDING_DIGITS + 16, RECORDING_DIGITS + 32
_OFFSET = 1 << 63

Row = NewType("Row", str)
"""Path, revision and recording as one text, a blank between them.

A path has no more of its recording than a hash, so the recording stands there too, its blanks
quoted. A blank sorts before every digit and no path begins another, so rows sort as paths do.
Texts and not records, because a large map has many: comparing them is quick, and the garbage
collector does not walk them.
"""


@lru_cache(maxsize=65_536)
def recording_path(recording_id: RecordingId) -> str:
    """Return the digits under which all units of a recording stand."""
    digest = hashlib.sha256(b"recording_path\0" + recording_id.encode())
    return digest.hexdigest()[:RECORDING_DIGITS]


@lru_cache(maxsize=65_536)
def row_end(recording_id: RecordingId) -> str:
    """Return the text with which all rows of a recording end."""
    return " " + quote(recording_id, safe="")


@lru_cache(maxsize=4_096)
def _task_path(task: TaskName) -> str:
    # The closing NUL keeps one path from being the beginning of another.
    return task.encode().hex() + "00"


@lru_cache(maxsize=4_096)
def _task_at(task_path: str) -> TaskName:
    return TaskName(bytes.fromhex(task_path[:-2]).decode())


def path_of_key(key: UnitKey) -> str:
    """Return the path of a key: equal for equal keys only, ordered by time in a recording."""
    unit = key.unit
    when = f"{unit.start_ns + _OFFSET:016x}{unit.end_ns + _OFFSET:016x}"
    return recording_path(unit.recording_id) + when + _task_path(key.task)


def row_of(path: str, key: UnitKey, revision_id: RevisionId) -> Row:
    """Return the row of a key, whose path is known, and its revision."""
    return Row(f"{path} {revision_id}{row_end(key.unit.recording_id)}")


def path_of(row: Row) -> str:
    """Return the path of a row."""
    return row.partition(" ")[0]


def revision_of(row: Row) -> RevisionId:
    """Return the revision of a row."""
    return RevisionId(row.partition(" ")[2].rpartition(" ")[0])


def recording_of(row: Row) -> RecordingId:
    """Return the recording of a row."""
    return RecordingId(unquote(row.rpartition(" ")[2]))


def key_of(row: Row) -> UnitKey:
    """Return the key of a row."""
    path = path_of(row)
    unit = Stretch(
        recording_id=recording_of(row),
        start_ns=int(path[RECORDING_DIGITS:_START], 16) - _OFFSET,
        end_ns=int(path[_START:_END], 16) - _OFFSET,
    )
    return UnitKey(unit=unit, task=_task_at(path[_END:]))


def entry_of(row: Row) -> Entry:
    """Return the entry of a row."""
    return Entry(key=key_of(row), revision_id=revision_of(row))
