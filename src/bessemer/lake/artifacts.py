"""Files by the digest of their bytes: written beside, flushed, then renamed into place."""

import hashlib
import os
import re
import tempfile
import time
from pathlib import Path

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import ArtifactId

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK_BYTES = 1 << 20


class ArtifactFolder:
    """A folder of files; a name is a digest, so it cannot lead anywhere else.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"

    def put(self, path: Path) -> tuple[ArtifactId, int]:
        """Copy a file in, whole or not at all.

        Args:
            path: The file.

        Returns:
            Its address and its size in bytes.

        Raises:
            InputError: If there is no such file.
        """
        if not path.is_file():
            raise InputError("There is no such file.", where=str(path), fix="Check the path.")
        self._incoming.mkdir(parents=True, exist_ok=True)
        digest, size_bytes = hashlib.sha256(), 0
        with (
            path.open("rb") as source,
            tempfile.NamedTemporaryFile(dir=self._incoming, delete=False) as target,
        ):
            while chunk := source.read(_CHUNK_BYTES):
                digest.update(chunk)
                size_bytes += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        place = self.place_of(ArtifactId(digest.hexdigest()))
        place.parent.mkdir(exist_ok=True)
        Path(target.name).replace(place)
        for folder in (place.parent, self.root):
            _flush_folder(folder)
        return ArtifactId(place.name), size_bytes

    def place_of(self, artifact_id: ArtifactId) -> Path:
        """Return where a file of this address lies, or would lie.

        Args:
            artifact_id: Address of the file.

        Returns:
            A path, at which there may be no file.

        Raises:
            NotFoundError: If this is no address.
        """
        if not _DIGEST.fullmatch(artifact_id):
            raise NotFoundError(
                "This is no artifact's address.",
                where=artifact_id[:80],
                fix="An address has 64 hexadecimal digits.",
            )
        return self.root / artifact_id[:2] / artifact_id

    def find(self, artifact_id: ArtifactId) -> Path:
        """Return where a stored file lies.

        Args:
            artifact_id: Address of the file.

        Returns:
            Path of the file.

        Raises:
            NotFoundError: If it is not stored.
        """
        place = self.place_of(artifact_id)
        if not place.is_file():
            raise NotFoundError("There is no such artifact.", where=artifact_id)
        return place

    def sweep(self, min_age_s: float) -> int:
        """Delete copies that were cut off; return how many."""
        if not self._incoming.is_dir():
            return 0
        cut_off = [
            file
            for file in self._incoming.iterdir()
            if time.time() - file.stat().st_mtime >= min_age_s
        ]
        for file in cut_off:
            file.unlink(missing_ok=True)
        return len(cut_off)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
