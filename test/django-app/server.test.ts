import { Chart } from 'cdk8s';
import fc from 'fast-check';
import { AsgiServer, ContainerResources, DjangoAppProps, WsgiServer } from 'cdk8s-django';
import { processesFor } from '../../src/django-app/server';
import { chartOn, djangoManifests, webContainer } from '../support/synth';

const MEBIBYTE = 2 ** 20;

const commandOf = (changes: Partial<DjangoAppProps>): string[] =>
  webContainer(djangoManifests(changes)).command;

/** The value that follows an option of a command line. */
const option = (command: string[], name: string) => command[command.indexOf(name) + 1];

describe('the server', () => {
  it('is gunicorn with the WSGI module beside the settings', () => {
    expect(commandOf({ settingsModule: 'shop.conf.settings' })).toEqual([
      ...['python', '-m', 'cdk8s_django.serve', 'gunicorn', '--port', '8000', '--processes', '2'],
      ...['--graceful-timeout', '30', '--keep-alive', '65'],
      ...['--worker-class', 'gthread', '--threads', '4', 'shop.wsgi:application'],
    ]);
  });

  it('serves another WSGI module when it is named', () => {
    expect(commandOf({ wsgiModule: 'web.main' }).at(-1)).toBe('web.main:application');
  });

  it('is uvicorn with the ASGI module', () => {
    const changes = { asgiModule: 'mysite.asgi', port: 9000 };
    expect(commandOf(changes)).toEqual([
      ...['python', '-m', 'cdk8s_django.serve', 'uvicorn', '--port', '9000', '--processes', '2'],
      ...['--graceful-timeout', '30', '--keep-alive', '65', 'mysite.asgi:application'],
    ]);
    const { data } = djangoManifests(changes).find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'polls',
    );
    expect(data.CDK8S_DJANGO_ASGI).toBe('true');
  });

  it('is daphne where the image has that, which is one process', () => {
    expect(commandOf({ asgiModule: 'mysite.asgi', asgiServer: AsgiServer.DAPHNE })).toEqual([
      ...['python', '-m', 'cdk8s_django.serve', 'daphne', '--port', '8000', '--processes', '1'],
      ...['--graceful-timeout', '30', '--keep-alive', '65', 'mysite.asgi:application'],
    ]);
  });

  it('is granian, under WSGI with threads, and under ASGI without', () => {
    const wsgi = commandOf({ wsgiServer: WsgiServer.GRANIAN, threads: 3 });
    expect(wsgi.slice(2, 4)).toEqual(['cdk8s_django.serve', 'granian']);
    expect(option(wsgi, '--threads')).toBe('3');
    expect(wsgi).not.toContain('--worker-class');
    const asgi = commandOf({ asgiModule: 'mysite.asgi', asgiServer: AsgiServer.GRANIAN });
    expect(asgi.slice(2, 4)).toEqual(['cdk8s_django.serve', 'granian']);
    expect(asgi).not.toContain('--threads');
  });

  it('is gunicorn’s own ASGI worker', () => {
    const command = commandOf({
      asgiModule: 'mysite.asgi',
      asgiServer: AsgiServer.GUNICORN,
      maxRequests: 500,
    });
    expect(command.slice(2, 4)).toEqual(['cdk8s_django.serve', 'gunicorn']);
    expect(option(command, '--worker-class')).toBe('asgi');
    expect(option(command, '--max-requests')).toBe('500');
    expect(command).not.toContain('--threads');
  });

  it.each(['sync', 'gevent', 'eventlet', 'tornado', 'mysite.workers.Worker'])(
    'gives workers of class %s no threads, which would make gthread of sync [F20]',
    (workerClass) => {
      const command = commandOf({ workerClass });
      expect(option(command, '--worker-class')).toBe(workerClass);
      expect(command).not.toContain('--threads');
    },
  );

  it('names no address: it listens on those that the pod has [F4]', () => {
    for (const asgiServer of [undefined, ...Object.values(AsgiServer)]) {
      const changes = asgiServer ? { asgiModule: 'mysite.asgi', asgiServer } : {};
      expect(commandOf(changes).join(' ')).not.toMatch(/0\.0\.0\.0|::/);
    }
  });

  it('replaces its workers after some requests, not all at once, when it is asked to', () => {
    const command = commandOf({ maxRequests: 1000 });
    expect(option(command, '--max-requests')).toBe('1000');
    expect(commandOf({})).not.toContain('--max-requests');
  });

  it('has the worker class that was asked for', () => {
    expect(option(commandOf({ workerClass: 'gevent' }), '--worker-class')).toBe('gevent');
  });

  it('has as many workers and threads as were asked for', () => {
    const command = commandOf({ processes: 11, threads: 3 });
    expect(option(command, '--processes')).toBe('11');
    expect(option(command, '--threads')).toBe('3');
  });
});

describe('workers', () => {
  const CASES: [ContainerResources, number][] = [
    [{ cpuRequest: '250m', memoryLimit: '512Mi' }, 2],
    [{ cpuRequest: '250m', cpuLimit: '2', memoryLimit: '4Gi' }, 5],
    [{ cpuLimit: '2', memoryLimit: '512Mi' }, 3],
    [{ cpuLimit: '4', memoryLimit: '100Mi' }, 1],
    [{ cpuLimit: '500m' }, 2],
    [{ cpuLimit: '100', memoryLimit: '1Ti' }, 64],
  ];
  it.each(CASES)('of a container with %j are %i', (resources, workers) => {
    expect(processesFor(new Chart(undefined as any, 'chart'), resources)).toBe(workers);
  });

  it('follow the limits of the app’s container', () => {
    const resources = { cpuRequest: '1', cpuLimit: '2', memoryLimit: '2Gi' };
    expect(option(commandOf({ resources }), '--processes')).toBe('5');
  });

  it('stay within 1 and 64, twice the processors and one, and the memory', () => {
    const chart = chartOn();
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 128_000 }),
        fc.integer({ min: 1, max: 64 * 1024 }),
        (millicores, mebibytes) => {
          const workers = processesFor(chart, { cpuLimit: `${millicores}m`, memoryLimit: `${mebibytes}Mi` });
          expect(workers).toBeGreaterThanOrEqual(1);
          expect(workers).toBeLessThanOrEqual(64);
          expect(workers).toBeLessThanOrEqual(Math.ceil((2 * millicores) / 1000 + 1));
          if (workers > 1) {
            expect(workers * 160 * MEBIBYTE).toBeLessThanOrEqual(mebibytes * MEBIBYTE);
          }
        },
      ),
    );
  });

  it('never become fewer when a container gets more', () => {
    const chart = chartOn();
    const millicores = fc.integer({ min: 1, max: 20_000 });
    const mebibytes = fc.integer({ min: 1, max: 8_192 });
    fc.assert(
      fc.property(millicores, mebibytes, millicores, mebibytes, (cpu, memory, moreCpu, moreMemory) => {
        const less = processesFor(chart, { cpuLimit: `${cpu}m`, memoryLimit: `${memory}Mi` });
        const more = processesFor(chart, {
          cpuLimit: `${cpu + moreCpu}m`,
          memoryLimit: `${memory + moreMemory}Mi`,
        });
        expect(more).toBeGreaterThanOrEqual(less);
      }),
    );
  });
});
