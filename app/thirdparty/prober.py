"""The three questions. Asked in the order in which the answers matter, and no further than AWS answers at all.

The right external id goes with everything that a person's call carries, or the trial would pass and the person fail.
A wrong one and none go out twice: like that, and bare. A trust policy can have one statement for tagged sessions that
asks for the external id, and another for plain ones that does not: either way in would be a way in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.core.decisions import without_placeholders
from app.core.roles import Account, Role
from app.core.sign_in_tags import room_for_them
from app.errors import AwsRefused, AwsUnavailable
from app.issuers.trials import SESSION_NAME, Attempt, Tries
from app.thirdparty.external_ids import new_external_id
from app.thirdparty.trial import Answer, Trial, Word

_NOT_ASKED = Answer(Word.UNKNOWN, "not asked")


@dataclass(frozen=True, slots=True)
class Prober:
    tries: Tries
    new_id: Callable[[], str] = new_external_id

    def trial(self, role: Role, account: Account, external_id: str) -> Trial:
        """Never raises for what AWS answers: that is the result."""
        full = _as_for_a_person(role, account)
        right = self._ask([replace(full, external_id=external_id)])
        wrong = _NOT_ASKED if right.word is Word.UNKNOWN else self._ask(_both(full, self.new_id()))
        none = _NOT_ASKED if wrong.word is Word.UNKNOWN else self._ask(_both(full, ""))
        return Trial(right, wrong, none)

    def _ask(self, attempts: Iterable[Attempt]) -> Answer:
        """The first answer that is not a plain no."""
        answer = _NOT_ASKED
        for attempt in attempts:
            answer = self._answer(attempt)
            if answer.word is not Word.NO:
                break
        return answer

    def _answer(self, attempt: Attempt) -> Answer:
        try:
            self.tries.attempt(attempt)
        except AwsRefused as refused:
            code = _code(refused.reason)
            # Any other refusal (no key of our own, a region that is off) says nothing about the trust policy.
            return Answer(Word.NO if code == "AccessDenied" else Word.UNKNOWN, code)
        except AwsUnavailable as unavailable:
            return Answer(Word.UNKNOWN, _code(unavailable.reason))
        return Answer(Word.YES)


def _as_for_a_person(role: Role, account: Account) -> Attempt:
    return Attempt(
        role.arn,
        role.region,
        source_identity=SESSION_NAME,
        tags={
            **{name: without_placeholders(text) or "trial" for name, text in role.tags.items()},
            **room_for_them(role),
        },
        transitive_tags=role.transitive_tags,
        base=account.base,
        fallback_region=account.fallback_region,
    )


def _both(full: Attempt, external_id: str) -> list[Attempt]:
    plain = replace(full, source_identity="", tags={}, transitive_tags=())
    return [replace(attempt, external_id=external_id) for attempt in (full, plain)]


def _code(reason: str) -> str:
    """`aws.AccessDenied 1111-2222` is AWS's code and request id."""
    return reason.partition(" ")[0].removeprefix("aws.")
