"""Signing in with outside OpenID providers: visits, answers, and the outside people who are ours."""

from cardwright.authentication.federation.domain import AuthorizationAnswer, AuthorizationAsk, OutsidePerson
from cardwright.authentication.federation.ports import OpenIdProvider, OpenIdProviders, ProviderRefused
from cardwright.authentication.federation.store import remove_links_of as forget_links

__all__ = [
    "AuthorizationAnswer",
    "AuthorizationAsk",
    "OpenIdProvider",
    "OpenIdProviders",
    "OutsidePerson",
    "ProviderRefused",
    "forget_links",
]
