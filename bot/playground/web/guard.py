"""Who may talk to the page's server: only a page that it served itself, to whoever has the printed address."""

from __future__ import annotations

import secrets

from aiohttp import web

LOOPBACK_NAMES = ("127.0.0.1", "localhost")


def new_token() -> str:
    """Give 128 random bits for the address, so that no other page on this machine can guess it."""
    return secrets.token_urlsafe(16)


class Guard:
    """Checks each request; ``port`` is known once the server listens."""

    def __init__(self, token: str) -> None:
        self.port = 0
        self._token = token

    def check(self, request: web.Request) -> None:
        """Let a request through.

        Raises:
            web.HTTPForbidden: for a name that is not this machine's (DNS rebinding), or another page's WebSocket
            web.HTTPNotFound: without the token

        """
        hosts = {f"{name}:{self.port}" for name in LOOPBACK_NAMES}
        if request.headers.get("Host") not in hosts:
            raise web.HTTPForbidden(text="This page is at 127.0.0.1 only.")
        origin = request.headers.get("Origin")
        if origin is not None and origin != f"http://{request.headers['Host']}":
            raise web.HTTPForbidden(text="Another page can't use this one.")
        if not secrets.compare_digest(request.match_info.get("token", "").encode(), self._token.encode()):
            raise web.HTTPNotFound(text="Open the whole address that `storybot try --web` has printed.")

    def headers(self) -> dict[str, str]:
        """Give the headers of every answer: nothing from elsewhere, no script but ours, no text as HTML."""
        sockets = " ".join(f"ws://{name}:{self.port}" for name in LOOPBACK_NAMES)
        return {
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            f"connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'",
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
