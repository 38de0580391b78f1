"""Real AWS clients at a real gateway: who can do what in which way, as a table.

    python -m tests.clients          plays everything and prints the table
    tests/run tests/clients          the same as tests, one for each cell; the table stands at the end of the run

    clients.py    the clients, and how each is asked "who am I?"
    stage.py      one gateway, its people, and how an hour passes on it
    machine.py    somebody's home, with what AWS tools keep in it
    way_*.py      the ways in which a client comes to credentials
    cells.py      what each client must show in each situation, and how the table is printed

In each way every client goes through four situations: first use; refresh, with everything that it was given before
dead; denied, for a role that the person has lost; revoked, after the person has signed out at the gateway.
"""
