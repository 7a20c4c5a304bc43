"""Files of an archive, read with suspicion: what cannot be taken is refused with a reason.

An archive comes from elsewhere. It may hold links out of itself, names that climb, devices, files
cut short, and pictures that unpack to more than the memory. None of these may stop the rest.
"""

import csv
import io
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import InputError
from bessemer.core.records import Codec
from bessemer.edge.decode import PictureTooLargeError, decode_picture

MAX_PICTURE_BYTES: Final = 256 << 20
MAX_TABLE_BYTES: Final = 64 << 20

_MAGIC = {
    b"\xff\xd8\xff": Codec.JPEG,
    b"\x89PNG\r\n\x1a\n": Codec.PNG,
    b"P5": Codec.PPM,
    b"P6": Codec.PPM,
}


class RefusedError(InputError):
    """One thing of an archive cannot be taken in; the rest can.

    Args:
        reason: A short fixed word.
        what: What is wrong, in one sentence.
        fix: What to do about it.
    """

    def __init__(self, reason: str, what: str, fix: str = "") -> None:
        super().__init__(what, fix=fix)
        self.reason = reason

    def rejection(self, where: str) -> Rejection:
        """Return the note of it."""
        return refuse(self.reason, where, f"{self.what} {self.fix}".strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFile:
    """An encoded picture that was decoded once, whole."""

    data: bytes
    codec: Codec
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table, and the line that it ends on."""

    line: int
    cells: dict[str, str]


def refuse(reason: str, where: str, detail: str) -> Rejection:
    """Return a rejection by ingest; what cannot be printed in ``where`` is escaped."""
    return Rejection(stage="ingest", reason=reason, where=printable(where), detail=detail)


def printable(name: str) -> str:
    """Return a name that can be stored and shown, whatever bytes a file system gave it."""
    return name.encode("utf-8", "backslashreplace").decode()


def relative(root: Path, path: Path) -> str:
    """Return the place of ``path`` below ``root``, with forward slashes."""
    return printable(path.relative_to(root).as_posix())


def inside(root: Path, name: str) -> Path:
    """Return the path that a table names, if it stays below ``root``.

    Args:
        root: The archive, resolved.
        name: A relative path with forward slashes.

    Returns:
        The path.

    Raises:
        RefusedError: If the name is empty, absolute, or climbs.
    """
    pure = PurePosixPath(name)
    if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\0" in name or "\\" in name:
        raise RefusedError(
            "path_escape",
            f"{printable(name)!r} is not a path below the archive.",
            "Name files relative to the archive, without '..'.",
        )
    return root / pure


def walk_files(root: Path) -> Iterator[Path | Rejection]:
    """Yield every file below ``root`` in order of the parts of its path, and what is refused.

    Folders that are links are not entered: they lead out of the archive, or in a circle. Names
    that are no UTF-8 are refused, because a source must be able to name them.

    Args:
        root: A folder, resolved.

    Yields:
        Paths of files, or rejections.
    """
    waiting = [root]
    while waiting:
        path = waiting.pop()
        where = relative(root, path)
        if where.encode() != os.fsencode(path.relative_to(root)):
            yield refuse("bad_name", where, "The name is no UTF-8. Rename it.")
        elif path.is_symlink() and path.is_dir():
            yield refuse("linked_folder", where, "A link to a folder is not followed.")
        elif path.is_dir():
            try:
                waiting.extend(sorted(path.iterdir(), reverse=True))
            except OSError as error:
                yield refuse("unreadable", where, f"It cannot be listed: {error.strerror}.")
        else:
            yield path


def read_file(root: Path, path: Path, max_bytes: int = MAX_PICTURE_BYTES) -> bytes:
    """Return the bytes of a file of an archive.

    Args:
        root: The archive, resolved.
        path: A file below it.
        max_bytes: A larger file is refused unread.

    Returns:
        Its bytes, at least one.

    Raises:
        RefusedError: If it is missing, leaves the archive, is no plain file, empty or too large.
    """
    try:
        return check_file(root, path, max_bytes).read_bytes()
    except OSError as error:
        raise RefusedError("unreadable", f"It cannot be read: {error.strerror}.") from error


def check_file(root: Path, path: Path, max_bytes: int) -> Path:
    """Return the resolved path of a file that may be opened.

    Args:
        root: The archive, resolved.
        path: A file below it.
        max_bytes: A larger file is refused.

    Returns:
        The path without links.

    Raises:
        RefusedError: As for :func:`read_file`.
    """
    try:
        resolved = path.resolve(strict=True)
        if not resolved.is_relative_to(root):
            raise RefusedError(
                "leaves_archive",
                "It is a link to a place outside of the archive.",
                "Copy the file into the archive.",
            )
        found = resolved.stat()
        if not stat.S_ISREG(found.st_mode):
            raise RefusedError("unreadable", "It is not a plain file.")
        if found.st_size == 0:
            raise RefusedError("zero_bytes", "The file is empty.", "Copy it again.")
        if found.st_size > max_bytes:
            raise RefusedError(
                "absurd_size", f"It has {found.st_size} bytes; at most {max_bytes} are read."
            )
        return resolved
    except FileNotFoundError as error:
        raise RefusedError("missing_file", "There is no such file.", "Copy it again.") from error
    except OSError as error:
        raise RefusedError("unreadable", f"It cannot be read: {error.strerror}.") from error
    except RuntimeError as error:
        raise RefusedError("unreadable", "Its links go in a circle.") from error


def read_picture(root: Path, path: Path) -> PictureFile:
    """Return a picture of an archive, having decoded it whole.

    Args:
        root: The archive, resolved.
        path: A file below it.

    Returns:
        The encoded picture and its size.

    Raises:
        RefusedError: If it cannot be read, is no picture, is too large, or is damaged.
    """
    return check_picture(read_file(root, path))


def check_picture(data: bytes) -> PictureFile:
    """Return encoded bytes as a picture, having decoded them whole.

    Args:
        data: The bytes.

    Returns:
        The picture and its size.

    Raises:
        RefusedError: If it is no picture, is too large, or is damaged.
    """
    codec = next((codec for magic, codec in _MAGIC.items() if data.startswith(magic)), None)
    if codec is None:
        raise RefusedError(
            "not_a_picture", "It is no JPEG, PNG or PPM.", "Convert it, or leave it out."
        )
    try:
        height_px, width_px, _ = decode_picture(data, codec=codec).shape
    except PictureTooLargeError as error:
        raise RefusedError("absurd_size", error.what, error.fix) from error
    except InputError as error:
        raise RefusedError("truncated_picture", error.what, error.fix) from error
    return PictureFile(data=data, codec=codec, width_px=width_px, height_px=height_px)


def read_table(
    root: Path, path: Path, columns: tuple[str, ...], delimiter: str = ","
) -> Iterator[Row | Rejection]:
    """Yield the rows of a CSV file, and those refused for having too few or too many cells.

    Args:
        root: The archive, resolved.
        path: A file below it, with a header.
        columns: Columns that must be there.
        delimiter: Between cells.

    Yields:
        Rows, or rejections with their line.

    Raises:
        RefusedError: If the file cannot be read, or lacks a column.
    """
    data = read_file(root, path, MAX_TABLE_BYTES)
    place = relative(root, path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError("bad_table", f"It is not UTF-8: {error}.", "Save it again.") from error
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = tuple(next(rows, ()))
    missing = [column for column in columns if column not in header]
    if missing or len(set(header)) != len(header):
        raise RefusedError(
            "bad_table",
            f"Its header is {', '.join(header)}; {', '.join(columns)} are needed, each once.",
        )
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield refuse("bad_row", f"{place}:{rows.line_num}", f"The row is no CSV: {error}.")
            continue
        if len(cells) == len(header):
            yield Row(line=rows.line_num, cells=dict(zip(header, cells, strict=True)))
        elif cells:
            detail = f"The row has {len(cells)} cells where the header has {len(header)}."
            yield refuse("bad_row", f"{place}:{rows.line_num}", detail)
