#!/bin/sh
# What the container runs. `serve` prepares the database and serves Odoo; everything else is run as it is, for example
# `odoo shell`. It needs nothing of the official image's own entrypoint and may be called by it.
set -eu

cd "$(dirname "$0")/.."

# The database's password goes to PostgreSQL's library by a file in memory: on a command line or in the environment other
# processes and `docker inspect` would show it. `docker compose exec` finds the file, too, by the image's PGPASSFILE.
if [ -n "${PGPASSWORD_FILE:-}" ]; then
    if [ ! -r "$PGPASSWORD_FILE" ]; then
        echo "entrypoint: PGPASSWORD_FILE can't be read: $PGPASSWORD_FILE" >&2
        exit 1
    fi
    : "${PGPASSFILE:=/dev/shm/pgpass}"
    export PGPASSFILE
    # A password file's separators are escaped by a backslash.
    (umask 077 && head -n 1 "$PGPASSWORD_FILE" | tr -d '\r\n' | sed 's/[\\:]/\\&/g; s/^/*:*:*:*:/' >"$PGPASSFILE")
fi

if [ "${1:-serve}" != serve ]; then
    exec "$@"
fi
[ $# -eq 0 ] || shift
exec "${PYTHON:-python3}" docker/prepare.py odoo "$@"
