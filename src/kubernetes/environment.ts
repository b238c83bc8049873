import * as k8s from './api';

/** An environment variable of a container. */
export interface EnvironmentVariable {
  /** Name of the variable. */
  readonly name: string;

  /**
   * Its value. `$(OTHER)` means the value of a variable that comes before it.
   *
   * @default - it comes from a Secret
   */
  readonly value?: string;

  /**
   * Name of the Secret that it comes from.
   *
   * @default - it has a value
   */
  readonly secretName?: string;

  /**
   * Key within the Secret.
   *
   * @default - it has a value
   */
  readonly key?: string;

  /**
   * Whether the pod starts without the variable when the Secret does not have the key.
   *
   * @default false
   */
  readonly optional?: boolean;
}

/** A value in which `$(OTHER)` means itself. */
export function literal(value: string): string {
  return value.replaceAll('$', '$$$$');
}

/** The variable as a container writes it. */
export function envVar({ name, value, secretName, key, optional }: EnvironmentVariable): k8s.EnvVar {
  if (secretName === undefined) return { name, value };
  return { name, valueFrom: { secretKeyRef: { name: secretName, key: key!, optional } } };
}
