#!/bin/sh
# The suite drives the real clients. Where they are missing and may be installed, install them; else say how.
missing=""
for client in ssh sftp scp rsync; do command -v "$client" >/dev/null 2>&1 || missing="$missing $client"; done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq && apt-get install -y -qq openssh-client rsync >/dev/null && exit 0
fi
echo "These programs are missing, and the tests use them for real:$missing" >&2
echo "Install them, for example with: apt-get install openssh-client rsync   (macOS: brew install openssh rsync)" >&2
exit 1
