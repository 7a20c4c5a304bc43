"""The list of decisions names every decision, and nothing else."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_every_decision_stands_in_the_list_once_and_in_order() -> None:
    rows = re.findall(
        r"^\| \[(\d{4})\]\((decisions/[^)]+)\) \| \S",
        (DOCS / "README.md").read_text(),
        re.MULTILINE,
    )
    there = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.glob("decisions/*.md"))
    assert [path for _, path in rows] == there
    assert all(Path(path).name.startswith(f"{number}-") for number, path in rows)
