"""The ceilings' servers, each a process of its own: `python -m tests.bench.echo http|relay|responder [NATS_URL]`.

They do what no system of this make can do without, and nothing else. Each prints one line when it is ready.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec
import nats
import uvloop
from aiohttp import web
from nats.aio.client import Client
from nats.aio.msg import Msg

from schemas.ids import ListId, TaskId, TeamId, UserId
from schemas.tasks import CreateTask, TaskView

SUBJECT = "bench.echo"


class NewTask(msgspec.Struct):
    """The body of a create, without the rules of the real one."""

    title: str
    list: ListId
    description: str = ""


_decoder = msgspec.json.Decoder(NewTask)
_MOMENT = datetime(2030, 1, 1, 12, 30, 0, 123456, UTC)


def view(title: str, list_id: ListId) -> bytes:
    """A task as the real answer shows it, so that as many bytes travel."""
    return msgspec.json.encode(
        TaskView(
            id=TaskId(123456),
            team=TeamId(12),
            list=list_id,
            title=title,
            description="",
            assignee=None,
            due_at=None,
            is_done=False,
            done_at=None,
            rank=123456789,
            version=1,
            created_by=UserId(12),
            created_at=_MOMENT,
            updated_at=_MOMENT,
            list_name="List 1",
            assignee_username=None,
        )
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def serve_http(handle: Callable[[web.Request], Awaitable[web.Response]]) -> None:
    """The route on a free port of loopback, served as the gateway serves."""
    app = web.Application()
    app.router.add_post("/api/tasks/", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    _say(f"http://127.0.0.1:{runner.addresses[0][1]}")
    await asyncio.Event().wait()


async def http() -> None:
    """Decode, encode, 201."""

    async def handle(request: web.Request) -> web.Response:
        body = _decoder.decode(await request.read())
        return web.Response(body=view(body.title, body.list), status=201, content_type="application/json")

    await serve_http(handle)


async def relay(client: Client) -> None:
    """Pass each request on over NATS and the answer back as it comes."""

    async def handle(request: web.Request) -> web.Response:
        body = _decoder.decode(await request.read())
        command = CreateTask(by=UserId(12), list=body.list, title=body.title, description=body.description)
        answer = await client.request(SUBJECT, msgspec.json.encode(command), timeout=5)
        return web.Response(body=answer.data, status=201, content_type="application/json")

    await serve_http(handle)


async def responder(client: Client) -> None:
    """Answers every request with the same bytes, as long as a real answer."""
    answer = view("A task of the usual length, made by the benchmark", ListId(12))

    async def respond(message: Msg) -> None:
        await client.publish(message.reply, answer)

    await client.subscribe(SUBJECT, cb=respond)
    await client.flush()
    _say("ready")
    await asyncio.Event().wait()


async def main(name: str, nats_url: str = "") -> None:
    if name == "http":
        await http()
    else:
        client = await nats.connect(nats_url)
        await {"relay": relay, "responder": responder}[name](client)


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
