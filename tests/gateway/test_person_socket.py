"""`/ws/user/`: what concerns one person."""

import pytest

from tests.gateway.browser import Browser
from tests.gateway.conftest import Gateway, NewBrowser, NewGateway


async def test_a_person_hears_of_their_new_name_in_all_their_browsers_and_nobody_else_does(
    ann: Browser, new_browser: NewBrowser, new_gateway: NewGateway
) -> None:
    phone, ben = await new_browser(user=ann.user, at=await new_gateway()), await new_browser("Ben")
    ears = [await ann.listen_for_oneself(), await phone.listen_for_oneself()]
    bens = await ben.listen_for_oneself()

    me = (await ann.patch("/api/auth/me/", {"name": "Anna"})).body

    assert [await ear.frame() for ear in ears] == [{"type": "account", **me}] * 2
    await ben.patch("/api/auth/me/", {"name": "Benno"})
    assert (await bens.frame())["name"] == "Benno"
    for ear in (*ears, bens):
        await ear.close()


async def test_signing_out_is_said_before_the_socket_closes(ann: Browser) -> None:
    ear = await ann.listen_for_oneself()

    await ann.post("/api/auth/logout/")

    assert await ear.frame() == {"type": "signed_out"}
    assert await ear.closed() == 4401


async def test_a_heartbeat_may_come_and_may_say_whether_the_page_is_seen(ann: Browser, gateway: Gateway) -> None:
    ear = await ann.listen_for_oneself()
    for text in ('{"type":"heartbeat"}', '{"type":"heartbeat","visible":false}'):
        await ear.socket.send_str(text)

    await ann.patch("/api/auth/me/", {"name": "Anna"})

    assert (await ear.frame())["type"] == "account"
    await ear.close()


@pytest.mark.parametrize("text", ["", "hello", '{"type":"hello"}', '{"type":"heartbeat","visible":"no"}', "[]"])
async def test_whoever_says_what_means_nothing_is_sent_away(ann: Browser, text: str) -> None:
    ear = await ann.listen_for_oneself()

    await ear.socket.send_str(text)

    assert await ear.closed() == 1008


async def test_a_flood_of_heartbeats_ends_the_socket(ann: Browser) -> None:
    ear = await ann.listen_for_oneself()
    for _ in range(150):
        await ear.socket.send_str('{"type":"heartbeat"}')

    assert await ear.closed() == 1008


async def test_nobody_listens_who_is_not_signed_in(new_browser: NewBrowser) -> None:
    stranger = await new_browser("Olga", signed_in=False)

    assert await (await stranger.listen_for_oneself()).closed() == 4401


async def test_a_page_elsewhere_does_not_listen_and_no_parameters_are_taken(ann: Browser) -> None:
    assert (await ann.get("/ws/user/", headers={"Origin": "https://evil.example"})).refused == (403, None)
    assert (await ann.get("/ws/user/?user=1")).refused == (400, "user")
    assert (await ann.get("/ws/user/")).refused == (426, None)
