"""What a message offers to answer with: the link of an e-mail, the buttons of a push message."""

from datetime import timedelta
from typing import Final

from cardwright import cases, challenges
from cardwright.access import FactorDirectory
from cardwright.authentication import AccountLinks, EmailCodes
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.db.session import Session
from cardwright.notifications.answer_links import PATH, Matter, Permit, Way, issue, place_of_address
from cardwright.notifications.answers import CHOICE_WORDS, Choice
from cardwright.notifications.domain import Notification
from cardwright.notifications.ports import PushAction
from cardwright.notifications.speech import Speech
from cardwright.notifications.words import translations_of

_QUESTION: Final = "cases.question_asked"
_CHALLENGE: Final = "challenges.challenge_requested"
_SPARE: Final = timedelta(seconds=1)


async def link_of(session: Session, work: Work, notification: Notification, email: str) -> str | None:
    """Return where an e-mail's button leads; None for messages that ask nothing, or nothing any more."""
    place = place_of_address(work.get(EmailCodes), email)
    permit = await _permit(session, work, notification, Way.EMAIL, place)
    if permit is None:
        return None
    return f"{work.get(AccountLinks).public_url.rstrip('/')}{PATH}?t={issue(work.get(EmailCodes), permit)}"


async def actions_of(
    session: Session, work: Work, notification: Notification, device_id: str, speech: Speech
) -> tuple[PushAction, ...]:
    """Return the buttons of a push message to one device; none where it asks nothing."""
    permit = await _permit(session, work, notification, Way.PUSH, device_id)
    if permit is None:
        return ()
    if permit.matter is Matter.CHALLENGE:
        choices = [Choice.REFUSE]
    else:
        has_factor = bool(await work.get(FactorDirectory).methods_of(session, notification.user_id))
        choices = [Choice.NO] if has_factor else [Choice.YES, Choice.NO]
    token, words = Sensitive(issue(work.get(EmailCodes), permit)), translations_of(speech.language)
    return tuple(PushAction(it.value, words.gettext(CHOICE_WORDS[it]), token) for it in choices)


async def _permit(
    session: Session, work: Work, notification: Notification, way: Way, place: str
) -> Permit | None:
    facts, at = notification.facts, work.clock.now()
    if notification.event_type == _QUESTION:
        case = await cases.question_of_payment(session, str(facts["payment_id"]), at)
        if case is None or case.answer_by is None or case.user_id != notification.user_id:
            return None
        return Permit(way, Matter.QUESTION, case.id, notification.user_id, place, case.answer_by + _SPARE)
    if notification.event_type == _CHALLENGE:
        found = await challenges.find_asked(
            session, str(facts["challenge_id"]), notification.program_id, notification.user_id
        )
        if found is None:
            return None
        return Permit(way, Matter.CHALLENGE, found.id, notification.user_id, place, found.expires_at)
    return None
