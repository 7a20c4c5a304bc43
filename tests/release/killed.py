"""Kills a step with SIGKILL before its first write, before its second, and so on until it is done.

Usage: ``python -m tests.release.killed publish|update BASE``. Each attempt works on a copy of
``BASE/start``, kept as ``BASE/0``, ``BASE/1`` and so on.
"""

import itertools
import os
import shutil
import signal
import sys
from pathlib import Path

from bessemer.edge.update import Updater
from bessemer.release.keys import load_keys
from bessemer.release.publish import publish_release, trusted_root
from tests.release.bundles import HOUR, NOW, bundle_of


def publish(folder: Path) -> None:
    keys = load_keys(folder / "keys")
    publish_release(folder / "repo", keys, bundle_of(folder / "new.onnx"), NOW + HOUR)


def update(folder: Path) -> None:
    repo = folder / "repo"
    Updater(folder / "home", trusted_root(repo), repo, try_out=Path.stat).update(NOW + HOUR)


def die_before_write(number: int) -> None:
    """Have this process killed when it opens a file for writing, or renames one, once too often."""
    left = number

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        opens = event == "open" and isinstance(arguments[2], int)
        if event == "os.rename" or (opens and int(str(arguments[2])) & (os.O_WRONLY | os.O_RDWR)):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)


def main(name: str, base: Path) -> None:
    step = {"publish": publish, "update": update}[name]
    for number in itertools.count():
        folder = base / str(number)
        shutil.copytree(base / "start", folder, symlinks=True)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                die_before_write(number)
                step(folder)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status):
            sys.exit(os.WEXITSTATUS(status))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
