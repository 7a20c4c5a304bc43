import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import grpc
import pytest

from bessemer.core.errors import ConflictError, InputError, NotFoundError
from bessemer.twin.remote.client import Patience, RemoteWorld
from bessemer.twin.remote.serve import WorldServer, serve_world
from bessemer.twin.remote.wire import SERVICE, WorldLostError
from bessemer.twin.wire.world_pb2 import Reply, Request, Step
from tests.twin.toy_world import STEP_S, TOY, ToyScenario, ToySeen, ToyWorld

Remote = RemoteWorld[ToyScenario, float, ToySeen]


class Served:
    """A toy behind a server, with the worlds that sessions made."""

    def __init__(self, **how: Any) -> None:
        self.worlds: list[ToyWorld] = []
        self.release = threading.Event()
        self.closed = threading.Condition()
        self.server: WorldServer = serve_world(self._make, TOY, **how)

    def _make(self) -> ToyWorld:
        self.worlds.append(_Telling(self.release, self.closed))
        return self.worlds[-1]

    def connect(self, **how: Any) -> Remote:
        return RemoteWorld(self.server.address, self.server.token, TOY, **how)

    def wait_closed(self) -> bool:
        """Return whether the last world is closed, or is soon."""
        with self.closed:
            return self.closed.wait_for(lambda: self.worlds[-1].closed > 0, timeout=20)


class _Telling(ToyWorld):
    """Tells when it is closed, and by whom."""

    def __init__(self, release: threading.Event, told: threading.Condition) -> None:
        super().__init__(release)
        self._told = told

    def close(self) -> None:
        assert threading.get_ident() == self.thread
        with self._told:
            super().close()
            self._told.notify_all()


@pytest.fixture
def served() -> Iterator[Served]:
    toy = Served()
    with toy.server:
        yield toy
        toy.release.set()


def test_it_answers_as_the_world_in_process(served: Served) -> None:
    here, there = ToyWorld(), served.connect()
    assert there.step_s == here.step_s == STEP_S
    assert there.reset(5, ToyScenario(start=2.0)) == here.reset(5, ToyScenario(start=2.0))
    for k in range(20):
        assert there.step(0.3 * k) == here.step(0.3 * k)
    there.close()


def test_all_of_a_session_happens_in_one_thread(served: Served) -> None:
    world = served.connect()
    threads = {world.reset(0, ToyScenario()).thread} | {world.step(1.0).thread for _ in range(9)}
    assert threads == {served.worlds[0].thread}
    world.close()
    assert served.worlds[0].closed


def test_errors_of_the_world_arrive_whole_and_it_stays_usable(served: Served) -> None:
    world = served.connect()
    with pytest.raises(InputError) as never:
        world.step(1.0)
    assert never.value.fix == "Reset it."
    with pytest.raises(NotFoundError) as caught:
        world.reset(0, ToyScenario(road="lime"))
    assert caught.value.what == "No road is named 'lime'."
    assert caught.value.where == "ToyScenario"
    assert caught.value.fix == "Did you mean 'line'?"
    world.reset(0, ToyScenario())
    with pytest.raises(InputError, match="finite"):
        world.step(float("nan"))
    assert world.step(1.0).values[0] == 1.0
    assert len(served.worlds) == 1
    world.close()


def test_a_world_that_breaks_is_lost_and_a_reset_begins_anew(served: Served) -> None:
    world = served.connect()
    first = world.reset(0, ToyScenario())
    with pytest.raises(WorldLostError, match="thirteen"):
        world.step(13)
    assert served.wait_closed()
    with pytest.raises(InputError, match="never reset"):
        world.step(1.0)
    assert world.reset(0, ToyScenario()) == first
    world.close()


def test_patience_ends(served: Served) -> None:
    world = served.connect(patience=Patience(step_s=0.2))
    world.reset(0, ToyScenario())
    with pytest.raises(WorldLostError, match=r"0\.2 s"):
        world.step(99)
    served.release.set()
    assert served.wait_closed()
    assert world.reset(0, ToyScenario()).values[0] == 0.0
    world.close()


@pytest.mark.parametrize("token", ["", "x" * 43, "Bearer"])
def test_without_the_token_no_world_is_made(served: Served, token: str) -> None:
    with pytest.raises(InputError, match="token") as caught:
        RemoteWorld(served.server.address, token, TOY)
    assert served.worlds == []
    assert served.server.token not in f"{caught.value}{served.server!r}"


def test_nor_without_metadata_whatever_is_called(served: Served) -> None:
    with grpc.insecure_channel(served.server.address) as channel:
        for method in ("Session", "Other"):
            ask: Any = channel.stream_stream(f"/{SERVICE}/{method}")
            call = ask(iter([b""]))
            with pytest.raises(grpc.RpcError):
                next(call)
            assert call.code() is grpc.StatusCode.UNAUTHENTICATED
    assert served.worlds == []


def test_a_short_token_is_none() -> None:
    with pytest.raises(InputError, match="at least 16"):
        serve_world(ToyWorld, TOY, token="short")


def test_two_servers_draw_two_tokens(served: Served) -> None:
    with serve_world(ToyWorld, TOY) as other:
        assert other.token != served.server.token
        assert len(other.token) >= 43


def test_a_second_client_is_refused_while_the_first_drives(served: Served) -> None:
    world = served.connect()
    first = world.reset(0, ToyScenario())
    with pytest.raises(ConflictError, match="another client"):
        served.connect()
    assert world.step(1.0).t_ns > first.t_ns
    world.close()
    second = served.connect()
    assert second.reset(0, ToyScenario()) == first
    second.close()


def test_a_client_that_goes_away_ends_its_world(served: Served) -> None:
    channel, ask = raw_session(served)
    hello = Request()
    hello.hello.schema = TOY.schema
    assert ask(hello).welcome.step_s == STEP_S
    channel.close()
    assert served.wait_closed()
    served.connect().close()


def test_a_session_begins_with_hello(served: Served) -> None:
    channel, ask = raw_session(served)
    for request in (Request(step=Step(controls=b"")), Request()):
        assert "hello" in ask(request).fault.what
    assert served.worlds == []
    channel.close()


def test_bytes_that_mean_nothing_are_answered(served: Served) -> None:
    channel, ask = raw_session(served)
    hello = Request()
    hello.hello.schema = TOY.schema
    ask(hello)
    nonsense = Request()
    nonsense.reset.scenario = b"\xff"
    assert ask(nonsense).fault.kind == "InputError"
    channel.close()


def test_another_version_is_one_clear_error(served: Served) -> None:
    with pytest.raises(InputError, match=r"speaks 'toy\.v1', the client 'toy\.v2'"):
        RemoteWorld(served.server.address, served.server.token, replace(TOY, schema="toy.v2"))
    assert served.worlds == []


def test_nobody_there_is_one_clear_error(served: Served) -> None:
    address = served.server.address
    served.server.stop()
    with pytest.raises(WorldLostError, match="Nobody answers"):
        RemoteWorld(address, "x" * 43, TOY, patience=Patience(connect_s=20))


def test_an_observation_over_the_limit_is_refused_and_smaller_ones_go_on() -> None:
    served = Served(max_reply_bytes=1000)
    with served.server:
        world = served.connect()
        with pytest.raises(InputError, match="1000"):
            world.reset(0, ToyScenario(padding=500))
        assert world.reset(0, ToyScenario()).t_ns == 0
        world.close()


def test_a_request_over_the_limit_is_not_sent(served: Served) -> None:
    world = served.connect()
    with pytest.raises(InputError, match="more than a world reads"):
        world.reset(0, ToyScenario(road="x" * (5 << 20)))
    assert world.reset(0, ToyScenario()).t_ns == 0
    world.close()


def test_observations_of_many_megabytes_arrive(served: Served) -> None:
    world = served.connect()
    large = ToyScenario(padding=500_000)
    assert world.reset(0, large) == ToyWorld().reset(0, large)
    world.close()


@pytest.mark.parametrize("seed", [-(1 << 63) - 1, 1 << 63])
def test_a_seed_that_does_not_fit_is_refused(served: Served, seed: int) -> None:
    world = served.connect()
    with pytest.raises(InputError, match="64 bits"):
        world.reset(seed, ToyScenario())
    assert world.reset((1 << 63) - 1, ToyScenario()).t_ns == 0
    world.close()


def test_only_this_machine_is_served_without_tls() -> None:
    for call in (
        lambda: serve_world(ToyWorld, TOY, "0.0.0.0:0"),
        lambda: RemoteWorld("10.0.0.1:5000", "x" * 43, TOY),
    ):
        with pytest.raises(InputError, match="TLS"):
            call()


def test_an_address_in_use_is_one_clear_error(served: Served) -> None:
    with pytest.raises(InputError, match="listened"):
        serve_world(ToyWorld, TOY, served.server.address)


def test_over_tls_the_same_passes() -> None:
    certificate, key = self_signed()
    served = Served(credentials=grpc.ssl_server_credentials([(key, certificate)]))
    with served.server:
        trust = grpc.ssl_channel_credentials(certificate)
        world = served.connect(credentials=trust)
        assert world.reset(1, ToyScenario()) == ToyWorld().reset(1, ToyScenario())
        world.close()
        with pytest.raises(WorldLostError):
            served.connect(patience=Patience(connect_s=20))


def raw_session(served: Served) -> tuple[grpc.Channel, Callable[[Request], Reply]]:
    """Return a session by a client that is not ours, and what asks in it."""
    channel = grpc.insecure_channel(served.server.address)
    requests: list[Request] = []
    ready = threading.Semaphore(0)

    def feed() -> Iterator[Request]:
        while True:
            ready.acquire()
            yield requests.pop(0)

    token = ("authorization", f"Bearer {served.server.token}")
    call = channel.stream_stream(
        f"/{SERVICE}/Session",
        request_serializer=Request.SerializeToString,
        response_deserializer=Reply.FromString,
    )(feed(), metadata=(token,))

    def ask(request: Request) -> Reply:
        requests.append(request)
        ready.release()
        return next(call)

    return channel, ask


def self_signed() -> tuple[bytes, bytes]:
    """Return a certificate of 127.0.0.1, and its key, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "world")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(pem), private
