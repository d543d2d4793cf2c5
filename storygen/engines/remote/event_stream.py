"""Server-sent events: bytes in, the data of whole events out (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import re

LONGEST = 65_536
"""Bytes that one event may have; a completions server sends some hundred."""

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a carriage return at the very end may be half of a pair


class EventStream:
    """Cuts a stream of bytes into events, wherever the network cut it. An event that never ends is never given."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._length = 0

    def add(self, received: bytes) -> list[str]:
        """Take what came and give the data of the events that are whole now.

        Raises ValueError where an event is longer than LONGEST or is no text.
        """
        *lines, self._rest = _LINE_END.split(self._rest + received)
        events = [event for line in lines if (event := self._take(line)) is not None]
        if len(self._rest) > LONGEST:
            raise ValueError("a line without an end")
        return events

    def _take(self, line: bytes) -> str | None:
        """Read one line; an empty one ends an event. Comments, and fields other than data, are passed over."""
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
                self._length += len(value) + 1  # an empty line of data has a length too
            if self._length > LONGEST:
                raise ValueError("an event without an end")
            return None
        data, self._data, self._length = self._data, [], 0
        return b"\n".join(data).decode() if data else None
