#!/bin/sh
# The role and the database of Cardwright, made once, when the cluster is.
set -eu
exec psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
  --set=password="$CARDWRIGHT_DATABASE_PASSWORD" --file=/docker-entrypoint-initdb.d/cardwright.psql
