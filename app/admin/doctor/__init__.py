"""The desk of the trust doctor: how every role's trust policy stands, and what would put it right."""
