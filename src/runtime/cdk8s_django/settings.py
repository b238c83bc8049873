"""The settings module of the pods: the application's own one with production values laid over it.

DJANGO_SETTINGS_MODULE names this module, CDK8S_DJANGO_SETTINGS_MODULE the application's.
"""

from cdk8s_django import metrics, overlay

metrics.make_folder()
globals().update(overlay.load())
