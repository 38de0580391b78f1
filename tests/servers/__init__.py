"""The real servers that the tests talk to, and the scripted person who signs in at them.

    simplesamlphp   a SAML provider, from Debian
    oidc_provider   an OIDC provider, certified, from npm
    redis_server    Redis or Valkey
    browser         somebody at a browser
    applications    a SAML and an OIDC application that are not ours, as a second opinion
    fixtures        all of them for pytest (`pytest_plugins = ["tests.servers.fixtures"]`)

Each server listens on 127.0.0.1 on a port of its own, keeps its state in a directory that it is given, and is
ended by its own process id.
"""
