"""Files that are there whole or not at all, whenever the power goes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file beside its place, flush it, and rename it into place.

    A reader sees the old bytes or the new ones. Two writers of one folder hold :func:`hold_lock`.

    Args:
        path: The file; its folder is made if there is none.
        data: Its bytes.
        mode: Its permissions, before the umask.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    move_whole(part, path)


def move_whole(source: Path, target: Path) -> None:
    """Flush a file and rename it to another place of the same disk.

    Args:
        source: The file.
        target: Where it is to lie; a file there is replaced.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    flush(source)
    source.replace(target)
    flush(target.parent)


def flush(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk.

    Args:
        path: The file or folder.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Keep other processes out of a block; the lock falls with the process that holds it.

    Args:
        path: The lock's file; its folder is made if there is none.

    Yields:
        Nothing, once the lock is held.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
