"""What the routes of challenges and approvers read and answer."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from cardwright.access import Actor, Reach
from cardwright.challenges.approver_store import Approver, ApproverState
from cardwright.challenges.domain import AnswerState, Challenge, ChallengeState, Decision
from cardwright.http.strict import CurrencyCode, Input, Output

_MAX_EMAIL_CHARACTERS = 254


class RefusalInput(Input):
    """Why a purchase is refused."""

    report_fraud: bool = Field(default=False, description="You did not shop there: the card may be stolen.")


class InvitationInput(Input):
    """Whom to ask."""

    email: Annotated[
        str,
        StringConstraints(min_length=3, max_length=_MAX_EMAIL_CHARACTERS),
        Field(examples=["ada@example.com"], json_schema_extra={"format": "email"}),
    ]


class MaskedCard(Output):
    """All that an approver sees of a card."""

    label: str
    last4: str | None


class MerchantOutput(Output):
    """Who asks, in the merchant's own words."""

    name: str
    mcc: str
    country: str | None
    acceptor_id: str = Field(
        validation_alias="id",
        description="The id that the network knows it under.",
        examples=["100000000000001"],
    )


class ChallengeOutput(Output):
    """A purchase that waits, or waited, for a yes or a no."""

    id: str = Field(examples=["chal_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    card: MaskedCard
    card_id: str | None = Field(description="For the holder and for staff.")
    merchant: MerchantOutput
    amount: int = Field(description="Whole minor units; zero where only the card is checked.")
    currency: CurrencyCode
    state: ChallengeState
    created_at: datetime
    expires_at: datetime
    decision: Decision | None = Field(description="What was said, even when it came too late.")
    decided_by_you: bool
    decided_at: datetime | None
    is_fraud_reported: bool
    answer: AnswerState = Field(description="Whether the merchant's side heard the decision yet.")

    @classmethod
    def of(cls, challenge: Challenge, actor: Actor, at: datetime) -> Self:
        """Show a challenge to somebody who may see it."""
        sees_card = actor.reach is Reach.ANY or challenge.user_id == actor.user_id
        return cls(
            id=challenge.id, card=MaskedCard(label=challenge.card_label, last4=challenge.card_last4),
            card_id=challenge.card_id if sees_card else None,
            merchant=MerchantOutput.model_validate(challenge.merchant), amount=challenge.amount,
            currency=challenge.currency, state=challenge.state_at(at), created_at=challenge.created_at,
            expires_at=challenge.expires_at, decision=challenge.decision,
            decided_by_you=challenge.decided_by == actor.user_id, decided_at=challenge.decided_at,
            is_fraud_reported=challenge.is_fraud_reported, answer=challenge.answer,
        )  # fmt: skip


class ApproverOutput(Output):
    """Somebody whom the holder wants to answer for a card; nothing here tells whether anybody is there."""

    id: str = Field(examples=["inv_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    email: str
    is_accepted: bool
    invited_at: datetime
    expires_at: datetime | None = Field(description="When the invitation ends; null once it was accepted.")

    @classmethod
    def of(cls, approver: Approver) -> Self:
        """Show an approver to the holder."""
        is_accepted = approver.state is ApproverState.ACCEPTED
        return cls(
            id=approver.id, email=approver.email, is_accepted=is_accepted, invited_at=approver.invited_at,
            expires_at=None if is_accepted else approver.expires_at,
        )  # fmt: skip


class ApproverList(Output):
    """The approvers of a card beside its holder: few, so all of them."""

    data: list[ApproverOutput]


class InvitationOutput(Output):
    """An invitation to answer for somebody's card, as the invited sees it."""

    id: str = Field(examples=["inv_01kb3x9p4fe8s8b9xkq5n2r7vt"])
    card: MaskedCard
    state: ApproverState
    invited_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, approver: Approver) -> Self:
        """Show an invitation to whom it is addressed."""
        return cls(
            id=approver.id, card=MaskedCard(label=approver.card_label, last4=approver.card_last4),
            state=approver.state, invited_at=approver.invited_at, expires_at=approver.expires_at,
        )  # fmt: skip


class InvitationList(Output):
    """The invitations to somebody."""

    data: list[InvitationOutput]
