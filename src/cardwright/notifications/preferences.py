"""Use cases: what a person chose to be told, from the app or from a link, and bringing an address back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cardwright.authentication import EmailCodes
from cardwright.core.errors import Conflict
from cardwright.db import outbox
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.notifications import preference_store, store, suppression_store, unsubscribing
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.choices import GROUPS, Choice, Preferences, with_choices
from cardwright.notifications.composing import speech_for
from cardwright.notifications.domain import ADDRESS_CONFIRMATION, Channel
from cardwright.notifications.quiet import quiet_until
from cardwright.notifications.suppressing import present_digests, suppressions_of
from cardwright.notifications.suppression_store import Suppression
from cardwright.notifications.unsubscribing import Permit
from cardwright.programs import Program

_EVERYTHING: Final = "summaries"


async def get_preferences(session: Session, user_id: str) -> Preferences:
    """Return what a person chose."""
    return await preference_store.find_preferences(session, user_id)


async def get_obstacles(session: Session, codes: EmailCodes, user_id: str) -> Sequence[Suppression]:
    """Return which of a person's present addresses get nothing, and why."""
    return await suppressions_of(session, codes, user_id)


async def save_preferences(
    session: Session, *, program_id: str, user_id: str, wanted: Preferences, choices: Sequence[Choice],
    at: datetime,
) -> Preferences:  # fmt: skip
    """Replace what a person chose with `choices` and the times of `wanted`; raises as `with_choices`.

    What waits for the end of quiet hours waits for that of the new ones.
    """
    chosen = with_choices(wanted, choices)
    await preference_store.save_preferences(session, program_id, user_id, chosen, at=at)
    zone = (await speech_for(session, user_id)).time_zone
    await store.hold_until(session, user_id, "quiet_hours", quiet_until(chosen.quiet_hours, zone, at) or at)
    return chosen


async def ask_to_confirm(
    session: Session, codes: EmailCodes, *, program_id: str, user_id: str, at: datetime
) -> None:
    """Have a link sent to one's suppressed address; Conflict `address_not_suppressed` if it is none."""
    digests = await present_digests(session, codes, user_id)
    digest = digests.get("email", "")
    if await suppression_store.find_suppression(session, user_id, "email", digest) is None:
        raise Conflict("address_not_suppressed", "Your address gets messages already.")
    told = {"user_id": user_id, "address_digest": digest}
    await outbox.append(session, Event(ADDRESS_CONFIRMATION, program_id, user_id, at, told))


async def unsubscribe(
    session: Session, codes: EmailCodes, program: Program, token: str, at: datetime
) -> Permit:
    """Switch off the e-mails that a link names and return it; NotFound `link_invalid`. Repeating is harmless.

    What was chosen for single types outweighs their group and would go on, so that ends, too.
    """
    permit = unsubscribing.read(codes, token, "unsubscribe", at)
    groups = GROUPS if permit.subject == _EVERYTHING else (permit.subject,)
    email: Channel = "email"
    await preference_store.add_settings(
        session, program.id, permit.user_id, {(group, email): "off" for group in groups}, at=at,
        dropping=[(entry.event_type, email) for entry in CATALOGUE.values() if entry.group in groups],
    )  # fmt: skip
    return permit


async def confirm_address(session: Session, codes: EmailCodes, token: str, at: datetime) -> None:
    """Let the address that a link was sent to get messages again; a repetition changes nothing."""
    permit = unsubscribing.read(codes, token, "confirm_address", at)
    await suppression_store.lift_suppression(session, permit.user_id, "email", permit.subject)
