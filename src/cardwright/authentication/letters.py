"""What an e-mail or a text message must carry that is kept nowhere: derived anew when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

RESET_PATH: Final = "/reset-password"
VETO_PATH: Final = "/undo-email-change"


@dataclass(frozen=True, slots=True)
class Letter:
    """Where to send something and the secret facts that it tells; `expires_at` is None if they never end."""

    address: str
    facts: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountLinks:
    """Links into our pages. The token stands behind the #, so that it reaches no server and no log.

    Opening a link changes nothing, as mail programs open links by themselves: the page asks, then posts.
    """

    public_url: str

    def reset(self, token: str) -> str:
        """Return the link that a forgotten password is replaced with."""
        return f"{self.public_url}{RESET_PATH}#{token}"

    def veto(self, token: str) -> str:
        """Return the link that a change of the e-mail address is undone with."""
        return f"{self.public_url}{VETO_PATH}#{token}"
