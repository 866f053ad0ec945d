"""Onfido: applicants, workflow runs of Studio, their hosted page and webhooks."""

from simulator.onfido.api import Api
from simulator.onfido.desk import RUN, IdentityDesk
from simulator.onfido.errors import OnfidoError, render_error

__all__ = ["RUN", "Api", "IdentityDesk", "OnfidoError", "render_error"]
