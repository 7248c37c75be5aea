#!/bin/sh
# Make the primary ready for a replica; run once before each start of the replica, on a new volume as on an old one. It
# reaches the superuser by the server's own socket, and the file that says who may connect by its volume.
set -eu

hba="$PGDATA/pg_hba.conf"
line="host replication replica all scram-sha-256"
grep -qxF "$line" "$hba" || echo "$line" >>"$hba"

# psql reads the secret by itself: on no command line, and in no log either if the statement fails.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\set password `head -n 1 /run/secrets/replication_password`
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SELECT 'CREATE ROLE replica LOGIN REPLICATION'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'replica') \gexec
ALTER ROLE replica PASSWORD :'password';

-- A replica that is down must not fill the disk; one that was down for too long has to begin anew (README.md).
ALTER SYSTEM SET max_slot_wal_keep_size = '4GB';
-- A node that is lost gives its locks back within seconds.
ALTER SYSTEM SET client_connection_check_interval = '5s';
ALTER SYSTEM SET tcp_keepalives_idle = '30s';
ALTER SYSTEM SET tcp_keepalives_interval = '10s';
ALTER SYSTEM SET tcp_keepalives_count = 3;
SELECT pg_reload_conf() \g /dev/null

SELECT pg_drop_replication_slot(slot_name)
  FROM pg_replication_slots WHERE slot_name = 'replica' AND wal_status = 'lost' \g /dev/null
SELECT pg_create_physical_replication_slot('replica', true)
 WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'replica') \g /dev/null
SQL
