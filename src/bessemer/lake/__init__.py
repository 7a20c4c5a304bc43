"""The lake: bytes and sealed tables, visible once the ledger says so."""

from bessemer.lake.lake import Lake, Swept

__all__ = ["Lake", "Swept"]
