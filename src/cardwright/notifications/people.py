"""What telling people takes of them, read for many at once: where they are reached, and what they chose."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cardwright.authentication import find_emails
from cardwright.db.session import Session
from cardwright.notifications import device_store, preference_store, suppression_store
from cardwright.notifications.choices import NO_CHOICES, Preferences
from cardwright.notifications.domain import Device
from cardwright.notifications.speech import Speech, speech_of
from cardwright.notifications.suppression_store import Suppression
from cardwright.users import Contact, find_contacts


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is told things; `contact` is None while they have no profile, or none any more."""

    user_id: str
    preferences: Preferences = NO_CHOICES
    email: str | None = field(default=None, repr=False)
    contact: Contact | None = field(default=None, repr=False)
    devices: Sequence[Device] = ()
    suppressions: Sequence[Suppression] = ()

    @property
    def phone(self) -> str | None:
        """The number that texts go to, if they proved one."""
        return None if self.email is None or self.contact is None else self.contact.proven_phone

    def speech(self, asked: str | None = None) -> Speech:
        """Return how to write to them: as their profile says; while there is none as they `asked`, in UTC."""
        if self.email is None or self.contact is None:
            return speech_of(asked, None)
        return speech_of(self.contact.locale, self.contact.time_zone)


async def find_people(session: Session, user_ids: Collection[str]) -> Mapping[str, Person]:
    """Return people by id, with one statement for each kind of thing; who is not known has nothing."""
    ids = sorted(set(user_ids))
    preferences = await preference_store.preferences_of(session, ids)
    emails, contacts = await find_emails(session, ids), await find_contacts(session, ids)
    devices = await device_store.devices_of(session, ids)
    suppressions = await suppression_store.suppressions_of(session, ids)
    return {
        it: Person(
            it, preferences.get(it, NO_CHOICES), emails.get(it), contacts.get(it), devices.get(it, ()),
            suppressions.get(it, ()),
        )
        for it in ids
    }  # fmt: skip
