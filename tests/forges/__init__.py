"""Identity providers that do whatever a test tells them, honest and hostile, with real signatures."""
