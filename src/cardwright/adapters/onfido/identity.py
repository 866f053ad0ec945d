"""Identity verification by a workflow of Onfido Studio, which the operator has set up there."""

import asyncio
import contextlib
from typing import Any, Final
from urllib.parse import quote

import msgspec

from cardwright.adapters.onfido.answers import Run, result_of
from cardwright.adapters.onfido.client import OnfidoClient
from cardwright.core.errors import Unavailable
from cardwright.kyc import NotBegun, Person, StartedVerification, Verification, VerificationResult

SETTLE_SECONDS: Final = 15.0
"""How long a begin that was not answered is looked for: longer than one is waited for."""
LOOK_SECONDS: Final = 0.5
_RUNS: Final = "/workflow_runs"


class _Applicant(msgspec.Struct):
    id: str


class OnfidoIdentityVerifier:
    """Keeps the IdentityVerifier port; people are sent back to `return_url` when they are done."""

    def __init__(self, client: OnfidoClient, workflow_id: str, *, return_url: str) -> None:
        self._client = client
        self._workflow_id = workflow_id
        self._return_url = return_url

    async def start(self, verification: Verification, person: Person) -> StartedVerification:
        """Create applicant and run, or find the run that an earlier call created.

        Onfido has no idempotency keys: a run carries our id as its tag, and is looked for before one is
        created, and again after a begin that was not answered.
        """
        found = await self._find(verification.id)
        if found is None:
            found = await self._begin(verification, person)
        return StartedVerification(found.id, found.link.url if found.link is not None else None)

    async def look_up(self, provider_reference: str) -> VerificationResult:
        """Retrieve the run as it is now."""
        return result_of(await self._client.get(f"{_RUNS}/{quote(provider_reference, safe='')}", Run))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _begin(self, verification: Verification, person: Person) -> Run:
        try:
            applicant = await self._client.post("/applicants", _applicant(person), _Applicant)
        except Unavailable as error:
            # Without its applicant there is no run, whatever became of the applicant.
            raise NotBegun(error.code, error.message) from None
        wanted = {
            "workflow_id": self._workflow_id,
            "applicant_id": applicant.id,
            "customer_user_id": verification.user_id,
            "tags": [verification.id],
            "link": {"completed_redirect_url": self._return_url},
        }
        try:
            return await self._client.post(_RUNS, wanted, Run)
        except NotBegun:
            raise
        except Unavailable:
            found = await self._await_run(verification.id)
            if found is None:
                raise
            return found

    async def _await_run(self, verification_id: str) -> Run | None:
        for _ in range(int(SETTLE_SECONDS / LOOK_SECONDS)):
            # That nobody answers this question says nothing of the begin before it.
            with contextlib.suppress(Unavailable):
                found = await self._find(verification_id)
                if found is not None:
                    return found
            await asyncio.sleep(LOOK_SECONDS)
        return None

    async def _find(self, verification_id: str) -> Run | None:
        """Return the oldest run of a verification: it stays the same when another one follows."""
        runs = await self._client.get(_RUNS, list[Run], tags=verification_id, sort="asc")
        return next((run for run in runs if verification_id in (run.tags or ())), None)


def _applicant(person: Person) -> dict[str, Any]:
    first, _, last = person.full_name.strip().partition(" ")
    known = {"first_name": first, "last_name": last.strip() or first, "email": person.email}
    return known if person.phone is None else known | {"phone_number": person.phone}
