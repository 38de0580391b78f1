"""ROOM: speak to unmodified AWS tools, in AWS's own protocols.

Owned: wire shapes (paths, header names, milliseconds, error names) and who registered as what. Not owned: tokens
(`sessions.terminals`), how they are got (`grants`), credentials (`issuance`): a tool of AWS's enters by the same door.
"""
