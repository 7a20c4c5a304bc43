"""What commit, diff and merge of 1,000 changed units cost, by the number of units there are.

On SQLite, with no node kept by the program between two operations (the system may keep pages).
The changed units are *scattered*, drawn uniformly, or come *together*, as all units of recordings
drawn uniformly. Sizes take turns, so that a busy moment of the machine meets them all alike. Nodes
read and written are counted beside the seconds: they are what the shape of the map asks for.

Beside it the plain way: the whole map as one blob, read, changed or compared line by line, and
written whole; its blobs are not checked against their addresses. Writes
``bench/results/data_commits.json`` and ``.png``.

    python bench/data_commits.py --units 10000 100000 1000000
"""

import argparse
import hashlib
import json
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Concatenate, ParamSpec

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
WAYS = ("scattered", "together")
COLOURS = {"scattered": "#0b6e8a", "together": "#d9822b", "plain": "#b8b8b8"}
P = ParamSpec("P")
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one operation took."""

    wall_s: float
    cpu_s: float
    nodes_read: int = 0
    nodes_written: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An operation at one number of units: middle figures, and the least and the most seconds."""

    units: int
    operation: str
    way: str
    median_s: float
    min_s: float
    max_s: float
    cpu_s: float
    nodes_read: float
    nodes_written: float
    repeats: int


class CountingStore(SqlNodeStore):
    """Counts the nodes that go through."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.n_read = 0
        self.n_written = 0

    def get_many(self, ids: Collection[NodeId]) -> dict[NodeId, bytes]:
        """Count what is found."""
        found = super().get_many(ids)
        self.n_read += len(found)
        return found

    def put_many(self, nodes: Mapping[NodeId, bytes]) -> None:
        """Count what is given."""
        super().put_many(nodes)
        self.n_written += len(nodes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--plain-repeats", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        works = [HistoryBench(Path(folder), units) for units in args.units]
        for repeat in range(args.repeats):
            for way in WAYS:
                for work in works:
                    work.measure(way, repeat)
        points = [point for work in works for point in work.points()]
        for units in args.units:
            points += measure_plain(Path(folder), units, args.plain_repeats)
    for point in points:
        nodes = f"{point.nodes_read:7,.0f} read {point.nodes_written:7,.0f} written"
        print(
            f"{point.units:>9,} {point.operation:<7}{point.way:<10}"
            f"{point.median_s:8.3f} s {point.cpu_s:8.3f} s of CPU {nodes}"
        )
    write_results(args.out, points, [work.build for work in works])


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


def drawn(units: int, repeat: int, way: str = "scattered") -> tuple[list[int], list[int]]:
    """Two disjoint draws of the units that one repeat changes, one a side."""
    chance = random.Random(repeat)
    if way == "scattered":
        both = chance.sample(range(units), 2 * N_CHANGED)
    else:
        recordings = range(units // UNITS_PER_RECORDING)
        first = chance.sample(recordings, 2 * N_CHANGED // UNITS_PER_RECORDING)
        both = [r * UNITS_PER_RECORDING + i for r in first for i in range(UNITS_PER_RECORDING)]
    return both[:N_CHANGED], both[N_CHANGED:]


class HistoryBench:
    """A database of its own with one data set, and what has been measured on it."""

    def __init__(self, folder: Path, units: int) -> None:
        path = folder / f"ledger-{units}.sqlite"
        self.units = units
        self.database = Database(open_engine(f"sqlite:///{path}"), time.time)
        Base.metadata.create_all(self.database.engine)
        self.spent: dict[tuple[str, str], list[Spent]] = {}
        start_s = time.perf_counter()
        commit(self.cold(), "main", entries(range(units)))
        build_s = time.perf_counter() - start_s
        size_bytes = sum(file.stat().st_size for file in folder.glob(f"{path.name}*"))
        self.build = {"units": units, "build_s": round(build_s, 2), "size_bytes": size_bytes}

    def cold(self) -> History:
        """A reader that keeps nothing yet."""
        return History(CountingStore(self.database), SqlRefStore(self.database))

    def measure(self, way: str, repeat: int) -> None:
        """Commit to two branches, list one difference, merge the branches."""
        ours, theirs = (f"{side}-{way}-{repeat}" for side in ("ours", "theirs"))
        for branch, numbers in zip((ours, theirs), drawn(self.units, repeat, way), strict=True):
            self.cold().branch(branch, "main")
            self.spend("commit", way, commit, branch, list(entries(numbers, branch)))
        self.spend("diff", way, differ, "main", ours)
        self.spend("merge", way, join, ours, theirs)
        assert sum(1 for _ in self.cold().diff("main", ours)) == 2 * N_CHANGED

    def spend(
        self,
        operation: str,
        way: str,
        work: Callable[Concatenate[History, P], object],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Note what an operation takes on a cold reader."""
        history = self.cold()
        spent = timed(work, history, *args, **kwargs)
        store = history.nodes
        assert isinstance(store, CountingStore)
        counted = replace(spent, nodes_read=store.n_read, nodes_written=store.n_written)
        self.spent.setdefault((operation, way), []).append(counted)

    def points(self) -> list[Point]:
        """The middle of what was spent."""
        return [point_of(self.units, *which, spent) for which, spent in self.spent.items()]


def commit(history: History, branch: str, put: Iterable[Entry]) -> None:
    """Commit to a branch."""
    history.commit(branch, put=put, author=AUTHOR, message=branch, split_id="split")


def differ(history: History, before: str, after: str) -> None:
    """List a difference and count it."""
    assert sum(1 for _ in history.diff(before, after)) == N_CHANGED


def join(history: History, ours: str, theirs: str) -> None:
    """Merge one branch into another."""
    assert history.merge(ours, theirs, author=AUTHOR, message="merge").commit_id is not None


def measure_plain(folder: Path, units: int, repeats: int) -> list[Point]:
    """Measure the plain way: one blob a version, everything read and written."""
    database = sqlite3.connect(folder / f"plain-{units}.sqlite")
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

    def commit(parent: NodeId, put: dict[str, str]) -> NodeId:
        return write(read(parent) | put)

    def compare(before: NodeId, after: NodeId) -> int:
        old, new = read(before), read(after)
        return sum(old.get(key) != new.get(key) for key in old.keys() | new.keys())

    def merge(base: NodeId, ours: NodeId, theirs: NodeId) -> NodeId:
        old, mine, yours = read(base), read(ours), read(theirs)
        changed = {key: line for key, line in yours.items() if old.get(key) != line}
        assert all(mine.get(key) == old.get(key) for key in changed)
        return write(mine | changed)

    root = write(lines(range(units)))
    spent: dict[str, list[Spent]] = {"commit": [], "diff": [], "merge": []}
    for repeat in range(repeats):
        ours, theirs = (lines(numbers, "new") for numbers in drawn(units, repeat))
        spent["commit"].append(timed(commit, root, ours))
        mine, yours = commit(root, ours), commit(root, theirs)
        spent["diff"].append(timed(compare, root, mine))
        spent["merge"].append(timed(merge, root, mine, yours))
    database.close()
    return [point_of(units, operation, "plain", taken) for operation, taken in spent.items()]


def lines(numbers: Sequence[int] | range, version: str = "") -> dict[str, str]:
    """The same contents as :func:`entries`, as text."""
    return {
        f"{e.key.unit.recording_id} {e.key.unit.start_ns} {e.key.unit.end_ns} {e.key.task}": str(
            e.revision_id
        )
        for e in entries(numbers, version)
    }


def timed(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Spent:
    """What ``work`` takes."""
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    work(*args, **kwargs)
    return Spent(wall_s=time.perf_counter() - start_s, cpu_s=time.process_time() - start_cpu_s)


def point_of(units: int, operation: str, way: str, spent: Sequence[Spent]) -> Point:
    """The middle of what an operation took."""
    wall_s = [one.wall_s for one in spent]
    return Point(
        units=units,
        operation=operation,
        way=way,
        median_s=round(statistics.median(wall_s), 4),
        min_s=round(min(wall_s), 4),
        max_s=round(max(wall_s), 4),
        cpu_s=round(statistics.median(one.cpu_s for one in spent), 4),
        nodes_read=statistics.median(one.nodes_read for one in spent),
        nodes_written=statistics.median(one.nodes_written for one in spent),
        repeats=len(spent),
    )


def write_results(out: Path, points: list[Point], builds: list[dict[str, float]]) -> None:
    """Write the figures, and a picture of them."""
    out.mkdir(parents=True, exist_ok=True)
    record = {
        "what": f"{N_CHANGED} changed units (on each side of a merge), SQLite, cold reader",
        "load": os.getloadavg()[1],
        "cores": os.cpu_count(),
        "aim_s": AIM_S,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "builds": builds,
        "points": [asdict(point) for point in points],
    }
    (out / "data_commits.json").write_text(json.dumps(record, indent=1) + "\n")
    draw(out / "data_commits.png", points)


def draw(path: Path, points: list[Point]) -> None:
    """Draw the three operations side by side: seconds above, nodes below."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        2, 3, figsize=(9, 5.4), sharex=True, sharey="row", layout="constrained"
    )
    for (above, below), operation in zip(axes.T, ("commit", "diff", "merge"), strict=True):
        for way, colour in COLOURS.items():
            here = [p for p in points if (p.operation, p.way) == (operation, way)]
            sizes = [p.units for p in here]
            above.plot(sizes, [p.median_s for p in here], "o-", color=colour, label=way)
            above.plot(sizes, [p.cpu_s for p in here], ":", color=colour, linewidth=1)
            spread = ([p.min_s for p in here], [p.max_s for p in here])
            above.fill_between(sizes, *spread, color=colour, alpha=0.2, linewidth=0)
            nodes = [p.nodes_read + p.nodes_written for p in here]
            if any(nodes):
                below.plot(sizes, nodes, "o-", color=colour)
        above.axhline(AIM_S, color="#c0392b", linestyle=":", linewidth=1)
        above.set(title=operation, xscale="log", yscale="log")
        below.set(xlabel="units in the data set", yscale="log")
    axes[0, 0].set_ylabel(f"seconds (dotted: of CPU)\n{N_CHANGED:,} units changed")
    axes[1, 0].set_ylabel("nodes read and written")
    axes[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
