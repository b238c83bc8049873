"""What an ASGI server such as uvicorn serves: ``mysite.asgi:application``."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")

# It loads the apps, which what follows imports from.
django = get_asgi_application()

from polls.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django,
        # Browsers let every site open a WebSocket to every other: the pages of ours alone may.
        "websocket": AllowedHostsOriginValidator(URLRouter(websocket_urlpatterns)),
    }
)
