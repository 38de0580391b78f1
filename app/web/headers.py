"""What the browser may do with our answers. Strict for all of them; a page can open one door more."""

from __future__ import annotations

from flask import Flask, Response

from app.web.visit import visit


def install(app: Flask, secure: bool) -> None:
    @app.after_request
    def harden(response: Response) -> Response:
        here = visit()
        response.headers["Content-Security-Policy"] = "; ".join(
            (
                "default-src 'none'",
                f"script-src 'nonce-{here.nonce}'",
                "style-src 'self'",
                "img-src 'self' data:",
                f"form-action 'self' {here.form_targets}".rstrip(),
                "frame-ancestors 'none'",
                "base-uri 'none'",
            )
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        # Not no-referrer: with it, browsers send `Origin: null` with our own forms, and the guard could not tell.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        # Nothing that belongs to a person stays in a browser's or proxy's cache; static files say otherwise.
        response.headers.setdefault("Cache-Control", "no-store")
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=63072000"
        return response
