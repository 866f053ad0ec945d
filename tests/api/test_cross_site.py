"""What other sites can make a signed-in browser send, in every combination: nothing of it has an effect."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from access.asking import DOCUMENT
from browsers import COOKIE, opened_for
from builders import ISSUER
from cardwright.access import ANY_SESSION, PUBLIC, Role
from cardwright.core.clock import MovableClock
from cardwright.db.base import metadata
from cardwright.db.session import transaction
from depth import IS_THOROUGH
from integration.kyc.people import a_verified_person
from staff import grant_role

FOREIGN = "https://evil.example"
PROFILE = {"full_name": "Mallory", "date_of_birth": "1990-01-01", "locale": "en", "time_zone": "UTC"}
SITES = (None, "same-origin", "none", "same-site", "cross-site", "Same-Origin", "same-origin, cross-site", "")
ORIGINS = (
    None, ISSUER, FOREIGN, "null", "http://cardwright.test", f"{ISSUER}:444", f"{ISSUER}.evil.example",
    f"{ISSUER}@evil.example", f"{ISSUER}/", "",
)  # fmt: skip
MARKS = (None, "1", "0", "", "1, 1")
BODIES: Mapping[str | None, bytes] = {
    "application/json": b'{"full_name":"Mallory"}',
    "application/json; charset=utf-8": b'{"full_name":"Mallory"}',
    "text/plain": b'{"full_name":"Mallory","a":"=b"}',
    "application/x-www-form-urlencoded": b"full_name=Mallory",
    "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
    None: b"",
}
"""What forms and scripts of other sites can send, and more."""

HOSTILE: tuple[Mapping[str, str], ...] = (
    {},
    {"Origin": FOREIGN},
    {"Origin": "null"},
    {"Origin": FOREIGN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": ISSUER, "Sec-Fetch-Site": "cross-site", "X-CSRF-Protection": "1"},
    {"Origin": FOREIGN, "X-CSRF-Protection": "1"},
    {"Origin": "https://other.cardwright.test", "Sec-Fetch-Site": "same-site", "X-CSRF-Protection": "1"},
    {"Referer": f"{ISSUER}/"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": ISSUER},
)
"""A browser's words on requests of other sites, and on forms of our own, which nothing of ours sends."""

TRAIL = {"audit_entries", "audit_personal_data"}
UNSAFE = [
    (
        operation["operationId"],
        method.upper(),
        re.sub(r"\{[a-z_]+\}", "card_01kb3x9p4fe8s8b9xkq5n2r7vt", path),
    )
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method != "get"
]
GUARDED = [(method, url) for name, method, url in UNSAFE if name not in PUBLIC]


class Victim:
    """Somebody who may do everything, in a browser that sends the cookie along."""

    def __init__(self, client: httpx.AsyncClient, engine: AsyncEngine, secret: str) -> None:
        self.client, self.engine, self.secret = client, engine, secret

    async def send(self, method: str, url: str, *, headers: Mapping[str, str], **body: Any) -> httpx.Response:
        sent = {"Cookie": f"{COOKIE}={self.secret}", "Idempotency-Key": "k", **headers}
        return await self.client.request(method, url, headers=sent, **body)

    async def everything(self, *, but: Collection[str] = ()) -> Mapping[str, str]:
        """Return a digest of every table."""
        query = "SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {} t"
        async with transaction(self.engine) as session:
            return {
                table: (await session.execute(text(query.format(table)))).scalar_one()
                for table in metadata.tables
                if table not in but
            }


@pytest.fixture
async def victim(client: httpx.AsyncClient, engine: AsyncEngine, clock: MovableClock) -> Victim:
    user_id = await a_verified_person(engine, clock)
    async with transaction(engine) as session:
        for role in Role:
            await grant_role(session, user_id, role, "system", clock.now())
    opened = await opened_for(engine, clock, user_id)
    return Victim(client, engine, opened.secret.reveal())


def combinations() -> Iterator[tuple[Mapping[str, str], bool]]:
    """Every combination of a browser's words and our header, and whether it is a page of ours."""
    for site, origin, mark in product(SITES, ORIGINS, MARKS):
        named = {"Sec-Fetch-Site": site, "Origin": origin, "X-CSRF-Protection": mark}
        is_here = site in {"same-origin", "none"} or (site is None and origin == ISSUER)
        yield {name: value for name, value in named.items() if value is not None}, is_here and mark == "1"


def attacks() -> Iterator[tuple[str, str, Mapping[str, str], str | None, bytes]]:
    """Every operation with every browser's words and with every body; all three combined where thorough."""
    for (number, (method, url)), (place, headers) in product(enumerate(GUARDED), enumerate(HOSTILE)):
        kinds = list(BODIES)
        for kind in kinds if IS_THOROUGH else [kinds[(number + place) % len(kinds)]]:
            yield method, url, headers, kind, BODIES[kind]


async def test_only_our_own_pages_change_anything(victim: Victim) -> None:
    ours = 0
    before = await victim.everything()
    for headers, is_ours in combinations():
        answer = await victim.send("PUT", "/v1/me/profile", headers=headers, json=PROFILE)
        if is_ours:
            assert answer.status_code == 200, headers
            ours += 1
            before = await victim.everything()
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_refused"), headers
    assert ours == 2 * len(ORIGINS) + 1
    assert await victim.everything() == before


async def test_a_header_that_is_sent_twice_is_taken_for_nothing(victim: Victim) -> None:
    once = [("Sec-Fetch-Site", "same-origin"), ("Origin", ISSUER), ("X-CSRF-Protection", "1")]
    cookie = ("Cookie", f"{COOKIE}={victim.secret}")
    for more in (("Sec-Fetch-Site", "same-origin"), ("X-CSRF-Protection", "1")):
        answer = await victim.client.put("/v1/me/profile", json=PROFILE, headers=[cookie, *once, more])
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_refused")
    twice = [cookie, *once[1:], ("Origin", ISSUER)]
    assert (await victim.client.put("/v1/me/profile", json=PROFILE, headers=twice)).status_code == 403


async def test_no_operation_has_an_effect_from_elsewhere_whatever_its_method_and_body(victim: Victim) -> None:
    before = await victim.everything()
    seen = set()
    for method, url, headers, kind, content in attacks():
        sent = {**headers, **({} if kind is None else {"Content-Type": kind})}
        answer = await victim.send(method, url, headers=sent, content=content)
        seen.add((answer.status_code, answer.json()["code"]))
        assert "access-control-allow-origin" not in answer.headers
    assert seen == {(403, "cross_site_refused")}
    assert await victim.everything() == before


async def test_methods_that_stand_for_others_stand_for_nothing(victim: Victim) -> None:
    # Reading what is sensitive is on record, whoever makes somebody read it.
    before = await victim.everything(but=TRAIL)
    urls = {url for _, url in GUARDED}
    for url, method, override in product(
        urls, ("GET", "HEAD", "OPTIONS", "TRACE"), ("DELETE", "PUT", "POST")
    ):
        headers = {"X-HTTP-Method-Override": override, "Sec-Fetch-Site": "cross-site", "Origin": FOREIGN}
        await victim.send(method, url, headers=headers, params={"_method": override})
    assert await victim.everything(but=TRAIL) == before


async def test_reading_is_answered_but_shown_to_no_other_origin(victim: Victim) -> None:
    for headers in HOSTILE:
        answer = await victim.send("GET", "/v1/me", headers=headers)
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        preflight = {
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "x-csrf-protection",
        }
        asked = await victim.send("OPTIONS", "/v1/me/profile", headers={**headers, **preflight})
        assert asked.status_code == 405
        assert not [name for name in asked.headers if name.startswith("access-control-")]


async def test_ending_the_session_needs_a_page_of_ours_even_while_it_awaits_its_factor(
    victim: Victim,
) -> None:
    assert "sign_out" in ANY_SESSION
    async with transaction(victim.engine) as session:
        await session.execute(text("UPDATE auth_sessions SET awaits_factor = true"))
    for headers in HOSTILE:
        assert (await victim.send("POST", "/v1/auth/sign-out", headers=headers)).status_code == 403
    ours = {"Sec-Fetch-Site": "same-origin", "X-CSRF-Protection": "1"}
    assert (await victim.send("GET", "/v1/me", headers=ours)).json()["code"] == "factor_required"
    assert (await victim.send("POST", "/v1/auth/sign-out", headers=ours)).status_code == 204


@pytest.mark.parametrize("headers", [it for it in HOSTILE if {"Origin", "Sec-Fetch-Site"} & it.keys()])
async def test_nobody_is_signed_in_by_another_site(
    client: httpx.AsyncClient, victim: Victim, headers: Mapping[str, str]
) -> None:
    body = {"email": "robin@example.com", "password": "correct horse battery staple"}
    answer = await client.post("/v1/auth/sign-in", json=body, headers=headers)
    is_here = headers.get("Sec-Fetch-Site", "same-origin") == "same-origin" and headers.get("Origin") in {
        None, ISSUER,
    }  # fmt: skip
    assert answer.status_code == (200 if is_here else 403)
    assert ("set-cookie" in answer.headers) == is_here
