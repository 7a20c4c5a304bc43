"""Classes in a table: ``path,class,element``, to be filled in with any spreadsheet.

An empty class waits to be answered; ``(none)`` says that nothing of the ontology is there. The last
column names the element and may be left out.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from bessemer.core.errors import InputError
from bessemer.label.exchange.marks import Manifest, Mark, Refusal

FILE = "labels.csv"


def write_marks(path: Path, manifest: Manifest, marks: Sequence[Mark]) -> None:
    """Write one row a mark, and one with an empty class for each picture without any.

    Args:
        path: The table.
        manifest: What is handed out.
        marks: What is known already.

    Raises:
        InputError: If a mark is a box or a mask, for which a table has no place.
    """
    said: dict[str, list[Mark]] = {one.file: [] for one in manifest.asked}
    for mark in marks:
        if mark.box_px is not None or mark.mask is not None:
            raise InputError(
                "A table holds classes only, and this answer has boxes or masks.",
                where=mark.file,
                fix="Export to coco or cvat.",
            )
        said[mark.file].append(mark)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "class", "element"])
        for name, its in said.items():
            for mark in its:
                rows.writerow([f"images/{name}", mark.class_name, mark.element_id])
            if not its:
                rows.writerow([f"images/{name}", "", ""])


def read_marks(path: Path, manifest: Manifest) -> Iterator[Mark | Refusal]:
    """Yield what a table says.

    Args:
        path: The table.
        manifest: What was handed out.

    Yields:
        Marks; a row that cannot be read is refused.

    Raises:
        InputError: If the file is no such table.
    """
    del manifest
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, strict=True)
            if not {"path", "class"} <= set(rows.fieldnames or ()):
                raise InputError(
                    "The first row must name the columns path and class.",
                    where=path.name,
                    fix="Keep the header as it was exported.",
                )
            for row in rows:
                place = f"line {rows.line_num}"
                name = PurePosixPath((row["path"] or "").strip().replace("\\", "/")).name
                class_name = row["class"]
                if class_name is None or None in row:
                    detail = f"A row has {len(rows.fieldnames or ())} columns."
                    yield Refusal(
                        file=name, reason="damaged", place=f"{path.name}, {place}", detail=detail
                    )
                elif class_name.strip():
                    yield Mark(
                        file=name,
                        place=place,
                        class_name=class_name.strip(),
                        element_id=(row.get("element") or "").strip(),
                    )
    except (csv.Error, UnicodeDecodeError, OSError) as error:
        raise InputError(f"The table cannot be read: {error}.", where=path.name) from error
