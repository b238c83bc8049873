"""An asgi.py with channels beside Django."""

import logging
import os

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.db import connection
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
log = logging.getLogger("polls")


def select():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


class Echo(AsyncWebsocketConsumer):
    async def connect(self):
        if self.scope["query_string"] == b"refuse":
            await self.close()
        else:
            await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        await database_sync_to_async(select)()
        log.info("socket %s", text_data)
        await self.send(text_data)


application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("echo", Echo.as_asgi())]),
    }
)
