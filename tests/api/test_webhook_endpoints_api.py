"""Webhook endpoints as developers and holders make, change and lose them."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from standardwebhooks import Webhook, WebhookVerificationError
from time_machine import travel

from browsers import sign_in
from cardwright.access import Principal, Role
from cardwright.api_keys import Environment, NewKey, create_key
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.webhooks.domain import MOST_ENDPOINTS
from webhook_desk import ENDPOINTS, Desk, a_desk
from webhook_receivers import Received

CLEARED = "payments.payment_cleared"
NEW_DEVICE = "authentication.signed_in_from_new_device"


@pytest.fixture
async def desk(engine: AsyncEngine, clock: MovableClock, database_url: str) -> AsyncIterator[Desk]:
    async with a_desk(engine, clock, database_url) as made:
        yield made


def verified(received: Received, secret: str) -> Any:
    """Verify as a receiver does, by the public library, when it came."""
    with travel(int(received.headers["webhook-timestamp"])):
        return Webhook(secret).verify(received.body, dict(received.headers))


def verifies_asymmetrically(received: Received, public_key: str) -> bool:
    """Verify `v1a` by the standard's words: any of the signatures, over id, time and the raw body."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    signed = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode()
    for each in received.headers["webhook-signature"].split(" "):
        scheme, _, signature = each.partition(",")
        try:
            key.verify(base64.b64decode(signature), signed + received.body)
        except Exception:  # noqa: BLE001, S112 - not this one
            continue
        return scheme == "v1a"
    return False


async def test_what_happens_is_posted_and_verified_by_the_public_library(desk: Desk) -> None:
    made = await desk.make(event_types=["payments.*"])
    assert made["secret"].startswith("whsec_")
    (happened,) = await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1250, currency="USD"))
    assert await desk.deliver() == 1
    (received,) = desk.receiver.received
    assert verified(received, made["secret"]) == received.event
    assert received.event == await desk.get(f"/v1/events/{happened.id}")
    assert received.headers["webhook-id"] == received.event["id"] == happened.id
    assert received.headers["content-type"] == "application/json"
    assert received.event["type"] == CLEARED
    assert received.event["position"] == 1
    assert received.event["data"]["amount"] == 1250
    with pytest.raises(WebhookVerificationError):
        verified(received, "whsec_" + base64.b64encode(b"another secret of thirty-two bytes").decode())


async def test_the_secret_is_shown_once_and_not_to_a_repeated_request(desk: Desk) -> None:
    wanted = {"url": desk.receiver.at("/hook"), "event_types": ["*"]}
    first = await desk.post(ENDPOINTS, "developer", "same", **wanted)
    again = await desk.post(ENDPOINTS, "developer", "same", **wanted)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == {**first.json(), "secret": None}
    assert "secret" not in await desk.get(f"{ENDPOINTS}/{first.json()['id']}")
    assert len((await desk.get(ENDPOINTS))["data"]) == 1


async def test_no_secret_is_in_clear_in_any_table_log_or_audit_entry(desk: Desk) -> None:
    with structlog.testing.capture_logs() as logs:
        made = await desk.make(signatures=["v1", "v1a"])
        rotated = (
            await desk.post(f"{ENDPOINTS}/{made['id']}/rotate-secret", "developer", overlap_hours=1)
        ).json()
        await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
        await desk.deliver()
    assert made["secret"] != rotated["secret"]
    async with transaction(desk.engine) as session:
        names = (
            await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        ).all()
        kept = json.dumps(logs, default=str) + "".join(
            [str((await session.execute(text(f"SELECT * FROM {name}"))).all()) for name in names]  # noqa: S608
        )
    assert made["id"] in kept
    for secret in (made["secret"], rotated["secret"]):
        assert secret[6:] not in kept
    assert "whsk_" not in kept


async def test_each_endpoint_chooses_its_signatures_and_the_public_key_can_be_read(desk: Desk) -> None:
    hmac, pair, both = [
        await desk.make(path=f"/{number}", signatures=wanted)
        for number, wanted in enumerate((["v1"], ["v1a"], ["v1a", "v1"]))
    ]
    assert pair["secret"] is None
    assert hmac["public_keys"] == []
    await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
    await desk.deliver()
    by_path = {each.path: each for each in desk.receiver.received}
    assert verified(by_path["/0"], hmac["secret"])
    assert "v1a" not in by_path["/0"].headers["webhook-signature"]
    assert [part[:4] for part in by_path["/1"].headers["webhook-signature"].split()] == ["v1a,"]
    assert verified(by_path["/2"], both["secret"])
    for path, made in (("/1", pair), ("/2", both)):
        (key,) = (await desk.get(f"{ENDPOINTS}/{made['id']}"))["public_keys"]
        assert verifies_asymmetrically(by_path[path], key["public_key"])
        assert not verifies_asymmetrically(by_path["/0"], key["public_key"])


async def test_while_a_secret_changes_both_sign_and_then_the_new_one_alone(desk: Desk) -> None:
    made = await desk.make(signatures=["v1", "v1a"])
    answer = await desk.post(f"{ENDPOINTS}/{made['id']}/rotate-secret", "developer", overlap_hours=2)
    rotated = answer.json()
    old_key, new_key = made["public_keys"][0]["public_key"], rotated["public_keys"][0]["public_key"]
    assert [key["public_key"] for key in rotated["public_keys"]] == [new_key, old_key]

    async def received() -> Received:
        await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
        await desk.deliver()
        return desk.receiver.received[-1]

    during = await received()
    assert verified(during, made["secret"]) == verified(during, rotated["secret"])
    assert verifies_asymmetrically(during, old_key)
    assert verifies_asymmetrically(during, new_key)
    desk.clock.advance(timedelta(hours=2))
    after = await received()
    assert verified(after, rotated["secret"])
    assert not verifies_asymmetrically(after, old_key)
    with pytest.raises(WebhookVerificationError):
        verified(after, made["secret"])


async def test_rotating_again_breaks_no_promise_and_a_secret_can_be_ended_at_once(desk: Desk) -> None:
    made = await desk.make()
    path = f"{ENDPOINTS}/{made['id']}/rotate-secret"
    second = (await desk.post(path, "developer", overlap_hours=1)).json()
    third = (await desk.post(path, "developer", overlap_hours=72)).json()

    async def received() -> Received:
        await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
        await desk.deliver()
        return desk.receiver.received[-1]

    # Whoever lost an answer rotates once more, while the receiver still has the secret before both.
    for each in (made, second, third):
        assert verified(await received(), each["secret"])
    await desk.post(path, "developer", overlap_hours=72)
    refused = await desk.post(path, "developer", overlap_hours=72)
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_secrets_too_many")
    desk.clock.advance(timedelta(hours=1))
    assert verified(await received(), second["secret"])
    with pytest.raises(WebhookVerificationError):
        verified(await received(), made["secret"])
    last = (await desk.post(path, "developer", overlap_hours=0)).json()
    await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
    await desk.deliver()
    assert verified(desk.receiver.received[-1], last["secret"])
    assert " " not in desk.receiver.received[-1].headers["webhook-signature"]
    assert (await desk.post(path, "developer", overlap_hours=73)).status_code == 422


async def test_a_holder_hears_of_what_is_about_them_and_developers_of_the_program(desk: Desk) -> None:
    for who in ("holder", "neighbour", "developer"):
        await desk.make(who, f"/{who}")
    mine = desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD")
    device = desk.event(NEW_DEVICE, session_id="sess_1")
    theirs = desk.event(CLEARED, "neighbour", payment_id="pay_2", amount=1, currency="USD")
    await desk.happen(mine, device, theirs)
    await desk.deliver()
    assert set(desk.receiver.events_at("/holder")) == {mine.id, device.id}
    assert desk.receiver.events_at("/neighbour") == [theirs.id]
    # The security of somebody's account is no developer's affair.
    assert set(desk.receiver.events_at("/developer")) == {mine.id, theirs.id}
    of_holder = [each.event for each in desk.receiver.received if each.path != "/developer"]
    assert {event["position"] for event in of_holder} == {None}


async def test_filters_let_through_what_they_name(desk: Desk) -> None:
    for number, types in enumerate((["payments.*"], [CLEARED], ["cards.*"], ["*"])):
        await desk.make(path=f"/{number}", event_types=types)
    cleared = desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD")
    declined = desk.event("payments.authorization_declined", payment_id="pay_1", amount=1, currency="USD")
    await desk.happen(cleared, declined)
    await desk.deliver()
    sent = [set(desk.receiver.events_at(f"/{number}")) for number in range(4)]
    both = {cleared.id, declined.id}
    assert sent == [both, {cleared.id}, set(), both]


@pytest.mark.parametrize(
    ("who", "body", "code"),
    [
        ("developer", {"url": "http://169.254.169.254/latest"}, "webhook_url_refused"),
        ("developer", {"url": "https://10.0.0.1/"}, "webhook_url_refused"),
        ("developer", {"url": "https://ada:secret@hooks.example.com/"}, "webhook_url_refused"),
        ("developer", {"url": "file:///etc/passwd"}, "webhook_url_refused"),
        ("developer", {"event_types": ["payment.*"]}, "event_type_unknown"),
        ("developer", {"event_types": [NEW_DEVICE]}, "event_type_unknown"),
        ("holder", {"event_types": ["rulebook.*"]}, "event_type_unknown"),
        ("developer", {"event_types": []}, "validation_failed"),
        ("developer", {"event_types": ["pay*"]}, "validation_failed"),
        ("developer", {"signatures": []}, "validation_failed"),
        ("developer", {"signatures": ["v1", "v1"]}, "validation_failed"),
        ("developer", {"signatures": ["v2"]}, "validation_failed"),
    ],
)
async def test_what_makes_no_sense_makes_no_endpoint(
    desk: Desk, who: str, body: Mapping[str, Any], code: str
) -> None:
    wanted = {"url": "https://hooks.example.com/", "event_types": ["*"], **body}
    answer = await desk.post(ENDPOINTS, who, **wanted)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"] == code, answer.text
    assert (await desk.get(ENDPOINTS, who))["data"] == []


async def test_an_endpoint_is_changed_and_the_next_message_goes_by_what_it_is_then(desk: Desk) -> None:
    made = await desk.make(event_types=["cards.*"])
    changed = await desk.patch(
        made["id"], url=desk.receiver.at("/new"), event_types=[CLEARED], description="Books",
        signatures=["v1a"],
    )  # fmt: skip
    assert changed.status_code == 200
    assert changed.json()["description"] == "Books"
    (key,) = changed.json()["public_keys"]
    await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
    await desk.deliver()
    (received,) = desk.receiver.received
    assert received.path == "/new"
    assert verifies_asymmetrically(received, key["public_key"])
    assert (await desk.patch(made["id"], url="https://10.0.0.1/")).json()["code"] == "webhook_url_refused"


async def test_a_switched_off_endpoint_is_sent_nothing_and_says_why(desk: Desk) -> None:
    made = await desk.make()
    await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
    off = (await desk.patch(made["id"], is_enabled=False)).json()
    assert (off["is_enabled"], off["disabled_because"]) == (False, "by_owner")
    await desk.happen(desk.event(CLEARED, payment_id="pay_2", amount=1, currency="USD"))
    assert await desk.deliver() == 0
    assert [each["state"] for each in await desk.deliveries(made["id"])] == ["canceled"]
    on = (await desk.patch(made["id"], is_enabled=True)).json()
    assert (on["is_enabled"], on["disabled_because"], on["disabled_at"]) == (True, None, None)
    await desk.happen(desk.event(CLEARED, payment_id="pay_3", amount=1, currency="USD"))
    assert await desk.deliver() == 1


async def test_a_deleted_endpoint_is_gone_with_its_keys(desk: Desk) -> None:
    made = await desk.make()
    await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
    path = f"{ENDPOINTS}/{made['id']}"
    answer = await desk.client.delete(path, headers=await desk.by("developer"))
    assert answer.status_code == 204
    assert await desk.get(path) == 404
    assert await desk.get(f"{path}/deliveries") == 404
    assert await desk.deliver() == 0
    async with transaction(desk.engine) as session:
        assert await session.scalar(text("SELECT count(*) FROM webhook_keys")) == 0


async def test_nobody_sees_or_touches_the_endpoint_of_another_holder(desk: Desk) -> None:
    made = await desk.make("holder")
    path = f"{ENDPOINTS}/{made['id']}"
    assert await desk.get(path, "neighbour") == 404
    assert (await desk.patch(made["id"], "neighbour", description="mine")).status_code == 404
    assert (await desk.post(f"{path}/test", "neighbour")).status_code == 404
    assert (await desk.post(f"{path}/rotate-secret", "neighbour", overlap_hours=0)).status_code == 404
    assert await desk.get(path, "support") == 403
    assert (await desk.get(path, "auditor"))["owner_id"] == desk.ids["holder"]
    assert (await desk.patch(made["id"], "auditor", description="mine")).status_code == 403
    # Developers share the program's own; a holder's secret is read by its holder alone.
    refused = await desk.post(f"{path}/rotate-secret", "developer", overlap_hours=0)
    assert refused.json()["code"] == "webhook_endpoint_not_yours"
    shared = await desk.make("developer")
    assert (await desk.get(f"{ENDPOINTS}/{shared['id']}", "colleague"))["owner_id"] is None
    rotated = await desk.post(f"{ENDPOINTS}/{shared['id']}/rotate-secret", "colleague", overlap_hours=0)
    assert rotated.status_code == 201
    assert await desk.get(f"{ENDPOINTS}/{shared['id']}", "holder") == 404


async def test_staff_can_stop_a_holders_endpoint_and_never_listen_at_it(desk: Desk) -> None:
    made = await desk.make("holder")
    await desk.make("developer", "/program")
    elsewhere = desk.receiver.at("/elsewhere")
    for who in ("developer", "administrator"):
        for body in (
            {"url": elsewhere}, {"event_types": [CLEARED]}, {"signatures": ["v1a"]}, {"description": "ours"},
            {"url": elsewhere, "is_enabled": True},
        ):  # fmt: skip
            refused = await desk.patch(made["id"], who, **body)
            assert (refused.status_code, refused.json()["code"]) == (409, "webhook_endpoint_not_yours")
    await desk.happen(desk.event(NEW_DEVICE, session_id="sess_1"))
    await desk.deliver()
    assert [each.path for each in desk.receiver.received] == ["/hook"]
    (delivery,) = await desk.deliveries(made["id"], "holder")
    assert (await desk.log(delivery["id"], "holder"))["request_body"]["type"] == NEW_DEVICE
    assert (await desk.log(delivery["id"], "developer"))["request_body"] is None
    assert (await desk.patch(made["id"], "developer", is_enabled=False)).json()["is_enabled"] is False
    assert (await desk.patch(made["id"], "holder", url=elsewhere)).status_code == 200


async def test_another_url_takes_a_factor_and_is_not_set_by_an_api_key(desk: Desk) -> None:
    made = await desk.make("holder")
    without_factor = await sign_in(desk.engine, desk.clock, desk.ids["holder"])
    async with transaction(desk.engine) as session:
        wanted = NewKey("Books", frozenset({"webhooks.write"}), desk.clock.now() + timedelta(days=9))
        owner = Principal(desk.ids["holder"], desk.program_id)
        _, key = await create_key(session, wanted, Environment.TEST, owner=owner, at=desk.clock.now())
    for headers in (without_factor, {"Authorization": f"Bearer {key.text.reveal()}"}):
        path = f"{ENDPOINTS}/{made['id']}"
        elsewhere = await desk.client.patch(path, json={"url": "https://x.example.com"}, headers=headers)
        assert elsewhere.json()["code"] in {"step_up_required", "factor_required"}
        same = {"url": made["url"], "description": "Books", "is_enabled": False}
        assert (await desk.client.patch(path, json=same, headers=headers)).status_code == 200
    assert (await desk.get(f"{ENDPOINTS}/{made['id']}", "holder"))["url"] == made["url"]


async def test_a_secret_is_shown_after_a_factor_only_and_never_to_an_api_key(desk: Desk) -> None:
    body = {"url": desk.receiver.at("/hook"), "event_types": ["*"]}
    made = await desk.make()
    without_factor = await sign_in(desk.engine, desk.clock, desk.ids["developer"])
    at = desk.clock.now()
    async with transaction(desk.engine) as session:
        wanted = NewKey("Export", frozenset({"webhooks.read", "webhooks.write"}), at + timedelta(days=9))
        owner = Principal(desk.ids["developer"], desk.program_id)
        _, key = await create_key(session, wanted, Environment.TEST, owner=owner, at=at)
    with_key = {"Authorization": f"Bearer {key.text.reveal()}"}
    for headers in (without_factor, with_key):
        for path, sent in ((ENDPOINTS, body), (f"{ENDPOINTS}/{made['id']}/rotate-secret", {})):
            answer = await desk.client.post(path, json=sent, headers={**headers, "Idempotency-Key": "k"})
            assert answer.json()["code"] in {"step_up_required", "factor_required"}
    listed = await desk.client.get(ENDPOINTS, headers=with_key)
    assert [each["id"] for each in listed.json()["data"]] == [made["id"]]
    tested = await desk.client.post(
        f"{ENDPOINTS}/{made['id']}/test", headers={**with_key, "Idempotency-Key": "t"}
    )
    assert tested.status_code == 202


async def test_an_owner_has_so_many_endpoints_and_no_more(desk: Desk) -> None:
    for number in range(MOST_ENDPOINTS):
        await desk.make("holder", f"/{number}")
    answer = await desk.post(ENDPOINTS, "holder", url=desk.receiver.at("/x"), event_types=["*"])
    assert answer.json()["code"] == "webhook_endpoints_too_many"
    await desk.make("neighbour")
    first = await desk.get(ENDPOINTS, "holder", limit=10)
    rest = await desk.get(ENDPOINTS, "holder", limit=10, cursor=first["next_cursor"])
    assert len({each["id"] for each in first["data"] + rest["data"]}) == MOST_ENDPOINTS


async def test_every_change_is_in_the_audit_trail(desk: Desk) -> None:
    made = await desk.make()
    await desk.patch(made["id"], description="Books")
    await desk.post(f"{ENDPOINTS}/{made['id']}/rotate-secret", "developer", overlap_hours=0)
    await desk.client.delete(f"{ENDPOINTS}/{made['id']}", headers=await desk.by("developer"))
    async with transaction(desk.engine) as session:
        found = await session.scalars(
            text("SELECT action FROM audit_entries WHERE subject_id = :id ORDER BY id"),
            {"id": made["id"]},
        )
    acts = ("created", "changed", "secret_rotated", "deleted")
    assert list(found) == [f"webhook_endpoint.{act}" for act in acts]


async def test_an_erased_person_leaves_no_endpoint_and_no_log(desk: Desk) -> None:
    await desk.make("holder")
    await desk.make("developer")
    await desk.happen(desk.event(CLEARED, payment_id="pay_1", amount=1, currency="USD"))
    await desk.deliver()
    async with transaction(desk.engine) as session:
        from cardwright.db.outbox import Event, append

        await append(
            session, Event("users.account_erased", desk.program_id, desk.ids["holder"], desk.clock.now())
        )
    await desk.run_jobs()
    async with transaction(desk.engine) as session:
        for table in ("endpoints", "keys", "deliveries", "attempts"):
            count = text(f"SELECT count(*) FILTER (WHERE user_id IS NOT NULL), count(*) FROM webhook_{table}")  # noqa: S608
            of_holders, kept = (await session.execute(count)).one()
            assert of_holders == 0
            assert kept > 0


def test_roles_are_what_they_should_be() -> None:
    from cardwright.access.permissions import TABLE

    assert set(TABLE["webhooks.read"]) - set(TABLE["webhooks.write"]) == {Role.AUDITOR}
