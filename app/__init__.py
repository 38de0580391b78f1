"""fedgate: a company's people sign in to AWS with the company's own identity provider.

    Providers bring an identity in; rules say what it may become; issuers send credentials out;
    three books remember.

The map, from the door inwards:

    server.py        create_app; with parts.py, desks.py and aws_tools.py the only place where things are built
    signin/          room: who are you
    access/          room: what may I become, and become it
    terminal/        room: sign a terminal in
    native/          room: speak to unmodified AWS tools
    published/       what AWS reads of us: discovery, keys, SAML metadata
    admin/           room: who may become what
    web/             HTTP manners that the rooms share
    grants/          how terminals get their tokens
    issuance/        the one door through which credentials leave
    sessions/        book 1: who is signed in
    catalog/         book 2: accounts, roles and rules
    audit/           book 3: what happened, written before the act
    activity/        the same once more, for searching
    people/          who signed in lately, to try changes on
    why/             why somebody has a role, or has it not
    planning/        what a role will give, known before anybody asks AWS for it
    thirdparty/      external ids, and trials of roles in accounts of others
    providers/       how identity arrives (SAML 2.0, OIDC)
    minting/         the gateway as an issuer that AWS trusts
    issuers/         how credentials leave: one file for each STS call
    doctor/          what trust policies in AWS let in, and what would put them right
    awsside/         what AWS must be told: trust policies, providers, templates
    store/           sealed documents in Redis
    database/        what must last: SQLite or PostgreSQL
    ops/             logging, metrics, what is done again and again
    core/            decisions; standard library only, no clock, no I/O
    cli/             `fedgate`, leaves the house as a zipapp
    local/           the try-it stack: an identity provider and a strict AWS

This package imports nothing, so that the CLI starts without Flask.
"""
