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

# Several nodes read from the replica and keep the sessions where all of them look. A variable that is set wins.
case ",${CRM_PROFILES:-}," in
    *,scale,*)
        export PGHOST_REPLICA="${PGHOST_REPLICA:-replica}"
        export SESSION_DB_URI="${SESSION_DB_URI:-sessions}"
        export ODOO_SERVER_WIDE_MODULES="${ODOO_SERVER_WIDE_MODULES:-base,rpc,web,session_db}"
        ;;
esac
if [ "${CRM_UPDATE:-}" = wait ] && [ -z "${SESSION_DB_URI:-}" ]; then
    echo "entrypoint: several nodes need COMPOSE_PROFILES=scale in .env: else they don't share their sessions" >&2
    exit 1
fi

if [ "${1:-serve}" != serve ]; then
    exec "$@"
fi
[ $# -eq 0 ] || shift
exec "${PYTHON:-python3}" docker/prepare.py odoo "$@"
