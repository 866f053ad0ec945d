"""Authentication: who is asking. Identities, e-mail codes, passwords, and the sessions of browsers."""

from typing import Final

from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.cookies import SessionCookies
from cardwright.authentication.cookies import clear as clear_session_cookie
from cardwright.authentication.domain import AuthSession, EmailCode, Identity
from cardwright.authentication.factors import (
    TOTP_SECRET,
    EnrolledFactors,
    RelyingParty,
    forget_factors,
    has_factor,
)
from cardwright.authentication.federation import (
    AuthorizationAnswer,
    AuthorizationAsk,
    OpenIdProvider,
    OpenIdProviders,
    OutsidePerson,
    ProviderRefused,
)
from cardwright.authentication.limits import AuthLimits, Budget
from cardwright.authentication.registration import (
    create_verified_identity,
    find_by_email,
    find_email_code,
    set_password,
)
from cardwright.authentication.sessions import (
    OpenedSession,
    find_living_session,
    find_session,
    open_session,
    revoke_all_sessions,
    revoke_session,
    strengthen_session,
)
from cardwright.authentication.sightings import SessionSightings
from cardwright.authentication.store import SEALED_COLUMNS as _OF_IDENTITIES
from cardwright.authentication.store import find_identity, list_identities

SEALED_COLUMNS: Final = (*_OF_IDENTITIES, TOTP_SECRET)
"""What of all this is encrypted at rest."""

__all__ = [
    "SEALED_COLUMNS",
    "AuthLimits",
    "AuthSession",
    "AuthorizationAnswer",
    "AuthorizationAsk",
    "Budget",
    "EmailCode",
    "EmailCodes",
    "EnrolledFactors",
    "Identity",
    "OpenIdProvider",
    "OpenIdProviders",
    "OpenedSession",
    "OutsidePerson",
    "ProviderRefused",
    "RelyingParty",
    "SessionCookies",
    "SessionSightings",
    "clear_session_cookie",
    "create_verified_identity",
    "find_by_email",
    "find_email_code",
    "find_identity",
    "find_living_session",
    "find_session",
    "forget_factors",
    "has_factor",
    "list_identities",
    "open_session",
    "revoke_all_sessions",
    "revoke_session",
    "set_password",
    "strengthen_session",
]
