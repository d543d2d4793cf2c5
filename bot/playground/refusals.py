"""The two ways in which the playground says no: to a person at the keyboard, and to a bot over REST."""

from __future__ import annotations

from typing import Any


class PlaygroundRefused(Exception):
    """Discord's client would not let a person do this; the message is the sentence to show."""


class ApiError(Exception):
    """An answer to the bot with a status of 400 or more, in Discord's form."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} (error code: {code}): {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        """Give the JSON that Discord would send."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


class Problems:
    """Collects everything that is wrong with one body, as Discord reports it: all at once, each at its place."""

    def __init__(self) -> None:
        self._tree: dict[str, Any] = {}

    def add(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        """Note a problem with the value at ``path``."""
        node = self._tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(
        self, path: tuple[str | int, ...], value: object, *, minimum: int = 0, maximum: int, optional: bool = False
    ) -> None:
        """Note it if ``value`` is not a text of ``minimum`` to ``maximum`` characters."""
        if value is None:
            if not optional:
                self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", f"Could not interpret a {type(value).__name__} as string.")
        elif len(value) > maximum and not minimum:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {maximum} or fewer in length.")
        elif not minimum <= len(value) <= maximum:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {minimum} and {maximum} in length.")

    def number(self, path: tuple[str | int, ...], value: object, minimum: int, maximum: int) -> None:
        """Note it if ``value``, where present, is not a whole number within the limits."""
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            self.add(path, "NUMBER_TYPE_COERCE", "Value is not int.")
        elif not minimum <= value <= maximum:
            self.add(path, "NUMBER_TYPE_RANGE", f"int value should be between {minimum} and {maximum}.")

    def items(
        self, path: tuple[str | int, ...], value: object, *, minimum: int = 0, maximum: int
    ) -> list[dict[str, Any]]:
        """Give the objects of a list; notes it if it is none, or has too few or too many items."""
        if value is None:
            value = []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.add(path, "LIST_TYPE_CONVERT", "Only lists of objects are allowed here.")
            return []
        if not minimum <= len(value) <= maximum:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {minimum} and {maximum} in length.")
        return value

    def raise_if_any(self) -> None:
        """Raise all that was noted as one 50035.

        Raises:
            ApiError: when there is at least one problem

        """
        if self._tree:
            raise ApiError(400, 50035, "Invalid Form Body", self._tree)
