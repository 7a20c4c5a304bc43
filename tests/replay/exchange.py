"""A folder that people labelled, taken in and handed on: COCO, then CVAT, then CSV.

The committed folder holds classes, a box, a polygon, a picture of nothing, one of a class that the
ontology lacks, and one that nobody looked at. A table has no place for shapes, so to CSV go the
answers without.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from bessemer.core.frames import Frame
from bessemer.core.labels import LabelRevision
from bessemer.label.exchange.folder import (
    ExchangeFormat,
    Imported,
    export_labels,
    import_labels,
    read_manifest,
)
from bessemer.label.exchange.runs import runs_of
from bessemer.tasks.segment import read_mask
from tests.replay.tables import INPUTS

FOLDER = INPUTS / "labelled"
PERSON = "ada"


def replay() -> object:
    """Take the folder in, and what is exported of it; return each file and what was read of it."""
    first = import_labels(FOLDER, PERSON)
    told: dict[str, object] = {"coco, as committed": _told(first)}
    with tempfile.TemporaryDirectory() as made:
        known = first.answers.revisions
        for format in (ExchangeFormat.CVAT, ExchangeFormat.COCO, ExchangeFormat.CSV):
            if format is ExchangeFormat.CSV:
                known = tuple(r for r in known if len(r.elements) == len(r.elements.class_spans))
            folder = Path(made) / format.value
            file = _export(folder, format, known)
            back = import_labels(folder, PERSON)
            told[f"then {format.value}"] = {
                "file": file.read_text(encoding="utf-8").splitlines(),
                **_told(back),
            }
            known = back.answers.revisions
    return told


def _export(folder: Path, format: ExchangeFormat, known: Sequence[LabelRevision]) -> Path:
    """Hand all pictures of the committed folder out, with the answers that are known."""
    manifest = read_manifest(FOLDER)
    files = {asked.request.frame: asked.file for asked in manifest.asked}

    def picture_of(frame: Frame) -> np.ndarray:
        with Image.open(FOLDER / "images" / files[frame]) as picture:
            return np.asarray(picture.convert("RGB"))

    requests = [asked.request for asked in manifest.asked]
    return export_labels(
        requests, picture_of, manifest.ontology, manifest.geometry, format, folder, known
    )


def _told(imported: Imported) -> dict[str, object]:
    """Return what was read of a folder."""
    return {
        "answers": {r.unit.recording_id: _answer(r) for r in imported.answers.revisions},
        "waiting": [request.unit.recording_id for request in imported.answers.waiting],
        "refused": imported.rejections,
    }


def _answer(revision: LabelRevision) -> list[str]:
    """Return the elements of an answer, a line each, masks as runs."""
    elements = revision.elements
    spans = [f"{e.class_name}, as {e.element_id}" for e in elements.class_spans]
    boxes = [
        f"box of {e.class_name}, as {e.element_id}: {e.x0_px} {e.y0_px} {e.x1_px} {e.y1_px}"
        for e in elements.boxes2d
    ]
    masks = [
        f"mask of {e.class_name}, as {e.element_id}: {runs_of((read_mask(e.png) > 0).ravel())}"
        for e in elements.masks
    ]
    return [*spans, *boxes, *masks]
