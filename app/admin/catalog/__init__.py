"""DESK: the catalog, its changes and its history, as pages and as a JSON API."""
