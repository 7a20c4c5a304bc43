import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bessemer.core.errors import InputError
from bessemer.core.records import Codec, Segment
from bessemer.edge.decode import PictureTooLargeError, decode_picture, decode_segment
from bessemer.ingest.video import VideoReader
from tests.ingest.films import square, square_at, write_film

_CODECS = [Codec.JPEG, Codec.PNG, Codec.PPM]


def _noise(height_px: int = 9, width_px: int = 14, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


def _encoded(picture: np.ndarray, codec: Codec) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, codec.name)
    return out.getvalue()


_FILES = {codec: _encoded(_noise(), codec) for codec in _CODECS}


@pytest.mark.parametrize("codec", [Codec.PNG, Codec.PPM])
def test_decoding_undoes_encoding(codec: Codec) -> None:
    np.testing.assert_array_equal(decode_picture(_FILES[codec], codec=codec), _noise())
    np.testing.assert_array_equal(decode_picture(_FILES[codec]), _noise())


@given(codec=st.sampled_from(_CODECS), cut=st.floats(0, 1, exclude_max=True))
def test_no_beginning_of_a_picture_passes_for_it(codec: Codec, cut: float) -> None:
    data = _FILES[codec]
    with pytest.raises(InputError):
        decode_picture(data[: int(cut * len(data))], codec=codec)


@given(
    codec=st.sampled_from(_CODECS),
    place=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=40),
)
def test_damage_is_refused_or_gives_a_picture_and_raises_nothing_else(
    codec: Codec, place: float, junk: bytes
) -> None:
    data = _FILES[codec]
    start = int(place * len(data))
    damaged = data[:start] + junk + data[start + len(junk) :]
    try:
        picture = decode_picture(damaged, codec=codec)
    except InputError:
        return
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3


@given(junk=st.binary(max_size=200), codec=st.sampled_from([None, *_CODECS]))
def test_bytes_that_are_no_picture_are_refused(junk: bytes, codec: Codec | None) -> None:
    with pytest.raises(InputError):
        decode_picture(junk, codec=codec)


def test_a_file_of_another_kind_does_not_pass_for_its_name() -> None:
    with pytest.raises(InputError, match="no picture of the kinds JPEG"):
        decode_picture(_FILES[Codec.PNG], codec=Codec.JPEG)


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    with pytest.raises(PictureTooLargeError):
        decode_picture(b"P6\n100000 100000\n255\n")
    with pytest.raises(PictureTooLargeError, match="at most 100 are read"):
        decode_picture(_FILES[Codec.PNG], max_pixels=100)
    assert decode_picture(_FILES[Codec.PNG], max_pixels=9 * 14).shape == (9, 14, 3)


def test_every_mode_becomes_rgb_of_eight_bits() -> None:
    grey = np.arange(120, dtype=np.uint8).reshape(10, 12)
    three = np.repeat(grey[..., None], 3, axis=2)
    np.testing.assert_array_equal(decode_picture(_encoded(grey, Codec.PNG)), three)
    deep = grey.astype(np.uint16) * 256 + 17
    np.testing.assert_array_equal(decode_picture(_encoded(deep, Codec.PNG)), three)
    clear = np.dstack([three, np.zeros((10, 12), np.uint8)])
    np.testing.assert_array_equal(decode_picture(_encoded(clear, Codec.PNG)), three)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Segment:
    path: Path = write_film(tmp_path_factory.mktemp("film") / "a.mp4", frames=8)
    (arrival,) = VideoReader().read(path)
    (segment,) = arrival.segments  # type: ignore[union-attr]
    return segment


@given(indices=st.sets(st.integers(0, 7)))
def test_frames_asked_for_are_those_of_the_whole(film: Segment, indices: set[int]) -> None:
    found = dict(decode_segment(film, indices))
    assert list(found) == sorted(indices)
    for index, picture in found.items():
        assert abs(square_at(picture) - square_at(square(index))) < 1.0


def test_a_frame_that_does_not_exist_is_an_error(film: Segment) -> None:
    with pytest.raises(InputError, match="has no frame 8"):
        list(decode_segment(film, [8]))
    with pytest.raises(InputError, match="has no frame -1"):
        list(decode_segment(film, [-1]))


def test_video_without_its_key_frame_is_refused(film: Segment) -> None:
    headless = Segment(codec=film.codec, offsets_ns=film.offsets_ns[:-1], packets=film.packets[1:])
    with pytest.raises(InputError):
        list(decode_segment(headless))
    cut = Segment(
        codec=film.codec,
        offsets_ns=film.offsets_ns,
        packets=(film.packets[0][:40], *film.packets[1:]),
    )
    with pytest.raises(InputError):
        list(decode_segment(cut))


def test_video_that_claims_too_many_pixels_is_refused(film: Segment) -> None:
    with pytest.raises(InputError):
        list(decode_segment(film, max_pixels=64 * 47))


def test_signals_are_no_pictures() -> None:
    rows = Segment(codec=Codec.FLOAT64, offsets_ns=(0,), packets=(b"\0" * 8,))
    with pytest.raises(InputError, match="holds no pictures"):
        list(decode_segment(rows))
