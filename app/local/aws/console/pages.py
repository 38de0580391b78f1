"""The pages: who came in, the bucket they asked for, "your session has ended"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.wrappers import Request, Response

from app.local.aws.console.destination import Destination, read_destination
from app.local.aws.console.tickets import Visitor
from app.local.aws.desk import Desk
from app.local.aws.policy.evaluation import Ask, Verdict
from app.local.aws.refusals import Refusal
from app.local.aws.session import Kind
from app.local.aws.signing.caller import caller_of, principal_context
from app.local.aws.things import StoredObject

_BUCKET = re.compile(r"/s3/(?:buckets|object)/([a-z0-9.-]{3,63})")
_NAMES = {"s3": "S3", "ec2": "EC2", "iam": "IAM", "console": "Console home", "lambda": "Lambda"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A bucket as the session sees it: its objects, or why not."""

    name: str
    objects: tuple[StoredObject, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    desk: Desk
    templates: Environment

    def page(self, visitor: Visitor, request: Request) -> Response:
        """The address in the bar says what is shown; the destination at login is where it began."""
        here = self._destination(visitor, request)
        session = visitor.session
        account = self.desk.world.accounts[session.account]
        return self._html(
            "home.html",
            session=session,
            is_role=session.kind is Kind.ROLE,
            account=account,
            here=here,
            service=_NAMES.get(here.service, here.service),
            region=here.region,
            ends_at=visitor.ends_at,
            left=spoken(visitor.ends_at - self.desk.now()),
            issuer=visitor.issuer,
            shelf=self._shelf(visitor, here),
            buckets=self._buckets(visitor) if here.service == "s3" else (),
        )

    def ended(self, visitor: Visitor | None) -> Response:
        issuer = visitor.issuer if visitor else ""
        text = "Your session has ended. Sign in again to go on." if visitor else "You are not signed in to the console."
        return self._html("message.html", 401, title="Signed out", text=text, issuer=issuer, code="")

    def signed_out(self, visitor: Visitor | None) -> Response:
        issuer = visitor.issuer if visitor else ""
        return self._html("message.html", title="Signed out", text="You have signed out.", issuer=issuer, code="")

    def refused(self, refusal: Refusal, issuer: str) -> Response:
        title = "This sign-in did not work"
        code = f"{refusal.status} {refusal.code}"
        return self._html("message.html", refusal.status, title=title, text=refusal.message, issuer=issuer, code=code)

    def style_sheet(self) -> Response:
        text = resources.files("app.local.aws.console").joinpath("static", "console.css").read_text()
        return Response(text, content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=60"})

    def _destination(self, visitor: Visitor, request: Request) -> Destination:
        host = request.args.get("aws-host", visitor.destination.host)
        query = "&".join(
            part for part in request.query_string.decode("ascii", "replace").split("&") if part[:8] != "aws-host"
        )
        path = request.path.removeprefix("/console")
        question = f"?{query}" if query else ""
        found = read_destination(f"https://{host}{path}{question}", visitor.session.partition)
        return found or visitor.destination

    def _shelf(self, visitor: Visitor, here: Destination) -> Shelf | None:
        found = _BUCKET.match(here.path)
        if found is None:
            return None
        name = found[1]
        bucket = self.desk.world.buckets.get(name)
        if not self._may(visitor, "s3:ListBucket", f"arn:{visitor.session.partition}:s3:::{name}"):
            return Shelf(name, refused="This role may not list the objects of this bucket (AccessDenied).")
        if bucket is None or bucket.account != visitor.session.account:
            return Shelf(name, refused="There is no such bucket in this account (NoSuchBucket).")
        return Shelf(name, tuple(bucket.objects[key] for key in sorted(bucket.objects)))

    def _buckets(self, visitor: Visitor) -> tuple[str, ...]:
        if not self._may(visitor, "s3:ListAllMyBuckets", "*"):
            return ()
        buckets = self.desk.world.buckets.values()
        return tuple(sorted(b.name for b in buckets if b.account == visitor.session.account))

    def _may(self, visitor: Visitor, action: str, resource: str) -> bool:
        """A console session may outlive the credentials it came from; its permissions stay theirs."""
        session = replace(visitor.session, expires_at=visitor.ends_at)
        caller = caller_of(self.desk.world, session, self.desk.now())
        ask = Ask(action, resource, principal_context(caller, self.desk.world))
        return self.desk.permissions().verdict(caller, ask) is Verdict.ALLOW

    def _html(self, template: str, status: int = 200, **values: object) -> Response:
        text = self.templates.get_template(template).render(**values)
        return Response(text, status, content_type="text/html; charset=utf-8")


def templates() -> Environment:
    loader = PackageLoader("app.local.aws.console", "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["utc"] = _utc
    return made


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def spoken(left: timedelta) -> str:
    minutes = max(0, int(left.total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
