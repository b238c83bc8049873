import { Construct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { DjangoAppProps } from './django-app-props';

const LOG_FORMATS = ['json', 'gke', 'keep'];
const SETTING = /^[A-Z][A-Z0-9_]*$/;

/** Checks what the settings overlay is to do. */
export function checkOverlay(scope: Construct, { overlay, settingsOverlay }: DjangoAppProps): void {
  if (!overlay) return;
  const { logFormat, keep = [] } = overlay;
  if (settingsOverlay === false) {
    throw new InvalidInputError(scope, {
      property: 'overlay',
      value: overlay,
      reason: 'has no meaning with settingsOverlay false',
      remedy: 'Leave one of them out',
    });
  }
  if (logFormat && !LOG_FORMATS.includes(logFormat)) {
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
