"""Turns a binary stage into text, in a process of its own.

OpenUSD's reader of binary files ends the process, or never ends, on about one in a hundred
files with a few damaged bytes (usd-core 26.11); its reader of text says what is wrong. So
whoever reads binary files of others lets this fall in their place.
"""

import os
import subprocess
import sys
from pathlib import Path

from bessemer.core.errors import InputError

_PATIENCE_S = 300.0
_CPU_S, _CPU_S_PER_MB = 10, 2
_MEMORY_BYTES = 8 << 30


def unpack(source: Path, target: Path) -> None:
    """Write what a binary stage holds as text.

    Args:
        source: A file of any of USD's formats.
        target: A file to be, named ``.usda``, in a temporary folder.

    Raises:
        InputError: If it cannot be read.
    """
    command = [sys.executable, "-m", __name__, str(source.resolve()), str(target)]
    # OpenUSD writes a report of its crash there; it goes with the target's folder.
    place = os.environ | {"TMPDIR": str(target.parent)}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=_PATIENCE_S,
            stdin=subprocess.DEVNULL,
            env=place,
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(source, f"its parser did not end within {_PATIENCE_S:.0f} s") from error
    if done.returncode:
        words = done.stdout.decode(errors="replace").strip()
        raise _refused(source, words or f"its parser fell ({done.returncode})")


def _refused(source: Path, why: str) -> InputError:
    return InputError(
        f"This is no USD file, or it is damaged: {why}.",
        where=str(source),
        fix="It may be cut short; write it again.",
    )


def main(source: str, target: str) -> int:
    """Unpack a file in this process; the reason of a failure goes to stdout.

    Args:
        source: The file.
        target: The text.

    Returns:
        0, or 1 if it cannot be read.
    """
    _limit(Path(source).stat().st_size)
    from bessemer.twin.usd.parse import layer_of

    try:
        layer_of(Path(source)).Export(target)
    except InputError as error:
        print(error.what.rstrip(".").removeprefix("This is no USD file, or it is damaged: "))
        return 1
    return 0


def _limit(size_bytes: int) -> None:
    """Bound what this process may take, where the system can: far more than a whole file asks."""
    try:
        import resource
    except ImportError:
        return
    seconds = _CPU_S + _CPU_S_PER_MB * size_bytes // 1_000_000
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
