"""A folder that people label: pictures, a file that their tool reads, and what was asked.

    images/<name>.png    labels.csv | annotations.json | annotations.xml    manifest.json

Answers become revisions by a person. A picture of which anything is refused stays unanswered as a
whole; the others go in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import UInt8

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import BessemerError, InputError
from bessemer.core.frames import Frame
from bessemer.core.ids import CommitId, TaskName, decode, encode
from bessemer.core.labelling import LabelAnswers, LabelRequest
from bessemer.core.labels import Author, AuthorKind, Coverage, LabelRevision, Span
from bessemer.core.ontology import Ontology
from bessemer.core.records import Stretch
from bessemer.core.signature import Geometry
from bessemer.label.exchange import coco, csv, cvat
from bessemer.label.exchange.marks import (
    Asked,
    Manifest,
    Mark,
    Refusal,
    elements_of,
    file_of,
    group_marks,
    marks_of,
)

MANIFEST = "manifest.json"


class ExchangeFormat(StrEnum):
    """What a labelling tool reads and writes."""

    CSV = "csv"
    COCO = "coco"
    CVAT = "cvat"


_FILES: Final[Mapping[ExchangeFormat, str]] = {
    ExchangeFormat.CSV: csv.FILE,
    ExchangeFormat.COCO: coco.FILE,
    ExchangeFormat.CVAT: cvat.FILE,
}
_WRITERS: Final = {
    ExchangeFormat.CSV: csv.write_marks,
    ExchangeFormat.COCO: coco.write_marks,
    ExchangeFormat.CVAT: cvat.write_marks,
}
_READERS: Final = {
    ExchangeFormat.CSV: csv.read_marks,
    ExchangeFormat.COCO: coco.read_marks,
    ExchangeFormat.CVAT: cvat.read_marks,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came back.

    Attributes:
        answers: Revisions, and requests that nobody has answered yet.
        answered: The request of each revision.
        task: The task.
        commit_id: The data commit that was handed out to be corrected; None for questions.
        rejections: What cannot be used, and where it stands.
    """

    answers: LabelAnswers
    answered: tuple[LabelRequest, ...]
    task: TaskName
    commit_id: CommitId | None
    rejections: tuple[Rejection, ...]


def formats_for(geometry: Geometry) -> tuple[ExchangeFormat, ...]:
    """Return the formats that can hold a task's answers, the simplest first."""
    drawing = (ExchangeFormat.COCO, ExchangeFormat.CVAT)
    return drawing if geometry is Geometry.DENSE else (ExchangeFormat.CSV, *drawing)


def export_labels(
    requests: Sequence[LabelRequest],
    picture_of: Callable[[Frame], UInt8[np.ndarray, "h w 3"]],
    ontology: Ontology,
    geometry: Geometry,
    format: ExchangeFormat,
    out_dir: Path,
    known: Sequence[LabelRevision] = (),
    commit_id: CommitId | None = None,
) -> Path:
    """Write a folder that people can label.

    Args:
        requests: What is asked; a request given twice is written once.
        picture_of: The picture of a frame.
        ontology: The classes.
        geometry: Whether a picture has a class, or a dense map.
        format: What the tool reads.
        out_dir: The folder; made if it is not there.
        known: Answers that stand already, to be looked at and corrected.
        commit_id: The data commit in which they stand, if it is handed out as a whole.

    Returns:
        The file that the tool reads.

    Raises:
        InputError: If the format has no place for the answers, or the folder holds something else
            already.
    """
    if format not in formats_for(geometry):
        raise InputError(
            f"{format.value} has classes only, and a dense task is answered by masks.",
            where=str(out_dir),
            fix=f"Export to {' or '.join(formats_for(geometry))}.",
        )
    out_dir.mkdir(parents=True, exist_ok=True)
    if any(out_dir.iterdir()) and not (out_dir / MANIFEST).exists():
        raise InputError(
            "The folder is not empty and was not exported before.",
            where=str(out_dir),
            fix="Name a new one.",
        )
    (out_dir / "images").mkdir(exist_ok=True)
    by_unit: dict[Stretch, LabelRevision] = {revision.unit: revision for revision in known}
    asked: list[Asked] = []
    marks: list[Mark] = []
    for request in dict.fromkeys(requests):
        one = _write_picture(request, picture_of(request.frame), out_dir / "images")
        asked.append(one)
        if request.unit in by_unit:
            marks += marks_of(one, by_unit[request.unit].elements, ontology)
    manifest = Manifest(
        format=format.value,
        ontology=ontology,
        geometry=geometry,
        asked=tuple(asked),
        commit_id=commit_id,
    )
    path = out_dir / _FILES[format]
    _WRITERS[format](path, manifest, marks)
    (out_dir / MANIFEST).write_bytes(encode(manifest))
    return path


def import_labels(folder: Path, person: str, file: Path | None = None) -> Imported:
    """Read what people answered in a folder that was exported.

    Args:
        folder: The folder.
        person: Who answered.
        file: What the tool wrote, if it lies elsewhere.

    Returns:
        Revisions by the person, what is still waiting, and what was refused. A file that cannot be
        read at all leaves everything waiting.

    Raises:
        InputError: If the folder was not exported.
    """
    manifest = read_manifest(folder)
    format = ExchangeFormat(manifest.format)
    path = file or folder / _FILES[format]
    try:
        marks, refused = group_marks(_READERS[format](path, manifest), manifest)
    except BessemerError as error:
        marks = {}
        place = error.where or path.name
        refused = [Refusal(file="", reason="damaged_file", place=place, detail=str(error))]
    revisions, answered, waiting = [], [], []
    for one in manifest.asked:
        if one.file not in marks:
            waiting.append(one.request)
            continue
        try:
            revisions.append(_revision(one, marks[one.file], manifest, person))
            answered.append(one.request)
        except InputError as error:
            detail = str(error)
            refused.append(Refusal(file=one.file, reason="no_mask", place=one.file, detail=detail))
            waiting.append(one.request)
    return Imported(
        answers=LabelAnswers(revisions=tuple(revisions), waiting=tuple(waiting)),
        answered=tuple(answered),
        task=manifest.ontology.task,
        commit_id=manifest.commit_id,
        rejections=tuple(
            Rejection(stage="label", reason=r.reason, where=r.place, detail=r.detail)
            for r in refused
        ),
    )


def _write_picture(
    request: LabelRequest, picture: UInt8[np.ndarray, "h w 3"], folder: Path
) -> Asked:
    """Write the picture of a request; return what was handed out."""
    from PIL import Image

    name = file_of(request)
    Image.fromarray(picture).save(folder / name)
    height_px, width_px = picture.shape[:2]
    return Asked(file=name, request=request, height_px=height_px, width_px=width_px)


def read_manifest(folder: Path) -> Manifest:
    """Return what was handed out in a folder.

    Args:
        folder: The folder.

    Returns:
        What was asked, in which format.

    Raises:
        InputError: If the folder was not exported.
    """
    path = folder / MANIFEST
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"There is no {MANIFEST}: this folder was not exported.",
            where=str(folder),
            fix="Export first, and keep that file beside the pictures.",
        ) from error
    return decode(data, Manifest, where=str(path))


def _revision(one: Asked, marks: Sequence[Mark], manifest: Manifest, person: str) -> LabelRevision:
    """Return the answer of a person about one picture."""
    frame = one.request.frame
    instant = Span(start_ns=frame.t_ns, end_ns=frame.t_ns + 1)
    return LabelRevision(
        unit=one.request.unit,
        task=one.request.task,
        ontology_id=manifest.ontology.ontology_id,
        author=Author(kind=AuthorKind.PERSON, name=person),
        coverage=Coverage(streams=(frame.stream,), spans=(instant,)),
        elements=elements_of(one, marks, manifest),
        price=one.request.price,
    )
