#!/bin/sh
# npm test: types, style, unit tests and laws, then databases and stores, then the control plane, then stories on real pods.
. "$(dirname "$0")/../demo/packages.sh"
exec "$node" test/run.ts "$@"
