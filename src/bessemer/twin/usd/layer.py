"""Opens a stage of ours without opening anything that it points to, and reads its attributes.

A file is read as one layer of USD: no reference, payload or sublayer is followed.

Shapes: n time codes, w numbers of a vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from jaxtyping import Float32
from pxr import Sdf, UsdUtils

from bessemer.core.errors import InputError
from bessemer.twin.usd.layout import FORMAT, ROOT, ours
from bessemer.twin.usd.parse import layer_of
from bessemer.twin.usd.unpack import unpack


@dataclass(frozen=True, slots=True)
class OpenStage:
    """A layer, and how to ask it.

    Attributes:
        path: The file.
        layer: What it holds.
    """

    path: Path
    layer: Sdf.Layer

    def error(self, what: str, place: str, fix: str = "") -> InputError:
        """Return an error that names the file and a place in it."""
        return InputError(what, where=f"{self.path}: {place}", fix=fix)

    def has(self, prim: str, name: str) -> bool:
        """Return whether a prim has an attribute."""
        return self.layer.GetAttributeAtPath(f"{prim}.{name}") is not None

    def children(self, prim: str) -> list[str]:
        """Return the paths of a prim's children in order; () where there is no such prim."""
        spec = self.layer.GetPrimAtPath(prim)
        return [] if spec is None else [str(child.path) for child in spec.nameChildren]

    def kind(self, prim: str) -> str:
        """Return a prim's type: ``Mesh``."""
        spec = self.layer.GetPrimAtPath(prim)
        if spec is None:
            raise self.error("The prim is missing.", prim)
        return str(spec.typeName)

    def value(self, prim: str, name: str, kind: str) -> Any:
        """Return an attribute's value that holds for all times."""
        found = self._attribute(prim, name, kind).default
        if found is None or isinstance(found, Sdf.ValueBlock):
            raise self.error("The attribute has no value.", f"{prim}.{name}")
        return found

    def ours(self, prim: str, name: str, kind: str) -> Any:
        """Return the value of an attribute of our namespace."""
        return self.value(prim, ours(name), kind)

    def series(self, prim: str, name: str, kind: str, codes: Sequence[float]) -> list[Any]:
        """Return an attribute's value at each time code."""
        spec = self._attribute(prim, name, kind)
        if not spec.HasInfo("timeSamples"):
            return [self.value(prim, name, kind)] * len(codes)
        samples = spec.GetInfo("timeSamples")
        values = [samples.get(code) for code in codes]
        for code, value in zip(codes, values, strict=True):
            if value is None or isinstance(value, Sdf.ValueBlock):
                raise self.error(f"There is no value at time code {code:g}.", f"{prim}.{name}")
        return values

    def rows(
        self, prim: str, name: str, kind: str, codes: Sequence[float], width: int
    ) -> Float32[np.ndarray, "n w"]:
        """Return an attribute's vectors or matrices at each time code, row by row."""
        values = self.series(prim, name, kind, codes)
        wide = np.array([np.array(value).ravel() for value in values], np.float64)
        if not (np.abs(wide) <= np.finfo(np.float32).max).all():
            raise self.error("A number is not finite.", f"{prim}.{name}")
        return wide.astype(np.float32).reshape(-1, width)

    def target(self, prim: str, name: str) -> str:
        """Return the one path that a relationship points to."""
        spec = self.layer.GetRelationshipAtPath(f"{prim}.{name}")
        items = [] if spec is None else list(spec.targetPathList.GetAddedOrExplicitItems())
        if len(items) != 1:
            raise self.error("The relationship does not point to one prim.", f"{prim}.{name}")
        return str(items[0])

    def _attribute(self, prim: str, name: str, kind: str) -> Sdf.AttributeSpec:
        spec = self.layer.GetAttributeAtPath(f"{prim}.{name}")
        if spec is None:
            raise self.error("The attribute is missing.", f"{prim}.{name}")
        if str(spec.typeName) != kind:
            raise self.error(
                f"The attribute is of type {spec.typeName}, not {kind}.", f"{prim}.{name}"
            )
        return spec


def open_stage(path: Path) -> OpenStage:
    """Open a file that holds a scene of ours.

    Args:
        path: The file; text, or binary, which is unpacked first.

    Returns:
        It, not yet looked into.

    Raises:
        InputError: If it is no USD file, points to other files, is none of ours, or of a later
            format.
    """
    if not path.is_file():
        raise InputError("There is no such file.", where=str(path))
    with TemporaryDirectory() as folder:
        text = path
        if path.suffix != ".usda":
            text = Path(folder) / "stage.usda"
            unpack(path, text)
        stage = OpenStage(path, layer_of(text))
        _refuse_outside(stage, text)
    if not stage.has(ROOT, ours("format")):
        raise stage.error(
            "This is USD, but not a scene of ours.",
            ROOT,
            fix="Read files that `write_usd` wrote; others lack the materials' classes.",
        )
    found = stage.ours(ROOT, "format", "int")
    if found > FORMAT:
        raise stage.error(
            f"The scene is of format {found}; this version reads up to {FORMAT}.",
            ROOT,
            fix="Read it with a newer Bessemer.",
        )
    return stage


def _refuse_outside(stage: OpenStage, text: Path) -> None:
    lists = UsdUtils.ExtractExternalReferences(str(text))
    outside = sorted({str(name) for names in lists for name in names})
    if outside:
        raise stage.error(
            f"The stage points to {len(outside)} other files, such as {outside[0]!r}.",
            ROOT,
            fix="Flatten it first: `usdcat --flatten`.",
        )
