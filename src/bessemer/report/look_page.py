"""The page of a first look at pictures without labels: how many differ, and which to label."""

from dataclasses import dataclass, replace

from bessemer.core.fleet import Count
from bessemer.report.page import render
from bessemer.report.story import Shot
from bessemer.report.wording import say_count, say_percent, say_plural


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPick:
    """A frame worth a label.

    Attributes:
        row: Its place among the frames looked at, in their order.
        name: The file's path in its folder, or the time in the video.
        code: ``typical`` or ``far``.
        stands_for: Frames that no other pick is nearer to, itself included.
        alike: Frames near-identical to it, itself included.
        shot: The picture and the reason in words.
    """

    row: int
    name: str
    code: str
    stands_for: int
    alike: int
    shot: Shot


@dataclass(frozen=True, slots=True, kw_only=True)
class LookCluster:
    """A kind of picture, with some that show it.

    Attributes:
        size: Frames in it.
        tightness: Mean cosine of its frames to its centre; 1 where all are the same.
        picks: How many of the picks lie in it.
        shots: The frames nearest to its centre, and one at its rim.
    """

    size: int
    tightness: float
    picks: int
    shots: tuple[Shot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFindings:
    """What a look at a video or a folder found.

    Attributes:
        source: What was looked at.
        is_video: Whether it is a video; else a folder of pictures.
        n_found: Frames or pictures there are; of a video whose length is not known, those read.
        n_looked: Those looked at.
        sampling: How those were drawn, where they are not all.
        unreadable: Pictures that could not be read, by reason.
        unreadable_examples: Some of them, with what is wrong.
        effective_frames: Frames there are once near-duplicates count once.
        near_cosine: From which cosine on two frames are near-duplicates.
        alike_frames: The same once frames that are merely alike count once.
        alike_cosine: From which cosine on two frames are alike.
        clusters: Kinds of pictures, largest first.
        order: The cluster of each stretch of frames in their order: (cluster, frames).
        picks: Frames worth a label, in the order in which they were chosen.
        covered_frac: Share of frames that are near-duplicates of a pick.
        even_frac: The same for as many frames taken at even distances.
        closeness: Mean cosine of all frames to their nearest pick.
        even_closeness: The same for as many frames taken at even distances.
        notes: What else a reader must know.
    """

    source: str
    is_video: bool
    n_found: int
    n_looked: int
    sampling: str = ""
    unreadable: tuple[Count, ...] = ()
    unreadable_examples: tuple[str, ...] = ()
    effective_frames: float
    near_cosine: float
    alike_frames: float
    alike_cosine: float
    clusters: tuple[LookCluster, ...]
    order: tuple[tuple[int, int], ...]
    picks: tuple[LookPick, ...]
    covered_frac: float
    even_frac: float
    closeness: float
    even_closeness: float
    notes: tuple[str, ...] = ()

    @property
    def duplicate_frac(self) -> float:
        """Share of the frames that repeat another."""
        return 1.0 - self.effective_frames / self.n_looked

    def without_pictures(self) -> "LookFindings":
        """Return the findings without thumbnails, to be printed as JSON."""
        return replace(
            self,
            clusters=tuple(
                replace(part, shots=tuple(replace(s, thumb="") for s in part.shots))
                for part in self.clusters
            ),
            picks=tuple(replace(p, shot=replace(p.shot, thumb="")) for p in self.picks),
        )


def render_look(findings: LookFindings) -> str:
    """Return the findings as one self-contained HTML page.

    Args:
        findings: What was found.

    Returns:
        HTML without scripts, which asks nothing of any network.
    """
    return render("look.html", look=findings, headline=look_headline(findings))


def look_headline(findings: LookFindings) -> str:
    """Return the sentence that says how much of it differs.

    Args:
        findings: What was found.

    Returns:
        One sentence.
    """
    noun = "frame" if findings.is_video else "picture"
    return (
        f"{say_percent(findings.duplicate_frac)} of {say_plural(findings.n_looked, noun)} repeat "
        f"another: they are worth about {say_count(round(findings.effective_frames))}."
    )


def summarise_look(findings: LookFindings) -> str:
    """Return the findings as plain text for terminals.

    Args:
        findings: What was found.

    Returns:
        Lines, ending in a line break.
    """
    lines = [look_headline(findings)]
    if findings.sampling:
        lines.append(findings.sampling)
    sizes = ", ".join(say_count(cluster.size) for cluster in findings.clusters)
    lines.append(f"{say_plural(len(findings.clusters), 'cluster')} of {sizes}.")
    lines += [f"Not read: {c.count} ({c.reason.replace('_', ' ')})." for c in findings.unreadable]
    lines += [*findings.notes, "", f"Worth a label ({len(findings.picks)}):"]
    width = max((len(pick.name) for pick in findings.picks), default=0)
    lines += [
        f"{rank:3d}  {pick.name.ljust(width)}  {pick.shot.reason}"
        for rank, pick in enumerate(findings.picks, start=1)
    ]
    return "\n".join(lines) + "\n"
