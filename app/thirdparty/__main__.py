"""`python -m app.thirdparty`: what operators do about accounts of third parties. Run it as the gateway's
own user and with its settings: it writes into the same journal and database.

    register ROLE_ARN   tries the role now, prints the three answers, and tells what its owner must change
    show ACCOUNT        the account's external ids, the condition for trust policies, and how its roles stand
    rotate ACCOUNT      makes a second external id; both are used until the older one is dropped
    drop ACCOUNT        drops the older one, if every role of the account asks for the newer one and no longer for it
    check               tries every role of every third party now, as the daily rounds do

Exit codes: 0 done and every role that was tried is proven, 1 not so, 2 wrong usage or settings.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from app.core.roles import AccountId, Role, Zone
from app.errors import ConfigurationProblems, GatewayError, InvalidRequest
from app.settings import Settings
from app.thirdparty.advice import condition, for_the_owner
from app.thirdparty.gate import ThirdParties, third_party_roles
from app.thirdparty.trial import Verdict, Word


def register(parties: ThirdParties, text: str) -> int:
    role = next((role for role in third_party_roles(parties.catalog.view()) if role.arn == text), None)
    if role is None:
        raise InvalidRequest(f'{text} is no role of an account with zone = "third-party" in the catalog.')
    return _try_all(parties, [role])


def show(parties: ThirdParties, text: str) -> int:
    account = _third_party(parties, text)
    ids = parties.ids.of(account)
    print(f"external id     {ids[0]}")
    for older in ids[1:]:
        print(f"older           {older} (until: python -m app.thirdparty drop {account})")
    print(f"trust policy    {condition(ids)}")
    roles = _roles_of(parties, account)
    known, now = parties.book.all_of(role.arn for role in roles), parties.clock()
    for role in roles:
        record = known.get(role.arn)
        standing = "not tried yet" if record is None else "open" if record.is_open(now) else "closed"
        print(f"\n{role.arn}: {standing}")
        if record is not None:
            print(f"tried {record.tried_at:%Y-%m-%d %H:%M} UTC\n{record.trial.as_table()}")
            print(for_the_owner(record.trial, ids))
    return 0


def rotate(parties: ThirdParties, text: str) -> int:
    account = _third_party(parties, text)
    ids = parties.ids.add(account)
    print(f"new external id {ids[0]}\nolder           {ids[1]}")
    print(f"Ask the owner to allow both for now: {condition(ids)}")
    print(f"Then: python -m app.thirdparty check; the owner removes the older; python -m app.thirdparty drop {account}")
    return 0


def drop(parties: ThirdParties, text: str) -> int:
    account = _third_party(parties, text)
    newest, *older = parties.ids.of(account)
    if not older:
        raise InvalidRequest(f"The account {account} has one external id only.")
    for role in _roles_of(parties, account):
        if not _has_moved_on(parties, role, newest, older[0]):
            return 1
    parties.ids.drop_older(account)
    print(f"external id     {newest}")
    return _try_all(parties, _roles_of(parties, account))


def check(parties: ThirdParties) -> int:
    return _try_all(parties, third_party_roles(parties.catalog.view()))


def _has_moved_on(parties: ThirdParties, role: Role, newest: str, older: str) -> bool:
    if parties.try_with(role, newest).verdict is not Verdict.PASSED:
        print(f"{role.arn} does not ask for the new external id {newest} yet. Nothing was dropped.")
        return False
    if parties.try_with(role, older).right.word is not Word.NO:
        print(f"{role.arn} still takes the older external id; its owner must remove it first. Nothing was dropped.")
        return False
    return True


def _try_all(parties: ThirdParties, roles: Sequence[Role]) -> int:
    proven = True
    for role in roles:
        record = parties.prove(role)
        proven &= record.trial.verdict is Verdict.PASSED
        print(f"{role.arn}: {record.trial.verdict}\n{record.trial.as_table()}")
        print(for_the_owner(record.trial, parties.ids.of(role.arn.account)) + "\n")
    return 0 if proven else 1


def _roles_of(parties: ThirdParties, account: AccountId) -> list[Role]:
    return [role for role in third_party_roles(parties.catalog.view()) if role.arn.account == account]


def _third_party(parties: ThirdParties, text: str) -> AccountId:
    accounts = parties.catalog.view().accounts.values()
    found = next((account for account in accounts if (account.id, account.zone) == (text, Zone.THIRD_PARTY)), None)
    if found is None:
        raise InvalidRequest(f'{text} is no account with zone = "third-party" in the catalog.')
    return found.id


_COMMANDS = {"register": register, "show": show, "rotate": rotate, "drop": drop}


def run(parties: ThirdParties, arguments: Sequence[str]) -> int:
    """Raises GatewayError."""
    match arguments:
        case ["check"]:
            return check(parties)
        case [name, text] if name in _COMMANDS:
            return _COMMANDS[name](parties, text)
        case _:
            raise InvalidRequest(__doc__ or "")


def main(arguments: Sequence[str]) -> int:
    from app.parts import third_parties_from

    if not arguments or arguments[0] not in (*_COMMANDS, "check"):  # who asks how it is used needs no settings for that
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return run(third_parties_from(Settings.from_environment()), arguments)
    except (ConfigurationProblems, InvalidRequest) as error:
        print(error.sentence, file=sys.stderr)
        return 2
    except GatewayError as error:
        print(f"{error.sentence} ({error.reason})", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
