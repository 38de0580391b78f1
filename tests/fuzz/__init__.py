"""Fuzzing of everything that reads what strangers write: coverage-guided (atheris, libFuzzer), with invariants.

    python -m tests.fuzz --minutes 10 [target...]     exit code 1 with the input that broke an invariant

A target is a function from bytes that raises AssertionError (or anything that its parser may not raise) when
something is wrong; it is asked what it *accepted* by a second reader that shares nothing with the first. What was
found once lies in `corpus/<target>/` and is replayed by `tests/run`, together with the seeds.

`target`     what one is
`documents`  SAML: the pre-filter and the signature, and the query of the redirect binding
`tokens`     the JWT header, signature and claims; groups and attributes
`addresses`  console destinations and return addresses, read as browsers do (WHATWG, by ada)
`names`      ARNs, group patterns, user codes
"""
