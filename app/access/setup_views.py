"""The page "Set up your terminal", and the files that older AWS tools fetch."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.access import setup, setup_lines
from app.access.flow import Access
from app.access.setup import Chosen
from app.access.setup_lines import Served
from app.errors import NotFound
from app.web.guards import public, signed_in
from app.web.pages import page
from app.web.visit import session


def blueprint(flow: Access, served: Served) -> Blueprint:
    room = Blueprint("setup", __name__, template_folder="templates")
    models = setup_lines.models(served) if served.speaks_aws else {}

    @room.get("/terminal")
    @signed_in
    def terminal() -> Response:
        query = request.args.get("q", "").strip()[:100]
        chosen = setup.choose(flow.offers(session().identity), query)
        return page("access/terminal.html", chosen=chosen, query=query, served=served, **_lines(chosen, served))

    @room.get("/cli/models/<path:name>")
    @public
    def model(name: str) -> Response:
        """The same for everybody: a machine that is being set up has no browser's cookie to show."""
        if name not in models:
            raise NotFound("There is no such file. The page /terminal names those that there are.")
        headers = {"Content-Disposition": "attachment", "Cache-Control": "public, max-age=300"}
        return Response(models[name], mimetype="application/json", headers=headers)

    return room


def _lines(chosen: Chosen, served: Served) -> dict[str, object]:
    if not chosen.offers:
        return {}
    roles = [setup.entry(offer) for offer in chosen.offers]
    example = setup.entry(chosen.example)
    first = example.profile
    return {
        "first": first,
        "fedgate": setup_lines.with_fedgate(served, first),
        "windows": setup_lines.on_windows(served),
        "completion": setup_lines.completion(),
        "text": setup_lines.with_text_alone(served, roles, first),
        "default": setup_lines.for_default(),
        "login": setup_lines.with_aws_login(served, example),
        "older": setup_lines.fetch_models(served),
        "models": setup_lines.shown_models(served),
        "ssh": setup_lines.behind_ssh(first),
        "container": setup_lines.in_a_container(first),
        "direct": setup_lines.at_the_gateway(served, example),
    }
