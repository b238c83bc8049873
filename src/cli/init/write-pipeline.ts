import { Plan } from './plan';

/** Everything in front of the tag of an image. */
const repositoryOf = (image: string) => image.replace(/[:@][^/]*$/, '');

/** The name of the variable with the access to a cluster: one of several has its platform in it. */
function kubeconfigOf({ distributions }: Plan, platform: string): string {
  return distributions.length > 1 ? `KUBECONFIG_${platform.toUpperCase()}` : 'KUBECONFIG';
}

/** A workflow of GitHub Actions. */
export function githubText(plan: Plan): string {
  const { name, image, containerfile, distributions } = plan;
  const repository = repositoryOf(image);
  const isGithub = repository.startsWith('ghcr.io/');
  const [registry] = repository.split('/');
  return `# Builds the image, tests and writes the manifests with it, and applies them.
name: deploy

on:
  push:
    branches: [main]

permissions:
  contents: read${isGithub ? '\n  packages: write' : ''}

# One at a time, in order.
concurrency: deploy

env:
  IMAGE: ${repository}:\${{ github.sha }}

jobs:
  deploy:
    runs-on: ubuntu-24.04
    timeout-minutes: 45
    steps:
      - uses: actions/checkout@v6
        with: { persist-credentials: false }
      - name: Build the image
        run: docker build -t "$IMAGE" -f ${containerfile} .
      - name: Log in to the registry
        run: echo "$PASSWORD" | docker login ${registry} --username "$USERNAME" --password-stdin
        env:
          USERNAME: ${isGithub ? '${{ github.actor }}' : '${{ secrets.REGISTRY_USERNAME }}'}
          PASSWORD: ${isGithub ? '${{ secrets.GITHUB_TOKEN }}' : '${{ secrets.REGISTRY_PASSWORD }}'}
      - name: Push the image
        run: docker push "$IMAGE"
      - uses: actions/setup-node@v6
        with: { node-version: 22, cache: npm, cache-dependency-path: deploy/package-lock.json }
      - name: Write the manifests
        working-directory: deploy
        run: npm ci && npm run check && npm test && npm run synth
${distributions.map(({ platform }) => githubApply(plan, platform, name)).join('')}`;
}

function githubApply(plan: Plan, platform: string, name: string): string {
  return `      - name: Apply the manifests${plan.distributions.length > 1 ? ` of ${platform}` : ''}
        env:
          # The content of a kubeconfig with rights in the namespace.
          CLUSTER: \${{ secrets.${kubeconfigOf(plan, platform)} }}
        run: |
          umask 077
          echo "$CLUSTER" > "$RUNNER_TEMP/kubeconfig"
          export KUBECONFIG="$RUNNER_TEMP/kubeconfig"
          kubectl apply -f deploy/dist/${platform}
          kubectl -n ${name} rollout status deployment/${name} --timeout=20m
`;
}

/** A pipeline of GitLab CI. */
export function gitlabText(plan: Plan): string {
  const { name, image, containerfile, distributions } = plan;
  return `# Builds the image, tests and writes the manifests with it, and applies them.
variables:
  IMAGE: ${repositoryOf(image)}:$CI_COMMIT_SHA

workflow:
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH

stages: [build, manifests, deploy]

image:
  stage: build
  image: quay.io/buildah/stable:v1.41
  variables:
    STORAGE_DRIVER: vfs
    BUILDAH_ISOLATION: chroot
  script:
    - echo "$CI_REGISTRY_PASSWORD" | buildah login --username "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"
    - buildah build -t "$IMAGE" -f ${containerfile} .
    - buildah push "$IMAGE"

manifests:
  stage: manifests
  image: docker.io/library/node:22
  script:
    - cd deploy
    - npm ci
    - npm run check
    - npm test
    - npm run synth
  artifacts:
    paths: [deploy/dist]
${distributions.map(({ platform }) => gitlabApply(plan, platform, name)).join('')}`;
}

function gitlabApply(plan: Plan, platform: string, name: string): string {
  const variable = kubeconfigOf(plan, platform);
  const isSeveral = plan.distributions.length > 1;
  return `
${isSeveral ? `deploy ${platform}` : 'deploy'}:
  stage: deploy
  image: docker.io/alpine/k8s:1.34.1
  resource_group: ${isSeveral ? platform : 'production'}
  script:
    # ${variable} is a variable of type "file": a kubeconfig with rights in the namespace.
${isSeveral ? `    - export KUBECONFIG="$${variable}"\n` : ''}    - kubectl apply -f deploy/dist/${platform}
    - kubectl -n ${name} rollout status deployment/${name} --timeout=20m
`;
}
