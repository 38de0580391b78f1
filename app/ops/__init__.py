"""For the people who run the gateway: the log, metrics, and what is done again and again. Drivers only; the pages they
ask are in `web.health`."""
