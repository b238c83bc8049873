import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

// V8 does not count the first calls of a function, and forgets those of one that it has not run for a while.
setFlagsFromString('--no-lazy-feedback-allocation');
setFlagsFromString('--no-flush-bytecode');

/** The code whose calls are counted: the library's, and what it calls. */
const COUNTED = /\/(src|node_modules\/(cdk8s|constructs))\//;

/** How often each function was called, by its file, its place there and its name. */
export type Calls = Map<string, number>;

/**
 * How often a program calls each function. That is the same on a busy machine as on an idle one, so tests can compare
 * it where they cannot compare times.
 */
export function callsOf(run: () => void): Calls {
  const session = new Session();
  session.connect();
  try {
    send(session, 'Profiler.enable');
    send(session, 'Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    run();
    const { result } = send(session, 'Profiler.takePreciseCoverage');
    return callsIn(result.filter(({ url }: any) => COUNTED.test(url)));
  } finally {
    session.disconnect();
  }
}

/** The session is of the same thread, so the answer is there at once. */
function send(session: Session, method: string, parameters: object = {}): any {
  let answer: any;
  session.post(method, parameters, (error, result) => {
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    answer = result;
  });
  return answer;
}

function callsIn(scripts: any[]): Calls {
  const calls: Calls = new Map();
  for (const { url, functions } of scripts) {
    for (const { functionName, ranges } of functions) {
      const [{ startOffset, count }] = ranges;
      const place = `${url.replace(/^.*?\/(src|node_modules)\//, '$1/')}:${startOffset} ${functionName}`;
      calls.set(place, (calls.get(place) ?? 0) + count);
    }
  }
  return calls;
}

/** Twice the growth from one to two, and a little for what is sorted. The growth of a square is four times that. */
const LINEAR = 2.3;
/** What the first copy alone may call. */
const MARGIN = 4;

/**
 * The functions that are called more often than twice as much more, when four are made and not two, as when two are
 * made and not one.
 *
 * @param run - makes a number of what should cost the same each
 */
export function moreThanLinear(run: (count: number) => void): string[] {
  // What is made once a process is made before.
  run(1);
  const [one, two, four] = [1, 2, 4].map((count) => callsOf(() => run(count)));
  return [...four].flatMap(([place, most]) => {
    const [least, some] = [one.get(place) ?? 0, two.get(place) ?? 0];
    const isLinear = most - some <= Math.max(LINEAR * (some - least) + MARGIN, 10);
    return isLinear ? [] : [`${place}: ${least}, ${some}, ${most} calls`];
  });
}
