import { checkImage } from '../../src/kubernetes/images';
import { chartOn } from '../support/synth';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const check = (image: string) => checkImage(chartOn(), 'image', image);

describe('images', () => {
  it.each([
    'polls:1.4.2',
    'library/python:3.12-slim',
    'docker.io/library/postgres:15-bookworm',
    'localhost:5000/polls:v1',
    'registry.example.com:443/team/apps/polls:2024.01.01-abc',
    `registry.example.com/polls@${DIGEST}`,
    `registry.example.com/polls:1.4.2@${DIGEST}`,
    `registry.example.com/polls:latest@${DIGEST}`,
    'ghcr.io/team/my__app.name-x:1',
    'registry-1.example.com/a--b---c:1',
    `${'a'.repeat(255)}:1`,
  ])('%s always mean the same', (image) => {
    expect(check(image)).toBe(image);
  });

  it.each([
    '',
    ' ',
    'polls:',
    'polls:1.0 ',
    'Polls:1',
    'https://a.b/c:1',
    'a//b:1',
    `polls@${DIGEST}0`,
    'my..app:1',
    'my._app:1',
    'a___b:1',
    'a-:1',
    'registry-.example.com/x:1',
    'registry..example.com/x:1',
    'registry.example.com./x:1',
    `${'a'.repeat(256)}:1`,
  ])('%j are no references', (image) => {
    expect(() => check(image)).toThrow('is not an image reference');
  });

  it.each(['polls', 'registry.example.com:5000/polls', 'polls:latest'])('%s may change', (image) => {
    expect(() => check(image)).toThrow(/latest/);
  });
});
