from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("polls.urls")),
    path("", include("django_prometheus.urls")),  # /metrics
    path("admin/", admin.site.urls),
]
