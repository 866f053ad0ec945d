#!/bin/sh
# Take the settings from a file, where one is named, and become the command: its signals and its exit code are ours.
# Secrets in a file show up neither in a container's description nor in an orchestrator's.
set -eu
if [ -n "${CARDWRIGHT_ENVIRONMENT_FILE:-}" ]; then
  [ -r "$CARDWRIGHT_ENVIRONMENT_FILE" ] || {
    echo "Not started: $CARDWRIGHT_ENVIRONMENT_FILE is not there, or not to be read by user $(id -u)." >&2
    exit 1
  }
  set -a
  . "$CARDWRIGHT_ENVIRONMENT_FILE"
  set +a
fi
exec "$@"
