"""Peers spend the same budget under the same rules."""

import numpy as np
import pytest

from bessemer.core.errors import NotFoundError
from bessemer.core.ids import SpaceId
from bessemer.core.selection import Candidates, Labelled, ReasonCode
from bessemer.curate.select_peers import PeerConfig, PeerSelector

pytest.importorskip("skactiveml", reason="scikit-activeml is not installed (bessemer[peers])")


def ring(n: int, m: int) -> tuple[Candidates, Labelled]:
    angles = np.linspace(0, 6, n + m)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    candidates = Candidates(
        units=tuple(map(str, range(n))),
        probabilities=np.full((n, 3), 1 / 3, np.float32),
        embeddings=points[:n],
        own_embeddings=points[:n],
        frame_counts=np.ones(n, np.int64),
        space_id=SpaceId("ring"),
    )
    labelled = Labelled(
        shares=np.eye(3, dtype=np.float32)[np.arange(m) % 3],
        embeddings=points[n:],
        own_embeddings=points[n:],
        space_id=SpaceId("ring"),
    )
    return candidates, labelled


@pytest.mark.parametrize("method", ["typiclust", "probcover", "core_set", "max_herding"])
@pytest.mark.parametrize("labelled_count", [0, 5])
def test_a_peer_spends_the_budget(method: str, labelled_count: int) -> None:
    selector = PeerSelector(config=PeerConfig(method=method))
    candidates, labelled = ring(30, labelled_count)
    selection = selector.select(candidates, labelled, 10, 0)
    assert selection.chosen_by_reason == {ReasonCode.CONTROL: 1, ReasonCode.PEER: 9}
    assert len(selection.passed_over) == 20
    assert selection == selector.select(candidates, labelled, 10, 0)


def test_an_unknown_method_names_what_exists() -> None:
    with pytest.raises(NotFoundError, match="typiclust"):
        PeerConfig(method="typyclust")
