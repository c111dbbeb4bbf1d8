# Sourced by the commands of package.json: makes sure node_modules is what package-lock.json asks for, on a machine
# that has nothing but npm, and defines `node` as the pinned Node of the project.
set -eu
cd "$(dirname "$0")/.."
command -v npm >/dev/null 2>&1 || { echo "npm is missing: install Node.js 20 or later (the project then uses its own Node 26 from npm)." >&2; exit 1; }
if ! cmp -s package-lock.json node_modules/.tenantops-lock; then
  echo "installing npm packages (about 30 s)" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.tenantops-lock
fi
node="$PWD/node_modules/.bin/node"
"$node" --version >/dev/null 2>&1 || { echo "the npm package node did not install its program: allow its install script (npm config set ignore-scripts false) and run npm ci." >&2; exit 1; }
