import { isIP } from 'node:net';
import { IConstruct } from 'constructs';
import { InvalidInputError } from './errors';
import { Problems } from './problems';

const DNS_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** The name that most resources of Kubernetes can have, of at most 253 characters. */
export const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_KEY = /^(?:(?<prefix>[^/]*)\/)?(?<name>[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const SECRET_KEY = /^(?!\.\.)(?!\.$)[-._a-zA-Z0-9]+$/;
const FILE_PATH = /^\/[-\w./]+$/;
const FOLDER = /^\/[-\w./+@~ ]*$/;
const PLATFORM_NAME = /^\w[-\w.:]*$/;
const ENVIRONMENT_VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PYTHON_MODULE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const PYTHON_APPLICATION = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$/;

/** Names of resources are made from it, by suffixes of which `-key-prepare` is the longest: within a CronJob's 52. */
const LONGEST_NAME = 40;

/** A name that resources, labels and DNS names are made from. */
export function checkName(scope: IConstruct, property: string, value: string): string {
  if (typeof value !== 'string' || !DNS_LABEL.test(value)) {
    Problems.report(scope, {
      property,
      value,
      reason: 'is not a DNS label',
      remedy: 'Use lower-case letters, digits and "-", a letter first and no "-" at the end',
    });
  }
  if (value.length > LONGEST_NAME) {
    Problems.report(scope, {
      property,
      value,
      reason: `has ${value.length} characters, and resources whose names are made from it would be too long`,
      remedy: `Use at most ${LONGEST_NAME} characters`,
    });
  }
  return value;
}

/** The name of what an option makes beside something: the name of that, and a suffix. */
export function checkDerivedName(
  scope: IConstruct,
  option: string,
  { name, suffix }: { name: string; suffix: string },
): string {
  const longest = LONGEST_NAME - suffix.length;
  if (name.length > longest) {
    Problems.report(scope, {
      property: 'name',
      value: name,
      reason: `has ${name.length} characters, and ${option} makes resources whose names are made from it and "${suffix}"`,
      remedy: `Use at most ${longest} characters, or leave ${option} out`,
    });
  }
  return `${name}${suffix}`;
}

/** The name of a resource that exists already, such as a Secret. */
export function checkResourceName(scope: IConstruct, property: string, value: string): string {
  return checkPattern(scope, property, value, DNS_SUBDOMAIN, 'is not a name that Kubernetes takes', {
    remedy: 'Use lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit',
    longest: 253,
  });
}

/** The name of a namespace. */
export function checkNamespace(scope: IConstruct, property: string, value: string): string {
  return checkPattern(scope, property, value, NAMESPACE, 'is not a name that a namespace can have', {
    remedy: 'Use lower-case letters, digits and "-", beginning and ending with a letter or digit, at most 63',
    longest: 63,
  });
}

/** A public DNS name, without scheme, port or path. */
export function checkHost(scope: IConstruct, property: string, value: string): string {
  const remedy = 'Give a DNS name in lower case, such as "polls.example.com", without scheme, port or path';
  if (/^\*|^\./.test(value)) {
    const reason = 'means several hosts, which have to be named one by one';
    Problems.report(scope, { property, value, reason, remedy });
  }
  checkPattern(scope, property, value, DNS_SUBDOMAIN, 'is not a host name', { remedy, longest: 253 });
  // https://url.spec.whatwg.org/#ends-in-a-number-checker
  if (/(^|\.)\d+$/.test(value)) {
    const reason = isIP(value) ? 'is an IP address' : 'ends in a number, which browsers take for an address';
    Problems.report(scope, { property, value, reason, remedy });
  }
  if (value.split('.').some((label) => label.length > 63)) {
    Problems.report(scope, {
      property,
      value,
      reason: 'has a label of over 63 characters',
      remedy,
    });
  }
  return value;
}

/** The value of a label that something is found by. */
export function checkLabelValue(scope: IConstruct, property: string, value: string): string {
  return checkPattern(scope, property, value, LABEL_VALUE, 'is not a value that a label can have', {
    remedy: 'Use letters, digits, "-", "_" and ".", beginning and ending with a letter or digit',
    longest: 63,
  });
}

/** Labels that something is found by. */
export function checkLabels(scope: IConstruct, property: string, labels: { [label: string]: string }): void {
  for (const [label, value] of Object.entries(labels)) {
    const { name, prefix = 'example.com' } = LABEL_KEY.exec(label)?.groups ?? {};
    if (name === undefined || !DNS_SUBDOMAIN.test(prefix) || prefix.length > 253) {
      Problems.report(scope, {
        property,
        value: label,
        reason: 'is not the key of a label',
        remedy: 'Use letters, digits, "-", "_" and ".", at most 63, after a DNS name and "/" if it has one',
      });
    }
    if (value !== '') checkLabelValue(scope, `${property}.${label}`, value);
  }
}

/** Checks keys of annotations, which are as those of labels. */
export function checkAnnotationKeys(scope: IConstruct, property: string, keys: string[]): void {
  checkLabels(scope, property, Object.fromEntries(keys.map((key) => [key, ''])));
}

/** The Secrets with which images are pulled. The API server merges their list by the names. */
export function checkPullSecrets(scope: IConstruct, names: string[] = []): string[] {
  names.forEach((name) => checkResourceName(scope, 'imagePullSecrets', name));
  return checkUnique(scope, 'imagePullSecrets', names);
}

/** A list that names nothing twice. */
export function checkUnique(scope: IConstruct, property: string, values: string[]): string[] {
  const repeated = values.find((value, index) => values.indexOf(value) !== index);
  if (repeated === undefined) return values;
  throw new InvalidInputError(scope, {
    property,
    value: repeated,
    reason: 'is given twice',
    remedy: 'Remove one of them',
  });
}

/** One line of text without blanks at its ends. */
export const ONE_LINE = /^\S(?:.*\S)?$/;

/** The path of a file in an image. */
export function checkFilePath(scope: IConstruct, property: string, value: string): string {
  return checkPattern(scope, property, value, FILE_PATH, 'is not the path of a file', {
    remedy: 'Give the absolute path of a file in the image, such as "/etc/ssl/certs/ca.pem"',
  });
}

/** A folder in an image. In a list of folders a ":" would end it, and Kubernetes would look up a variable at "$(". */
export function checkFolder(scope: IConstruct, property: string, value: string): string {
  return checkPattern(scope, property, value, FOLDER, 'is not the path of a folder', {
    remedy: 'Give the absolute path of a folder in the image, such as "/app/src"',
    longest: 4096,
  });
}

/** What a platform calls something: a region, a project, a tenant. It gets into commands for shells too. */
export function checkPlatformName(scope: IConstruct, property: string, value: string): string {
  return checkPattern(scope, property, value, PLATFORM_NAME, 'is not a name that the platform has', {
    remedy: 'Use letters, digits, "-", "_", "." and ":"',
    longest: 253,
  });
}

/** A key within a Secret. */
export function checkSecretKey(scope: IConstruct, property: string, value: string): string {
  return checkPattern(scope, property, value, SECRET_KEY, 'is not a key that a Secret can have', {
    remedy: 'Use letters, digits, "-", "_" and ".", and do not begin with ".."',
    longest: 253,
  });
}

/** The name of an environment variable. */
export function checkVariable(scope: IConstruct, property: string, value: string): string {
  return checkPattern(
    scope,
    property,
    value,
    ENVIRONMENT_VARIABLE,
    'is not the name of an environment variable',
    {
      remedy: 'Use letters, digits and "_", and no digit first',
    },
  );
}

/** A dotted Python module: `mysite.settings`. */
export function checkModule(scope: IConstruct, property: string, value: string): string {
  return checkPattern(scope, property, value, PYTHON_MODULE, 'is not a Python module', {
    remedy: 'Give its dotted path, such as "mysite.settings"',
  });
}

/** A module that a server loads, and in it a variable if that is not `application`: `mysite.wsgi`, `shop.wsgi:app`. */
export function checkServedModule(scope: IConstruct, property: string, value: string): string {
  const pattern = String(value).includes(':') ? PYTHON_APPLICATION : PYTHON_MODULE;
  return checkPattern(
    scope,
    property,
    value,
    pattern,
    'names neither a Python module nor a variable of one',
    {
      remedy: 'Give its dotted path, such as "mysite.wsgi", or "mysite.wsgi:app" if it has no "application"',
    },
  );
}

/** A WSGI or ASGI application: `mysite.wsgi:application`. */
export function checkApplication(scope: IConstruct, property: string, value: string): string {
  return checkPattern(
    scope,
    property,
    value,
    PYTHON_APPLICATION,
    'does not name an application in a module',
    {
      remedy: 'Give module and variable, such as "mysite.wsgi:application"',
    },
  );
}

/** A text of a form that has a regular expression. */
export function checkPattern(
  scope: IConstruct,
  property: string,
  value: string,
  pattern: RegExp,
  reason: string,
  { remedy, longest = Infinity }: { remedy: string; longest?: number },
): string {
  if (typeof value !== 'string' || !pattern.test(value) || value.length > longest) {
    Problems.report(scope, { property, value, reason, remedy });
  }
  return value;
}
