"""Stages of turns: what ran under which key, what it gave, and what it cost."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import case, select, update

from bessemer.core.errors import ConflictError
from bessemer.core.ids import DocumentId
from bessemer.ledger import schema
from bessemer.ledger.database import Database


class StageState(StrEnum):
    """How far a stage is."""

    RUNNING = "running"
    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """What a stage cost.

    Attributes:
        wall_s: Time that passed.
        cpu_s: Processor time, all threads.
        peak_bytes: Highest resident memory of the process.
        n_bytes: Bytes it wrote.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    n_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """One stage of one turn.

    Attributes:
        key: The address of the stage's inputs and config.
        branch: The branch, such as ``engine/0``.
        turn: Counts from 0.
        name: The stage's name.
        state: How far it is.
        attempts: How often it was begun.
        output: The record it gave; None until it is done.
        detail: Why it failed; empty otherwise.
        cost: Zero until it is done, and where a result was reused.
        begun_unix_s: When it was last begun.
        ended_unix_s: When it ended; None while it runs.
    """

    key: str
    branch: str
    turn: int
    name: str
    state: StageState
    attempts: int
    output: DocumentId | None
    detail: str
    cost: StageCost
    begun_unix_s: float
    ended_unix_s: float | None

    @property
    def finished(self) -> bool:
        """Whether there is an output to go on with."""
        return self.state in {StageState.DONE, StageState.REUSED}


class Stages:
    """What lets a turn resume: a finished stage is found by its key and is not run again."""

    _database: Database

    def begin_stage(self, key: str, branch: str, turn: int, name: str) -> None:
        """Note that a stage begins; one that was cut off or failed begins anew.

        Args:
            key: The address of the stage's inputs and config.
            branch: The branch.
            turn: The turn.
            name: The stage's name.

        Raises:
            ConflictError: If it is finished already in this turn.
        """
        now = self._database.clock()
        with self._database.writing() as session:
            row = session.get(schema.StageRow, (key, branch, turn))
            if row is None:
                session.add(_new_row(key, branch, turn, name, now))
                return
            if row.state in {StageState.DONE, StageState.REUSED}:
                raise ConflictError(
                    "This stage is finished.",
                    where=f"{branch}, turn {turn}, {name}",
                    fix="Look it up by its key before running it.",
                )
            row.state, row.detail = StageState.RUNNING.value, ""
            row.attempts, row.begun_unix_s, row.ended_unix_s = row.attempts + 1, now, None

    def finish_stage(self, key: str, output: DocumentId, cost: StageCost) -> None:
        """Note what a running stage gave and cost.

        Args:
            key: The stage.
            output: The record it gave, already stored.
            cost: What it cost.

        Raises:
            ConflictError: If no stage of this key is running.
        """
        self._end(
            key,
            {
                "state": StageState.DONE.value,
                "output": output,
                "wall_s": cost.wall_s,
                "cpu_s": cost.cpu_s,
                "peak_bytes": cost.peak_bytes,
                "n_bytes": cost.n_bytes,
            },
        )

    def fail_stage(self, key: str, detail: str) -> None:
        """Note why a running stage failed; it may be begun again."""
        self._end(key, {"state": StageState.FAILED.value, "detail": detail})

    def reuse_stage(self, key: str, branch: str, turn: int, name: str) -> DocumentId | None:
        """Take over the output of a stage with the same key, whoever ran it.

        Args:
            key: The address of the stage's inputs and config.
            branch: The branch that takes it over.
            turn: The turn.
            name: The stage's name.

        Returns:
            The output; None if no stage of this key is finished.
        """
        done = self.stage(key)
        if done is None or not done.finished:
            return None
        now = self._database.clock()
        with self._database.writing() as session:
            row = session.get(schema.StageRow, (key, branch, turn))
            if row is None:
                row = _new_row(key, branch, turn, name, now)
                row.attempts = 0
                session.add(row)
            if row.state not in {StageState.DONE, StageState.REUSED}:
                row.state, row.output = StageState.REUSED.value, done.output
                row.detail, row.ended_unix_s = "", now
        return done.output

    def stage(self, key: str) -> StageRow | None:
        """Return the stage of a key: a finished one if there is any, else the latest begun."""
        rank = case(
            (schema.StageRow.state == StageState.DONE.value, 0),
            (schema.StageRow.state == StageState.REUSED.value, 1),
            else_=2,
        )
        statement = (
            select(schema.StageRow)
            .where(schema.StageRow.key == key)
            .order_by(rank, schema.StageRow.begun_unix_s.desc(), schema.StageRow.branch)
            .limit(1)
        )
        with self._database.reading() as session:
            row = session.scalars(statement).one_or_none()
            return None if row is None else _stage(row)

    def stages(self, branch: str | None = None, turn: int | None = None) -> list[StageRow]:
        """Return stages by branch, turn and the order in which they began."""
        statement = select(schema.StageRow)
        if branch is not None:
            statement = statement.where(schema.StageRow.branch == branch)
        if turn is not None:
            statement = statement.where(schema.StageRow.turn == turn)
        table = schema.StageRow
        order = (table.branch, table.turn, table.begun_unix_s, table.name, table.key)
        with self._database.reading() as session:
            return [_stage(row) for row in session.scalars(statement.order_by(*order))]

    def branches(self) -> list[str]:
        """Return the names of all branches that ever began a stage."""
        column = schema.StageRow.branch
        with self._database.reading() as session:
            return list(session.scalars(select(column).distinct().order_by(column)))

    def _end(self, key: str, values: dict[str, object]) -> None:
        table = schema.StageRow
        statement = (
            update(table)
            .where(table.key == key, table.state == StageState.RUNNING.value)
            .values(ended_unix_s=self._database.clock(), **values)
            .returning(table.key)
        )
        with self._database.writing() as session:
            if not session.scalars(statement).all():
                raise ConflictError(
                    "No stage of this key is running.", where=key, fix="Begin it first."
                )


def _new_row(key: str, branch: str, turn: int, name: str, now: float) -> schema.StageRow:
    return schema.StageRow(
        key=key,
        branch=branch,
        turn=turn,
        name=name,
        state=StageState.RUNNING.value,
        attempts=1,
        output=None,
        detail="",
        wall_s=0.0,
        cpu_s=0.0,
        peak_bytes=0,
        n_bytes=0,
        begun_unix_s=now,
        ended_unix_s=None,
    )


def _stage(row: schema.StageRow) -> StageRow:
    return StageRow(
        key=row.key,
        branch=row.branch,
        turn=row.turn,
        name=row.name,
        state=StageState(row.state),
        attempts=row.attempts,
        output=None if row.output is None else DocumentId(row.output),
        detail=row.detail,
        cost=StageCost(
            wall_s=row.wall_s, cpu_s=row.cpu_s, peak_bytes=row.peak_bytes, n_bytes=row.n_bytes
        ),
        begun_unix_s=row.begun_unix_s,
        ended_unix_s=row.ended_unix_s,
    )
