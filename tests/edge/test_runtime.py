from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.frames import Frame
from bessemer.core.ids import RecordingId, SegmentId, StreamName, TaskName
from bessemer.core.protocols import Network
from bessemer.core.signature import Preprocess
from bessemer.edge.predict import answer, predict, softmax
from bessemer.edge.runtime import OnnxNetwork
from tests.edge.networks import SCENES, SIGNS, colour_signature, write_colour_network


@pytest.fixture
def network(tmp_path: Path) -> OnnxNetwork:
    return OnnxNetwork.open(write_colour_network(tmp_path / "colour.onnx"))


def _pictures(n: int, size_px: int = 4) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, size_px, size_px, 3), dtype=np.uint8)


def _frames(n: int) -> tuple[Frame, ...]:
    return tuple(
        Frame(
            recording_id=RecordingId("r"),
            stream=StreamName("camera/front"),
            segment_id=SegmentId("s"),
            index=i,
            t_ns=i,
        )
        for i in range(n)
    )


def test_it_plays_the_role(network: OnnxNetwork) -> None:
    assert isinstance(network, Network)
    assert network.signature == colour_signature()


def test_the_digest_is_of_the_file(tmp_path: Path) -> None:
    one = OnnxNetwork.open(write_colour_network(tmp_path / "1.onnx"))
    same = OnnxNetwork.open(write_colour_network(tmp_path / "2.onnx"))
    other = OnnxNetwork.open(write_colour_network(tmp_path / "3.onnx", scale=2.0))
    assert one.network_id == same.network_id != other.network_id


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_any_number_of_pictures_in_batches_is_as_one_by_one(network: OnnxNetwork, n: int) -> None:
    network.batch_size = 4
    pictures = _pictures(n)
    output = network.run(pictures)
    assert [len(column) for column in (*output.logits, output.embeddings)] == [n, n, n]
    for row in range(n):
        alone = network.run(pictures[row : row + 1])
        for whole, single in zip(output.logits, alone.logits, strict=True):
            np.testing.assert_allclose(whole[row], single[0], rtol=1e-6)


def test_a_red_picture_is_called_red(network: OnnxNetwork) -> None:
    red = np.zeros((1, 4, 4, 3), np.uint8)
    red[..., 0] = 255
    said = predict(network, _frames(1), red, SIGNS.task)
    assert said.network_id == network.network_id
    assert said.probs.argmax(axis=1).tolist() == [0]
    np.testing.assert_allclose(said.probs.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(said.confidence, said.probs.max(axis=1))


def test_dense_predictions_are_shares_of_pixels(network: OnnxNetwork) -> None:
    picture = np.zeros((1, 4, 4, 3), np.uint8)
    picture[:, :1, :, 1] = 255
    picture[:, 1:, :, 2] = 255
    said = predict(network, _frames(1), picture, SCENES.task)
    np.testing.assert_allclose(said.probs, [[0.0, 0.25, 0.75]], atol=1e-6)
    truth = np.array([[1, 2, 0, 255]] * 4, np.int64).T[None]
    found = answer(network, SCENES.task, picture, truth)
    assert found.likeliest[0, :, 0].tolist() == [1, 2, 2, 2]
    dense = softmax(network.run(picture).logits[1])
    np.testing.assert_allclose(said.confidence, dense.max(axis=1).mean(), rtol=1e-6)
    known = [dense[0, class_index, row, 0] for row, class_index in enumerate((1, 2, 0))]
    np.testing.assert_array_equal(found.of_truth[0, :3, 0], known)


def test_nothing_seen_is_nothing_said(network: OnnxNetwork) -> None:
    for task in (SIGNS.task, SCENES.task):
        said = predict(network, (), _pictures(0), task)
        assert said.probs.shape == (0, 3)
        assert said.embeddings.shape == (0, 3)


def test_what_breaks_the_contract_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "n.onnx"
    good = colour_signature()
    with pytest.raises(InputError, match="carries no signature"):
        OnnxNetwork.open(write_colour_network(path, with_metadata=False))
    with pytest.raises(NotFoundError, match=r"No input is named 'imgae'.*'image'"):
        OnnxNetwork.open(write_colour_network(path, signature=replace(good, input="imgae")))
    with pytest.raises(NotFoundError, match="No output is named 'emb'"):
        OnnxNetwork.open(write_colour_network(path, signature=replace(good, embedding="emb")))
    with pytest.raises(InputError, match="first axis dynamic"):
        OnnxNetwork.open(write_colour_network(path, batch=1))
    wide = replace(good, preprocess=Preprocess(width_px=5, height_px=4))
    with pytest.raises(InputError, match=r"\[n, 3, 4, 5\]"):
        OnnxNetwork.open(write_colour_network(path, signature=wide))
    path.write_bytes(b"not a network")
    with pytest.raises(InputError, match="cannot open"):
        OnnxNetwork.open(path)
    with pytest.raises(InputError, match="cannot be read"):
        OnnxNetwork.open(tmp_path / "absent.onnx")


def test_a_network_of_fewer_classes_than_it_says_is_refused(tmp_path: Path) -> None:
    good = colour_signature()
    more = replace(SIGNS, classes=(*SIGNS.classes, "black"))
    heads = (replace(good.heads[0], ontology=more), good.heads[1])
    path = write_colour_network(tmp_path / "n.onnx", signature=replace(good, heads=heads))
    with pytest.raises(InputError, match="one channel a class"):
        OnnxNetwork.open(path).run(_pictures(2))


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    network = OnnxNetwork.open(write_colour_network(tmp_path / "n.onnx", scale=float("nan")))
    with pytest.raises(InputError, match="not finite"):
        network.run(_pictures(1))


def test_an_unknown_task_and_a_missing_picture_are_refused(network: OnnxNetwork) -> None:
    with pytest.raises(NotFoundError):
        predict(network, _frames(1), _pictures(1), TaskName("sings"))
    with pytest.raises(InputError, match="2 frames, but 1 pictures"):
        predict(network, _frames(2), _pictures(1), SIGNS.task)
