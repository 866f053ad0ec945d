"""Recognising the merchant that a network means, and whether descriptors may teach who it is."""

from datetime import datetime

from cardwright import audit
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.merchants import acceptor_store, store
from cardwright.merchants.descriptors import clean_name, descriptor_key
from cardwright.merchants.domain import Acceptor, Merchant, Origin
from cardwright.merchants.groups import group_of


async def identify(
    session: Session, *, program_id: str, source: str, acceptor_id: str, descriptor: str, mcc: str,
    country: str, at: datetime, city: str | None = None,
) -> Merchant:  # fmt: skip
    """Return whom a network means, learned at first sight; one statement when the acceptor id is known.

    An unknown id belongs to the merchant that has the same descriptor in the same category, if the descriptor
    is telling and the program learns from descriptors: see ADR 22. A merchant that was merged into another is
    returned as itself, so that what is kept of it is still its own when staff undo the merge.
    """
    known = await recognise(session, program_id, source, acceptor_id)
    if known is not None:
        return known
    key = descriptor_key(descriptor)
    # Always in this order, so that two that learn of each other's merchants do not wait for one another.
    if acceptor_id:
        await acceptor_store.lock_sighting(session, program_id, f"acceptor:{source}:{acceptor_id}")
        known = await recognise(session, program_id, source, acceptor_id)
        if known is not None:
            return known
    if key is not None:
        await acceptor_store.lock_sighting(session, program_id, f"descriptor:{key}:{mcc}")
        if await acceptor_store.is_learning(session, program_id):
            known = await acceptor_store.find_by_descriptor(session, program_id, key, mcc)
    origin = Origin.OBSERVED if known is None else Origin.DESCRIPTOR
    if known is None:
        name = clean_name(descriptor, city)
        known = Merchant(new_id("mer"), program_id, name, mcc, group_of(mcc).id, country, at)
        await store.insert_merchant(session, known)
    if acceptor_id:
        acceptor = Acceptor(known.id, source, acceptor_id, descriptor, mcc, country, origin, at)
        await acceptor_store.save_acceptor(session, program_id, acceptor)
    if key is not None:
        await acceptor_store.add_descriptor(session, known, key, mcc)
    return known


async def recognise(session: Session, program_id: str, source: str, acceptor_id: str) -> Merchant | None:
    """Return whom a network is known to mean by an acceptor id, as `identify` does, learning nothing."""
    if not acceptor_id:
        return None
    return await acceptor_store.find_by_acceptor(session, program_id, source, acceptor_id)


async def set_learning(
    session: Session, *, is_on: bool, program_id: str, staff_id: str, at: datetime
) -> None:
    """Let a program learn from descriptors, or no more: then no id counts that was only learned."""
    before = await acceptor_store.is_learning(session, program_id)
    if before is is_on:
        return
    await acceptor_store.save_learning(session, program_id, is_on=is_on)
    details = {"before": before, "after": is_on}
    await audit.record(session, staff_id, program_id, "merchant_learning.changed", program_id, details, at)
