#!/bin/sh
# The suite drives the real clients. Where they are missing and may be installed, install them; else say how.
programs="ssh sftp scp rsync git"
packages="openssh-client rsync git"
# Fails system calls of the real broker and of the agent's recorder. There is one for Linux only.
if [ "$(uname)" = Linux ]; then programs="$programs strace"; packages="$packages strace"; fi
# Chromium has another name here and there, and pictures with Chinese want a font.
if [ "$(uname)" = Linux ]; then
  command -v chromium-browser google-chrome >/dev/null 2>&1 || programs="$programs chromium"
  packages="$packages chromium fonts-noto-cjk"
fi
missing=""
for program in $programs; do command -v "$program" >/dev/null 2>&1 || missing="$missing $program"; done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  # shellcheck disable=SC2086 # a list of words
  apt-get update -qq && apt-get install -y -qq $packages >/dev/null && exit 0
fi
echo "These programs are missing, and the tests use them for real:$missing" >&2
echo "Install them, for example with: apt-get install $packages   (macOS: brew install openssh rsync git; and Chromium)" >&2
exit 1
