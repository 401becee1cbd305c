#!/bin/sh
# PostgreSQL on the cluster $FAULTBOX_TEST_PGDATA, port $1. It refuses to run as root, so as root the
# service steps down to user postgres itself: faultbox starts services as whoever runs it.
if [ "$(id -u)" = 0 ]; then
  exec setpriv --reuid=postgres --regid=postgres --init-groups \
    /usr/lib/postgresql/15/bin/postgres -D "$FAULTBOX_TEST_PGDATA/data" -p "$1"
fi
exec /usr/lib/postgresql/15/bin/postgres -D "$FAULTBOX_TEST_PGDATA/data" -p "$1"
