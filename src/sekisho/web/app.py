"""The application: finds the route and the client of a call, lets the guard look, and turns errors into answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sekisho import parts
from sekisho.errors import AccountError, InputError, RightsError, SekishoError, UsageError
from sekisho.web import sent
from sekisho.web.calls import Call, CallError, Route, encoded
from sekisho.web.clients import Client
from sekisho.web.desk import Desk
from sekisho.wording import Text

_HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
Start = Callable[[str, list[tuple[str, str]]], object]


def routes() -> list[Route]:
    """Every route, in the order of their files."""
    return [route for group in parts.find("sekisho.web.routes", "ROUTES").values() for route in _group(group)]


def _group(found: object) -> Iterable[Route]:
    assert isinstance(found, tuple)
    return (route for route in found if isinstance(route, Route))


class App:
    """A WSGI application over a `Desk`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._routes = {(one.method, one.path): one for one in routes()}
        self._paths = {one.path for one in self._routes.values()}

    def __call__(self, environ: Mapping[str, Any], start: Start) -> list[bytes]:
        """Answer one call."""
        try:
            return _answered(start, 200, self._answer(environ))
        except CallError as error:
            return _failed(start, error)
        except SekishoError as error:
            return _failed(start, _told(error))

    def _answer(self, environ: Mapping[str, Any]) -> bytes:
        body = sent.body(environ)
        client = self._desk.clients.of(environ)
        route = self._routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        if route is None:
            raise self._no_route(environ["PATH_INFO"])
        if route.looks and (alarm := self._desk.guard.admit(client)):
            self._desk.alarm(client, alarm)
            self._desk.guard.admit(client)
        made = self._asked(route, client, sent.read(body))
        return made if isinstance(made, bytes) else encoded(made)

    def _asked(self, route: Route, client: Client, said: Mapping[str, Any]) -> Mapping[str, Any] | bytes:
        """Asked again once where the actors have changed since the client signed in."""
        try:
            return route.answer(Call(client, self._desk.acting_of(client), said, self._desk))
        except RightsError as error:
            if error.why != "changed":
                raise
            self._desk.forget(client)
            return route.answer(Call(client, self._desk.acting_of(client), said, self._desk))

    def _no_route(self, path: str) -> CallError:
        if path in self._paths:
            return CallError(405, "method", Text("It is asked in another way.", "この方法では照会できません。"))
        return CallError(404, "no_route", Text("There is nothing here.", "該当する機能はありません。"))


def _failed(start: Start, error: CallError) -> list[bytes]:
    return _answered(start, error.status, error.body(), error.wait)


def _answered(start: Start, status: int, body: bytes, wait: int = 0) -> list[bytes]:
    more = [("Retry-After", str(wait))] if wait else []
    start(f"{status} {_REASONS[status]}", [*_HEADERS, ("Content-Length", str(len(body))), *more])
    return [body]


def _told(error: SekishoError) -> CallError:
    """What a client is told of an error; nothing of what lies behind it where it cannot do anything about it."""
    if isinstance(error, RightsError):
        return CallError(403, "not_allowed", error.message, error.hint)
    if isinstance(error, UsageError | InputError):
        return CallError(400, "not_answerable", error.message, error.hint)
    code = "not_reconciled" if isinstance(error, AccountError) else "unavailable"
    return CallError(503, code, _UNAVAILABLE)


_UNAVAILABLE = Text("Nobody can be answered now.", "現在、照会に応答できません。")
