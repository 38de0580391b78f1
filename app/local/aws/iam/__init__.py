"""The little of IAM with which an operator prepares accounts: roles, users, keys, identity providers."""
