"""A feed and its lines alone: order, holes, bounds."""

from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, web

from gateway.access.door import Proof
from gateway.auth import Caller
from gateway.live.feed import EARLY, Feed
from gateway.live.frames import RESET, Pipe, text_frame
from gateway.live.line import QUEUE, TeamLine
from gateway.main import Server
from infra.process import supervised
from schemas.ids import Seq, TeamId, UserId
from schemas.sockets import CLOSE_TOO_SLOW, CLOSE_TRY_AGAIN

TEAM = TeamId(7)
ANN = Caller(id=UserId(1), username="ann", name="Ann", is_admin=False)


def event(seq: int, kind: str = "task.created") -> bytes:
    return msgspec.json.encode({"type": kind, "team": TEAM, "seq": seq})


def content(frame: bytes) -> dict[str, Any]:
    """What a text frame holds, without the few bytes of WebSocket before it."""
    return msgspec.json.decode(frame[frame.index(b"{") :])


class Socket:
    """A line that has gone live, and what it was given."""

    def __init__(self, seq: int) -> None:
        self.line = TeamLine(ANN, Proof("secret", is_token=False), TEAM)
        self.line.hold_from(Seq(seq))

    def live(self, seq: int) -> "Socket":
        self.line.go_live(Seq(seq), [])
        return self

    @property
    def frames(self) -> list[bytes]:
        return self.line._frames

    @property
    def numbers(self) -> list[int]:
        return [content(frame)["seq"] for frame in self.frames]


class Heard:
    """A feed that stands at 10, and how often it called for help."""

    def __init__(self) -> None:
        self.calls = 0
        self.feed = Feed(TEAM, self._call)
        self.feed.stand_at(Seq(10))

    def _call(self, _: Feed) -> None:
        self.calls += 1

    def join(self) -> Socket:
        socket = Socket(10)
        self.feed.lines.add(socket.line)
        return socket


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("task.created", "created"),
        ("member.added", "created"),
        ("list.restored", "created"),
        ("task.deleted", "deleted"),
        ("member.removed", "deleted"),
        ("task.moved", "updated"),
        ("something.new", "updated"),
    ],
)
def test_an_event_is_passed_on_as_it_is_with_its_action_in_front(kind: str, action: str) -> None:
    heard = Heard()
    socket = heard.join().live(10)
    payload = event(11, kind)
    if kind == "member.removed":
        member = {"team": TEAM, "user": 2, "username": "ben", "name": "Ben", "role": "member"}
        payload = msgspec.json.encode(
            {"type": kind, "team": TEAM, "seq": 11, "by": 1, "at": "2026-01-01T00:00:00Z", "member": member}
        )

    heard.feed.take(payload)

    assert socket.frames == [text_frame(b'{"action":"' + action.encode() + b'",' + payload[1:])]


def test_two_sockets_share_one_frame() -> None:
    heard = Heard()
    one, two = heard.join().live(10), heard.join().live(10)

    heard.feed.take(event(11))

    assert one.frames[0] is two.frames[0]


def test_what_is_known_is_dropped() -> None:
    heard = Heard()
    socket = heard.join().live(10)

    for seq in (9, 10, 11, 11, 10):
        heard.feed.take(event(seq))

    assert (socket.numbers, heard.calls) == ([11], 0)


def test_what_comes_too_early_waits_for_what_is_before_it() -> None:
    heard = Heard()
    socket = heard.join().live(10)

    for seq in (13, 12):
        heard.feed.take(event(seq))
    assert (socket.numbers, heard.calls) == ([], 2)

    heard.feed.take(event(11))
    assert socket.numbers == [11, 12, 13]


def test_only_so_much_may_wait_and_the_rest_is_asked_for() -> None:
    heard = Heard()
    socket = heard.join().live(10)
    last = 11 + EARLY + 5

    for seq in range(12, last + 1):
        heard.feed.take(event(seq))
    heard.feed.take(event(11))
    assert socket.numbers == [*range(11, 12 + EARLY)][:QUEUE]

    heard.feed.take(event(last + 1))
    assert heard.feed.seq == 11 + EARLY
    assert heard.calls > EARLY


def test_events_from_before_the_position_was_known_are_not_lost() -> None:
    heard = Heard()
    heard.feed.seq = None
    heard.feed.take(event(21))
    heard.feed.take(event(20))

    assert heard.feed.stand_at(Seq(20)) == 21


def test_a_line_holds_what_comes_while_the_past_is_asked_for() -> None:
    heard = Heard()
    socket = heard.join()
    for seq in (11, 12, 13):
        heard.feed.take(event(seq))
    assert socket.frames == []

    socket.line.go_live(Seq(12), [b'{"seq":"past"}'])

    assert socket.numbers == ["past", 13]


def test_a_line_whose_past_ends_before_its_present_begins_is_closed_rather_than_left_with_a_hole() -> None:
    socket = Socket(10)
    socket.line.go_live(Seq(9), [])

    assert socket.line.code == CLOSE_TRY_AGAIN


def test_a_line_that_holds_too_much_is_closed() -> None:
    socket = Socket(0)
    for seq in range(1, QUEUE + 2):
        socket.line.give(Seq(seq), b"{}")

    assert socket.line.code == CLOSE_TRY_AGAIN


def test_a_line_that_is_not_read_is_closed_and_its_past_does_not_count() -> None:
    socket = Socket(0)
    socket.line.go_live(Seq(1000), [b"{}"] * 1000)
    for seq in range(1001, 1001 + QUEUE):
        socket.line.give(Seq(seq), b"{}")
    assert not socket.line.ended.is_set()

    socket.line.give(Seq(1001 + QUEUE), b"{}")
    assert socket.line.code == CLOSE_TOO_SLOW


def test_a_reset_reaches_live_lines_and_clears_what_others_hold() -> None:
    heard = Heard()
    live, joining = heard.join().live(10), heard.join()
    heard.feed.take(event(11))

    heard.feed.start_over(Seq(5000))
    joining.line.go_live(Seq(5000), [])
    heard.feed.take(event(5001))

    assert live.frames[1] == RESET
    assert content(live.frames[2])["seq"] == 5001
    assert joining.numbers == [5001]


SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 100_000]


async def send_all_sizes(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse(compress=False)
    writer = await socket.prepare(request)
    assert request.transport is not None
    pipe = Pipe(request.transport, writer)
    for size in SIZES:
        pipe.write(text_frame(b"x" * size))
        await pipe.drain()
    await socket.close()
    return socket


async def test_frames_of_any_size_are_such_as_others_read() -> None:
    app = web.Application()
    app.router.add_get("/", send_all_sizes)
    server = Server(app, "127.0.0.1", 0)
    async with (
        supervised(server),
        ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{server.port}/") as socket,
    ):
        texts = [message.data async for message in socket]

    assert texts == ["x" * size for size in SIZES]
