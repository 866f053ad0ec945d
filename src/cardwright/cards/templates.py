"""Use cases of templates: staff prepare them, holders pick them."""

from dataclasses import replace
from datetime import datetime

from cardwright import audit
from cardwright.cards import template_store
from cardwright.cards.domain import Blueprint, CardType, Template, Terms, agreed_terms
from cardwright.cards.ports import CardProcessors
from cardwright.cards.service import NewCard, described, ensure_sound, listed
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session


async def create_template(
    session: Session, name: str, description: str, blueprint: Blueprint, processors: CardProcessors,
    *, program_id: str, staff_id: str, at: datetime,
) -> Template:  # fmt: skip
    """Prepare a template; raise Invalid for one that no card could be made from."""
    await _ensure_usable(session, program_id, blueprint, processors, at)
    template = Template(new_id("tmpl"), program_id, name, description, blueprint, True, at)
    await template_store.insert_template(session, template)
    details = {"after": _told(template)}
    await audit.record(session, staff_id, program_id, "card_template.created", template.id, details, at)
    return template


async def replace_template(
    session: Session, template_id: str, name: str, description: str, blueprint: Blueprint,
    processors: CardProcessors, *, program_id: str, staff_id: str, at: datetime,
) -> Template:  # fmt: skip
    """Change a template for the cards that will be made from it."""
    await _ensure_usable(session, program_id, blueprint, processors, at)
    present = await _for_update(session, program_id, template_id)
    changed = replace(present, name=name, description=description, blueprint=blueprint)
    return await _save(session, present, changed, staff_id=staff_id, at=at)


async def set_active(
    session: Session, template_id: str, *, is_active: bool, program_id: str, staff_id: str, at: datetime
) -> Template:
    """Let a template be picked, or no more; cards that were made from it stay as they are."""
    present = await _for_update(session, program_id, template_id)
    if present.is_active is is_active:
        return present
    return await _save(session, present, replace(present, is_active=is_active), staff_id=staff_id, at=at)


async def from_template(
    session: Session, template_id: str, asked: NewCard, *, program_id: str, at: datetime
) -> NewCard:
    """Return what is asked for with everything that the template fixes; own limits tighten it further.

    Raises Invalid `template_unknown`, Conflict `template_retired`, and Invalid `template_contradicted` where
    what is asked for says itself what the template says.
    """
    found = await template_store.find_template(session, program_id, template_id)
    if found is None:
        raise Invalid("template_unknown", "There is no such template.")
    if not found.is_active:
        raise Conflict("template_retired", "This template is no longer offered.")
    if asked.type is not CardType.STANDARD or asked.terms != Terms() or asked.controls:
        raise Invalid("template_contradicted", "The template says what the card may be used for.")
    plan = found.blueprint
    return replace(
        asked, type=plan.type, terms=plan.terms_at(at), fixed_limits=plan.limits,
        fixed_controls=plan.fixed_controls, colour=asked.colour or plan.colour, icon=asked.icon or plan.icon,
        template_id=found.id, processor=plan.processor or asked.processor,
    )  # fmt: skip


async def get_template(session: Session, template_id: str, *, program_id: str) -> Template:
    """Return a template of a program; raise NotFound."""
    return _known(await template_store.find_template(session, program_id, template_id))


async def _for_update(session: Session, program_id: str, template_id: str) -> Template:
    return _known(await template_store.find_template(session, program_id, template_id, lock=True))


def _known(found: Template | None) -> Template:
    if found is None:
        raise NotFound("template_unknown", "There is no such template.")
    return found


async def _save(
    session: Session, present: Template, changed: Template, *, staff_id: str, at: datetime
) -> Template:
    await template_store.save_template(session, changed)
    details = {"before": _told(present), "after": _told(changed)}
    await audit.record(
        session, staff_id, present.program_id, "card_template.changed", present.id, details, at
    )
    return changed


async def _ensure_usable(
    session: Session, program_id: str, blueprint: Blueprint, processors: CardProcessors, at: datetime
) -> None:
    await ensure_sound(
        session, program_id, blueprint.limits, blueprint.controls, merchant_ids=blueprint.terms.merchant_ids
    )
    agreed_terms(blueprint.type, blueprint.terms_at(at), blueprint.limits, at=at)
    if blueprint.processor is not None:
        processors.of(blueprint.processor)


def _told(template: Template) -> dict[str, object]:
    plan = template.blueprint
    return {
        "name": template.name, "type": plan.type, "is_active": template.is_active,
        "limits": described(plan.limits), "controls": listed(plan.controls),
    }  # fmt: skip
