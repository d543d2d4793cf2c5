"""The machine: its GPU, its cores, and who may read what on it."""

from __future__ import annotations

import ipaddress
import os
import stat
from pathlib import Path

from bot.config import Config
from bot.hosting.doctor.finding import Finding, doubtful, fine, wrong
from storygen.engines.devices import gpu_names


def look_at_machine(config: Config, env_file: Path) -> list[Finding]:
    """Look at everything that has to do with the machine."""
    findings = [_metrics(config)] if config.metrics_address else []
    if env_file.exists() and config.discord_token.get_secret_value() and os.name == "posix":
        findings.append(_env_file(env_file))
    return [*findings, _device(config), _threads(config)] if config.story_engine == "local" else findings


def _device(config: Config) -> Finding:
    about, wanted = "device", config.story_device
    gpus = gpu_names()
    if wanted.startswith("cuda"):
        number = int(wanted.partition(":")[2] or 0)
        if number >= len(gpus):
            mend = "STORY_DEVICE=auto takes a GPU where there is one; torch must be its CUDA build, see README.md."
            return wrong(about, f"STORY_DEVICE={wanted}, but torch sees {len(gpus)} GPUs.", mend)
    if wanted == "cpu" or not gpus:
        return fine(about, f"The processor, {_cores()} cores.")
    return fine(about, f"{gpus[0]}, {len(gpus)} in all.")


def _threads(config: Config) -> Finding:
    about, cores = "threads", _cores()
    threads = (config.story_threads or max(1, (cores - 1) // config.story_workers)) * config.story_workers
    if threads > cores:
        mend = "STORY_THREADS=0 leaves one core to Discord; more threads than cores make all of them slower."
        return doubtful(about, f"{threads} for {cores} cores.", mend)
    if config.story_workers > 1 and config.story_device == "cpu":
        mend = "STORY_WORKERS=1: one copy of the model writes STORY_ROWS stories at once, and faster."
        return doubtful(about, f"{config.story_workers} copies of the model share one processor.", mend)
    return fine(about, f"{threads} for {cores} cores.")


def _metrics(config: Config) -> Finding:
    about, host = "metrics", config.metrics_address.rpartition(":")[0].strip("[]")
    if is_local(host):
        return fine(about, f"They are served at {config.metrics_address}, to this machine alone.")
    mend = "METRICS_ADDRESS=127.0.0.1:9464, unless a firewall or a container's network keeps others out."
    return doubtful(about, f"Whoever reaches {config.metrics_address} can read them.", mend)


def _env_file(path: Path) -> Finding:
    about = str(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return doubtful(about, "Others on this machine can read the token in it.", f"chmod 600 {path}")
    return fine(about, "Only its owner can read it.")


def is_local(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
