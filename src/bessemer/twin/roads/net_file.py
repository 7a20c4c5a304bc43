"""Opens a road network's file, which may come from anywhere, with care.

A network is named by the name of one that ships, or by the path of a SUMO network (``.net.xml``,
or the same with ``.gz``) or an OpenDRIVE map (``.xodr``), which is converted. No file may declare
a document type: entities expand to gigabytes, or name other files of the machine.
"""

import gzip
import tempfile
import zlib
from pathlib import Path
from typing import Never
from xml.etree import ElementTree
from xml.parsers import expat

from bessemer.core.errors import InputError
from bessemer.twin.roads.netconvert import netconvert

SIZE_LIMIT_BYTES = 256 * 1024 * 1024
"""A city of a million people is about as large; more is not a place to drive one car."""

DATA = Path(__file__).parent / "data"


def shipped_networks() -> tuple[str, ...]:
    """Return the names of the networks that ship."""
    return tuple(sorted(path.name.removesuffix(".net.xml") for path in DATA.glob("*.net.xml")))


def open_network(name_or_path: str) -> tuple[str, str, ElementTree.Element]:
    """Return a network's name, its text, and the root of it.

    Args:
        name_or_path: Name of one that ships, or a path.

    Returns:
        Name, SUMO's XML, and what it says.

    Raises:
        InputError: If there is no such network, or it cannot be read.
    """
    if name_or_path in shipped_networks():
        path, name = DATA / f"{name_or_path}.net.xml", name_or_path
    else:
        path, name = _find(name_or_path)
    content = _converted(path) if path.name.lower().endswith(".xodr") else _content(path)
    root = parse_xml(content, where=str(path))
    if root.tag != "net":
        raise InputError(
            f"Its root is <{root.tag}>, so it is no SUMO network.",
            where=str(path),
            fix="Give a .net.xml that netconvert or netedit wrote, or an OpenDRIVE .xodr.",
        )
    try:
        return name, content.decode("utf-8"), root
    except UnicodeDecodeError:
        raise InputError(
            "It is not UTF-8.", where=str(path), fix="Write it again with netconvert."
        ) from None


def parse_xml(content: bytes, *, where: str) -> ElementTree.Element:
    """Parse XML that declares no document type.

    Args:
        content: The bytes.
        where: Whose they are.

    Returns:
        The root.

    Raises:
        InputError: If it is no XML, or declares a document type.
    """
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> Never:
        raise InputError(
            "It declares a document type (DOCTYPE), which may hide entities.",
            where=where,
            fix="Remove that declaration: networks need none.",
        )

    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise InputError(
            f"It is no well-formed XML: {error}.", where=where, fix="Copy or make it again."
        ) from None
    return builder.close()


def _find(given: str) -> tuple[Path, str]:
    """Return a file's path and the network's name."""
    path = Path(given)
    for ending in (".net.xml.gz", ".net.xml", ".xml", ".xodr"):
        if path.name.lower().endswith(ending):
            if not path.is_file():
                raise InputError("There is no such file.", where=given)
            return path, path.name[: -len(ending)] or path.name
    raise InputError(
        f"No road network is named {given!r}.",
        where="network",
        fix=f"Take one of: {', '.join(shipped_networks())}; or give the path of a .net.xml, "
        ".net.xml.gz or .xodr file.",
    )


def _content(path: Path) -> bytes:
    """Return a file's bytes, unpacked."""
    try:
        if path.name.lower().endswith(".gz"):
            with gzip.open(path) as packed:
                content = packed.read(SIZE_LIMIT_BYTES + 1)
        else:
            with path.open("rb") as plain:
                content = plain.read(SIZE_LIMIT_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"It cannot be read: {error}.", where=str(path), fix="Copy or make it again."
        ) from None
    if len(content) > SIZE_LIMIT_BYTES:
        raise InputError(
            f"It holds more than {SIZE_LIMIT_BYTES // 2**20} MiB.",
            where=str(path),
            fix="Cut a smaller piece out of the map: netconvert --keep-edges.in-boundary.",
        )
    return content


def _converted(path: Path) -> bytes:
    """Return an OpenDRIVE map as SUMO's XML."""
    content = _content(path)
    root = parse_xml(content, where=str(path))
    if root.tag != "OpenDRIVE":
        raise InputError(
            f"Its root is <{root.tag}>, so it is no OpenDRIVE map.",
            where=str(path),
            fix="Give an OpenDRIVE .xodr, or a SUMO .net.xml.",
        )
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "map.xodr", Path(folder) / "made.net.xml"
        given.write_bytes(content)
        options = ["--opendrive-files", str(given), "--output-file", str(made)]
        options += ["--opendrive.curve-resolution", "1", "--no-turnarounds", "true"]
        netconvert([*options, "--no-warnings", "true"], where=str(path))
        return _content(made)
