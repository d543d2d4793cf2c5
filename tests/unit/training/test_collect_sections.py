from __future__ import annotations

import pytest

from training.collect.sections import story_sections


def found(wikitext: str) -> list[tuple[str, str]]:
    return [(section.heading, section.text) for section in story_sections(wikitext)]


@pytest.mark.parametrize("heading", ["Plot", "SYNOPSIS", " Plot summary ", "''Storyline''", "Overview", "Story:"])
def test_sections_that_tell_a_story_are_found_by_their_heading(heading: str) -> None:
    assert [text for _, text in found(f"Lead.\n=={heading}==\nHe runs.\n==Reception==\nNo.")] == ["He runs."]


@pytest.mark.parametrize(
    "heading", ["Publication history", "Reception", "Collected editions", "Plotting", "Characters"]
)
def test_other_sections_and_the_lead_are_left_out(heading: str) -> None:
    assert found(f"He runs.\n=={heading}==\nHe runs.") == []


def test_subsections_belong_to_the_story_save_those_about_the_work() -> None:
    text = (
        "==Plot==\nOne.\n===The trap===\nTwo.\n====Within====\nThree.\n===Collected editions===\nNo.\n"
        "====Deeper====\nNo.\n===The end===\nFour.\n==Legacy==\nNo."
    )
    assert found(text) == [("Plot", "One.\nTwo.\nThree.\nFour.")]


def test_a_story_inside_another_section_ends_with_its_own_level() -> None:
    text = "==Publication history==\nNo.\n===Plot===\nYes.\n===Tie-ins===\nNo.\n==Notes==\nNo."
    assert found(text) == [("Plot", "Yes.")]


def test_an_article_can_have_several() -> None:
    assert found("==Plot==\nA.\n==Synopsis==\nB.\n===Publication===\nNo.") == [("Plot", "A."), ("Synopsis", "B.")]


def test_an_empty_section_is_none() -> None:
    assert found("==Plot==\n{{Empty section}}\n==Plot==\n") == []
