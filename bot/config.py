"""The operator's values, from ``.env`` and the environment. Nothing else in the bot reads the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import ConfigError
from bot.shards import IDS_PATTERN, Shards, read_shards
from storygen.engines.remote import RemoteOptions

GETTING_ONTO_DISCORD = (
    "DISCORD_TOKEN is empty. Make an application with a bot at https://discord.com/developers/applications, "
    "press Reset Token on its Bot page and put the token into .env as DISCORD_TOKEN=…. "
    "To try the bot without Discord and without a token, type: make demo"
)

_URLS = r"^(https?://[^\s,@]+(\s*,\s*https?://[^\s,@]+)*)?$"
_ADDRESS = r"^(([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5})?$"
_GENRES = r"^([a-z][a-z0-9_]*(\s*,\s*[a-z][a-z0-9_]*)*)?$"


class Config(BaseSettings):
    """Everything that whoever runs the bot can choose; names are upper-case in the environment."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding="utf-8-sig",  # editors on Windows put a mark in front
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    discord_token: SecretStr = SecretStr("")
    """The bot's token from https://discord.com/developers/applications; "make demo" needs none."""
    database_path: Path = Path("data/stories.sqlite3")
    """The SQLite file with stories and settings; it and its folder are made when missing."""
    story_engine: Literal["local", "remote"] = "local"
    """Who writes: local (the model runs inside the bot) or remote (servers do, see REMOTE_BASE_URL)."""
    story_model: Annotated[str, Field(min_length=1)] = "builtin"
    """The model: builtin, a checkpoint folder, or a name on the Hugging Face hub."""
    story_device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = "auto"
    """Where the model runs: auto (a GPU when there is one), cpu, cuda, or cuda:1 for the second GPU."""
    story_threads: Annotated[int, Field(ge=0, le=1024)] = 0
    """Processor threads for the model; 0 means one less than there are cores, at least 1."""
    story_dtype: Literal["auto", "float32", "bfloat16", "float16", "int8"] = "auto"
    """Numbers of the weights: auto (the fastest here), float32, bfloat16, int8 on a processor, float16 on a GPU."""
    story_workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Copies of the model, each on a thread of its own; more than 1 pays on several GPUs only."""
    story_rows: Annotated[int, Field(ge=1, le=256)] = 8
    """Stories that one copy of the model writes at the same time."""
    queue_limit: Annotated[int, Field(ge=1, le=10_000)] = 64
    """Stories that may wait for their turn; one more is declined with a sentence."""
    queue_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The part of these places that one server may fill, 0.5 for half; all direct messages count as one server."""
    remote_base_url: Annotated[str, Field(pattern=_URLS, validate_default=True)] = ""
    """Completions servers such as vLLM, for STORY_ENGINE=remote: http://host:8000/v1, several with commas between."""
    remote_api_key: SecretStr = SecretStr("")
    """The key that these servers want, if they want one."""
    remote_model: str = ""
    """Name under which the servers know the model; empty takes the first that each of them lists."""
    remote_genres: Annotated[str, Field(pattern=_GENRES)] = ""
    """Genres of the servers' model, with commas between; empty takes those of STORY_MODEL, which may be its folder."""
    remote_at_once: Annotated[int, Field(ge=1, le=1000)] = 16
    """Stories that are with the servers at the same time; more wait in the queue."""
    stories_per_user: Annotated[int, Field(ge=1, le=100)] = 2
    """Stories that one person may have in the queue and being written at the same time."""
    moderation: Literal["off", "adults", "everyone", "strict"] = "everyone"
    """What stories may not say: off, adults, everyone (fit for everyone) or strict (no mild swearing either)."""
    story_seconds: Annotated[float, Field(ge=1, le=840)] = 240.0
    """Seconds from the request after which a passage ends with what it has; Discord allows 15 minutes in all."""
    edit_seconds: Annotated[float, Field(ge=1, le=60)] = 1.5
    """Seconds between two edits of a message that grows; Discord slows down a bot that edits faster."""
    grace_seconds: Annotated[float, Field(ge=0, le=600)] = 10.0
    """Seconds in which running stories may end and be shown after the bot was told to stop."""
    shard_count: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Shards of all processes together; 0 lets Discord say how many there should be."""
    shard_ids: Annotated[str, Field(pattern=IDS_PATTERN)] = ""
    """The shards that this process serves, such as 0-3 or 0,2; empty means all. The process with shard 0 leads."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    """How much is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL; never prompts or stories."""
    log_format: Literal["text", "json"] = "text"
    """How the log is written: text (lines to read) or json (one object a line, for programs)."""
    metrics_address: Annotated[str, Field(pattern=_ADDRESS)] = ""
    """Where metrics and health are served: 127.0.0.1:9464; empty turns both off. Not for the open internet."""
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days after which a story that nobody has written to is deleted; 0 keeps every story."""
    retention_spares: Literal["none", "loved", "shared", "loved_and_shared"] = "loved_and_shared"
    """Stories that RETENTION_DAYS leaves alone: none, loved (with a ♥), shared (posted), or loved_and_shared."""
    discord_api_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    """Address of another REST API than Discord's own, for tests and the playground; empty means Discord."""
    discord_gateway_url: Annotated[str, Field(pattern=r"^(wss?://\S+)?$")] = ""
    """Address of another gateway than Discord's own, for tests and the playground; empty means Discord."""

    @field_validator("discord_token", "remote_api_key", mode="after")
    @classmethod
    def _strip_token(cls, token: SecretStr) -> SecretStr:
        return SecretStr(token.get_secret_value().strip())

    @field_validator("remote_base_url", mode="after")
    @classmethod
    def _needed_by_remote(cls, urls: str, others: ValidationInfo) -> str:
        if not urls and others.data.get("story_engine") == "remote":
            raise PydanticCustomError("empty", "REMOTE_BASE_URL is empty, and STORY_ENGINE=remote needs it")
        return urls

    @field_validator("shard_ids", mode="after")
    @classmethod
    def _fits_shard_count(cls, ids: str, others: ValidationInfo) -> str:
        try:
            read_shards(ids, others.data.get("shard_count", 0))
        except ValueError as error:
            raise PydanticCustomError("shards", str(error)) from None
        return ids

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_case(cls, level: object) -> object:
        return level.upper() if isinstance(level, str) else level

    def remote_options(self) -> RemoteOptions:
        """Give what there is to say about the servers of STORY_ENGINE=remote."""
        return RemoteOptions(
            base_urls=_split(self.remote_base_url),
            api_key=self.remote_api_key.get_secret_value(),
            model=self.remote_model,
            genres=_split(self.remote_genres),
            at_once=self.remote_at_once,
        )

    @property
    def shards(self) -> Shards:
        """Give the shards of this process."""
        return read_shards(self.shard_ids, self.shard_count)

    def spares_loved(self) -> bool:
        """Whether RETENTION_DAYS leaves stories with a ♥ alone."""
        return self.retention_spares in {"loved", "loved_and_shared"}

    def spares_shared(self) -> bool:
        """Whether RETENTION_DAYS leaves stories alone that were posted with Share."""
        return self.retention_spares in {"shared", "loved_and_shared"}

    def require_token(self) -> str:
        """Give the token. Raises ConfigError, which says how to get one, where it is empty."""
        token = self.discord_token.get_secret_value()
        if not token:
            raise ConfigError([GETTING_ONTO_DISCORD])
        return token


def load_config(env_file: str | Path | None = ".env") -> Config:
    """Read the environment, and under it ``env_file`` where there is one. Raises ConfigError with every mistake."""
    try:
        return Config(_env_file=env_file)  # type: ignore[call-arg]  # pydantic-settings adds it
    except ValidationError as error:
        raise ConfigError([_sentence(details) for details in error.errors()]) from None  # its cause has the values
    except UnicodeDecodeError:
        raise ConfigError([f"{env_file} can't be read: it is not text in UTF-8."]) from None  # its cause has the bytes
    except OSError as error:
        raise ConfigError([f"{env_file} can't be read: {error.strerror}."]) from None


def _split(listed: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in listed.split(",") if part.strip())


def _sentence(details: ErrorDetails) -> str:
    """Say what is wrong with one variable. Never with its value: it could be a token in the wrong line."""
    field = str(details["loc"][0])
    if details["type"] == "string_pattern_mismatch":
        return f"{field.upper()} is not one of the values that it can have. {_meaning(field)}"
    problem = details["msg"].replace("Input should", f"{field.upper()} should")
    return f"{problem}. {_meaning(field)}"


def _meaning(field: str) -> str:
    return f"It means: {Config.model_fields[field].description}"
