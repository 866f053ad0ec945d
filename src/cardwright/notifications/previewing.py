"""Use cases of staff: look at every message in every language, and have one sent to oneself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardwright import audit
from cardwright.access import Actor
from cardwright.authentication import find_identity
from cardwright.core.errors import Conflict, NotFound
from cardwright.core.ids import new_id
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import Session
from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.composing import brand_of
from cardwright.notifications.domain import Channel
from cardwright.notifications.examples import example_facts
from cardwright.notifications.ports import EmailMessage, EmailSender
from cardwright.notifications.rendering import render_letter, render_notice, render_sms
from cardwright.notifications.speech import Speech, speech_of
from cardwright.notifications.text_messages import segments_of
from cardwright.programs import Program

TEST_REQUESTED: Final = "notifications.test_requested"
_LINKS: Final = Links(action="https://example.com/not-a-real-link")


@dataclass(frozen=True, slots=True)
class Preview:
    """A message with invented facts; what its channel does not have is None."""

    subject: str | None
    text: str
    html: str | None = None
    segments: int | None = None


def find_entry(event_type: str) -> Entry:
    """Return how a type of event is told; NotFound for one that nobody is told about."""
    if event_type not in CATALOGUE:
        raise NotFound("notification_template_not_found", "Nobody is told about such an event.")
    return CATALOGUE[event_type]


def preview(entry: Entry, channel: Channel, *, speech: Speech, brand: Brand, at: datetime) -> Preview:
    """Return what a channel would tell of an event that happened at `at`."""
    facts = example_facts(entry, at)
    if channel == "email":
        letter = render_letter(entry.template, facts, brand=brand, speech=speech, links=_LINKS)
        return Preview(letter.subject, letter.text, letter.html)
    if channel == "sms":
        text = render_sms(entry.template, facts, brand=brand, speech=speech)
        return Preview(None, text, segments=segments_of(text))
    notice = render_notice(entry.template, facts, speech=speech)
    return Preview(notice.title, notice.body)


async def request_test(session: Session, actor: Actor, entry: Entry, *, language: str, at: datetime) -> None:
    """Have the e-mail of a type sent to the one who asks; Conflict while their address is not confirmed."""
    identity = await find_identity(session, actor.user_id)
    if identity is None or identity.verified_at is None:
        raise Conflict("email_unverified", "Confirm your own e-mail address first.")
    told = {"user_id": actor.user_id, "event_type": entry.event_type, "language": language}
    await outbox.append(session, Event(TEST_REQUESTED, actor.program_id, new_id("ntf"), at, told))
    details = {"event_type": entry.event_type, "language": language}
    await audit.record(
        session, actor.user_id, actor.program_id, "notification_template.tested", actor.user_id, details, at
    )


async def send_test(work: Work, event: Event) -> None:
    """Send a test that was asked for. A repeat has the same Message-ID, so mailboxes show it once."""
    entry, at = find_entry(str(event.payload["event_type"])), event.occurred_at
    async with work.transaction() as session:
        identity = await find_identity(session, str(event.payload["user_id"]))
    if identity is None or identity.verified_at is None or EmailSender not in work.provided:
        return
    letter = render_letter(
        entry.template,
        example_facts(entry, at),
        brand=brand_of(work.get(Program)),
        speech=speech_of(str(event.payload["language"]), None),
        links=_LINKS,
        is_test=True,
    )
    message = EmailMessage(
        event.subject_id, identity.email, letter.subject, letter.text, letter.html, written_at=at
    )
    await work.get(EmailSender).send(message)
