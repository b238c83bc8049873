"""Counts WebSockets, which pass no middleware of Django, and may last for hours."""

from cdk8s_django import metric_files

OPEN = "django_websockets_open"
ALL = "django_websockets_total"


def counted(application):
    async def counting(scope, receive, send):
        if scope["type"] != "websocket":
            return await application(scope, receive, send)
        is_accepted = False

        async def sent(message):
            nonlocal is_accepted
            if message["type"] == "websocket.accept" and not is_accepted:
                is_accepted = True
                metric_files.own().add_to(ALL, part="accepted")
                metric_files.own().add_to(OPEN)
            await send(message)

        try:
            return await application(scope, receive, sent)
        finally:
            # Also where the client goes, or the server stops.
            if is_accepted:
                metric_files.own().add_to(OPEN, by=-1)
            else:
                metric_files.own().add_to(ALL, part="refused")

    return counting
