"""What the papers on load and growth tell people to type can be typed."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.config import Config

ROOT = Path(__file__).parents[2]
PAPERS = ("docs/load.md", "docs/scaling.md", "docs/deploy/vllm-ray.compose.yaml")
OF_OTHERS = {
    *("CUDA_VISIBLE_DEVICES", "VLLM_BATCH_INVARIANT", "VLLM_CPU_KVCACHE_SPACE", "VLLM_CPU_OMP_THREADS_BIND"),
    *("HEAD", "HERE", "CHECKPOINT", "GPUS", "STORIES_KEY", "STORYBOT_TEST_VLLM"),
}
"""Set for vLLM, names of the compose file's own, and one that our tests look at."""


def text(paper: str) -> str:
    return (ROOT / paper).read_text(encoding="utf-8")


def load_commands() -> list[str]:
    found = {command for paper in PAPERS for command in re.findall(r"python -m (tests\.load[^`#|\n]*)", text(paper))}
    return sorted(command.strip() for command in found)


@pytest.mark.parametrize("command", load_commands())
def test_every_load_command_names_a_module_and_options_that_it_has(command: str) -> None:
    module, *arguments = shlex.split(command)
    spec = find_spec(f"{module}.__main__" if (ROOT / module.replace(".", "/")).is_dir() else module)
    assert spec is not None
    assert spec.origin is not None
    sources = Path(spec.origin).read_text(encoding="utf-8") + (ROOT / "tests/load/run.py").read_text(encoding="utf-8")
    assert [option for option in arguments if option.startswith("--") and f'"{option}"' not in sources] == []


@pytest.mark.parametrize("paper", PAPERS)
def test_every_value_that_a_paper_sets_exists(paper: str) -> None:
    names = set(re.findall(r"\b([A-Z][A-Z_]{2,})=", text(paper))) - OF_OTHERS
    assert {name for name in names if name.lower() not in Config.model_fields} == set()
