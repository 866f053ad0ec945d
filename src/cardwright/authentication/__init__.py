"""Authentication: who is asking. Identities, e-mail codes, passwords, and the sessions of browsers."""

from typing import Final

from cardwright.authentication.changing import ensure_factor_if_any, ensure_password, get_credentials
from cardwright.authentication.closing import close_account, erase_closed, list_erasable
from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.cookies import SessionCookies
from cardwright.authentication.cookies import clear as clear_session_cookie
from cardwright.authentication.devices import device_name
from cardwright.authentication.domain import (
    CODE_LIFETIME,
    MAX_CODE_ATTEMPTS,
    AuthSession,
    Credentials,
    Identity,
    normalize_email,
)
from cardwright.authentication.email_change_store import SEALED_COLUMNS as _OF_EMAIL_CHANGES
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
from cardwright.authentication.letters import AccountLinks, Letter
from cardwright.authentication.limits import AuthLimits, Budget, SignInBudget
from cardwright.authentication.locks import unlock_account
from cardwright.authentication.mailing import Secret, find_letter
from cardwright.authentication.registration import (
    create_verified_identity,
    find_by_email,
    find_registered,
    set_password,
)
from cardwright.authentication.reset_store import SEALED_COLUMNS as _OF_RESETS
from cardwright.authentication.sessions import (
    OpenedSession,
    find_living_session,
    find_session,
    list_sessions,
    open_session,
    revoke_all_sessions,
    revoke_session,
    strengthen_session,
)
from cardwright.authentication.sightings import SessionSightings
from cardwright.authentication.store import SEALED_COLUMNS as _OF_IDENTITIES
from cardwright.authentication.store import find_emails, find_identity, find_registration, list_identities
from cardwright.authentication.subscriptions import SUBSCRIPTIONS
from cardwright.authentication.tidying import forget_abandoned

SEALED_COLUMNS: Final = (*_OF_IDENTITIES, *_OF_RESETS, *_OF_EMAIL_CHANGES, TOTP_SECRET)
"""What of all this is encrypted at rest."""

__all__ = [
    "CODE_LIFETIME",
    "MAX_CODE_ATTEMPTS",
    "SEALED_COLUMNS",
    "SUBSCRIPTIONS",
    "AccountLinks",
    "AuthLimits",
    "AuthSession",
    "AuthorizationAnswer",
    "AuthorizationAsk",
    "Budget",
    "Credentials",
    "EmailCodes",
    "EnrolledFactors",
    "Identity",
    "Letter",
    "OpenIdProvider",
    "OpenIdProviders",
    "OpenedSession",
    "OutsidePerson",
    "ProviderRefused",
    "RelyingParty",
    "Secret",
    "SessionCookies",
    "SessionSightings",
    "SignInBudget",
    "clear_session_cookie",
    "close_account",
    "create_verified_identity",
    "device_name",
    "ensure_factor_if_any",
    "ensure_password",
    "erase_closed",
    "find_by_email",
    "find_emails",
    "find_identity",
    "find_letter",
    "find_living_session",
    "find_registered",
    "find_registration",
    "find_session",
    "forget_abandoned",
    "forget_factors",
    "get_credentials",
    "has_factor",
    "list_erasable",
    "list_identities",
    "list_sessions",
    "normalize_email",
    "open_session",
    "revoke_all_sessions",
    "revoke_session",
    "set_password",
    "strengthen_session",
    "unlock_account",
]
