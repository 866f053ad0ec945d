"""Schema changes, applied in order by `cardwright migrate`."""
