"""Calls about somebody themselves: who they are, whether that is proven, where they are signed in."""

import base64

from cardwright_mobile.api import models
from cardwright_mobile.api import standing_models as its
from cardwright_mobile.api.caller import Caller


class StandingCalls(Caller):
    """What somebody may know and do about themselves."""

    async def me(self) -> models.UserOutput:
        """Return who is signed in."""
        return await self._get(models.UserOutput, "/v1/me")

    async def sessions(self) -> tuple[its.SessionOutput, ...]:
        """Return the browsers in which somebody is signed in, the newest first."""
        return (await self._get(its.PageSessionOutput, "/v1/auth/sessions", limit=50)).data

    async def end_session(self, session_id: str) -> None:
        """Sign a browser out, and with it the apps that were let in by it."""
        await self._delete(f"/v1/auth/sessions/{session_id}")

    async def end_other_sessions(self) -> None:
        """Sign out everywhere but here."""
        await self._delete("/v1/auth/sessions")

    async def connections(self) -> tuple[its.ConnectionOutput, ...]:
        """Return the apps that may act for somebody, the newest first."""
        return (await self._get(its.PageConnectionOutput, "/v1/oauth/connections", limit=50)).data

    async def end_connection(self, connection_id: str) -> None:
        """Let an app act no longer."""
        await self._delete(f"/v1/oauth/connections/{connection_id}")

    async def factors(self) -> its.FactorsOutput:
        """Return what somebody has beside a password."""
        return await self._get(its.FactorsOutput, "/v1/me/factors")

    async def standing(self) -> its.StandingOutput:
        """Return where somebody stands with proving who they are."""
        return await self._get(its.StandingOutput, "/v1/me/identity")

    async def begin_verification(self) -> its.VerificationOutput:
        """Ask to be verified."""
        return await self._create(its.VerificationOutput, "/v1/identity-verifications")

    async def documents(self) -> tuple[its.DocumentView, ...]:
        """Return the documents that somebody handed over, the newest first."""
        return (await self._get(its.PageDocumentView, "/v1/me/identity-documents", limit=50)).data

    async def add_document(self, kind: str, content: bytes) -> its.DocumentView:
        """Hand over a picture, or a PDF, of a document."""
        body = {"kind": kind, "content": base64.b64encode(content).decode()}
        return await self._create(its.DocumentView, "/v1/me/identity-documents", body)

    async def remove_document(self, document_id: str) -> None:
        """Take a document back."""
        await self._delete(f"/v1/me/identity-documents/{document_id}")

    async def submit_verification(self, verification_id: str) -> its.VerificationOutput:
        """Hand the documents in to be checked."""
        return await self._create(
            its.VerificationOutput, f"/v1/identity-verifications/{verification_id}/submit"
        )
