#!/bin/sh
# A PostgreSQL server with a fresh database on the port given, as a user that it agrees to run as.
set -e
bin=/usr/lib/postgresql/15/bin
data=/tmp/faultbox-postgres-$$
mkdir -m 700 "$data"
if [ "$(id -u)" = 0 ]; then
  chown postgres "$data"
  become="/usr/sbin/runuser -u postgres --"
fi
cd /
$become $bin/initdb -D "$data" -U postgres -A trust -E UTF8 --no-sync >/dev/null
exec $become $bin/postgres -D "$data" -p "$1" -c unix_socket_directories= -c fsync=off \
  -c listen_addresses=127.0.0.1
