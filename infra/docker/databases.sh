#!/bin/sh
# Run by the postgres image when its volume is new: the databases besides POSTGRES_DB. Temporal makes its own two.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --command 'CREATE DATABASE mlflow'
