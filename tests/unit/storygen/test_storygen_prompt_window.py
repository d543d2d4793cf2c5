"""How much of a prompt the model reads. One letter is one token here."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storygen.engines.prompt_window import fit_beginning, fit_prompt
from storygen.polish import sentence_ends
from storygen.prompt import as_facts, with_memory

OPENING = [-1, -2, -3]


def encode(text: str) -> list[int]:
    return [*OPENING, *map(ord, text)]


def read(token_ids: list[int]) -> str:
    assert token_ids[:3] == OPENING
    return "".join(map(chr, token_ids[3:]))


def test_a_prompt_that_fits_is_read_whole() -> None:
    window = fit_prompt("He ran.", encode, max_new_tokens=50, n_positions=100)
    assert (read(window.token_ids), window.max_new_tokens, window.was_cut) == ("He ran.", 50, False)


def test_a_prompt_that_is_too_long_is_cut_at_a_sentence() -> None:
    text = "The first sentence is long. The second is here. And this is the third one"
    window = fit_prompt(text, encode, max_new_tokens=60, n_positions=110)
    assert read(window.token_ids) == "The second is here. And this is the third one"
    assert window.was_cut


def test_a_cut_that_would_leave_little_falls_between_words() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve. Oh"
    window = fit_prompt(text, encode, max_new_tokens=70, n_positions=100)
    assert read(window.token_ids) == "nine ten eleven twelve. Oh"


def test_one_endless_word_is_cut_anywhere() -> None:
    window = fit_prompt("a" * 1500, encode, max_new_tokens=60, n_positions=100)
    assert read(window.token_ids) == "a" * 37


def test_the_genre_is_never_cut() -> None:
    window = fit_prompt("word " * 500, encode, max_new_tokens=60, n_positions=100)
    assert window.token_ids[:3] == OPENING


def test_many_new_tokens_leave_the_prompt_a_quarter_of_the_positions() -> None:
    window = fit_prompt("a" * 400, encode, max_new_tokens=800, n_positions=100)
    assert (len(window.token_ids), window.max_new_tokens) == (25, 75)


def test_a_short_prompt_leaves_all_other_positions_to_the_story() -> None:
    window = fit_prompt("ab", encode, max_new_tokens=800, n_positions=100)
    assert (len(window.token_ids), window.max_new_tokens, window.was_cut) == (5, 95, False)


def test_a_book_is_not_counted_whole() -> None:
    counted = []

    def count(text: str) -> list[int]:
        counted.append(len(text))
        return encode(text)

    window = fit_prompt("He ran. " * 100_000, count, max_new_tokens=60, n_positions=100)
    assert window.was_cut
    assert sum(counted) < 20_000


TEXTS = st.lists(st.sampled_from(["He", "ran.", "Dr.", "x" * 40, "昨日。", '"No!"', "\n"])).map(" ".join)


@given(
    st.lists(st.sampled_from(["He", "ran.", "Dr.", "x" * 40, "昨日。", '"No!"', "\n"])).map(" ".join),
    st.integers(1, 900),
    st.integers(20, 300),
)
def test_prompt_and_story_always_fit_together(text: str, max_new_tokens: int, n_positions: int) -> None:
    window = fit_prompt(text, encode, max_new_tokens=max_new_tokens, n_positions=n_positions)
    assert 1 <= window.max_new_tokens <= max_new_tokens
    assert len(window.token_ids) + window.max_new_tokens <= n_positions
    assert text.endswith(read(window.token_ids))
    assert window.was_cut == (read(window.token_ids) != text)


def test_memory_stands_in_front_of_the_text_as_a_paragraph_whose_sentence_ends() -> None:
    window = fit_prompt("He ran.", encode, max_new_tokens=50, n_positions=100, memory="Ann is his cat")
    assert read(window.token_ids) == "Ann is his cat.\nHe ran."
    assert not window.was_cut


def test_memory_stays_when_the_text_is_cut() -> None:
    text = "The first sentence is long. The second is here. And this is the third one"
    window = fit_prompt(text, encode, max_new_tokens=60, n_positions=110, memory="Ann is a cat.")
    assert read(window.token_ids) == "Ann is a cat.\nAnd this is the third one"
    assert window.was_cut


def test_memory_that_is_too_long_is_cut_after_a_sentence_and_has_at_most_a_quarter() -> None:
    memory = "Ann is a cat. Bob is a dog. Cid is an owl. Dan is a fish."
    window = fit_prompt("He ran.", encode, max_new_tokens=20, n_positions=128, memory=memory)
    assert read(window.token_ids) == "Ann is a cat. Bob is a dog.\nHe ran."
    assert not window.was_cut


@given(TEXTS, TEXTS, st.integers(1, 900), st.integers(20, 300), st.integers(0, 24))
def test_memory_prompt_and_story_always_fit_together(
    text: str, memory: str, max_new_tokens: int, n_positions: int, finishing_tokens: int
) -> None:
    window = fit_prompt(
        text,
        encode,
        max_new_tokens=max_new_tokens,
        n_positions=n_positions,
        memory=memory,
        finishing_tokens=finishing_tokens,
    )
    assert 1 <= window.max_new_tokens <= max_new_tokens
    assert 0 <= window.finishing_tokens <= finishing_tokens
    assert window.finishing_tokens == 0 or window.max_new_tokens == max_new_tokens
    assert len(window.token_ids) + window.max_new_tokens + window.finishing_tokens <= n_positions
    facts = fit_beginning(as_facts(memory), encode, n_positions // 4)
    told = read(window.token_ids)
    assert told.startswith(with_memory(facts, ""))
    assert text.endswith(told.removeprefix(with_memory(facts, "")))
    assert window.was_cut == (told != with_memory(facts, text))


@given(TEXTS, st.integers(0, 200))
def test_a_beginning_ends_with_a_sentence_or_a_word_and_never_takes_more_than_it_may(text: str, limit: int) -> None:
    kept = fit_beginning(text, encode, limit)
    assert text.startswith(kept)
    assert len(kept) <= limit
    rest = text[len(kept) :]
    assert not kept or not rest or rest[0].isspace() or len(kept) in set(sentence_ends(text))
    assert kept or len(text) > limit or not text


def test_a_long_prompt_leaves_room_to_finish_a_sentence() -> None:
    window = fit_prompt("He ran. " * 50, encode, max_new_tokens=100, n_positions=200, finishing_tokens=24)
    assert (window.max_new_tokens, window.finishing_tokens) == (100, 24)
    assert len(window.token_ids) <= 76


@given(TEXTS, st.integers(0, 24))
def test_without_tokens_to_finish_a_sentence_all_is_as_it_was(text: str, finishing_tokens: int) -> None:
    plain = fit_prompt(text, encode, max_new_tokens=30, n_positions=200)
    more = fit_prompt(text, encode, max_new_tokens=30, n_positions=200, finishing_tokens=finishing_tokens)
    assert plain.finishing_tokens == 0
    if len(text) + len(OPENING) + 30 + finishing_tokens <= 200:
        assert (more.token_ids, more.max_new_tokens) == (plain.token_ids, 30)
        assert more.finishing_tokens == finishing_tokens
