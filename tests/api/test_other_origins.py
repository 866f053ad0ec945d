"""Pages of other origins may call the API when the operator named their origin, and not otherwise."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from cardwright.adapters.key_file import add_key
from cardwright.main import create_app
from unit.core.test_settings import SOUND


async def _preflight(origin: str) -> Mapping[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app()), base_url="https://cards.example"
    ) as client:
        return (await client.options("/v1/me", headers=asked)).headers


@pytest.mark.parametrize("named", ["[]", '["https://app.example"]'])
async def test_only_a_named_origin_is_let_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    add_key(tmp_path / "keys.json")
    sound = {**SOUND, "CARDWRIGHT_ENCRYPTION__KEY_FILE": str(tmp_path / "keys.json")}
    for name, value in {**sound, "CARDWRIGHT_ALLOWED_ORIGINS": named}.items():
        monkeypatch.setenv(name, value)
    allowed = (await _preflight("https://app.example")).get("access-control-allow-origin")
    assert allowed == ("https://app.example" if "app" in named else None)
    assert "access-control-allow-origin" not in await _preflight("https://evil.example")
