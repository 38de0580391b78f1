"""How identity arrives. The only makers of `Identity`.

    registry.get("corp").depart(state, now, asked) -> Departure(url, kept) the browser leaves; maybe for more (step-up)
    OidcProvider.arrive(query, kept, now)    -> Arrival(identity, ...)     the callback
    SamlProvider.arrive(response, kept, now) -> Arrival(identity, ...)     the ACS
    SamlProvider.arrive_unasked(response, now) -> Arrival(identity, ...)   the same, begun at the provider, if allowed
    OidcProvider.renew(upstream, identity, now)    -> Renewal | None       today's groups, by its refresh token
    provider.farewell(upstream, ...)         -> Departure | None           its own session is to end as well
    OidcProvider.back_channel(token, now)    -> Ending                     it says that a session is over
    SamlProvider.told_to_end(message, now)   -> Ending                     the same (SAML); `answer_end` answers
    SamlProvider.farewell_answered(...)      -> bool                       whether it has ended all that was its own
    SamlProvider.metadata()                  -> bytes                      for the provider's administrator

Owned here: what is asked of a provider, every check of its answer, its keys and metadata, and how its
claims become a name, groups and attributes. Not owned here: the attempt (state, browser binding, time
to live, single use), the memory of used assertions, the session; those are the sign-in room's and the
books'.

Addresses, made of the configured base URL and never of a Host header:
`/signin/<id>/callback` (OpenID Connect), `/signin/<id>/acs` and `/signin/<id>/metadata` (SAML), `/signin/<id>/logout`.

    saml answer -> prefilter (bytes, structure, algorithms) -> answers (decryption) -> driver (python3-saml)
                -> signed (signature, and the octets that were signed) -> rules -> people -> Identity
    oidc answer -> exchange (Authlib) -> token (joserfc, keys) -> claims -> Identity

Whatever goes wrong is a `SignInRefused`, `GroupsUnknown` or `ProviderUnavailable`; no exception of a
library leaves this package. Reasons are stable words, `saml.*` and `oidc.*`, for the audit; people see
one same sentence for everything that could help a forger.
"""
