"""Google's token exchange and Firebase Cloud Messaging (HTTP v1)."""

from simulator.fcm.account import ACCOUNT_ID, ACCOUNT_KIND, ensure_service_account, service_account_document
from simulator.fcm.api import routes
from simulator.fcm.errors import GoogleError, OAuthError, render_google_error, render_oauth_error

__all__ = [
    "ACCOUNT_ID",
    "ACCOUNT_KIND",
    "GoogleError",
    "OAuthError",
    "ensure_service_account",
    "render_google_error",
    "render_oauth_error",
    "routes",
    "service_account_document",
]
