"""DESK: what happened, searched and exported. It changes nothing."""
