#!/bin/sh
# npm stop: takes away everything that npm start made, also after a crash.
. "$(dirname "$0")/packages.sh"
exec "$node" demo/stop.ts "$@"
