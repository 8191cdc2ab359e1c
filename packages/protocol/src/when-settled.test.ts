import { describe, expect, it } from 'vitest';
import { whenSettled } from './when-settled.ts';

describe('watching work', () => {
  it('hears what it resolves with first, and passes it on', async () => {
    const heard: unknown[] = [];
    const result = whenSettled(
      () => Promise.resolve(7),
      (value) => heard.push(value),
      (error) => heard.push(error),
    ).then((value) => heard.push(`then ${value}`));
    await result;
    expect(heard).toEqual([7, 'then 7']);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws at once',
      (): Promise<never> => {
        throw new Error('no');
      },
    ],
  ])('hears why it %s first, and passes that on', async (_, work) => {
    const heard: unknown[] = [];
    await expect(whenSettled(work, undefined, (error) => heard.push(error))).rejects.toThrow('no');
    expect(heard).toMatchObject([{ message: 'no' }]);
  });
});
