"""`docs/security.md` names tests that there are, and what it says of the whole project holds."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREATS = [
    line
    for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| threat |", "| ---"))
]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_OPENS_PICKLES = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}


@pytest.mark.parametrize("threat", THREATS, ids=lambda line: line.split("|")[1].strip()[:60])
def test_every_threat_names_tests_that_there_are(threat: str) -> None:
    named = _TEST.findall(threat)
    assert named
    missing = [f"{file}::{name}" for file, name in named if name not in _tests_of(ROOT / file)]
    assert missing == []


def test_secrets_and_databases_stay_at_home() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {".env", "*.sqlite3", "*.sqlite3-wal"} <= set(ignored)
    if (ROOT / "Dockerfile").exists():
        left_out = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
        # Either what is secret is left out, or everything but what is named.
        assert ({".env", "**/.env", ".env*"} & left_out) or ("*" in left_out and "!.env" not in left_out)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    if tracked.returncode:
        pytest.skip("this is no git checkout")
    assert [name for name in tracked.stdout.split() if re.search(r"(^|/)\.env$|\.sqlite3|\.pem$|\.key$", name)] == []


def test_nothing_here_opens_a_pickle_or_runs_code_of_others() -> None:
    found = []
    for file in (path for package in ("bot", "storygen", "training") for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            found += [f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}" for _ in _dangers(node)]
    assert found == []


def _dangers(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Import(names=names) if {name.name.partition(".")[0] for name in names} & _OPENS_PICKLES:
            return [node]
        case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in _OPENS_PICKLES:
            return [node]
        case ast.keyword(arg="trust_remote_code" | "shell" | "allow_pickle", value=value):
            return [] if isinstance(value, ast.Constant) and not value.value else [node]
        case ast.Call(func=ast.Name(id="eval" | "exec")):
            return [node]
        case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load")):
            return [node]
        case _:
            return []


def _tests_of(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
