"""Stripe Identity through the official SDK, over a real connection to the simulator."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from cardwright.adapters.stripe.client import RequestRefused, make_client
from cardwright.adapters.stripe.identity import StripeIdentityVerifier
from cardwright.core.errors import Unavailable
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.kyc import NotBegun, Person, RejectionReason, Verification, VerificationState
from running_simulator import QUICK, RunningSimulator, running_simulator
from simulator.faults import FaultKind

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROBIN = Person("Robin Sample", "robin@example.com", "+15550100200")
RETURN_URL = "https://cardwright.test/identity"
State = VerificationState


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def verifier(simulator: RunningSimulator) -> StripeIdentityVerifier:
    client = make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
    return StripeIdentityVerifier(client, return_url=RETURN_URL)


def a_verification() -> Verification:
    return Verification(new_id("idv"), "prog_1", "user_1", State.REQUESTED, AT, AT)


async def hand_in(url: str, outcome: str) -> None:
    async with httpx.AsyncClient() as browser:
        (await browser.post(f"{url}/submit", json={"outcome": outcome})).raise_for_status()


async def test_a_started_verification_collects_documents_at_an_address(
    verifier: StripeIdentityVerifier,
) -> None:
    verification = a_verification()
    started = await verifier.start(verification, ROBIN)
    found = await verifier.look_up(started.provider_reference)
    assert (found.status, found.url) == (State.COLLECTING, started.url)
    assert (found.verification_id, found.reason) == (verification.id, None)


async def test_starting_twice_begins_one_session(verifier: StripeIdentityVerifier) -> None:
    verification = a_verification()
    first = await verifier.start(verification, ROBIN)
    assert await verifier.start(verification, ROBIN) == first


async def test_a_person_without_a_phone_can_be_verified(verifier: StripeIdentityVerifier) -> None:
    started = await verifier.start(a_verification(), Person("Robin Sample", "robin@example.com", None))
    assert started.url is not None
    await hand_in(started.url, "verified")
    found = await verifier.look_up(started.provider_reference)
    assert (found.status, found.url, found.reason) == (State.APPROVED, None, None)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ("document_expired", RejectionReason.DOCUMENT_EXPIRED),
        ("document_unverified_other", RejectionReason.DOCUMENT_UNREADABLE),
        ("selfie_face_mismatch", RejectionReason.FACE_MISMATCH),
        ("selfie_manipulated", RejectionReason.SELFIE_MANIPULATED),
        ("under_supported_age", RejectionReason.UNDER_AGE),
        ("consent_declined", RejectionReason.CONSENT_DECLINED),
        ("abandoned", RejectionReason.NOT_COMPLETED),
    ],
)
async def test_a_failed_check_is_a_rejection_with_our_reason(
    verifier: StripeIdentityVerifier, outcome: str, reason: RejectionReason
) -> None:
    started = await verifier.start(a_verification(), ROBIN)
    assert started.url is not None
    await hand_in(started.url, outcome)
    found = await verifier.look_up(started.provider_reference)
    assert (found.status, found.reason) == (State.REJECTED, reason)


async def test_a_session_closed_at_the_vendor_is_canceled(
    simulator: RunningSimulator, verifier: StripeIdentityVerifier
) -> None:
    started = await verifier.start(a_verification(), ROBIN)
    client = make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
    await client.v1.identity.verification_sessions.cancel_async(started.provider_reference)
    assert (await verifier.look_up(started.provider_reference)).status is State.CANCELED


async def test_an_answer_lost_on_the_way_begins_nothing_new(
    simulator: RunningSimulator, verifier: StripeIdentityVerifier
) -> None:
    verification = a_verification()
    simulator.world.faults.add("api", "drop_response", selector="POST /v1/identity/*", count=1)
    with pytest.raises(Unavailable) as caught:
        await verifier.start(verification, ROBIN)
    assert caught.value.code == "processor_unavailable"
    await verifier.start(verification, ROBIN)
    client = make_client(Sensitive(QUICK.stripe_secret_key), simulator.base_url)
    sessions = await client.v1.identity.verification_sessions.list_async(
        {"client_reference_id": verification.id}
    )
    assert len(sessions.data) == 1


async def test_a_vendor_that_is_not_there_is_unavailable() -> None:
    client = make_client(Sensitive(QUICK.stripe_secret_key), "http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        await StripeIdentityVerifier(client, return_url=RETURN_URL).look_up("vs_1")


@pytest.mark.parametrize("status", [429, 503])
async def test_a_start_that_is_turned_away_surely_began_nothing(
    simulator: RunningSimulator, verifier: StripeIdentityVerifier, status: int
) -> None:
    simulator.world.faults.add("api", "error", selector="POST /v1/identity/*", count=1, status=status)
    with pytest.raises(NotBegun):
        await verifier.start(a_verification(), ROBIN)


async def test_a_start_that_never_left_surely_began_nothing() -> None:
    client = make_client(Sensitive(QUICK.stripe_secret_key), "http://127.0.0.1:9")
    with pytest.raises(NotBegun):
        await StripeIdentityVerifier(client, return_url=RETURN_URL).start(a_verification(), ROBIN)


@pytest.mark.parametrize("kind", ["drop_response", "error"])
async def test_a_start_whose_outcome_nobody_knows_may_have_begun(
    simulator: RunningSimulator, verifier: StripeIdentityVerifier, kind: FaultKind
) -> None:
    simulator.world.faults.add("api", kind, selector="POST /v1/identity/*", count=1, status=500)
    with pytest.raises(Unavailable) as caught:
        await verifier.start(a_verification(), ROBIN)
    assert not isinstance(caught.value, NotBegun)


async def test_a_wrong_key_fails_loudly(simulator: RunningSimulator) -> None:
    client = make_client(Sensitive("sk_test_of_somebody_else"), simulator.base_url)
    with pytest.raises(RequestRefused) as caught:
        await StripeIdentityVerifier(client, return_url=RETURN_URL).look_up("vs_1")
    assert caught.value.http_status == 401


async def test_a_session_that_does_not_exist_fails_loudly(verifier: StripeIdentityVerifier) -> None:
    with pytest.raises(RequestRefused) as caught:
        await verifier.look_up("vs_unknown")
    assert caught.value.code == "resource_missing"


async def test_a_status_nobody_knows_yet_counts_as_processing(
    simulator: RunningSimulator, verifier: StripeIdentityVerifier
) -> None:
    started = await verifier.start(a_verification(), ROBIN)
    objects = simulator.world.objects
    known = objects.get("identity.verification_session", started.provider_reference)
    assert known is not None
    objects.put("identity.verification_session", known | {"status": "on_the_moon"})
    assert (await verifier.look_up(started.provider_reference)).status is State.SUBMITTED
