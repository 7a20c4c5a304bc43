"""Serves a world to a client in another process, by gRPC.

One client at a time, one world a session, made when the session begins and closed when it ends,
all in one thread, as simulators want it. gRPC is the server; here stand the check of the token and
what a request does.
"""

import hmac
import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic

import grpc

from bessemer.core.errors import BessemerError, InputError
from bessemer.core.worlds import World
from bessemer.twin.remote.wire import (
    MAX_REPLY_BYTES,
    MAX_REQUEST_BYTES,
    SERVICE,
    ControlsT,
    ObservationT,
    ScenarioT,
    Wire,
    check_address,
    fault_of,
)
from bessemer.twin.wire.world_pb2 import Closed, Reply, Request, Welcome

_MIN_TOKEN = 16
_HANDOVER_S = 1.0  # a client that was killed a moment ago may still hold the world
_THREADS = 4  # one drives; the others refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldServer:
    """A server that runs until it is stopped; a context manager that stops it.

    Attributes:
        address: Host and port, with the port that was chosen.
        token: What a client must say.
    """

    address: str
    token: str = field(repr=False)
    _server: grpc.Server = field(repr=False)
    _free: threading.Lock = field(repr=False)

    def __enter__(self) -> "WorldServer":
        """Return itself."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stop."""
        self.stop()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """End the session, if there is one, and the server.

        Args:
            timeout_s: How long to wait for a world that is in the middle of a step.

        Returns:
            Whether the world came to its end in that time.
        """
        self._server.stop(grace=0).wait(timeout_s)
        ended = self._free.acquire(timeout=timeout_s)
        if ended:
            self._free.release()
        return ended


def serve_world(
    make_world: Callable[[], World[ScenarioT, ControlsT, ObservationT]],
    wire: Wire[ScenarioT, ControlsT, ObservationT],
    address: str = "127.0.0.1:0",
    *,
    token: str | None = None,
    credentials: grpc.ServerCredentials | None = None,
    max_reply_bytes: int = MAX_REPLY_BYTES,
) -> WorldServer:
    """Start a server and return it.

    Args:
        make_world: Called once a session, in the session's thread.
        wire: What kind of world it is.
        address: Host and port; port 0 takes a free one.
        token: What a client must say; drawn where it is None.
        credentials: TLS; without it, only this machine is served.
        max_reply_bytes: Larger observations are refused with an error.

    Returns:
        The server, which runs.

    Raises:
        InputError: If the address is not to be had, is another machine's without TLS, or the token
            is too short to be one.
    """
    check_address(address, encrypted=credentials is not None)
    token = secrets.token_urlsafe(32) if token is None else token
    if len(token) < _MIN_TOKEN:
        raise InputError(f"A token has at least {_MIN_TOKEN} characters.", where="token")
    sessions = _Sessions(_Offer(make_world=make_world, wire=wire, max_reply_bytes=max_reply_bytes))
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, thread_name_prefix="world"),
        interceptors=[_TokenCheck(token)],
        options=[
            ("grpc.max_receive_message_length", MAX_REQUEST_BYTES + 1024),
            ("grpc.max_send_message_length", max_reply_bytes + 1024),
            ("grpc.so_reuseport", 0),  # nobody else may listen beside it
            ("grpc.keepalive_time_ms", 20_000),  # finds out that a machine is gone
            ("grpc.keepalive_timeout_ms", 10_000),
        ],
        maximum_concurrent_rpcs=_THREADS,
    )
    server.add_generic_rpc_handlers((sessions.handler(),))
    try:
        port = (
            server.add_insecure_port(address)
            if credentials is None
            else server.add_secure_port(address, credentials)
        )
    except RuntimeError as error:
        raise InputError(
            "The address cannot be listened at.",
            where=address,
            fix="Take port 0, which finds a free one.",
        ) from error
    server.start()
    return WorldServer(
        address=f"{address.rpartition(':')[0]}:{port}",
        token=token,
        _server=server,
        _free=sessions.free,
    )


class _TokenCheck(grpc.ServerInterceptor):
    """Lets only calls pass that say the token."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()
        self._refusal: grpc.RpcMethodHandler[Any, Any] = grpc.stream_stream_rpc_method_handler(
            _refuse
        )

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        said = dict(handler_call_details.invocation_metadata).get("authorization", "")
        if hmac.compare_digest(str(said).encode(), self._expected):
            return continuation(handler_call_details)
        return self._refusal


def _refuse(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "The token is missing or wrong.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer(Generic[ScenarioT, ControlsT, ObservationT]):
    """What is served."""

    make_world: Callable[[], World[ScenarioT, ControlsT, ObservationT]]
    wire: Wire[ScenarioT, ControlsT, ObservationT]
    max_reply_bytes: int


class _Sessions(Generic[ScenarioT, ControlsT, ObservationT]):
    """Makes a world for each call, one after the other."""

    def __init__(self, offer: _Offer[ScenarioT, ControlsT, ObservationT]) -> None:
        self._offer = offer
        self.free = threading.Lock()

    def handler(self) -> grpc.GenericRpcHandler:
        """Return what gRPC calls."""
        method = grpc.stream_stream_rpc_method_handler(
            self._session,
            request_deserializer=Request.FromString,
            response_serializer=Reply.SerializeToString,
        )
        return grpc.method_handlers_generic_handler(SERVICE, {"Session": method})

    def _session(
        self, requests: Iterator[Request], context: grpc.ServicerContext
    ) -> Iterator[Reply]:
        """Answer requests until the client ends, or is gone."""
        if not self.free.acquire(timeout=_HANDOVER_S):
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "another client drives it.")
        visit = _Visit(self._offer)
        try:
            for request in requests:
                yield visit.answer(request)
        except grpc.RpcError:
            pass  # the client is gone
        finally:
            visit.close()
            self.free.release()


class _Visit(Generic[ScenarioT, ControlsT, ObservationT]):
    """One session's world."""

    def __init__(self, offer: _Offer[ScenarioT, ControlsT, ObservationT]) -> None:
        self._offer = offer
        self._world: World[ScenarioT, ControlsT, ObservationT] | None = None

    def answer(self, request: Request) -> Reply:
        """Do what a request asks; an error that a person can act on is a reply too."""
        try:
            return self._answer(request)
        except BessemerError as error:
            return Reply(fault=fault_of(error))

    def close(self) -> None:
        if self._world is not None:
            self._world.close()

    def _answer(self, request: Request) -> Reply:
        kind = request.WhichOneof("kind")
        if kind == "hello":
            return self._welcome(request.hello.schema)
        if self._world is None:
            raise InputError("A session begins with hello.", where=SERVICE)
        if kind == "close":
            self._world.close()
            return Reply(closed=Closed())
        if kind == "reset":
            scenario = self._offer.wire.read_scenario(request.reset.scenario)
            return self._shown(self._world.reset(request.reset.seed, scenario))
        if kind == "step":
            return self._shown(
                self._world.step(self._offer.wire.read_controls(request.step.controls))
            )
        raise InputError("A request that this version does not know.", where=SERVICE)

    def _welcome(self, schema: str) -> Reply:
        if schema != self._offer.wire.schema:
            raise InputError(
                f"The world speaks {self._offer.wire.schema!r}, the client {schema!r}.",
                where=SERVICE,
                fix="Install the same version of Bessemer at both ends.",
            )
        if self._world is None:
            self._world = self._offer.make_world()
        return Reply(welcome=Welcome(schema=self._offer.wire.schema, step_s=self._world.step_s))

    def _shown(self, seen: ObservationT) -> Reply:
        data = self._offer.wire.write_observation(seen)
        if len(data) > self._offer.max_reply_bytes:
            raise InputError(
                f"An observation of {len(data)} bytes is more than {self._offer.max_reply_bytes}.",
                where=SERVICE,
                fix="Take fewer or smaller cameras.",
            )
        return Reply(observation=data)
