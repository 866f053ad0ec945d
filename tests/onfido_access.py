"""The adapter for Onfido against a running simulator, and people for it."""

from datetime import UTC, datetime

import httpx

from cardwright import kyc
from cardwright.adapters.onfido.client import OnfidoClient
from cardwright.adapters.onfido.identity import OnfidoIdentityVerifier
from cardwright.core.sensitive import Sensitive
from running_simulator import QUICK

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RETURN_URL = "https://cardwright.test/verified"


def onfido_at(base_url: str, token: str = QUICK.onfido_token) -> OnfidoIdentityVerifier:
    """Return the adapter for whatever listens there."""
    client = OnfidoClient(f"{base_url}/v3.6", Sensitive(token))
    return OnfidoIdentityVerifier(client, QUICK.onfido_workflow_id, return_url=RETURN_URL)


def a_verification(verification_id: str = "idv_1") -> kyc.Verification:
    """Return a verification that is to be started."""
    return kyc.Verification(verification_id, "prg_1", "usr_1", kyc.VerificationState.REQUESTED, NOW, NOW)


def named(full_name: str) -> kyc.Person:
    """Return a person whose name says how the check ends."""
    return kyc.Person(full_name, "robin@example.com", "+15550100200")


async def hand_in(url: str | None) -> None:
    """Show documents on the hosted page."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.post(f"{url}/submit")
    assert answer.status_code in {200, 303}, answer.text
