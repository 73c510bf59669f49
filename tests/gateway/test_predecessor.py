"""The clients of the Django app that this replaces: its page, its sockets and its bot, word for word as they call."""

from tests.gateway.conftest import SERVICE_TOKEN, Crew, NewBrowser

TASK = {"id", "title", "description", "due_at", "is_done", "assignee", "assignee_username", "list", "list_name"}
FRAME = {"id", "title", "description", "is_done", "assignee", "due_at", "list", "team"}
CSRF = {"X-CSRFToken": "whatever the page found in its cookie"}


async def test_its_page_lists_filters_and_searches(crew: Crew) -> None:
    mine = await crew.task("Buy paper", assignee=crew.ann.user.id)
    done = await crew.task("Sell ink")
    await crew.ann.post(f"/api/tasks/{done}/done/", headers=CSRF)

    async def found(query: str) -> list[int]:
        page = (await crew.ann.get(f"/api/tasks/?{query}")).body
        assert page.keys() >= {"count", "next", "previous", "results"}
        assert all(task.keys() >= TASK for task in page["results"])
        return sorted(task["id"] for task in page["results"])

    assert await found(f"list={crew.todo}&filter=&q=") == [mine, done]
    assert await found(f"list={crew.todo}&filter=me&q=") == [mine]
    assert await found("list=&filter=open&q=") == [mine]
    assert await found("q=ink") == [done]
    assert [task["id"] for task in (await crew.ann.get("/api/tasks/my/")).body] == [mine]


async def test_its_page_creates_changes_completes_and_deletes_with_the_values_of_its_form(crew: Crew) -> None:
    form = {"title": "Buy paper", "description": "", "list": str(crew.todo), "assignee": "", "due_at": None}
    made = await crew.ann.post("/api/tasks/", form, headers=CSRF)
    assert (made.status, made.body["assignee"]) == (201, None)
    path = f"/api/tasks/{made.body['id']}/"

    given = await crew.ann.patch(path, {"assignee": str(crew.ben.user.id)}, headers=CSRF)
    assert given.body["assignee_username"] == crew.ben.user.username
    assert (await crew.ann.patch(path, {"is_done": True}, headers=CSRF)).body["is_done"] is True
    assert (await crew.ann.post(f"{path}done/", headers=CSRF)).body == {"status": "ok"}
    assert (await crew.ann.delete(path, headers=CSRF)).status == 204
    assert (await crew.ann.get(path)).status == 404


async def test_its_socket_is_told_what_happened_to_which_task(crew: Crew) -> None:
    ear = await crew.ben.listen(crew.team)
    await ear.until("ready")
    task = await crew.task()
    await crew.ann.patch(f"/api/tasks/{task}/", {"title": "Buy white paper"})
    await crew.ann.delete(f"/api/tasks/{task}/")

    frames = await ear.frames(3)

    assert [frame["action"] for frame in frames] == ["created", "updated", "deleted"]
    assert all(frame["task"].keys() >= FRAME and frame["task"]["id"] == task for frame in frames)


async def test_its_bot_links_an_account_lists_its_tasks_and_completes_one(crew: Crew, new_browser: NewBrowser) -> None:
    anybody = await new_browser("Bot", signed_in=False)
    bearer = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    telegram = 9_000_000 + crew.ann.user.id
    task = await crew.task("Buy paper", assignee=crew.ann.user.id)

    code = (await anybody.post("/api/telegram/create_code/", {"tg_user_id": telegram}, headers=bearer)).body["code"]
    assert len(code) == 6
    assert code.isdigit()
    linked = await crew.ann.post("/api/telegram/confirm/", {"code": code}, headers=CSRF)
    assert linked.body["status"] == "ok"

    bot = bearer | {"X-TG-USER": str(telegram)}
    tasks = (await anybody.get("/api/tg/tasks/", headers=bot)).body
    assert [one["id"] for one in tasks] == [task]
    assert tasks[0].keys() >= {"id", "title", "due_at", "is_done"}
    assert (await anybody.post(f"/api/tg/tasks/{task}/done/", headers=bot)).body == {"status": "ok"}
    assert (await anybody.get("/api/tg/tasks/", headers=bot)).body == []
