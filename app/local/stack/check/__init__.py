"""`deploy/try --check`: the main job, end to end, without a person; one line for each step.

    walk.py       the steps in order, what each prints, and the exit code
    steps.py      what each step does and expects
    visitor.py    a browser's part: follows redirects, keeps cookies, fills in forms
    terminal.py   a prompt's part: the CLI as served, boto3 and the AWS CLI, each a process of its own
    caller.py     what runs in the boto3 process

Nothing here knows the inside of the gateway: it sees pages, commands and AWS.
"""
