"""Alembic's migrations of the ledger; see :mod:`bessemer.ledger.migrate`."""
