"""Card templates over HTTP: holders read what they may pick, staff prepare it."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path, Response
from pydantic import Field, StringConstraints

from cardwright.access import Reach
from cardwright.cards import template_store, templates
from cardwright.cards.domain import Blueprint, CardType, Template, Terms, completed_terms
from cardwright.cards.guards import ProcessorsDep, TemplateReader, TemplateStaff, TemplateWriter
from cardwright.cards.schemas import (
    Colour,
    Controls,
    ControlsView,
    Icon,
    LimitBody,
    LimitView,
    MerchantLock,
    limits_of,
)
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Amount, Id, Input, Line, Output

router = strict.router("/v1/card-templates", "cards")
TemplateId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]


class TemplateBody(Input):
    """What cards of this template are, whoever makes one."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=60), Field(examples=["Ads card"])]
    description: Annotated[Line, StringConstraints(max_length=300), Field(examples=["For campaigns."])] = ""
    type: Annotated[CardType, Field(strict=False, examples=["standard"])] = CardType.STANDARD
    uses: Annotated[int | None, Field(strict=True, ge=1, le=10_000, description="How many purchases.")] = None
    exact_amount: Amount | None = Field(default=None, description="What a purchase costs, in minor units.")
    merchant_lock: MerchantLock | None = Field(default=None, description="One merchant only.")
    valid_for_days: Annotated[
        int | None, Field(strict=True, ge=1, le=1825, description="Cards close so long after their making.")
    ] = None
    limits: Annotated[
        list[LimitBody], Field(max_length=20, examples=[[{"window": "month", "amount": 50_000}]])
    ] = Field(default_factory=list)
    controls: Controls = Field(default_factory=Controls, description="What may be bought.")
    colour: Colour | None = Field(default=None, description="The name of a colour of the design.")
    icon: Icon | None = Field(default=None, description="The name of an icon of the design.")
    processor: Annotated[
        str | None, StringConstraints(max_length=20), Field(description="Where its cards are issued.")
    ] = None

    def blueprint(self) -> Blueprint:
        """Return what the template sets; raise Invalid."""
        lock = self.merchant_lock
        terms = Terms(self.uses, self.exact_amount, lock is not None, lock.merchant_id if lock else None)
        return Blueprint(
            self.type, terms, tuple(limits_of(self.limits)), tuple(self.controls.controls()), self.colour,
            self.icon, self.processor, self.valid_for_days,
        )  # fmt: skip


class TemplateView(Output):
    """A template as it is picked."""

    id: Id
    name: str
    description: str
    type: CardType
    uses: int | None
    exact_amount: int | None
    is_merchant_locked: bool
    locked_merchant_id: Id | None
    valid_for_days: int | None
    limits: list[LimitView]
    controls: ControlsView
    colour: str | None
    icon: str | None
    processor: str | None
    is_active: bool
    created_at: datetime

    @classmethod
    def of(cls, template: Template) -> Self:
        """Show a template."""
        plan = template.blueprint
        terms = completed_terms(plan.type, plan.terms)
        return cls(
            id=template.id, name=template.name, description=template.description, type=plan.type,
            uses=terms.uses, exact_amount=terms.exact_amount,
            is_merchant_locked=terms.is_locked, locked_merchant_id=terms.merchant_id,
            valid_for_days=plan.valid_for_days, limits=[LimitView.of(limit) for limit in plan.limits],
            controls=ControlsView.of(plan.controls), colour=plan.colour, icon=plan.icon,
            processor=plan.processor, is_active=template.is_active, created_at=template.created_at,
        )  # fmt: skip


@router.get("")
async def list_card_templates(
    session: SessionDep, actor: TemplateReader, limit: Limit = 20, cursor: Cursor = None
) -> Page[TemplateView]:
    """The templates that cards can be made from, newest first; for staff, the retired ones, too."""
    is_active = None if actor.reach is Reach.ANY else True
    found = await template_store.templates_page(
        session, actor.program_id, is_active=is_active, before=cursor, limit=limit + 1
    )
    return page(found, limit, show=TemplateView.of, cursor_of=lambda template: template.id)


@router.get("/{template_id}")
async def get_card_template(
    template_id: TemplateId, session: SessionDep, actor: TemplateStaff
) -> TemplateView:
    """One template, for staff."""
    return TemplateView.of(await templates.get_template(session, template_id, program_id=actor.program_id))


@router.post("", status_code=201, response_model=TemplateView)
async def create_card_template(
    body: TemplateBody, session: SessionDep, clock: ClockDep, actor: TemplateWriter,
    processors: ProcessorsDep, call: IdempotencyDep,
) -> Response:  # fmt: skip
    """Prepare a template for holders to pick."""

    async def effect() -> TemplateView:
        made = await templates.create_template(
            session, body.name, body.description, body.blueprint(), processors,
            program_id=actor.program_id, staff_id=actor.user_id, at=clock.now(),
        )  # fmt: skip
        return TemplateView.of(made)

    return await call.once(actor.user_id, effect)


@router.put("/{template_id}")
async def replace_card_template(
    template_id: TemplateId, body: TemplateBody, session: SessionDep, clock: ClockDep,
    actor: TemplateWriter, processors: ProcessorsDep,
) -> TemplateView:  # fmt: skip
    """Change a template; cards that were made from it stay as they are."""
    changed = await templates.replace_template(
        session, template_id, body.name, body.description, body.blueprint(), processors,
        program_id=actor.program_id, staff_id=actor.user_id, at=clock.now(),
    )  # fmt: skip
    return TemplateView.of(changed)


@router.post("/{template_id}/retire")
async def retire_card_template(
    template_id: TemplateId, session: SessionDep, clock: ClockDep, actor: TemplateWriter
) -> TemplateView:
    """Offer a template no more."""
    changed = await templates.set_active(
        session, template_id, is_active=False, program_id=actor.program_id, staff_id=actor.user_id,
        at=clock.now(),
    )  # fmt: skip
    return TemplateView.of(changed)


@router.post("/{template_id}/activate")
async def activate_card_template(
    template_id: TemplateId, session: SessionDep, clock: ClockDep, actor: TemplateWriter
) -> TemplateView:
    """Offer a template again."""
    changed = await templates.set_active(
        session, template_id, is_active=True, program_id=actor.program_id, staff_id=actor.user_id,
        at=clock.now(),
    )  # fmt: skip
    return TemplateView.of(changed)
