"""No tracked file has a key, a token or a password of the kinds that the programs around here use."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = {
    "Discord token": rb"[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,}",
    "Discord webhook": rb"discord(?:app)?\.com/api/webhooks/\d{15,}/[\w-]{50,}",
    "Hugging Face token": rb"\bhf_[A-Za-z]{30,}\b",
    "GitHub token": rb"\b(?:gh[pousr]_[A-Za-z\d]{36,}|github_pat_\w{50,})\b",
    "OpenAI-like key": rb"\bsk-[A-Za-z\d_-]{32,}\b",
    "AWS key": rb"\bAKIA[A-Z\d]{16}\b",
    "Kaggle key": rb"\"key\"\s*:\s*\"[\da-f]{32}\"",
    "private key": rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "value in an environment file": rb"(?m)^(?:DISCORD_TOKEN|REMOTE_API_KEY|HF_TOKEN)=[\w.-]{20,}",
}
EXAMPLES = {
    "Discord token": "M" + "T" * 25 + "." + "Gabcde" + "." + "x" * 38,
    "Discord webhook": "https://discord.com/api/webhooks/" + "1" * 18 + "/" + "w" * 68,
    "Hugging Face token": "hf_" + "a" * 34,
    "GitHub token": "ghp_" + "a" * 36,
    "OpenAI-like key": "sk-" + "a" * 48,
    "AWS key": "AKIA" + "A" * 16,
    "Kaggle key": '"key": "' + "a" * 32 + '"',
    "private key": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "value in an environment file": "DISCORD_TOKEN" + "=" + "a" * 24,
}
LARGE = 5_000_000
"""Bytes; what is larger is weights, in which any letters follow each other."""


def found_in(data: bytes) -> list[str]:
    """Give the kinds of secrets in a file."""
    return [kind for kind, pattern in KINDS.items() if re.search(pattern, data)]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_where_there_is_one(kind: str) -> None:
    assert kind in found_in(f"key\n{EXAMPLES[kind]}\n".encode())


def test_no_tracked_file_has_one() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git of whoever tests
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout, so nothing says which files belong to the project")
    files = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    small = [file for file in files if file.is_file() and file.stat().st_size < LARGE]
    assert len(small) > 100
    secrets = {str(file.relative_to(ROOT)): kinds for file in small if (kinds := found_in(file.read_bytes()))}
    assert secrets == {}


def test_an_environment_file_and_databases_are_never_tracked() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {".env", "*.sqlite3", "/data/"} <= set(ignored)
