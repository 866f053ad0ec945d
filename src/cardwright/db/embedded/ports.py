"""Finding a port nobody listens on, and whether somebody does."""

import socket


def free_port(preferred: int = 0) -> int:
    """Return `preferred` when it is free on 127.0.0.1, else one that the system picks."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def is_listening(port: int) -> bool:
    """Say whether a connection to the port on 127.0.0.1 is taken."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
