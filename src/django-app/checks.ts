import { Construct } from 'constructs';
import { checkSeconds } from '../kubernetes/durations';
import { checkPublicHost } from '../kubernetes/hosts';
import { checkImage } from '../kubernetes/images';
import { checkFolder, checkModule, checkName, checkPullSecrets, checkUnique } from '../kubernetes/names';
import { checkPath } from '../kubernetes/paths';
import { Problems } from '../kubernetes/problems';
import { checkOwnDatabases, checkRedisDatabase } from './cache';
import { checkCelery } from './celery';
import { DjangoAppProps } from './django-app-props';
import { checkEnvironment } from './environment-checks';
import { checkMedia } from './media';
import { checkOverlay } from './overlay-checks';
import { checkRelease } from './release-marker';
import { checkReplicas } from './replicas';
import { checkOwnKey } from './secret-key';
import { distributionOf } from '../platform/binding';

/** Checks the props of an application that no other module checks. */
export function checkProps(scope: Construct, props: DjangoAppProps): void {
  checkName(scope, 'name', props.name);
  checkImage(scope, 'image', props.image);
  if (props.pythonImage !== undefined) checkImage(scope, 'pythonImage', props.pythonImage);
  checkRelease(scope, props);
  checkModule(scope, 'settingsModule', props.settingsModule);
  checkPackage(scope, props);
  checkUnique(scope, 'pythonPath', props.pythonPath ?? []).forEach((folder) =>
    checkFolder(scope, 'pythonPath', folder),
  );
  if (props.workingDirectory !== undefined) checkFolder(scope, 'workingDirectory', props.workingDirectory);
  checkEnvironment(scope, props);
  if (props.secretKey) checkOwnKey(scope, props.secretKey);
  checkOverlay(scope, props);
  checkPullSecrets(scope, props.imagePullSecrets);
  if (props.migrationDeadline) checkSeconds(scope, 'migrationDeadline', props.migrationDeadline);
  if (props.requestTimeout) checkSeconds(scope, 'requestTimeout', props.requestTimeout);
  checkPlace(scope, props);
  if (props.media) checkMedia(scope, props.media, props.database?.connector);
  if (props.cache) checkRedisDatabase(scope, 'cache', props.cache);
  if (props.celery) checkCelery(scope, props.celery);
  if (props.channelLayer) checkRedisDatabase(scope, 'channelLayer', props.channelLayer);
  checkOwnDatabases(scope, props);
  checkReplicas(scope, props);
  const { deregistration } = distributionOf(scope).routing;
  checkSeconds(scope, 'routing.deregistration', deregistration, { atLeast: 0 });
}

/** Checks under which names visitors see it. */
function checkPlace(scope: Construct, { allowedHosts, pathPrefix, trustedOrigins }: DjangoAppProps): void {
  allowedHosts?.forEach((host) => checkPublicHost(scope, 'allowedHosts', host));
  if (pathPrefix !== undefined) checkPrefix(scope, pathPrefix);
  trustedOrigins?.forEach((origin) => checkOrigin(scope, origin));
}

/** Modules that no prop names are in the package of the settings module, if that is in one. */
function checkPackage(scope: Construct, props: DjangoAppProps): void {
  const { settingsModule, wsgiModule, asgiModule, celery } = props;
  const missing = [
    ...(wsgiModule || asgiModule ? [] : [{ property: 'wsgiModule', remedy: 'Give it, or asgiModule' }]),
    ...(!celery || celery.application ? [] : [{ property: 'celery.application', remedy: 'Give it' }]),
  ];
  if (settingsModule.includes('.') || !missing.length) return;
  const reason = `is needed, as the settings module "${settingsModule}" is in no package to look in`;
  Problems.report(scope, { ...missing[0], value: undefined, reason });
}

function checkPrefix(scope: Construct, prefix: string): void {
  checkPath(scope, 'pathPrefix', prefix);
  if (!prefix.endsWith('/')) return;
  Problems.report(scope, {
    property: 'pathPrefix',
    value: prefix,
    reason: 'ends in "/"',
    remedy: prefix === '/' ? 'Leave it out' : `Give "${prefix.replace(/\/+$/, '')}"`,
  });
}

/** https://docs.djangoproject.com/en/stable/ref/settings/#csrf-trusted-origins */
function checkOrigin(scope: Construct, origin: string): void {
  if (/^https?:\/\/(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?$/i.test(origin)) return;
  Problems.report(scope, {
    property: 'trustedOrigins',
    value: origin,
    reason: 'is not an origin',
    remedy:
      'Give scheme and host, such as "https://shop.example.com", and the port if it is not the usual one',
  });
}
