import { resolve } from 'node:path';
import { App } from 'cdk8s';
import { ProgramProblem, programProblems, SynthesisError } from '../distributions/synthesis-error';
import { checkDistributionNames } from '../distributions/synthesize';
import { InvalidInputError } from '../kubernetes/errors';
import { FoundProblem } from '../kubernetes/problems';
import { FleetProps } from './application';
import { conflictsBetween } from './conflicts';
import { writeDelivery } from './delivery-files';
import { FACTS, factsOf, factsText, NotedFacts, readFacts, sortedFacts } from './facts';
import { Output } from './output';
import { planOf, Unit } from './plan';
import { Progress } from './progress';
import { makeInShards, serveAsShard, UnitRequest } from './shards';
import { Sources, sourcesOf } from './sources';
import { makeUnit, UnitResult } from './unit';

/** How many fleets the program has begun to synthesize: the same number is the same fleet in each shard. */
let begun = 0;

/**
 * Many applications, each with its owner's namespace, on several distributions.
 *
 * `synthesize` writes `<distribution>/<namespace>/<application>.k8s.yaml` below the output directory that cdk8s itself
 * would use, with the runtime of the namespace and `identity.txt` beside it. `fleet-files.txt` names all files, and
 * `fleet-facts.txt` has what a run of some namespaces compares. Run the program itself: `cdk8s synth` removes the output
 * directory first, and with it what need not be written again.
 *
 * Throws when:
 * - there is no distribution, or two have the same name;
 * - there is neither an application nor a folder that has one, or the folder cannot be read;
 * - `shards` is not a whole number of at least 1.
 *
 * @example
 * new Fleet({
 *   distributions: [Distribution.gke(), Distribution.openshift()],
 *   folder: 'applications',
 *   shards: 4,
 * }).synthesize();
 */
export class Fleet {
  private readonly props: FleetProps;
  private readonly sources: Sources;

  constructor(props: FleetProps) {
    const { distributions, applications, folder, shards = 1 } = props;
    checkDistributionNames('Fleet', distributions);
    if (!distributions.length) {
      throw new InvalidInputError('Fleet', {
        property: 'distributions',
        value: distributions,
        reason: 'names none',
        remedy: 'Give at least one, such as Distribution.upstream()',
      });
    }
    if (!applications && folder === undefined) {
      throw new InvalidInputError('Fleet', {
        property: 'applications',
        value: undefined,
        reason: 'is needed without a folder',
        remedy: 'Give a list of applications, or a folder of files that each export one',
      });
    }
    if (!Number.isInteger(shards) || shards < 1) {
      throw new InvalidInputError('Fleet', {
        property: 'shards',
        value: shards,
        reason: 'is not a number of processes',
        remedy: 'Give a whole number of at least 1, such as the number of processors',
      });
    }
    this.props = props;
    this.sources = sourcesOf(props);
    if (!this.sources.size) {
      throw new InvalidInputError('Fleet', {
        property: folder === undefined ? 'applications' : 'folder',
        value: folder ?? applications,
        reason: 'has no application, and the files of all would be removed',
        remedy: 'Give at least one, or remove the output directory if there is none any more',
      });
    }
  }

  /**
   * Writes the manifests of all applications. Only files whose content changed are written, each whole or not at all,
   * and files of a former run that are no longer made are removed. Nothing is written before all applications were
   * found right.
   *
   * Throws a SynthesisError with the problems of all applications. The path of each begins with the namespace and the
   * name of its application. A namespace of which nothing is known is an InvalidInputError.
   */
  async synthesize(): Promise<void> {
    const fleet = begun++;
    if (await serveAsShard(fleet, (request) => this.make(request))) return;
    const folder = resolve(new App().outdir);
    const output = new Output(folder, String(process.pid));
    output.clear();
    try {
      const former = readFacts(output.read(FACTS)).filter(({ namespace }) => !this.isMade(namespace));
      const names = this.props.distributions.map(({ name }) => name);
      const { units, problems } = planOf(this.sources, names);
      this.checkNamespaces(units, output);
      const requests = units
        .filter(({ namespace }) => this.isMade(namespace))
        .map((unit) => ({ ...unit, staging: output.staging }));
      const results = await this.makeAll(requests, fleet);
      const facts = sortedFacts([
        ...former,
        ...results.map((result, index) => factsOf(requests[index], result)),
      ]);
      const found = this.problemsOf(problems, { requests, results, facts });
      if (found.length) throw new SynthesisError(found);
      output.stage(FACTS, factsText(facts));
      const { delivery } = this.props;
      const { staging } = output;
      const told = delivery ? writeDelivery({ delivery, distributions: names, units, facts, staging }) : [];
      const kept = output.formerFiles().filter((file) => !this.isMade(namespaceOf(file)));
      output.publish([...results.flatMap(({ files }) => files), ...told, FACTS], kept);
      results.forEach(({ notices }) => notices.forEach((notice) => process.stderr.write(notice)));
    } finally {
      output.clear();
    }
  }

  private async makeAll(requests: UnitRequest[], fleet: number): Promise<UnitResult[]> {
    const { shards = 1 } = this.props;
    const progress = new Progress(requests.reduce((sum, { places }) => sum + places.length, 0));
    const onMade = ({ places }: UnitRequest) => progress.add(places.length);
    try {
      if (shards > 1) return await makeInShards(requests, { shards, fleet, onMade });
      return requests.map((request) => {
        const result = this.make(request);
        onMade(request);
        return result;
      });
    } finally {
      progress.end();
    }
  }

  /** Makes a unit in this process. */
  private make({ namespace, distribution, places, staging }: UnitRequest): UnitResult {
    return makeUnit({
      namespace,
      distribution: this.props.distributions.find(({ name }) => name === distribution)!,
      applications: places.map((place) => this.sources.get(place)!()),
      staging,
      delivery: this.props.delivery,
    });
  }

  private problemsOf(
    problems: FoundProblem[],
    { requests, results, facts }: { requests: UnitRequest[]; results: UnitResult[]; facts: NotedFacts[] },
  ): ProgramProblem[] {
    const found = this.props.distributions.map(({ name, routing }) => {
      const own = results.filter((_, index) => requests[index].distribution === name);
      const ofUnits = own.flatMap((result) => result.problems);
      const compared = facts.filter(({ distribution }) => distribution === name);
      return {
        distribution: name,
        problems: [...problems, ...ofUnits, ...conflictsBetween(compared, routing)],
      };
    });
    return programProblems(found);
  }

  /** Whether this run makes a namespace. */
  private isMade(namespace: string): boolean {
    return this.props.namespaces?.includes(namespace) ?? true;
  }

  private checkNamespaces(units: Unit[], output: Output): void {
    const known = [...units.map(({ namespace }) => namespace), ...output.formerFiles().map(namespaceOf)];
    const unknown = this.props.namespaces?.find((namespace) => !known.includes(namespace));
    if (unknown === undefined) return;
    throw new InvalidInputError('Fleet', {
      property: 'namespaces',
      value: unknown,
      reason: 'is the namespace of no application, and there are no files of it',
      remedy: 'Give namespaces of applications, or leave them out to make all',
    });
  }
}

/** The namespace that a file of a fleet is for. */
function namespaceOf(file: string): string {
  return file.split('/')[1];
}
