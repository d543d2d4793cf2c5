"""The model card: ``README.md`` with the hub's metadata, written from what is recorded and measured, not by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from storygen.prompt import BOS, EOS, TITLE, render_prompt
from storygen.sampling import SamplingOptions
from training.publish.data_lines import attribution_lines, data_lines
from training.publish.facts import Facts, gather
from training.publish.figures import eval_results, figure_lines
from training.publish.licences import hub_licence, licence_line
from training.publish.record import write_record

if TYPE_CHECKING:
    from training.train.config import TrainingConfig

CARD = "README.md"
OUR_MARK = "<!-- Written by storytrain. Without this line, storytrain publish leaves the card as it is. -->"

PLACEHOLDER = "owner/name"
"""Stands for the repository where none was named."""

_OPENING = "The lighthouse"
_LIMITS = """\
- It invents. It knows no facts, and names of real people or places mean nothing.
- English only. Other languages, and genres other than those above, give noise.
- A story longer than {positions} tokens is written without sight of its beginning.
- It is made for short stories in a chat, not for answers, advice or anything that must be true.
- Show what it writes as made by a machine, and let people delete it."""
_OLD_VIEWS = """\
- Plots and fiction of earlier times taught it the views of their time. Paragraphs with slurs were left out of training,
  but contempt that is said politely was not."""


def write_card(folder: Path, *, config: TrainingConfig, data: Path) -> None:
    """Write ``training.json`` and the first card of a checkpoint that was just trained into its folder.

    Raises TrainingError where the checkpoint has no licence.
    """
    write_record(folder, config, data)
    (folder / CARD).write_text(card(gather(folder)), encoding="utf-8")


def is_ours(folder: Path) -> bool:
    """Say whether the card in the folder may be replaced: it is missing, or nobody took the mark out of it."""
    path = folder / CARD
    return not path.is_file() or OUR_MARK in path.read_text(encoding="utf-8", errors="replace")


def card(facts: Facts, *, repository: str = PLACEHOLDER, datasets: Sequence[str] = ()) -> str:
    """Give the model card. ``datasets`` are identifiers of data sets on the hub; ``repository`` is where it goes.

    Raises TrainingError where the checkpoint has no licence.
    """
    sections = (
        ("Prompt format", _prompt_format(facts)),
        ("How to use it", _use(facts, repository)),
        ("Data", data_lines(facts.record.manifest)),
        ("Attribution and licence", _rights(facts)),
        ("Figures", figure_lines(facts.report)),
        ("Limits and known faults", _limits(facts)),
        ("How it was made", _making(facts)),
    )
    lines = ["---", _metadata(facts, datasets), "---", "", OUR_MARK, "", f"# {facts.info.name}", "", *_summary(facts)]
    for heading, body in sections:
        lines += ["", f"## {heading}", "", *body]
    return "\n".join(lines) + "\n"


def _metadata(facts: Facts, datasets: Sequence[str]) -> str:
    from huggingface_hub import ModelCardData

    base = facts.record.base
    results = eval_results(facts.report)
    licence = hub_licence(facts.info.licence)
    fields = ModelCardData(
        language="en",
        license=licence["license"],
        license_name=licence.get("license_name"),
        library_name="transformers",
        pipeline_tag="text-generation",
        base_model=base.name if base and base.on_hub else None,
        datasets=list(datasets) or None,
        tags=["gpt2", "story-generation", *(genre.name.replace("_", "-") for genre in facts.genres)],
        model_name=facts.info.name if results else None,
        eval_results=results or None,
    )
    return str(fields.to_yaml())


def _summary(facts: Facts) -> Iterator[str]:
    labels = [genre.label for genre in facts.genres]
    yield (
        f"A GPT-2 of {facts.weights / 1e6:.1f} million weights that writes short stories in "
        f"{len(labels)} genre{'s' * (len(labels) != 1)}: {', '.join(labels)}."
    )
    base = facts.record.base
    if base:
        yield f"Trained further from {base.name}."


def _prompt_format(facts: Facts) -> Iterator[str]:
    yield f"`{BOS} <genre> how the story begins`, and the model goes on until `{EOS}`. The beginning may be left out."
    yield ""
    yield "| genre | token |"
    yield "|---|---|"
    for genre in facts.genres:
        yield f"| {genre.label} | `{genre.token}` |"
    if facts.info.titles:
        yield ""
        yield f"A title may stand before the genre: `{BOS} {TITLE} title <genre> how the story begins`."


def _use(facts: Facts, repository: str) -> Iterator[str]:
    options, genre = SamplingOptions(), facts.genres[0].name
    sampling = ("temperature", "top_k", "top_p", "repetition_penalty")
    yield "With plain transformers:"
    yield ""
    yield "```python"
    yield "from transformers import pipeline"
    yield ""
    yield f'storyteller = pipeline("text-generation", "{repository}")'
    yield "told = storyteller("
    yield f'    "{render_prompt(genre, _OPENING)}",'
    yield f"    max_new_tokens={options.max_new_tokens},"
    yield "    do_sample=True,"
    yield from (f"    {name}={getattr(options, name)}," for name in sampling)
    yield ")"
    yield 'print(told[0]["generated_text"])'
    yield "```"
    yield ""
    yield "With the bot that it was made for (storybot), from a folder or from the hub:"
    yield ""
    yield "```"
    yield f'storygen tell {genre} "{_OPENING}" --model {repository}'
    yield f"STORY_MODEL={repository} storybot run"
    yield "```"


def _rights(facts: Facts) -> Iterator[str]:
    yield f"The weights are under {licence_line(facts.info.licence)}."
    yield ""
    yield from attribution_lines(facts.record.manifest)
    if facts.credits:
        yield ""
        yield facts.credits


def _limits(facts: Facts) -> Iterator[str]:
    yield _LIMITS.format(positions=facts.positions)
    if facts.record.manifest:
        yield _OLD_VIEWS
    if facts.notes:
        yield ""
        yield facts.notes


def _making(facts: Facts) -> Iterator[str]:
    record = facts.record
    if not record.config:
        yield "How it was trained was not recorded."
        return
    begun = f"from {record.base.name}" if record.base else "from random weights"
    yield f"By `storytrain train`, {begun}, with these settings:"
    yield ""
    yield "| stage | sequence, tokens | passes through each source |"
    yield "|---|---|---|"
    for stage in record.config.get("stages", []):
        sources = ", ".join(f"{name} {times:g}" for name, times in stage["sources"].items())
        yield f"| {stage['name']} | {stage['block']} | {sources} |"
    yield ""
    plain = {name: value for name, value in record.config.items() if name in _SHOWN}
    yield ", ".join(f"{name} {value}" for name, value in plain.items()) + "."
    yield "All settings are in `training.json`."
    yield ""
    yield f"Tools: {', '.join(f'{name} {version}' for name, version in record.tools.items())}."


_SHOWN = ("batch_tokens", "learning_rate", "optimizer", "weight_decay", "seed", "bf16")
"""Settings of the whole run that the card names."""
