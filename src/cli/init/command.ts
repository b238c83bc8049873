import { Command, Option } from 'commander';
import { Terminal } from '../terminal';
import { PIPELINES, PLATFORMS } from './choices';
import { init, ToolFacts } from './init';
import { InitOptions } from './options';

const EXAMPLES = [
  '',
  'Examples:',
  '  cdk8s-django init',
  '  cdk8s-django init --host shop.example.com --image registry.example.com/shop:1.0.0',
  '  cdk8s-django init backend --distribution gke --certificate-map shop --pipeline gitlab',
  '  cdk8s-django init --env STAGE=production --settings shop.settings.production',
  '',
  'What is read, and never run:',
  '  manage.py, wsgi.py, asgi.py, settings, models, migrations and URLs',
  '  requirements*.txt, pyproject.toml, Pipfile and lock files',
  '  Procfile, app.json, the compose file, .git/config',
  '',
  'What is written: deploy/ with a Containerfile, and a pipeline. A file that exists stays as it is.',
].join('\n');

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

/** The command `init`. */
export function initCommand(terminal: Terminal, facts: ToolFacts): Command {
  return new Command('init')
    .description(
      'Reads a Django project and writes what deploys it: a program of cdk8s, a Containerfile, a pipeline.',
    )
    .argument('[folder]', 'the folder of the project', '.')
    .option('--host <name>', 'the public host (default: asked, or the one in ALLOWED_HOSTS)')
    .option('--image <name>', 'the image, with registry and tag (default: asked, or by the git remote)')
    .option('--name <name>', 'the name of the application, a DNS label (default: that of the project)')
    .option('--settings <module>', 'the settings module (default: the one for production)')
    .addOption(
      new Option('--distribution <name...>', 'where it runs; upstream unless others are given').choices(
        PLATFORMS,
      ),
    )
    .addOption(
      new Option(
        '--pipeline <name>',
        'which pipeline to write (default: by the git remote, else github)',
      ).choices(PIPELINES),
    )
    .option('--env <NAME=VALUE>', 'a variable that is not secret; may be repeated', collect)
    .option('--gateway-class <name>', 'upstream: the GatewayClass (default: contour)')
    .option('--cluster-issuer <name>', 'upstream: the ClusterIssuer of cert-manager (default: letsencrypt)')
    .option('--router-namespace <name>', 'upstream: the namespace of its proxies (default: projectcontour)')
    .option('--certificate-map <name>', 'gke: the map of Certificate Manager')
    .option('--load-balancer-cidr <range...>', "eks: the ranges of the load balancer's subnets")
    .option('--certificate-arn <arn>', 'eks: the certificate (default: the one that names the host)')
    .option('--key-vault-certificate <uri>', 'aks: the certificate in Key Vault')
    .option('--certificate-client-id <id>', 'aks: the client ID of the identity that may read it')
    .option('--media-class <name>', 'the StorageClass for uploaded files that many nodes can mount')
    .option('--no-media', 'no volume for uploaded files')
    .option('--tilt', 'a Tiltfile and deploy/local.ts too: live reload on a laptop')
    .option(
      '--library <version>',
      'what package.json asks for as cdk8s-django (default: what this was installed from)',
    )
    .addHelpText('after', EXAMPLES)
    .action((folder: string, options: InitOptions) => init(folder, options, terminal, facts));
}
