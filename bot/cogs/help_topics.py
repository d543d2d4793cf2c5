"""What ``/help`` says, topic by topic. A test holds it against the commands and buttons that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.cogs.sampling_parameters import PARAMETER_WORDS
from bot.sentences.model import OPTION_LABELS
from bot.storytelling.openings import an_opening, openings
from storygen.genre import Genre
from storygen.sampling import LIMITS, PRESETS

SHOWN_GENRES = 15
"""So many first sentences are shown at once."""


class Topic(StrEnum):
    """What can be read about."""

    BEGIN = "begin"
    CONTROLS = "controls"
    OPTIONS = "options"
    LIBRARY = "library"
    TOGETHER = "together"
    SURPRISE = "surprise"
    PRIVACY = "privacy"
    SERVERS = "servers"
    FIT = "fit"
    HOSTING = "hosting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """How a topic is offered."""

    label: str
    purpose: str


HEADINGS = {
    Topic.BEGIN: Heading(label="How to begin", purpose="Your first story"),
    Topic.CONTROLS: Heading(label="The buttons below a story", purpose="Continue, Retry, Undo, Branch and the rest"),
    Topic.OPTIONS: Heading(label="What the options do", purpose="temperature, top_k, presets, seed"),
    Topic.LIBRARY: Heading(label="Your stories", purpose="Find, read, rename, export, share and delete them"),
    Topic.TOGETHER: Heading(label="Together", purpose="A story that several people of a server tell"),
    Topic.SURPRISE: Heading(label="Surprise me", purpose="A first sentence for every genre"),
    Topic.PRIVACY: Heading(label="Privacy", purpose="What is kept, and how to get it or be rid of it"),
    Topic.SERVERS: Heading(label="For those who run a server", purpose="Where, by whom and how much is told there"),
    Topic.FIT: Heading(label="What stories may not say", purpose="The filter, and a server's own words"),
    Topic.HOSTING: Heading(label="Run this bot yourself", purpose="What it takes"),
}

_BEGIN = """\
`/story` writes a story. Choose a genre and, if you like, type how it begins; with nothing typed I find a beginning.

Try: `/story genre:{genre} prompt:{prompt}`

While I write, **Stop** stops me. After that the buttons below the story take it further.
I work in servers, in direct messages and, added to your account, everywhere else. \
I see only what you give me with a command, a button or a form; channels I don't read.

I am a small model and make everything up. Nothing of it is true."""

_CONTROLS = """\
**Continue** writes the next passage; **Write** lets you write it.
**Retry** writes the passage again. The old one stays: **◀ 2/3 ▶** turns between the versions.
**Undo** goes back by one passage. Nothing is lost; **Redo**, under **More**, goes forward again.
**Branch** copies the story up to here, so that it can go another way. Readers may branch it too, for themselves.
**♥** is for readers who like a story.

**More** has the rest: **Edit** changes a passage, **Rename** the title, **Genre** what kind of story it goes on as. \
**Memory** holds facts that I keep in view however long the story grows. **Copy settings** gives the recipe, \
**Export** a file, **Share** a post for others; **Delete** and **Report** do what they say. \
In a server with an archive, **To the archive** puts the story up there.

Only you can press what changes your story. The buttons go on working after I was restarted."""

_OPTIONS = """\
{options}

**Presets** are options that go well together: {presets}. `/story preset:` takes one.
`/settings set` keeps values of yours for all stories, `/settings preset save` keeps them under a name, \
`/settings show` tells where each comes from. What a `/story` says itself goes first.
The same prompt, options and **seed** give the same story again.
`/explore` shows in a picture what the options do to the next word."""

_LIBRARY = """\
`/stories list` shows what you wrote, `/stories open` puts one back in front of you with its buttons, \
`/stories read` opens one page by page, and `/continue` goes on with one.
`/stories export` gives a file: text, Markdown, web page, e-book, or everything as JSON.
`/stories rename` gives another title, and `/stories delete` deletes for good, after one question.
`/stories random` opens any of them; `/stories top` shows what this server likes best, and `/stories digest` also \
what is new.

On somebody's message: Apps, then **Continue as story**."""

_TOGETHER = """\
`/together start` begins a story for several people of a server, in a thread of its own where I may make one.

**Write** opens a form for the next passage. `order:` says who may: whoever comes first, nobody twice in a row, \
or one after the other. **Join** and **Leave** are for everybody; in a round, **Pass** gives your turn to the next, \
and whoever began the story can **Skip** somebody who sleeps. A turn ends by itself after `turn_minutes:`. \
When nobody comes, the story rests, and nothing more is posted until somebody goes on.
**Let the bot go on** has me write; with `bot:After each of you` I do so by myself. \
With `vote:True` I write three ways to go on, and those who take part choose.

After `passages:`, or with **End**, the whole story is posted with the names of those who told it. \
It belongs to nobody alone: everybody may read it, press ♥, **Export** it and **Branch** from it.
`/together status` says how far it is. `/together join`, `/together leave`, `/together pass`, `/together skip` and \
`/together end` do what the buttons do."""

_SURPRISE = """\
{openings}

Take one of these as the prompt, or leave the prompt empty: then I choose. Choose this topic again for others."""

_PRIVACY = """\
I keep your prompts, stories, titles, presets and settings, so that you can go on with them. \
Prompts and stories are never used to train a model.

`/privacy summary` says what I have of yours and who can see it.
`/privacy export` gives you all of it as files.
`/privacy history` turns the keeping of stories off and on.
`/privacy delete` removes everything of yours, after one question.

`private:True` in a `/story` shows it to you alone."""

_SERVERS = """\
`/storyadmin setup` shows all that holds in your server and lets you change it. \
It is for those with Manage Server, and for roles that you name. Each part has a command of its own, too:

`/storyadmin channels` says where stories are told. A thread counts as its channel.
`/storyadmin role` says which roles tell stories, and which use these commands.
`/storyadmin limits` says how much one person may have told: a cooldown, passages an hour, how many at once, how long; \
a role may have more.
`/storyadmin defaults` sets the options of whoever has saved none.
`/storyadmin block`, `/storyadmin unblock` and `/storyadmin blocked`: who tells no stories here. \
Their own stories stay theirs to read, take along and delete.
`/storyadmin log` tells who changed what, for 90 days.

`/storyadmin archive` chooses a channel or a forum in which stories are put up that their owners send there.
`/storyadmin reports` shows what is reported here: look at it, dismiss it, or take the story down.
`/storyadmin purge` takes a person's stories, or all, out of this server, after one question; they stay their author's.
`/storyadmin stats` shows what was told here in the last 30 days.

All of it holds at once, for every button and form too, also after a restart. I post nothing that nobody asked for."""

_FIT = """\
Stories may be bloody, cruel and frightening. They may not be obscene or full of hate: nothing sexual, nothing about \
how to harm oneself, no words of contempt for a group of people, no strong swearwords.

This holds for what you type and for what I write. If I can't take your words, I say why to you alone and give them \
back. If I write such a thing, I write the passage again, once.

Those who manage a server add words of their own with `/storyadmin filter add`, see them with \
`/storyadmin filter list`, take them out with `/storyadmin filter remove`, try a text with `/storyadmin filter test`, \
and make the server stricter with `/storyadmin filter level`.
No filter catches everything: **Report**, under **More**, is for the rest."""

_HOSTING = """\
I am a free program with a small model of my own. A computer with Python is enough, without a graphics card; \
there is no key to buy, and I ask Discord for no privileged intent.

What comes with the program says how: its README for the first start, and its documents for training a model \
on texts of your own. It can be tried without Discord, with `make demo`.
`/about` says which model writes here, `/ping` and `/queue` how it is."""


_TEXTS = {
    Topic.BEGIN: _BEGIN,
    Topic.CONTROLS: _CONTROLS,
    Topic.OPTIONS: _OPTIONS,
    Topic.LIBRARY: _LIBRARY,
    Topic.TOGETHER: _TOGETHER,
    Topic.SURPRISE: _SURPRISE,
    Topic.PRIVACY: _PRIVACY,
    Topic.SERVERS: _SERVERS,
    Topic.FIT: _FIT,
    Topic.HOSTING: _HOSTING,
}


def help_text(topic: Topic, genres: Sequence[Genre]) -> str:
    """Give the text of a topic; examples have the model's own genres."""
    return _TEXTS[topic].format(
        genre=genres[0].label,
        prompt=_example(genres[0]),
        options="\n".join(map(_option_line, LIMITS)),
        presets=", ".join(PRESETS),
        openings="\n".join(map(_opening_line, genres[:SHOWN_GENRES])),
    )


def _example(genre: Genre) -> str:
    return min(openings(genre.name), key=len).rstrip(".")


def _option_line(name: str) -> str:
    """Say in one line what an option does, and from where to where it goes."""
    label, limit = OPTION_LABELS.get(name, name), LIMITS[name]
    extent = "" if limit.kind is bool else f", {limit.kind(limit.minimum)} to {limit.kind(limit.maximum)}"
    return f"`{label}`{extent}: {PARAMETER_WORDS[label]}"


def _opening_line(genre: Genre) -> str:
    return f"**{genre.label}**: {an_opening(genre.name)}"
