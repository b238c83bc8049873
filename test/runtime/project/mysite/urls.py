from django.contrib import admin
from django.urls import path

from polls import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("metrics", views.metrics),
    path("questions", views.questions, name="questions"),
    path("log", views.log),
    path("form", views.form),
    path("address", views.address),
    path("paths", views.paths),
]
