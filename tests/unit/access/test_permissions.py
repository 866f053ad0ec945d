"""The permission table, read back as a whole, and the boot check on routes."""

import pytest
from fastapi import APIRouter, Depends, FastAPI

from cardwright.access.guards import allow
from cardwright.access.permissions import PERMISSIONS, TABLE, Reach, Role, permissions_of, reach_of
from cardwright.access.routes import ensure_declared, operations
from cardwright.main import build_api

EXPECTED = """
                   cardholder support kyc_reviewer fraud_analyst finance developer administrator auditor
account.read              own     own          own           own     own       own           own     own
account.write             own     own          own           own     own       own           own     own
approvals.decide            -       -          any           any     any         -           any       -
approvals.read              -     any          any           any     any         -           any     any
approvals.withdraw          -     own          own           own     own         -           own       -
approvers.write            own       -            -             -       -         -             -       -
api_keys.read               -       -            -             -       -       own           any     any
api_keys.revoke             -       -            -             -       -       own           any       -
api_keys.write              -       -            -             -       -       own           own       -
audit.read                  -       -            -             -       -         -           any     any
card_drifts.read            -     any            -           any       -         -           any     any
card_templates.read       own     any            -           any       -         -           any     any
card_templates.write        -       -            -           any       -         -           any       -
cards.lock                  -     any            -           any       -         -           any       -
cards.read                own     any            -           any       -         -           any     any
cards.reveal              own       -            -             -       -         -             -       -
cards.write               own       -            -             -       -         -             -       -
cases.read                  -       -            -           any       -         -           any     any
cases.write                 -       -            -           any       -         -           any       -
challenges.decide          own       -            -             -       -         -             -       -
challenges.read            own     any            -             -       -         -           any     any
clients.read                -       -            -             -       -       any           any     any
clients.write               -       -            -             -       -       any           any       -
devices.write             own     own          own           own     own       own           own     own
disputes.read             own     any            -           any     any         -           any     any
disputes.write            own     any            -           any       -         -           any       -
events.read               own       -            -             -       -       any           any     any
identity_documents.erase  -       -            any             -       -         -             any     -
identity_documents.review -       -            any             -       -         -             -       -
identity_levels.approve     -       -          any             -       -         -           any       -
identity_reviews.approve    -       -          any             -       -         -           any       -
identity_reviews.configure  -       -            -             -       -         -           any       -
identity_reviews.decide     -       -          any             -       -         -           any       -
identity_reviews.read       -       -          any             -       -         -           any     any
kyc.read                  own     any          any             -       -         -           any     any
kyc.require_reverification  -       -            any             -       -         -             any     -
kyc.submit                own       -            -             -       -         -             -       -
ledger.approve              -       -            -             -     any         -           any       -
ledger.read                 -       -            -             -     any         -           any     any
ledger.write                -       -            -             -     any         -             -       -
limits.read                 -     any            -           any       -         -           any     any
limits.write                -       -            -           any       -         -           any       -
merchants.read            own     any            -           any       -         -           any     any
merchants.write             -       -            -           any       -         -           any       -
message_deliveries.read     -     any            -             -       -         -           any     any
message_deliveries.resend   -     any            -             -       -         -           any       -
notification_preferences.write own own         own           own     own       own           own     own
notification_templates.read  -  any            -             -       -       any           any     any
notification_templates.test  -  any            -             -       -         -           any       -
notifications.read        own     own          own           own     own       own           own     own
notifications.write       own     own          own           own     own       own           own     own
overview.read               -     any          any           any     any       any           any     any
payment_methods.read      own       -            -             -       -         -             -       -
payment_methods.write     own       -            -             -       -         -             -       -
payment_questions.answer  own       -            -             -       -         -             -       -
payment_questions.read    own       -            -             -       -         -             -       -
payments.annotate         own       -            -             -       -         -             -       -
payments.read             own     any            -           any     any         -           any     any
profile.write             own     own          own           own     own       own           own     own
reconciliation.read         -       -            -             -     any         -           any     any
reconciliation.write        -       -            -             -     any         -             -       -
reveals.approve             -       -            -             -       -         -           any       -
reveals.propose             -     any          any           any       -         -             -       -
roles.approve               -       -            -             -       -         -           any       -
roles.grant                 -       -            -             -       -         -           any       -
rules.approve               -       -            -           any       -         -           any       -
rules.read                  -       -            -           any       -         -           any     any
rules.write                 -       -            -           any       -         -           any       -
screening.decide            -       -          any             -       -         -           any       -
screening.read              -       -          any             -       -         -           any     any
sessions.end                -     any            -           any       -         -           any       -
sessions.read               -     any            -           any       -         -           any     any
top_up_disputes.read      own     any            -           any     any         -           any     any
top_ups.read              own     any            -             -     any         -           any     any
top_ups.refund              -       -            -             -     any         -           any       -
top_ups.write             own       -            -             -       -         -             -       -
users.read                  -     any          any           any       -         -           any     any
users.unlock                -       -            -             -       -         -           any       -
wallet.read               own       -            -             -       -         -             -       -
wallets.read                -     any            -           any     any         -           any     any
webhooks.read             own       -            -             -       -       any           any     any
webhooks.write            own       -            -             -       -       any           any       -
withdrawals.read          own     any            -             -     any         -           any     any
withdrawals.write         own       -            -             -       -         -             -       -
"""


def test_each_role_permits_what_the_table_says_and_nothing_else() -> None:
    header, *lines = EXPECTED.strip().splitlines()
    expected = {
        (line.split()[0], Role(role)): None if reach == "-" else Reach(reach)
        for line in lines
        for role, reach in zip(header.split(), line.split()[1:], strict=True)
    }
    actual = {(name, role): reaches.get(role) for name, reaches in TABLE.items() for role in Role}
    assert actual == expected
    assert set(TABLE) == PERMISSIONS


def test_roles_add_up_to_the_furthest_reach() -> None:
    assert permissions_of([]) == frozenset()
    both = [Role.CARDHOLDER, Role.SUPPORT]
    assert permissions_of(both) == permissions_of(both[:1]) | permissions_of(both[1:])
    assert reach_of("cards.read", both) is Reach.ANY
    assert reach_of("cards.write", both) is Reach.OWN


def test_the_auditor_reads_all_that_staff_may_read_and_changes_nothing_but_the_own_account() -> None:
    seen = {name for name, reaches in TABLE.items() if Reach.ANY in reaches.values()}
    reads = {name for name in seen if name.endswith(".read")}
    own = {
        "account.read",
        "account.write",
        "devices.write",
        "notification_preferences.write",
        "notifications.read",
        "profile.write",
        "notifications.write",
    }
    assert permissions_of([Role.AUDITOR]) == reads | own


def test_a_guard_for_an_unknown_permission_cannot_be_made() -> None:
    with pytest.raises(ValueError, match=r"cards\.fly"):
        allow("cards.fly")  # type: ignore[arg-type]


def test_every_route_of_the_application_is_declared() -> None:
    api = build_api()
    ensure_declared(api.routes)
    described = {each["operationId"] for path in api.openapi()["paths"].values() for each in path.values()}
    assert described < {operation.name for operation in operations(api.routes)}


def test_what_cannot_declare_anything_is_not_mounted() -> None:
    api = FastAPI(docs_url=None, redoc_url=None)
    api.mount("/elsewhere", FastAPI(), name="elsewhere")
    with pytest.raises(RuntimeError, match="elsewhere"):
        ensure_declared(api.routes)


@pytest.mark.parametrize("needs", [[], ["cards.read", "cards.write"]])
def test_a_route_that_declares_nothing_or_two_things_stops_the_start(needs: list[str]) -> None:
    api, router = FastAPI(docs_url=None, redoc_url=None), APIRouter()

    @router.get("/open-door", dependencies=[Depends(allow(permission)) for permission in needs])  # type: ignore[arg-type]
    async def open_door() -> None: ...

    api.include_router(router)
    with pytest.raises(RuntimeError, match="open_door"):
        ensure_declared(api.routes)
