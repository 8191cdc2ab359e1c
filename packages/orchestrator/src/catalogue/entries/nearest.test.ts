import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const names = ['files__read_file', 'files__write_file', 'memory__read_graph', 'time__now'];

it('finds a name that was misspelt', () => {
  expect(nearest('files__raed_file', names)[0]).toBe('files__read_file');
});

it('finds the name of a tool that was called without its server', () => {
  expect(nearest('read_graph', names)).toEqual(['memory__read_graph']);
});

it('offers nothing where nothing is near', () => {
  expect(nearest('zzzzzzzzzz', names)).toEqual([]);
});

it('offers three names at most', () => {
  expect(
    nearest(
      'tool0',
      Array.from({ length: 10 }, (_, i) => `tool${i}`),
    ),
  ).toEqual(['tool0', 'tool1', 'tool2']);
});

it('compares 5,000 names at most', () => {
  const many = Array.from({ length: 6000 }, (_, i) => (i === 5500 ? 'needle' : `x${i}`));
  expect(nearest('needle', many)).toEqual([]);
  expect(nearest('needle', many.slice(1000))).toEqual(['needle']);
});
