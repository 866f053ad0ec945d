"""From a request and a person to a code: whether they must sign in or be asked, and what the answer is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cardwright import access, audit
from cardwright.access import Role
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.oauth.digests import new_secret, secret_hash
from cardwright.oauth.domain import CODE_LIFETIME, INTERACTION_LIFETIME, OFFLINE, TWO_FACTORS, Client
from cardwright.oauth.errors import OAuthError, invalid_scope
from cardwright.oauth.people import Person, SignIn
from cardwright.oauth.redirects import with_parameters
from cardwright.oauth.requests import AuthorizationRequest
from cardwright.oauth.scopes import IDENTITY_SCOPES
from cardwright.oauth.server import AuthorizationServer
from cardwright.oauth.store import clients
from cardwright.oauth.store import requests as store
from cardwright.oauth.store.requests import Code, Interaction


class Missing(StrEnum):
    """What a person has to do before a request can go on."""

    SIGN_IN = "sign_in"
    FACTOR = "factor"
    CONSENT = "consent"


_UNPROMPTED = {
    Missing.SIGN_IN: "login_required",
    Missing.FACTOR: "unmet_authentication_requirements",
    Missing.CONSENT: "consent_required",
}


@dataclass(frozen=True, slots=True)
class OpenInteraction:
    """A request that waits for a person's yes or no."""

    id: str
    client: Client
    request: AuthorizationRequest


def missing_step(
    request: AuthorizationRequest, client: Client, person: Person | None, at: datetime
) -> Missing | None:
    """Return what stands between a request and its code; None for nothing."""
    if person is None or _is_too_old(request, person.sign_in, at):
        return Missing.SIGN_IN
    if request.needs_two_factors and person.sign_in.assurance != TWO_FACTORS:
        return Missing.FACTOR
    return None if _is_beyond_doubt(request, client) else Missing.CONSENT


def ensure_promptable(request: AuthorizationRequest, missing: Missing) -> None:
    """Raise the OAuthError that a client gets which asked for an answer without any page."""
    if "none" in request.prompts:
        raise OAuthError(_UNPROMPTED[missing], "The person would have to be asked.")


async def permitted(session: Session, request: AuthorizationRequest, person: Person) -> AuthorizationRequest:
    """Return the request with no more scopes than the person's roles permit; identity is everybody's.

    Staff give no access for when they are away. Raises OAuthError `invalid_scope` when nothing is left.
    """
    roles = (await access.find_roles(session, [person.user_id]))[person.user_id]
    scopes = request.scopes & (access.permissions_of(roles) | IDENTITY_SCOPES)
    if roles != {Role.CARDHOLDER}:
        # Staff sign in anew after every pause; an application that goes on without them would undo that.
        scopes -= {OFFLINE}
    if not scopes:
        raise invalid_scope("The person's roles permit none of these scopes.")
    return replace(request, scopes=scopes)


async def open_interaction(
    session: Session, request: AuthorizationRequest, person: Person, program_id: str, at: datetime
) -> str:
    """Keep a request until the person decides; only the session it was made in can decide it."""
    interaction = Interaction(
        new_id("consent"), program_id, request.client_id, person.user_id, person.session_id,
        request.as_json(), at + INTERACTION_LIFETIME,
    )  # fmt: skip
    await store.add_interaction(session, interaction)
    return interaction.id


async def get_interaction(
    session: Session, interaction_id: str, person: Person, at: datetime
) -> OpenInteraction:
    """Return what waits for this very session; raise NotFound `interaction_not_found` for anything else."""
    held = await store.find_interaction(session, interaction_id)
    if held is None or held.session_id != person.session_id or held.user_id != person.user_id:
        raise _nothing_waits()
    client = await clients.find_client(session, held.client_id, held.program_id)
    if held.decided_at is not None or at >= held.expires_at or client is None or client.disabled_at:
        raise _nothing_waits()
    return OpenInteraction(held.id, client, AuthorizationRequest.stored(held.request))


async def decide(
    session: Session, server: AuthorizationServer, interaction_id: str, person: Person, at: datetime,
    *, is_approved: bool,
) -> str:  # fmt: skip
    """Note a yes or a no and return where the browser goes with it.

    Raises NotFound `interaction_not_found` and Conflict `interaction_decided`.
    """
    waiting = await get_interaction(session, interaction_id, person, at)
    if not await store.save_decided(session, waiting.id, at):
        raise Conflict("interaction_decided", "This was decided already.")
    details = {"client_id": waiting.client.id, "scopes": sorted(waiting.request.scopes)}
    action: audit.Action = "consent.given" if is_approved else "consent.refused"
    await audit.record(session, person.user_id, server.program_id, action, waiting.id, details, at)
    if not is_approved:
        return refusal_redirect(
            server, waiting.request.redirect_uri, waiting.request.state,
            OAuthError("access_denied", "The person said no."),
        )  # fmt: skip
    return await issue_code(session, server, waiting.request, person, at)


async def issue_code(
    session: Session, server: AuthorizationServer, request: AuthorizationRequest, person: Person, at: datetime
) -> str:
    """Make a code for what a person lets a client do; return where the browser goes with it."""
    secret = new_secret()
    code = Code(
        secret_hash(secret), server.program_id, request.client_id, person.user_id, person.session_id,
        request.as_json(), person.sign_in.as_json(), at + CODE_LIFETIME,
    )  # fmt: skip
    await store.add_code(session, code)
    answer = {"code": secret, "state": request.state, "iss": server.issuer}
    return with_parameters(request.redirect_uri, answer)


def refusal_redirect(
    server: AuthorizationServer, redirect_uri: str, state: str | None, error: OAuthError
) -> str:
    """Return where the browser goes with a refusal; only ever a redirect URI that was verified."""
    answer: Mapping[str, str | None] = {
        "error": error.error, "error_description": error.description, "state": state, "iss": server.issuer,
    }  # fmt: skip
    return with_parameters(redirect_uri, answer)


def _is_too_old(request: AuthorizationRequest, sign_in: SignIn, at: datetime) -> bool:
    if request.max_age_seconds is None:
        return False
    return at - sign_in.authenticated_at > timedelta(seconds=request.max_age_seconds)


def _is_beyond_doubt(request: AuthorizationRequest, client: Client) -> bool:
    # Any application on a phone or a desktop can listen at a private scheme or a loopback address and call
    # itself ours (RFC 8252, 8.6); an https address is the proof of whose it is.
    return client.is_first_party and request.redirect_uri.startswith("https://")


def _nothing_waits() -> NotFound:
    return NotFound("interaction_not_found", "Nothing waits for your consent here.")
