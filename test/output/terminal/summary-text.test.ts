import { describe, expect, it } from 'vitest';
import type { Step, Story } from '../../../src/findings/across/story.ts';
import type { CrossFinding } from '../../../src/findings/rule.ts';
import { finding, foundingReport, report, START_US, summary } from '../../support/reports.ts';
import { endOf, plainWriter, textOf } from '../../support/terminal.ts';

describe('the summary', () => {
  it('says first what matters most, then counts', () => {
    const writer = plainWriter();
    textOf(writer, report('S: 220 x', { id: 1 }, [finding({ rule: 'helo-name', severity: 'notice' })]));
    textOf(writer, foundingReport());
    const text = endOf(
      writer,
      summary({
        sessions: 2,
        selected: 2,
        outcomes: new Map([
          ['aborted', 1],
          ['idle', 1],
        ]),
        warnings: ['The end is cut.'],
      }),
    );
    expect(text).toBe(`\
Summary
  error ehlo-quit-auth-offered: The server offered AUTH CRAM-MD5 LOGIN PLAIN and
    the client said QUIT 3.4 ms later, without trying one. (session #2)

  2 sessions: 1 aborted, 1 no mail asked for

  Findings
    1  error     ehlo-quit-auth-offered  #2
    2  notice    helo-name               #1, #2
    What a notice means: smtpscope explain helo-name, for example.

  Read relay.pcap: pcap, 20 packets, 1,930 bytes

  Warning: The end is cut.
`);
  });

  it('names a rule of many sessions once, with the first of them', () => {
    const writer = plainWriter();
    for (let id = 1; id <= 1200; id++)
      textOf(writer, { ...foundingReport(), session: { ...foundingReport().session, id } });
    const text = endOf(writer, summary({ sessions: 1500, selected: 1200, outcomes: new Map([['aborted', 1200]]) }));
    expect(text.split('\n')[1]).toContain('error ehlo-quit-auth-offered: AUTH offered');
    expect(text).toContain('(#1, #2, #3, #4, #5, …; 1,200 of 1,200');
    expect(text).toContain('1,200 of 1,500 sessions selected: 1,200 aborted');
  });

  it('counts a rule that is an error here and a notice there apart', () => {
    const writer = plainWriter();
    textOf(writer, report('S: 220 x', { id: 1 }, [finding({ severity: 'notice' })]));
    textOf(writer, report('S: 220 x', { id: 2 }, [finding()]));
    const text = endOf(writer, summary({ sessions: 2, selected: 2 }));
    expect(text.split('\n').slice(1, 3).join(' ')).toContain('(session #2)');
    expect(text).toContain(
      '    1  error     ehlo-quit-auth-offered  #2\n    1  notice    ehlo-quit-auth-offered  #1\n',
    );
  });

  it('is calm where nothing went wrong, and says when there was nothing', () => {
    expect(endOf(plainWriter(), summary({ outcomes: new Map([['delivered', 1]]) }))).toContain(
      'Nothing went wrong in what was captured.',
    );
    expect(endOf(plainWriter(), summary({ sessions: 0, selected: 0, outcomes: new Map() }))).toContain(
      'No SMTP session was found.',
    );
    expect(endOf(plainWriter(), summary({ sessions: 3, selected: 0, outcomes: new Map() }))).toContain(
      'None of 3 sessions was selected.',
    );
    expect(endOf(plainWriter(), summary())).toContain('No finding above notice');
  });

  it('tells what spans sessions', () => {
    const linked = {
      ...finding({ rule: 'linked-failures', severity: 'warning', message: 'Two failures, one relay.' }),
      sessions: [1, 2],
    };
    const text = endOf(plainWriter(), summary({ crossFindings: [linked] }));
    expect(text).toContain('    warning linked-failures: Two failures, one relay. (#1, #2)\n');
    expect(text.split('\n')[1]).toContain('warning linked-failures');
  });

  it('tells what happened to a mail, in order', () => {
    const text = endOf(plainWriter(), summary({ crossFindings: [putOff()] }));
    expect(text).toContain(`\
  What happened to one mail
    mail <a-test@client.example> from anna@client.example to anna@mail.example:
      2007-08-12T13:17:23Z put off by 192.0.2.25 (greylisting, 451, session #1),
      13:32:23Z accepted (session #4)
`);
  });

  it('tells fast steps with milliseconds, other servers and clients by name, and the null sender as such', () => {
    const steps = [
      step({ kind: 'accepted' }),
      step({ kind: 'accepted', timeUs: START_US + 1e5, client: '192.0.2.25', server: '192.0.2.99' }),
    ];
    const text = endOf(
      plainWriter({ columns: 200 }),
      summary({ crossFindings: [putOff({ from: '', messageId: null, others: 2, steps })] }),
    );
    expect(text.replace(/\s+/g, ' ')).toContain(
      'mail from <> to anna@mail.example and 2 other recipients: 2007-08-12T13:17:23.316Z accepted by 192.0.2.25 (session #1), ' +
        '13:17:23.416Z accepted by 192.0.2.99 from 192.0.2.25 (session #1)',
    );
  });

  it('tells what came of each try', () => {
    const kinds = ['unanswered', 'tried', 'deferred', 'rejected'] as const;
    const steps = kinds.map((kind, i) =>
      step({
        kind,
        session: i + 1,
        timeUs: START_US + i * 86_400e6,
        code: kind === 'rejected' ? 550 : kind === 'deferred' ? 450 : 0,
      }),
    );
    const text = endOf(plainWriter({ columns: 200 }), summary({ crossFindings: [putOff({ steps })] }));
    expect(text.replace(/\s+/g, ' ')).toContain(
      '2007-08-12T13:17:23Z sent whole to 192.0.2.25, never answered (session #1), 2007-08-13T13:17:23Z begun, not finished ' +
        '(session #2), 2007-08-14T13:17:23Z refused for now (450, session #3), 2007-08-15T13:17:23Z refused (550, session #4)',
    );
  });

  it('tells long stories and many stories in short, each mail once', () => {
    const steps = Array.from({ length: 16 }, (_, i) => step({ session: i + 1, timeUs: START_US + i * 600e6 }));
    const findings = Array.from({ length: 8 }, (_, i) => putOff({ to: `u${i}@mail.example`, steps }));
    const text = endOf(plainWriter(), summary({ crossFindings: [...findings, ...findings] }));
    expect(text.match(/ mail <a-test/g)).toHaveLength(5);
    expect(text).toContain('    and 3 other mails of the findings above\n');
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /session #4\), 10 tries more, \S+ put off \(greylisting, 451, session #15\)/,
    );
  });

  it('lets nothing from the wire through', () => {
    const text = endOf(plainWriter(), summary({ crossFindings: [putOff({ messageId: '<\x1b[2J@x.example>' })] }));
    expect(text).not.toContain('\x1b');
  });
});

function step(facts: Partial<Step> = {}): Step {
  const usual = { session: 1, timeUs: START_US, kind: 'greylisted', code: 451 } as const;
  return { ...usual, client: '198.51.100.7', server: '192.0.2.25', ...facts };
}

function putOff(facts: Partial<Story> = {}): CrossFinding & { stories: readonly Story[] } {
  const story: Story = {
    messageId: '<a-test@client.example>',
    from: 'anna@client.example',
    to: 'anna@mail.example',
    others: 0,
    steps: [step(), step({ session: 4, timeUs: START_US + 900e6, kind: 'accepted', code: 250 })],
    ...facts,
  };
  return { ...finding({ rule: 'greylisting', severity: 'notice' }), sessions: [1, 4], stories: [story] };
}
