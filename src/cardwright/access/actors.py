"""Who makes a request, and whose things they may see."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from cardwright.access.permissions import Reach
from cardwright.core.errors import Unauthenticated

STEP_UP_WINDOW: Final = timedelta(minutes=5)


class StepUpRequired(Unauthenticated):
    """A strong factor has to be used again, lately; whoever answers it can say which ones there are."""

    def __init__(self, user_id: str) -> None:
        super().__init__(
            "step_up_required",
            "Confirm with one of these methods, then try again.",
            max_age_seconds=int(STEP_UP_WINDOW.total_seconds()),
        )
        self.user_id = user_id


class Owned(Protocol):
    """Something that belongs to a customer of a program."""

    @property
    def program_id(self) -> str:
        """The program it exists in."""
        ...

    @property
    def user_id(self) -> str:
        """Whose it is."""
        ...


@dataclass(frozen=True, slots=True)
class Principal:
    """Who proved to be asking, and by what.

    `session_id` is None for credentials that are no sign-in, such as an API key; `client_id` names the OAuth
    client. `scopes` None means everything that the roles permit, as in a browser; otherwise permissions are
    cut down to it. `factor_used_at` is when a passkey or a second factor was last used in the session.
    """

    user_id: str
    program_id: str
    session_id: str | None = None
    client_id: str | None = None
    scopes: frozenset[str] | None = None
    factor_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose things may be seen: those of `owner_id`, or of everybody in the program when it is None."""

    program_id: str
    owner_id: str | None

    def sees(self, thing: Owned) -> bool:
        """Answer whether a thing is within sight; what is not, does not exist for the viewer."""
        return thing.program_id == self.program_id and self.owner_id in {None, thing.user_id}


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal who may do what the route needs, and how far: the answer of `allow`."""

    principal: Principal
    reach: Reach

    @property
    def user_id(self) -> str:
        """Who is asking."""
        return self.principal.user_id

    @property
    def program_id(self) -> str:
        """The program that they belong to."""
        return self.principal.program_id

    @property
    def viewer(self) -> Viewer:
        """What they may see with the route's permission."""
        return Viewer(self.program_id, self.user_id if self.reach is Reach.OWN else None)

    def ensure_recent_factor(self, at: datetime) -> None:
        """Raise StepUpRequired unless a strong factor was used within STEP_UP_WINDOW."""
        used_at = self.principal.factor_used_at
        if used_at is None or at - used_at > STEP_UP_WINDOW:
            raise StepUpRequired(self.user_id)
