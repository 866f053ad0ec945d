"""The adapter for Onfido against the simulator, over real sockets, and both against the published schema."""

import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from cardwright.adapters.onfido import client
from cardwright.adapters.onfido.client import RequestRefused
from cardwright.adapters.onfido.identity import OnfidoIdentityVerifier
from cardwright.adapters.onfido.webhooks import OnfidoWebhook
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Malformed, Unauthenticated, Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.kyc import NotBegun, RejectionReason, VerificationState
from onfido_access import NOW, a_verification, hand_in, named, onfido_at
from running_simulator import QUICK, RunningSimulator, running_simulator
from simulator.onfido import RUN

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "onfido-openapi.json"
State = VerificationState


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
async def verifier(simulator: RunningSimulator) -> AsyncIterator[OnfidoIdentityVerifier]:
    simulator.world.faults.clear()
    for run in simulator.world.objects.list(RUN):
        simulator.world.objects.delete(RUN, run["id"])
    made = onfido_at(simulator.base_url)
    yield made
    await made.aclose()


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("Robin Sample", State.APPROVED, None),
        ("Cher", State.APPROVED, None),
        ("Robin Consider", State.IN_REVIEW, None),
        ("Robin Slow", State.SUBMITTED, None),
        ("Robin Never Answers", State.SUBMITTED, None),
        ("Robin Abandoned", State.REJECTED, RejectionReason.NOT_COMPLETED),
        ("Robin Consent Declined", State.REJECTED, RejectionReason.CONSENT_DECLINED),
        ("Robin Country Not Supported", State.REJECTED, RejectionReason.COUNTRY_NOT_SUPPORTED),
        ("Robin Document Expired", State.REJECTED, RejectionReason.DOCUMENT_EXPIRED),
        ("Robin Document Type Not Supported", State.REJECTED, RejectionReason.DOCUMENT_TYPE_NOT_SUPPORTED),
        ("Robin Document Unverified Other", State.REJECTED, RejectionReason.DOCUMENT_UNREADABLE),
        ("Robin Selfie Document Missing Photo", State.REJECTED, RejectionReason.DOCUMENT_WITHOUT_PHOTO),
        ("Max Power", State.REJECTED, RejectionReason.FACE_MISMATCH),
        ("Robin Selfie Manipulated", State.REJECTED, RejectionReason.SELFIE_MANIPULATED),
        ("Robin Selfie Unverified Other", State.REJECTED, RejectionReason.SELFIE_UNREADABLE),
        ("Robin Under Supported Age", State.REJECTED, RejectionReason.UNDER_AGE),
    ],
)
async def test_a_check_ends_as_the_name_says(
    verifier: OnfidoIdentityVerifier, name: str, state: State, reason: RejectionReason | None
) -> None:
    begun = await verifier.start(a_verification(), named(name))
    waiting = await verifier.look_up(begun.provider_reference)
    assert (waiting.status, waiting.verification_id, waiting.url) == (State.COLLECTING, "idv_1", begun.url)
    await hand_in(begun.url)
    found = await verifier.look_up(begun.provider_reference)
    assert (found.status, found.reason) == (state, reason)


@pytest.mark.parametrize(("decision", "state"), [("approved", State.APPROVED), ("declined", State.REJECTED)])
async def test_a_review_ends_as_the_reviewer_says(
    verifier: OnfidoIdentityVerifier, decision: str, state: State
) -> None:
    begun = await verifier.start(a_verification(), named("Robin Consider"))
    await hand_in(begun.url)
    async with httpx.AsyncClient() as reviewer:
        await reviewer.post(f"{begun.url}/decide", json={"decision": decision})
    assert (await verifier.look_up(begun.provider_reference)).status is state


async def test_starting_twice_begins_one_run(
    simulator: RunningSimulator, verifier: OnfidoIdentityVerifier
) -> None:
    first = await verifier.start(a_verification(), named("Robin Sample"))
    assert await verifier.start(a_verification(), named("Robin Sample")) == first
    other = await verifier.start(a_verification("idv_2"), named("Robin Sample"))
    assert len(simulator.world.objects.list(RUN)) == 2
    assert other.provider_reference != first.provider_reference


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "call", ["GET /v3.6/workflow_runs", "POST /v3.6/applicants", "POST /v3.6/workflow_runs"]
)
async def test_a_vendor_that_turns_us_away_has_begun_nothing(
    simulator: RunningSimulator, verifier: OnfidoIdentityVerifier, call: str, status: int
) -> None:
    simulator.world.faults.add("api", "error", selector=call, status=status)
    with pytest.raises(NotBegun):
        await verifier.start(a_verification(), named("Robin Sample"))
    assert simulator.world.objects.list(RUN) == []


async def test_nobody_listening_has_begun_nothing() -> None:
    verifier = onfido_at("http://127.0.0.1:9")
    with pytest.raises(NotBegun):
        await verifier.start(a_verification(), named("Robin Sample"))
    await verifier.aclose()


async def test_a_wrong_token_and_an_unknown_run_fail_loudly(
    simulator: RunningSimulator, verifier: OnfidoIdentityVerifier
) -> None:
    stranger = onfido_at(simulator.base_url, "wrong")
    with pytest.raises(RequestRefused, match="401"):
        await stranger.look_up("x")
    await stranger.aclose()
    with pytest.raises(RequestRefused, match="404"):
        await verifier.look_up("00000000-0000-4000-8000-00000000000f")


@pytest.mark.parametrize(
    "body", ["[]", "{}", '"x"', "null", '{"id": 1}', '{"id": "x", "status": null}', "\ud800"]
)
async def test_json_that_is_not_the_vendors_reads_as_unavailable(
    monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    content = body.encode("utf-8", "surrogatepass")
    there = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
    verifier = onfido_at("http://onfido.test")
    monkeypatch.setattr(verifier._client, "_http", httpx.AsyncClient(transport=there, base_url="http://x"))
    with pytest.raises(Unavailable):
        await verifier.look_up("x")


async def test_a_status_nobody_knows_reads_as_processing(
    simulator: RunningSimulator, verifier: OnfidoIdentityVerifier
) -> None:
    begun = await verifier.start(a_verification(), named("Robin Sample"))
    run = simulator.world.onfido.run(begun.provider_reference)
    simulator.world.objects.put(RUN, run | {"status": "teleported"})
    assert (await verifier.look_up(begun.provider_reference)).status is State.SUBMITTED


async def test_nothing_of_the_person_is_in_logs_or_errors(
    simulator: RunningSimulator, verifier: OnfidoIdentityVerifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    simulator.world.faults.add("api", "error", selector="POST /v3.6/applicants", status=422)
    with pytest.raises(RequestRefused) as refused:
        await verifier.start(a_verification(), named("Ottilie Wunderlich"))
    begun = await verifier.start(a_verification(), named("Ottilie Wunderlich"))
    await hand_in(begun.url)
    await verifier.look_up(begun.provider_reference)
    told = caplog.text + repr(refused.value)
    for secret in ("Ottilie", "Wunderlich", "robin@example.com", "15550100200", QUICK.onfido_token):
        assert secret not in told


def webhook() -> OnfidoWebhook:
    return OnfidoWebhook(Sensitive(QUICK.onfido_webhook_token), program_id="prg_1", clock=MovableClock(NOW))


def signed(body: bytes) -> dict[str, str]:
    digest = hmac.new(QUICK.onfido_webhook_token.encode(), body, hashlib.sha256).hexdigest()
    return {"x-sha2-signature": digest}


def told(**members: Any) -> bytes:
    about = {"id": "run_1", "status": "approved", "completed_at_iso8601": "2026-11-23T12:00:00Z"} | members
    payload = {"resource_type": "workflow_run", "action": "workflow_run.completed", "object": about}
    return json.dumps({"payload": payload}).encode()


def test_a_genuine_webhook_is_kept_by_what_it_is_about_and_without_its_outcome() -> None:
    body = told()
    message = webhook().read(signed(body), body, "")
    assert message.external_id == "run_1:workflow_run.completed:approved:2026-11-23T12:00:00Z"
    assert message.payload == {"object_id": "run_1"}
    again = told(href="elsewhere")
    assert webhook().read(signed(again), again, "").external_id == message.external_id
    later = told(completed_at_iso8601="2026-11-23T12:00:01Z")
    assert webhook().read(signed(later), later, "").external_id != message.external_id


@pytest.mark.parametrize("signature", [None, "", "0" * 64, "ü", "sha256=x"])
def test_a_webhook_that_is_not_signed_is_refused(signature: str | None) -> None:
    headers = {} if signature is None else {"x-sha2-signature": signature}
    with pytest.raises(Unauthenticated):
        webhook().read(headers, told(), "")


def test_a_tampered_body_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        webhook().read(signed(told()), told(status="declined"), "")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"payload": {}}', b"\xff", told(id="x" * 300)])
def test_a_signed_body_of_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        webhook().read(signed(body), body, "")


def _as_json_schema(node: Any) -> Any:
    """Turn OpenAPI 3.0's nullable into JSON Schema's null."""
    if isinstance(node, list):
        return [_as_json_schema(it) for it in node]
    if not isinstance(node, dict):
        return node
    turned = {name: _as_json_schema(it) for name, it in node.items()}
    return {"anyOf": [turned, {"type": "null"}]} if turned.pop("nullable", False) is True else turned


async def test_what_is_sent_and_answered_is_as_onfido_publishes_it(
    verifier: OnfidoIdentityVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SPEC.exists():
        pytest.skip(f"Onfido's schema is not at {SPEC}")
    components = _as_json_schema(json.loads(SPEC.read_text())["components"])
    judged: list[str] = []

    def judge(name: str, found: Any) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        problems = [f"{it.json_path}: {it.message}" for it in Draft202012Validator(schema).iter_errors(found)]
        assert problems == [], name
        judged.append(name)

    original = client.OnfidoClient._call

    async def watched(it: client.OnfidoClient, method: str, path: str, shape: Any, **sent: Any) -> Any:
        kind = "applicant" if path == "/applicants" else "workflow_run"
        if "json" in sent:
            judge(f"{kind}_builder", sent["json"])
        answer = await it._http.request(method, path, **sent)
        for found in answer.json() if isinstance(answer.json(), list) else [answer.json()]:
            judge(kind if answer.is_success else "Error", found)
        return await original(it, method, path, shape, **sent) if method == "GET" else _typed(answer, shape)

    monkeypatch.setattr(client.OnfidoClient, "_call", watched)
    for name in ("Robin Sample", "Max Power", "Robin Consider"):
        begun = await verifier.start(a_verification(name.replace(" ", "_")), named(name))
        await hand_in(begun.url)
        await verifier.look_up(begun.provider_reference)
    with pytest.raises(RequestRefused):
        await verifier.look_up("unknown")
    assert set(judged) == {"applicant_builder", "applicant", "workflow_run_builder", "workflow_run", "Error"}


def _typed(answer: httpx.Response, shape: Any) -> Any:
    return client.msgspec.json.decode(answer.content, type=shape)
