"""Sealed documents in Redis: everything that the gateway remembers for minutes or hours.

    room or book ──► Shelf[Doc] ──► Sealer (AES-256-GCM) ──► Drawers: redis.py | memory.py

Owns: how a document is named, sealed, kept, taken once, and changed without losing another's change.
Does not own: what is in it. Redis is not trusted: it sees neither names nor contents (`sealing.py`), and
whoever writes to it can make a document disappear or bring back an earlier state of it, and no more.
"""
