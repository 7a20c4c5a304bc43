"""One running SUMO in this process: started quietly, and never twice at once.

Source: Lopez et al., "Microscopic Traffic Simulation using SUMO", ITSC 2018; ``libsumo`` keeps its
state in globals, so that a process holds one simulation. Opening a second is an error rather than
a silent end of the first, since the first one's owner would go on in the wrong town.
"""

import contextlib
import importlib
import importlib.util
import io
import os
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

from bessemer.core.errors import InputError, MissingExtraError, MissingLibraryError
from bessemer.twin.traffic.kinds import types_xml

_RUNNING: list["Simulation"] = []


@dataclass(slots=True, kw_only=True)
class Simulation:
    """A running simulation, and the files that it was started from.

    Attributes:
        sumo: The module ``libsumo``, which speaks to it.
        where: What it simulates, for errors.
        step_s: Simulated seconds of a step.
    """

    sumo: ModuleType
    where: str
    step_s: float
    _folder: "tempfile.TemporaryDirectory[str]" = field(repr=False)

    def close(self) -> None:
        """End it; ending it twice does nothing."""
        if self in _RUNNING:
            _RUNNING.remove(self)
            self.sumo.close()
            self._folder.cleanup()


def start_sumo(net_xml: str, where: str, *, seed: int, step_s: float) -> Simulation:
    """Start SUMO on a network, without any traffic.

    Args:
        net_xml: Text of a ``.net.xml``.
        where: The network's name, for errors.
        seed: Seeds SUMO's own chance.
        step_s: Simulated seconds of a step.

    Returns:
        The simulation, which its owner closes.

    Raises:
        InputError: If one runs already, or SUMO cannot read the network.
        MissingExtraError: If SUMO is not installed, or a library that it links to is not.
    """
    if _RUNNING:
        raise InputError(
            f"A simulation of {_RUNNING[0].where} runs in this process already.",
            where="Traffic.open",
            fix="Close it first, or open the second in a process of its own.",
        )
    if not 0.0 < step_s <= 1.0:
        raise InputError(f"A step of traffic takes up to 1 s, not {step_s}.", where="Traffic.open")
    _need_edges(net_xml, where)
    sumo = _libsumo()
    folder = tempfile.TemporaryDirectory(prefix="bessemer-traffic-")
    path, kinds = Path(folder.name) / "roads.net.xml", Path(folder.name) / "kinds.add.xml"
    errors = Path(folder.name) / "errors.txt"
    path.write_text(net_xml)
    kinds.write_text(types_xml())
    try:
        with _quiet():
            sumo.start(_command(path, kinds, errors, seed, step_s))
    except (sumo.TraCIException, sumo.FatalTraCIError) as error:
        said = errors.read_text().strip() if errors.exists() else ""
        folder.cleanup()
        raise InputError(
            f"SUMO cannot read the network: {said or error}",
            where=where,
            fix="Open it in netedit, or build it anew with netconvert.",
        ) from error
    simulation = Simulation(sumo=sumo, where=where, step_s=step_s, _folder=folder)
    _RUNNING.append(simulation)
    return simulation


def _libsumo() -> ModuleType:
    # Its wrapper prints about pyarrow's version and warns of its own types; neither concerns us.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module("libsumo")
        except ImportError as error:
            if importlib.util.find_spec("libsumo") is not None:
                raise MissingLibraryError(
                    f"SUMO is installed, but does not load: {error}.",
                    fix="Its wheel links to libGL and libX11, though nothing is drawn with them; "
                    "on Debian: apt install libgl1 libxext6 libxrender1.",
                ) from error
            raise MissingExtraError(
                "Traffic needs SUMO, which is not installed.",
                fix="Install the twin: pip install 'bessemer[twin]'.",
            ) from error


def _need_edges(net_xml: str, where: str) -> None:
    # SUMO brings the whole process down where a file is cut or holds nothing.
    fix = "Build it anew with netconvert."
    try:
        root = ElementTree.fromstring(net_xml)
    except ElementTree.ParseError as error:
        raise InputError(f"The network is no XML: {error}.", where=where, fix=fix) from error
    if root.tag != "net" or root.find("edge") is None:
        raise InputError("The network has no edges.", where=where, fix=fix)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    # SUMO writes to the process's own stderr, past Python's.
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _command(network: Path, kinds: Path, errors: Path, seed: int, step_s: float) -> list[str]:
    options = {
        "net-file": str(network),
        "additional-files": str(kinds),
        "seed": str(seed % 2**31),
        "step-length": str(step_s),
        # Without it a change of lanes is a jump of 3 m.
        "lanechange.duration": "2.5",
        # What stands for five minutes is taken away, never moved elsewhere.
        "time-to-teleport": "300",
        "time-to-teleport.remove": "true",
        "collision.action": "warn",
        "max-depart-delay": "5",
        "no-step-log": "true",
        "no-warnings": "true",
        "duration-log.disable": "true",
        "error-log": str(errors),
    }
    return ["sumo", *(part for key, value in options.items() for part in (f"--{key}", value))]
