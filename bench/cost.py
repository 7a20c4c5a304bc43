"""What a run of the works cost: CPU seconds and bytes per 1,000 clips by stage, and peak memory.

Reads what the ledger noted while the run ran, and what its folder holds; measures nothing itself
but ``bessemer --help``. A stage's bytes are all that it wrote, checkpoints and the ledger's own log
included; what is held is what stayed, by kind. Works that ran before bytes were noted have only the
latter.
"""

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from bessemer.core.fleet import Haul
from bessemer.lake.schemas import GEOMETRIES
from bessemer.loop.records import Intake
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works

LABELS = "labels"
KINDS = {"revisions": LABELS, **{geometry.name: LABELS for geometry in GEOMETRIES}}
"""What a table of the lake holds, where its name does not say it."""

HELP = [sys.executable, "-c", "from bessemer.cli import main; main(['--help'])"]


def help_s(repeats: int) -> float:
    """Return the median wall time of ``bessemer --help``, the interpreter's start included."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(HELP, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def held_bytes(root: Path) -> dict[str, int]:
    """Return what a works' folder holds, by kind: tables, networks, documents, history.

    Of the ledger's own file what is not a document or a node of the history stands as ``rows``.

    Args:
        root: Folder of the works, its ledger a SQLite file in it.

    Returns:
        Bytes by kind, the most first.
    """
    held: defaultdict[str, int] = defaultdict(int)
    for table in sorted((root / "lake").glob("*.lance")):
        held[KINDS.get(table.stem, table.stem)] += _size_of(table)
    held["networks"] = _size_of(root / "lake" / "artifacts")
    ledger = root / "ledger.sqlite"
    if ledger.exists():
        rest = sum(_size_of(path) for path in root.glob("ledger.sqlite*"))
        connection = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
        for kind, rows in (("documents", "documents"), ("history", "nodes")):
            size = connection.execute(f"SELECT sum(length(body)) FROM {rows}").fetchone()[0] or 0
            held[kind] = size
            rest -= size
        connection.close()
        held["rows"] = max(rest, 0)
    return dict(sorted(held.items(), key=lambda item: -item[1]))


def _size_of(path: Path) -> int:
    """Return the size of a file, or of all files below a folder."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())


def cost_of(works: Works) -> dict[str, object]:
    """Return what all turns of a works cost, by stage, and what it holds, by kind."""
    cpu_s: defaultdict[str, float] = defaultdict(float)
    written: defaultdict[str, float] = defaultdict(float)
    peak_bytes = 0
    for row in works.ledger.stages():
        cpu_s[row.name] += row.cost.cpu_s
        written[row.name] += row.cost.n_bytes
        peak_bytes = max(peak_bytes, row.cost.peak_bytes)
    n_clips = met = size_bytes = 0
    records = turn_records(works)
    for record in records:
        intake = works.ledger.get_document(record.intake, Intake)
        n_clips += len(intake.clips)
        size_bytes += intake.size_bytes
        met += works.ledger.get_document(record.haul, Haul).met
    per_thousand = 1000 / max(n_clips, 1)
    return {
        "turns": len(records),
        "clips": n_clips,
        "met": met,
        "uploaded_bytes_per_1000_clips": round(size_bytes * per_thousand),
        "cpu_s_per_1000_clips": _by_stage(cpu_s, per_thousand, 2),
        "written_bytes_per_1000_clips": _by_stage(written, per_thousand, None)
        if any(written.values())
        else None,
        "held_bytes_per_1000_clips": _by_stage(held_bytes(works.root), per_thousand, None),
        "peak_bytes": peak_bytes,
    }


def _by_stage(
    sums: Mapping[str, float], per_thousand: float, digits: int | None
) -> dict[str, float]:
    """Return sums per 1,000 clips, rounded, the greatest first."""
    ordered = sorted(sums.items(), key=lambda item: -item[1])
    return {name: round(value * per_thousand, digits) for name, value in ordered}


def main() -> None:
    """Print the cost of a works as JSON, and keep it if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--works", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with Works.open(asked.works) as works:
        found = cost_of(works) | {"help_s_median": round(help_s(asked.repeats), 3)}
    text = json.dumps(found, indent=2) + "\n"
    print(text, end="")
    if asked.out:
        asked.out.write_text(text)


if __name__ == "__main__":
    main()
