"""The catalogue of acts that are recorded: guards recording, and is the page of documentation."""

from collections.abc import Iterator, Mapping
from typing import Final, get_args

from cardwright.audit.action_names import Action
from cardwright.audit.identity_actions import OF_IDENTITY
from cardwright.audit.meaning import CREDENTIALS, FAILURE, OBJECTS, PEOPLE, STAFF, TRAIL, Meaning

_CHANGE: Final = "email_change_id"
_PHONE: Final = "phone_verification_id, is_replacement"
_HOW: Final = "methods, awaits_factor"
_GRANT: Final = "client_id, scopes"
_PROPOSAL: Final = "kind, subject_id, payload_digest, before, after"
_ROLE: Final = "role, before, after, approval_id, proposed_by"
_CHALLENGE: Final = "card_id, owner_id, state, answer"
_ANSWERED: Final = "card_id, owner_id, report_fraud, way"
_APPROVER: Final = "card_id, owner_id"
_DECIDED: Final = "before, after, kind, reason"
_RULES: Final = "version, hash, author_id, before, approval_id"
_MODEL: Final = "version, hash, before"
_GUARDRAIL: Final = "name, when, reason"
_GUARDRAIL_BY_TWO: Final = f"{_GUARDRAIL}, author_id, approval_id"
_ENTRIES: Final = "name, count, values, reason"
_RULES_BY_ONE: Final = "version, hash, author_id, before, reason, restores"
_DISPUTE: Final = "owner_id, payment_id, amount, staff_reason"
_CASE: Final = "owner_id, payment_id"
_EVIDENCE: Final = "owner_id, payment_id, kind, staff_reason"

CATALOGUE: Final[Mapping[Action, Meaning]] = {
    **OF_IDENTITY,
    "annotation.read": Meaning("Staff read what was noted of a payment.", "payment", "owner_id", PEOPLE),
    "api_key.created": Meaning("Somebody made an API key.", "API key", "scopes, expires_at", CREDENTIALS),
    "api_key.replaced": Meaning(
        "An API key got a successor.", "API key", "replaced_by, expires_at", CREDENTIALS
    ),
    "api_key.revoked": Meaning("An API key counts no more.", "API key", "owner_id", CREDENTIALS),
    "approval.applied": Meaning("What was approved took effect.", "proposal", _PROPOSAL, STAFF),
    "approval.approved": Meaning("Somebody else approved a proposal.", "proposal", _PROPOSAL, STAFF),
    "approval.expired": Meaning("Nobody decided a proposal in time.", "proposal", _PROPOSAL, STAFF),
    "approval.proposed": Meaning("Staff proposed what takes two people.", "proposal", _PROPOSAL, STAFF),
    "approval.rejected": Meaning("Somebody else rejected a proposal.", "proposal", _PROPOSAL, STAFF),
    "approval.withdrawn": Meaning("Who proposed it took it back.", "proposal", _PROPOSAL, STAFF),
    "account.closed": Meaning("Somebody closed their account.", "user", "", CREDENTIALS),
    "account.erased": Meaning("A closed account's personal data was erased.", "user", "", OBJECTS),
    "account.locked": Meaning("Too many wrong passwords for staff.", "user", "minutes, event_id", FAILURE),
    "account.unlocked": Meaning("An administrator ended a lock.", "user", "", CREDENTIALS),
    "code.requested": Meaning("Somebody asked for another code.", "registration", "", CREDENTIALS),
    "email.change_requested": Meaning("Somebody wants another address.", "user", _CHANGE, CREDENTIALS),
    "email.change_vetoed": Meaning("The old address undid a change.", "user", _CHANGE, CREDENTIALS),
    "email.changed": Meaning("An account has another address.", "user", _CHANGE, CREDENTIALS),
    "password.changed": Meaning("Somebody changed their password.", "user", "", CREDENTIALS),
    "password.reset": Meaning("A link replaced a password.", "user", "reset_id", CREDENTIALS),
    "password.reset_requested": Meaning("Somebody forgot a password.", "reset", "", CREDENTIALS),
    "phone.code_requested": Meaning("Somebody wants to prove a number.", "user", _PHONE, CREDENTIALS),
    "phone.verified": Meaning("Somebody proved a number.", "user", _PHONE, CREDENTIALS),
    "audit.exported": Meaning("Somebody took a copy of the trail.", "program", "size", TRAIL),
    "audit.personal_data_erased": Meaning(
        "Where a person's acts came from was erased.", "user", "count", OBJECTS
    ),
    "audit.read": Meaning("Somebody read a page of the trail.", "program", "cursor, count", TRAIL),
    "card_batch.canceled": Meaning("A holder stopped a list of cards.", "batch"),
    "card_batch.requested": Meaning("A holder asked for a list of cards.", "batch", "rows", OBJECTS),
    "card_template.changed": Meaning("Staff changed a template.", "template", "before, after"),
    "card_template.created": Meaning("Staff prepared a template.", "template", "after", OBJECTS),
    "auto_top_up.set": Meaning(
        "Somebody lets money be added by itself.",
        "user",
        "threshold, amount, most_per_day, most_per_month, payment_method_id",
    ),
    "auto_top_up.switched_off": Meaning("Money is added by itself no more.", "user", "reason"),
    "card.canceled": Meaning("A card was closed for good.", "card", "before, after, reason", OBJECTS),
    "card.controls_changed": Meaning("What a card may buy was changed.", "card", "before, after"),
    "card.drift_found": Meaning(
        "A card at the processor was not as here.", "card", "ours, theirs, repair", OBJECTS
    ),
    "card.exception_ended": Meaning("A holder ended an exception.", "card", "exception_id"),
    "card.exception_made": Meaning("A holder let a merchant through.", "card", "merchant_id, until"),
    "card.frozen": Meaning("A card was frozen.", "card", "before, after, reason"),
    "card.held_up": Meaning("The processor does not issue a card yet.", "card", "reason"),
    "card.issued": Meaning("The processor issued a card.", "card", "before, after", OBJECTS),
    "card.key_requested": Meaning("The processor was to show a card.", "card", "", PEOPLE),
    "card.limits_changed": Meaning("The limits of a card were replaced.", "card", "before, after"),
    "card.locked": Meaning("Staff locked a card.", "card", "owner_id, reason", PEOPLE),
    "card.merchant_locked": Meaning("A card was locked to a merchant.", "card", "before, after"),
    "card.number_erased": Meaning("The number of a canceled card was erased.", "card", "", OBJECTS),
    "card.number_revealed": Meaning("A holder saw a card's number.", "card", "grant_id", PEOPLE),
    "card.read": Meaning("Staff looked at somebody's card.", "card", "owner_id", PEOPLE),
    "card.relabelled": Meaning("A card got another label or look.", "card", "changed"),
    "card.replaced": Meaning("A card was made in place of another.", "card", "replaces, reason", OBJECTS),
    "card.requested": Meaning("A cardholder asked for a card.", "card", "type, currency, limits", OBJECTS),
    "card.reveal_granted": Meaning("A holder may see a number once.", "card", "grant_id", PEOPLE),
    "card.reveal_refused": Meaning("A grant to see a number did not fit.", "card", "", FAILURE),
    "card.unfrozen": Meaning("A frozen card may pay again.", "card", "before, after, reason"),
    "card.unlocked": Meaning("Staff unlocked a card.", "card", "owner_id, reason", PEOPLE),
    "card_drifts.read": Meaning("Staff listed what drifted.", "program", "cursor", PEOPLE),
    "approver.accepted": Meaning("Somebody may answer for another's card.", "invitation", _APPROVER, PEOPLE),
    "approver.carried_over": Meaning(
        "Who answers for a card does so for its successor, too.", "invitation", _APPROVER, PEOPLE
    ),
    "approver.declined": Meaning("Somebody will not answer for a card.", "invitation", _APPROVER),
    "approver.invited": Meaning("A holder asked somebody to answer, too.", "invitation", _APPROVER),
    "approver.removed": Meaning("A holder took that back.", "invitation", _APPROVER),
    "challenge.answered": Meaning("The server took a decision.", "challenge", _CHALLENGE),
    "challenge.approved": Meaning("Somebody confirmed a purchase.", "challenge", _ANSWERED, PEOPLE),
    "challenge.canceled": Meaning("A merchant stopped asking.", "challenge", _CHALLENGE),
    "challenge.expired": Meaning("Nobody was heard in time.", "challenge", _CHALLENGE),
    "challenge.read": Meaning("Staff looked at somebody's challenge.", "challenge", "owner_id", PEOPLE),
    "challenge.refused": Meaning("Somebody refused a purchase.", "challenge", _ANSWERED, PEOPLE),
    "challenge.requested": Meaning("A merchant asks for a confirmation.", "challenge", _CHALLENGE),
    "challenges.read": Meaning("Staff listed challenges.", "program", "card_id, cursor", PEOPLE),
    "case.answered": Meaning(
        "A holder said whether a payment was theirs.", "case", f"{_CASE}, answer, answered_by"
    ),
    "case.assigned": Meaning("A case got somebody, or nobody.", "case", f"{_CASE}, before, after"),
    "case.decided": Meaning(
        "A case was decided, with its effects.",
        "case",
        f"{_CASE}, finding, reason, card, replaced_by, lists, dispute_id",
        STAFF,
    ),
    "case.flagged": Meaning("Rules flagged the payment of a case again.", "case", f"{_CASE}, rules"),
    "case.noted": Meaning("Staff wrote a note of a case.", "case", f"{_CASE}, note_id"),
    "case.opened": Meaning("A payment is looked into.", "case", f"{_CASE}, source, rules, reason", OBJECTS),
    "case.overdue": Meaning("A case was not decided in time.", "case", f"{_CASE}, priority"),
    "case.read": Meaning("Staff looked at a case or its evidence.", "case", "owner_id", PEOPLE),
    "case.reopened": Meaning("A resolved case is looked into again.", "case", f"{_CASE}, reason, before"),
    "case.reply_refused": Meaning(
        "A text message from a holder's number had a wrong code.", "case", f"{_CASE}, tries"
    ),
    "case.reported": Meaning("A holder said that a payment was not theirs.", "case", _CASE),
    "cases.read": Meaning("Staff read the queue of cases.", "program", "cursor", PEOPLE),
    "dispute.changed": Meaning("A draft of a dispute was changed.", "dispute", _DISPUTE),
    "dispute.evidence_added": Meaning("A file was shown in a dispute.", "dispute", _EVIDENCE, OBJECTS),
    "dispute.evidence_removed": Meaning("A file was taken out.", "dispute", _EVIDENCE, OBJECTS),
    "dispute.expired": Meaning("Nobody submitted a dispute in time.", "dispute", _DISPUTE),
    "dispute.lost": Meaning("The network decided for the merchant.", "dispute", _DISPUTE),
    "dispute.opened": Meaning("Somebody disputes a charge.", "dispute", _DISPUTE, OBJECTS),
    "dispute.read": Meaning("Staff looked at somebody's dispute.", "dispute", "owner_id", PEOPLE),
    "dispute.returned": Meaning("The network refused a dispute as it was.", "dispute", "owner_id, refusal"),
    "dispute.submitted": Meaning("A dispute was submitted.", "dispute", _DISPUTE),
    "dispute.withdrawn": Meaning("A dispute was given up.", "dispute", _DISPUTE),
    "dispute.won": Meaning("The network decided for the cardholder.", "dispute", _DISPUTE),
    "disputes.read": Meaning("Staff read the queue of disputes.", "program", "cursor", PEOPLE),
    "client.disabled": Meaning("An application's access ended for good.", "client", "", CREDENTIALS),
    "client.registered": Meaning("An application was let in.", "client", "auth_method, scopes", CREDENTIALS),
    "client.secret_replaced": Meaning("An application has another secret.", "client", "", CREDENTIALS),
    "consent.given": Meaning("Somebody let an application act.", "interaction", _GRANT, CREDENTIALS),
    "consent.refused": Meaning("Somebody refused an application.", "interaction", _GRANT, CREDENTIALS),
    "data_key.rewrapped": Meaning("Data keys were wrapped with another key.", "program", "keys", STAFF),
    "data_key.rotated": Meaning("Records are encrypted under a new data key.", "program", "records", STAFF),
    "difference.accepted": Meaning("Staff left a difference as it is.", "difference", _DECIDED, STAFF),
    "difference.entry_proposed": Meaning(
        "Staff proposed an entry that mends a difference.",
        "difference",
        "approval_id, delta, currency",
        STAFF,
    ),
    "difference.explained": Meaning("Staff said why a difference is.", "difference", _DECIDED, STAFF),
    "difference.read": Meaning("Staff looked at a difference.", "difference", "", STAFF),
    "difference.repair_requested": Meaning("Staff had a record read anew.", "difference", "", STAFF),
    "difference.repaired": Meaning("Both sides agree again.", "difference", "record, external_id, kind"),
    "differences.read": Meaning("Staff listed differences or totals.", "program", "cursor, what", STAFF),
    "email.proof_failed": Meaning(
        "A code for an address was wrong, used or expired.", "user, or `unknown`", "registration_id", FAILURE
    ),
    "email.proven": Meaning(
        "Somebody proved an address and so set its password.", "user", "registration_id", CREDENTIALS
    ),
    "grant.given": Meaning("An application got tokens of a person.", "grant", _GRANT, CREDENTIALS),
    "grant.revoked": Meaning("An application lost what it was granted.", "grant", "client_id", CREDENTIALS),
    "identity.linked": Meaning(
        "Somebody may sign in with an outside account.", "link", "provider, issuer", CREDENTIALS
    ),
    "identity.unlinked": Meaning(
        "An outside account counts no more.", "link", "provider, issuer", CREDENTIALS
    ),
    "journal.read": Meaning("Staff read journal entries.", "program", "entry_id, account_id, cursor", STAFF),
    "ledger.exported": Meaning("Somebody took a copy of the journal.", "program", "size", STAFF),
    "ledger_accounts.read": Meaning(
        "Staff read ledger accounts and their balances.", "program", "account_id, of: whose, cursor", STAFF
    ),
    "ledger_period.changed": Meaning(
        "The books of a month were closed or opened again.",
        "period",
        "action, month, approval_id, proposed_by",
        STAFF,
    ),
    "ledger_entry.posted": Meaning(
        "An entry made by hand was posted.", "journal entry", "approval_id, proposed_by, balances", STAFF
    ),
    "limits.changed": Meaning("Staff set limits for many cards.", "subject", "scope, before, after"),
    "merchant.acceptor_added": Meaning(
        "Staff gave a merchant an id of a network.", "merchant", "source, acceptor_id, before"
    ),
    "merchant.merged": Meaning("Staff said that two merchants are one.", "merchant", "merged"),
    "merchant.renamed": Meaning("Staff gave a merchant another name.", "merchant", "before, after"),
    "merchant.split": Meaning(
        "Staff gave an id its own merchant.", "merchant", "split_off, source, acceptor_id"
    ),
    "merchant.unmerged": Meaning("Staff undid a merge.", "merchant", "restored"),
    "merchant_learning.changed": Meaning(
        "Descriptors may teach who a merchant is, or no more.", "program", "before, after"
    ),
    "message.resent": Meaning(
        "Staff had a message sent again.", "notification", "owner_id, channel, resent_as, before"
    ),
    "messages.read": Meaning("Staff read what became of messages.", "user", "", PEOPLE),
    "passkey.added": Meaning("A passkey counts from now on.", "passkey", "", CREDENTIALS),
    "passkey.counter_rolled_back": Meaning(
        "A passkey's counter went backwards: there may be a copy.",
        "passkey",
        "known_count, told_count",
        FAILURE,
    ),
    "passkey.removed": Meaning("A passkey counts no more.", "passkey", "", CREDENTIALS),
    "passkey.renamed": Meaning("A passkey has another name.", "passkey"),
    "notification_template.tested": Meaning(
        "Staff had an e-mail with invented facts sent to themselves.", "user", "event_type, language", STAFF
    ),
    "payment_method.changed": Meaning(
        "A kept payment method has another name, or is the default.",
        "payment method",
        "label_changed, is_default",
    ),
    "payment_method.removed": Meaning("A payment method is kept no more.", "payment method"),
    "payment_method.requested": Meaning("Somebody keeps a payment method.", "payment method"),
    "payment.read": Meaning("Staff looked at somebody's payment.", "payment", "owner_id", PEOPLE),
    "payments.read": Meaning("Staff listed everybody's payments.", "program", "filters, cursor", PEOPLE),
    "profile.changed": Meaning("Somebody changed their profile.", "user", "changed: names of fields"),
    "reconciliation.done": Meaning("A reconciliation ended.", "run", "fetched, compared, found, repaired"),
    "reconciliation.read": Meaning("Staff listed reconciliations.", "program", "cursor", STAFF),
    "reconciliation.requested": Meaning("Somebody had everything compared.", "run", "since", STAFF),
    "receipt.added": Meaning(
        "A receipt was kept with a payment.", "receipt", "payment_id, media_type, size_bytes", PEOPLE
    ),
    "receipt.read": Meaning("Staff downloaded a receipt.", "receipt", "owner_id", PEOPLE),
    "receipt.removed": Meaning("A receipt was forgotten.", "receipt", "payment_id", PEOPLE),
    "recovery_code.used": Meaning("A recovery code was used up.", "user", "codes_left", CREDENTIALS),
    "recovery_codes.replaced": Meaning("Somebody has new recovery codes.", "user", "", CREDENTIALS),
    "registration.requested": Meaning(
        "Somebody asked to register an address.", "user", "registration_id, is_proven", CREDENTIALS
    ),
    "risk_model.activated": Meaning("Another risk model scores payments.", "risk model", _MODEL, STAFF),
    "risk_model.deactivated": Meaning("No risk model scores payments.", "risk model", _MODEL, STAFF),
    "risk_model.imported": Meaning("A risk model was kept.", "risk model", "version, hash", STAFF),
    "role.granted": Meaning("Somebody was given a role.", "user", _ROLE, CREDENTIALS),
    "role.revoked": Meaning("Somebody lost a role.", "user", _ROLE, CREDENTIALS),
    "guardrail.dropped": Meaning(
        "Rules are held to a guardrail no longer.", "guardrail", _GUARDRAIL_BY_TWO, STAFF
    ),
    "guardrail.kept": Meaning("Rules are held to a guardrail.", "guardrail", _GUARDRAIL, STAFF),
    "backtest.canceled": Meaning("A backtest of rules was called off.", "backtest", "", STAFF),
    "backtest.ended": Meaning("A backtest of rules ended.", "backtest", "state"),
    "backtest.read": Meaning("Staff looked at backtests of rules.", "backtest", "cursor", STAFF),
    "backtest.requested": Meaning(
        "Rules were to be tried on what happened.", "backtest", "rules, version", STAFF
    ),
    "rule_list.created": Meaning("A list for rules was made.", "list", "name, kind", STAFF),
    "rule_list.entries_put": Meaning("A list for rules has more entries.", "list", _ENTRIES, STAFF),
    "rule_list.entries_removed": Meaning("A list for rules has fewer entries.", "list", _ENTRIES, STAFF),
    "rulebook.killed": Meaning("No rule decides any more.", "program", _RULES_BY_ONE, STAFF),
    "rulebook.published": Meaning("Other rules decide.", "program", _RULES, STAFF),
    "rulebook.rolled_back": Meaning(
        "The rules of a version before decide again.", "program", _RULES_BY_ONE, STAFF
    ),
    "session.opened": Meaning("Somebody signed in.", "session", _HOW, CREDENTIALS),
    "session.refused": Meaning("A sign-in failed.", "user, or `unknown`", "", FAILURE),
    "session.revoked": Meaning("Somebody signed out, or was.", "session", _HOW, CREDENTIALS),
    "session.strengthened": Meaning("A stronger factor was used.", "session", _HOW, CREDENTIALS),
    "sessions.ended": Meaning("Staff signed somebody out everywhere.", "user", "reason", CREDENTIALS),
    "sessions.read": Meaning("Staff saw where somebody is signed in.", "user", "owner_id", PEOPLE),
    "signing_key.rotated": Meaning(
        "Tokens are signed with another key.", "key", "retired, is_compromised", STAFF
    ),
    "top_up.read": Meaning("Staff looked at somebody's top-up.", "top-up", "owner_id", PEOPLE),
    "top_up.cancel_requested": Meaning("Somebody gave a top-up up.", "top-up"),
    "top_up.requested": Meaning(
        "Somebody adds money, or their rule does.", "top-up", "amount, currency, origin, payment_method_id"
    ),
    "top_up_dispute.changed": Meaning(
        "A bank disputes a top-up, or has decided.", "dispute", "state, top_up_id, amount"
    ),
    "top_up_dispute.read": Meaning(
        "Staff looked at the dispute of somebody's top-up.", "dispute", "owner_id", PEOPLE
    ),
    "top_up_disputes.read": Meaning("Staff listed the disputes of top-ups.", "program", "cursor", PEOPLE),
    "top_ups.read": Meaning("Staff listed everybody's top-ups.", "program", "cursor", PEOPLE),
    "totp.added": Meaning("An authenticator app counts from now on.", "app", "", CREDENTIALS),
    "totp.removed": Meaning("An authenticator app counts no more.", "app", "", CREDENTIALS),
    "trial_balance.read": Meaning("Staff read the trial balance.", "program", "at", STAFF),
    "user.read": Meaning("Staff looked at a person.", "user", "owner_id", PEOPLE),
    "user.revealed": Meaning("Staff saw a whole record.", "user", "approval_id, approved_by", PEOPLE),
    "users.read": Meaning(
        "Staff listed the people of the program.", "program", "cursor, searched_by", PEOPLE
    ),
    "wallet.read": Meaning("Staff saw somebody's balance.", "user", "owner_id", PEOPLE),
    "webhook_delivery.read": Meaning(
        "Staff looked at what was sent to a webhook endpoint.", "webhook delivery", "owner_id", PEOPLE
    ),
    "webhook_endpoint.changed": Meaning(
        "Somebody changed a webhook endpoint.", "webhook endpoint", "owner_id, changed", OBJECTS
    ),
    "webhook_endpoint.created": Meaning(
        "Somebody made a webhook endpoint.", "webhook endpoint", "owner_id, event_types", CREDENTIALS
    ),
    "webhook_endpoint.deleted": Meaning(
        "Somebody deleted a webhook endpoint.", "webhook endpoint", "owner_id", CREDENTIALS
    ),
    "webhook_endpoint.disabled": Meaning(
        "A webhook endpoint was given up: it is gone, or failed for days.",
        "webhook endpoint",
        "reason",
        FAILURE,
    ),
    "webhook_endpoint.replayed": Meaning(
        "Somebody had events sent again.",
        "webhook endpoint",
        "owner_id, delivery_id, since, until, which",
        OBJECTS,
    ),
    "webhook_endpoint.secret_rotated": Meaning(
        "A webhook endpoint got new keys.", "webhook endpoint", "owner_id, overlap_seconds", CREDENTIALS
    ),
    "withdrawal.read": Meaning("Staff looked at somebody's withdrawal.", "withdrawal", "owner_id", PEOPLE),
    "withdrawal.requested": Meaning(
        "Money goes back to where it came from; with kind refund, because staff said so.",
        "withdrawal",
        "kind, amount, currency, reason, top_ups",
    ),
    "withdrawals.read": Meaning("Staff listed everybody's withdrawals.", "program", "cursor", PEOPLE),
}
"""Every act; what is not here cannot be recorded."""

ACTIONS: Final[frozenset[str]] = frozenset(get_args(Action))


def handbook() -> str:
    """Return the page of the catalogue as Markdown."""
    return "\n".join([*_INTRODUCTION, *_rows(), ""])


def _rows() -> Iterator[str]:
    for action, meaning in sorted(CATALOGUE.items()):
        cells = (f"`{action}`", meaning.what, meaning.subject, meaning.details, meaning.asked_by)
        yield f"| {' | '.join(cells)} |"


_INTRODUCTION: Final = (
    "# What the audit trail records",
    "",
    "Written by `make audit-actions` from the catalogue that recording is checked against; do not edit.",
    "",
    "Every entry says who (`actor_id`: a user, or a word such as `anonymous`, `processor` or `operator`),",
    "did what (`action`), to whom or what (`subject_id`), when (`occurred_at`) and in which request",
    "(`request_id`). From where (the client's address and what it calls itself) is personal: the entry holds",
    "a digest under a random key, and the data stand beside it until they are erased. No entry holds a name,",
    "an address, a card's number or a secret, and no text in it has a character that a terminal would obey.",
    "",
    "Every few seconds the worker seals what is new: the entry in the canonical form of RFC 8785 is the leaf",
    "of a Merkle tree (RFC 6962), one tree per program, and its root is signed (Ed25519, C2SP signed note).",
    "`cardwright audit export FILE` writes all of it; `cardwright verify audit FILE --key PUBLIC.pem` finds",
    "any change to it with the public key alone, and with `--since CHECKPOINT` also a trail that was rolled",
    "back. `cardwright verify` compares the rows of the database with what was sealed.",
    "",
    "| action | what happened | subject | details | PCI DSS 4.0.1 |",
    "| --- | --- | --- | --- | --- |",
)
