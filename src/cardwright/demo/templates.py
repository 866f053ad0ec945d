"""Templates that the demo's analyst prepares, so that a newcomer finds some to pick."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cardwright.demo.people import Person

_TEMPLATES: Final[Sequence[Mapping[str, Any]]] = (
    {
        "name": "Ads card",
        "description": "For one advertising network, with a monthly budget that only staff raise.",
        "type": "recurring",
        "limits": [{"window": "month", "amount": 300_00}],
        "controls": {"allowed": {"categories": ["advertising", "software", "digital_goods"]}},
        "colour": "pink",
        "icon": "megaphone",
    },
    {
        "name": "Trial card",
        "description": "For free trials: one small purchase within two weeks, then it closes itself.",
        "type": "single_use",
        "valid_for_days": 14,
        "limits": [{"window": "per_authorization", "amount": 5_00}],
        "colour": "teal",
        "icon": "play",
    },
    {
        "name": "Team lunch",
        "description": "For restaurants on weekdays.",
        "limits": [{"window": "day", "amount": 40_00}],
        "controls": {
            "allowed": {"categories": ["restaurants"], "hours": ["mon-fri 10:00-16:00"]},
        },
        "colour": "orange",
        "icon": "fork",
    },
)


async def prepare_templates(analyst: Person) -> Sequence[str]:
    """Let an analyst who is signed in prepare the templates that are missing; return the names of all."""
    known = {found["name"] for found in (await analyst.get("/v1/card-templates?limit=100"))["data"]}
    for template in _TEMPLATES:
        if template["name"] not in known:
            await analyst.post("/v1/card-templates", template)
    return [template["name"] for template in _TEMPLATES]
