#!/bin/sh
# Runs once, when PostgreSQL's folder is new: two accounts, neither of them a superuser. `cadence_owner` owns the tables
# and runs the migrations; `cadence`, the service, reads and writes rows and can neither alter a table nor its triggers.
set -eu

psql --set ON_ERROR_STOP=1 --quiet --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\set owner `sed -E 's|^[a-z]+://[^:]+:([^@]+)@.*$|\1|' /run/secrets/owner_url`
\set service `sed -E 's|^[a-z]+://[^:]+:([^@]+)@.*$|\1|' /run/secrets/database_url`
CREATE ROLE cadence_owner LOGIN PASSWORD :'owner';
CREATE ROLE cadence LOGIN PASSWORD :'service';
CREATE DATABASE cadence OWNER cadence_owner;
REVOKE ALL ON DATABASE cadence FROM PUBLIC;
GRANT CONNECT ON DATABASE cadence TO cadence;
\connect cadence
GRANT USAGE ON SCHEMA public TO cadence;
ALTER DEFAULT PRIVILEGES FOR ROLE cadence_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO cadence;
ALTER DEFAULT PRIVILEGES FOR ROLE cadence_owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO cadence;
SQL
