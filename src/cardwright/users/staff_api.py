"""Routes: who works for the program."""

from typing import Annotated

from fastapi import Depends

from cardwright import audit
from cardwright.access import Actor, Reach, allow
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.users import service
from cardwright.users.schemas import MaskedUserOutput

router = strict.router("/v1/staff", "users")

ReadsUsers = Annotated[Actor, Depends(allow("users.read", reach=Reach.ANY))]


@router.get("")
async def list_staff(actor: ReadsUsers, session: SessionDep, clock: ClockDep) -> list[MaskedUserOutput]:
    """List everybody of the program who has a role of staff, newest first; personal data is masked."""
    await audit.record_look(session, actor, "users.read", actor.program_id, clock.now(), only="staff")
    return [MaskedUserOutput.of(person) for person in await service.list_staff(session, actor.program_id)]
