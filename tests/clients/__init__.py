"""Real AWS clients at a real gateway: who can do what in which way, as a table.

    python -m tests.clients          plays everything and prints the table
    tests/run tests/clients          the same as tests, one for each cell; the table stands at the end of the run

    clients.py    the clients, and how each is asked "who am I?"
    stage.py      one gateway, its people, and how an hour passes on it
    machine.py    somebody's home, with what AWS tools keep in it
    way.py        a way in which a client comes to credentials; way_*.py: each of them
    cells.py      what each client must show in each situation, and how the table is printed
    play.py       plays a way
    sso.py        `aws sso login` as people type it; typed.py: programs that ask on the terminal
    bundle.py     installs the newest AWS CLI

In each way every client goes through four situations: first use; refresh, with everything that it was given before
dead; denied, for a role that the person has lost; revoked, after the person has signed out at the gateway.
"""
