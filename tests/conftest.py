"""Fixtures that tests of several packages share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fakes.tiny_model import write_tiny_checkpoint

# Tiny models gain nothing from more threads, and on a shared machine threads that wait for each other
# make them many times slower. Read when torch is first imported, by this process or one that it starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A machine that is busy with something else is no reason for a property test to fail.
settings.register_profile("patient", deadline=None)
# What `make fuzz` asks for.
settings.register_profile("fuzz", parent=settings.get_profile("patient"), max_examples=20_000)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a small random model and its tokenizer; read only, shared by the whole session."""
    return write_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny")
