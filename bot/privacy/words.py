"""What the bot says about what it stores of a person. ``docs/privacy.md`` says the same at length; a test compares."""

from __future__ import annotations

from bot.store.rows import Forgotten, PersonSummary

NEVER_TRAINED = "Prompts and stories are never used to train a model."
NOT_READ = "I read no channels: only what you type after a command or into a form, and a message that you hand me."
NOT_LOGGED = "My log has numbers of stories and passages, but no prompt, no story, no name."
OPERATOR_SEES = "Whoever runs me can open my database and read all of it, private stories too."
SENT_TO_SERVERS = "The stories are written on servers that whoever runs me has chosen; prompts go there."
WRITTEN_HERE = "The stories are written on the machine that I run on; prompts go nowhere else."
MESSAGES_STAY = (
    "Messages that I have posted stay on Discord until they are deleted there; "
    "only from archives of servers I take your stories away myself, where Discord lets me."
)
BACKUPS_STAY = "Copies that whoever runs me has made of the database are beyond my reach; ask them."
BLOCKS_STAY = (
    "What a server has against you stays, or deleting would be the way round it: where you are blocked, your number "
    "and since when; where passages an hour are counted, your number for that hour."
)
WITH_IT = (
    "With each passage I keep how it was made, when, and in which server and channel it was asked for. "
    "I know you by your Discord number; your name is not in my database."
)
READERS_SEE = (
    "You, and whoever can read the messages where you write or share a story. A story that is not private can "
    "also be found with `/stories random`, `top` and `digest` in the server where it was written, "
    "and those who run that server read what is reported there."
)
HISTORY_ON = "History is on: your stories are kept until you delete them."
HISTORY_OFF = "History is off: only the story that you write now is kept, and a new one replaces it."


def summary_text(summary: PersonSummary, *, remote: bool, retention_days: int = 0) -> str:
    """Say what is stored about a person, for how long, who sees it, and what never happens with it."""
    history = HISTORY_ON if summary.keeps_history else HISTORY_OFF
    if retention_days:
        history += f" A story to which nobody has written for {counted(retention_days, 'day', 'days')} may be deleted."
    parts = [
        f"**What I have of yours**\n{_counts(summary)}\n{history}\n{WITH_IT}",
        f"**Who sees it**\n{READERS_SEE}\n{OPERATOR_SEES}\n{SENT_TO_SERVERS if remote else WRITTEN_HERE}",
        f"**What never happens**\n{NEVER_TRAINED} {NOT_READ} {NOT_LOGGED}",
        "`/privacy export` gives you all of it as files, `/privacy delete` removes it for good.",
    ]
    return "\n\n".join(parts)


def delete_question(summary: PersonSummary) -> str:
    """Ask before everything of a person goes."""
    parts = [
        "**Delete everything of yours?** It can't be brought back; `/privacy export` gives you a copy first.",
        _counts(summary),
    ]
    if summary.words_in_others:
        parts.append("Your words in other people's stories can go as well, or stay there without your name.")
    if not summary.keeps_history:
        parts.append("That your history is off would be forgotten too, and later stories kept.")
    if summary.blocks or summary.recent_tellings:
        parts.append(BLOCKS_STAY)
    return "\n\n".join([*parts, f"{MESSAGES_STAY} {BACKUPS_STAY}"])


def deleted_text(forgotten: Forgotten, *, words_in_others: bool) -> str:
    """Say what went."""
    gone = f"Everything of yours is deleted, {counted(forgotten.stories, 'story', 'stories')} with it."
    if forgotten.passages_elsewhere:
        passages = counted(forgotten.passages_elsewhere, "passage", "passages")
        what = "your words and your name are gone" if words_in_others else "your name is gone"
        gone += f" From {passages} in other people's stories, {what}."
    if forgotten.servers_left:
        gone += f" {BLOCKS_STAY}"
    return f"{gone} {MESSAGES_STAY} {BACKUPS_STAY}"


def history_question(stories: int) -> str:
    """Ask before older stories go because no history is wanted."""
    return (
        "With history off I keep only the story that you write now, and a new one replaces it.\n"
        f"You have {counted(stories, 'story', 'stories')}; all but the newest would be deleted now, for good. "
        "`/privacy export` gives you a copy first."
    )


def counted(number: int, one: str, several: str) -> str:
    """Give for example "1 story" or "2,000 stories"."""
    return f"{number:,} {one if number == 1 else several}"


def _counts(summary: PersonSummary) -> str:
    """Give a line for each kind of thing that there is."""
    since = "" if summary.oldest is None else f", the oldest from <t:{summary.oldest}:D>"
    words = f"{counted(summary.words, 'word', 'words')} in {counted(summary.passages, 'passage', 'passages')}"
    lines = [f"- {counted(summary.stories, 'story', 'stories')} with {words}{since}"]
    if summary.words_in_others:
        lines.append(f"- {counted(summary.words_in_others, 'word', 'words')} of yours in other people's stories")
    for number, one, several in (
        (summary.saved_options, "saved option", "saved options"),
        (summary.presets, "preset", "presets"),
        (summary.hearts_given, "♥ that you gave", "♥ that you gave"),
        (summary.reports, "report", "reports"),
        (summary.blocks, "server in which you are blocked", "servers in which you are blocked"),
        (summary.server_changes, "change that you made to servers' rules", "changes that you made to servers' rules"),
        (summary.recent_tellings, "passage of the last hour that counts", "passages of the last hour that count"),
        (summary.circles, "story that you tell with others", "stories that you tell with others"),
        (summary.archived, "post of your stories in archives", "posts of your stories in archives"),
        (summary.withdrawn, "story of yours taken out of a server", "stories of yours taken out of a server"),
        (summary.decisions, "change that you made for a server", "changes that you made for servers"),
    ):
        if number:
            lines.append(f"- {counted(number, one, several)}")
    return "\n".join(lines)
