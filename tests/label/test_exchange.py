"""Out to a tool and back: the same elements; and whatever is wrong is refused with its place."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.frames import Frame
from bessemer.core.ids import ElementId
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import Author, AuthorKind, Box2d, Elements, LabelRevision
from bessemer.core.ontology import Ontology
from bessemer.core.signature import Geometry
from bessemer.label.exchange.folder import (
    ExchangeFormat,
    Imported,
    export_labels,
    formats_for,
    import_labels,
)
from bessemer.label.exchange.marks import NOTHING, file_of
from bessemer.label.exchange.runs import fill_polygons, flat_of, parse_compressed_runs, runs_of
from bessemer.label.oracle import Oracle
from bessemer.tasks.segment import read_mask
from tests.label.truths import CAMERA, ROAD, SIGN, request_for, road_truth, sign_truth

NAMES = ("a", "b", "c")
SIGNS = [request_for(name) for name in NAMES]
ROADS = [request_for(name, ROAD) for name in NAMES]
ALL = list(ExchangeFormat)
DRAWING = [ExchangeFormat.COCO, ExchangeFormat.CVAT]


def picture_of(frame: Frame) -> np.ndarray:
    return np.full((12, 16, 3), frame.t_ns, dtype=np.uint8)


def sign_answers() -> tuple[LabelRevision, ...]:
    truth = {
        one.unit.recording_id: (one,)
        for one in (sign_truth(n, c) for n, c in zip(NAMES, SIGN.classes, strict=False))
    }
    return Oracle(truth, SIGN).answer(SIGNS).revisions


def road_answers() -> tuple[LabelRevision, ...]:
    truth = {one.unit.recording_id: (one,) for one in map(road_truth, NAMES)}
    return Oracle(truth, ROAD).answer(ROADS).revisions


def export(
    folder: Path,
    format: ExchangeFormat,
    requests: Sequence[LabelRequest] = SIGNS,
    known: Sequence[LabelRevision] = (),
    ontology: Ontology = SIGN,
) -> Path:
    geometry = Geometry.DENSE if ontology is ROAD else Geometry.CLASS
    return export_labels(requests, picture_of, ontology, geometry, format, folder, known)


def reasons(imported: Imported) -> list[str]:
    return [r.reason for r in imported.rejections]


@pytest.mark.parametrize("format", ALL)
def test_classes_come_back_as_they_went(tmp_path: Path, format: ExchangeFormat) -> None:
    export(tmp_path, format, known=sign_answers())
    imported = import_labels(tmp_path, "ada")
    assert imported.rejections == ()
    assert imported.answers.waiting == ()
    for before, after in zip(sign_answers(), imported.answers.revisions, strict=True):
        assert after.elements == before.elements
        assert after.coverage == before.coverage
        assert after.author == Author(kind=AuthorKind.PERSON, name="ada")
        assert after.unit == before.unit
        assert after.price == 1.0


@pytest.mark.parametrize("format", DRAWING)
def test_dense_maps_come_back_as_they_went(tmp_path: Path, format: ExchangeFormat) -> None:
    export(tmp_path, format, ROADS, road_answers(), ROAD)
    imported = import_labels(tmp_path, "ada")
    assert imported.rejections == ()
    assert [r.elements for r in imported.answers.revisions] == [r.elements for r in road_answers()]


@pytest.mark.parametrize("format", DRAWING)
def test_boxes_come_back_as_they_went(tmp_path: Path, format: ExchangeFormat) -> None:
    box = Box2d(
        element_id=ElementId("car-1"),
        stream=CAMERA,
        t_ns=50,
        class_name="stop",
        x0_px=1.5,
        y0_px=2.0,
        x1_px=9.25,
        y1_px=12.0,
    )
    known = [replace(sign_answers()[0], elements=Elements(boxes2d=(box,)))]
    export(tmp_path, format, SIGNS[:1], known)
    (revision,) = import_labels(tmp_path, "ada").answers.revisions
    assert revision.elements.boxes2d == (box,)


@pytest.mark.parametrize("format", ALL)
def test_what_nobody_answered_waits(tmp_path: Path, format: ExchangeFormat) -> None:
    export(tmp_path, format, known=sign_answers()[:1])
    imported = import_labels(tmp_path, "ada")
    assert imported.answers.waiting == tuple(SIGNS[1:])
    assert imported.rejections == ()
    assert len(list((tmp_path / "images").iterdir())) == 3


@pytest.mark.parametrize("format", ALL)
def test_a_wrong_class_refuses_its_picture_and_no_other(
    tmp_path: Path, format: ExchangeFormat
) -> None:
    path = export(tmp_path, format, known=sign_answers())
    # Of the file's two places, class list and answer, only a whole class list names the others.
    text = path.read_text()
    path.write_text(text.replace("yield", "yeild"))
    imported = import_labels(tmp_path, "ada")
    assert reasons(imported) == ["unknown_class"]
    assert "Did you mean 'yield'" in imported.rejections[0].detail
    assert file_of(SIGNS[1]) in imported.rejections[0].where
    assert imported.answers.waiting == (SIGNS[1],)
    assert len(imported.answers.revisions) == 2


@pytest.mark.parametrize("format", ALL)
def test_a_picture_that_was_not_handed_out_is_refused(
    tmp_path: Path, format: ExchangeFormat
) -> None:
    path = export(tmp_path, format, known=sign_answers())
    path.write_text(path.read_text().replace(file_of(SIGNS[0]), "../../other.png"))
    imported = import_labels(tmp_path, "ada")
    assert reasons(imported) == ["unknown_file"]
    assert len(imported.answers.revisions) == 2


@pytest.mark.parametrize("format", DRAWING)
@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
def test_a_file_cut_short_imports_nothing(
    tmp_path: Path, format: ExchangeFormat, share: float
) -> None:
    path = export(tmp_path, format, known=sign_answers())
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    imported = import_labels(tmp_path, "ada")
    assert reasons(imported) == ["damaged_file"]
    assert imported.rejections[0].where == path.name
    assert imported.answers.revisions == ()
    assert len(imported.answers.waiting) == 3


def test_a_table_without_its_header_or_of_other_bytes_imports_nothing(tmp_path: Path) -> None:
    path = export(tmp_path, ExchangeFormat.CSV, known=sign_answers())
    whole = path.read_bytes()
    for broken in (whole.partition(b"\n")[2], b"\xff\xfe\x00", b""):
        path.write_bytes(broken)
        imported = import_labels(tmp_path, "ada")
        assert reasons(imported) == ["damaged_file"]
        assert imported.answers.revisions == ()


def test_a_row_cut_short_is_refused_with_its_line(tmp_path: Path) -> None:
    path = export(tmp_path, ExchangeFormat.CSV, known=sign_answers())
    lines = path.read_text().splitlines()
    lines[2] = lines[2].partition(",")[0]
    path.write_text("\n".join(lines))
    imported = import_labels(tmp_path, "ada")
    assert reasons(imported) == ["damaged"]
    assert "line 3" in imported.rejections[0].where
    assert len(imported.answers.revisions) == 2


def test_two_classes_of_one_sign_are_a_contradiction(tmp_path: Path) -> None:
    path = export(tmp_path, ExchangeFormat.CSV, known=sign_answers())
    path.write_text(path.read_text() + f"images/{file_of(SIGNS[0])},speed 50,\n")
    imported = import_labels(tmp_path, "ada")
    assert reasons(imported) == ["contradiction"]
    assert imported.answers.waiting == (SIGNS[0],)


CVAT_SHAPES = {
    "box": '<box label="{}" xtl="1" ytl="2" xbr="9" ybr="8"/>',
    "polygon": '<polygon label="{}" points="2,2;9,2;9,9"/>',
    "mask": '<mask label="{}" rle="0, 16" left="2" top="2" width="4" height="4"/>',
}
COCO_SHAPES: dict[str, dict[str, object]] = {
    "bbox": {"bbox": [1, 2, 8, 6]},
    "polygon": {"bbox": [2, 2, 7, 7], "segmentation": [[2.0, 2.0, 9.0, 2.0, 9.0, 9.0]]},
    "runs": {"segmentation": {"counts": [0, 2, 190], "size": [12, 16]}},
}


def draw(folder: Path, kind: str, class_names: Sequence[str]) -> None:
    """Answer the only picture of a folder by shapes, as tools write that draw before they name."""
    if kind in CVAT_SHAPES:
        path = export(folder, ExchangeFormat.CVAT, SIGNS[:1])
        shapes = "".join(CVAT_SHAPES[kind].format(name) for name in class_names)
        name = file_of(SIGNS[0])
        path.write_text(f'<annotations><image name="{name}">{shapes}</image></annotations>')
        return
    path = export(folder, ExchangeFormat.COCO, SIGNS[:1])
    whole = json.loads(path.read_text())
    ids = {category["name"]: category["id"] for category in whole["categories"]}
    whole["annotations"] = [
        {"id": n, "image_id": 1, "category_id": ids[name], **COCO_SHAPES[kind]}
        for n, name in enumerate(class_names, start=1)
    ]
    path.write_text(json.dumps(whole))


@pytest.mark.parametrize("kind", [*CVAT_SHAPES, *COCO_SHAPES])
@pytest.mark.parametrize("times", [1, 2])
def test_a_shape_answers_a_question_about_a_class_with_its_class(
    tmp_path: Path, kind: str, times: int
) -> None:
    draw(tmp_path, kind, ["yield"] * times)
    imported = import_labels(tmp_path, "ada")
    assert imported.rejections == ()
    (revision,) = imported.answers.revisions
    (span,) = revision.elements.class_spans
    assert (span.class_name, span.start_ns, span.end_ns) == ("yield", 50, 51)
    assert len(revision.elements) == 1 + times


@pytest.mark.parametrize("kind", [*CVAT_SHAPES, *COCO_SHAPES])
@pytest.mark.parametrize("other", ["stop", NOTHING])
def test_shapes_that_disagree_about_the_class_are_a_contradiction_and_cost_nothing(
    tmp_path: Path, kind: str, other: str
) -> None:
    draw(tmp_path, kind, ["yield", other])
    imported = import_labels(tmp_path, "ada")
    assert reasons(imported) == ["contradiction"]
    assert imported.answers.revisions == ()
    assert imported.answers.waiting == tuple(SIGNS[:1])


@pytest.mark.parametrize("kind", [*CVAT_SHAPES, *COCO_SHAPES])
def test_a_shape_that_says_nothing_is_there_is_an_answer_without_a_class(
    tmp_path: Path, kind: str
) -> None:
    draw(tmp_path, kind, [NOTHING])
    (revision,) = import_labels(tmp_path, "ada").answers.revisions
    assert len(revision.elements) == 0


def test_nothing_there_is_an_answer(tmp_path: Path) -> None:
    path = export(tmp_path, ExchangeFormat.CSV)
    path.write_text(f"path,class\nimages\\{file_of(SIGNS[0])},{NOTHING}\n")
    imported = import_labels(tmp_path, "ada")
    (revision,) = imported.answers.revisions
    assert len(revision.elements) == 0
    assert revision.coverage.includes(CAMERA, 50)


def test_xml_that_declares_entities_is_refused(tmp_path: Path) -> None:
    path = export(tmp_path, ExchangeFormat.CVAT)
    path.write_text(
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        f'<annotations><image name="{file_of(SIGNS[0])}"><tag label="&x;"/></image></annotations>'
    )
    imported = import_labels(tmp_path, "ada")
    assert reasons(imported) == ["damaged_file"]
    assert "document type" in imported.rejections[0].detail
    assert imported.answers.revisions == ()


@pytest.mark.parametrize(
    "shape",
    [
        '<mask label="road" rle="0, 999999999999" left="0" top="0" width="4" height="4"/>',
        '<mask label="road" rle="0, 16" left="14" top="0" width="4" height="4"/>',
        '<mask label="road" rle="a" left="0" top="0" width="4" height="4"/>',
        '<box label="road" xtl="nan" ytl="0" xbr="1" ybr="1"/>',
        '<box label="road" xtl="5" ytl="0" xbr="1" ybr="1"/>',
        '<polygon label="road" points="1,1;2"/>',
        '<polygon label="road" points="1,1;2,2;99999999,3"/>',
        '<polyline label="road" points="1,1;2,2"/>',
        "<tag/>",
        '<tag label="road"/>',
    ],
)
def test_a_shape_that_cannot_be_drawn_refuses_its_picture(tmp_path: Path, shape: str) -> None:
    path = export(tmp_path, ExchangeFormat.CVAT, ROADS[:2], (), ROAD)
    good = '<polygon label="road" points="2,2;9,2;9,9"/>'
    first, second = (file_of(request) for request in ROADS[:2])
    path.write_text(
        f'<annotations><image name="{first}">{good}{shape}</image>'
        f'<image name="{second}">{good}</image></annotations>'
    )
    imported = import_labels(tmp_path, "ada")
    if shape == '<tag label="road"/>':
        # Beside a mask, a tag is one more thing said of the same picture.
        assert len(imported.answers.revisions) == 2
        return
    assert len(imported.rejections) == 1
    assert first in imported.rejections[0].where
    (revision,) = imported.answers.revisions
    values = read_mask(revision.elements.masks[0].png)
    assert set(np.unique(values)) == {1, 255}
    assert values[3, 7] == 1


def test_a_dense_task_is_not_answered_by_a_tag(tmp_path: Path) -> None:
    path = export(tmp_path, ExchangeFormat.CVAT, ROADS[:1], (), ROAD)
    name = file_of(ROADS[0])
    path.write_text(f'<annotations><image name="{name}"><tag label="road"/></image></annotations>')
    imported = import_labels(tmp_path, "ada")
    assert reasons(imported) == ["no_mask"]
    assert imported.answers.waiting == tuple(ROADS[:1])


def test_coco_from_other_tools_polygons_and_compressed_runs(tmp_path: Path) -> None:
    path = export(tmp_path, ExchangeFormat.COCO, ROADS[:2], (), ROAD)
    whole = json.loads(path.read_text())
    # 0,2,190 by hand: each is below 16 but the last, which takes two characters.
    compressed = "02" + chr(48 + (190 & 31 | 32)) + chr(48 + (190 >> 5))
    whole["annotations"] = [
        {
            "id": 1,
            "image_id": 1,
            "category_id": 2,
            "bbox": [0, 0, 1, 2],
            "segmentation": {"counts": compressed, "size": [12, 16]},
            "attributes": {"occluded": False},
        },
        {
            "id": 2,
            "image_id": 2,
            "category_id": 3,
            "segmentation": [[2.0, 2.0, 9.0, 2.0, 9.0, 9.0, 2.0, 9.0]],
        },
    ]
    path.write_text(json.dumps(whole))
    imported = import_labels(tmp_path, "ada")
    assert imported.rejections == ()
    first, second = (read_mask(r.elements.masks[0].png) for r in imported.answers.revisions)
    assert np.argwhere(first == 1).tolist() == [[0, 0], [1, 0]]
    assert (second[2:10, 2:10] == 2).all()


@pytest.mark.parametrize("known", [(), road_answers()], ids=["asked", "known"])
def test_a_table_has_no_place_for_masks(tmp_path: Path, known: tuple[LabelRevision, ...]) -> None:
    with pytest.raises(InputError, match=r"classes only.*coco or cvat"):
        export(tmp_path / "hand", ExchangeFormat.CSV, ROADS, known, ROAD)
    assert not (tmp_path / "hand").exists()


def test_a_table_has_no_place_for_boxes(tmp_path: Path) -> None:
    box = Box2d(
        element_id=ElementId("car-1"),
        stream=CAMERA,
        t_ns=50,
        class_name="stop",
        x0_px=0.0,
        y0_px=0.0,
        x1_px=2.0,
        y1_px=2.0,
    )
    known = [replace(sign_answers()[0], elements=Elements(boxes2d=(box,)))]
    with pytest.raises(InputError, match="classes only"):
        export(tmp_path, ExchangeFormat.CSV, SIGNS[:1], known)


@pytest.mark.parametrize("geometry", list(Geometry))
def test_every_format_for_a_geometry_takes_its_questions(
    tmp_path: Path, geometry: Geometry
) -> None:
    for format in formats_for(geometry):
        path = export_labels(SIGNS, picture_of, SIGN, geometry, format, tmp_path / format.value)
        assert path.exists()


def test_a_folder_that_was_not_exported_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        export(tmp_path, ExchangeFormat.CSV)
    with pytest.raises(InputError, match="not exported"):
        import_labels(tmp_path, "ada")


@given(st.lists(st.booleans(), min_size=1, max_size=80))
def test_runs_come_back_as_they_went(bits: list[bool]) -> None:
    flat = np.array(bits)
    assert flat_of(runs_of(flat), len(flat)).tolist() == bits


@given(st.lists(st.integers(0, 10**6), max_size=20))
def test_compressed_runs_come_back_as_they_went(runs: list[int]) -> None:
    def compress(values: list[int]) -> str:
        text = ""
        for index, value in enumerate(values):
            left = value - (values[index - 2] if index > 2 else 0)
            more = True
            while more:
                bits, left = left & 31, left >> 5
                more = left != (-1 if bits & 16 else 0)
                text += chr(48 + (bits | (32 if more else 0)))
        return text

    assert parse_compressed_runs(compress(runs)) == runs


def test_damaged_runs_are_refused() -> None:
    with pytest.raises(InputError, match="sum to 3"):
        flat_of([1, 2], 4)
    with pytest.raises(InputError, match="sum to 4"):
        flat_of([5, -1], 4)
    with pytest.raises(InputError, match="within a number"):
        parse_compressed_runs("P")
    with pytest.raises(InputError, match="no place"):
        parse_compressed_runs("\x00")


def test_a_polygon_fills_its_inside() -> None:
    mask = fill_polygons([[(1, 1), (4, 1), (4, 3), (1, 3)]], 6, 6)
    assert mask[1:4, 1:5].all()
    assert mask.sum() == 12
