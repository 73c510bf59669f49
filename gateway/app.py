"""The gateway put together: the only list of its routes."""

from typing import Any

import msgspec
from aiohttp import web
from mode import Service

from gateway.access.door import Door
from gateway.access.limits import Guesses, Limiter
from gateway.access.peers import Peers
from gateway.access.people import People
from gateway.access.service import Services
from gateway.access.session_index import SessionIndex
from gateway.access.sessions import Sessions
from gateway.access.tokens import Tokens
from gateway.access.writes import Writes
from gateway.api import Edge, Route
from gateway.calls import Handler, bounded, handler
from gateway.errors import method_not_allowed
from gateway.etags import tagged
from gateway.live.fanout import Fanout
from gateway.live.notices import Notices
from gateway.live.person_sockets import PersonSocket
from gateway.live.sockets import Socket
from gateway.live.team_sockets import TeamSocket
from gateway.openapi import document
from gateway.reading import MAX_BODY
from gateway.routes import (
    account,
    admin_boards,
    admin_deliveries,
    admin_teams,
    admin_users,
    auth,
    checklists,
    comments,
    filters,
    finding,
    groups,
    health,
    history,
    invites,
    labels,
    lists,
    notices,
    preferences,
    sessions,
    tasks,
    teams,
    telegram,
    tg,
    tokens,
)
from gateway.routes.docs import Docs
from gateway.routes.web import WebClient
from gateway.security import guard
from infra.bus import Bus
from infra.config import Settings
from infra.redis import Redis
from infra.remembered import Remembered

ROUTES: tuple[Route, ...] = (
    auth.login,
    auth.logout,
    auth.register,
    auth.registration,
    account.me,
    account.update_me,
    account.change_password,
    sessions.list_sessions,
    sessions.end_other_sessions,
    sessions.end_session,
    tokens.list_tokens,
    tokens.create_token,
    tokens.revoke_token,
    telegram.create_code,
    telegram.confirm,
    telegram.confirm_link,
    telegram.start_telegram,
    telegram.get_link,
    telegram.unlink,
    notices.list_notices,
    notices.read_notices,
    notices.snooze_notice,
    preferences.get_preferences,
    preferences.change_preferences,
    preferences.get_reminder,
    preferences.change_reminder,
    groups.list_groups,
    groups.change_group,
    groups.unbind_group,
    tg.list_linked_tasks,
    tg.complete_linked_task,
    teams.list_teams,
    teams.create_team,
    teams.get_team,
    teams.rename_team,
    teams.delete_team,
    teams.restore_team,
    teams.transfer_team,
    teams.get_trash,
    teams.get_board,
    teams.list_members,
    teams.add_member,
    teams.change_member,
    teams.remove_member,
    invites.list_invites,
    invites.create_invite,
    invites.revoke_invite,
    invites.look_at_invite,
    invites.accept_invite,
    lists.list_lists,
    lists.create_list,
    lists.get_list,
    lists.update_list,
    lists.delete_list,
    lists.move_list,
    lists.restore_list,
    finding.list_tasks,
    tasks.create_task,
    finding.my_tasks,
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
    admin_users.admin_list_users,
    admin_users.admin_create_user,
    admin_users.admin_update_user,
    admin_users.admin_list_audit,
    admin_teams.admin_list_teams,
    admin_teams.admin_create_team,
    admin_teams.admin_rename_team,
    admin_teams.admin_delete_team,
    admin_teams.admin_restore_team,
    admin_teams.admin_list_memberships,
    admin_teams.admin_add_member,
    admin_teams.admin_change_member,
    admin_teams.admin_remove_member,
    admin_boards.admin_list_lists,
    admin_boards.admin_create_list,
    admin_boards.admin_update_list,
    admin_boards.admin_delete_list,
    admin_boards.admin_restore_list,
    admin_boards.admin_list_tasks,
    admin_boards.admin_create_task,
    admin_boards.admin_update_task,
    admin_boards.admin_delete_task,
    admin_boards.admin_restore_task,
    admin_deliveries.admin_list_deliveries,
    admin_deliveries.admin_retry_delivery,
    health.alive,
    health.ready,
)

_PAGES_BYTES = 16 * 1024 * 1024

FANOUT = web.AppKey("fanout", Fanout)
WRITES = web.AppKey("writes", Writes)
PARTS = web.AppKey("parts", tuple[Service, ...])


def build(bus: Bus, redis: Redis, settings: Settings) -> web.Application:
    """The application on a bus and a Redis that are the caller's; `app[PARTS]` are services that must run."""
    edge = _edge(bus, redis, settings)
    fanout = Fanout(bus, edge.sessions, edge.door, settings.socket_limit)
    people = People(bus, edge.sessions, edge.index, edge.tokens, fanout)
    app = web.Application(client_max_size=MAX_BODY)
    app[FANOUT] = fanout
    app[WRITES] = edge.writes
    app[PARTS] = (edge.writes, fanout, people, Notices(bus, fanout))
    paths: dict[str, dict[str, Handler]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = handler(route, edge)
    paths["/api/openapi.json"] = {"GET": bounded(_openapi(), "openapi")}
    paths["/ws/team/{team}/"] = {"GET": bounded(_sockets(TeamSocket, edge, fanout), "team_socket")}
    paths["/ws/user/"] = {"GET": bounded(_sockets(PersonSocket, edge, fanout), "person_socket")}
    client = WebClient()
    paths["/api/docs/"] = {"GET": bounded(Docs(client).serve, "docs")}
    for path, methods in paths.items():
        _add(app, path, methods)
    app.on_startup.append(client.load)
    app.router.add_route("*", "/{path:.*}", bounded(client.serve, "web_client"))
    app.on_response_prepare.append(guard(settings.public_url))
    app.on_shutdown.append(_go_away)
    return app


def _edge(bus: Bus, redis: Redis, settings: Settings) -> Edge:
    sessions, tokens, limiter = Sessions(redis), Tokens(bus), Limiter(redis)
    index, guesses, peers = SessionIndex(redis, sessions), Guesses(limiter), Peers(trust_proxy=settings.trust_proxy)
    return Edge(
        bus=bus,
        settings=settings,
        sessions=sessions,
        index=index,
        tokens=tokens,
        door=Door(sessions, index, tokens, guesses, peers, settings.public_url),
        services=Services(bus, guesses, peers, settings.service_token),
        peers=peers,
        limiter=limiter,
        writes=Writes(redis, settings.write_limit),
        pages=Remembered(_PAGES_BYTES),
    )


def _sockets(kind: type[Socket[Any]], edge: Edge, fanout: Fanout) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        return await kind(edge, fanout, request).serve()

    return serve


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

    async def serve(request: web.Request) -> web.StreamResponse:
        return tagged(request, body)

    return serve


async def _go_away(app: web.Application) -> None:
    app[FANOUT].go_away()
