#!/bin/sh
# PostgreSQL's image runs this once, on an empty volume: Odoo's role, which may make databases and is no superuser.
set -e

# The image has read the secret into POSTGRES_PASSWORD. psql takes it from there: on no command line, and in no log either
# if the statement fails.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
CREATE ROLE odoo LOGIN CREATEDB PASSWORD :'password';
-- The superuser is reached from inside the database's container only.
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
