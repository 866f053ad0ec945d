"""Who an outside person is to us: found by issuer and subject alone, never by an e-mail address."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.authentication import store as identities
from cardwright.authentication import verification_store
from cardwright.authentication.domain import AuthSession, Credentials, Identity, normalize_email
from cardwright.authentication.factors.codes_store import has_factor, methods_of
from cardwright.authentication.factors.domain import FactorMethod
from cardwright.authentication.federation import store
from cardwright.authentication.federation.domain import Link, OutsidePerson
from cardwright.authentication.sessions import OpenedSession, open_session
from cardwright.core.errors import Conflict, Forbidden, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session

METHOD: Final = "fed"


async def sign_in(
    session: Session,
    person: OutsidePerson,
    *,
    provider_id: str,
    program_id: str,
    user_agent: str | None,
    at: datetime,
) -> OpenedSession:
    """Sign in whoever an outside person is to us; somebody new with a proven address joins.

    The session of somebody who has a second factor awaits it, whatever the provider asked for.
    Raises Forbidden `email_unproven` for a newcomer without one, and Conflict `account_exists` when its
    address is somebody's: they sign in as before and link the provider themselves.
    """
    link = await store.find_link(session, program_id, person.issuer, person.subject)
    if link is None:
        link = await _join(session, person, provider_id=provider_id, program_id=program_id, at=at)
    identity = await identities.find_identity(session, link.user_id)
    assert identity is not None  # noqa: S101 - a link goes before its identity does
    await store.save_link_used(session, link.id, at)
    return await open_session(
        session, identity, methods=[METHOD], user_agent=user_agent, at=at,
        awaits_factor=await has_factor(session, identity.user_id),
    )  # fmt: skip


async def link_person(
    session: Session, person: OutsidePerson, asking: AuthSession, *, provider_id: str, at: datetime
) -> None:
    """Let an outside person sign in as the owner of a session; Conflict `linked_elsewhere` for another's."""
    link = _new_link(person, asking.program_id, asking.user_id, provider_id, at)
    if await store.add_link(session, link):
        await _record(session, link, "identity.linked", at)
        await _tell(session, link, "linked", at)
        return
    known = await store.find_link(session, link.program_id, link.issuer, link.subject)
    if known is None or known.user_id != asking.user_id:
        raise Conflict("linked_elsewhere", "Somebody else signs in with this account of the provider.")


async def list_links(session: Session, user_id: str) -> Sequence[Link]:
    """Return by which outside accounts a person signs in."""
    return await store.list_links(session, user_id)


async def unlink(session: Session, user_id: str, link_id: str, at: datetime) -> None:
    """Let an outside account sign nobody in any more.

    Raises NotFound `link_not_found`, and Conflict `last_way_in` when nothing else would let its owner in.
    """
    # One of two that go at once waits here for the other, and finds itself the last.
    credentials = await identities.credentials_of_for_update(session, user_id)
    links = await store.list_links(session, user_id)
    link = next((found for found in links if found.id == link_id), None)
    if link is None or credentials is None:
        raise NotFound("link_not_found", "You have no linked account with this id.")
    has_passkey = FactorMethod.PASSKEY in await methods_of(session, user_id)
    if credentials.password_hash is None and not has_passkey and len(links) == 1:
        raise Conflict("last_way_in", "Set a password or add a passkey first: nothing else would let you in.")
    await store.remove_link(session, link.id)
    await _record(session, link, "identity.unlinked", at)
    await _tell(session, link, "unlinked", at)


async def _join(
    session: Session, person: OutsidePerson, *, provider_id: str, program_id: str, at: datetime
) -> Link:
    if person.email is None or not person.is_email_verified:
        raise Forbidden("email_unproven", "The provider does not vouch for an e-mail address of yours.")
    email = normalize_email(person.email)
    made = Identity(new_id("user"), program_id, email, at, at)
    if not await identities.add_identity(session, Credentials(made, None)):
        # Two first sign-ins at once: the other one was faster.
        known = await store.find_link(session, program_id, person.issuer, person.subject)
        if known is not None:
            return known
        made = await _claimed(session, program_id, email, at)
    link = _new_link(person, program_id, made.user_id, provider_id, at)
    if not await store.add_link(session, link):
        raise _account_exists()
    await _record(session, link, "identity.linked", at)
    await outbox.append(session, Event("authentication.email_verified", program_id, made.user_id, at))
    return link


async def _claimed(session: Session, program_id: str, email: str, at: datetime) -> Identity:
    """Return the identity of an address that others registered and never proved; its passwords are void."""
    taken = await identities.credentials_for_update(session, program_id, email)
    if taken is None or taken.identity.verified_at is not None:
        raise _account_exists()
    await identities.save_verified(session, taken.identity.user_id, None, at)
    await verification_store.end_registrations(session, taken.identity.user_id)
    return taken.identity


def _new_link(person: OutsidePerson, program_id: str, user_id: str, provider_id: str, at: datetime) -> Link:
    return Link(new_id("link"), program_id, user_id, provider_id, person.issuer, person.subject, at)


async def _record(session: Session, link: Link, action: audit.Action, at: datetime) -> None:
    details = {"provider": link.provider_id, "issuer": link.issuer}
    await audit.record(session, link.user_id, link.program_id, action, link.id, details, at)


async def _tell(session: Session, link: Link, happened: str, at: datetime) -> None:
    payload = {"provider": link.provider_id}
    event = Event(f"authentication.identity_{happened}", link.program_id, link.user_id, at, payload)
    await outbox.append(session, event)


def _account_exists() -> Conflict:
    return Conflict(
        "account_exists", "There is an account with this address: sign in to it, then link the provider."
    )
