"""Carrying out one attempt: the providers are called outside any transaction, and what came of it is told.

An attempt whose end was never recorded (the process died) is due again once its lease has run out. E-mail and
push are then sent again by the same provider, as their repeats collapse at the receiver. Text messages are
looked up there before, as after an answer that was lost (see doubts.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from cardwright.core.errors import Unavailable
from cardwright.db.jobs import Work
from cardwright.notifications import store
from cardwright.notifications.claiming import Attempt
from cardwright.notifications.doubts import settle_doubt
from cardwright.notifications.ports import (
    PORTS,
    DeviceGone,
    InDoubt,
    OutcomeUnknown,
    PushMessage,
    Refused,
)
from cardwright.notifications.routing import Taken, chain_of

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended; of several devices one that took the message is enough.

    With an `error` it is tried again: Unavailable, or a fault of our own.
    """

    attempt: Attempt
    taken: Sequence[Taken] = ()
    refusals: Sequence[Refused] = ()
    gone_device_ids: Sequence[str] = ()
    is_unknown: bool = False
    error: Exception | None = None
    bound_to: str | None = None


async def carry_out(work: Work, attempt: Attempt) -> Outcome | None:
    """Send, or look up what may have been sent; None when the end is recorded already."""
    try:
        if attempt.messages:
            return await _deliver(work, attempt)
        await settle_doubt(work, attempt.notification.id)
    except Unavailable as error:
        bound_to = error.provider if isinstance(error, InDoubt) else attempt.bound_to
        return Outcome(attempt, error=error, bound_to=bound_to)
    except Exception as error:  # noqa: BLE001 - a message that cannot be sent keeps no other from it
        _log.error("attempt_failed", notification_id=attempt.notification.id, exc_info=True)
        return Outcome(attempt, error=error, bound_to=attempt.bound_to)
    return None


async def _deliver(work: Work, attempt: Attempt) -> Outcome:
    chain = chain_of(work.provided[PORTS[attempt.notification.channel]], work.clock)
    noted = attempt.notification

    async def note(provider: str) -> None:
        # A crash must leave behind who may have it, so that nobody else gets it as well.
        nonlocal noted
        if provider != noted.provider:
            noted = replace(noted, provider=provider)
            async with work.transaction() as session:
                await store.note_provider(session, noted.id, provider)

    taken: list[Taken] = []
    refusals: list[Refused] = []
    gone_device_ids: list[str] = []
    away: Unavailable | None = None
    for message in attempt.messages:
        try:
            taken.append(await chain.deliver(message, attempt.bound_to, note))
        except OutcomeUnknown:
            return Outcome(attempt, is_unknown=True)
        except Unavailable as error:
            # One browser's push service that is down keeps nothing from a person's other devices.
            away = error
        except Refused as error:
            refusals.append(error)
            if isinstance(error, DeviceGone) and isinstance(message, PushMessage):
                gone_device_ids.append(message.device_id)
    if away is not None and not taken:
        raise away
    return Outcome(attempt, taken, refusals, gone_device_ids)
