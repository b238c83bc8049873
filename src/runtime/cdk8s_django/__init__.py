"""What the pods of a cdk8s-django application mount: settings overlay, health, commands."""
