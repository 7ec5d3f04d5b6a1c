#!/bin/sh
# The entry point of InfluxDB's image. Like the official one, it makes the database INFLUXDB_DB on the first start, with a server that only
# this container reaches.
set -eu

make_database() {
  INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:8086 "$@" &
  server=$!
  tries=0
  until influx -execute "CREATE DATABASE \"$INFLUXDB_DB\""; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || exit 1
    sleep 0.2
  done
  kill "$server"
  wait "$server" || true
}

[ -z "${INFLUXDB_DB:-}" ] || [ -e "$INFLUXDB_META_DIR/meta.db" ] || make_database "$@"
exec "$@"
