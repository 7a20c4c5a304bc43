"""What starts Warp says nothing of a missing driver, and all else."""

import os
import subprocess
import sys

import pytest

from bessemer.core.errors import InputError
from bessemer.twin.render.device import check_device, start_warp, without_line


def test_other_lines_come_through(capfd: pytest.CaptureFixture[str]) -> None:
    with without_line(b"no driver"):
        os.write(2, b"before\nno driver: none\nafter no driver\n")
    os.write(2, b"later no driver\n")
    assert capfd.readouterr().err == "before\nafter no driver\nlater no driver\n"


def fail() -> None:
    os.write(2, b"no driver\nerror 3\n")
    raise ValueError("broken")


def test_an_error_hides_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), without_line(b"no driver"):
        fail()
    assert capfd.readouterr().err == "error 3\n"


def test_a_start_is_quiet() -> None:
    program = "from bessemer.twin.render.device import start_warp; start_warp()"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "Could not find or load" not in ended.stderr


def test_a_device_that_is_not_there_is_refused() -> None:
    start_warp()
    check_device("cpu")
    with pytest.raises(InputError, match=r"cuda:99.*nvidia-smi"):
        check_device("cuda:99")
