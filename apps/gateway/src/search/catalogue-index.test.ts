import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';

import { type CatalogueIndex, createCatalogueIndex } from './catalogue-index.ts';
import type { IndexFile } from './index-file.ts';
import { openIndex } from './open-index.ts';
import { countingEmbedder } from './testing/counting-embedder.ts';
import { FakeCatalogue } from './testing/fake-catalogue.ts';

class FakeFile implements IndexFile {
  bytes: Uint8Array | undefined;
  writes = 0;

  read(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.bytes);
  }

  write(bytes: Uint8Array): Promise<boolean> {
    this.bytes = bytes;
    this.writes += 1;
    return Promise.resolve(true);
  }
}

async function started(catalogue: FakeCatalogue, file = new FakeFile()) {
  const embedder = await countingEmbedder();
  const warned: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void warned.push(line) });
  const open = vi.fn<() => ReturnType<typeof openIndex>>(() => openIndex(file, log, embedder));
  const servers = [{ id: 'mail', name: 'Post office', tags: ['work'], domains: ['letters'] }];
  const index = createCatalogueIndex({ catalogue, servers: () => servers, open, file, log });
  return { index, servers, open, embedder, warned, file };
}

interface Among {
  readonly servers?: readonly string[];
  readonly tags?: readonly string[];
  readonly allows?: (id: string) => boolean;
}

async function find(index: CatalogueIndex, query: string, among: Among = {}): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const found = await index.find(query, { limit: 5, allows: () => true, signal, ...among });
  return found.map(({ id }) => id);
}

const mail = { send_email: 'Sends an email to somebody.', read_email: 'Reads an email.' };
const disk = { read_file: 'Reads a file from disk.', write_file: 'Writes a file to disk.' };

function listing(): FakeCatalogue {
  const catalogue = new FakeCatalogue();
  catalogue.list('mail', mail);
  catalogue.list('disk', disk);
  return catalogue;
}

describe('the index follows the catalogue', () => {
  it('from the first question on, with tags of servers and what is said of them', async () => {
    const catalogue = listing();
    catalogue.about.set('disk', 'Keeps holiday photographs.');
    const { index, open } = await started(catalogue);
    expect(open).not.toHaveBeenCalled();
    expect((await find(index, 'send an email'))[0]).toBe('mail__send_email');
    expect(await find(index, 'read', { tags: ['letters'], servers: ['mail'] })).toEqual(
      expect.arrayContaining(['mail__read_email']),
    );
    expect(await find(index, 'read', { tags: ['work'], servers: ['disk'] })).toEqual([]);
    expect((await find(index, 'holiday photographs'))[0]).toMatch(/^disk__/);
    expect(await find(index, 'read', { allows: (id) => id === 'disk__read_file' })).toEqual(['disk__read_file']);
    expect(open).toHaveBeenCalledTimes(1);
    await index.close();
  });

  it('and the configuration, where a server is read anew', async () => {
    const catalogue = listing();
    const { index, servers } = await started(catalogue);
    expect(await find(index, 'read', { tags: ['letters'] })).not.toEqual([]);
    servers.splice(0, 1, { id: 'mail', name: 'Post office', tags: [], domains: [] });
    catalogue.list('mail', mail);
    await vi.waitFor(async () => expect(await find(index, 'read', { tags: ['letters'] })).toEqual([]));
    await index.close();
  });

  it('as tools come, change and go', async () => {
    const catalogue = listing();
    const { index } = await started(catalogue);
    expect((await find(index, 'peel a pineapple'))[0]).not.toBe('disk__peel');
    catalogue.list('disk', { ...disk, peel: 'Peels a pineapple.' });
    await vi.waitFor(async () => expect((await find(index, 'peel a pineapple'))[0]).toBe('disk__peel'));
    catalogue.list('disk', { ...disk, peel: 'Tunes the church organ.' });
    await vi.waitFor(async () => expect((await find(index, 'tune the organ'))[0]).toBe('disk__peel'));
    catalogue.list('disk', disk);
    await vi.waitFor(async () => expect(await find(index, 'tune the organ')).not.toContain('disk__peel'));
    await index.close();
  });

  it('and embeds nothing again for a server that returns, whyever it was away', async () => {
    const catalogue = listing();
    const { index, embedder } = await started(catalogue);
    await index.warm();
    const { length } = embedder.embedded;
    expect(length).toBeGreaterThan(0);
    for (const state of [
      { state: 'unhealthy', failedLists: [] },
      { state: 'healthy', failedLists: ['tools'] },
    ] as const) {
      catalogue.silence('disk', state);
      catalogue.list('mail', { ...mail });
      catalogue.list('disk', { ...disk });
    }
    await vi.waitFor(async () => expect(await find(index, 'read a file')).toContain('disk__read_file'));
    expect(embedder.embedded).toHaveLength(length);
    await index.close();
  });

  it('and forgets the tools of a server that is not there any more', async () => {
    const catalogue = listing();
    const { index } = await started(catalogue);
    expect(await find(index, 'read a file')).toContain('disk__read_file');
    catalogue.drop('disk');
    await vi.waitFor(async () => expect((await find(index, 'read a file')).join(' ')).not.toContain('disk__'));
    await index.close();
  });
});

describe('what is kept', () => {
  it('makes the next start embed and write nothing, where the catalogue is the same', async () => {
    const first = await started(listing());
    await first.index.warm();
    await first.index.close();
    expect(first.file.writes).toBe(1);
    const second = await started(listing(), first.file);
    expect((await find(second.index, 'send an email'))[0]).toBe('mail__send_email');
    await second.index.close();
    expect(second.embedder.embedded).toEqual([]);
    expect(first.file.writes).toBe(1);
  });

  it('makes the next start embed what changed, and nothing else', async () => {
    const first = await started(listing());
    await first.index.warm();
    await first.index.close();
    const changed = listing();
    changed.list('disk', { ...disk, peel: 'Peels a pineapple.' });
    const second = await started(changed, first.file);
    expect((await find(second.index, 'peel a pineapple'))[0]).toBe('disk__peel');
    expect(second.embedder.embedded.every((text) => text.toLowerCase().includes('peel'))).toBe(true);
    await second.index.close();
    expect(first.file.writes).toBe(2);
  });

  it('has what was used together in it', async () => {
    const { index, file } = await started(listing());
    await index.warm();
    await index.close();
    const second = await started(listing(), file);
    second.index.used?.(['mail__send_email', 'disk__read_file']);
    await second.index.warm();
    second.index.used?.(['mail__send_email', 'disk__read_file']);
    await second.index.close();
    expect(file.writes).toBe(2);
    second.index.used?.(['mail__send_email', 'disk__read_file']);
  });

  it('is left aside with a warning where it is damaged', async () => {
    const file = new FakeFile();
    file.bytes = Buffer.from('nonsense');
    const { index, warned } = await started(listing(), file);
    expect((await find(index, 'send an email'))[0]).toBe('mail__send_email');
    expect(warned.join('')).toContain('The saved search index cannot be used; it is made anew.');
    await index.close();
    expect(file.writes).toBe(1);
  });
});

describe('an index that is not there', () => {
  it('is tried for again by the next who asks', async () => {
    const { index, open } = await started(listing());
    open.mockRejectedValueOnce(new Error('no memory'));
    await expect(index.warm()).rejects.toThrow('no memory');
    expect(await find(index, 'send an email')).toContain('mail__send_email');
    await index.close();
  });

  it('is not waited for by who cancels', async () => {
    const { index, open } = await started(listing());
    const gate = Promise.withResolvers<Awaited<ReturnType<typeof openIndex>>>();
    open.mockReturnValueOnce(gate.promise);
    const controller = new AbortController();
    const finding = index.find('x', { limit: 1, allows: () => true, signal: controller.signal });
    controller.abort();
    await expect(finding).rejects.toMatchObject({ code: 'CANCELLED' });
    const closed = index.close();
    const made = vi.fn<() => Promise<void>>(() => Promise.resolve());
    const real = await openIndex(new FakeFile(), pino({ level: 'silent' }));
    gate.resolve({ index: real.index, close: made });
    await closed;
    expect(made).toHaveBeenCalledTimes(1);
    await real.close();
  });

  it('is refused after the end, and nothing is listened to any more', async () => {
    const catalogue = listing();
    const { index } = await started(catalogue);
    await index.warm();
    expect(catalogue.listeners.size).toBe(1);
    await Promise.all([index.close(), index.close()]);
    expect(catalogue.listeners.size).toBe(0);
    await expect(find(index, 'x')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
