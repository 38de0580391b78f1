"""`python -m app.local.stack`: the whole story on one machine, for trying and for `deploy/try --check`.

    deploy/try -> __main__.py -> state.py      keys and files under var/try/PORT
                              -> parts.py      Redis, the local AWS, the identity provider, the gateway
                              -> seed.py       accounts, roles, providers and a bucket, made with plain boto3
                              -> check/        the main job without a person, one line for each step

Owned: processes, ports, files of this one stack, and their end. Not owned: what any of them does. The gateway
runs as it would anywhere, under gunicorn with two workers, told by its environment and two files; nothing in
it knows that it is being tried.

Everything listens on 127.0.0.1 only. Everything that was started is stopped, by its own process id.
"""
