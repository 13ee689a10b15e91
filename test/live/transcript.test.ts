/** Dialogues of real servers and clients, watched while they are held. */

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { needs } from '../support/requirements.ts';
import { schemaErrors } from '../support/schema.ts';
import { BIN, CLIENT, CLIENT6, dialogueOf, MAIL, MAIL6, PYTHON, Stage, sleep } from './support/stage.ts';

// Processes are waited for, and a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let stage: Stage;
beforeEach((context) => {
  needs(context, 'netns', 'cap');
  stage = new Stage();
});
afterEach(async () => {
  await stage?.close();
});

const capture = (name: string): string => fileURLToPath(new URL(`../../captures/${name}`, import.meta.url));

describe('a line is printed when it is complete', () => {
  it('long before its session ends', async () => {
    await stage.serve('slow');
    const live = await stage.live(['v0']);
    const talking = stage.talk(MAIL, 'EHLO client.example', 'MAIL FROM:<a@client.example>', 'RSET', 'NOOP', 'QUIT');
    await live.says(/^#1 .* C: EHLO client\.example$/m);
    expect(live.stdout).not.toMatch(/MAIL FROM/);
    await live.says(/^#1 .* C: MAIL FROM:<a@client\.example>$/m);
    expect(live.stdout).not.toMatch(/QUIT|-- /);
    await talking;
    await live.says(/^#1 {4}-- closed by the (?:server|client) after [\d.]+ s: no mail asked for$/m);
    await live.interrupt();
    expect(live.status).toBe(0);
    expect(live.stdout).toMatch(/\n\nSummary\n/);
    expect(dialogueOf(live.stdout, 1)).toEqual([
      'S: 220 mail.example.net ESMTP',
      'C: EHLO client.example',
      'S: 250-mail.example.net',
      'S: 250 PIPELINING',
      'C: MAIL FROM:<a@client.example>',
      'S: 250 2.0.0 Ok',
      'C: RSET',
      'S: 250 2.0.0 Ok',
      'C: NOOP',
      'S: 250 2.0.0 Ok',
      'C: QUIT',
      'S: 221 2.0.0 mail.example.ne.jp closing connection',
    ]);
  });

  it('with the number of its session, where several go on', async () => {
    await stage.serve('slow');
    const live = await stage.live(['v0']);
    await Promise.all([
      stage.talk(MAIL, 'EHLO one.example', 'QUIT'),
      stage.talk(MAIL, 'EHLO two.example', 'QUIT'),
      stage.talk(MAIL6, 'EHLO three.example', 'QUIT'),
    ]);
    await live.says(/(?:-- closed[\s\S]*){3}/);
    await live.interrupt();
    const lines = live.stdout.slice(0, live.stdout.indexOf('\n\nSummary')).split('\n');
    expect(lines.filter((line) => !/^#[123] /.test(line))).toEqual([]);
    for (const name of ['one', 'two', 'three']) {
      const id = Number(new RegExp(`^#(\\d).* C: EHLO ${name}\\.example$`, 'm').exec(live.stdout)?.[1]);
      expect(dialogueOf(live.stdout, id)).toHaveLength(6);
    }
    // They were held at the same time, and are shown so.
    const order = lines.map((line) => line.slice(0, 2)).join('');
    expect(order).not.toMatch(/^(#\d)\1*(?:(#\d)\2*)(?:(#\d)\3*)$/);
  });

  it('or each session whole, with --group', async () => {
    await stage.serve('slow');
    const live = await stage.live(['v0', '--group']);
    await Promise.all([stage.talk(MAIL, 'EHLO one.example', 'QUIT'), stage.talk(MAIL, 'EHLO two.example', 'QUIT')]);
    await live.says(/^#2 [\s\S]*^#1 |^#1 [\s\S]*^#2 /m);
    await live.interrupt();
    expect(live.stdout).toMatch(/C: EHLO one\.example\n(?:.*\n)*?.*S: 221 2\.0\.0.*\n\n/);
    expect(live.stdout).toMatch(/C: EHLO two\.example\n(?:.*\n)*?.*S: 221 2\.0\.0.*\n\n/);
  });
});

describe('real software', () => {
  it('a message from swaks to aiosmtpd over IPv4', async (context) => {
    needs(context, 'swaks', 'aiosmtpd');
    stage.start('server', PYTHON, ['-m', 'aiosmtpd', '-n', '-c', 'aiosmtpd.handlers.Sink', '-l', `${MAIL}:25`]);
    const live = await stage.live(['v0']);
    const args = ['--server', MAIL, '--ehlo', 'client.example', '--from', 'a@client.example', '--to', 'b@mail.example'];
    for (let attempt = 0; ; attempt++) {
      const client = await stage.run('client', 'swaks', [...args, '--h-Subject', 'Live']);
      if (client.status === 0) break;
      if (attempt === 20) throw new Error(client.stdout + client.stderr);
      await sleep(250);
    }
    await live.says(/: delivered$/m);
    await live.interrupt();
    expect(live.stdout).toMatch(/ S: 220 .*Python SMTP/);
    expect(live.stdout).toMatch(/ C: MAIL FROM:<a@client\.example>/);
    expect(live.stdout).toMatch(/ C: {3}Subject: Live$/m);
    expect(live.stdout).toMatch(/ C: \[message: \d+ bytes\]$/m);
    expect(live.stdout).toMatch(/1 delivered/);
  });

  it('a message from msmtp over IPv6', async (context) => {
    needs(context, 'msmtp');
    await stage.serve('good');
    const live = await stage.live(['v0']);
    const client = stage.start('client', 'msmtp', [
      `--host=${MAIL6}`,
      '--port=25',
      '--domain=client.example',
      '--from=a@client.example',
      '--tls=off',
      '--auth=off',
      'b@mail.example',
    ]);
    client.input('Subject: six\n\nHello\n');
    await client.ended;
    expect(client.stderr).toBe('');
    await live.says(/: delivered$/m);
    await live.interrupt();
    expect(live.stdout).toContain(`[${CLIENT6}]:`);
    expect(live.stdout).toContain(`→ [${MAIL6}]:25`);
  });

  it('the founding case: Postfix without a mechanism for what the relay offers', async (context) => {
    needs(context, 'postfix');
    await stage.serve('founding');
    const live = await stage.live(['v0']);
    const postfix = await stage.postfix({ relay: MAIL, mechanisms: 'gssapi' });
    await postfix.send('b@elsewhere.example');
    await live.says(/-- closed by the \w+ after/);
    await live.says(/^#1 {4}\^\^ error ehlo-quit-auth-offered: /m);
    await live.interrupt();
    await postfix.stop();
    expect(dialogueOf(live.stdout, 1)).toEqual([
      'S: 220 mail.example.ne.jp SMTP-Gateway Version 2.05 at Sun, 12 Aug 2007 22:17:23 +0900 (JST)',
      'C: EHLO client.example',
      'S: 250-mail.example.ne.jp Hello local [192.0.2.7], pleased to meet you',
      'S: 250-AUTH CRAM-MD5 LOGIN PLAIN',
      'S: 250-ENHANCEDSTATUSCODES',
      'S: 250-PIPELINING',
      'S: 250-8BITMIME',
      'S: 250-SIZE 104857600',
      'S: 250-DSN',
      'S: 250-DELIVERBY',
      'S: 250 HELP',
      'C: QUIT',
      'S: 221 2.0.0 mail.example.ne.jp closing connection',
    ]);
    expect(live.stdout).toMatch(/libsasl2-modules/);
  });
});

describe('other ways of the packets', () => {
  it.each(['vlan.pcap', 'vlan-stacked.pcap', 'fragments.pcap', 'fragments-ipv6.pcap'])(
    'frames with tags, and datagrams in pieces: %s',
    async (name) => {
      for (const host of ['client', 'server'] as const) stage.ip(host, 'link', 'set', 'v0', 'mtu', '9000');
      const live = await stage.live(['v0']);
      const replay = stage.replay(capture(`format/${name}`), 200);
      await replay.ended;
      expect(replay.stderr).toBe('');
      await live.says(/-- closed by the/);
      await live.interrupt();
      const saved = await stage.run('client', process.execPath, [BIN, capture(`format/${name}`)]);
      expect(dialogueOf(live.stdout, 1)).toContain('C: QUIT');
      expect(/^ {2}\d+ sessions?: .*$/m.exec(live.stdout)?.[0]).toBe(
        /^ {2}\d+ sessions?: .*$/m.exec(saved.stdout)?.[0],
      );
    },
  );

  it.each([
    ['lo', '127.0.0.1'],
    ['lo', '::1'],
    ['any', '127.0.0.1'],
  ])('%s, %s', async (device, address) => {
    await stage.serve('good', 'client');
    const live = await stage.live([device]);
    await stage.talk(address, 'EHLO client.example', 'QUIT');
    await live.says(/-- closed by the/);
    await live.interrupt();
    expect(dialogueOf(live.stdout, 1)).toHaveLength(7);
  });

  it('a message larger than what a packet of the loopback shows whole: nothing is guessed', async () => {
    await stage.serve('good', 'client');
    const live = await stage.live(['lo']);
    const body = 'Subject: long\\n\\n{1700}.';
    await stage.talk(
      '127.0.0.1',
      'EHLO client.example',
      'MAIL FROM:<a@client.example>',
      'RCPT TO:<b@mail.example>',
      'DATA',
      body,
      'QUIT',
    );
    await live.says(/-- closed by the/);
    await live.interrupt();
    expect(dialogueOf(live.stdout, 1).slice(-4).join('\n')).toMatch(
      /^C: \[message: 132,6\d\d bytes(?:, \d+ of them not captured)?\]\nS: 250 2\.0\.0 Queued\nC: QUIT\nS: 221 /,
    );
  });
});

describe('bytes that were not captured', () => {
  it('are said to be missing while the session is still open', async () => {
    // The client's MAIL, RCPT and DATA: frame 9, then what ends the connection.
    const hole = join(stage.directory, 'hole.pcap');
    writeFileSync(hole, withoutFrames(readFileSync(capture('healthy/postfix-pipelining.pcap')), [9, 12, 13, 14, 15]));
    const live = await stage.live(['v0', '--heartbeat', '500ms']);
    await stage.replay(hole).ended;
    await live.says(/ C: \[gap: 168 bytes of the client not captured\]\n/);
    await live.says(/10 packets, 0 sessions over, 1 open, 168 bytes not captured, \d+ MiB\n/);
    await live.interrupt();
    expect(live.stdout).toMatch(/-- not over after .*incompletely captured/);
    expect(live.stdout).not.toMatch(/MAIL FROM/);
  });
});

/** A classic pcap, little-endian, less these frames. */
function withoutFrames(pcap: Buffer, frames: readonly number[]): Buffer {
  const kept = [pcap.subarray(0, 24)];
  for (let at = 24, frame = 1; at < pcap.length; frame++) {
    const end = at + 16 + pcap.readUInt32LE(at + 8);
    if (!frames.includes(frame)) kept.push(pcap.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

describe('secrets', () => {
  it('are masked in lines as they come, and shown with --reveal', async () => {
    await stage.serve('good');
    const live = await stage.live(['v0']);
    const bare = await stage.live(['v0', '--reveal']);
    await stage.talk(MAIL, 'EHLO client.example', 'AUTH PLAIN AGFubmEAaHVudGVyMg==', 'QUIT');
    for (const running of [live, bare]) {
      await running.says(/-- closed by the/);
      await running.interrupt();
    }
    expect(live.stdout).toMatch(/ C: AUTH PLAIN \*\*\*\*$/m);
    expect(live.stdout).not.toContain('AGFubmEAaHVudGVyMg');
    expect(live.stdout).not.toContain('hunter2');
    expect(bare.stdout).toMatch(/ C: AUTH PLAIN AGFubmEAaHVudGVyMg==$/m);
  });
});

describe('records', () => {
  it('are handed on one by one as sessions end', async () => {
    await stage.serve('plain');
    const live = await stage.live(['v0', '-f', 'ndjson', '--fail-on', 'notice']);
    await stage.talk(MAIL, 'EHLO monitor.example', 'MAIL FROM:<a@client.example>', 'RSET', 'QUIT');
    await live.says(/^\{"type":"session".*\n/);
    const record = JSON.parse(live.stdout);
    expect(record).toMatchObject({ type: 'session', id: 1, client: { address: CLIENT }, capture: 'v0' });
    await live.interrupt();
    expect(schemaErrors(record, 'session')).toEqual([]);
    const summary = JSON.parse(live.stdout.trim().split('\n').at(-1) as string);
    expect(schemaErrors(summary, 'summary')).toEqual([]);
    expect(summary).toMatchObject({ type: 'summary', sessions: 1, captures: [{ name: 'v0', format: 'live' }] });
    // What no file can show: the times are this program’s own. It says nothing of the traffic, so nothing fails for it.
    expect(summary.findings).toEqual({ 'ts-userland': 1 });
    expect(live.status).toBe(0);
  });
});

describe('every format of inspect', () => {
  it('says of a session that was watched what it says of a saved one', async () => {
    await stage.serve('plain');
    const formats = ['text', 'json', 'ndjson', 'html', 'markdown', 'ecs', 'eve', 'zeek', 'zeek-json'];
    const saved = join(stage.directory, 'saved.pcapng');
    const runs = await Promise.all(
      formats.map((format) =>
        stage.live([
          ...['v0', '-f', format, '--group', '--count', '1', '-o', join(stage.directory, format)],
          ...(format === 'json' ? ['--write', saved] : []),
        ]),
      ),
    );
    await stage.talk(MAIL, 'EHLO client.example', 'MAIL FROM:<a@client.example>', 'RCPT TO:<relay@b.example>', 'QUIT');
    await Promise.all(runs.map((run) => run.ended));
    expect(runs.map(({ status }) => status)).toEqual(formats.map(() => 0));
    for (const format of formats) {
      const args = [BIN, '-f', format, '-o', join(stage.directory, `${format}.saved`), saved];
      expect((await stage.run('client', process.execPath, args)).status).toBe(0);
      const [live, again] = [format, `${format}.saved`].map((name) => contentOf(join(stage.directory, name)));
      for (const word of ['relay-denied', 'client.example', '554']) {
        expect(again?.includes(word), `${format}: ${word}`).toBe(live?.includes(word));
      }
      expect(live?.length).toBeGreaterThan(100);
    }
  });

  function contentOf(path: string): string {
    if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8');
    return readdirSync(path)
      .map((name) => readFileSync(join(path, name), 'utf8'))
      .join('\n');
  }
});

describe('the other way in', () => {
  const page = readFileSync(new URL('../../docs/live.md', import.meta.url), 'utf8');

  /** Commands of these names, as they would be on the machine of whom the page is for. */
  function commands(scripts: Readonly<Record<string, string>>): string {
    const folder = join(stage.directory, 'bin');
    mkdirSync(folder);
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    return folder;
  }

  it.for([
    ['dumpcap', /^sudo dumpcap .*$/m, /Capturing on/],
    ['tcpdump', /^ssh mx tcpdump .*$/m, /listening on v0/],
  ] as const)('the page\u2019s pipe from %s, word for word', async ([tool, pattern, ready], context) => {
    needs(context, tool);
    const words = pattern.exec(page)?.[0].replace(' eth0 ', ' v0 ') ?? '';
    expect(words).toContain(' -i v0 ');
    const folder = commands({
      sudo: 'exec "$@"',
      // As sshd does: the words are joined, and a shell reads them again.
      ssh: 'shift; exec sh -c "$*"',
      [tool]: `echo $$ > '${stage.directory}/pid'; exec ${WHERE[tool]} "$@"`,
      smtpscope: `exec '${process.execPath}' '${BIN}' "$@"`,
    });
    await stage.serve('good');
    const path = { PATH: `${folder}:${process.env.PATH}` };
    const piped = stage.start('client', 'bash', ['--norc', '-c', words], path);
    await piped.says(ready);
    await stage.talk(MAIL, `EHLO ${tool}.example`, 'QUIT');
    // What was captured a moment ago may not have been handed on.
    await sleep(1_500);
    process.kill(Number(readFileSync(join(stage.directory, 'pid'), 'utf8')), 'SIGINT');
    await piped.ended;
    expect(piped.status).toBe(0);
    expect(piped.stdout).toMatch(/^#1 [\s\S]* C: QUIT\n[\s\S]* S: 221 2\.0\.0 [\s\S]*\nSummary\n/m);
  });
});

const WHERE = { dumpcap: '/usr/bin/dumpcap', tcpdump: '/usr/bin/tcpdump' } as const;
