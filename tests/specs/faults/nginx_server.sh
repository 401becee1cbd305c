#!/bin/sh
# nginx in a fresh directory: nginx_server.sh PORT UPSTREAM_PORT [DIR]. Under faultbox DIR is the private
# directory of the service.
set -eu
dir=${3:-$FAULTBOX_DIR}
here=$(dirname "$(readlink -f "$0")")
mkdir -p "$dir/www/put" "$dir/logs" "$dir/tmp"
echo hello >"$dir/www/a.txt"
head -c 3000000 /dev/zero >"$dir/www/big.bin"
sed -e "s/@PORT@/$1/" -e "s/@UPSTREAM@/$2/" "$here/nginx.conf" >"$dir/nginx.conf"
# Workers of a master that runs as root would otherwise be nobody, who may not enter a private directory.
if [ "$(id -u)" = 0 ]; then sed -i '1iuser root;' "$dir/nginx.conf"; fi
exec /usr/sbin/nginx -p "$dir" -c "$dir/nginx.conf"
