"""The try-it stack: an identity provider and a strict AWS, over real HTTP, on loopback only.

Nothing of the gateway imports this package, and it imports `core` and `minting` at most: it stands on the
other side of the wire, and what it checks it checks by itself.
"""
