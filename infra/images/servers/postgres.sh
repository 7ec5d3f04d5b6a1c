#!/bin/sh
# The entry point of PostgreSQL's image. Like the official one, it makes the cluster on the first start, by POSTGRES_USER, POSTGRES_PASSWORD,
# POSTGRES_DB and POSTGRES_HOST_AUTH_METHOD, with a server that only this container reaches and that says it is ready a first time.
set -eu
umask 077

make_cluster() {
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  auth=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -n "${POSTGRES_PASSWORD:-}" ]; then
    printf '%s\n' "$POSTGRES_PASSWORD" >/tmp/password
    set -- --pwfile=/tmp/password
  elif [ "$auth" != trust ]; then
    echo 'POSTGRES_PASSWORD is not set, and POSTGRES_HOST_AUTH_METHOD is not trust' >&2
    exit 1
  fi
  initdb --username="$user" "$@" --auth-local=trust --auth-host="$auth" --encoding=UTF8 --locale=C
  printf 'host all all all %s\n' "$auth" >>"$PGDATA/pg_hba.conf"
  printf "listen_addresses = '*'\n" >>"$PGDATA/postgresql.conf"
  pg_ctl -w -o "-c listen_addresses=''" start
  [ "$database" = postgres ] || createdb --username="$user" --maintenance-db=postgres "$database"
  pg_ctl -w -m fast stop
}

[ -s "$PGDATA/PG_VERSION" ] || make_cluster
exec "$@"
