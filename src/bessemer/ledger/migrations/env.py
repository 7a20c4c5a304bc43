"""Runs migrations on the connection that :mod:`bessemer.ledger.migrate` hands in."""

from alembic import context

from bessemer.ledger.schema import Base

# Alembic imports this file to run it, with its context set up; any other import does nothing.
if getattr(context, "_proxy", None) is not None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        # The caller's transaction holds the whole upgrade, on SQLite too.
        transactional_ddl=False,
    )
    context.run_migrations()
