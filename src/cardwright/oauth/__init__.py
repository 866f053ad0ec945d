"""OAuth: the authorization server that lets applications act for people, and partners for themselves."""

from typing import Final

from cardwright.oauth.client_roles import CLIENT_ROLE_GRANT
from cardwright.oauth.clients import (
    MOBILE_CLIENT_ID,
    NewClient,
    ensure_first_party_client,
    mobile_client,
    register_client,
)
from cardwright.oauth.domain import AuthMethod, GrantType
from cardwright.oauth.guards import AccessTokens
from cardwright.oauth.keys import ensure_signing_keys, rotate_signing_keys
from cardwright.oauth.scopes import KNOWN_SCOPES
from cardwright.oauth.server import AuthorizationServer, OAuthLimits
from cardwright.oauth.store.keys import PRIVATE_KEY
from cardwright.oauth.store.spent import UsedProofs
from cardwright.oauth.sweeping import forget_what_expired

APPROVAL_KINDS: Final = (CLIENT_ROLE_GRANT,)
"""What one person proposes and another approves."""

SEALED_COLUMNS: Final = (PRIVATE_KEY,)
"""What of all this is encrypted at rest."""

__all__ = [
    "APPROVAL_KINDS",
    "KNOWN_SCOPES",
    "MOBILE_CLIENT_ID",
    "SEALED_COLUMNS",
    "AccessTokens",
    "AuthMethod",
    "AuthorizationServer",
    "GrantType",
    "NewClient",
    "OAuthLimits",
    "UsedProofs",
    "ensure_first_party_client",
    "ensure_signing_keys",
    "forget_what_expired",
    "mobile_client",
    "register_client",
    "rotate_signing_keys",
]
