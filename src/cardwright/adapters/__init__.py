"""The outside world: each vendor behind the ports that the slices define."""
