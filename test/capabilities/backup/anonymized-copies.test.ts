import { DatabaseBackup, Distribution, LeastPrivilegeAccess } from 'cdk8s-django';
import { AnonymizedCopies, AnonymizedTable, DumpBackups } from 'cdk8s-django/backup';
import * as fc from 'fast-check';
import { Chart } from 'cdk8s';
import { anonymizingSql } from '../../../src/capabilities/backup/anonymized-copies';
import { MODES } from '../admission/modes';
import { django, errorOf, find, postgres, synth } from '../../support/synth';

const TABLES: Record<string, AnonymizedTable> = {
  auth_user: { columns: { email: "'user' || id || '@example.com'", password: "'!'" } },
  django_session: { withoutRows: true },
};

function backup(chart: Chart): void {
  const database = postgres(chart);
  new LeastPrivilegeAccess(chart, 'Access', { app: django(chart, { database }) });
  new DatabaseBackup(chart, 'Backup', { database });
}
const props = (copies: Partial<AnonymizedCopies> = {}) =>
  new DumpBackups({ copies: { claimName: 'copies', tables: TABLES, ...copies } });
const manifests = (copies?: Partial<AnonymizedCopies>) =>
  synth(backup, Distribution.upstream({ backup: props(copies) }));
const podOf = (made: any[]) => find(made, 'CronJob', 'polls-db-copy').spec.jobTemplate.spec.template.spec;

describe('anonymized copies', () => {
  const made = manifests();

  it('are made by a CronJob that reads the dumps and writes to the claim', () => {
    expect(find(made, 'CronJob', 'polls-db-copy').spec).toMatchObject({
      schedule: '0 4 * * *',
      timeZone: 'Etc/UTC',
      jobTemplate: { spec: { backoffLimit: 0, ttlSecondsAfterFinished: 3600 } },
    });
    const { containers, volumes } = podOf(made);
    expect(containers[0].command).toEqual([
      ...['sh', '/etc/cdk8s-django/copy.sh', 'polls-db', '/etc/cdk8s-django/anonymize.sql'],
    ]);
    const mounts = containers[0].volumeMounts;
    expect(mounts).toContainEqual({
      ...{ name: 'dumps', mountPath: '/var/lib/cdk8s-django/dumps', readOnly: true },
    });
    expect(mounts).toContainEqual({ name: 'copies', mountPath: '/var/lib/cdk8s-django/copies' });
    expect(volumes).toContainEqual({
      ...{ name: 'dumps', persistentVolumeClaim: { claimName: 'polls-db-dump' } },
    });
    expect(volumes).toContainEqual({ name: 'copies', persistentVolumeClaim: { claimName: 'copies' } });
    expect(find(manifests({ schedule: '30 5 * * 1' }), 'CronJob', 'polls-db-copy').spec.schedule).toBe(
      '30 5 * * 1',
    );
  });

  it.each(Object.keys(MODES))('have a pod on %s that has no Secret and reaches nothing', (mode) => {
    const all = synth(backup, { ...MODES[mode].make(undefined, false), backup: props() });
    const pod = podOf(all);
    expect(JSON.stringify(pod)).not.toMatch(/secret/i);
    expect(pod.automountServiceAccountToken).toBe(false);
    const { spec } = find(all, 'NetworkPolicy', 'polls-db-copy');
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect([spec.ingress, spec.egress]).toEqual([undefined, undefined]);
    const label = 'app.kubernetes.io/component';
    expect(spec.podSelector.matchLabels[label]).toBe('backup-copy');
    expect(find(all, 'CronJob', 'polls-db-copy').spec.jobTemplate.spec.template.metadata.labels[label]).toBe(
      'backup-copy',
    );
    const server = find(all, 'NetworkPolicy', 'polls-db').spec;
    expect(JSON.stringify(server)).not.toContain('backup-copy');
  });

  it('are all that the server of a preview mounts of production', () => {
    const preview = synth(
      (chart) => django(chart, { database: postgres(chart, { restoreFrom: 'polls-db-copy-latest' }) }),
      Distribution.upstream({ backup: new DumpBackups({ claimName: 'copies' }) }),
    );
    const { initContainers, volumes } = find(preview, 'StatefulSet', 'polls-db').spec.template.spec;
    expect(initContainers[0].command.at(-1)).toBe('polls-db-copy-latest');
    const claims = volumes.flatMap((one: any) => one.persistentVolumeClaim?.claimName ?? []);
    expect(claims).toEqual(['copies']);
    expect(JSON.stringify(preview)).not.toContain('polls-db-dump');
  });

  it('apply the rules, all or none, without triggers', () => {
    const lines = find(made, 'ConfigMap', 'polls-db-dump').data['anonymize.sql'].split('\n');
    expect(lines.slice(0, 2)).toEqual(['BEGIN;', 'SET LOCAL session_replication_role = replica;']);
    expect(lines).toContain(
      `UPDATE "auth_user" SET "email" = ('user' || id || '@example.com'), "password" = ('!');`,
    );
    expect(lines).toContain('TRUNCATE "django_session";');
    expect(lines).toContain(`INSERT INTO pg_temp.named VALUES ('"auth_user"', 'email');`);
    expect(lines).toContain(`INSERT INTO pg_temp.named VALUES ('"django_session"', NULL);`);
    expect(lines.at(-2)).toBe('COMMIT;');
    // PostgreSQL refuses to set a generated column.
    expect(lines.filter((line: string) => line.includes(' FROM pg_attribute '))).toEqual([
      expect.stringContaining(" AND attgenerated = '' AND attname ~* "),
    ]);
  });

  it('quote each name, whatever it is', () => {
    const name = fc.string({ minLength: 1, maxLength: 15 }).filter((one) => !/["\p{Cc}.]/u.test(one));
    fc.assert(
      fc.property(name, name, name, (schema, table, column) => {
        const rule = { columns: { [column]: 'NULL' } };
        const sql = anonymizingSql({ tables: { [`${schema}.${table}`]: rule } });
        expect(sql).toContain(`\nUPDATE "${schema}"."${table}" SET "${column}" = (NULL);\n`);
        const text = `"${schema}"."${table}"`.replaceAll("'", "''");
        expect(sql).toContain(`VALUES ('${text}', '${column.replaceAll("'", "''")}');\n`);
      }),
    );
  });

  it('take any text between quotes, and nothing that would leave the parentheses', () => {
    const made = (expression: string) =>
      manifests({ tables: { auth_user: { columns: { email: expression } } } });
    for (const expression of ["'a;b -- (c'", `"email"`, "coalesce('it''s', (email))", 'NULL']) {
      expect(find(made(expression), 'ConfigMap', 'polls-db-dump').data['anonymize.sql']).toContain(
        `"email" = (${expression});`,
      );
    }
  });

  it.each<[Partial<AnonymizedCopies>, string]>([
    [
      { claimName: undefined },
      'backup.copies.bucket (not given) is needed: copies have no place. Give bucket for databases in other namespaces, ' +
        'or claimName for those in the same one.',
    ],
    [
      { bucket: { destination: 's3://copies' } },
      'backup.copies.bucket {"destination":"s3://copies"} is given together with claimName. Give bucket for databases',
    ],
    [{ claimName: 'A' }, 'backup.copies.claimName "A" is not a name that Kubernetes takes.'],
    [
      { claimName: 'polls-db-dump' },
      'backup.copies.claimName "polls-db-dump" is the claim of the dumps, which have personal data. Give another claim',
    ],
    [{ schedule: '@daily' }, 'backup.copies.schedule "@daily" does not have the five fields of cron.'],
    [
      { tables: { 'a.b.c': { withoutRows: true } } },
      'backup.copies.tables "a.b.c" is not the name of a table.',
    ],
    [
      { tables: { [`${'é'.repeat(32)}`]: { withoutRows: true } } },
      `backup.copies.tables "${'é'.repeat(32)}" is not the name of a table.`,
    ],
    [{ tables: { auth_user: {} } }, 'backup.copies.tables.auth_user {} does not say one thing.'],
    [
      { tables: { auth_user: { withoutRows: true, columns: { email: 'NULL' } } } },
      'backup.copies.tables.auth_user {"withoutRows":true,"columns":{"email":"NULL"}} does not say one thing.',
    ],
    [
      { tables: { auth_user: { columns: { 'e"mail': 'NULL' } } } },
      'backup.copies.tables.auth_user "e\\"mail" is not the name of a column.',
    ],
    ...(
      [
        [' ', 'is empty'],
        ["'a'\n", 'has a line end or another control character'],
        ["'$${a}'", 'has "${", "$$" or a backslash, which Flux or psql would read'],
        ["'a", 'has a quote that does not end'],
        ['1; DROP TABLE auth_user', 'has ";" or a comment'],
        ['1 -- 2', 'has ";" or a comment'],
        ['1) WHERE (true', 'has a parenthesis that does not begin'],
        ['(1', 'has a parenthesis that does not end'],
      ] as const
    ).map(([expression, reason]): [Partial<AnonymizedCopies>, string] => [
      { tables: { auth_user: { columns: { email: expression } } } },
      `backup.copies.tables.auth_user.email ${JSON.stringify(expression)} ${reason}. Give one expression of SQL on one line`,
    ]),
  ])('refuse %j', (copies, message) => {
    const error = errorOf(backup, Distribution.upstream({ backup: props(copies) }));
    expect(error).toContain(`polls/Backup: ${message}`);
  });
});
