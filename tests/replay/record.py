"""Recorded input, committed output: ``python -m tests.replay.record`` writes the outputs anew.

Run it only when a change of what comes out is meant. It says what changed, file by file.
"""

import difflib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.replay import curate, exchange, first_turn, fleet, ingest, validate
from tests.replay.readable import as_text

OUTPUTS: Final = Path(__file__).with_name("outputs")
CASES: Final[dict[str, Callable[[], object]]] = {
    "ingest": ingest.replay,
    "first_turn": first_turn.replay,
    "curate": curate.replay,
    "fleet": fleet.replay,
    "validate": validate.replay,
    "exchange": exchange.replay,
}
COMMAND: Final = "python -m tests.replay.record"


def path_of(name: str) -> Path:
    """Return where the output of a case is kept."""
    return OUTPUTS / f"{name}.json"


def difference(name: str, now: str) -> str:
    """Return how an output differs from the committed one, line by line; empty if it does not."""
    path = path_of(name)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = difflib.unified_diff(
        before.splitlines(), now.splitlines(), f"committed/{path.name}", f"now/{path.name}", n=1
    )
    return "\n".join(line.rstrip("\n") for line in lines)


def main() -> None:
    """Replay every case, write what changed, and say what that is."""
    for name, replay in CASES.items():
        now = as_text(replay())
        changed = difference(name, now)
        print(f"{path_of(name).name}: {'changed' if changed else 'unchanged'}")
        if changed:
            print(changed)
            OUTPUTS.mkdir(exist_ok=True)
            path_of(name).write_text(now, encoding="utf-8")
    for stray in sorted(set(OUTPUTS.iterdir()) - {path_of(name) for name in CASES}):
        print(f"{stray.name}: no case has this output; remove it", file=sys.stderr)


if __name__ == "__main__":
    main()
