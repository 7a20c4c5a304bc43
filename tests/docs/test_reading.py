"""The reader and runner of pages: they see each block, and each can fail."""

from pathlib import Path

import pytest

from tests.docs.blocks import Block, commands, console_steps, read_blocks, run_block

PAGE = """\
# Title

```bash
cd /tmp
ls a \\
   b  # why
```

<!-- not run: downloads 2 GB -->

```bash
bessemer run signs --turns 4
```

```toml
not = "run"
```

- in a list:

  <!-- slow, needs twin -->
  ```console
  $ echo one
  one
  $ echo two
  ...
  ```

````python
print("```")
````
"""


def block(language: str, text: str) -> Block:
    return Block(page="p.md", line=1, language=language, text=text, excuse=None, slow=False)


def test_blocks_are_found_with_their_marks() -> None:
    found = list(read_blocks("p.md", PAGE))
    assert [b.language for b in found] == ["bash", "bash", "console", "python"]
    assert [b.excuse for b in found] == [None, "downloads 2 GB", None, None]
    assert [b.slow for b in found] == [False, False, True, True]
    assert [b.needs for b in found] == [None, None, "twin", "twin"]
    assert found[0].place == "p.md:3"
    assert PAGE.splitlines()[found[2].line - 1].strip() == "```console"
    assert list(commands(found[0])) == [["cd", "/tmp"], ["ls", "a", "b"]]
    assert list(console_steps(found[2].text)) == [("echo one", "one\n"), ("echo two", "...\n")]


def test_a_block_that_never_closes_is_refused() -> None:
    with pytest.raises(AssertionError, match="never closes"):
        list(read_blocks("p.md", "```bash\nls\n"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("bash", "touch a\ntest -e a\n"),
        ("console", "$ echo 7 s\n... s\n$ printf x\nx\n"),
        ("python", "from pathlib import Path\nPath('b').touch()\n"),
        ("python", ">>> 1 + 1\n2\n"),
    ],
)
def test_a_true_block_passes(language: str, text: str, tmp_path: Path) -> None:
    run_block(block(language, text), tmp_path)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("bash", "false\ntrue\n"),
        ("bash", "false | true\n"),
        ("bash", "echo $undefined_name\n"),
        ("console", "$ echo one\ntwo\n"),
        ("python", "assert False\n"),
        ("python", ">>> 1 + 1\n3\n"),
    ],
)
def test_a_false_block_fails(language: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run_block(block(language, text), tmp_path)
