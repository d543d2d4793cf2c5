"""The use case without Discord: who may ask, what the model gets, what is recorded, how it stops.

On the event loop only. What runs is in ``bot.storytelling.running``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.config import Config
from bot.errors import EmptyText, NotYours, PassageUnfinished, PromptTooLong
from bot.moderation import Level
from bot.store import Author, NewPassage, Passage, PassageState, Quota, StoredStory, StoryStore, TitleOrigin
from bot.store.server_rows import Limits
from bot.storytelling.access import refuse_withdrawn
from bot.storytelling.gate import Gate
from bot.storytelling.joining import joined, with_words
from bot.storytelling.moderator import Moderator
from bot.storytelling.running import Running
from bot.storytelling.sampling_choice import OptionOrigin, choose, origins, preset_named
from bot.storytelling.seeds import SEEDS, new_seed
from bot.storytelling.server_rules import limits_for, shortened
from bot.storytelling.telling import Teller, Telling
from storygen.engine import Engine
from storygen.errors import InvalidOption
from storygen.genre import Genre
from storygen.prompt import clean_text, clean_title
from storygen.sampling import SamplingOptions, SamplingOverrides, clamp
from storygen.story import StoryRequest

PROMPT_LENGTH = 1500
"""Greatest length in characters of what a person types for one passage."""
TITLE_LENGTH = 100
"""Greatest length in characters of a title that a person types; more is left out."""
NOTHING_EXPLICIT = SamplingOverrides()


class Storyteller:
    """Tells stories: one for the whole bot, on one event loop."""

    def __init__(self, engine: Engine, store: StoryStore, config: Config) -> None:
        self._engine = engine
        self._store = store
        self._config = config
        self.gate = Gate(store)
        """Where servers' rules are asked."""
        self.moderator = Moderator(store, Level(config.moderation))
        self._running = Running(engine, store, config.stories_per_user)
        self._growing: set[tuple[int, int | None]] = set()  # stories and the passages below which they are written

    @property
    def genres(self) -> tuple[Genre, ...]:
        """The genres that can be asked for."""
        return self._engine.genres

    async def begin(
        self,
        teller: Teller,
        *,
        genre: str,
        prompt: str = "",
        title: str = "",
        overrides: SamplingOverrides = NOTHING_EXPLICIT,
        preset: str | None = None,
        seed: int | None = None,
        private: bool = False,
    ) -> Telling:
        """Begin a story. Without a prompt, the model begins by itself; a title that is typed it sees beforehand.

        For a person without a history, their other stories are deleted when this one has its first text.
        Raises PromptTooLong, WordsRefused, InvalidOption, UnknownPreset, TooManyStories, TooManyHere, ShuttingDown,
        what the server's gate raises (``Gate.admit_telling``), or what the engine raises; nothing is stored then.
        """
        limits, quota = await self.gate.admit_telling(teller)
        options = await self.options_for(teller, overrides, preset)
        new = self._new(teller, self._clean(prompt), options, _checked(seed), quota=quota)
        title = clean_title(title, self.genres)[:TITLE_LENGTH].strip()
        await self.moderator.admit(teller.guild_id, new.text, title)
        text_filter = await self.moderator.filter_for(teller.guild_id)
        request = self._request(teller, new, genre, new.text, title=title)

        async def write() -> tuple[StoredStory, Passage]:
            return await self._store.add_story(
                new, guild_id=teller.guild_id, channel_id=teller.channel_id, genre=genre, title=title, private=private
            )

        return await self._running.begin(
            teller.user_id,
            request,
            write,
            text_filter=text_filter,
            at_once=limits.at_once,
            retitle=not title,
            begins_story=True,
        )

    async def go_on(self, teller: Teller, passage_id: int, text: str = "") -> Telling:
        """Continue a story below a passage, after the person's ``text`` where there is one.

        A passage without text (it failed) is passed over. The options are those of the passage.
        Raises PassageNotFound, NotYours, StoryWithdrawn, PassageUnfinished (also where the same is being written
        already), and what ``begin`` raises.
        """
        story, path = await self._path_of_own(teller, passage_id)
        limits, quota = await self.gate.admit_telling(teller)
        above = path if path[-1].text else path[:-1]
        options = await self._options_of(path, teller, limits)
        new = self._new(teller, self._clean(text), options, quota=quota)
        await self.moderator.admit(teller.guild_id, new.text, before=f"{joined(above)} ")
        return await self._extend(teller, story, above, new, limits, retitle=not story.title)

    async def go_on_together(self, teller: Teller, below: int, *, as_of: int, beside_others: bool = False) -> Telling:
        """Write on below a passage of a story that belongs to nobody; who may ask for it is the caller's to check.

        ``as_of`` is the person whose options hold until the story has some of its own; ``beside_others``: there may
        be several below the same passage. One person may have any number of these. Raises what ``go_on`` raises.
        """
        path = await self._store.path_to(below)
        story = await self._store.story(path[-1].story_id)
        limits = limits_for(await self.gate.rules_for(teller), ())
        new = self._new(teller, "", await self._options_of(path, replace(teller, user_id=as_of), limits))
        return await self._extend(
            teller, story, path, new, limits, retitle=False, beside_others=beside_others, is_limited=False
        )

    async def admitted_words(self, teller: Teller, text: str) -> str:
        """Give a person's own passage as it may enter a story where they are.

        Raises EmptyText, PromptTooLong, WordsRefused, and what the server's gate raises (``Gate.admit``).
        """
        await self.gate.admit(teller)
        words = self._clean(text)
        if not words:
            raise EmptyText
        await self.moderator.admit(teller.guild_id, words)
        return words

    def stop_story(self, story_id: int) -> None:
        """Stop what is being written of a story."""
        self._running.stop_story(story_id)

    async def retry(self, teller: Teller, passage_id: int) -> Telling:
        """Write a model's passage another time: below the same words, with the same options and a new seed.

        The one that was there stays; the new one becomes the head when it is finished. The first text that the model
        writes may bring another title, where nobody typed one.
        Raises what ``go_on`` raises.
        """
        story, path = await self._path_of_own(teller, passage_id)
        limits, quota = await self.gate.admit_telling(teller)
        above = path if path[-1].author is Author.PERSON else path[:-1]
        is_first = not any(passage.author is Author.MODEL and passage.text for passage in above)
        retitle = not story.title or (is_first and story.title_origin is not TitleOrigin.TYPED)
        new = self._new(teller, "", await self._options_of(path, teller, limits), quota=quota)
        return await self._extend(teller, story, above, new, limits, retitle=retitle)

    def stop(self, user_id: int, passage_id: int) -> bool:
        """Stop a passage that is waiting or being written; False where it is not.

        Raises NotYours for everybody but the person who asked for it.
        """
        return self._running.stop(user_id, passage_id)

    def stop_in(self, user_id: int, guild_id: int) -> None:
        """Stop what waits or is being written for a person in one server."""
        self._running.stop_in(user_id, guild_id)

    def running_of(self, user_id: int) -> list[Telling]:
        """Give what waits or is being written for a person, in the order in which it was asked for."""
        return self._running.of_person(user_id)

    async def stop_all(self, user_id: int) -> None:
        """Stop all that is being written for a person or in their stories, and wait until the rows have ended.

        A model that hangs is waited for only so long; what it writes then has no row to go to.
        """
        await self._running.stop_all(user_id)

    async def story_of(self, user_id: int, story_id: int) -> StoredStory:
        """Give a person's own story. Raises StoryNotFound and NotYours."""
        story = await self._store.story(story_id)
        if story.owner_id != user_id:
            raise NotYours(story.owner_id)
        return story

    async def delete(self, user_id: int, story_id: int) -> StoredStory:
        """Delete a person's own story for good and stop what is being written of it; give what it was.

        Raises StoryNotFound and NotYours.
        """
        story = await self.story_of(user_id, story_id)
        self._running.stop_story(story_id)
        await self._store.delete_story(story_id)
        return story

    async def options_for(
        self, teller: Teller, overrides: SamplingOverrides = NOTHING_EXPLICIT, preset: str | None = None
    ) -> SamplingOptions:
        """Give the options that hold for a person: built-in, the server's, saved, preset, said now; a later one wins.

        The preset may be one of the person's own; the length is no greater than the server allows.
        Raises UnknownPreset, and InvalidOption for what is said now.
        """
        own = {} if preset is None else await self._store.people.presets_of(teller.user_id)
        rules = await self.gate.rules_for(teller)
        saved = await self._store.get_overrides(teller.user_id)
        options = choose(saved, preset_named(preset, own), overrides, server=rules.overrides)
        return shortened(options, limits_for(rules, teller.role_ids))

    async def origin_of_options(self, teller: Teller, preset: str | None = None) -> tuple[OptionOrigin, ...]:
        """Give each option's value for a person, with a preset over theirs, and where it comes from.

        Raises UnknownPreset.
        """
        own = await self._store.people.presets_of(teller.user_id)
        rules = await self.gate.rules_for(teller)
        longest = limits_for(rules, teller.role_ids).longest or 0
        saved = await self._store.get_overrides(teller.user_id)
        return origins(saved, own, preset, server=rules.overrides, longest=longest)

    async def close(self, grace_seconds: float, *, finishing_seconds: float = 0.0) -> None:
        """Take nothing more, stop what waits and what runs, and see every row ended after ``grace_seconds``.

        What is being written may end by itself during the first ``finishing_seconds`` of these.
        """
        await self._running.close(grace_seconds, finishing_seconds=finishing_seconds)

    async def _extend(
        self,
        teller: Teller,
        story: StoredStory,
        above: list[Passage],
        new: NewPassage,
        limits: Limits,
        *,
        retitle: bool,
        beside_others: bool = False,
        is_limited: bool = True,
    ) -> Telling:
        """Write the next passage of a story below the last of ``above``, or at its beginning where there is none."""
        text_filter = await self.moderator.filter_for(teller.guild_id)
        parent_id = above[-1].id if above else None
        if (story.id, parent_id) in self._growing and not beside_others:  # a button was pressed twice
            raise PassageUnfinished(parent_id or 0)

        typed = story.title if story.title_origin is TitleOrigin.TYPED else ""
        text = with_words(joined(above), new.text)
        request = self._request(teller, new, story.genre, text, title=typed, memory=story.memory)

        async def write() -> tuple[StoredStory, Passage]:
            return story, await self._store.add_passage(story.id, parent_id, new)

        self._growing.add((story.id, parent_id))
        try:
            telling = await self._running.begin(
                teller.user_id,
                request,
                write,
                text_filter=text_filter,
                at_once=limits.at_once,
                retitle=retitle,
                is_limited=is_limited,
            )
        except BaseException:
            self._growing.discard((story.id, parent_id))
            raise
        telling.task.add_done_callback(lambda _: self._growing.discard((story.id, parent_id)))
        return telling

    async def _path_of_own(self, teller: Teller, passage_id: int) -> tuple[StoredStory, list[Passage]]:
        """Give a person's own story and the path to a passage of it that has ended."""
        passage = await self._store.passage(passage_id)
        story = await self.story_of(teller.user_id, passage.story_id)
        await refuse_withdrawn(self._store, teller, story.id)
        if passage.state is PassageState.WAITING:
            raise PassageUnfinished(passage_id)
        return story, await self._store.path_to(passage_id)

    async def _options_of(self, path: Sequence[Passage], teller: Teller, limits: Limits) -> SamplingOptions:
        """Give the options that the story was last asked with; where only people have written, those of the teller."""
        options = next((passage.options for passage in reversed(path) if passage.options is not None), None)
        return await self.options_for(teller) if options is None else shortened(clamp(options), limits)

    def _new(
        self,
        teller: Teller,
        text: str,
        options: SamplingOptions,
        seed: int | None = None,
        *,
        quota: Quota | None = None,
    ) -> NewPassage:
        return NewPassage(
            user_id=teller.user_id,
            text=text,
            options=options,
            seed=new_seed() if seed is None else seed,
            model=self._engine.status().model,
            quota=quota,
        )

    def _request(
        self, teller: Teller, new: NewPassage, genre: str, text: str, *, title: str = "", memory: str = ""
    ) -> StoryRequest:
        # Cleaned once more: a model can write the letters of a control token, and they are read as one here.
        return StoryRequest(
            genre=genre,
            prompt=clean_text(text, self.genres),
            title=title,
            memory=clean_text(memory, self.genres),
            finish_sentence=True,
            options=new.options,
            seed=new.seed,
            deadline_seconds=self._config.story_seconds,
            user=teller.user_id,
            group=teller.guild_id,
        )

    def _clean(self, text: str) -> str:
        text = clean_text(text, self.genres)
        if len(text) > PROMPT_LENGTH:
            raise PromptTooLong(len(text), PROMPT_LENGTH)
        return text


def _checked(seed: int | None) -> int | None:
    if seed is not None and not 0 <= seed < SEEDS:
        raise InvalidOption("seed", seed, 0, SEEDS - 1)
    return seed
