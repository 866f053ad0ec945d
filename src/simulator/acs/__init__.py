"""The access control server: it asks the issuer's cardholder, out of band, whether a purchase is theirs."""

from simulator.acs.api import Api
from simulator.acs.errors import AcsError, render_error
from simulator.acs.server import KIND, ChallengeServer, Wanted

__all__ = ["KIND", "AcsError", "Api", "ChallengeServer", "Wanted", "render_error"]
