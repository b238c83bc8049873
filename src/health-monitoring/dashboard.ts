import { Chart, Duration } from 'cdk8s';
import { IDjangoApp } from '../django-app/application';
import { BEAT } from '../django-app/pod-kinds';
import { shortHash } from '../kubernetes/hash';
import { Dashboard, DashboardSection, IDashboardSource } from '../platform/dashboards';
import { selectorOf } from './alerts';
import { backupSections } from './backup-panels';
import { backupsOf } from './backups';
import {
  Asked,
  beatSection,
  cacheSection,
  databaseSection,
  objectiveSection,
  requestSection,
  saturationSection,
  taskSection,
} from './panels';
import { serverSections } from './server-panels';
import { jobsOf, serversOf } from './servers';
import { objectivesOf, ServiceLevel } from './service-level';

/** The least time over which rates are taken. */
const WINDOW = Duration.minutes(5);

/** A rate needs two scrapes, of which one may fail. */
const SCRAPES = 4;

/** The components of workers, of Celery and of Django's own Tasks; those of other processes are `process-<name>`. */
const WORKER = /^(worker|tasks)-/;

/** The dashboard of an application: what it has parts for, and no more. */
export class ApplicationDashboard implements IDashboardSource {
  constructor(
    private readonly app: IDjangoApp,
    private readonly interval: Duration,
    private readonly serviceLevel: ServiceLevel = {},
  ) {}

  dashboard(): Dashboard {
    const { app } = this;
    const namespace = Chart.of(app).namespace!;
    const selector = selectorOf({ namespace, job: app.name });
    const seconds = Math.max(WINDOW.toSeconds(), SCRAPES * this.interval.toSeconds());
    const window = seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
    const releases = `count by (release) (django_build_info{${selector}})`;
    const before = `count by (release) (django_build_info{${selector}} offset ${window})`;
    return {
      title: `${app.name} (${namespace})`,
      uid: `django-${shortHash({ namespace, name: app.name })}`,
      releases: `${releases} unless ${before}`,
      sections: this.sections({ selector, window }),
    };
  }

  private sections(asked: Asked): DashboardSection[] {
    const { app } = this;
    const components = app.workerSelectors.map(({ component }) => component);
    const hasBeat = components.includes(BEAT);
    const hasTasks = hasBeat || components.some((component) => WORKER.test(component));
    const objectives = objectivesOf(asked.selector, this.serviceLevel);
    return [
      ...(objectives.length ? [objectiveSection(asked.selector, objectives)] : []),
      requestSection(asked),
      saturationSection(asked),
      ...(app.database ? [databaseSection(asked)] : []),
      ...backupSections(Chart.of(app).namespace!, backupsOf(app)),
      ...(app.cache ? [cacheSection(asked)] : []),
      ...(hasTasks ? [taskSection(asked)] : []),
      ...(hasBeat ? [beatSection(asked)] : []),
      ...serverSections(Chart.of(app).namespace!, jobsOf(serversOf(app)), asked),
    ];
  }
}
