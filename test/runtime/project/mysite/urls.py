import os

from django.contrib import admin
from django.urls import path

from polls import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("metrics", views.metrics),
    path("questions", views.questions, name="questions"),
    path("log", views.log),
    path("form", views.form),
    path("slow", views.slow),
    path("address", views.address),
    path("paths", views.paths),
]

if os.environ.get("TEST_METRICS"):
    from polls import counted

    urlpatterns += [path("count", counted.count), path("prometheus", counted.show)]
