"""Outputs as text that a person compares by eye and that every machine writes alike.

Numbers are rounded: another CPU may add in another order.
"""

import json
import math

import msgspec

DECIMALS = 3


def as_text(value: object) -> str:
    """Return records, dicts, sequences and scalars as JSON, one value a line."""
    plain = msgspec.to_builtins(value, str_keys=True)
    return json.dumps(rounded(plain), indent=1, ensure_ascii=False) + "\n"


def rounded(value: object) -> object:
    """Return a tree with its fractions rounded; a negative zero is zero."""
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0 if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return value
