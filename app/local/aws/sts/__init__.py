"""STS. Each operation goes the same way, in the order in which AWS is thought to check:

constraints (model.py) -> the assertion or token -> what it carries -> the role -> its trust policy for
every action needed -> the caller's own policies -> duration -> session policies -> packed size -> issue
"""
