"""Every block of README.md and docs/ does what the page says."""

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.docs.blocks import EXCUSES, REAL_DATA, Block, commands, lacking, read_blocks, run_block

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path for path in (ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))) if path.exists()]
BLOCKS = [
    block
    for path in PAGES
    for block in read_blocks(path.relative_to(ROOT).as_posix(), path.read_text())
]


def cases(blocks: list[Block]) -> list[object]:
    """The blocks as test cases, named by where they stand."""
    slow = pytest.mark.slow
    return [pytest.param(b, id=b.place, marks=[slow] if b.slow else []) for b in blocks]


class Walk:
    """Each page's folder, and how far its blocks have run."""

    def __init__(self, top: Path, real_data: Path | None) -> None:
        self.top = top
        self.real_data = real_data
        self.done: dict[str, list[Block]] = defaultdict(list)

    def needs_absent_data(self, block: Block) -> bool:
        return REAL_DATA in block.text and self.real_data is None

    def run_to(self, block: Block) -> None:
        """Run what stands before ``block`` on its page and has not run yet, then ``block``."""
        folder = self.top / block.page.replace("/", "_") / "checkout"
        if not folder.exists():
            folder.mkdir(parents=True)
            if self.real_data is not None:
                (folder.parent / "shared").mkdir()
                (folder.parent / "shared" / "data").symlink_to(self.real_data)
        for step in BLOCKS:
            if step.page != block.page or step.line > block.line or step in self.done[step.page]:
                continue
            if step.excuse is None and not self.needs_absent_data(step) and not lacking(step):
                self.done[step.page].append(step)
                run_block(step, folder)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Walk:
    try:
        real_data = request.getfixturevalue("real_data")
    except pytest.skip.Exception:
        real_data = None
    return Walk(tmp_path_factory.mktemp("pages"), real_data)


@pytest.mark.parametrize("block", cases([b for b in BLOCKS if b.excuse is None]))
def test_block_does_what_the_page_says(block: Block, walk: Walk) -> None:
    if walk.needs_absent_data(block):
        pytest.skip(f"needs real recordings: no {REAL_DATA}")
    if lacking(block):
        pytest.skip(f"needs bessemer[{block.needs}]: no {', '.join(lacking(block))}")
    walk.run_to(block)


@pytest.mark.parametrize("block", cases([b for b in BLOCKS if b.excuse is not None]))
def test_block_that_is_not_run_names_what_exists(block: Block) -> None:
    assert block.excuse is not None
    assert block.excuse.startswith(EXCUSES), f"{block.place}: no excuse among {EXCUSES}"
    for words in commands(block):
        if words[0] == "make":
            dry = subprocess.run(
                ["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True
            )
            assert dry.returncode == 0, f"{block.place}: {dry.stderr}"
        if words[0] == "bessemer":
            check_flags(block, words[1:])
        if block.excuse.startswith("CI runs it"):
            assert " ".join(words) in (ROOT / ".ci" / "run").read_text(), f"{block.place}: {words}"


def check_flags(block: Block, words: list[str]) -> None:
    """Ask the command's own help for each flag that the page uses."""
    flags = {word.split("=")[0] for word in words if word.startswith("-")}
    path = [word for word in words if word.isidentifier()]
    for depth in range(len(path), 0, -1):
        command = [str(Path(sys.executable).with_name("bessemer")), *path[:depth], "--help"]
        shown = subprocess.run(command, capture_output=True, text=True, check=False)
        if shown.returncode == 0:
            break
    else:
        pytest.fail(f"{block.place}: there is no command `bessemer {' '.join(path)}`")
    missing = {flag for flag in flags if flag not in shown.stdout}
    assert not missing, f"{block.place}: `bessemer {' '.join(path[:depth])}` has no {missing}"
