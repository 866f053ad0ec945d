"""How far a program's log is sealed, as people read it, and whether it is as it was sealed."""

from datetime import datetime
from typing import Annotated, Final, TypeVar

from fastapi import Query
from pydantic import Field

from cardwright.core.errors import Conflict
from cardwright.db.session import Session
from cardwright.http.strict import Output
from cardwright.sealing import store
from cardwright.sealing.checks import SealReport, verify_program
from cardwright.sealing.log import SealedLog
from cardwright.sealing.notes import CheckpointSigner

E = TypeVar("E")
Recompute = Annotated[
    bool, Query(description="Compare every entry with its leaf, and every checkpoint with its signature.")
]
_MOST_RECOMPUTED: Final = 200_000
_MOST_SHOWN: Final = 100


class SealFindingView(Output):
    """Something that is not as it was sealed."""

    subject: str = Field(description="An entry, a leaf or a checkpoint.")
    what: str


class SealsView(Output):
    """The newest checkpoint, what waits for the next, and what was found when it was compared."""

    size: int = Field(description="How many entries are sealed.")
    root: str | None = Field(description="The root of their Merkle tree, in hexadecimal.")
    sealed_at: datetime | None = Field(description="When the newest checkpoint was signed.")
    waiting: int = Field(description="Entries that the worker has yet to seal.")
    compared: bool = Field(description="Whether everything was compared now.")
    findings: list[SealFindingView] = Field(description="At most 100; none where all is as it was sealed.")


async def show_seals(
    session: Session, log: SealedLog[E], program_id: str, signer: CheckpointSigner, *, recompute: bool
) -> SealsView:
    """Show a program's seals; raise Conflict `seals_too_many` where comparing takes longer than a request."""
    newest = await store.find_newest_checkpoint(session, log, program_id)
    size = newest.size if newest else 0
    if recompute and size > _MOST_RECOMPUTED:
        raise Conflict(
            "seals_too_many", "So many entries are compared by `cardwright verify` on the server, not here."
        )
    report = SealReport()
    if recompute:
        await verify_program(session, log, program_id, signer.public_keys, report)
    return SealsView(
        size=size, root=newest.root.hex() if newest else None,
        sealed_at=newest.created_at if newest else None,
        waiting=await store.count_unsealed(session, log, program_id), compared=recompute,
        findings=[SealFindingView.model_validate(found) for found in report.findings[:_MOST_SHOWN]],
    )  # fmt: skip
