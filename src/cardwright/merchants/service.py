"""Use cases of merchants: finding one, and what staff correct."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from cardwright import audit
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.merchants import acceptor_store, store
from cardwright.merchants.descriptors import clean_name, descriptor_key
from cardwright.merchants.domain import Acceptor, Merchant, Origin
from cardwright.merchants.groups import group_of


async def find_merchant(session: Session, merchant_id: str) -> Merchant | None:
    """Return a merchant, or the one that it was merged into."""
    return await store.find(session, merchant_id)


async def find_merchants(session: Session, merchant_ids: Iterable[str]) -> Mapping[str, Merchant]:
    """Return, by each id that there is, the merchant that it means."""
    return await store.find_all(session, sorted(set(merchant_ids)))


async def family(session: Session, merchant_ids: Sequence[str]) -> Sequence[str]:
    """Return ids of merchants with all other ids that mean the same."""
    return await store.family(session, merchant_ids)


async def ensure_known(session: Session, merchant_ids: Iterable[str], *, program_id: str) -> None:
    """Raise Invalid `merchant_unknown` where a program has no merchant of one of the ids."""
    wanted = sorted(set(merchant_ids))
    if not wanted:
        return
    known = await store.known_ids(session, program_id, wanted)
    unknown = next((merchant_id for merchant_id in wanted if merchant_id not in known), None)
    if unknown is not None:
        raise Invalid("merchant_unknown", f"There is no merchant {unknown}.", merchant_id=unknown)


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
    """Say that two merchants are one: whatever means the other means this one until that is undone.

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


async def unmerge(
    session: Session, merchant_id: str, other_id: str, *, program_id: str, staff_id: str, at: datetime
) -> Merchant:
    """Undo that another merchant was merged into this one; return it, with all that ever was its own.

    Nothing of it was moved when it was merged, nor was what names it: cards that are locked to it, limits and
    controls mean it alone again. Raises Invalid `merchant_not_merged` for what does not mean this one.
    """
    merchant = await _for_update(session, program_id, merchant_id)
    # The lock keeps everything that means the merchant as it is; read again, as it may have waited.
    if other_id not in {found.id for found in await store.merged_into(session, merchant.id)}:
        raise Invalid("merchant_not_merged", "That merchant was not merged into this one.")
    await store.unmerge(session, other_id)
    details = {"restored": other_id}
    await audit.record(session, staff_id, program_id, "merchant.unmerged", merchant_id, details, at)
    return await get_merchant(session, other_id, program_id=program_id)


async def split(
    session: Session, merchant_id: str, source: str, acceptor_id: str, *, program_id: str, staff_id: str,
    at: datetime,
) -> Merchant:  # fmt: skip
    """Make an acceptor id of a merchant a merchant of its own, as its network describes it; return that.

    Raises Invalid `acceptor_unknown` where the merchant does not have the id, Conflict `acceptor_last` for
    the only one that it, or that a merchant merged into it, has.
    """
    merchant = await _for_update(session, program_id, merchant_id)
    await acceptor_store.lock_sighting(session, program_id, f"acceptor:{source}:{acceptor_id}")
    held = await acceptor_store.acceptors_of(session, merchant.id)
    parted = next((each for each in held if (each.source, each.acceptor_id) == (source, acceptor_id)), None)
    if parted is None:
        raise Invalid("acceptor_unknown", "The merchant is not known under that id.")
    staying = [each for each in held if each.merchant_id == parted.merchant_id and each != parted]
    _ensure_some_stay(merchant, parted, staying)
    new = Merchant(
        new_id("mer"), program_id, clean_name(parted.descriptor), parted.mcc, group_of(parted.mcc).id,
        parted.country, at,
    )  # fmt: skip
    await store.insert_merchant(session, new)
    moved = replace(parted, merchant_id=new.id, origin=Origin.STAFF)
    await acceptor_store.save_acceptor(session, program_id, moved)
    key = descriptor_key(parted.descriptor)
    # A descriptor that another id has, too, goes on meaning whom it meant: what is split is not learned back.
    if key is not None and (key, parted.mcc) not in {_taught_by(each) for each in staying}:
        await acceptor_store.move_descriptor(session, parted.merchant_id, key, parted.mcc, new.id)
    details = {"split_off": new.id, "source": source, "acceptor_id": acceptor_id}
    await audit.record(session, staff_id, program_id, "merchant.split", merchant_id, details, at)
    return new


async def add_acceptor(
    session: Session, merchant_id: str, source: str, acceptor_id: str, *, program_id: str, staff_id: str,
    at: datetime,
) -> Merchant:  # fmt: skip
    """Say that a network knows a merchant under an id, also where that was learned before.

    Raises Conflict `acceptor_taken` for an id of another merchant.
    """
    merchant = await _for_update(session, program_id, merchant_id)
    await acceptor_store.lock_sighting(session, program_id, f"acceptor:{source}:{acceptor_id}")
    known = await acceptor_store.find_acceptor(session, program_id, source, acceptor_id)
    if known is not None and known.merchant_id not in merchant.ids:
        raise Conflict(
            "acceptor_taken", "The id belongs to another merchant: merge the two, or split it off there.",
            merchant_id=known.merchant_id,
        )  # fmt: skip
    added = known or Acceptor(
        merchant.id, source, acceptor_id, merchant.name, merchant.mcc, merchant.country, Origin.STAFF, at
    )
    await acceptor_store.save_acceptor(session, program_id, replace(added, origin=Origin.STAFF))
    details = {"source": source, "acceptor_id": acceptor_id, "before": known and known.origin}
    await audit.record(session, staff_id, program_id, "merchant.acceptor_added", merchant_id, details, at)
    return merchant


def _taught_by(acceptor: Acceptor) -> tuple[str | None, str]:
    return descriptor_key(acceptor.descriptor), acceptor.mcc


def _ensure_some_stay(merchant: Merchant, parted: Acceptor, staying: Sequence[Acceptor]) -> None:
    if staying:
        return
    if parted.merchant_id == merchant.id:
        raise Conflict("acceptor_last", "It is the only id of the merchant's own: nobody would be left.")
    raise Conflict(
        "acceptor_last", "It is the only id of a merchant that was merged into this one: undo that instead.",
        merged_id=parted.merchant_id,
    )  # fmt: skip


async def _for_update(session: Session, program_id: str, merchant_id: str) -> Merchant:
    found = await store.find_for_update(session, program_id, merchant_id)
    if found is None:
        raise NotFound("merchant_unknown", "There is no such merchant.")
    return found
