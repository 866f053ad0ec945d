"""The one table of roles and permissions; guards, boot check and documentation are made from it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, Literal, get_args

Permission = Literal[
    "account.read",
    "account.write",
    "approvals.decide",
    "approvals.read",
    "approvals.withdraw",
    "approvers.write",
    "api_keys.read",
    "api_keys.revoke",
    "api_keys.write",
    "audit.read",
    "card_drifts.read",
    "card_templates.read",
    "card_templates.write",
    "cards.lock",
    "cards.read",
    "cards.reveal",
    "cards.write",
    "cases.read",
    "cases.write",
    "challenges.decide",
    "challenges.read",
    "clients.read",
    "clients.write",
    "devices.write",
    "disputes.read",
    "disputes.write",
    "events.read",
    "identity_documents.erase",
    "identity_documents.review",
    "identity_levels.approve",
    "identity_reviews.approve",
    "identity_reviews.configure",
    "identity_reviews.decide",
    "identity_reviews.read",
    "kyc.read",
    "kyc.require_reverification",
    "kyc.submit",
    "ledger.approve",
    "ledger.read",
    "ledger.write",
    "limits.read",
    "limits.write",
    "merchants.read",
    "merchants.write",
    "message_deliveries.read",
    "message_deliveries.resend",
    "notification_preferences.write",
    "notification_templates.read",
    "notification_templates.test",
    "notifications.read",
    "notifications.write",
    "overview.read",
    "payment_methods.read",
    "payment_methods.write",
    "payment_questions.answer",
    "payment_questions.read",
    "payments.annotate",
    "payments.read",
    "profile.write",
    "reconciliation.read",
    "reconciliation.write",
    "reveals.approve",
    "reveals.propose",
    "roles.approve",
    "roles.grant",
    "rules.approve",
    "rules.read",
    "rules.write",
    "screening.decide",
    "screening.read",
    "sessions.end",
    "sessions.read",
    "top_up_disputes.read",
    "top_ups.read",
    "top_ups.refund",
    "top_ups.write",
    "users.read",
    "users.unlock",
    "wallet.read",
    "wallets.read",
    "webhooks.read",
    "webhooks.write",
    "withdrawals.read",
    "withdrawals.write",
]
PERMISSIONS: Final[frozenset[str]] = frozenset(get_args(Permission))


class Role(StrEnum):
    """What somebody is to the program. Staff hold no cards: whoever has a staff role is no cardholder."""

    CARDHOLDER = "cardholder"
    SUPPORT = "support"
    KYC_REVIEWER = "kyc_reviewer"
    FRAUD_ANALYST = "fraud_analyst"
    FINANCE = "finance"
    DEVELOPER = "developer"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Reach(StrEnum):
    """How far a permission goes: one's own things, or those of everybody in the program."""

    OWN = "own"
    ANY = "any"


_OWN: Final = dict.fromkeys(Role, Reach.OWN)


def _staff(*roles: Role) -> dict[Role, Reach]:
    # The administrator runs the program, and the auditor reads all that anybody may read.
    return dict.fromkeys((*roles, Role.ADMINISTRATOR, Role.AUDITOR), Reach.ANY)


_HOLDER: Final = {Role.CARDHOLDER: Reach.OWN}

TABLE: Final[Mapping[Permission, Mapping[Role, Reach]]] = {
    # What everybody who signs in does for themselves.
    "account.read": _OWN,
    "account.write": _OWN,
    "profile.write": _OWN,
    "devices.write": _OWN,
    "notifications.read": _OWN,
    "notifications.write": _OWN,
    "notification_preferences.write": _OWN,
    # What cardholders have, and who else may see it.
    "cards.read": _HOLDER | _staff(Role.SUPPORT, Role.FRAUD_ANALYST),
    # A number is seen by its holder alone.
    "cards.reveal": _HOLDER,
    "cards.write": _HOLDER,
    # Purchases that wait for a yes: the holder's and, by invitation, those of others' cards.
    "approvers.write": _HOLDER,
    "challenges.decide": _HOLDER,
    "challenges.read": _HOLDER | _staff(Role.SUPPORT),
    "disputes.read": _HOLDER | _staff(Role.SUPPORT, Role.FRAUD_ANALYST, Role.FINANCE),
    # Staff act for a holder who cannot, and say why.
    "disputes.write": _HOLDER
    | dict.fromkeys((Role.SUPPORT, Role.FRAUD_ANALYST, Role.ADMINISTRATOR), Reach.ANY),
    "kyc.read": _HOLDER | _staff(Role.SUPPORT, Role.KYC_REVIEWER),
    "kyc.submit": _HOLDER,
    "kyc.require_reverification": dict.fromkeys((Role.KYC_REVIEWER, Role.ADMINISTRATOR), Reach.ANY),
    # What people's documents show is seen by those who judge it, and by nobody else.
    "identity_documents.review": {Role.KYC_REVIEWER: Reach.ANY},
    "identity_levels.approve": dict.fromkeys((Role.KYC_REVIEWER, Role.ADMINISTRATOR), Reach.ANY),
    "identity_reviews.approve": dict.fromkeys((Role.KYC_REVIEWER, Role.ADMINISTRATOR), Reach.ANY),
    "identity_reviews.configure": {Role.ADMINISTRATOR: Reach.ANY},
    "identity_reviews.decide": dict.fromkeys((Role.KYC_REVIEWER, Role.ADMINISTRATOR), Reach.ANY),
    "identity_reviews.read": _staff(Role.KYC_REVIEWER),
    "identity_documents.erase": dict.fromkeys((Role.KYC_REVIEWER, Role.ADMINISTRATOR), Reach.ANY),
    "merchants.read": _HOLDER | _staff(Role.SUPPORT, Role.FRAUD_ANALYST),
    "payments.annotate": _HOLDER,
    "payments.read": _HOLDER | _staff(Role.SUPPORT, Role.FRAUD_ANALYST, Role.FINANCE),
    # Whether a payment was one's own is asked of its holder, and answered by nobody else.
    "payment_questions.answer": _HOLDER,
    "payment_questions.read": _HOLDER,
    # A way to pay is its owner's affair alone.
    "payment_methods.read": _HOLDER,
    "payment_methods.write": _HOLDER,
    "top_up_disputes.read": _HOLDER | _staff(Role.SUPPORT, Role.FRAUD_ANALYST, Role.FINANCE),
    "top_ups.read": _HOLDER | _staff(Role.SUPPORT, Role.FINANCE),
    "top_ups.write": _HOLDER,
    "wallet.read": _HOLDER,
    "withdrawals.read": _HOLDER | _staff(Role.SUPPORT, Role.FINANCE),
    "withdrawals.write": _HOLDER,
    # What developers make for their programs; whoever makes a key reads its text, so never for another.
    "api_keys.read": {Role.DEVELOPER: Reach.OWN} | _staff(),
    "api_keys.revoke": {Role.DEVELOPER: Reach.OWN, Role.ADMINISTRATOR: Reach.ANY},
    "api_keys.write": {Role.DEVELOPER: Reach.OWN, Role.ADMINISTRATOR: Reach.OWN},
    # Where events are posted to: a holder's own, or the program's, which its developers share.
    "webhooks.read": _HOLDER | _staff(Role.DEVELOPER),
    "webhooks.write": _HOLDER | {Role.DEVELOPER: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    # What staff see and do.
    "users.read": _staff(Role.SUPPORT, Role.KYC_REVIEWER, Role.FRAUD_ANALYST),
    # Where somebody is signed in, and ending that: a stolen phone cannot wait for its owner.
    "sessions.end": dict.fromkeys((Role.SUPPORT, Role.FRAUD_ANALYST, Role.ADMINISTRATOR), Reach.ANY),
    "sessions.read": _staff(Role.SUPPORT, Role.FRAUD_ANALYST),
    "wallets.read": _staff(Role.SUPPORT, Role.FRAUD_ANALYST, Role.FINANCE),
    # Figures of the whole program, nobody's in particular.
    "overview.read": _staff(
        Role.SUPPORT, Role.KYC_REVIEWER, Role.FRAUD_ANALYST, Role.FINANCE, Role.DEVELOPER
    ),
    "message_deliveries.read": _staff(Role.SUPPORT),
    "message_deliveries.resend": dict.fromkeys((Role.SUPPORT, Role.ADMINISTRATOR), Reach.ANY),
    "cases.read": _staff(Role.FRAUD_ANALYST),
    "cases.write": {Role.FRAUD_ANALYST: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "screening.decide": {Role.KYC_REVIEWER: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "screening.read": _staff(Role.KYC_REVIEWER),
    "ledger.read": _staff(Role.FINANCE),
    "reconciliation.read": _staff(Role.FINANCE),
    "reconciliation.write": {Role.FINANCE: Reach.ANY},
    "rules.read": _staff(Role.FRAUD_ANALYST),
    "top_ups.refund": {Role.FINANCE: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "merchants.write": {Role.FRAUD_ANALYST: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "limits.read": _staff(Role.SUPPORT, Role.FRAUD_ANALYST),
    "limits.write": {Role.FRAUD_ANALYST: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "card_drifts.read": _staff(Role.SUPPORT, Role.FRAUD_ANALYST),
    "card_templates.read": _HOLDER | _staff(Role.SUPPORT, Role.FRAUD_ANALYST),
    "card_templates.write": {Role.FRAUD_ANALYST: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "cards.lock": dict.fromkeys((Role.SUPPORT, Role.FRAUD_ANALYST, Role.ADMINISTRATOR), Reach.ANY),
    "notification_templates.read": _staff(Role.SUPPORT, Role.DEVELOPER),
    "notification_templates.test": dict.fromkeys((Role.SUPPORT, Role.ADMINISTRATOR), Reach.ANY),
    "clients.read": _staff(Role.DEVELOPER),
    # What happened, as programs follow it: to oneself, or in the whole program.
    "events.read": _HOLDER | _staff(Role.DEVELOPER),
    "clients.write": {Role.DEVELOPER: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "users.unlock": {Role.ADMINISTRATOR: Reach.ANY},
    "audit.read": _staff(),
    # What one proposes and another approves. Nobody decides what they proposed, whatever their roles.
    "approvals.read": _staff(Role.SUPPORT, Role.KYC_REVIEWER, Role.FRAUD_ANALYST, Role.FINANCE),
    "approvals.withdraw": dict.fromkeys(
        (Role.SUPPORT, Role.KYC_REVIEWER, Role.FRAUD_ANALYST, Role.FINANCE, Role.ADMINISTRATOR), Reach.OWN
    ),
    "approvals.decide": dict.fromkeys(
        (Role.KYC_REVIEWER, Role.FRAUD_ANALYST, Role.FINANCE, Role.ADMINISTRATOR), Reach.ANY
    ),
    "roles.grant": {Role.ADMINISTRATOR: Reach.ANY},
    "roles.approve": {Role.ADMINISTRATOR: Reach.ANY},
    "rules.write": {Role.FRAUD_ANALYST: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "rules.approve": {Role.FRAUD_ANALYST: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "ledger.write": {Role.FINANCE: Reach.ANY},
    "ledger.approve": {Role.FINANCE: Reach.ANY, Role.ADMINISTRATOR: Reach.ANY},
    "reveals.propose": dict.fromkeys((Role.SUPPORT, Role.KYC_REVIEWER, Role.FRAUD_ANALYST), Reach.ANY),
    "reveals.approve": {Role.ADMINISTRATOR: Reach.ANY},
}
"""How far each role may go with each permission; a role that is not named may not at all."""


def _apart(role: Role, others: Iterable[Role], why: str) -> dict[frozenset[Role], str]:
    return {frozenset({role, other}): why for other in others if other is not role}


CONFLICTS: Final[Mapping[frozenset[Role], str]] = {
    **_apart(Role.FINANCE, (Role.SUPPORT,), "Who talks to a customer does not move their money."),
    **_apart(Role.FINANCE, (Role.KYC_REVIEWER,), "Who lets customers in does not move their money."),
    **_apart(Role.ADMINISTRATOR, Role, "An administrator approves what the others propose."),
    **_apart(Role.AUDITOR, Role, "An auditor reads everything and changes nothing."),
    **_apart(Role.CARDHOLDER, Role, "Staff hold no cards."),
}
"""Roles that nobody holds together, and why; the database refuses the same pairs."""

PUBLIC: Final[frozenset[str]] = frozenset(
    {
        "register",
        "verify_email",
        "resend_code",
        "sign_in",
        "begin_passkey_sign_in",
        "sign_in_with_passkey",
        "list_providers",
        "begin_provider_sign_in",
        "finish_with_provider",
        "forgot_password",
        "reset_password",
        "veto_email_change",
        # Links of e-mails, which prove whom they were sent to.
        "show_unsubscribe_page",
        "unsubscribe",
        "show_address_page",
        "confirm_address",
        "get_key_set",
        # OAuth's endpoints: clients prove themselves, and people's browsers are asked on pages.
        "get_server_metadata",
        "get_openid_configuration",
        "authorize",
        "show_consent_page",
        "decide_by_form",
        "issue_tokens",
        "push_authorization_request",
        "revoke_token",
        "introspect_token",
        "get_userinfo",
        "post_userinfo",
        "end_session",
        "end_session_by_form",
        "get_health",
        "get_readiness",
        "receive_webhook",
        # Whoever has the token of a message answers what it asks.
        "answer_by_token",
        "show_answer_page",
        "answer_by_form",
        "_to_the_docs",
        "custom_swagger_ui_html",
        "swagger_ui_redirect",
        "openapi",
        "static-offline-docs",
    }
)
"""Operations that need no sign-in; webhooks prove themselves by their sender's signature."""


ANY_SESSION: Final[frozenset[str]] = frozenset(
    {
        "begin_passkey_step_up",
        "sign_out",
        "step_up_with_passkey",
        "step_up_with_recovery_code",
        "step_up_with_totp",
    }
)
"""Operations that need a session's cookie and no permission: even one that awaits its second factor."""


def reach_of(permission: Permission, roles: Iterable[Role]) -> Reach | None:
    """Return how far several roles go together with a permission; None when none of them has it.

    >>> reach_of("cards.read", [Role.CARDHOLDER])
    <Reach.OWN: 'own'>
    >>> reach_of("cards.write", [Role.AUDITOR]) is None
    True
    """
    found = {TABLE[permission][role] for role in roles if role in TABLE[permission]}
    if not found:
        return None
    return Reach.ANY if Reach.ANY in found else Reach.OWN


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """Return what several roles permit together, however far.

    >>> "ledger.read" in permissions_of([Role.FINANCE])
    True
    """
    known = list(roles)
    return frozenset(permission for permission in TABLE if reach_of(permission, known) is not None)


def find_conflict(roles: Iterable[Role]) -> str | None:
    """Return why nobody may hold all of these roles; None when somebody may.

    >>> find_conflict([Role.ADMINISTRATOR, Role.AUDITOR])
    'An auditor reads everything and changes nothing.'
    >>> find_conflict([Role.SUPPORT, Role.KYC_REVIEWER]) is None
    True
    """
    held = frozenset(roles)
    return next((why for pair, why in CONFLICTS.items() if pair <= held), None)
