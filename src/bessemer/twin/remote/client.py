"""A world in another process, held as if it were in this one.

:class:`RemoteWorld` keeps :class:`bessemer.core.worlds.World`: it sends what it is asked along one
gRPC call and gives back what the world there answers, equal to the bit. Errors of the world arrive
as what they were; an end of its process, or of one's patience, is a :class:`WorldLostError`.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

import grpc

from bessemer.core.errors import BessemerError, ConflictError, InputError
from bessemer.twin.remote.wire import (
    MAX_REPLY_BYTES,
    MAX_REQUEST_BYTES,
    SERVICE,
    ControlsT,
    ObservationT,
    ScenarioT,
    Wire,
    WorldLostError,
    check_address,
    error_of,
)
from bessemer.twin.wire.world_pb2 import Close, Hello, Reply, Request, Reset, Step

_SEEDS = range(-(1 << 63), 1 << 63)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a client waits before it gives a world up.

    Attributes:
        connect_s: For the connection and the making of the world.
        reset_s: For a reset; the first may compile kernels.
        step_s: For a step.
        close_s: For the end.
    """

    connect_s: float = 120.0
    reset_s: float = 300.0
    step_s: float = 60.0
    close_s: float = 10.0


class RemoteWorld(Generic[ScenarioT, ControlsT, ObservationT]):
    """A client of a world that :func:`bessemer.twin.remote.server.serve_world` serves.

    Args:
        address: Host and port.
        token: What the server was started with.
        wire: What kind of world it is, such as :data:`bessemer.twin.remote.driving.DRIVING`.
        patience: How long to wait.
        credentials: TLS, which a world on another machine needs.
        explain_loss: Asked for a sentence when the world is lost; what started its process knows.

    Raises:
        InputError: If the token is wrong, or the world there is of another kind or version.
        ConflictError: If another client has the world.
        WorldLostError: If nobody answers.
    """

    def __init__(
        self,
        address: str,
        token: str,
        wire: Wire[ScenarioT, ControlsT, ObservationT],
        *,
        patience: Patience | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        explain_loss: Callable[[], str] = lambda: "",
    ) -> None:
        self._address = check_address(address, encrypted=credentials is not None)
        self._token, self._wire, self._credentials = token, wire, credentials
        self._patience = Patience() if patience is None else patience
        self._explain_loss = explain_loss
        self._session: _Session | None = None
        self._step_s = self._connect()

    @property
    def step_s(self) -> float:
        """Simulated seconds of a step."""
        return self._step_s

    def reset(self, seed: int, scenario: ScenarioT) -> ObservationT:
        """Begin anew, in a new session if the last one was closed or lost.

        Args:
            seed: Draws all that the scenario leaves open.
            scenario: What is to happen.

        Returns:
            What is seen at the first instant.

        Raises:
            InputError: If the scenario cannot be set up; the world stays usable.
            WorldLostError: If the world does not answer.
        """
        if seed not in _SEEDS:
            raise InputError(f"A seed has 64 bits at most, which {seed} has not.", where="seed")
        request = Request(reset=Reset(seed=seed, scenario=self._wire.write_scenario(scenario)))
        if self._session is None:
            self._connect()
        return self._observe(request, self._patience.reset_s)

    def step(self, controls: ControlsT) -> ObservationT:
        """Act for ``step_s`` and return what is seen then.

        Args:
            controls: What to do.

        Returns:
            What is seen afterwards.

        Raises:
            InputError: If a control is not a finite number, or the world was never reset.
            WorldLostError: If the world does not answer.
        """
        request = Request(step=Step(controls=self._wire.write_controls(controls)))
        if self._session is None:
            raise InputError(
                "The world was never reset.", where=self._address, fix="Call `reset` first."
            )
        return self._observe(request, self._patience.step_s)

    def close(self) -> None:
        """End the session, and with it the world; closing twice does nothing."""
        session, self._session = self._session, None
        if session is not None:
            session.close(self._patience.close_s)

    def _connect(self) -> float:
        """Open a session and return what the world says its step takes."""
        self._session = _Session(self._address, self._token, self._credentials)
        hello = Request(hello=Hello(schema=self._wire.schema))
        try:
            return self._ask(hello, self._patience.connect_s).welcome.step_s
        except BessemerError:
            self.close()
            raise

    def _observe(self, request: Request, timeout_s: float) -> ObservationT:
        return self._wire.read_observation(self._ask(request, timeout_s).observation)

    def _ask(self, request: Request, timeout_s: float) -> Reply:
        """Return the reply to a request; raise what went wrong in its place."""
        assert self._session is not None
        if request.ByteSize() > MAX_REQUEST_BYTES:
            raise InputError(
                f"A request of {request.ByteSize()} bytes is more than a world reads.",
                where=self._address,
                fix=f"Stay below {MAX_REQUEST_BYTES} bytes.",
            )
        try:
            reply = self._session.ask(request, timeout_s)
        except WorldLostError as error:
            self._drop()
            what = self._explain_loss() or error.what
            raise WorldLostError(what, where=self._address, fix=error.fix) from error
        except BaseException:  # a reply that comes late must not answer the next request
            self._drop()
            raise
        if reply.HasField("fault"):
            raise error_of(reply.fault)
        return reply

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.cancel()


class _Session:
    """One gRPC call: requests go in, a thread takes the replies as they come."""

    def __init__(
        self, address: str, token: str, credentials: grpc.ChannelCredentials | None
    ) -> None:
        options = [
            ("grpc.max_receive_message_length", MAX_REPLY_BYTES + 1024),
            ("grpc.max_send_message_length", MAX_REQUEST_BYTES + 1024),
            ("grpc.enable_http_proxy", 0),  # a proxy of the environment must not see the token
            ("grpc.use_local_subchannel_pool", 1),  # two worlds share no connection
        ]
        self._channel = (
            grpc.insecure_channel(address, options)
            if credentials is None
            else grpc.secure_channel(address, credentials, options)
        )
        self._address = address
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()
        self._call = self._channel.stream_stream(
            f"/{SERVICE}/Session",
            request_serializer=Request.SerializeToString,
            response_deserializer=Reply.FromString,
        )(iter(self._requests.get, None), metadata=(("authorization", f"Bearer {token}"),))
        self._reader = threading.Thread(target=self._read, name=f"world {address}", daemon=True)
        self._reader.start()

    def ask(self, request: Request, timeout_s: float) -> Reply:
        """Send a request and wait for its reply."""
        self._requests.put(request)
        try:
            reply = self._replies.get(timeout=timeout_s)
        except queue.Empty:
            raise WorldLostError(
                f"The world gave no answer within {timeout_s} s.",
                where=self._address,
                fix="Look at its process, or be more patient; a reset begins anew.",
            ) from None
        if reply is None:
            raise _ended(self._call, self._address)
        return reply

    def close(self, timeout_s: float) -> None:
        """End the call in good order, or cancel it where that takes too long."""
        self._requests.put(Request(close=Close()))
        self._requests.put(None)
        self._reader.join(timeout_s)
        self.cancel()

    def cancel(self) -> None:
        """End the call at once."""
        self._requests.put(None)
        self._call.cancel()
        self._channel.close()

    def _read(self) -> None:
        try:
            for reply in self._call:
                self._replies.put(reply)
        except grpc.RpcError:
            pass  # the call keeps its status
        finally:
            self._replies.put(None)


def _ended(call: grpc.Call, address: str) -> BessemerError:
    """Return the error that a call's end stands for."""
    code, details = call.code(), call.details() or ""
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return InputError(
            "The token is not this world's.", where=address, fix="Take the one of its start."
        )
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return InputError(
            f"Nobody there speaks {SERVICE}.",
            where=address,
            fix="Install the same version of Bessemer at both ends.",
        )
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return ConflictError(
            f"The world has no room: {details}", where=address, fix="Serve one world a client."
        )
    if code is grpc.StatusCode.UNAVAILABLE:
        return WorldLostError(
            "Nobody answers.", where=address, fix="Look whether the world's process runs there."
        )
    return WorldLostError(
        f"The world ended the session: {details or code}.",
        where=address,
        fix="Its process wrote more to stderr; a reset begins anew.",
    )
