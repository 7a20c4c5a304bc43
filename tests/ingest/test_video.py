from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.records import Codec, StreamKind
from bessemer.edge.decode import decode_segment
from bessemer.ingest.video import VideoReader
from tests.ingest.films import square, square_at, write_film


def _read(root: Path) -> tuple[list[Arrival], dict[str, list[str]]]:
    items = list(VideoReader().read(root))
    rejected: dict[str, list[str]] = {}
    for item in items:
        if isinstance(item, Rejection):
            rejected.setdefault(item.reason, []).append(item.where)
    return [item for item in items if isinstance(item, Arrival)], rejected


def _shown(arrival: Arrival) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the time and picture of every frame, each segment decoded by itself."""
    by_id = {segment.segment_id: segment for segment in arrival.segments}
    for ref in arrival.recording.segments:
        if ref.stream == "camera/front":
            segment = by_id[ref.segment_id]
            for index, picture in decode_segment(segment):
                yield ref.start_ns + segment.offsets_ns[index], picture


@pytest.mark.parametrize(
    ("name", "encoder", "options", "codec"),
    [
        ("a.mp4", "libx264", {}, Codec.H264),
        ("a.mkv", "libx264", {}, Codec.H264),
        ("a.ts", "libx264", {}, Codec.H264),
        ("a.mp4", "libsvtav1", {"preset": "12"}, Codec.AV1),
        ("a.mkv", "libsvtav1", {"preset": "12"}, Codec.AV1),
        ("a.avi", "mpeg4", {"q": "2"}, Codec.H264),
        ("a.mp4", "libx264", {"x264-params": "open-gop=1:scenecut=0"}, Codec.H264),
    ],
)
def test_every_frame_is_there_at_its_time_and_in_its_place(
    tmp_path: Path, name: str, encoder: str, options: dict[str, str], codec: Codec
) -> None:
    write_film(tmp_path / name, encoder, options=options)
    (arrival,), rejected = _read(tmp_path)
    assert rejected == {}
    assert {segment.codec for segment in arrival.segments} == {codec}
    shown = list(_shown(arrival))
    assert [round(t_ns / 1e8) for t_ns, _ in shown] == list(range(20))
    for index, (_, picture) in enumerate(shown):
        assert abs(square_at(picture) - square_at(square(index))) < 1.0


def test_packets_of_h264_are_kept_and_a_segment_is_a_group(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4")
    (arrival,), _ = _read(tmp_path)
    refs = arrival.recording.segments
    assert [ref.n_frames for ref in refs] == [8, 8, 4]
    assert [ref.start_ns for ref in refs] == [0, 800_000_000, 1_600_000_000]
    assert arrival.recording.end_ns == 2_000_000_000
    assert sum(ref.size_bytes for ref in refs) < film.stat().st_size


def test_a_jump_in_time_is_kept(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mkv", drop=(5, 6, 7))
    (arrival,), rejected = _read(tmp_path)
    assert rejected == {}
    times = [round(t_ns / 1e8) for t_ns, _ in _shown(arrival)]
    assert times == [0, 1, 2, 3, 4, *range(8, 20)]


def test_odd_sizes_survive_encoding_again(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mkv", "ffv1", size_px=(63, 47), pix_fmt="yuv444p")
    (arrival,), rejected = _read(tmp_path)
    assert rejected == {}
    assert {picture.shape for _, picture in _shown(arrival)} == {(47, 63, 3)}


def test_encoding_again_gives_the_same_bytes(tmp_path: Path) -> None:
    write_film(tmp_path / "a.avi", "mpeg4")
    assert _read(tmp_path) == _read(tmp_path)


def test_signals_stand_beside_the_camera(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4")
    (tmp_path / "a.csv").write_text(
        "t_s,Vehicle.Speed [km/h],brake\n0.0,30,\n0.5,31.5,1\n1.0,33,\n"
    )
    (arrival,), rejected = _read(tmp_path)
    assert rejected == {}
    signals = [s for s in arrival.recording.streams if s.kind is StreamKind.SIGNAL]
    assert [(s.name, s.unit) for s in signals] == [("Vehicle.Speed", "km/h"), ("brake", "")]
    by_id = {segment.segment_id: segment for segment in arrival.segments}
    refs = {ref.stream: ref for ref in arrival.recording.segments if ref.stream != "camera/front"}
    speed = by_id[refs[signals[0].name].segment_id]
    assert speed.codec is Codec.FLOAT64
    assert speed.offsets_ns == (0, 500_000_000, 1_000_000_000)
    assert np.frombuffer(speed.packets[0], "<f8").tolist() == [30.0, 31.5, 33.0]
    brake = refs[signals[1].name]
    assert (brake.start_ns, brake.n_frames) == (500_000_000, 1)


def test_wrong_rows_of_signals_are_refused_by_line(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4")
    rows = "t_s,v,unused\n0,1,\nx,1,\n0.5,inf,\n0.5,2\n0.5,2,\n0.4,2,\n7,2,\n,2,\n1.5,3,\n"
    (tmp_path / "a.csv").write_text(rows)
    (arrival,), rejected = _read(tmp_path)
    assert rejected == {
        "bad_row": ["a.csv:3", "a.csv:4", "a.csv:5", "a.csv:7", "a.csv:9"],
        "outside_recording": ["a.csv:8"],
        "bad_column": ["a.csv, unused"],
    }
    (ref,) = [r for r in arrival.recording.segments if r.stream == "v"]
    assert ref.n_frames == 3


def test_a_table_that_is_none_does_not_stop_the_video(tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4")
    (tmp_path / "a.csv").write_text("time,v\n0,1\n")
    arrivals, rejected = _read(tmp_path)
    assert (len(arrivals), rejected) == (1, {"bad_table": ["a.csv"]})


@pytest.mark.parametrize("encoder", ["libx264", "mpeg4"])
@pytest.mark.parametrize(("suffix", "kept_frac"), [(".mkv", 0.5), (".mkv", 0.9), (".avi", 0.8)])
def test_a_video_cut_short_gives_what_it_holds_and_says_so(
    tmp_path: Path, encoder: str, suffix: str, kept_frac: float
) -> None:
    film = write_film(tmp_path / f"a{suffix}", encoder, frames=80)
    data = film.read_bytes()
    film.write_bytes(data[: int(len(data) * kept_frac)])
    (arrival,), rejected = _read(tmp_path)
    shown = list(_shown(arrival))
    assert 8 <= len(shown) < 80
    for t_ns, picture in shown[:-3]:
        assert abs(square_at(picture) - square_at(square(round(t_ns / 1e8)))) < 1.5
    assert rejected["truncated_video"] == [film.name]


def test_a_whole_video_is_not_called_cut(tmp_path: Path) -> None:
    for name in ("a.mkv", "a.mp4", "a.avi", "a.ts"):
        write_film(tmp_path / name, frames=30)
    assert _read(tmp_path)[1] == {}


def test_a_head_without_a_body_is_refused(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4")
    film.write_bytes(film.read_bytes()[:40])
    assert _read(tmp_path) == ([], {"truncated_video": ["a.mp4"]})


def test_a_playlist_in_disguise_opens_no_other_file(tmp_path: Path) -> None:
    film = write_film(tmp_path / "elsewhere" / "a.ts")
    inside = tmp_path / "archive"
    inside.mkdir()
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{film}\n#EXT-X-ENDLIST\n"
    (inside / "a.mp4").write_text(playlist)
    (inside / "b.mp4").write_text(f"ffconcat version 1.0\nfile {film}\n")
    arrivals, rejected = _read(inside)
    assert arrivals == []
    assert rejected == {"truncated_video": ["a.mp4", "b.mp4"]}


@pytest.mark.slow
def test_a_real_drive_goes_in_without_encoding_again(real_data: Path) -> None:
    film = real_data / "dashcam" / "solidWhiteRight.mp4"
    (arrival,), rejected = _read(film)
    assert rejected == {}
    assert [ref.n_frames for ref in arrival.recording.segments] == [30] * 7 + [11]
    assert [(a.name, a.value) for a in arrival.recording.attributes] == [("left_out", "audio")]
    assert sum(1 for _ in _shown(arrival)) == 221
