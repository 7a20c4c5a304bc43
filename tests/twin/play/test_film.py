"""A film and a sheet hold the pictures of a drive, in their order and where they belong."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.twin.play.film import Frame, frames_of, sheet_of, write_mp4
from bessemer.twin.play.replay import Play, Shown, ShownPicture, ShownState
from tests.twin.drives import HEIGHT_PX, RIG, WIDTH_PX

N = 10


def colour(k: int, camera: int) -> Frame:
    """Return an even picture whose colour says which it is."""
    return np.full((HEIGHT_PX, WIDTH_PX, 3), (20 * k + 20, 90 * camera + 40, 128), np.uint8)


def drive(events: tuple[str, ...] = ("cut_in",)) -> Play:
    """Return a drive of even pictures by two cameras; an event is under way at the end."""

    def shown() -> Iterator[Shown]:
        for k in range(N):
            t_ns = 200_000_000 * k
            for i, camera in enumerate(RIG.cameras):
                yield ShownPicture(t_ns=t_ns, camera=camera.name, picture=colour(k, i))
            names = events if k >= 5 else ()
            yield ShownState(t_ns=t_ns, signals=(("Vehicle.Speed", 30.0),), events=names)

    return Play(title="even", cameras=RIG.cameras, rate_hz=5.0, shown=shown())


def middle(frame: Frame, camera: int) -> list[int]:
    """Return the colour in the middle of a camera's place."""
    found: list[int] = frame[HEIGHT_PX // 2, WIDTH_PX // 2 + camera * WIDTH_PX].tolist()
    return found


def test_each_camera_stands_in_its_place_in_each_frame() -> None:
    frames = list(frames_of(drive()))
    assert len(frames) == N
    for k, frame in enumerate(frames):
        assert [middle(frame, i) for i in (0, 1)] == [colour(k, i)[0, 0].tolist() for i in (0, 1)]


def test_the_caption_says_what_is_under_way() -> None:
    frames = list(frames_of(drive()))
    captions = [int((frame[HEIGHT_PX:] > 128).sum()) for frame in frames]
    assert min(captions) > 0
    assert min(captions[5:]) > max(captions[:5])


def test_a_caption_of_many_events_stays_inside_the_picture() -> None:
    frames = list(frames_of(drive(events=("cut_in", *(f"event_{i}" for i in range(40))))))
    for caption in (frame[HEIGHT_PX:] for frame in frames[6:]):
        assert caption.max() > 128
        assert caption[:, -4:].max() == 0


def test_a_film_gives_its_frames_back(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    assert write_mp4(path, frames_of(drive()), rate_hz=5.0) == N
    with av.open(str(path)) as file:
        assert file.streams.video[0].average_rate == 5
        found = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    for k, frame in enumerate(found):
        for camera in (0, 1):
            truth = colour(k, camera)[0, 0].astype(int)
            assert np.abs(np.array(middle(frame, camera)) - truth).max() < 12
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_drive_without_pictures_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no picture"):
        write_mp4(tmp_path / "film.mp4", [], rate_hz=5.0)
    with pytest.raises(InputError, match="no picture"):
        sheet_of([])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tiles", [1, 4, 7, 50])
def test_a_sheet_runs_from_the_first_frame_towards_the_last(tiles: int) -> None:
    frames = list(frames_of(drive()))
    n = min(tiles, N)
    sheet = sheet_of(frames, tiles=tiles, columns=3, width_px=64)
    height = round(frames[0].shape[0] * 64 / frames[0].shape[1])
    rows, columns = -(-n // 3), min(3, n)
    assert sheet.shape == (rows * (height + 4) - 4, columns * 68 - 4, 3)
    red = [int(sheet[i // 3 * (height + 4) + 10, i % 3 * 68 + 16, 0]) for i in range(n)]
    assert red == sorted(red)
    assert len(set(red)) == n
    assert abs(red[0] - 20) < 3
    if n > 1:
        assert abs(red[-1] - 20 * N) < 3
