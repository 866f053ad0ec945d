"""A person signed in with a real browser opens a hostile page: it sends what it can, and nothing happens."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from browser.observed import Site, foreign_server, observed_site
from cardwright.authentication import create_verified_identity
from cardwright.core.clock import SystemClock
from cardwright.db.base import metadata
from cardwright.db.session import transaction
from cardwright.programs import ensure_program

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
PROFILE = {"full_name": "Mallory", "date_of_birth": "1990-01-01", "locale": "en", "time_zone": "UTC"}
CALL = """async ([method, path, body, headers]) => {
    const answer = await fetch(path, {method, headers: {"Content-Type": "application/json", ...headers},
        body: body === null ? undefined : JSON.stringify(body)});
    return [answer.status, await answer.text()];
}"""
FETCHES = """async ([address, profile]) => {
    const seen = [];
    const paths = ["/v1/auth/sign-out", "/v1/me/profile", "/v1/devices", "/v1/cards", "/v1/auth/sign-in"];
    const kinds = ["text/plain", "application/x-www-form-urlencoded", "application/json"];
    const marks = [{}, {"X-CSRF-Protection": "1", "Idempotency-Key": "k"}];
    for (const path of paths) for (const mode of ["cors", "no-cors"])
        for (const method of ["POST", "PUT", "DELETE"]) for (const kind of kinds) for (const mark of marks)
            await fetch(address + path, {mode, method, credentials: "include", body: JSON.stringify(profile),
                headers: {"Content-Type": kind, ...mark}})
                .then(answer => seen.push(answer.type === "opaque" ? 0 : answer.status), () => seen.push(-1));
    return seen;
}"""
FORMS = """async ([address]) => {
    const done = [];
    for (const path of ["/v1/auth/sign-out", "/v1/devices", "/v1/cards", "/v1/auth/sign-in"])
        for (const kind of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
            const form = document.createElement("form");
            Object.assign(form, {method: "post", action: address + path, enctype: kind, target: "sink"});
            const field = document.createElement("input");
            Object.assign(field, {name: '{"label":"x","a":"', value: '"}'});
            form.append(field);
            document.body.append(form);
            const loaded = new Promise(next => document.querySelector("iframe").onload = next);
            form.submit();
            // A frame that our headers forbid loads an error page instead, and says so all the same.
            await Promise.race([loaded, new Promise(next => setTimeout(next, 3000))]);
            done.push(path);
        }
    navigator.sendBeacon(address + "/v1/auth/sign-out", new Blob(["{}"], {type: "text/plain"}));
    return done;
}"""
SIGN_INS = """([url, body]) => Promise.allSettled(["text/plain", "application/json"].map(kind =>
    fetch(url, {method: "POST", mode: "no-cors", credentials: "include",
        headers: {"Content-Type": kind}, body})
))"""
VISIBLE = """async () => ({
    cookie: document.cookie,
    local: JSON.stringify({...localStorage}), session: JSON.stringify({...sessionStorage}),
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
})"""


async def call(
    page: Page, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Make a request as a script of the page that is open."""
    status, answer = await page.evaluate(CALL, [method, path, body, headers or {}])
    return status, answer


async def everything(engine: AsyncEngine) -> Mapping[str, str]:
    query = "SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {} t"
    async with transaction(engine) as session:
        return {
            name: (await session.execute(text(query.format(name)))).scalar_one() for name in metadata.tables
        }


@pytest.fixture
async def site(engine: AsyncEngine) -> AsyncIterator[Site]:
    async with observed_site(engine) as made:
        yield made


@pytest.fixture
async def foreign_port() -> AsyncIterator[int]:
    """The port of a server that has nothing to do with ours."""
    async with foreign_server() as port:
        yield port


@pytest.fixture
async def context(browser: Browser, site: Site, engine: AsyncEngine) -> AsyncIterator[BrowserContext]:
    """A browser in which Ada signed in on our own page."""
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        await create_verified_identity(session, EMAIL, PASSWORD, program.id, SystemClock().now())
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{site.address}/healthz")
    status, _ = await call(page, "POST", "/v1/auth/sign-in", {"email": EMAIL, "password": PASSWORD})
    assert status == 200
    yield context
    await context.close()


async def test_no_script_can_read_what_signs_us_in(context: BrowserContext, site: Site) -> None:
    (page,) = context.pages
    assert await page.evaluate(VISIBLE) == {
        "cookie": "", "local": "{}", "session": "{}", "databases": 0, "caches": 0,
    }  # fmt: skip
    for cookie in await context.cookies():
        assert cookie["httpOnly"]
        assert cookie["secure"]
        assert cookie["sameSite"] in {"Lax", "Strict"}
    (cookie,) = [it for it in await context.cookies() if it["name"] == "__Host-cardwright"]
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (
        "__Host-cardwright", True, True, "Lax", "/",
    )  # fmt: skip
    status, told = await call(page, "GET", "/v1/auth/sessions")
    assert status == 200
    assert cookie["value"] not in told


async def test_our_own_page_changes_things_and_needs_the_header_for_it(context: BrowserContext) -> None:
    (page,) = context.pages
    assert (await call(page, "PUT", "/v1/me/profile", PROFILE))[0] == 403
    assert (await call(page, "PUT", "/v1/me/profile", PROFILE, {"X-CSRF-Protection": "1"}))[0] == 200
    assert (await call(page, "POST", "/v1/auth/sign-out", None, {"X-CSRF-Protection": "1"}))[0] == 204
    # By the rest a browser is known again; none of it signs anybody in.
    assert "__Host-cardwright" not in {it["name"] for it in await context.cookies()}
    assert (await call(page, "GET", "/v1/me"))[0] == 401


@pytest.mark.parametrize(
    ("host", "relation"), [("localhost", "cross-site"), ("127.0.0.1", "same-site")], ids=["cross", "same"]
)
async def test_a_hostile_page_has_no_effect(
    context: BrowserContext, site: Site, engine: AsyncEngine, foreign_port: int, host: str, relation: str
) -> None:
    before, cookies = await everything(engine), await context.cookies()
    site.observed.arrivals.clear()
    hostile = await context.new_page()
    await hostile.goto(f"http://{host}:{foreign_port}/")
    answers = await hostile.evaluate(FETCHES, [site.address, PROFILE])
    await hostile.evaluate(FORMS, [site.address])
    for path in ("/v1/auth/sign-out", "/v1/cards"):
        await hostile.goto(f"http://{host}:{foreign_port}/")
        async with hostile.expect_navigation():
            await hostile.evaluate(
                "url => { const form = document.createElement('form'); document.body.append(form);"
                " Object.assign(form, {method: 'post', action: url}); form.submit(); }",
                site.address + path,
            )
    # Nothing could be read; what was sent arrived, with the browser's word that it comes from elsewhere.
    assert set(answers) == {0, -1}
    unsafe = [it for it in site.observed.arrivals if it.method not in {"GET", "OPTIONS"}]
    assert len(unsafe) >= 40
    assert {it.site for it in unsafe} == {relation}
    # Port numbers do not make a site: there the cookie comes along, and nothing but our own check refuses.
    assert any(it.has_cookie for it in unsafe) == (relation == "same-site")
    assert {it.status for it in unsafe} <= {401, 403, 405}
    assert await everything(engine) == before
    assert await context.cookies() == cookies
    assert (await call(context.pages[0], "GET", "/v1/me"))[0] == 200


async def test_a_hostile_page_signs_nobody_in_as_somebody_else(
    browser: Browser, site: Site, engine: AsyncEngine, context: BrowserContext, foreign_port: int
) -> None:
    fresh = await browser.new_context()
    hostile = await fresh.new_page()
    for host in ("localhost", "127.0.0.1"):
        await hostile.goto(f"http://{host}:{foreign_port}/")
        await hostile.evaluate(
            SIGN_INS,
            [f"{site.address}/v1/auth/sign-in", f'{{"email":"{EMAIL}","password":"{PASSWORD}"}}'],
        )
    assert len([it for it in site.observed.arrivals if it.site in {"cross-site", "same-site"}]) == 4
    assert await fresh.cookies() == []
    await fresh.close()
