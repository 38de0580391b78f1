"""The one door through which credentials leave. Browser, CLI and API all come here.

    Issuance.issue(principal, request)
      1 fresh     the session is alive and its groups are young enough
      2 decide    core.decisions.decide(...) -> Granted | Denied
      3 quota     per person, and per person and role for what reaches AWS
        third party  the role is proven to ask for our external id (`thirdparty`), or is tried now
      4 reuse     sealed cache, keyed by everything that shaped the credentials; one flight per key
      5 intend    audit.record(...)        cannot record -> no credentials
      6 mint      issuer.issue(order)      a request may narrow the grant's limits, never widen them
      7 confirm   audit.record(key id, expiry), then answer

A front door supplies a principal and a renderer; it has nothing to forget.

    requests.py   who asks for what
    orders.py     what is ordered of an issuer, and the key under which its answer is kept
    kept.py       what is kept, for whom, and for how long it is still good
    given.py      when the last of what somebody was given ends
    door.py       the steps
"""

from app.issuance.door import REFUSALS_A_MINUTE, Issuance
from app.issuance.given import GivenOut, LastEnd
from app.issuance.kept import KeptCredentials, SharedFailure
from app.issuance.requests import Principal, Request

__all__ = [
    "REFUSALS_A_MINUTE",
    "GivenOut",
    "Issuance",
    "KeptCredentials",
    "LastEnd",
    "Principal",
    "Request",
    "SharedFailure",
]
