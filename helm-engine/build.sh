#!/bin/sh -eu
# Builds the engine into the file that is named. Its version is that of the Helm it is, for charts that ask.
cd "$(dirname "$0")"
version=$(go list -m -f '{{.Version}}' helm.sh/helm/v4)
CGO_ENABLED=0 GOFLAGS= GOTOOLCHAIN=local exec go build -trimpath -buildvcs=false \
  -ldflags "-s -w -X helm.sh/helm/v4/internal/version.version=$version" -o "$1" .
