from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.store import Author, Passage, PassageState
from bot.storytelling.joining import TITLE_LENGTH, first_words, joined, pieces, with_words

PASSAGE = Passage(
    id=1, story_id=1, parent_id=None, author=Author.MODEL, user_id=1, text="", state=PassageState.DONE, options=None,
    seed=None, model=None, finish_reason=None, prompt_tokens=None, new_tokens=None, prompt_was_cut=False,
    waiting_seconds=None, writing_seconds=None, channel_id=None, message_id=None, created_at=0, finished_at=0,
)  # fmt: skip

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n.,"), max_size=30)
passages = st.builds(lambda author, text: replace(PASSAGE, author=author, text=text), st.sampled_from(Author), texts)


def person(text: str) -> Passage:
    return replace(PASSAGE, author=Author.PERSON, text=text)


def model(text: str) -> Passage:
    return replace(PASSAGE, author=Author.MODEL, text=text)


def test_the_model_goes_on_where_the_words_end() -> None:
    assert joined([person("Batman is hunt"), model("ing down the thief.")]) == "Batman is hunting down the thief."
    assert joined([person("Batman"), model(" is here."), model(" He waits.")]) == "Batman is here. He waits."


def test_a_person_begins_anew_behind_a_space() -> None:
    assert joined([model(" It was late."), person("Then the bell rang"), model(", and all woke.")]) == (
        "It was late. Then the bell rang, and all woke."
    )


def test_words_that_bring_a_paragraph_begin_one() -> None:
    assert joined([person("It was late."), person("\n\nWas it?")]) == "It was late.\n\nWas it?"
    assert joined([person(""), person("\n\nWas it?")]) == "Was it?"


def test_a_line_break_is_space_enough() -> None:
    assert joined([model("It was late.\n"), person("Then")]) == "It was late.\nThen"


def test_a_passage_without_text_leaves_no_trace() -> None:
    assert joined([person("A"), model(""), person(""), model(" b"), model("")]) == "A b"
    assert joined([model(""), model(" B")]) == "B"
    assert joined([]) == ""


@given(st.lists(passages, max_size=8))
def test_the_pieces_are_the_stored_texts_and_together_the_whole(path: list[Passage]) -> None:
    parts = pieces(path)

    assert "".join(parts) == joined(path)
    assert [part.strip() for part in parts] == [passage.text.strip() for passage in path]


@given(st.lists(passages, max_size=8), texts)
def test_more_passages_never_change_the_text_before_them(path: list[Passage], words: str) -> None:
    assert joined([*path, person(words)]) == with_words(joined(path), words)
    assert joined([*path, model(words)]).startswith(joined(path))


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("  \n"), max_size=200))
def test_a_title_from_first_words_is_one_short_line_of_the_text(text: str) -> None:
    title = first_words(text)

    assert len(title) <= TITLE_LENGTH
    assert " ".join(title.split()) == title
    assert " ".join(text.split()).startswith(title.removesuffix("…"))
    assert bool(title) == bool(text.strip())


def test_a_title_is_cut_between_words() -> None:
    assert first_words("The captain, said that the war was over", limit=15) == "The captain…"
    assert first_words("Donaudampfschifffahrt", limit=10) == "Donaudamp…"
    assert first_words("short and sweet", limit=15) == "short and sweet"
