"""The process of a world: ``python -m bessemer.twin.remote.server``.

It prints where it serves as one line of JSON, and nothing else on stdout. Started by hand it draws
a token and prints it too; started by a program (``--token-stdin``) it takes the token from the
first line of stdin and ends when stdin closes, so that it does not outlive who started it.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import grpc

from bessemer.core.errors import BessemerError, InputError
from bessemer.core.plugins import find_plugin, load_plugin
from bessemer.core.worlds import World
from bessemer.twin.remote.driving import DRIVING
from bessemer.twin.remote.serve import serve_world
from bessemer.twin.remote.wire import ControlsT, ObservationT, ScenarioT, Wire


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a driving world until stdin closes (with ``--token-stdin``), Ctrl-C, or SIGTERM.

    Args:
        arguments: Of the command line; those of the process where it is None.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m bessemer.twin.remote.server", description="Serve a driving world."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--world", default="driving", help="an installed world that is driven in")
    parser.add_argument("--device", default="cpu", help="where pictures are drawn")
    parser.add_argument("--samples", type=int, default=1, help="rays a pixel, 1 or 4")
    parser.add_argument("--step-s", type=float, default=0.1)
    parser.add_argument("--certificate", type=Path, help="PEM; with --key, serves other machines")
    parser.add_argument("--key", type=Path, help="PEM")
    parser.add_argument(
        "--token-stdin",
        action="store_true",
        help="take the token from the first line of stdin, and end when stdin closes",
    )
    options = parser.parse_args(arguments)

    def make_world() -> World[Any, Any, Any]:
        made: World[Any, Any, Any] = find_plugin(
            "worlds",
            options.world,
            device=options.device,
            samples=options.samples,
            step_s=options.step_s,
        )
        return made

    try:
        load_plugin("worlds", options.world)
        return run_server(
            make_world,
            DRIVING,
            f"{options.host}:{options.port}",
            token_stdin=options.token_stdin,
            credentials=_credentials(options.certificate, options.key),
        )
    except BessemerError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def run_server(
    make_world: Callable[[], World[ScenarioT, ControlsT, ObservationT]],
    wire: Wire[ScenarioT, ControlsT, ObservationT],
    address: str = "127.0.0.1:0",
    *,
    token_stdin: bool = True,
    credentials: grpc.ServerCredentials | None = None,
) -> int:
    """Be the process of a world: print the address, serve, and end in time.

    Args:
        make_world: As for :func:`serve_world`.
        wire: What kind of world it is.
        address: Host and port.
        token_stdin: Whether the token is stdin's first line, and its end the end; otherwise one is
            drawn and printed beside the address.
        credentials: TLS.

    Returns:
        The exit status.
    """
    logging.basicConfig(level=logging.WARNING)  # where a world broke, gRPC logs
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    signal.signal(signal.SIGINT, lambda *_: asked.set())
    token = sys.stdin.readline().strip() if token_stdin else None
    with serve_world(make_world, wire, address, token=token, credentials=credentials) as server:
        told = {"address": server.address} | ({} if token_stdin else {"token": server.token})
        print(json.dumps(told), flush=True)
        os.dup2(2, 1)  # what a simulator prints must not fill a pipe that nobody reads
        if token_stdin:
            threading.Thread(target=_await_end, args=(asked,), daemon=True).start()
        asked.wait()
        if not server.stop():
            os._exit(1)  # a world that hangs must not outlive who started it
    return 0


def _await_end(asked: threading.Event) -> None:
    sys.stdin.read()
    asked.set()


def _credentials(certificate: Path | None, key: Path | None) -> grpc.ServerCredentials | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise InputError("TLS needs a certificate and its key.", where="--certificate, --key")
    try:
        return grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
    except OSError as error:
        raise InputError(f"{error.strerror}.", where=str(error.filename)) from error


if __name__ == "__main__":
    sys.exit(main())
