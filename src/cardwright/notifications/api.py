"""Routes: the list of what a person was told."""

from typing import Annotated

from fastapi import Depends

from cardwright.access import Actor, allow
from cardwright.http import pagination, strict
from cardwright.http.deps import SessionDep
from cardwright.http.languages import FavouriteDep
from cardwright.http.pagination import Cursor, Limit, Page
from cardwright.notifications import service
from cardwright.notifications.composing import speech_for
from cardwright.notifications.notices import NotificationAnswer

router = strict.router("/v1", "notifications")
Reader = Annotated[Actor, Depends(allow("notifications.read"))]


@router.get("/notifications")
async def list_notifications(
    session: SessionDep, actor: Reader, favourite: FavouriteDep, cursor: Cursor = None, limit: Limit = 20
) -> Page[NotificationAnswer]:
    """List what one was told, newest first, in the language of one's profile, or else as the browser asks."""
    speech = await speech_for(session, actor.user_id, favourite)
    rows = await service.list_notifications(session, actor.user_id, before_id=cursor, limit=limit + 1)
    return pagination.page(
        rows, limit, show=lambda it: NotificationAnswer.of(it, speech), cursor_of=lambda it: it.id
    )
