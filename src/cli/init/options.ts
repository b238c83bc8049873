import { App } from 'cdk8s';
import { IConstruct } from 'constructs';
import { describe, InvalidInputError } from '../../kubernetes/errors';
import { checkPublicHost } from '../../kubernetes/hosts';
import { checkImage } from '../../kubernetes/images';
import { checkName, checkVariable } from '../../kubernetes/names';
import { UsageProblem } from '../problem';
import { Pipeline, Platform } from './choices';

/** What a user gives `init`, as it was given. */
export interface InitOptions {
  readonly host?: string;
  readonly image?: string;
  readonly name?: string;
  readonly settings?: string;
  readonly distribution?: Platform[];
  readonly pipeline?: Pipeline;
  readonly env?: string[];
  readonly gatewayClass?: string;
  readonly clusterIssuer?: string;
  readonly routerNamespace?: string;
  readonly certificateMap?: string;
  readonly certificateArn?: string;
  readonly loadBalancerCidr?: string[];
  readonly keyVaultCertificate?: string;
  readonly certificateClientId?: string;
  readonly mediaClass?: string;
  /** Whether uploaded files get a volume. */
  readonly media?: boolean;
  readonly library?: string;
  /** Whether files for live reload by Tilt are written. */
  readonly tilt?: boolean;
}

/** A host, as routes take it. */
export function checkedHost(value: string): string {
  return checked('--host', value, checkPublicHost);
}

/** An image with its tag. */
export function checkedImage(value: string): string {
  return checked('--image', value, checkImage);
}

/** The name of an application. */
export function checkedName(value: string): string {
  return checked('--name', value, checkName);
}

/** `NAME=VALUE` as a pair. */
export function checkedVariable(given: string): [string, string] {
  const found = /^([^=]+)=([\s\S]*)$/.exec(given);
  if (!found) throw new UsageProblem(`--env "${given}" is not a variable with its value. Give NAME=VALUE.`);
  return [checked('--env', found[1], checkVariable), found[2]];
}

/** By the library's own rules, so that what is written here is not refused at synth. */
function checked(
  option: string,
  value: string,
  check: (scope: IConstruct, property: string, value: string) => string,
): string {
  try {
    return check(new App(), option, value);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new UsageProblem(describe(error.problem));
  }
}
