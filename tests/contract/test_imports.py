"""Importing must be quick and light: torch and transformers take seconds, Discord grants three."""

from __future__ import annotations

import subprocess
import sys
from pkgutil import walk_packages

import pytest

import bot
import storygen

HEAVY = ["torch", "transformers", "tokenizers", "safetensors", "numpy", "matplotlib"]
TENSOR_FILES = {
    "storygen.engines.explorer",
    "storygen.engines.forward",
    "storygen.engines.native.drawing",
    "storygen.engines.native.forward",
    "storygen.engines.native.projection",
    "storygen.engines.model_runner",
    "storygen.engines.gpt2_forward",
    "storygen.engines.kv_cache",
    "storygen.engines.int8_projection",
    "storygen.engines.number_choice",
    "storygen.engines.number_format",
    "storygen.engines.out_of_memory",
    "storygen.engines.projection",
    "storygen.engines.row_attention",
    "storygen.engines.row_independence",
    "storygen.engines.sampler",
    "storygen.engines.static_step",
}


def imported(code: str) -> list[str]:
    """Run ``code`` in a fresh process and give the heavy packages that it has loaded."""
    script = f"{code}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    return result.stdout.split()


def modules_of(*packages: object) -> list[str]:
    names: list[str] = []
    for package in packages:
        name, path = package.__name__, package.__path__  # type: ignore[attr-defined]
        names += [name, *(module.name for module in walk_packages(path, f"{name}."))]
    # Entry points run when they are imported; the compiled kernels have a module's file name, but are none.
    return [name for name in names if not name.rpartition(".")[2].startswith("_")]


def test_no_module_of_bot_or_storygen_imports_torch_or_transformers_save_the_tensor_files() -> None:
    light = [name for name in modules_of(bot, storygen) if name not in TENSOR_FILES]
    assert len(light) > 15
    assert imported("\n".join(f"import {name}" for name in light)) == []


def test_every_public_name_is_there_and_none_needs_torch() -> None:
    names = ", ".join(storygen.__all__)
    assert (
        imported(f"from storygen import {names}\nimport storygen\nassert set(storygen.__all__) <= set(dir(storygen))")
        == []
    )


def test_an_engine_can_be_made_without_torch(tmp_path: object) -> None:
    code = f"from storygen import LocalEngine\nassert LocalEngine({str(tmp_path)!r}).genres"
    assert imported(code) == []


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        storygen.no_such_name  # noqa: B018 - the access is the test
