# Build:  docker build -t smsgw .
# Run:    docker run --rm -p 2775:2775 -v smsgw-data:/var/lib/smsgw smsgw
#
# SMPP listens on all addresses of the container. Pages, API and metrics stay on its loopback:
# elsewhere the gateway refuses to start without an access token. To publish them, give it a
# settings file with one (see docs/configuration.md) and the address:
#   docker run -p 2775:2775 -p 8775:8775 -e SMSGW_HTTP__LISTEN=0.0.0.0:8775 \
#     -v ./smsgw.toml:/etc/smsgw/smsgw.toml:ro -v smsgw-data:/var/lib/smsgw \
#     smsgw serve --config /etc/smsgw/smsgw.toml

FROM python:3.11-slim AS build
WORKDIR /src
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/smsgw && python -m venv /opt/compiler
COPY pyproject.toml README.md LICENSE ./
COPY smpp smpp
COPY config config
COPY routing routing
COPY metrics metrics
COPY gateway gateway
COPY tools tools
RUN /opt/smsgw/bin/pip install --no-cache-dir --disable-pip-version-check .
# The hot modules compiled (docs/decisions/0009); the compiler stays behind in this stage.
RUN tools/compile-for-image /opt/compiler /opt/smsgw

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/smsgw --create-home smsgw
COPY --from=build /opt/smsgw /opt/smsgw
ENV PATH=/opt/smsgw/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SMSGW_SMPP__LISTEN=0.0.0.0:2775 \
    SMSGW_HTTP__LISTEN=127.0.0.1:8775 \
    SMSGW_DATA__DIR=/var/lib/smsgw
USER smsgw
WORKDIR /var/lib/smsgw
VOLUME /var/lib/smsgw
EXPOSE 2775 8775
# The loopback address answers whatever the listener is bound to; the port follows the setting.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; port = os.environ['SMSGW_HTTP__LISTEN'].rpartition(':')[2]; urllib.request.urlopen(f'http://127.0.0.1:{port}/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["smsgw"]
CMD ["serve"]
