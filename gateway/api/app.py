"""Build the HTTP application of one gateway: the routes behind the guard."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.routing import Match
from starlette.types import ASGIApp

from config.section import Endpoint
from gateway.masking import Masker

from .access import Gate, Role, RoleOf, check_listen
from .guard import Guard, Rules
from .ports import ApiContext
from .problems import HANDLERS
from .route import Resources, Route, served
from .routes import (
    assessments,
    breaches,
    clock,
    consents,
    files,
    lists,
    messages,
    network,
    numbers,
    office,
    optouts,
    pages,
    probes,
    reports,
    retention,
    reviews,
    scope,
    sessions,
    sla,
    standing,
    statements,
    templates,
    traffic,
    unsubscribe,
)

ROUTES: tuple[Route, ...] = (
    *probes.ROUTES,
    *messages.ROUTES,
    *sessions.ROUTES,
    *traffic.ROUTES,
    *network.ROUTES,
    *templates.ROUTES,
    *standing.ROUTES,
    *scope.ROUTES,
    *breaches.ROUTES,
    *sla.ROUTES,
    *assessments.ROUTES,
    *reports.ROUTES,
    *office.ROUTES,
    *consents.ROUTES,
    *optouts.ROUTES,
    *unsubscribe.ROUTES,
    *lists.ROUTES,
    *numbers.ROUTES,
    *files.ROUTES,
    *reviews.ROUTES,
    *clock.ROUTES,
    *retention.ROUTES,
    *statements.ROUTES,
    *pages.ROUTES,
)
"""Every operation there is."""


def build_app(context: ApiContext, listen: Endpoint | None = None) -> ASGIApp:
    """Build the application for the address it is to be served at (the settings', unless given).

    Raises UnsafeListenError when others could connect there without a token.
    """
    http = context.settings.http
    address = listen or http.listen
    check_listen(http, address)
    app = build_routes(context)
    gate = Gate(http.tokens, loopback=address.loopback)
    rules = Rules(context.clock, address, gate, role_of(app), http.max_body, http.body_s)
    return Guard(app, rules)


def build_routes(context: ApiContext) -> Starlette:
    """Build the application without its guard."""
    resources = Resources(context, Masker())
    app = Starlette(
        routes=[served(row, resources) for row in ROUTES],
        exception_handlers={**HANDLERS},
    )
    app.router.redirect_slashes = False
    return app


def role_of(app: Starlette) -> RoleOf:
    """Give the function that finds the least role for a request."""
    roles: dict[tuple[str, str], Role | None] = {(row.method, row.path): row.role for row in ROUTES}

    def find(scope: Mapping[str, object]) -> Role | None:
        method = str(scope["method"])
        method = "GET" if method == "HEAD" else method
        probe = {**scope, "method": method}
        for known in app.routes:
            if known.matches(probe)[0] is Match.FULL:
                return roles.get((method, getattr(known, "path", "")))
        return None

    return find
