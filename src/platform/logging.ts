/** What a distribution's log collector expects of the lines that pods write. */
export interface ILogging {
  /** The variables that tell the settings overlay how to write them. */
  readonly variables: { [variable: string]: string };
}
