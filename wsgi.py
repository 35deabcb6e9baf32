"""The WSGI application for a web server of your choice; `servicepunt serve` brings its own."""

from service.app import create_app

app = create_app()
