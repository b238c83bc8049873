import { Construct } from 'constructs';
import { checkSeconds } from '../kubernetes/durations';
import { InvalidInputError } from '../kubernetes/errors';
import { DjangoAppProps, SettingsOverlay } from './django-app-props';
import { isSingleNode } from './media';

const LOG_FORMATS = ['json', 'gke', 'keep'];
const SETTING = /^[A-Z][A-Z0-9_]*$/;

/** Checks what the settings overlay is to do. */
export function checkOverlay(scope: Construct, props: DjangoAppProps): void {
  const { overlay, settingsOverlay, celery } = props;
  if (celery && settingsOverlay === false) {
    throw new InvalidInputError(scope, {
      property: 'settingsOverlay',
      value: false,
      reason:
        'leaves out what keeps the tasks of a worker that is killed: late acknowledgement and visibilityTimeout',
      remedy:
        'Leave it out, and name in overlay.keep what is to stay as the settings have it, or leave celery out',
    });
  }
  if (!overlay) return;
  const { logFormat, keep = [], strictTransportSecurity } = overlay;
  if (settingsOverlay === false) {
    throw new InvalidInputError(scope, {
      property: 'overlay',
      value: overlay,
      reason: 'has no meaning with settingsOverlay false',
      remedy: 'Leave one of them out',
    });
  }
  if (strictTransportSecurity) {
    checkSeconds(scope, 'overlay.strictTransportSecurity', strictTransportSecurity, { atLeast: 0 });
  }
  if (overlay.keepStatic) checkKeepStatic(scope, overlay, props);
  if (logFormat !== undefined && !LOG_FORMATS.includes(logFormat)) {
    throw new InvalidInputError(scope, {
      property: 'overlay.logFormat',
      value: logFormat,
      reason: 'is not a format that the overlay writes',
      remedy: 'Use "json", "gke" or "keep"',
    });
  }
  const wrong = keep.find((name) => !SETTING.test(name));
  if (wrong !== undefined) {
    throw new InvalidInputError(scope, {
      property: 'overlay.keep',
      value: wrong,
      reason: 'is not the name of a setting',
      remedy: 'Give names in capitals, such as "LOGGING"',
    });
  }
}

/** Checks that there is a place for the static files of other releases, and that anybody would look for them there. */
function checkKeepStatic(
  scope: Construct,
  { serveStatic }: SettingsOverlay,
  { media, mediaBucket }: DjangoAppProps,
): void {
  if (serveStatic === false) {
    throw new InvalidInputError(scope, {
      property: 'overlay.keepStatic',
      value: true,
      reason: 'has no meaning with overlay.serveStatic false',
      remedy: 'Leave one of them out',
    });
  }
  if (mediaBucket || (media && !isSingleNode(media))) return;
  throw new InvalidInputError(scope, {
    property: 'overlay.keepStatic',
    value: true,
    reason: 'needs a place that all instances share',
    remedy: 'Give mediaBucket, or media with accessMode "ReadWriteMany"',
  });
}
