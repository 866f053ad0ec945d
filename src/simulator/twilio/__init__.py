"""Twilio's Messages API, its test numbers, its status callbacks, and what people write back."""

from simulator.twilio.api import routes
from simulator.twilio.delivery import SmsDelivery
from simulator.twilio.errors import TwilioError, render_error
from simulator.twilio.incoming import control_routes

__all__ = ["SmsDelivery", "TwilioError", "control_routes", "render_error", "routes"]
