from urllib.parse import urlsplit

from tests.gateway.conftest import Crew, Gateway, NewBrowser


async def test_a_link_lets_somebody_in_who_need_not_be_signed_in_to_see_where_it_leads(
    crew: Crew, gateway: Gateway, new_browser: NewBrowser
) -> None:
    made = await crew.adam.post(f"/api/teams/{crew.team}/invites/", {"role": "viewer", "uses": 1})
    stranger, max_ = await new_browser("Nobody", signed_in=False), await new_browser("Max")
    code = made.body["code"]

    assert made.status == 201
    link = urlsplit(made.body["url"])
    assert (f"{link.scheme}://{link.netloc}", link.path) == (gateway.address, f"/invite/{code}")
    look = await stranger.get(f"/api/invites/{code}/")
    assert {name: look.body[name] for name in ("team", "team_name", "role", "invited_by")} == {
        "team": crew.team,
        "team_name": "Crew",
        "role": "viewer",
        "invited_by": "Adam",
    }
    assert (await stranger.post(f"/api/invites/{code}/accept/")).refused == (401, None)
    assert (await max_.post(f"/api/invites/{code}/accept/")).body["role"] == "viewer"
    assert (await max_.get(f"/api/teams/{crew.team}/board/")).status == 200
    # It was for one.
    assert (await stranger.get(f"/api/invites/{code}/")).refused == (404, None)
    assert (await crew.olga.post(f"/api/invites/{code}/accept/")).refused == (404, None)


async def test_whoever_is_in_the_team_is_told_so_in_a_plain_sentence(crew: Crew) -> None:
    made = await crew.ann.post(f"/api/teams/{crew.team}/invites/", {})

    again = await crew.ben.post(f"/api/invites/{made.body['code']}/accept/")

    assert again.refused == (409, None)
    assert again.body["detail"] == "you are in this team already"


async def test_the_list_of_invites_tells_no_codes_and_shrinks_when_one_is_revoked(crew: Crew) -> None:
    invites = f"/api/teams/{crew.team}/invites/"
    first, second = [(await crew.ann.post(invites, {"expires_in_hours": 1})).body for _ in range(2)]

    listed = await crew.adam.get(invites)

    assert listed.body == [second["invite"], first["invite"]]
    assert first["code"].endswith(first["invite"]["hint"])
    assert first["code"] not in str(listed.body)
    assert (await crew.adam.delete(f"{invites}{first['invite']['id']}/")).status == 204
    assert (await crew.adam.get(invites)).body == [second["invite"]]
    other = (await crew.olga.post("/api/teams/", {"name": "Another"})).body["id"]
    elsewhere = f"/api/teams/{other}/invites/{second['invite']['id']}/"
    assert (await crew.olga.delete(elsewhere)).refused == (404, None)


async def test_what_an_invite_may_not_be(crew: Crew) -> None:
    invites = f"/api/teams/{crew.team}/invites/"
    for body, refused in (
        ({"role": "owner"}, (400, "role")),
        ({"expires_in_hours": 0}, (400, "expires_in_hours")),
        ({"expires_in_hours": 721}, (400, "expires_in_hours")),
        ({"uses": 0}, (400, "uses")),
        ({"uses": 101}, (400, "uses")),
    ):
        assert (await crew.ann.post(invites, body)).refused == refused
    assert (await crew.adam.post(invites, {"role": "admin"})).refused == (403, None)
    assert (await crew.ann.post(invites, {"expires_in_hours": 720})).status == 201


async def test_what_cannot_be_a_code_leads_nowhere(crew: Crew) -> None:
    for code in ("x", "x" * 100, "x" * 101, "%20", "%00", "a.b", "..%2f"):
        assert (await crew.olga.get(f"/api/invites/{code}/")).status == 404, code
