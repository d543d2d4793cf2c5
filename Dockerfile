# syntax=docker/dockerfile:1
# The bot with its built-in model, for a processor; docs/operations.md says how it is run.
#
# TORCH_INDEX chooses torch's build: the CPU one, or for example https://download.pytorch.org/whl/cu126 for a GPU.
# A file constraints.txt in the folder makes the same image again: the image's /venv/installed.txt is one.
FROM python:3.11-slim-bookworm AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_EXTRA_INDEX_URL=${TORCH_INDEX}
WORKDIR /src
# For the engine's kernels; what is compiled needs no compiler later.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/* \
    && python -m venv /venv
COPY pyproject.toml README.md LICENSE constraints.tx[t] ./
COPY bot bot
COPY storygen storygen
COPY training training
RUN if [ -f constraints.txt ]; then /venv/bin/python -m pip install --constraint constraints.txt .; \
    else /venv/bin/python -m pip install .; fi \
    && /venv/bin/python -m pip freeze --exclude storybot > /venv/installed.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --home-dir /data --create-home --shell /usr/sbin/nologin storybot
COPY --from=build /venv /venv
# The model hub's files go where the stories are, since nothing else can be written to.
ENV PATH=/venv/bin:${PATH} \
    PYTHONUNBUFFERED=1 \
    HF_HOME=/data/huggingface \
    MPLCONFIGDIR=/tmp/matplotlib \
    DATABASE_PATH=/data/stories.sqlite3 \
    METRICS_ADDRESS=127.0.0.1:9464
WORKDIR /data
VOLUME /data
USER 10001:10001
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://{os.environ[\"METRICS_ADDRESS\"]}/readyz', timeout=4)"]
ENTRYPOINT ["storybot"]
CMD ["run"]
