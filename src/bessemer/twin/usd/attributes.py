"""Puts values into attributes: once where they stay, at every frame where they change."""

from collections.abc import Sequence

from pxr import Sdf, Usd, UsdSemantics

from bessemer.twin.classes import SemanticClass
from bessemer.twin.usd.layout import ours, writable


def put(prim: Usd.Prim, name: str, kind: str, value: object) -> None:
    """Put a value into an attribute of our namespace.

    Args:
        prim: Whose attribute.
        name: Within our namespace.
        kind: USD's type, as files name it: ``double3``.
        value: Of that type.

    Raises:
        InputError: If it is a text that USD cannot hold.
    """
    put_series(prim, name, kind, (), (value,))


def put_series(
    prim: Usd.Prim, name: str, kind: str, codes: Sequence[float], values: Sequence[object]
) -> None:
    """Put values over time into an attribute of our namespace.

    Args:
        prim: Whose attribute.
        name: Within our namespace.
        kind: USD's type, as files name it.
        codes: Time code of each value.
        values: At least one.

    Raises:
        InputError: If one is a text that USD cannot hold.
    """
    attribute = prim.CreateAttribute(ours(name), Sdf.ValueTypeNames.Find(kind))
    where = str(attribute.GetPath())
    for value in values:
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                writable(text, where)
    fill(attribute, codes, values)


def fill(attribute: Usd.Attribute, codes: Sequence[float], values: Sequence[object]) -> None:
    """Give an attribute its values: one for all times where they are equal.

    Args:
        attribute: It.
        codes: Time code of each value.
        values: At least one.
    """
    if all(value == values[0] for value in values):
        attribute.Set(values[0])
        return
    for code, value in zip(codes, values, strict=True):
        attribute.Set(value, code)


def label(prim: Usd.Prim, semantic: SemanticClass) -> None:
    """Label a prim by class, as USD's semantics have it.

    Args:
        prim: It.
        semantic: Its class.
    """
    labels = UsdSemantics.LabelsAPI.Apply(prim, "class")
    labels.CreateLabelsAttr([semantic.label])
