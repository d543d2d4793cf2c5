"""The engine on other machines: any server that speaks OpenAI's completions protocol. All runs on the event loop."""

from storygen.engines.remote.engine import RemoteEngine
from storygen.engines.remote.options import RemoteOptions

__all__ = ["RemoteEngine", "RemoteOptions"]
