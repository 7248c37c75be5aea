#!/bin/sh
# A replica of the primary, for reading: a copy the first time, which then follows.
set -eu

export PGDATA="$PGDATA/replica"
# PostgreSQL's library finds the password in a file in memory: on no command line.
(umask 077 && head -n 1 /run/secrets/replication_password | tr -d '\r\n' | sed 's/[\\:]/\\&/g; s/^/*:*:*:replica:/' >/dev/shm/pgpass)

if [ ! -d "$PGDATA" ]; then
    # A copy that was cut short begins anew.
    rm -rf "$PGDATA.copying"
    pg_basebackup --dbname="host=db user=replica passfile=/dev/shm/pgpass application_name=replica" \
        --pgdata="$PGDATA.copying" --wal-method=stream --checkpoint=fast --slot=replica --write-recovery-conf
    mv "$PGDATA.copying" "$PGDATA"
fi
# The primary keeps what a statement here still reads: it isn't cancelled. Where one is in the way all the same (a table is
# changed), it has seconds, then Odoo asks again: nobody else reads what is long past meanwhile.
exec postgres -c hot_standby_feedback=on -c max_standby_streaming_delay=5s
