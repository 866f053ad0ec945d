"""One world for the whole matrix, and how many cells it has."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from access.makers import ELSEWHERE
from access.matrix import Matrix
from access.world import World, a_world
from browsers import forgetful_jar
from builders import engine_for_tests, provided_for_tests
from cardwright import audit
from cardwright.access import Role
from cardwright.adapters.stripe.webhooks import StripeWebhook
from cardwright.authentication import AuthLimits, OpenIdProviders
from cardwright.authentication.federation.domain import AuthorizationAsk, OutsidePerson
from cardwright.authentication.federation.ports import ProviderRefused
from cardwright.cards import CardProcessors
from cardwright.core.clock import MovableClock
from cardwright.core.sensitive import Sensitive
from cardwright.db.jobs import Work
from cardwright.http.webhooks_in import WebhookSources
from cardwright.main import build_app
from cardwright.rules import lists
from cardwright.rules.proofs import findings
from cardwright.users import SmsRules
from databases import Databases
from integration.payments.holders import IssuingAtOnce

UNHINDERED = "1000000/hour"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        counted.update({name: count for name, count in report.user_properties if name.startswith("cells ")})
    if counted:
        parts = ", ".join(f"{count} {name.removeprefix('cells ')}" for name, count in sorted(counted.items()))
        terminalreporter.write_line(f"access matrix: {sum(counted.values())} cells ({parts})")


class Elsewhere:
    """An outside provider that browsers are sent to and never come back from."""

    name = "Elsewhere"

    async def authorization_url(self, _ask: AuthorizationAsk) -> str:
        return "https://elsewhere.example/authorize"

    async def person_of(self, *_: object) -> OutsidePerson:
        raise ProviderRefused("nobody comes back")


@pytest.fixture(scope="module")
async def world(databases: Databases) -> AsyncIterator[World]:
    """A database of the matrix's own, in which everybody has one of each: more than a program may have."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lists, "MOST_LISTS", 1_000_000)
        patched.setattr(findings, "MAX_GUARDRAILS", 1_000_000)
        async with databases.lent() as url:
            engine = engine_for_tests(url, pool_size=5)
            yield await a_world(engine, MovableClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC)))
            await engine.dispose()


@pytest.fixture(scope="module")
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The real application on the world's database."""
    webhook = StripeWebhook(Sensitive("whsec_of_the_matrix"), program_id=world.program.id, clock=world.clock)
    provided = {
        **await provided_for_tests(world.engine, world.clock),
        OpenIdProviders: OpenIdProviders({ELSEWHERE: Elsewhere()}, "https://cardwright.test"),
        AuthLimits: AuthLimits.relaxed(UNHINDERED),
        SmsRules: SmsRules.relaxed(frozenset({"US"}), UNHINDERED),
        WebhookSources: WebhookSources("https://cardwright.test", {"stripe": webhook}),
        CardProcessors: CardProcessors({"stripe": IssuingAtOnce()}),
    }
    # An export of the trail begins with what was sealed.
    await world.actor(Role.AUDITOR)
    await audit.seal(Work(world.engine, world.clock, provided))
    transport = httpx.ASGITransport(build_app(world.engine, provided), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="https://cardwright.test", cookies=forgetful_jar()
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def matrix(client: httpx.AsyncClient, world: World) -> Matrix:
    return Matrix(client, world)
