"""Stores of data commits in memory: for tests, and for a history that need not last."""

from collections.abc import Collection, Mapping

from bessemer.core.ids import CommitId, NodeId


class MemoryNodeStore:
    """A :class:`~bessemer.core.history.NodeStore` in a dict; ``nodes`` may be looked into."""

    def __init__(self) -> None:
        self.nodes: dict[NodeId, bytes] = {}
        self.n_reads = 0

    def get_many(self, ids: Collection[NodeId]) -> dict[NodeId, bytes]:
        """Return the bytes of those of ``ids`` that are held."""
        self.n_reads += len(ids)
        return {node_id: self.nodes[node_id] for node_id in ids if node_id in self.nodes}

    def put_many(self, nodes: Mapping[NodeId, bytes]) -> None:
        """Keep ``nodes``; one already held stays as it is."""
        for node_id, data in nodes.items():
            self.nodes.setdefault(node_id, data)


class MemoryRefStore:
    """A :class:`~bessemer.core.history.RefStore` in a dict."""

    def __init__(self) -> None:
        self._refs: dict[str, CommitId] = {}

    def get(self, name: str) -> CommitId | None:
        """Return what ``name`` points at, ``None`` if there is no such name."""
        return self._refs.get(name)

    def compare_and_set(self, name: str, expected: CommitId | None, new: CommitId | None) -> bool:
        """Point ``name`` at ``new`` if it still points at ``expected``."""
        if self._refs.get(name) != expected:
            return False
        if new is None:
            self._refs.pop(name, None)
        else:
            self._refs[name] = new
        return True

    def list(self) -> dict[str, CommitId]:
        """Return every name and what it points at."""
        return dict(sorted(self._refs.items()))
