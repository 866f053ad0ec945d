"""Cardwright: a self-hosted platform that issues virtual cards and explains every decision."""

import gc

# Loading makes hundreds of thousands of objects that stay, and no garbage: to look through them as often as
# Python does by itself was a fifth of every start.
gc.set_threshold(10_000, 10, 10)
