import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new output directory for each test of a file, as cdk8s would be told of it. */
export function outputDirectory(): () => string {
  let folder: string;
  const before = process.env.CDK8S_OUTDIR;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'output-'));
    process.env.CDK8S_OUTDIR = folder;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
    rmSync(folder, { recursive: true });
  });
  return () => folder;
}
