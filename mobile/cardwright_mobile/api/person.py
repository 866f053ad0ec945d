"""Calls about somebody: what they are told, where they are signed in, whether we know who they are."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from cardwright_mobile.api import models as basic
from cardwright_mobile.api import person_models as models
from cardwright_mobile.api.caller import Caller

_SHOWN: Final = 50
_PAGE: Final = 20


class PersonCalls(Caller):
    """What a holder reads and does about themselves."""

    async def notifications(self, cursor: str | None = None) -> models.PageNotificationAnswer:
        """Return a page of what somebody was told, the newest first."""
        given = {} if cursor is None else {"cursor": cursor}
        return await self._get(models.PageNotificationAnswer, "/v1/notifications", limit=_PAGE, **given)

    async def unread(self) -> int:
        """Return how much of it nobody has read."""
        return (await self._get(models.UnreadAnswer, "/v1/notifications/unread-count")).unread

    async def mark_read(self, notification_id: str) -> models.NotificationAnswer:
        """Say that one was read."""
        return await self._post(models.NotificationAnswer, f"/v1/notifications/{notification_id}/read")

    async def mark_read_up_to(self, notification_id: str) -> int:
        """Say that one and all older ones were read; return how many are left."""
        body = {"up_to": notification_id}
        return (await self._post(models.UnreadAnswer, "/v1/notifications/read", body)).unread

    async def sessions(self) -> tuple[models.SessionOutput, ...]:
        """Return where somebody is signed in, the newest first."""
        return (await self._get(models.PageSessionOutput, "/v1/auth/sessions", limit=_SHOWN)).data

    async def end_session(self, session_id: str) -> None:
        """Sign out there."""
        await self._delete(f"/v1/auth/sessions/{session_id}")

    async def end_other_sessions(self) -> None:
        """Sign out everywhere but where this app was allowed."""
        await self._delete("/v1/auth/sessions")

    async def connections(self) -> tuple[models.ConnectionOutput, ...]:
        """Return which applications may act for somebody; this one is among them."""
        return (await self._get(models.PageConnectionOutput, "/v1/oauth/connections", limit=_SHOWN)).data

    async def end_connection(self, connection_id: str) -> None:
        """End what an application may do."""
        await self._delete(f"/v1/oauth/connections/{connection_id}")

    async def factors(self) -> models.FactorsOutput:
        """Return what somebody proves with that it is them."""
        return await self._get(models.FactorsOutput, "/v1/me/factors")

    async def standing(self) -> models.StandingOutput:
        """Return whether we know who somebody is, and what is to be done next."""
        return await self._get(models.StandingOutput, "/v1/me/identity")

    async def begin_identity(self) -> models.VerificationOutput:
        """Begin to prove it."""
        return await self._create(models.VerificationOutput, "/v1/identity-verifications")

    async def submit_identity(self, verification_id: str) -> models.VerificationOutput:
        """Let staff look at the documents that were handed over."""
        path = f"/v1/identity-verifications/{verification_id}/submit"
        return await self._create(models.VerificationOutput, path)

    async def documents(self) -> tuple[models.DocumentView, ...]:
        """Return the documents that somebody handed over."""
        return (await self._get(models.PageDocumentView, "/v1/me/identity-documents", limit=_SHOWN)).data

    async def add_document(self, kind: str, content: bytes) -> models.DocumentView:
        """Hand a document over."""
        body = {"kind": kind, "content": base64.b64encode(content).decode()}
        return await self._create(models.DocumentView, "/v1/me/identity-documents", body)

    async def delete_document(self, document_id: str) -> None:
        """Erase one for good."""
        await self._delete(f"/v1/me/identity-documents/{document_id}")

    async def set_profile(self, profile: Mapping[str, Any]) -> basic.ProfileOutput:
        """Say who somebody is; StepUpNeeded where that moves them to another time zone."""
        return await self._put(basic.ProfileOutput, "/v1/me/profile", dict(profile))
