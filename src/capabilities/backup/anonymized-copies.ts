import { Construct } from 'constructs';
import { checkCron } from '../../kubernetes/cron';
import { noteClockChange } from '../../kubernetes/clock-changes';
import { checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { BackupBucket } from '../../platform/backup-bucket';
import { DUMPED_TABLES } from '../../workloads/dump-scripts';

/** What an anonymized copy has of a table. Give one of the two. */
export interface AnonymizedTable {
  /**
   * Whether the copy has none of its rows. A table that others refer to cannot be without rows.
   *
   * @default false
   */
  readonly withoutRows?: boolean;

  /**
   * Its columns, each with an expression of SQL that gives the value of each row: `'user' || id`.
   * The name of the column keeps what is there.
   *
   * @default - none is changed
   */
  readonly columns?: Record<string, string>;
}

/** A copy of the latest dump without personal data, for previews. Give `bucket` or `claimName`. */
export interface AnonymizedCopies {
  /**
   * A bucket that the copies are taken to, for databases in other namespaces: PreviewCopies reads it there. The dumps
   * themselves are in another bucket. Pods reach it with the keys that you give, or as the identity of the
   * ServiceAccount with the name of the database and `-copy`.
   *
   * @default - the copies are on the volume of `claimName`
   */
  readonly bucket?: BackupBucket;

  /**
   * Name of a PersistentVolumeClaim that exists, in the namespace of the database, for databases beside it. The dumps
   * themselves are on another one.
   *
   * @default - the copies are in the `bucket`
   */
  readonly claimName?: string;

  /**
   * The rules, by the names of tables: `auth_user`, or with a schema before a dot.
   */
  readonly tables: Record<string, AnonymizedTable>;

  /**
   * When it is made: the five fields of cron, in the time zone of the backup.
   *
   * @default 0 4 * * *
   */
  readonly schedule?: string;
}

export const COPY_SCHEDULE = '0 4 * * *';

/** A column that is likely to have personal data, or a secret of somebody. */
const PERSONAL =
  '(e_?mail|passw|phone|mobile|first_?name|last_?name|surname|birth|street|address|iban|session_data|secret|token)';

/** Checks the rules of copies, and that they do not go to the claim of the dumps. */
export function checkCopies(
  scope: Construct,
  copies: AnonymizedCopies,
  claimOfDumps: string,
  timeZone?: string,
): void {
  const { bucket, claimName, schedule = COPY_SCHEDULE, tables } = copies;
  if ((bucket === undefined) === (claimName === undefined)) {
    Problems.report(scope, {
      property: 'backup.copies.bucket',
      value: bucket,
      reason:
        claimName === undefined ? 'is needed: copies have no place' : 'is given together with claimName',
      remedy: 'Give bucket for databases in other namespaces, or claimName for those in the same one',
    });
  }
  if (claimName !== undefined) checkResourceName(scope, 'backup.copies.claimName', claimName);
  if (claimName === claimOfDumps) {
    Problems.report(scope, {
      property: 'backup.copies.claimName',
      value: claimName,
      reason: 'is the claim of the dumps, which have personal data',
      remedy: 'Give another claim, which previews may read',
    });
  }
  checkCron(scope, 'backup.copies.schedule', schedule);
  noteClockChange(scope, 'backup.copies.schedule', schedule, timeZone);
  for (const [table, rule] of Object.entries(tables)) checkTable(scope, table, rule);
}

function checkTable(scope: Construct, table: string, rule: AnonymizedTable): void {
  const { withoutRows, columns = {} } = rule;
  const property = `backup.copies.tables.${table}`;
  const parts = table.split('.');
  if (parts.length > 2 || !parts.every(isIdentifier)) {
    Problems.report(scope, {
      property: 'backup.copies.tables',
      value: table,
      reason: 'is not the name of a table',
      remedy: 'Give a name such as "auth_user", or with a schema before a dot',
    });
  }
  if (Boolean(withoutRows) === Object.keys(columns).length > 0) {
    Problems.report(scope, {
      property,
      value: rule,
      reason: 'does not say one thing',
      remedy: 'Give columns that change, or withoutRows',
    });
  }
  for (const [column, expression] of Object.entries(columns)) {
    if (!isIdentifier(column)) {
      Problems.report(scope, {
        property,
        value: column,
        reason: 'is not the name of a column',
        remedy: 'Give a name such as "email"',
      });
    }
    const wrong = wrongIn(expression);
    if (wrong === undefined) continue;
    Problems.report(scope, {
      property: `${property}.${column}`,
      value: expression,
      reason: wrong,
      remedy: "Give one expression of SQL on one line, such as 'user' || id || '@example.com'",
    });
  }
}

/** PostgreSQL cuts longer names off, so that two could be one. */
function isIdentifier(name: string): boolean {
  return name !== '' && !/["\p{Cc}]/u.test(name) && Buffer.byteLength(name) <= 63;
}

/** What keeps a text from being one expression between two parentheses. */
function wrongIn(expression: string): string | undefined {
  if (expression.trim() === '') return 'is empty';
  if (/\p{Cc}/u.test(expression)) return 'has a line end or another control character';
  if (/\$[${]|\\/.test(expression)) return 'has "${", "$$" or a backslash, which Flux or psql would read';
  // Texts and quoted names: what is in them means nothing.
  const code = expression.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ' ');
  if (/['"]/.test(code)) return 'has a quote that does not end';
  if (/;|--|\/\*/.test(code)) return 'has ";" or a comment';
  let depth = 0;
  for (const character of code) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return 'has a parenthesis that does not begin';
  }
  return depth > 0 ? 'has a parenthesis that does not end' : undefined;
}

const quotedName = (name: string) => `"${name.replace(/"/g, '""')}"`;
const quotedTable = (table: string) => table.split('.').map(quotedName).join('.');
const text = (value: string) => `'${value.replace(/'/g, "''")}'`;

/**
 * The SQL that applies the rules, all or none of them. Triggers do not run: they could copy what was there. A column
 * with a name that promises personal data needs a rule, also one of a table of tomorrow. Each that has none is a line
 * that begins with `error: `. A generated column takes no rule: it follows from those that do.
 */
export function anonymizingSql({ tables }: Pick<AnonymizedCopies, 'tables'>): string {
  const named = Object.entries(tables).flatMap(([table, { withoutRows, columns = {} }]) =>
    (withoutRows ? ['NULL'] : Object.keys(columns).map(text)).map(
      (column) => `INSERT INTO pg_temp.named VALUES (${text(quotedTable(table))}, ${column});`,
    ),
  );
  const changes = Object.entries(tables).map(([table, { withoutRows, columns = {} }]) => {
    if (withoutRows) return `TRUNCATE ${quotedTable(table)};`;
    const values = Object.entries(columns).map(
      ([column, expression]) => `${quotedName(column)} = (${expression})`,
    );
    return `UPDATE ${quotedTable(table)} SET ${values.join(', ')};`;
  });
  return [
    'BEGIN;',
    'SET LOCAL session_replication_role = replica;',
    'CREATE TEMP TABLE named (name regclass, col name);',
    ...named,
    ...changes,
    "SELECT format('error: the column %I of %s may have personal data, and no rule names it', attname,",
    `attrelid::regclass) FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname ~* ${text(PERSONAL)}`,
    `AND attrelid IN (SELECT pg_class.oid ${DUMPED_TABLES})`,
    'AND NOT EXISTS (SELECT FROM pg_temp.named WHERE coalesce(col = attname, true)',
    'AND (name = attrelid OR name IN (SELECT pg_partition_ancestors(attrelid))))',
    'ORDER BY attrelid::regclass::text, attname;',
    'COMMIT;',
    '',
  ].join('\n');
}
