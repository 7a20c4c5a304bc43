"""Lets OpenUSD parse one file, so that what it says is one error of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pxr import Sdf, Tf, UsdUtils

from bessemer.core.errors import InputError


def layer_of(path: Path) -> Sdf.Layer:
    """Return what one file holds, and nothing that it points to.

    Args:
        path: The file.

    Returns:
        The layer.

    Raises:
        InputError: If it is no USD file.
    """
    with parsing(path):
        layer = Sdf.Layer.OpenAsAnonymous(str(path))
    if layer is None:
        raise InputError("This is no USD file.", where=str(path))
    return layer


@contextmanager
def parsing(path: Path) -> Iterator[None]:
    """Turn what OpenUSD's parser says of a file into one error, and keep it off the screen.

    Args:
        path: The file.

    Yields:
        Nothing.

    Raises:
        InputError: If the parser gave up.
    """
    quiet = UsdUtils.CoalescingDiagnosticDelegate()
    try:
        yield
    except (Tf.ErrorException, UnicodeDecodeError) as error:
        raise InputError(
            f"This is no USD file, or it is damaged: {_last_words(error)}.",
            where=str(path),
            fix="It may be cut short; write it again.",
        ) from error
    finally:
        del quiet


def _last_words(error: Exception) -> str:
    """Return what the parser said, without the places in its own source."""
    try:
        text = str(error)
    except UnicodeDecodeError:  # it quotes bytes of the file
        text = "it holds bytes that are no text"
    text = text.strip().rsplit(" : ", 1)[-1].strip("' \n.")
    return text.split("\n")[0] or "it cannot be parsed"
