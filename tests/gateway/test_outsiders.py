"""Whoever is not in a team learns nothing of it, and whoever is not signed in nothing of anything."""

from typing import Any

import msgspec
import pytest

from gateway.api import Route
from gateway.app import ROUTES
from schemas.base import Record
from schemas.ids import ListId, TaskId, TeamId, UserId
from tests.gateway.browser import Answer, Browser
from tests.gateway.conftest import Crew

SIGNED_IN = [route for route in ROUTES if route.signed_in]
OF_A_TEAM = [route for route in SIGNED_IN if route.ids or {"team", "list"} & {*_fields(route)}] if False else []


def names(routes: list[Route]) -> list[str]:
    return [route.name for route in routes]
