"""Authentication: who is asking. Identities, e-mail codes, passwords, sessions and their tokens."""

from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.domain import EmailCode, Identity
from cardwright.authentication.guards import SessionTokens
from cardwright.authentication.limits import AuthLimits, Budget
from cardwright.authentication.registration import (
    create_verified_identity,
    find_email_code,
    set_password,
)
from cardwright.authentication.store import SEALED_COLUMNS, find_identity, list_identities
from cardwright.authentication.tokens import TokenSigner

__all__ = [
    "SEALED_COLUMNS",
    "AuthLimits",
    "Budget",
    "EmailCode",
    "EmailCodes",
    "Identity",
    "SessionTokens",
    "TokenSigner",
    "create_verified_identity",
    "find_email_code",
    "find_identity",
    "list_identities",
    "set_password",
]
