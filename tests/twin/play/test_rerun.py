"""The viewer calls no outside host."""

import os
import subprocess
import sys
from pathlib import Path

from bessemer.twin.play.rerun import seal_off

ASK = "import urllib.request as r; r.urlopen('http://releases.invalid/latest', timeout=20)"


def test_who_asks_an_outside_host_from_the_viewers_environment_reaches_nobody(
    tmp_path: Path,
) -> None:
    """Not even its name is looked up: what fails is the way to a port of this machine."""
    found = os.environ | {"https_proxy": "http://outside.invalid", "no_proxy": "*"}
    env = seal_off(found, tmp_path)
    asked = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True)
    assert asked.returncode != 0
    assert "Connection refused" in asked.stderr
    assert env["PATH"] == os.environ["PATH"]
