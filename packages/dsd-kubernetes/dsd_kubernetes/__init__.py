"""A plugin of django-simple-deploy that has cdk8s-django write what runs a project on Kubernetes."""
