import { ILogging } from '../../platform/logging';

/** One JSON object a line, with the keys `time`, `level` and `message`: what collectors parse without being told. */
export class JsonLogging implements ILogging {
  readonly variables: { [variable: string]: string } = { CDK8S_DJANGO_LOG_FORMAT: 'json' };
}

/** What Cloud Logging is to be told. */
export interface CloudLoggingProps {
  /**
   * ID of the Google Cloud project: with it the lines of a request are found by its trace.
   *
   * @default - lines carry no full trace name
   */
  readonly projectId?: string;
}

/**
 * One JSON object a line, with the keys that Cloud Logging takes out of it: `severity`, `message`, the trace.
 *
 * @see https://cloud.google.com/logging/docs/structured-logging
 */
export class CloudLogging implements ILogging {
  readonly variables: { [variable: string]: string };

  constructor(props: CloudLoggingProps) {
    this.variables = {
      CDK8S_DJANGO_LOG_FORMAT: 'gke',
      ...(props.projectId && { CDK8S_DJANGO_GCP_PROJECT: props.projectId }),
    };
  }
}
