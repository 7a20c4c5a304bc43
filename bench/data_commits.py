"""What commit, diff and merge of 1,000 changed units cost, by the number of units there are.

On SQLite, with no node kept by the program between two operations (the system may keep pages).
Beside it, in the same run, the plain way: the whole map as one blob, read, changed or compared
line by line, and written whole; its blobs are not checked against their addresses. Writes
``bench/results/data_commits.json`` and ``.png``.

    python bench/data_commits.py --units 10000 100000 1000000
"""

import argparse
import hashlib
import json
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ParamSpec

from bessemer.core.history import Entry, UnitKey
from bessemer.core.ids import NodeId, RecordingId, RevisionId, TaskName, decode, encode
from bessemer.core.labels import Author, AuthorKind
from bessemer.core.records import Stretch
from bessemer.history import History
from bessemer.ledger.commits import SqlNodeStore, SqlRefStore
from bessemer.ledger.database import Database, open_engine
from bessemer.ledger.schema import Base

N_CHANGED = 1_000
UNITS_PER_RECORDING = 20
AIM_S = 2.0
AUTHOR = Author(kind=AuthorKind.PERSON, name="bench")
P = ParamSpec("P")
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Seconds by operation at one number of units: the middle, the least and the most."""

    units: int
    operation: str
    way: str
    median_s: float
    min_s: float
    max_s: float
    repeats: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--plain-repeats", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    points: list[Point] = []
    builds = []
    for units in args.units:
        with tempfile.TemporaryDirectory() as folder:
            build, found = measure_history(Path(folder), units, args.repeats)
            builds.append(build)
            points += found
            points += measure_plain(Path(folder), units, args.plain_repeats)
        for point in points[-6:]:
            print(f"{point.units:>9,} {point.operation:<7}{point.way:<8}{point.median_s:8.3f} s")
    write_results(args.out, points, builds)


def key_at(i: int) -> UnitKey:
    """The i-th unit; the recordings' ids look as real ones do."""
    digest = hashlib.sha256(f"recording {i // UNITS_PER_RECORDING}".encode()).hexdigest()
    start_ns = (i % UNITS_PER_RECORDING) * 500_000_000
    unit = Stretch(
        recording_id=RecordingId(digest), start_ns=start_ns, end_ns=start_ns + 500_000_000
    )
    return UnitKey(unit=unit, task=TaskName("signs"))


def revision_at(i: int, version: str = "") -> RevisionId:
    """The i-th unit's revision in some version."""
    return RevisionId(hashlib.sha256(f"revision {i} {version}".encode()).hexdigest())


def entries(numbers: Sequence[int] | range, version: str = "") -> Iterator[Entry]:
    """The entries of some units in some version."""
    return (Entry(key=key_at(i), revision_id=revision_at(i, version)) for i in numbers)


def drawn(units: int, repeat: int) -> tuple[list[int], list[int]]:
    """Two disjoint draws of the units that one repeat changes, one a side."""
    both = random.Random(repeat).sample(range(units), 2 * N_CHANGED)
    return both[:N_CHANGED], both[N_CHANGED:]


def measure_history(folder: Path, units: int, repeats: int) -> tuple[dict[str, float], list[Point]]:
    """Measure data commits on a fresh database."""
    path = folder / "ledger.sqlite"
    database = Database(open_engine(f"sqlite:///{path}"), time.time)
    Base.metadata.create_all(database.engine)

    def cold() -> History:
        return History(SqlNodeStore(database), SqlRefStore(database))

    def commit(branch: str, numbers: Sequence[int] | range, version: str) -> None:
        changed = list(entries(numbers, version)) if version else entries(numbers)
        cold().commit(branch, put=changed, author=AUTHOR, message=version, split_id="split")

    build_s = timed(commit, "main", range(units), "")
    size_bytes = sum(file.stat().st_size for file in folder.glob("ledger.sqlite*"))
    build = {"units": units, "build_s": round(build_s, 2), "size_bytes": size_bytes}
    seconds: dict[str, list[float]] = {"commit": [], "diff": [], "merge": []}
    for repeat in range(repeats):
        ours, theirs = drawn(units, repeat)
        for side in ("ours", "theirs"):
            cold().branch(f"{side}-{repeat}", "main")
        seconds["commit"].append(timed(commit, f"ours-{repeat}", ours, f"o{repeat}"))
        commit(f"theirs-{repeat}", theirs, f"t{repeat}")
        seconds["diff"].append(timed(differ, cold(), "main", f"ours-{repeat}"))
        seconds["merge"].append(timed(join, cold(), f"ours-{repeat}", f"theirs-{repeat}"))
        assert sum(1 for _ in cold().diff("main", f"ours-{repeat}")) == 2 * N_CHANGED
    database.engine.dispose()
    return build, points_of(units, "history", seconds)


def differ(history: History, before: str, after: str) -> None:
    """List a difference and count it."""
    assert sum(1 for _ in history.diff(before, after)) == N_CHANGED


def join(history: History, ours: str, theirs: str) -> None:
    """Merge one branch into another."""
    assert history.merge(ours, theirs, author=AUTHOR, message="merge").commit_id is not None


def measure_plain(folder: Path, units: int, repeats: int) -> list[Point]:
    """Measure the plain way: one blob a version, everything read and written."""
    database = sqlite3.connect(folder / "plain.sqlite")
    database.execute("CREATE TABLE blobs (id TEXT PRIMARY KEY, body BLOB)")

    def write(held: dict[str, str]) -> NodeId:
        body = encode(held)
        blob_id = NodeId(hashlib.sha256(body).hexdigest())
        with database:
            database.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (blob_id, body))
        return blob_id

    def read(blob_id: NodeId) -> dict[str, str]:
        query = "SELECT body FROM blobs WHERE id = ?"
        (body,) = database.execute(query, (blob_id,)).fetchone()
        return decode(body, dict[str, str])

    def commit(parent: NodeId, numbers: Sequence[int], version: str) -> NodeId:
        return write(read(parent) | lines(numbers, version))

    def compare(before: NodeId, after: NodeId) -> int:
        old, new = read(before), read(after)
        return sum(old.get(key) != new.get(key) for key in old.keys() | new.keys())

    def merge(base: NodeId, ours: NodeId, theirs: NodeId) -> NodeId:
        old, mine, yours = read(base), read(ours), read(theirs)
        changed = {key: line for key, line in yours.items() if old.get(key) != line}
        assert all(mine.get(key) == old.get(key) for key in changed)
        return write(mine | changed)

    root = write(lines(range(units)))
    seconds: dict[str, list[float]] = {"commit": [], "diff": [], "merge": []}
    for repeat in range(repeats):
        ours, theirs = drawn(units, repeat)
        seconds["commit"].append(timed(commit, root, ours, "o"))
        mine, yours = commit(root, ours, "o"), commit(root, theirs, "t")
        seconds["diff"].append(timed(compare, root, mine))
        seconds["merge"].append(timed(merge, root, mine, yours))
    database.close()
    return points_of(units, "plain", seconds)


def lines(numbers: Sequence[int] | range, version: str = "") -> dict[str, str]:
    """The same contents as :func:`entries`, as text."""
    return {
        f"{e.key.unit.recording_id} {e.key.unit.start_ns} {e.key.unit.end_ns} {e.key.task}": str(
            e.revision_id
        )
        for e in entries(numbers, version)
    }


def timed(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> float:
    """Seconds that ``work`` takes."""
    start_s = time.perf_counter()
    work(*args, **kwargs)
    return time.perf_counter() - start_s


def points_of(units: int, way: str, seconds: dict[str, list[float]]) -> list[Point]:
    """The points of one number of units."""
    return [
        Point(
            units=units,
            operation=operation,
            way=way,
            median_s=round(statistics.median(taken), 4),
            min_s=round(min(taken), 4),
            max_s=round(max(taken), 4),
            repeats=len(taken),
        )
        for operation, taken in seconds.items()
    ]


def write_results(out: Path, points: list[Point], builds: list[dict[str, float]]) -> None:
    """Write the figures, and a picture of them."""
    out.mkdir(parents=True, exist_ok=True)
    record = {
        "what": f"{N_CHANGED} changed units (on each side of a merge), SQLite, cold reader",
        "aim_s": AIM_S,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "builds": builds,
        "points": [asdict(point) for point in points],
    }
    (out / "data_commits.json").write_text(json.dumps(record, indent=1) + "\n")
    draw(out / "data_commits.png", points)


def draw(path: Path, points: list[Point]) -> None:
    """Draw the three operations side by side."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(9, 3), sharey=True, layout="constrained")
    for axis, operation in zip(axes, ("commit", "diff", "merge"), strict=True):
        for way, colour in (("history", "#0b6e8a"), ("plain", "#b8b8b8")):
            here = [p for p in points if (p.operation, p.way) == (operation, way)]
            sizes = [p.units for p in here]
            axis.plot(sizes, [p.median_s for p in here], "o-", color=colour, label=way)
            spread = ([p.min_s for p in here], [p.max_s for p in here])
            axis.fill_between(sizes, *spread, color=colour, alpha=0.25, linewidth=0)
        axis.axhline(AIM_S, color="#c0392b", linestyle=":", linewidth=1)
        axis.set(title=operation, xscale="log", yscale="log", xlabel="units in the data set")
    axes[0].set_ylabel(f"seconds, {N_CHANGED:,} units changed")
    axes[0].legend(frameon=False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
