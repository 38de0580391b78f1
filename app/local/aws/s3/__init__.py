"""A little S3, path-style: enough to show what a session may really do."""
