"""The ledger: SQL rows for everything that must be agreed on, by way of one facade."""

from bessemer.ledger.commits import Attestation
from bessemer.ledger.ledger import Ledger
from bessemer.ledger.networks import GateRow, NetworkRow, ReleaseRow
from bessemer.ledger.requests import DraftRow, RequestRow, request_id_of
from bessemer.ledger.stages import StageCost, StageRow, StageState

__all__ = [
    "Attestation",
    "DraftRow",
    "GateRow",
    "Ledger",
    "NetworkRow",
    "ReleaseRow",
    "RequestRow",
    "StageCost",
    "StageRow",
    "StageState",
    "request_id_of",
]
