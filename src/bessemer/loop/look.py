"""A first look at pictures without labels: what repeats, how it clusters, what to label first.

Picks are typical ones first: each next one is the frame by which all frames together come closest
to a pick. The last few are the frames farthest from every pick, which the typical ones never
reach. Far frames alone would be blur and outliers, typical ones alone would miss the rare.

Source: Krause and Golovin, "Submodular function maximization", 2014 (greedy facility location),
and Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985 (farthest first).
Cost: O(n m) memory for n frames and m <= 2,000 candidates.      Shapes: n frames, k picks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError
from bessemer.core.fleet import Count
from bessemer.core.progress import Progress, Silence, Story
from bessemer.curate.clusters import Clusters, ClustersConfig, find_clusters
from bessemer.curate.duplicates import Duplicates, DuplicatesConfig, find_duplicates
from bessemer.curate.embed import PinnedEmbedder
from bessemer.loop.look_folder import read_folder
from bessemer.loop.look_frames import SeenFrames, even_rows
from bessemer.loop.look_video import read_video
from bessemer.report.look_page import LookCluster, LookFindings, LookPick
from bessemer.report.story import Shot
from bessemer.report.wording import say_count, say_number, say_plural

ALIKE_COSINE = 0.85
"""From here on two frames show much the same, though not the same picture."""

_CANDIDATES = 2000
_STRIP = 240
_SHOWN = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class LookConfig:
    """How a look is taken.

    Attributes:
        n_frames: Frames to name as worth a label.
        max_frames: The most that is looked at; more are drawn at even distances.
        far_frac: Share of the named ones that are far from all others.
        clusters: Kinds of pictures told apart.
        cosine: From here on two frames are near-duplicates.
        seed: Of the clusters' first centres.
    """

    n_frames: int = 20
    max_frames: int = 3000
    far_frac: float = 0.25
    clusters: int = 8
    cosine: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InputError: If nothing would be looked at or named.
        """
        if self.n_frames < 1 or self.max_frames < 1 or not 0.0 <= self.far_frac <= 1.0:
            raise InputError(
                f"n_frames={self.n_frames}, max_frames={self.max_frames}, "
                f"far_frac={self.far_frac} make no sense.",
                where="LookConfig",
                fix="Look at one frame or more, name one or more, with far_frac in [0, 1].",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A pick: its row, why (``typical`` or ``far``), and the cosine of the nearest before it."""

    row: int
    code: str
    nearest: float


def look(path: Path, config: LookConfig | None = None, story: Story | None = None) -> LookFindings:
    """Look at a video, or at a folder of pictures.

    Args:
        path: The video file or folder.
        config: How.
        story: Told how far it is.

    Returns:
        What was found: the same for the same bytes.

    Raises:
        InputError: If there is nothing to look at, or nothing of it can be read.
    """
    spec, story = config or LookConfig(), story or Silence()
    embedder = PinnedEmbedder()
    with story.bar("looking") as progress:
        seen = read_frames(path, spec.max_frames, embedder.size_px[0], progress)
    vectors = embedder.embed(seen.pictures)
    story.say(f"Comparing {say_plural(len(vectors), 'frame')}.")
    duplicates = find_duplicates(vectors, DuplicatesConfig(cosine=spec.cosine))
    clusters = find_clusters(vectors, ClustersConfig(count=spec.clusters), seed=spec.seed)
    chosen = choose_frames(vectors, spec, frozenset(seen.flat))
    return _found(path, spec, seen, vectors, duplicates, clusters, chosen)


def read_frames(path: Path, max_frames: int, side_px: int, progress: Progress) -> SeenFrames:
    """Read a video or a folder of pictures.

    Args:
        path: A video file, or a folder, which is searched to its depth.
        max_frames: The most that is looked at.
        side_px: Side of the small pictures.
        progress: Told after every frame.

    Returns:
        The frames that could be read, and what could not.

    Raises:
        InputError: If there is nothing there, or nothing of it can be read.
    """
    if path.is_dir():
        seen = read_folder(path, max_frames, side_px, progress)
    elif path.is_file():
        seen = read_video(path, max_frames, side_px, progress)
    else:
        raise InputError(
            "There is nothing here to look at.",
            where=str(path),
            fix="Name a video file, or a folder of pictures.",
        )
    if not seen.names:
        raise InputError(
            f"None of {seen.n_found} pictures could be read; the first: "
            f"{seen.rejections[0].detail if seen.rejections else 'the video has no frame.'}",
            where=str(path),
            fix="Check that they are JPEG, PNG or PPM, and whole.",
        )
    return seen


def choose_frames(
    vectors: Float32[np.ndarray, "n d"], config: LookConfig, left_out: frozenset[int] = frozenset()
) -> list[Chosen]:
    """Choose frames worth a label: typical ones, then far ones.

    Args:
        vectors: Of unit norm.
        config: How many, and which share of them far.
        left_out: Rows that are never chosen, unless there are no others.

    Returns:
        At most ``config.n_frames``; fewer where all others are near-duplicates of these.
    """
    allowed = [row for row in range(len(vectors)) if row not in left_out]
    allowed = allowed or list(range(len(vectors)))
    n_far = round(config.n_frames * config.far_frac)
    candidates = np.array(allowed)[even_rows(len(allowed), _CANDIDATES)]
    # Unlike frames do not help one another: below zero there is no likeness to lose.
    likeness = np.clip(vectors[candidates] @ vectors.T, 0.0, None)
    closeness = np.zeros(len(vectors), np.float32)
    chosen: list[Chosen] = []
    while len(chosen) < config.n_frames - n_far:
        gains = np.maximum(likeness - closeness, 0.0).sum(axis=1)
        best = int(np.argmax(gains))
        row = int(candidates[best])
        if chosen and closeness[row] >= config.cosine:
            break
        chosen.append(Chosen(row=row, code="typical", nearest=float(closeness[row])))
        closeness = np.maximum(closeness, likeness[best])
    reachable = np.array(allowed)
    while len(chosen) < config.n_frames:
        row = int(reachable[np.argmin(closeness[reachable])])
        if closeness[row] >= config.cosine:
            break
        chosen.append(Chosen(row=row, code="far", nearest=float(closeness[row])))
        closeness = np.maximum(closeness, vectors @ vectors[row])
    return chosen


def _found(
    path: Path,
    config: LookConfig,
    seen: SeenFrames,
    vectors: Float32[np.ndarray, "n d"],
    duplicates: Duplicates,
    clusters: Clusters,
    chosen: Sequence[Chosen],
) -> LookFindings:
    """Return the findings."""
    n = len(vectors)
    rows = [pick.row for pick in chosen]
    cosines = vectors @ vectors[rows].T
    even = (vectors @ vectors[even_rows(n, len(rows))].T).max(axis=1)
    near, least = cosines.max(axis=1), config.cosine - 1e-6
    return LookFindings(
        source=path.resolve().name,
        is_video=seen.is_video,
        n_found=seen.n_found,
        n_looked=n,
        sampling=seen.sampling,
        unreadable=tuple(Count(reason=r, count=c) for r, c in sorted(seen.rejected.items())),
        unreadable_examples=tuple(f"{r.where}: {r.detail}" for r in seen.rejections[:12]),
        effective_frames=duplicates.effective_size,
        near_cosine=config.cosine,
        alike_frames=float((1.0 / _alike_counts(vectors)).sum()),
        alike_cosine=ALIKE_COSINE,
        clusters=_tell_clusters(seen, vectors, clusters, rows),
        order=_strip(clusters.members),
        picks=_tell_picks(seen, chosen, cosines.argmax(axis=1), duplicates),
        covered_frac=float((near >= least).mean()),
        even_frac=float((even >= least).mean()),
        closeness=float(near.mean()),
        even_closeness=float(even.mean()),
        notes=_notes(config, seen, chosen),
    )


def _alike_counts(vectors: Float32[np.ndarray, "n d"]) -> Int64[np.ndarray, " n"]:
    """Return how many frames are alike each one, itself included."""
    counts = [
        (vectors[start : start + _CANDIDATES] @ vectors.T >= ALIKE_COSINE).sum(axis=1)
        for start in range(0, len(vectors), _CANDIDATES)
    ]
    return np.maximum(np.concatenate(counts).astype(np.int64), np.int64(1))


def _notes(config: LookConfig, seen: SeenFrames, chosen: Sequence[Chosen]) -> tuple[str, ...]:
    """Return what else a reader must know."""
    notes = []
    if seen.rejected["video"]:
        first = next(r.where for r in seen.rejections if r.reason == "video")
        count = say_plural(seen.rejected["video"], "video")
        notes.append(f"{count} not looked at: give each by itself, {first} first.")
    if seen.flat:
        shown = say_plural(len(seen.flat), "frame")
        notes.append(f"Nothing to see (dark, white, fog), so never picked: {shown}.")
    if len(chosen) < config.n_frames:
        notes.append(
            f"{len(chosen)} instead of {config.n_frames}: every other frame is near-identical to "
            "one of these."
        )
    return tuple(notes)


def _tell_picks(
    seen: SeenFrames,
    chosen: Sequence[Chosen],
    nearest: Int64[np.ndarray, " n"],
    duplicates: Duplicates,
) -> tuple[LookPick, ...]:
    """Return the picks with their reasons in words."""
    picks = []
    for order, pick in enumerate(chosen):
        stands_for = max(int((nearest == order).sum()), 1)
        alike = int(duplicates.like_counts[pick.row])
        reason = _reason(pick, stands_for, alike, "frame" if seen.is_video else "picture")
        name = seen.names[pick.row]
        picks.append(
            LookPick(
                row=pick.row,
                name=name,
                code=pick.code,
                stands_for=stands_for,
                alike=alike,
                shot=Shot(thumb=seen.thumbs[pick.row], caption=name, reason=reason),
            )
        )
    return tuple(picks)


def _reason(pick: Chosen, stands_for: int, alike: int, noun: str) -> str:
    """Return why a frame is worth a label."""
    if pick.code == "far":
        word = "Far from" if pick.nearest < ALIKE_COSINE else "Least like"
        twins = (
            "no other is like it"
            if alike < 2
            else f"{say_plural(alike - 1, 'other')} near-identical"
        )
        return f"{word} all above (cosine {say_number(pick.nearest, 2)}); {twins}."
    if stands_for == 1:
        return "Typical of what lies between the others."
    near = min(alike, stands_for)
    twins = f"{say_count(near)} near-identical" if near > 1 else "none near-identical"
    return f"Stands for {say_plural(stands_for, noun)}, {twins}."


def _tell_clusters(
    seen: SeenFrames,
    vectors: Float32[np.ndarray, "n d"],
    clusters: Clusters,
    rows: Sequence[int],
) -> tuple[LookCluster, ...]:
    """Return the clusters with pictures from the middle of each, and one from its rim."""
    told = []
    for k, size in enumerate(clusters.sizes.tolist()):
        members = np.flatnonzero(clusters.members == k)
        closeness = vectors[members] @ clusters.centres[k]
        by_closeness = members[np.argsort(-closeness, kind="stable")]
        # Spread over the nearer half, so that a row does not show one frame seven times.
        middle = by_closeness[even_rows((size + 1) // 2, _SHOWN - 1)]
        shown = list(dict.fromkeys([*middle.tolist(), int(by_closeness[-1])]))
        told.append(
            LookCluster(
                size=size,
                tightness=float(closeness.mean()),
                picks=sum(int(clusters.members[row]) == k for row in rows),
                shots=tuple(
                    Shot(thumb=seen.thumbs[row], caption=seen.names[row], reason="")
                    for row in shown
                ),
            )
        )
    return tuple(told)


def _strip(members: Int64[np.ndarray, " n"]) -> tuple[tuple[int, int], ...]:
    """Return runs of clusters in the frames' order, of at most a few hundred stretches."""
    edges = np.linspace(0, len(members), min(_STRIP, len(members)) + 1).astype(int)
    main = [(int(np.bincount(members[a:b]).argmax()), int(b - a)) for a, b in pairwise(edges)]
    return tuple(
        (cluster, sum(count for _, count in run))
        for cluster, run in groupby(main, key=lambda part: part[0])
    )
