"""Starts Warp, which compiles and runs the kernels, and checks that a device is there.

Warp's native library warns of a missing CUDA driver on every start, past Python and whatever its
level of logging; the twin draws on the CPU as well, so that one line is left out.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import warp as wp

from bessemer.core.errors import InputError

wp.config.log_level = wp.LOG_WARNING

_NO_DRIVER = b"Warp CUDA warning: Could not find or load the NVIDIA CUDA driver."


@cache
def start_warp() -> None:
    """Start Warp, once in a process."""
    with without_line(_NO_DRIVER):
        wp.init()  # type: ignore[no-untyped-call]


def check_device(device: str) -> None:
    """Raise an error if there is no such device; Warp must have been started.

    Args:
        device: ``cpu``, or a CUDA device: ``cuda:0``.

    Raises:
        InputError: If there is none.
    """
    if device not in {"cpu", *(str(cuda) for cuda in wp.get_cuda_devices())}:
        raise InputError(
            f"There is no device {device!r} to render on.",
            where="twin renderer",
            fix="Take 'cpu', or a CUDA device that `nvidia-smi` lists, as 'cuda:0'.",
        )


@contextmanager
def without_line(start: bytes) -> Iterator[None]:
    """Leave lines that begin so out of what is written to the process's stderr meanwhile.

    All other lines are written when it ends, also where it ends with an error.

    Args:
        start: How the lines begin.

    Yields:
        Nothing.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            kept.seek(0)
            lines = [line for line in kept if not line.startswith(start)]
            os.write(stderr, b"".join(lines))
            os.close(stderr)
