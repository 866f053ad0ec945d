"""What signing in needs of an outside OpenID provider, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cardwright.authentication.federation.domain import AuthorizationAnswer, AuthorizationAsk, OutsidePerson
from cardwright.core.errors import Unauthenticated


class ProviderRefused(Unauthenticated):
    """The provider did not vouch for anybody, or what it sent does not prove that it did."""

    def __init__(self, why: str) -> None:
        super().__init__("provider_refused", "The provider did not sign you in; try again.")
        self.why = why


class OpenIdProvider(Protocol):
    """An outside provider, spoken to by OpenID Connect's authorization code flow with PKCE.

    Raises core.errors.Unavailable when it does not answer, or not as it should.
    """

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    async def authorization_url(self, ask: AuthorizationAsk) -> str:
        """Return where to send the browser."""
        ...

    async def person_of(
        self, answer: AuthorizationAnswer, ask: AuthorizationAsk, at: datetime
    ) -> OutsidePerson:
        """Exchange a code for who signed in there; raise ProviderRefused unless it is proven."""
        ...


@dataclass(frozen=True, slots=True)
class OpenIdProviders:
    """The providers of a deployment by their ids, and where browsers find us."""

    by_id: Mapping[str, OpenIdProvider]
    public_url: str

    def redirect_uri(self, provider_id: str) -> str:
        """Return where a provider sends browsers back to; one address each, so that answers cannot mix."""
        return f"{self.public_url}/v1/auth/providers/{provider_id}/callback"

    @property
    def landing_url(self) -> str:
        """The page that people land on when all is done; it is told the outcome or the error."""
        return f"{self.public_url}/signed-in"
