"""The roles between the parts of the works, each open to other packages.

An implementation is found by entry point, in a group a role (see :mod:`bessemer.core.plugins`), is
made with what the table says, as keywords, and is named by a recipe or an option. Each but the
recipe has a conformance suite in :mod:`bessemer.testing`.

=============  =======================  ==========================  ===========================
role           group                    made with                   named by
=============  =======================  ==========================  ===========================
LogReader      ``bessemer.readers``     nothing                     ``reader``, ``--reader``
Trigger        ``bessemer.triggers``    nothing                     ``triggers.also``
Embedder       ``bessemer.embedders``   nothing                     ``embedder``
Selector       ``bessemer.selectors``   nothing                     ``selector``
Labeller       ``bessemer.labellers``   ``ontology``, ``look``      ``labeller``, ``auditor``
Task           ``bessemer.tasks``       ``ontology``                ``task``
Network        ``bessemer.networks``    ``config``                  ``network.backbone``
Gate           ``bessemer.gates``       nothing                     ``gate``
World          ``bessemer.worlds``      ``device``, ``samples``,    ``--world`` of the process
                                        ``step_s``                  of a world
recipe         ``bessemer.recipes``     nothing                     ``bessemer run RECIPE``
=============  =======================  ==========================  ===========================

Selectors, gates and worlds stand in :mod:`.selection`, :mod:`.gates` and :mod:`.worlds`. ``look``
returns the picture of a frame at its own size. A network that is trained is a
:class:`bessemer.networks.network.TrainableNetwork`; what it is exported to keeps :class:`Network`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.fleet import Hit, Sight
from bessemer.core.frames import Frame
from bessemer.core.ids import RevisionId, SpaceId
from bessemer.core.labelling import LabelAnswers, LabelRequest
from bessemer.core.labels import LabelRevision
from bessemer.core.ontology import Ontology
from bessemer.core.records import Recording, Stretch, Terms
from bessemer.core.signature import Geometry, Signature


@runtime_checkable
class LogReader(Protocol):
    """Reads one layout of recordings on disk, one recording at a time, in bounded memory.

    A reader that is a frozen dataclass has its fields as settings: ``--set reader.rate_hz=10``.
    """

    name: str

    def recognises(self, root: Path) -> bool:
        """Return whether ``root`` looks like this layout; cheap, and never raises."""

    def read(
        self, root: Path, terms: Terms | None = None, *, skip: frozenset[str] = frozenset()
    ) -> Iterator[Arrival | Rejection]:
        """Yield every recording below ``root`` by source, and every thing that was refused.

        Args:
            root: A folder or a file.
            terms: Licence and region; None takes the layout's own, where it has one.
            skip: Sources already in store, which need not be read again.

        Returns:
            An arrival a recording, a rejection a thing refused. Nothing is left out in silence.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The outcome of a merge without conflict."""

    revision: LabelRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeConflict:
    """Two revisions that cannot both stand, and the elements they disagree about."""

    ours: RevisionId
    theirs: RevisionId
    elements: tuple[str, ...]
    reason: str


@runtime_checkable
class Task(Protocol):
    """One question that networks and people answer."""

    @property
    def ontology(self) -> Ontology:
        """The classes."""

    @property
    def geometry(self) -> Geometry:
        """What its answers look like."""

    def units_of(self, recording: Recording, frames: Sequence[Frame]) -> tuple[Stretch, ...]:
        """Return the stretches of a recording that are labelled one at a time."""

    def targets(
        self,
        frames: Sequence[Frame],
        labels: Sequence[LabelRevision | None],
        size_px: tuple[int, int],
    ) -> Int64[np.ndarray, " n"] | UInt8[np.ndarray, "n h w"]:
        """Return what a network should say about each frame.

        Args:
            frames: Frames.
            labels: The revision that covers each, or None.
            size_px: Height and width of dense targets.

        Returns:
            Class indices, -1 where nothing is said; or dense maps, 255 where nothing is said.
        """

    def merge3(
        self, base: LabelRevision | None, ours: LabelRevision | None, theirs: LabelRevision | None
    ) -> Merged | MergeConflict | None:
        """Merge two revisions of one unit by element; None if both removed it."""


@runtime_checkable
class Network(Protocol):
    """A network that can be run on pictures: on a vehicle, in evaluation, in curation."""

    signature: Signature

    def run(self, pictures: UInt8[np.ndarray, "n h w 3"]) -> "NetworkOutput":
        """Return logits by head and embeddings for pictures of the signature's size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOutput:
    """What a network gave for a batch: logits by head, in the signature's order; features."""

    logits: tuple[Float32[np.ndarray, "n _ *_"], ...]
    embeddings: Float32[np.ndarray, "n d"]


@runtime_checkable
class Embedder(Protocol):
    """A fixed map from pictures to vectors of unit norm; its address never moves."""

    @property
    def space_id(self) -> SpaceId:
        """The address of its space."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Height and width of the pictures that it takes."""

    def embed(self, pictures: UInt8[np.ndarray, "n h w 3"]) -> Float32[np.ndarray, "n d"]:
        """Return one vector a picture; pictures have height and width ``size_px``."""


@runtime_checkable
class Trigger(Protocol):
    """A condition on what a vehicle knows."""

    @property
    def name(self) -> str:
        """How it is called in reports and counts."""

    def fire(self, sight: Sight) -> Hit | None:
        """Return how strongly and why a stretch should come back, or None."""


@runtime_checkable
class Labeller(Protocol):
    """Answers requests: an oracle, people by way of files, a network."""

    @property
    def name(self) -> str:
        """How it is called in reports and counts."""

    def answer(self, requests: Sequence[LabelRequest]) -> LabelAnswers:
        """Return answers for some requests, and which are still waiting."""
