"""The WSGI entry point: `gunicorn --config deploy/gunicorn.conf.py wsgi:app`."""

from app.server import application

app = application()
