"""What each step does, and what it expects. A step returns the words for its line, or raises StepFailed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from app.local.cast import ALICE, BOB, CastMember
from app.local.stack.check.terminal import Terminal
from app.local.stack.check.visitor import StepFailed, Visitor
from app.local.stack.files import BUCKET, PRODUCTION
from app.local.stack.place import Place

_SIGNED_OUT, _DENIED = 4, 5  # exit codes of fedgate
_WRITTEN = "written by deploy/try --check"


@dataclass(slots=True)
class Story:
    """What the steps share: two people, each with a browser and a prompt."""

    place: Place
    alice: Visitor = field(default_factory=Visitor)
    bob: Visitor = field(default_factory=Visitor)
    profiles: dict[str, str] = field(default_factory=dict)  # role name to profile name

    def terminal(self, member: CastMember) -> Terminal:
        return Terminal(self.place, member.key)

    def saml_sign_in(self) -> str:
        self._pick("corp", self.alice, ALICE)
        self.alice.submit("/signin/corp/acs")
        return self._arrived(self.alice, ALICE, "UpdateApp")

    def oidc_sign_in(self) -> str:
        self._pick("corp-oidc", self.bob, BOB)
        said = self._arrived(self.bob, BOB, "ReadOnly")
        if "UpdateApp" in self.bob.text:
            raise StepFailed("Bob is offered UpdateApp, which is for developers")
        return said

    def terminal_login(self) -> str:
        terminal = self.terminal(ALICE)
        terminal.login(self.alice)
        self.terminal(BOB).login(self.bob)
        return f"fedgate.pyz; {terminal.fedgate('version').strip()}"

    def profiles_sync(self) -> str:
        terminal = self.terminal(ALICE)
        terminal.fedgate("profiles", "sync")
        self.profiles = {role["name"]: role["profile"] for role in terminal.roles()}
        missing = {"UpdateApp", "ReadOnly", "Developer"} - set(self.profiles)
        if missing:
            raise StepFailed(f"Alice has no {', '.join(sorted(missing))}")
        return ", ".join(sorted(self.profiles.values()))

    def boto3_with(self, role: str) -> str:
        return self._is_alice_in(role, self.terminal(ALICE).caller_in_boto3(self._profile(role)))

    def aws_cli_with(self, role: str) -> str:
        return self._is_alice_in(role, self.terminal(ALICE).caller_in_aws_cli(self._profile(role)))

    def unmodified_boto3(self) -> str:
        """Text in ~/.aws/config leads AWS's own sign-in here; nothing of fedgate runs."""
        terminal = self.terminal(ALICE)
        terminal.fedgate("configure", "--native")
        profile = f"sso-{self._profile('ReadOnly')}"
        terminal.native_sign_in(self.alice, profile)
        return self._is_alice_in("ReadOnly", terminal.caller_in_boto3(profile))

    def alice_writes(self) -> str:
        terminal, profile = self.terminal(ALICE), self._profile("UpdateApp")
        terminal.boto3("write", profile, BUCKET, "check.txt", _WRITTEN)
        if terminal.boto3("read", profile, BUCKET, "check.txt") != _WRITTEN:
            raise StepFailed("what was read is not what was written")
        return f"s3://{BUCKET}/check.txt"

    def read_only_is_read_only(self) -> str:
        terminal, profile = self.terminal(ALICE), self._profile("ReadOnly")
        try:
            terminal.boto3("write", profile, BUCKET, "check.txt", "changed")
        except StepFailed as refused:
            if "AccessDenied" not in str(refused):
                raise
            return "AccessDenied by the local AWS"
        raise StepFailed("ReadOnly could write")

    def bob_is_refused(self) -> str:
        role = f"arn:aws:iam::{PRODUCTION}:role/UpdateApp"
        code, said = self.terminal(BOB).refusal("credential-process", "--role-arn", role)
        if code != _DENIED:
            raise StepFailed(f"fedgate ended with {code}, not {_DENIED}: {said[:200]}")
        return f"exit code {code}"

    def console(self) -> str:
        self.alice.open(f"{self.place.gateway}/console/{PRODUCTION}/UpdateApp")
        self.alice.expect(self.place.aws, "UpdateApp", ALICE.email, PRODUCTION)
        return f"the console page greets {ALICE.email}"

    def sign_out(self) -> str:
        self.alice.open(self.place.gateway + "/")
        self.alice.submit("/signout")
        self.alice.expect(f"{self.place.gateway}/signout", "You are signed out", "has confirmed it")
        self.alice.open(self.place.gateway + "/")
        self.alice.expect(f"{self.place.gateway}/signin")
        code, said = self.terminal(ALICE).refusal("roles")
        if code != _SIGNED_OUT:
            raise StepFailed(f"her terminal still works: fedgate roles ended with {code}: {said[:200]}")
        return "here, at the provider, and in her terminal"

    def terminal_sign_out(self) -> str:
        terminal = self.terminal(BOB)
        terminal.fedgate("logout")
        role = f"arn:aws:iam::{PRODUCTION}:role/ReadOnly"
        code, said = terminal.refusal("credential-process", "--role-arn", role)
        if code == 0:
            raise StepFailed("credential-process still answers")
        return f"credential-process: {said.splitlines()[-1][:120]}"

    def _pick(self, provider: str, visitor: Visitor, member: CastMember) -> None:
        visitor.open(f"{self.place.gateway}/signin/{provider}")
        visitor.expect(self.place.idp, member.display_name)
        visitor.submit(person=member.key)

    def _arrived(self, visitor: Visitor, member: CastMember, role: str) -> str:
        visitor.expect(f"{self.place.gateway}/", role, member.email)
        return f"{member.display_name} sees {role}"

    def _profile(self, role: str) -> str:
        if role not in self.profiles:
            raise StepFailed("there is no profile for it (see profiles sync)")
        return self.profiles[role]

    def _is_alice_in(self, role: str, arn: str) -> str:
        if f":assumed-role/{role}/{ALICE.email}-" not in arn:
            raise StepFailed(f"STS says {json.dumps(arn)}")
        return arn
