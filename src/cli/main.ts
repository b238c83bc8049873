#!/usr/bin/env node
import { run } from './program';
import { ProcessTerminal } from './terminal';

// A reader such as `head` has seen enough: it ends as by a signal, so that `run` removes its Job.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.kill(process.pid, 'SIGTERM');
});

void run(process.argv.slice(2), new ProcessTerminal()).then((code) => {
  process.exitCode = code;
});
