"""Tasks: what is asked of a frame, how answers become targets, and how answers merge."""

from bessemer.tasks.classify import ClassifyTrack
from bessemer.tasks.segment import SegmentFrame

__all__ = ["ClassifyTrack", "SegmentFrame"]
