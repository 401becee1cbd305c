#!/bin/sh
# Makes the PostgreSQL cluster that pg.star runs on: pg_cluster.sh DIR, as root or as any other user.
# Table t has one row, and its file is the first one made by a user: base/*/16384.
set -eu
bin=/usr/lib/postgresql/15/bin
dir=$1
as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi; }
mkdir -p "$dir"
if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; fi
cd "$dir"
as_owner $bin/initdb --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C data >/dev/null
# The next object made is number 16384, whatever the version of initdb left behind.
as_owner $bin/pg_resetwal -o 16384 -D data >/dev/null
cat >>data/postgresql.conf <<CONF
unix_socket_directories = ''
listen_addresses = '127.0.0.1'
autovacuum = off
jit = off
full_page_writes = off
bgwriter_lru_maxpages = 0
shared_buffers = 16MB
checkpoint_timeout = 1d
max_wal_senders = 0
wal_level = minimal
CONF
echo "create table t(k int, v text);
insert into t values (1, 'v0');
checkpoint;" | as_owner $bin/postgres --single -D data postgres >/dev/null 2>&1
