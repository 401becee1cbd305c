#!/usr/bin/env bash
# The bash completion offers commands, flags and tests.
#   bash bash_completion_test.sh FAULTBOX SOURCE
set -eu
PATH="$(dirname "$1"):$PATH"
# shellcheck source=/dev/null
source "$2/packaging/completions/faultbox.bash"
offers() {  # WANTED WORD…
  local wanted=$1
  shift
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  _faultbox
  printf '%s\n' "${COMPREPLY[@]}" | grep -qx -- "$wanted" || { echo "$* does not offer $wanted, but: ${COMPREPLY[*]}"; exit 1; }
}
offers generate faultbox ge
offers --explore faultbox test --ex
offers test_partition faultbox test "$2/examples/shop/shop.star" --test test_p
offers all faultbox test --explore a
echo ok
