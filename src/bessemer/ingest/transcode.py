"""Video of any codec to H.264, with fixed settings and one thread: the same bytes every time.

Groups are of ``GROUP_FRAMES`` frames, closed, and without frames that look ahead, so that packets
stand in the order of time and a segment decodes alone.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import av

from bessemer.core.arrivals import Rejection
from bessemer.core.records import Codec, Segment
from bessemer.ingest.files import refuse
from bessemer.ingest.video_file import Footage, Group, missing_frames

GROUP_FRAMES: Final = 60
_SETTINGS = {"crf": "18", "preset": "fast", "sc_threshold": "0", "forced-idr": "1"}


def encode_groups(footage: Footage, where: str) -> Iterator[Group | Rejection]:
    """Yield a video's frames as groups of H.264, and where it is damaged.

    Args:
        footage: The video, not read yet.
        where: Named in rejections.

    Yields:
        Groups, the first at 0; rejections.
    """
    held: list[tuple[int, av.VideoFrame]] = []
    zero_ns = last_ns = None
    end_ns = n_frames = 0
    for frame in _frames(footage, where):
        if isinstance(frame, Rejection):
            yield frame
            continue
        n_frames += 1
        t_ns = _time_of(footage, frame, last_ns)
        if last_ns is not None and t_ns <= last_ns:
            detail = "The frame is not later than the one before."
            yield refuse("damaged_video", f"{where}, frame {n_frames}", detail)
            continue
        zero_ns = t_ns if zero_ns is None else zero_ns
        last_ns = t_ns
        if len(held) == GROUP_FRAMES or (held and _shape(held[0][1]) != _shape(frame)):
            yield _encode(held, t_ns - zero_ns)
            held = []
        held.append((t_ns - zero_ns, frame))
    if held:
        end_ns = held[-1][0] + footage.period_ns
        yield _encode(held, end_ns)
    yield from missing_frames(footage, n_frames, end_ns, where)


def _time_of(footage: Footage, frame: av.VideoFrame, last_ns: int | None) -> int:
    """Return when a frame is shown; without a time of its own it follows the one before."""
    if frame.pts is not None:
        return footage.time_of(frame.pts)
    return 0 if last_ns is None else last_ns + footage.period_ns


def _frames(footage: Footage, where: str) -> Iterator[av.VideoFrame | Rejection]:
    """Yield decoded frames; a packet that cannot be decoded is refused and the next is tried."""
    stream = footage.video
    packets = footage.container.demux(stream)
    n_packets = 0
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        n_packets += 1
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            yield refuse("damaged_video", f"{where}, packet {n_packets}", f"{error.strerror}.")
            continue
        for frame in frames:
            if frame.is_corrupt:
                detail = "A frame was only partly decoded."
                yield refuse("damaged_video", f"{where}, packet {n_packets}", detail)
            else:
                yield frame


def _encode(held: list[tuple[int, av.VideoFrame]], end_ns: int) -> Group:
    """Return frames as one group that ends at ``end_ns``."""
    first = held[0][1]
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = first.width, first.height
    # Half as many colour samples need even sizes; odd ones keep all.
    odd = first.width % 2 or first.height % 2
    encoder.pix_fmt = "yuv444p" if odd else "yuv420p"
    encoder.time_base = Fraction(1, 30)
    encoder.framerate = Fraction(30)
    encoder.thread_count = 1
    encoder.gop_size = GROUP_FRAMES
    encoder.max_b_frames = 0
    encoder.options = dict(_SETTINGS)
    packets: list[bytes] = []
    for index, (_, frame) in enumerate(held):
        plain = frame.reformat(format=encoder.pix_fmt)
        plain.pts = index
        plain.time_base = encoder.time_base
        plain.pict_type = av.video.frame.PictureType.NONE
        packets += [bytes(packet) for packet in encoder.encode(plain)]
    packets += [bytes(packet) for packet in encoder.encode(None)]
    start_ns = held[0][0]
    segment = Segment(
        codec=Codec.H264,
        offsets_ns=tuple(t_ns - start_ns for t_ns, _ in held),
        packets=tuple(packets),
    )
    return Group(segment=segment, start_ns=start_ns, end_ns=end_ns)


def _shape(frame: av.VideoFrame) -> tuple[int, int]:
    """Return a frame's width and height."""
    return frame.width, frame.height
