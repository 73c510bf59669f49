"""The gateway put together: the only list of its routes."""

import msgspec
from aiohttp import web

from gateway.api import Edge, Route
from gateway.auth import Sessions
from gateway.calls import MAX_BODY, Handler, bounded, handler
from gateway.door import Door
from gateway.errors import method_not_allowed
from gateway.fanout import Fanout
from gateway.openapi import document
from gateway.routes import auth, checklists, comments, filters, health, history, labels, lists, tasks, teams
from gateway.routes.web import WebClient
from gateway.sockets import Sockets
from infra.bus import Bus
from infra.config import Settings
from infra.redis import Redis

ROUTES: tuple[Route, ...] = (
    auth.login,
    auth.logout,
    auth.me,
    teams.list_teams,
    teams.create_team,
    teams.get_team,
    teams.rename_team,
    teams.get_board,
    teams.list_members,
    teams.add_member,
    teams.change_member,
    teams.remove_member,
    lists.list_lists,
    lists.create_list,
    lists.get_list,
    lists.update_list,
    lists.delete_list,
    lists.move_list,
    lists.restore_list,
    tasks.list_tasks,
    tasks.create_task,
    tasks.my_tasks,
    tasks.get_task,
    tasks.update_task,
    tasks.delete_task,
    tasks.complete_task,
    tasks.reopen_task,
    tasks.move_task,
    tasks.restore_task,
    tasks.change_tasks,
    tasks.archive_task,
    tasks.unarchive_task,
    tasks.watch_task,
    tasks.unwatch_task,
    checklists.add_item,
    checklists.change_item,
    checklists.move_item,
    checklists.remove_item,
    comments.list_comments,
    comments.add_comment,
    comments.edit_comment,
    comments.delete_comment,
    labels.list_labels,
    labels.create_label,
    labels.update_label,
    labels.delete_label,
    history.list_activity,
    history.undo,
    history.get_visit,
    history.mark_seen,
    filters.list_filters,
    filters.save_filter,
    filters.delete_filter,
    health.alive,
    health.ready,
)

FANOUT = web.AppKey("fanout", Fanout)


def build(bus: Bus, redis: Redis, settings: Settings) -> web.Application:
    """The application on a bus and a Redis that are the caller's; `app[FANOUT]` is a service that must run."""
    sessions = Sessions(redis)
    edge = Edge(bus, sessions, Door(sessions, settings.public_url), settings.public_url)
    fanout = Fanout(bus, sessions)
    app = web.Application(client_max_size=MAX_BODY)
    app[FANOUT] = fanout
    paths: dict[str, dict[str, Handler]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = handler(route, edge)
    paths["/api/openapi.json"] = {"GET": bounded(_openapi(), "openapi")}
    paths["/ws/team/{team}/"] = {"GET": bounded(Sockets(edge, fanout).serve, "team_socket")}
    for path, methods in paths.items():
        _add(app, path, methods)
    client = WebClient()
    app.on_startup.append(client.load)
    app.router.add_route("*", "/{path:.*}", bounded(client.serve, "web_client"))
    app.on_shutdown.append(_go_away)
    return app


def _add(app: web.Application, path: str, methods: dict[str, Handler]) -> None:
    """A path with all its methods; HEAD is GET without a body, and any other method is told which there are."""
    resource = app.router.add_resource(path)
    if "GET" in methods:
        methods = {**methods, "HEAD": methods["GET"]}
    for method, handle in methods.items():
        resource.add_route(method, handle)
    resource.add_route("*", bounded(_refuse_method(sorted(methods)), "no_such_method"))


def _refuse_method(allowed: list[str]) -> Handler:
    async def refuse(_: web.Request) -> web.StreamResponse:
        raise method_not_allowed(allowed)

    return refuse


def _openapi() -> Handler:
    body = msgspec.json.encode(document(ROUTES))

    async def serve(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    return serve


async def _go_away(app: web.Application) -> None:
    app[FANOUT].go_away()
