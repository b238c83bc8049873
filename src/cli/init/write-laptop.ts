import { Plan } from './plan';
import { importOf, quoted } from './typescript-text';
import { chartFile } from './write-chart';

/** `deploy/local.ts`: the program for a cluster on the machine of a developer. */
export function localText(plan: Plan): string {
  const { className, name } = plan;
  return [
    importOf(['Distribution', 'synthesize'], 'cdk8s-django'),
    "import { IngressRouting } from 'cdk8s-django/routing';",
    `import { ${className}Chart } from './${chartFile(plan)}';`,
    '',
    '// A cluster on a laptop: the Tiltfile gives what differs between k3d, minikube and others.',
    "const { IMAGE, INGRESS_CLASS = 'traefik', ROUTER_NAMESPACE = 'kube-system' } = process.env;",
    "if (!IMAGE) throw new Error('IMAGE is not set: the Tiltfile gives the image that it has built.');",
    'const image = IMAGE;',
    '',
    'const local = Distribution.upstream({',
    "  name: 'local',",
    '  routing: new IngressRouting({',
    '    ingressClassName: INGRESS_CLASS,',
    "    routerNamespaceLabels: { 'kubernetes.io/metadata.name': ROUTER_NAMESPACE },",
    '  }),',
    '});',
    '',
    'synthesize([local], (app) => {',
    `  new ${className}Chart(app, ${quoted(name)}, { namespace: ${quoted(name)}, image, host: ${quoted(`${name}.localhost`)} });`,
    '});',
    '',
  ].join('\n');
}

/** `Tiltfile`: each change of the code becomes a release on that cluster. */
export function tiltText({ name, containerfile }: Plan): string {
  return `# Live reload on a laptop: \`npm install --prefix deploy\` once, then \`tilt up\`. Each change of the code builds an image with
# a tag of its own, and applies the manifests with it: migrations run, and pods are replaced, as in a release. Tilt does
# not put images into manifests here, because names in them follow from the image.
# It works with clusters on the machine alone: allow_k8s_contexts names others.
context = k8s_context()
bring = 'true'    # Docker Desktop and others have the images of docker
ingress_class, router_namespace = 'nginx', 'ingress-nginx'
if context.startswith('k3d-'):
    bring = 'k3d image import "$IMAGE" --cluster ' + context[len('k3d-'):]
    ingress_class, router_namespace = 'traefik', 'kube-system'
elif context.startswith('kind-'):
    bring = 'kind load docker-image "$IMAGE" --name ' + context[len('kind-'):]
elif context == 'minikube':
    bring = 'minikube image load "$IMAGE"'

# Tilt reads what was applied from the standard output, so all else goes to the other one.
apply = '''set -e
exec 3>&1 1>&2
export IMAGE=${name}:dev-$(date +%s) INGRESS_CLASS=%s ROUTER_NAMESPACE=%s
docker build -t "$IMAGE" -f ${containerfile} .
%s
npm run synth:local --prefix deploy
kubectl apply -f deploy/dist/local -o yaml >&3
''' % (ingress_class, router_namespace, bring)

# What commands write, and what the image does not have.
watch_settings(ignore=['.git', '.venv', 'venv', '**/__pycache__', '**/*.sqlite3', 'deploy/dist', 'deploy/node_modules'])

k8s_custom_deploy(
    '${name}',
    apply_cmd=apply,
    delete_cmd='kubectl delete --ignore-not-found -f deploy/dist/local',
    deps=['.'],
)
k8s_resource('${name}', links=['https://${name}.localhost/'])
`.replace('$(date +%s)', '$(date +%%s)');
}
