#!/bin/sh
# npm start: everything from nothing to a tenant a person can log in to.
. "$(dirname "$0")/packages.sh"
exec "$node" demo/start.ts "$@"
