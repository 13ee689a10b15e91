import { describe, expect, it } from 'vitest';
import { finding, foundingReport, report, summary } from '../../support/reports.ts';
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
});
