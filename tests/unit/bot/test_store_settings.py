from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store import StoryStore
from bot.store.rows import overrides_json, read_overrides
from storygen.sampling import SamplingOverrides

ANNA, BORIS = 1, 2


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoryStore]:
    async with StoryStore.open(tmp_path / "stories.sqlite3") as store:
        yield store


async def test_somebody_who_saved_nothing_has_no_overrides(store: StoryStore) -> None:
    assert await store.get_overrides(ANNA) == SamplingOverrides()


async def test_saving_some_options_keeps_what_was_saved_for_the_others(store: StoryStore) -> None:
    await store.save_overrides(ANNA, SamplingOverrides(temperature=1.0, top_k=0))
    await store.save_overrides(ANNA, SamplingOverrides(temperature=0.5, do_sample=False))

    saved = await store.get_overrides(ANNA)

    assert saved == SamplingOverrides(temperature=0.5, top_k=0, do_sample=False)
    assert type(saved.do_sample) is bool


async def test_what_one_person_saves_is_not_another_persons(store: StoryStore) -> None:
    await store.save_overrides(ANNA, SamplingOverrides(top_k=5))

    assert await store.get_overrides(BORIS) == SamplingOverrides()


async def test_reset_forgets_the_options_named_or_all(store: StoryStore) -> None:
    await store.save_overrides(ANNA, SamplingOverrides(temperature=1.5, top_k=5, top_p=0.5))
    await store.save_overrides(BORIS, SamplingOverrides(temperature=1.5))

    await store.reset_overrides(ANNA, ["top_k", "top_p", "max_new_tokens"])
    assert await store.get_overrides(ANNA) == SamplingOverrides(temperature=1.5)

    await store.reset_overrides(ANNA)
    assert await store.get_overrides(ANNA) == SamplingOverrides()
    assert await store.get_overrides(BORIS) == SamplingOverrides(temperature=1.5)


async def test_settings_outlive_a_restart(tmp_path: Path) -> None:
    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        await store.save_overrides(ANNA, SamplingOverrides(repetition_penalty=1.3))

    async with StoryStore.open(tmp_path / "s.sqlite3") as store:
        assert await store.get_overrides(ANNA) == SamplingOverrides(repetition_penalty=1.3)


def test_an_option_that_another_version_knew_is_ignored() -> None:
    assert read_overrides('{"top_k": 3, "typical_p": 0.2}') == SamplingOverrides(top_k=3)


@given(
    st.builds(
        SamplingOverrides,
        temperature=st.none() | st.floats(0.1, 2.0),
        top_p=st.none() | st.floats(0.05, 1.0),
        top_k=st.none() | st.integers(0, 200),
        do_sample=st.none() | st.booleans(),
    )
)
def test_overrides_come_back_as_they_were(overrides: SamplingOverrides) -> None:
    assert read_overrides(overrides_json(overrides)) == overrides


async def test_the_program_can_remember_things_about_itself(store: StoryStore) -> None:
    assert await store.get_meta("commands") is None

    await store.set_meta("commands", "a")
    await store.set_meta("commands", "b")

    assert await store.get_meta("commands") == "b"
