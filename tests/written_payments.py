"""Payments by the hundred thousand, written at once, for benchmarks and for lists that have to be long."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from cardwright.db.session import Session
from cardwright.payments.place_store import PLACE_TEXT

MERCHANTS: Final = 2_000
OTHERS: Final = 1_000
FIRST: Final = """
    Golden Silver Corner Green Lunar River Sunny North Harbor City Royal Maple Cedar Union Park Lake Summit
    Valley Prime Metro Blue Red First Grand Happy Iron Lucky Modern Noble Ocean Pine Quick Rapid Smart Twin
    Urban Vista West Young Zen""".split()  # noqa: SIM905
SECOND: Final = """
    Bakery Market Books Motors Hotel Cafe Pharmacy Fuel Cinema Florist Garden Studio Records Cycles Kitchen
    Outfitters Optics Tools Toys Travel Airlines Taxi Telecom Water Power Fitness Golf Bowling Museum Theater
    Software Cloud Games Music Video News Law Dental Clinic Vet Salon Spa Laundry Tailor Shoes Jewels Paints
    Lumber Pets Grill""".split()  # noqa: SIM905
# One in 7 is declined; a few states, categories and amounts are rare, and one merchant stands far back only.
# One in 10 is of a merchant with a card of its own, never declined and never expensive.
_PAYMENTS: Final = """
INSERT INTO payments (id, program_id, user_id, card_id, root_card_id, last4, currency, source, reference,
    merchant, merchant_id, merchant_group, channel, opened_at, status, held, posted, counted, amount)
SELECT 'pay_' || lpad((number + :first)::text, 26, '0'), :program, owner, card, card, '4242', 'USD', 'bench',
    'ref_' || (number + :first),
    jsonb_build_object(
        'id', 'acc_' || who, 'name', name, 'mcc', mcc, 'country', 'US',
        'city', (ARRAY['Springfield', 'Portland', 'Austin', 'Albany', 'Fargo'])[1 + number % 5]),
    'mer_' || lpad(abs(who)::text, 26, CASE who WHEN -1 THEN '9' ELSE '0' END), grp, 'ecommerce',
    cast(:since AS timestamptz) + number * span, state,
    CASE state WHEN 'pending' THEN cost ELSE 0 END, CASE state WHEN 'settled' THEN cost ELSE 0 END,
    CASE WHEN state IN ('pending', 'settled') THEN cost ELSE 0 END, cost
FROM (
    SELECT number, who, cast(:span AS interval) AS span,
        CASE WHEN :owners = 1 THEN cast(:owner AS text)
             ELSE 'user_1' || lpad((number % :owners)::text, 25, '0') END AS owner,
        CASE WHEN number % 100000 = 99 THEN 'card_' || lpad('9', 26, '0')
             WHEN who = -1 THEN 'card_' || lpad('5', 26, '0')
             ELSE 'card_' || lpad((number % 4)::text, 26, '0') END AS card,
        CASE WHEN who = -1 THEN 'Quartz Hosting'
             WHEN who = 0 THEN 'Zanzibar Kite Works' WHEN who = 1 THEN 'Olde Tannery'
             ELSE (cast(:words AS text[]))[1 + who % 40] || ' '
                  || (cast(:kinds AS text[]))[1 + who / 40 % 50] || ' ' || who END AS name,
        CASE WHEN number % 250000 = 17 THEN '7995'
             ELSE (ARRAY['5411', '5812', '5541', '7011', '5732', '5734'])[1 + abs(who) % 6] END AS mcc,
        CASE WHEN number % 250000 = 17 THEN 'gambling'
             ELSE (ARRAY['groceries', 'restaurants', 'fuel', 'lodging', 'electronics', 'software'])
                  [1 + abs(who) % 6] END AS grp,
        CASE WHEN number > :number_of - 300 THEN 'pending' WHEN who = -1 THEN 'settled'
             WHEN number % 7 = 0 THEN 'declined'
             WHEN number % 200000 = 5 THEN 'expired' WHEN number % 90 = 1 THEN 'voided'
             ELSE 'settled' END AS state,
        CASE WHEN number % 50000 = 11 THEN 900000 + number % 1000
             WHEN who = -1 THEN 100 + number % 5000
             ELSE 100 + number::bigint * 7919 % 20000 END AS cost
    FROM (
        SELECT number, CASE WHEN number % 150000 = 3 THEN 0
            WHEN number % 10 = 6 THEN -1
            WHEN number < :number_of / 10 AND number % 10 = 4 THEN 1
            ELSE 2 + floor(:merchants * power(random(), 3))::int END AS who
        FROM generate_series(1, :number_of) AS number
    ) AS numbered
) AS drawn
"""
_ELEMENTS: Final = """
INSERT INTO payment_elements (payment_id, sequence, source, external_id, kind, amount, approved, is_final,
    occurred_at, recorded_at, available_before, available_after, held_before, held_after)
SELECT id, 1, source, reference, CASE status WHEN 'settled' THEN 'force_post' ELSE 'authorization' END,
    amount, status <> 'declined', false, opened_at, opened_at, 0, 0, 0, 0
FROM payments WHERE source = 'bench'
"""
# What the insertion of a payment does for one, for all at once.
_PLACES: Final = (
    f"""
    INSERT INTO payment_places (id, program_id, merchant_id, merchant_group, mcc, text)
    SELECT DISTINCT ON (place_id) place_id, program_id, merchant_id, merchant_group, mcc, {PLACE_TEXT}
    FROM payments WHERE source = 'bench' ON CONFLICT DO NOTHING
    """,  # noqa: S608
    """
    INSERT INTO places_paid (user_id, place_id)
    SELECT DISTINCT user_id, place_id FROM payments WHERE source = 'bench' ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO cards_paid (user_id, last4, card_id, program_id)
    SELECT DISTINCT user_id, last4, card_id, program_id FROM payments WHERE source = 'bench'
    ON CONFLICT DO NOTHING
    """,
)


@dataclass(frozen=True, slots=True)
class Written:
    """So many payments between two instants, of one owner or of a thousand; `first` numbers the first."""

    program_id: str
    count: int
    since: datetime
    until: datetime
    first: int = 0
    owner: str | None = None


async def write_payments(session: Session, *all_written: Written) -> None:
    """Write them, each with its element and its place; the same numbers give the same payments."""
    await session.execute(text("SELECT setseed(0.42)"))
    for written in all_written:
        parameters = {
            "program": written.program_id, "first": written.first, "number_of": written.count,
            "owner": written.owner or "", "owners": 1 if written.owner else OTHERS, "since": written.since,
            "span": (written.until - written.since) / written.count, "merchants": MERCHANTS,
            "words": FIRST, "kinds": SECOND,
        }  # fmt: skip
        await session.execute(text(_PAYMENTS), parameters)
    for statement in (_ELEMENTS, *_PLACES):
        await session.execute(text(statement))
