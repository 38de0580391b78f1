"""For the people who run the gateway: the log. Drivers only; the pages they ask are in `web.health`."""
