import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { AccessReport } from '../access-report/access-report';
import { azureRules } from '../capabilities/monitoring/azure-rule-groups';
import { dashboardsOutside } from '../platform/dashboards';
import { identityCommands } from '../platform/identity-commands';

/** Commands for outside the cluster. Its name ends so that `kubectl apply -f` of the folder leaves it out. */
const IDENTITY_FILE = 'identity.txt';

/** Who can do what. `kubectl` would apply a `.json`, so that form is only to be had from the program. */
const ACCESS_FILE = 'access.md';

/** A template of Azure Resource Manager, for `az deployment group create`. `kubectl` would apply a `.json`. */
const AZURE_RULES_FILE = 'azure-rules.txt';

/** A dashboard of Google Cloud Monitoring, for `gcloud monitoring dashboards create`, which takes one a file. */
const dashboardFile = (name: string) => `dashboard-${name}.txt`;
const DASHBOARD_FILE = /^dashboard-.*\.txt$/;

/** Writes what is not applied into a folder, or removes what a former program left there. */
export function writeSideFiles(app: App, folder: string): void {
  const report = AccessReport.of(app);
  writeOrRemove(folder, IDENTITY_FILE, identityCommands(app));
  writeOrRemove(folder, AZURE_RULES_FILE, azureRules(app));
  writeOrRemove(folder, ACCESS_FILE, report.isEmpty ? undefined : report.markdown);
  writeDashboards(app, folder);
}

function writeDashboards(app: App, folder: string): void {
  const texts = new Map(dashboardsOutside(app).map(({ name, text }) => [dashboardFile(name), text]));
  const former = existsSync(folder) ? readdirSync(folder).filter((name) => DASHBOARD_FILE.test(name)) : [];
  for (const name of new Set([...former, ...texts.keys()])) writeOrRemove(folder, name, texts.get(name));
}

function writeOrRemove(folder: string, name: string, text: string | undefined): void {
  const file = join(folder, name);
  if (text === undefined) return rmSync(file, { force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
}
