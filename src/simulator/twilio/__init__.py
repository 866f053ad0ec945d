"""Twilio's Messages API, its test numbers and its status callbacks."""

from simulator.twilio.api import routes
from simulator.twilio.delivery import SmsDelivery
from simulator.twilio.errors import TwilioError, render_error

__all__ = ["SmsDelivery", "TwilioError", "render_error", "routes"]
