import { Construct } from 'constructs';
import { Distribution } from '../distributions/distribution';
import { checkSeconds } from '../kubernetes/durations';
import { checkImage } from '../kubernetes/images';
import { checkHost, checkModule, checkName, checkPullSecrets } from '../kubernetes/names';
import { checkCache, checkOwnDatabases } from './cache';
import { checkCelery } from './celery';
import { DjangoAppProps } from './django-app-props';
import { checkEnvironment } from './environment-checks';
import { checkMedia } from './media';
import { checkOverlay } from './overlay-checks';
import { checkReplicas } from './replicas';

/** Checks the props of an application, but for those that the parts which they describe check. */
export function checkProps(scope: Construct, props: DjangoAppProps): void {
  checkName(scope, 'name', props.name);
  checkImage(scope, 'image', props.image);
  checkModule(scope, 'settingsModule', props.settingsModule);
  checkEnvironment(scope, props);
  checkOverlay(scope, props);
  checkPullSecrets(scope, props.imagePullSecrets);
  if (props.migrationDeadline) checkSeconds(scope, 'migrationDeadline', props.migrationDeadline);
  if (props.requestTimeout) checkSeconds(scope, 'requestTimeout', props.requestTimeout);
  props.allowedHosts?.forEach((host) => checkHost(scope, 'allowedHosts', host));
  if (props.media) checkMedia(scope, props.media, props.database?.connector);
  if (props.cache) checkCache(scope, 'cache', props.cache);
  if (props.celery) checkCelery(scope, props.celery);
  if (props.channelLayer) checkCache(scope, 'channelLayer', props.channelLayer);
  checkOwnDatabases(scope, props);
  checkReplicas(scope, props);
  const { deregistration } = Distribution.of(scope).routing;
  checkSeconds(scope, 'routing.deregistration', deregistration, { atLeast: 0 });
}
