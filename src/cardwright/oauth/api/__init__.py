"""Routes of the authorization server."""

from fastapi import APIRouter

from cardwright.oauth.api import authorize, clients, connections, logout, metadata, tokens

router = APIRouter()
for part in (metadata, authorize, tokens, logout, connections, clients):
    router.include_router(part.router)
router.include_router(authorize.interactions)
