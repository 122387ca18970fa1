# One image for web, workers and beat; docker-compose.yml names the command of each.
# `--target proxy` builds the reverse proxy.

FROM node:24-bookworm-slim AS frontend
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock \
    && find /opt/venv -type d \( -name tests -o -path '*/mediapipe/tasks/python/test' \) -prune \
        -exec rm -r {} + \
    && find /opt/venv -type f \( -name conftest.py -o -name benchmark.py -o -name '*_perf_test.py' \
        -o -name onnxruntime_test.py \) -delete

# The face model is downloaded from a source of the manifest, its sha256 is pinned. For a build
# without network mount a folder that contains it and set FER_MODEL_DIR (docs/operator/install.md).
FROM packages AS models
COPY inference/ inference/
RUN FER_MODEL_DIR=/opt/models /opt/venv/bin/python -m inference fetch-models

FROM python:3.11-slim-bookworm AS app
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libegl1 libgles2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /tmp --shell /usr/sbin/nologin fer
WORKDIR /srv/fer-lms
COPY --from=packages /opt/venv /opt/venv
COPY --from=models /opt/models /opt/models
COPY --from=frontend /build/dist frontend/dist
COPY manage.py ./
COPY deploy/healthcheck.py deploy/healthcheck.py
COPY inference/ inference/
COPY fer_lms/ fer_lms/
# The root file system may be read-only; files are written to /tmp, which is in memory.
# MALLOC_ARENA_MAX: each thread would keep freed memory in an arena of its own.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp \
    DJANGO_SETTINGS_MODULE=fer_lms.settings \
    FER_VAR_DIR=/tmp/fer-lms \
    FER_MODEL_DIR=/opt/models \
    OMP_NUM_THREADS=1 \
    ORT_DISABLE_TELEMETRY=1 \
    DO_NOT_TRACK=1 \
    MALLOC_ARENA_MAX=2
RUN python -m fer_lms.translations compile \
    && python -m compileall -q fer_lms inference deploy
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "deploy/healthcheck.py", "web"]
CMD ["python", "-m", "fer_lms.web_server", "--host=0.0.0.0", "--port=8000"]

FROM caddy:2.8-alpine AS proxy
# A copy of the binary has no file capability, which would fail where all capabilities are dropped;
# it listens on high ports.
RUN cp /usr/bin/caddy /usr/local/bin/caddy-unprivileged \
    && chown -R 10002:10002 /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 10002:10002
EXPOSE 8080 8443
CMD ["caddy-unprivileged", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
