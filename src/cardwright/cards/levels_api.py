"""Over HTTP: what each level of verification lets people hold, spend and create, in one table."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from fastapi import Path
from pydantic import ConfigDict, Field

from cardwright import kyc
from cardwright.approvals import Reason
from cardwright.cards.domain import Subject
from cardwright.cards.guards import LevelReader, LimitWriter
from cardwright.cards.schemas import SpendingView
from cardwright.cards.spending_api import view_of
from cardwright.core.money import MAX_MINOR_UNITS
from cardwright.http import strict
from cardwright.http.deps import ClockDep, SessionDep
from cardwright.http.strict import Input, Output
from cardwright.kyc import Allowance, KycLevel

router = strict.router("/v1", "kyc")
Level = Annotated[int, Path(ge=0, le=2)]
_MOST_CARDS: Final = 1_000_000
_NEEDS: Final[Mapping[KycLevel, str]] = {
    KycLevel.NONE: "An e-mail address.",
    KycLevel.BASIC: "An address, and a phone number that was proven.",
    KycLevel.FULL: "An identity that was verified.",
}


class LevelView(Output):
    """What a level of verification needs, and what it allows; amounts in minor units, null is any."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "level": 1, "needs": "An address, and a phone number that was proven.", "cards": 1,
                    "balance": 15_000, "added_30d": 15_000,
                    "spending": {"limits": [], "controls": {}}, "proposal_id": None,
                }
            ]
        }
    )  # fmt: skip

    level: int = Field(description="0, 1 or 2; rules read it as holder.kyc_level.")
    needs: str = Field(description="What brings a person to this level.")
    cards: int | None = Field(description="How many open cards a person may have.")
    balance: int | None = Field(description="How much may be in the wallet, with what is on its way.")
    added_30d: int | None = Field(description="How much may be added in 30 days.")
    spending: SpendingView = Field(description="What may be spent, as /v1/spending-limits/levels sets it.")
    proposal_id: str | None = Field(
        default=None, description="What was asked for allows more: it holds once somebody else approves this."
    )

    @classmethod
    def of(cls, allowance: Allowance, spending: SpendingView, proposal_id: str | None = None) -> Self:
        """Show what a level allows."""
        return cls(
            level=allowance.level, needs=_NEEDS[allowance.level], cards=allowance.cards,
            balance=allowance.balance, added_30d=allowance.added_30d, spending=spending,
            proposal_id=proposal_id,
        )  # fmt: skip


class AllowanceBody(Input):
    """What a level allows from now on."""

    cards: int | None = Field(
        ge=0, le=_MOST_CARDS, description="How many open cards; null for any number.", examples=[1]
    )
    balance: int | None = Field(
        ge=0, le=MAX_MINOR_UNITS, description="How much in the wallet, minor units; null for any.",
        examples=[15_000],
    )  # fmt: skip
    added_30d: int | None = Field(
        ge=0, le=MAX_MINOR_UNITS, description="How much is added in 30 days, minor units; null for any.",
        examples=[15_000],
    )  # fmt: skip
    reason: Reason | None = Field(
        default=None, description="Why, for whoever approves it; needed where anything is raised.",
        examples=["Newcomers may try a card with little."],
    )  # fmt: skip


@router.get("/identity-levels")
async def list_identity_levels(session: SessionDep, actor: LevelReader) -> list[LevelView]:
    """What each level of verification allows, the lowest first."""
    return [
        LevelView.of(found, await view_of(session, Subject.level(actor.program_id, found.level)))
        for found in await kyc.list_allowances(session, actor.program_id)
    ]


@router.put("/identity-levels/{level}")
async def set_identity_level(
    level: Level, body: AllowanceBody, session: SessionDep, clock: ClockDep, actor: LimitWriter
) -> LevelView:
    """Change what a level allows; what people have beyond it they keep.

    What allows more of anything is proposed, and holds once somebody else approves it.
    """
    wanted = Allowance(KycLevel(level), body.cards, body.balance, body.added_30d)
    holds, proposed = await kyc.set_allowance(
        session, actor.program_id, wanted, reason=body.reason, staff_id=actor.user_id, at=clock.now()
    )
    spending = await view_of(session, Subject.level(actor.program_id, level))
    return LevelView.of(holds, spending, None if proposed is None else proposed.id)
