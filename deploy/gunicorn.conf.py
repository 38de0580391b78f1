"""How gunicorn runs the gateway. `gunicorn -c deploy/gunicorn.conf.py wsgi:app`; --bind and WEB_CONCURRENCY change it."""

import os
from pathlib import Path

bind = "127.0.0.1:8080"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))

# Requests wait: for STS, for an identity provider, for another worker that asks AWS for the same credentials.
# Threads wait cheaply.
worker_class = "gthread"
threads = 16

# Longer than the longest honest request (STS with its retries), shorter than people's patience.
timeout = 60
graceful_timeout = 30
keepalive = 5

# The longest honest line is a console link with its destination; the longest header a cookie.
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190

# Each worker opens its own connections to Redis: sockets that were shared over a fork answer the wrong worker.
preload_app = False

# A heartbeat file on a disk that hangs would have healthy workers killed.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# Path only: queries carry codes and states, referrers can carry both.
accesslog = "-"
access_log_format = '{"kind":"request","address":"%(h)s","method":"%(m)s","path":"%(U)s","status":%(s)s,"ms":%(M)s}'
errorlog = "-"

# The address that people use is base_url, and FEDGATE_TRUSTED_PROXIES says whom to believe about the client's;
# gunicorn shall believe nobody.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# No second way in: gunicorn would otherwise open a control socket in the home directory.
control_socket_disable = True
