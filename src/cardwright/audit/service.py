"""Adding to the audit trail, reading it, and erasing what is personal in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_bytes
from typing import Any, Final

from cardwright.access import Actor
from cardwright.audit import store
from cardwright.audit.action_names import Action
from cardwright.audit.actions import ACTIONS
from cardwright.audit.domain import EVERYTHING, KEY_BYTES, AuditEntry, PersonalData, TrailFilter, inert
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.http.origin import Origin, current_origin

_NOWHERE: Final = Origin(None, None, None)
_PERSON: Final = "user_"


async def record(
    session: Session,
    actor_id: str,
    program_id: str,
    action: Action,
    subject_id: str,
    details: Mapping[str, Any],
    at: datetime,
) -> AuditEntry:
    """Append that `actor_id` (a user id, or a word such as "system") did `action` to `subject_id`.

    `details` is small JSON without fractions, with neither secrets nor personal data. The entry is written in
    the transaction of what it tells of, so that neither exists without the other; where it came from is taken
    from the request that is being handled, if one is.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is not in the catalogue of acts")
    origin = current_origin() or _NOWHERE
    personal = _personal(origin)
    entry = AuditEntry(
        new_id("audit"), program_id, inert(actor_id), action, inert(subject_id), inert(details), at,
        request_id=origin.request_id,
        personal_digest=personal.digest() if personal else None,
        personal=personal,
    )  # fmt: skip
    # Whoever nobody knows acts on somebody: where it came from is then kept among what is that person's.
    person_id = entry.actor_id if actor_id.startswith(_PERSON) else entry.subject_id
    await store.add_entry(session, entry, person_id=person_id)
    return entry


async def record_look(
    session: Session,
    actor: Actor,
    action: Action,
    subject_id: str,
    at: datetime,
    /,
    *,
    owner_id: str | None = None,
    **details: Any,
) -> None:
    """Record that somebody looked at other people's things; looking at one's own is no act."""
    if owner_id == actor.user_id:
        return
    said = details if owner_id is None else {"owner_id": owner_id, **details}
    await record(session, actor.user_id, actor.program_id, action, subject_id, said, at)


async def list_entries(
    session: Session, *, program_id: str, wanted: TrailFilter = EVERYTHING, before: str | None, limit: int
) -> Sequence[AuditEntry]:
    """Return what is wanted of a program's entries, newest first."""
    return await store.list_entries(session, program_id=program_id, wanted=wanted, before=before, limit=limit)


async def erase_personal_data(
    session: Session, *, program_id: str, person_id: str, by: str, at: datetime
) -> int:
    """Erase from where a person's acts came, and record that; return from how many entries.

    The trail verifies as before: the entries only ever held digests. How long the law wants the data kept is
    for the caller to know.
    """
    count = await store.erase_personal_data(session, program_id=program_id, person_id=person_id)
    details = {"count": count}
    await record(session, by, program_id, "audit.personal_data_erased", person_id, details, at)
    return count


def _personal(origin: Origin) -> PersonalData | None:
    if origin.client_address is None and origin.user_agent is None:
        return None
    return PersonalData(inert(origin.client_address), inert(origin.user_agent), token_bytes(KEY_BYTES))
