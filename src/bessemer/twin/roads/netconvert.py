"""Runs SUMO's network converter, which ships in the wheel ``eclipse-sumo``."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from bessemer.core.errors import InputError, MissingExtraError

TIME_LIMIT_S = 300.0


def netconvert(arguments: list[str], *, where: str) -> None:
    """Run ``netconvert`` to its end.

    Args:
        arguments: Its options; files by absolute path.
        where: What is converted, for the error.

    Raises:
        MissingExtraError: If the wheel is not installed.
        InputError: If it refuses what it was given, or takes too long.
    """
    found = importlib.util.find_spec("sumo")
    if found is None or found.origin is None:
        raise MissingExtraError(
            "Networks are converted by SUMO, which is not installed.",
            where=where,
            fix="Install bessemer[twin].",
        )
    home = Path(found.origin).parent
    program = home / "bin" / ("netconvert.exe" if sys.platform == "win32" else "netconvert")
    try:
        ended = subprocess.run(
            [str(program), "--xml-validation", "never", *arguments],
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT_S,
            check=False,
            env={"SUMO_HOME": str(home), "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"Its conversion took more than {TIME_LIMIT_S:.0f} s.",
            where=where,
            fix="Cut a smaller piece out of the map.",
        ) from None
    if ended.returncode != 0:
        said = [line for line in ended.stderr.splitlines() if line.startswith("Error")]
        raise InputError(
            f"SUMO cannot convert it: {' '.join(said)[:300] or 'no reason given'}",
            where=where,
            fix="Open it with netconvert and mend what that names.",
        )
