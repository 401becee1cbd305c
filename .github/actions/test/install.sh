#!/usr/bin/env bash
# Installs a release of Faultbox on a Linux runner after checking its sum.
#   WANTED             a release ("v0.3.0"), "latest", or empty: the release of the Action itself
#   ACTION_REF         the ref the Action was called with
#   ACTION_REPOSITORY  owner/name it comes from
set -euo pipefail

fail() { echo "::error title=Faultbox::$1"; exit 1; }

[ "${RUNNER_OS:-Linux}" = Linux ] || fail "Faultbox runs on Linux runners, this one is $RUNNER_OS"
case "$(uname -m)" in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) fail "no release of Faultbox for $(uname -m)" ;;
esac

release=${WANTED:-${ACTION_REF:-latest}}
repository=${ACTION_REPOSITORY:-faultbox/faultbox}
if [ "$release" = latest ]; then
  base="https://github.com/$repository/releases/latest/download"
else
  [[ "$release" =~ ^[A-Za-z0-9._/-]+$ ]] || fail "not the name of a release: $release"
  base="https://github.com/$repository/releases/download/$release"
fi

directory=$(mktemp -d "${RUNNER_TEMP:-/tmp}/faultbox-install.XXXXXX")
archive="faultbox-linux-$arch.tar.gz"
curl -fsSL --retry 3 -o "$directory/$archive" "$base/$archive" || fail "cannot download $base/$archive"
curl -fsSL --retry 3 -o "$directory/SHA256SUMS" "$base/SHA256SUMS" || fail "cannot download the checksums of $release"
(cd "$directory" && grep -E "  $archive\$" SHA256SUMS | sha256sum --check --status) ||
  fail "the checksum of $archive does not match: it is not used"
tar -xzf "$directory/$archive" -C "$directory" faultbox
echo "$directory" >>"$GITHUB_PATH"
"$directory/faultbox" version
