import { Construct } from 'constructs';
import { checkSeconds } from '../kubernetes/durations';
import { checkImage } from '../kubernetes/images';
import { checkHost, checkModule, checkName, checkResourceName } from '../kubernetes/names';
import { checkCache } from './cache';
import { DjangoAppProps } from './django-app-props';
import { checkEnvironment } from './environment-checks';
import { checkMedia } from './media';
import { checkOverlay } from './overlay-checks';
import { checkReplicas } from './replicas';

/** Checks what can be said of the props before anything is made of them. */
export function checkProps(scope: Construct, props: DjangoAppProps): void {
  checkName(scope, 'name', props.name);
  checkImage(scope, 'image', props.image);
  checkModule(scope, 'settingsModule', props.settingsModule);
  checkEnvironment(scope, props);
  checkOverlay(scope, props);
  props.imagePullSecrets?.forEach((name) => checkResourceName(scope, 'imagePullSecrets', name));
  if (props.migrationDeadline) checkSeconds(scope, 'migrationDeadline', props.migrationDeadline);
  props.allowedHosts?.forEach((host) => checkHost(scope, 'allowedHosts', host));
  if (props.media) checkMedia(scope, props.media);
  if (props.cache) checkCache(scope, props.cache);
  checkReplicas(scope, props);
}
