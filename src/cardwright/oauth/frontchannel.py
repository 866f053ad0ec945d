"""A browser at the authorization endpoint: what it brought, and where it goes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from fastapi import Request

from cardwright.authentication import SessionCookies
from cardwright.db.session import Session
from cardwright.oauth import authorization
from cardwright.oauth.authorization import Missing
from cardwright.oauth.domain import Client
from cardwright.oauth.errors import OAuthError, invalid_request
from cardwright.oauth.forms import needed, parameters_of
from cardwright.oauth.people import find_person
from cardwright.oauth.requests import find_pushed_parameters, read_request, redirect_uri_of, spend_pushed
from cardwright.oauth.server import PUSHED_PREFIX, AuthorizationServer
from cardwright.oauth.store import clients


@dataclass(frozen=True, slots=True)
class Redirection:
    """The browser goes on to an address."""

    url: str


@dataclass(frozen=True, slots=True)
class Halt:
    """The browser stays until the person has done what is missing, and then comes back."""

    missing: Missing
    client_name: str
    return_to: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser's request at the authorization endpoint."""

    request: Request
    session: Session
    server: AuthorizationServer
    cookies: SessionCookies
    at: datetime

    async def answer(self) -> Redirection | Halt:
        """Return where the browser goes; raise OAuthError for what is shown, as nobody is known to get it."""
        given = parameters_of(self.request.scope["query_string"])
        client = await self._client(needed(given, "client_id"))
        request_uri = given.get("request_uri")
        parameters = given if request_uri is None else await self._pushed(request_uri, client)
        redirect_uri = redirect_uri_of(parameters, client)
        try:
            if request_uri is None and client.requires_push:
                raise invalid_request("This client pushes its requests beforehand.")
            return await self._go_on(parameters, client, request_uri)
        except OAuthError as error:
            state = parameters.get("state")
            return Redirection(authorization.refusal_redirect(self.server, redirect_uri, state, error))

    async def _go_on(
        self, parameters: Mapping[str, str], client: Client, request_uri: str | None
    ) -> Redirection | Halt:
        asked = read_request(parameters, client)
        person = await find_person(self.request, self.session, self.cookies)
        missing = authorization.missing_step(asked, client, person, self.at)
        if missing is not None:
            authorization.ensure_promptable(asked, missing)
        if person is None or missing in {Missing.SIGN_IN, Missing.FACTOR}:
            # The pushed request stays unspent, so that the person can come back to it.
            return self._halt(missing or Missing.SIGN_IN, client)
        if request_uri is not None:
            await spend_pushed(self.session, request_uri, self.at)
        asked = await authorization.permitted(self.session, asked, person)
        if missing is Missing.CONSENT:
            waiting_id = await authorization.open_interaction(
                self.session, asked, person, self.server.program_id, self.at
            )
            return Redirection(self.server.url(f"/oauth/consent/{waiting_id}"))
        return Redirection(await authorization.issue_code(self.session, self.server, asked, person, self.at))

    async def _client(self, client_id: str) -> Client:
        client = await clients.find_client(self.session, client_id, self.server.program_id)
        if client is None or client.disabled_at is not None:
            raise invalid_request("The client is not known.")
        return client

    async def _pushed(self, request_uri: str, client: Client) -> Mapping[str, str]:
        if not request_uri.startswith(PUSHED_PREFIX):
            raise invalid_request("A request_uri names a request that was pushed here, and nothing else.")
        return await find_pushed_parameters(self.session, request_uri, client, self.at)

    def _halt(self, missing: Missing, client: Client) -> Halt:
        query = self.request.scope["query_string"].decode("latin-1")
        return Halt(missing, client.name, f"/oauth/authorize?{query}")


def sign_in_address(server: AuthorizationServer, halt: Halt) -> str | None:
    """Return where somebody does what is missing; None where the deployment has no such page."""
    if server.sign_in_page is None:
        return None
    told = urlencode({"return_to": halt.return_to, "missing": halt.missing})
    return f"{server.sign_in_page}?{told}"
