"""What the core of django-simple-deploy asks about this plugin, and the options that it was given."""

CONFIRM = """
The --automate-all flag means the deploy command will:
- Write deploy/ and a pipeline into your project, by `cdk8s-django init`.
- Commit all changes to your project.
- Build the image and push it, by docker.
- Write the manifests, by npm.
- Apply them to the cluster of your kubeconfig, by kubectl.
"""


class PluginConfig:
    def __init__(self):
        self.automate_all_supported = True
        self.confirm_automate_all_msg = CONFIRM
        self.platform_name = "Kubernetes"
        self.package = ""
        self.init_options = []


plugin_config = PluginConfig()
