"""A stage runs once for the same inputs: cached by content, resumed after a crash.

A stage is (name, version, inputs) -> a record. Its key is the address of those three; its row in
the ledger, written last, is the commit point. A crash leaves a row that never finished, and the
stage runs again in the same scratch folder, where a training finds its checkpoints.
"""

import resource
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from bessemer.core.ids import DocumentId, content_id
from bessemer.core.progress import Story
from bessemer.ledger import Ledger
from bessemer.ledger.stages import StageCost

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[T]):
    """What a stage gave: the record, its address, and whether it had been there already."""

    document_id: DocumentId
    value: T
    cached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRunner:
    """Runs the stages of one turn of one branch.

    Attributes:
        ledger: Where rows and documents stand.
        scratch: Where unfinished work lies.
        branch: The branch's name.
        turn: The turn, counted from 1.
        story: Told which stage runs, and which was there already.
    """

    ledger: Ledger
    scratch: Path
    branch: str
    turn: int
    story: Story

    def run(
        self,
        name: str,
        inputs: object,
        kind: type[T],
        work: Callable[[Path], T],
        *,
        version: int = 1,
    ) -> Done[T]:
        """Return the stage's output, from the ledger if it ran before with the same inputs.

        Args:
            name: The stage.
            inputs: Everything that decides the output: a record, or a tuple of records.
            kind: The type of the output record.
            work: Does the work; given a scratch folder of its own that survives a crash.
            version: Raised when the stage's code changes what it gives.

        Returns:
            The output and its address.
        """
        key = content_id("stage", (name, version, inputs))
        folder = self.scratch / key[:16]
        output = self.ledger.reuse_stage(key, self.branch, self.turn, name)
        if output is not None:
            shutil.rmtree(folder, ignore_errors=True)
            value = self.ledger.get_document(output, kind)
            return Done(document_id=output, value=value, cached=True)
        self.ledger.begin_stage(key, self.branch, self.turn, name)
        folder.mkdir(parents=True, exist_ok=True)
        wall, cpu, written = time.perf_counter(), time.process_time(), _written_bytes()
        try:
            value = work(folder)
        except Exception as error:
            self.ledger.fail_stage(key, f"{type(error).__name__}: {error}")
            raise
        document_id = self.ledger.put_document(kind.__name__, value)
        cost = StageCost(
            wall_s=time.perf_counter() - wall,
            cpu_s=time.process_time() - cpu,
            peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            n_bytes=_written_bytes() - written,
        )
        self.ledger.finish_stage(key, output=document_id, cost=cost)
        shutil.rmtree(folder, ignore_errors=True)
        return Done(document_id=document_id, value=value, cached=False)

    def keep(self, name: str, record: object) -> DocumentId:
        """Keep a record as the output of a stage that takes no work; found again by its name."""
        return self.run(name, record, type(record), lambda _: record).document_id


def _written_bytes() -> int:
    """Return what this process has written so far, by any thread; 0 where no kernel counts it."""
    counters = Path("/proc/self/io")
    if not counters.exists():
        return 0
    lines = counters.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar:"))
