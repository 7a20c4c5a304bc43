"""The map in ARCHITECTURE.md is the tree, and each package says what it is."""

import ast
import re
from pathlib import Path

import pytest

LINE = re.compile(r"^(?P<indent> *)(?P<name>[a-z_]+(?:/|\.py))  +(?P<about>\S.*)$")


def mapped(text: str) -> dict[str, str]:
    """Return path -> description from the fenced block that starts with ``src/bessemer/``.

    One line for each package, two spaces of indent for each level: ``  lake/   bytes and tables``.
    """
    block = re.search(r"^```\w*\nsrc/bessemer/\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert block, "ARCHITECTURE.md needs a fenced block whose first line is src/bessemer/"
    found: dict[str, str] = {}
    parents: list[str] = []
    for line in block[1].splitlines():
        if not line.strip():
            continue
        entry = LINE.match(line)
        assert entry, f"The map's lines read '  name/   what it is', unlike {line!r}"
        depth = len(entry["indent"]) // 2
        assert 1 <= depth <= len(parents) + 1, f"Indent by two spaces a level: {line!r}"
        parents[depth - 1 :] = [entry["name"]]
        path = "".join(parents)
        assert path not in found, f"The map has {path} twice"
        found[path] = entry["about"]
    return found


def standing(source: Path) -> set[str]:
    """Packages at any depth, and the modules that stand beside the packages."""
    packages = {
        f"{path.parent.relative_to(source).as_posix()}/" for path in source.glob("*/**/__init__.py")
    }
    return packages | {path.name for path in source.glob("*.py")} - {"__init__.py"}


def test_the_map_is_the_tree(repo_root: Path) -> None:
    text = (repo_root / "ARCHITECTURE.md").read_text()
    assert set(mapped(text)) == standing(repo_root / "src" / "bessemer")


def test_every_module_says_what_it_is(repo_root: Path) -> None:
    source = repo_root / "src" / "bessemer"
    silent = [
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if not (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()[:1]
    ]
    assert silent == []


def test_every_protocol_can_be_checked(repo_root: Path) -> None:
    """A Protocol without ``runtime_checkable`` stops the type check of every call that takes it."""
    source = repo_root / "src" / "bessemer"
    unchecked = [
        f"{path.relative_to(source)}:{node.lineno} {node.name}"
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).split("[")[0] == "Protocol" for base in node.bases)
        and "runtime_checkable" not in {ast.unparse(mark) for mark in node.decorator_list}
    ]
    assert unchecked == []


@pytest.mark.parametrize("line", ["core/  at the margin", "    deep/  too deep", "  core/"])
def test_a_crooked_map_is_refused(line: str) -> None:
    with pytest.raises(AssertionError):
        mapped(f"```\nsrc/bessemer/\n{line}\n```")


def test_a_map_with_levels_is_read() -> None:
    text = (
        "```text\nsrc/bessemer/\n  cli.py    commands\n  lake/     bytes\n    tables/  rows\n```\n"
    )
    assert mapped(text) == {"cli.py": "commands", "lake/": "bytes", "lake/tables/": "rows"}
