#!/bin/sh
# Put together what Secrets Manager and the stack hand over in pieces, and become the command.
set -eu
umask 077
export DATABASE_URL="postgresql://$DATABASE_USER:$DATABASE_PASSWORD@$DATABASE_HOST:5432/$DATABASE_NAME"
export REDIS_URL="rediss://:$CACHE_TOKEN@$CACHE_HOST:6379/0"
if [ -n "${PUSH_ACCOUNT:-}" ]; then
  export CARDWRIGHT_FCM__SERVICE_ACCOUNT_FILE=/tmp/push-account.json
  printf %s "$PUSH_ACCOUNT" > "$CARDWRIGHT_FCM__SERVICE_ACCOUNT_FILE"
fi
unset DATABASE_PASSWORD CACHE_TOKEN PUSH_ACCOUNT
exec "$@"
