"""What a middleware needs that serves under WSGI and under ASGI."""

from asgiref.sync import iscoroutinefunction, markcoroutinefunction


class Middleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
