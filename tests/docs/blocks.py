"""Code blocks of a Markdown page, and how each is run.

A block is ``bash`` (the whole block must succeed), ``console`` (``$ command`` lines, each followed
by what it prints, ``...`` for what varies) or ``python`` (a script, or ``>>>`` lines). Blocks of a
page run in order, in one empty folder beside which ``../shared/data`` is the real data.

A comment on the line before a block changes that::

    <!-- not run: REASON -->    REASON starts with one of EXCUSES; the commands' names are checked
    <!-- slow -->               this block and those after it run among the slow tests
    <!-- slow, needs twin -->   and are skipped where what the extra brings is not installed
"""

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

RUNNABLE = ("bash", "console", "python")
EXCUSES = ("downloads", "hours on real data", "hours of driving", "CI runs it")
REAL_DATA = "../shared/data"
EXTRAS = {"twin": ("warp", "libsumo", "mujoco", "gymnasium", "grpc")}
TIMEOUT_S = 600
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>\w*)[^`\n]*$")
COMMENT = re.compile(r"^\s*<!--\s*(?P<text>.*?)\s*-->\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    excuse: str | None
    slow: bool
    needs: str | None = None

    @property
    def place(self) -> str:
        """Where it stands, as an editor opens it."""
        return f"{self.page}:{self.line}"


def read_blocks(page: str, text: str) -> Iterator[Block]:
    """Yield the blocks of ``text`` that can be run, in order."""
    lines = text.splitlines()
    slow = False
    needs = None
    at = 0
    while at < len(lines):
        fence = FENCE.match(lines[at])
        at += 1
        if fence is None:
            continue
        start = at
        while at < len(lines) and lines[at].strip() != fence["ticks"]:
            at += 1
        assert at < len(lines), f"{page}:{start} opens a block that never closes"
        body = [line.removeprefix(fence["indent"]) for line in lines[start:at]]
        at += 1
        note = _comment_above(lines, start - 1)
        marks = note.split(", ")
        slow = slow or "slow" in marks
        needs = next((mark[6:] for mark in marks if mark.startswith("needs ")), needs)
        if fence["language"] in RUNNABLE:
            yield Block(
                page=page,
                line=start,
                language=fence["language"],
                text="\n".join(body) + "\n",
                excuse=note.removeprefix("not run:").strip()
                if note.startswith("not run:")
                else None,
                slow=slow,
                needs=needs,
            )


def lacking(block: Block) -> list[str]:
    """Return the modules that ``block`` needs and that are not installed."""
    return [name for name in EXTRAS.get(block.needs or "", ()) if find_spec(name) is None]


def _comment_above(lines: list[str], at: int) -> str:
    above = next((line for line in reversed(lines[:at]) if line.strip()), "")
    comment = COMMENT.match(above)
    return comment["text"] if comment else ""


def commands(block: Block) -> Iterator[list[str]]:
    """Yield the command lines of a shell block as words, continued lines joined."""
    text = block.text.replace("\\\n", " ")
    for line in text.splitlines():
        if block.language == "console":
            if not line.startswith("$ "):
                continue
            line = line[2:]
        words = shlex.split(line, comments=True)
        if words:
            yield words


def console_steps(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output that the page shows."""
    for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = re.sub(r"\\\n", " ", step).partition("\n")
        yield command, shown


def run_block(block: Block, folder: Path) -> None:
    """Run ``block`` in ``folder``; an AssertionError says what went otherwise."""
    if block.language == "console":
        for command, shown in console_steps(block.text):
            _compare(block, command, shown, _run(block, ["bash", "-c", command], folder))
    elif block.language == "bash":
        _run(block, ["bash", "-euo", "pipefail", "-c", block.text], folder)
    elif block.text.lstrip().startswith(">>>"):
        script = folder / f"block_{block.line}.txt"
        script.write_text(block.text)
        _run(block, [sys.executable, "-m", "doctest", "-o", "ELLIPSIS", script.name], folder)
    else:
        _run(block, [sys.executable, "-c", block.text], folder)


def _run(block: Block, command: list[str], folder: Path) -> str:
    bin_folder = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": os.pathsep.join([bin_folder, os.environ.get("PATH", "")]),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0 or block.language == "console", (
        f"{block.place} ended with {done.returncode}:\n{done.stdout[-4000:]}"
    )
    return done.stdout


def _compare(block: Block, command: str, shown: str, printed: str) -> None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.OutputChecker().check_output(shown, printed, flags), (
        f"{block.place}: $ {command}\nthe page shows:\n{shown}\nit printed:\n{printed[-4000:]}"
    )
