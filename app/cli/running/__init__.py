"""`fedgate exec`, `env` and `serve`: programs that run as a role."""
