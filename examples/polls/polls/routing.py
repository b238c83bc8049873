from django.urls import path

from .live import ResultsConsumer

websocket_urlpatterns = [
    path("<int:pk>/results/live/", ResultsConsumer.as_asgi()),
]
