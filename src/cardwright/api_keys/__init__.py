"""API keys: long-lived credentials that developers make for their own programs, with few rights each."""

from cardwright.api_keys.domain import ApiKey
from cardwright.api_keys.guards import ApiKeys
from cardwright.api_keys.service import NewKey, create_key
from cardwright.api_keys.text import Environment, MintedKey

__all__ = ["ApiKey", "ApiKeys", "Environment", "MintedKey", "NewKey", "create_key"]
