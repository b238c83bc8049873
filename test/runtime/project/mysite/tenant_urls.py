"""The URLconf that a middleware chooses for some requests."""

from django.urls import path

from mysite.guarded_urls import refuse

urlpatterns = [path("media/<path:name>", refuse)]
