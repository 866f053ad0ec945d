"""Use cases of merchants: recognising one, and what staff correct."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cardwright import audit
from cardwright.core.errors import Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.merchants import store
from cardwright.merchants.domain import Acceptor, Merchant, Origin, clean_name, descriptor_key
from cardwright.merchants.groups import group_of


async def identify(
    session: Session, *, program_id: str, source: str, acceptor_id: str, descriptor: str, mcc: str,
    country: str, at: datetime,
) -> Merchant:  # fmt: skip
    """Return who a network means, learned at first sight; one statement when the acceptor id is known.

    An unknown id belongs to the merchant that has the same descriptor in the same category, if the descriptor
    is telling. Whoever copies both is taken for the original until staff split the two: see ADR 22.
    """
    if acceptor_id:
        known = await store.find_by_acceptor(session, program_id, source, acceptor_id)
        if known is not None:
            return known
    key = descriptor_key(descriptor)
    # Always in this order, so that two that learn of each other's merchants do not wait for one another.
    if acceptor_id:
        await store.lock_sighting(session, program_id, f"acceptor:{source}:{acceptor_id}")
        known = await store.find_by_acceptor(session, program_id, source, acceptor_id)
        if known is not None:
            return known
    if key is not None:
        await store.lock_sighting(session, program_id, f"descriptor:{key}:{mcc}")
        known = await store.find_by_descriptor(session, program_id, key, mcc)
    else:
        known = None
    origin = Origin.OBSERVED if known is None else Origin.DESCRIPTOR
    merchant = known or await _make(session, program_id, descriptor, mcc, country, at)
    if acceptor_id:
        await store.add_acceptor(session, merchant, Acceptor(source, acceptor_id, country, origin, at))
    if key is not None:
        await store.add_descriptor(session, merchant, key, mcc)
    return merchant


async def find_merchant(session: Session, merchant_id: str) -> Merchant | None:
    """Return a merchant, or the one that it was merged into."""
    return await store.find(session, merchant_id)


async def family(session: Session, merchant_ids: Sequence[str]) -> Sequence[str]:
    """Return ids of merchants with all other ids that mean the same."""
    return await store.family(session, merchant_ids)


async def get_merchant(session: Session, merchant_id: str, *, program_id: str) -> Merchant:
    """Return a merchant of a program, or the one it was merged into; raise NotFound."""
    found = await store.find(session, merchant_id)
    if found is None or found.program_id != program_id:
        raise NotFound("merchant_unknown", "There is no such merchant.")
    return found


async def rename(
    session: Session, merchant_id: str, name: str, *, program_id: str, staff_id: str, at: datetime
) -> Merchant:
    """Call a merchant by another name."""
    merchant = await _for_update(session, program_id, merchant_id)
    await store.rename(session, merchant_id, name)
    details = {"before": merchant.name, "after": name}
    await audit.record(session, staff_id, program_id, "merchant.renamed", merchant_id, details, at)
    return replace(merchant, name=name)


async def merge(
    session: Session, merchant_id: str, other_id: str, *, program_id: str, staff_id: str, at: datetime
) -> Merchant:
    """Say that two merchants are one: whatever meant the other means this one from now on.

    Raises Invalid `merchants_same` for one and the same, `merchant_unknown` for another that there is not.
    """
    if merchant_id == other_id:
        raise Invalid("merchants_same", "A merchant cannot be merged into itself.")
    found = {}
    for id_ in sorted((merchant_id, other_id)):
        found[id_] = await store.find_for_update(session, program_id, id_)
    if found[merchant_id] is None:
        raise NotFound("merchant_unknown", "There is no such merchant.")
    if found[other_id] is None:
        raise Invalid("merchant_unknown", "There is no such other merchant.")
    await store.merge(session, other_id, merchant_id)
    details = {"merged": other_id}
    await audit.record(session, staff_id, program_id, "merchant.merged", merchant_id, details, at)
    return await get_merchant(session, merchant_id, program_id=program_id)


async def split(
    session: Session, merchant_id: str, source: str, acceptor_id: str, *, program_id: str, staff_id: str,
    at: datetime,
) -> Merchant:  # fmt: skip
    """Make an acceptor id of a merchant a merchant of its own; return that.

    Raises Invalid `acceptor_unknown` where the merchant does not have the id.
    """
    merchant = await _for_update(session, program_id, merchant_id)
    new = replace(merchant, id=new_id("mer"), created_at=at, aliases=())
    await store.insert_merchant(session, new)
    if not await store.move_acceptor(session, merchant, source, acceptor_id, new.id, at):
        raise Invalid("acceptor_unknown", "The merchant is not known under that id.")
    details = {"split_off": new.id, "source": source, "acceptor_id": acceptor_id}
    await audit.record(session, staff_id, program_id, "merchant.split", merchant_id, details, at)
    return new


async def _for_update(session: Session, program_id: str, merchant_id: str) -> Merchant:
    found = await store.find_for_update(session, program_id, merchant_id)
    if found is None:
        raise NotFound("merchant_unknown", "There is no such merchant.")
    return found


async def _make(
    session: Session, program_id: str, descriptor: str, mcc: str, country: str, at: datetime
) -> Merchant:
    made = Merchant(new_id("mer"), program_id, clean_name(descriptor), mcc, group_of(mcc).id, country, at)
    await store.insert_merchant(session, made)
    return made
