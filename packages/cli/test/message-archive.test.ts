import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MessageArchive } from '../src/quarantine/message-archive.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'furrow-archive-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const message = (body: string) => ({
  messageId: 'm',
  body,
  attributes: { sentAt: 1, receiveCount: 1 },
  messageAttributes: [],
  receivedAt: 2,
});

describe('MessageArchive', () => {
  it('keeps any text, a line for each message', async () => {
    const file = join(await newFolder(), 'a.ndjson');
    const archive = await MessageArchive.create(file);
    const bodies = ['a\nb', '\u0000\u2028', '\ud800'];
    await archive.add([]);
    await archive.add(bodies.slice(0, 2).map(message));
    await archive.add(bodies.slice(2).map(message));
    await archive.close();
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).body)).toEqual(bodies);
  });

  it('leaves no file behind when nothing was added', async () => {
    const folder = await newFolder();
    await (await MessageArchive.create(join(folder, 'a.ndjson'))).close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('makes no file over another, or where it cannot', async () => {
    const folder = await newFolder();
    const archive = await MessageArchive.create(join(folder, 'a.ndjson'));
    for (const path of ['a.ndjson', 'no/such/folder/a.ndjson']) {
      await expect(MessageArchive.create(join(folder, path))).rejects.toThrow(
        /^cannot make the file .*a\.ndjson: /,
      );
    }
    await archive.close();
  });
});
