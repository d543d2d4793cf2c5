"""docs/operations.md and the files beside it say what the program has: commands, values, metrics, alarms, files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import discord
import pytest
import yaml

from bot.__main__ import _parser
from bot.config import Config
from bot.hosting.doctor.account import NEEDED
from bot.monitoring.metrics import Metrics
from bot.monitoring.scraped import Scraped
from storygen.engine import EngineState
from storygen.story import FinishReason
from tests.fakes.scripted_engine import ScriptedEngine

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
UNIT = (DEPLOY / "storybot.service").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DASHBOARD = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
ALERTS = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OTHERS = {"up"}
"""Metrics that Prometheus makes itself."""
FUNCTIONS = {"histogram_quantile", "sum", "by", "rate", "increase", "le"}


@pytest.fixture(scope="module")
def metrics() -> set[str]:
    """Give every name that can be asked for."""
    watched = Metrics()
    client = discord.AutoShardedClient(intents=discord.Intents.none())
    config = Config(_env_file=None)  # type: ignore[call-arg]  # pydantic-settings adds it
    found: set[str] = set()
    for family in [*watched.registry.collect(), *Scraped(ScriptedEngine(), client, config).collect()]:
        found.add(family.name + ("_total" if family.type == "counter" else ""))
        if family.type == "histogram":
            found |= {f"{family.name}_{part}" for part in ("bucket", "count", "sum")}
    return found


def described() -> set[str]:
    """Give the metrics of the document's table."""
    rows = [line.split("|")[1] for line in DOCUMENT.splitlines() if line.startswith("| `storybot_")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def queries() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [*panels, *(rule["expr"] for rule in ALERTS)]


def named_in(query: str) -> set[str]:
    """Give the metrics that a query asks for."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|by \([^)]*\)", " ", query)
    return {name for name in re.findall(r"[a-z_]{2,}", bare) if name not in FUNCTIONS}


def test_the_document_has_every_metric_and_no_other(metrics: set[str]) -> None:
    ours = {
        name for name in metrics if name.startswith("storybot_") and not name.endswith(("_bucket", "_count", "_sum"))
    }
    assert described() == ours


@pytest.mark.parametrize("query", queries())
def test_every_query_of_the_dashboard_and_the_alarms_names_a_metric_that_there_is(
    query: str, metrics: set[str]
) -> None:
    assert named_in(query) != set()
    assert named_in(query) - OTHERS - set(metrics) == set()
    assert query.count("(") == query.count(")")


def test_what_a_query_wants_of_a_label_is_a_value_that_it_has() -> None:
    wanted = {
        "state": {state.value for state in EngineState},
        "reason": {"failed", *(reason.value for reason in FinishReason)},
        "error": {"QueueFull", "ShareFull"},
        "level": {"ERROR", "CRITICAL"},
        "status": {"429"},
        "job": {"storybot"},
    }
    for query in queries():
        for label, values in re.findall(r'(\w+)=~?"([^"]+)"', query):
            assert set(values.split("|")) <= wanted[label], query


def test_the_document_tells_how_generations_end() -> None:
    row = next(line for line in DOCUMENT.splitlines() if line.startswith("| `storybot_generations_ended_total`"))
    told = set(re.findall(r"`(\w+)`", row.split("|")[3]))
    assert told == {"failed", *(reason.value for reason in FinishReason)}


def test_the_document_has_every_alarm_and_no_other() -> None:
    assert set(re.findall(r"^\| `(Storybot\w+)`", DOCUMENT, re.MULTILINE)) == {rule["alert"] for rule in ALERTS}


def test_panels_have_numbers_of_their_own() -> None:
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)


def test_every_command_in_the_document_is_one() -> None:
    (known,) = (action.choices for action in _parser()._actions if action.dest == "command")
    typed = set(re.findall(r"storybot ([a-z-]+)\b(?= |`|$|\n)", re.sub(r"```.*?```", "", DOCUMENT, flags=re.DOTALL)))
    typed |= set(re.findall(r"(?:bin/|storybot )storybot ([a-z-]+)", DOCUMENT))
    assert {"doctor", "backup", "restore", "stats", "purge-user", "run"} <= typed
    assert typed - set(known or ()) == set()


def test_every_value_in_capitals_is_one_of_the_operators() -> None:
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", DOCUMENT)) - {"PIP_EXTRA_INDEX_URL"}
    assert named - {name.upper() for name in Config.model_fields} == set()
    assert {"METRICS_ADDRESS", "RETENTION_DAYS", "RETENTION_SPARES", "LOG_FORMAT"} <= named


def test_every_make_target_in_the_document_is_one() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z-]+)", DOCUMENT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_values_in_unit_and_compose_are_the_operators_or_of_known_libraries() -> None:
    known = {name.upper() for name in Config.model_fields} | {"HF_HOME", "MPLCONFIGDIR", "PATH", "PYTHONUNBUFFERED"}
    set_here = {
        *re.findall(r"^Environment=(\w+)=", UNIT, re.MULTILINE),
        *COMPOSE["services"]["storybot"]["environment"],
    }
    runtime = DOCKERFILE.rpartition("FROM ")[2]
    set_here |= set(re.findall(r"^(?:ENV|   ) *([A-Z_]+)=", runtime, re.MULTILINE))
    assert "METRICS_ADDRESS" in set_here
    assert set_here - known == set()


def test_both_ways_of_running_wait_longer_than_the_bot_needs_to_end() -> None:
    grace = Config.model_fields["grace_seconds"].get_default()
    unit = re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert unit is not None
    assert int(unit[1]) > grace + 15  # STOP_TIMEOUT of the local engine
    assert int(COMPOSE["services"]["storybot"]["stop_grace_period"].removesuffix("s")) > grace + 15


def test_the_unit_does_not_try_a_wrong_configuration_again() -> None:
    from bot.__main__ import EXIT_CONFIG

    assert f"RestartPreventExitStatus={EXIT_CONFIG}\n" in UNIT


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_understands_the_unit_and_finds_little_exposed(tmp_path: Path) -> None:
    program = tmp_path / "storybot"
    program.touch(0o755)
    unit = tmp_path / "storybot.service"
    unit.write_text(UNIT.replace("/opt/storybot/.venv/bin/storybot", str(program)), encoding="utf-8")
    verified = _run("systemd-analyze", "verify", str(unit))
    assert [line for line in verified.splitlines() if "storybot" in line] == []
    level = re.search(
        r"exposure level for \S+: ([\d.]+)", _run("systemd-analyze", "security", "--offline=true", str(unit))
    )
    if level is None:
        pytest.skip("this systemd can't judge a unit that is not installed")
    assert float(level[1]) < 2.5


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own
    return done.stdout + done.stderr


def instructions() -> list[tuple[str, str]]:
    """Give the Dockerfile's instructions, continued lines joined."""
    lines = re.sub(r"\\\n", " ", DOCKERFILE).splitlines()
    return [(line.split()[0], line.partition(" ")[2]) for line in lines if line.strip() and not line.startswith("#")]


def test_the_image_is_built_from_what_there_is_and_what_the_ignore_list_lets_in() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        part
        for name, rest in instructions()
        if name == "COPY" and not rest.startswith("--from")
        for part in rest.split()[:-1]
        if "[" not in part  # there or not: COPY wants a pattern for that
    }
    assert copied <= allowed
    assert [part for part in copied if not (ROOT / part).exists()] == []
    assert {".env", "data", "tests", ".git"} & copied == set()
    assert "*" in ignored


def test_the_image_runs_as_nobody_special_and_has_a_health_check_and_a_volume() -> None:
    last = dict(instructions())
    assert last["USER"] == "10001:10001"
    assert last["VOLUME"] == "/data"
    assert "/readyz" in last["HEALTHCHECK"]
    assert (json.loads(last["ENTRYPOINT"]), json.loads(last["CMD"])) == (["storybot"], ["run"])
    assert COMPOSE["services"]["storybot"]["cap_drop"] == ["ALL"]
    assert COMPOSE["services"]["storybot"]["read_only"] is True


def test_the_image_has_the_python_that_the_project_needs() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    least = re.search(r'requires-python = ">=(\d+)\.(\d+)"', project)
    assert least is not None
    for major, minor in re.findall(r"^FROM python:(\d+)\.(\d+)-slim", DOCKERFILE, re.MULTILINE):
        assert (int(major), int(minor)) >= (int(least[1]), int(least[2]))


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    program = Path(sys.executable).with_name("hadolint")
    found = shutil.which("hadolint") or (str(program) if program.exists() else None)
    if found is None:
        pytest.skip("hadolint is not here")
    assert _run(found, "--no-color", str(ROOT / "Dockerfile")) == ""


def test_compose_has_the_bot_and_behind_a_profile_vllm() -> None:
    services: dict[str, Any] = COMPOSE["services"]
    assert {name: service.get("profiles") for name, service in services.items()} == {"storybot": None, "vllm": ["vllm"]}
    assert [volume.split(":")[0] for volume in services["storybot"]["volumes"]] == list(COMPOSE["volumes"])
    assert "ports" not in services["storybot"]
    assert "--served-model-name=stories" in services["vllm"]["command"]


def test_prometheus_asks_where_the_document_says() -> None:
    scraped = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = scraped["scrape_configs"]
    assert f"METRICS_ADDRESS={job['static_configs'][0]['targets'][0]}" in DOCUMENT
    assert job["job_name"] == "storybot"
    assert [(DEPLOY / name).exists() for name in scraped["rule_files"]] == [True]


def test_the_link_that_the_doctor_gives_asks_for_no_power_over_a_server() -> None:
    assert not NEEDED.manage_guild
    assert not NEEDED.administrator
