"""Runs a command as its own child and notes the most memory that it had: NOTES COMMAND..."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
    _, status, used = os.wait4(child, 0)
    kib = used.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    Path(sys.argv[1]).write_text(str(kib))
    sys.exit(os.waitstatus_to_exitcode(status) and 1)
