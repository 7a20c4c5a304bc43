"""Two slots on a vehicle: one network drives, the other is the way back.

A state file names what lies in which slot, and which one drives. It is replaced as a whole, last,
so a vehicle that loses power drives the old network or the new one, never a half.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bessemer.core.errors import ConflictError, InputError, IntegrityError, NotFoundError
from bessemer.core.ids import CommitId, DocumentId, NetworkId, decode, encode
from bessemer.edge.disk import move_whole, write_whole

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseManifest:
    """What a release is, and where it came from.

    Attributes:
        version: Counted from 1; a later release has a higher one, whatever network it ships.
        network_id: SHA-256 of the ONNX file.
        commit_id: The data commit that the network was compiled from.
        recipe_id: The resolved recipe.
        gate_id: Where the gate's decision is kept.
        report_id: Where the report that the gate read is kept.
    """

    version: int
    network_id: NetworkId
    commit_id: CommitId
    recipe_id: DocumentId
    gate_id: DocumentId
    report_id: DocumentId

    def __post_init__(self) -> None:
        """Check the version, and that the network's address is a digest: it becomes a path."""
        if self.version < 1:
            raise InputError(f"A release's version starts at 1, not {self.version}.")
        if not _DIGEST.fullmatch(self.network_id):
            raise InputError(
                "A network's address has 64 hexadecimal digits.", where=self.network_id[:80]
            )


class Slot(StrEnum):
    """One of two places for a network."""

    A = "a"
    B = "b"

    @property
    def other(self) -> "Slot":
        """The one that this is not."""
        return Slot.B if self is Slot.A else Slot.A


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotState:
    """What a vehicle has, and what it has seen.

    Attributes:
        active: The slot that drives; None before the first release.
        a: What lies in slot A.
        b: What lies in slot B.
        newest_version: The newest release ever installed; an older one is refused from then on.
        withdrawn_version: The release that was rolled back last; 0 for none.
    """

    active: Slot | None = None
    a: ReleaseManifest | None = None
    b: ReleaseManifest | None = None
    newest_version: int = 0
    withdrawn_version: int = 0

    def held(self, slot: Slot) -> ReleaseManifest | None:
        """Return what lies in a slot."""
        return self.a if slot is Slot.A else self.b

    @property
    def driving(self) -> ReleaseManifest | None:
        """The release that drives."""
        return None if self.active is None else self.held(self.active)


class Slots:
    """The slots of one vehicle. One process at a time changes them; any may read.

    Args:
        root: Their folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._state_file = root / "state.json"

    def read_state(self) -> SlotState:
        """Return what the vehicle has.

        Returns:
            The state; an empty one before the first release.

        Raises:
            IntegrityError: If the state file is damaged.
        """
        try:
            data = self._state_file.read_bytes()
        except FileNotFoundError:
            return SlotState()
        return decode(data, SlotState, where=str(self._state_file))

    def write_state(self, state: SlotState) -> None:
        """Replace the state, whole; then drop the files that it no longer names."""
        write_whole(self._state_file, encode(state))
        self.sweep(state)

    def current(self) -> Path | None:
        """Return the network that drives, its bytes checked.

        Returns:
            The file; None before the first release.

        Raises:
            IntegrityError: If the file is not what was installed.
        """
        state = self.read_state()
        if state.active is None:
            return None
        return self._find(state, state.active)

    def install(self, manifest: ReleaseManifest, file: Path) -> None:
        """Move a verified network into the spare slot, then switch to it.

        The release that drives, installed again, mends its own slot.

        Args:
            manifest: The release.
            file: Its network, on the same disk; it is moved.
        """
        state = self.read_state()
        if state.active is None:
            slot = Slot.A
        else:
            slot = state.active if manifest == state.driving else state.active.other
        move_whole(file, self._place(slot, manifest))
        held = {slot.value: manifest}
        self.write_state(
            replace(
                state,
                active=slot,
                a=held.get("a", state.a),
                b=held.get("b", state.b),
                newest_version=max(state.newest_version, manifest.version),
            )
        )

    def roll_back(self) -> ReleaseManifest:
        """Switch to the release before; the one that drove is not installed again.

        Returns:
            The release that drives now.

        Raises:
            NotFoundError: If nothing has driven so far.
            ConflictError: If there is no earlier release to go back to.
            IntegrityError: If its file is damaged.
        """
        state = self.read_state()
        if state.active is None or (driving := state.driving) is None:
            raise NotFoundError("No release has driven yet.", where=str(self.root))
        earlier = state.held(state.active.other)
        if earlier is None or earlier.version >= driving.version:
            raise ConflictError(
                f"There is no release before {driving.version} to go back to.",
                where=str(self.root),
                fix="Publish a new one.",
            )
        self._find(state, state.active.other)
        self.write_state(
            replace(state, active=state.active.other, withdrawn_version=driving.version)
        )
        return earlier

    def sweep(self, state: SlotState) -> None:
        """Drop files that no slot names: what was replaced, and what was cut off."""
        for slot in Slot:
            held = state.held(slot)
            named = None if held is None else self._place(slot, held)
            for file in (self.root / slot).glob("*"):
                if file != named:
                    file.unlink(missing_ok=True)

    def _place(self, slot: Slot, manifest: ReleaseManifest) -> Path:
        """Return where a network lies; by its digest, so a new one never overwrites an old one."""
        return self.root / slot / f"{manifest.network_id}.onnx"

    def _find(self, state: SlotState, slot: Slot) -> Path:
        """Return the file in a slot, its bytes checked."""
        manifest = state.held(slot)
        if manifest is None:
            raise IntegrityError(f"Slot {slot} drives, and is empty.", where=str(self._state_file))
        place = self._place(slot, manifest)
        digest = hashlib.sha256(place.read_bytes()).hexdigest() if place.is_file() else "missing"
        if digest != manifest.network_id:
            raise IntegrityError(
                f"The network in slot {slot} is not the one that was installed.",
                where=str(place),
                fix="Update again, or roll back.",
            )
        return place
