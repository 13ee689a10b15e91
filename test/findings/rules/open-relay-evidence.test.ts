import { testRule } from '../support/expect.ts';
import { type WireOptions, wire } from '../support/wire.ts';

interface Mail {
  readonly name?: string;
  readonly from?: string;
  readonly to: string;
  readonly accepted?: boolean;
  readonly greeting?: string;
  readonly login?: boolean;
  readonly only?: 'rcpt';
}

function session(mail: Mail, options: WireOptions = {}) {
  const { name = 'dialup.isp.example', from = 'x@shop.example', to, accepted = true, greeting = 'mx.example' } = mail;
  const login = mail.login === true ? 'C: AUTH PLAIN AGFubmEAc2VjcmV0\nS: 235 ok\n' : '';
  const data = mail.only === 'rcpt' || !accepted ? '' : 'C: DATA\nS: 354 go\nC: Subject: x\nC: \nC: .\nS: 250 queued\n';
  return wire(
    `S: 220 ${greeting} ESMTP\nC: EHLO ${name}\nS: 250-${greeting}\nS: 250 AUTH PLAIN\n${login}C: MAIL FROM:<${from}>\nS: 250 ok\n` +
      `C: RCPT TO:<${to}>\nS: ${accepted ? '250 ok' : '554 5.7.1 Relay access denied'}\n${data}C: QUIT\nS: 221 bye`,
    options,
  );
}

testRule(
  'open-relay-evidence',
  [
    {
      name: 'a percent sign, accepted',
      session: session({ to: 'probe%elsewhere.example@mx.example', only: 'rcpt' }),
      severity: 'warning',
      confidence: 'hint',
      message: /accepted a recipient from 198\.51\.100\.7.*asks it to pass the mail on to elsewhere\.example/,
      firstCause: /inside an address/,
    },
    {
      name: 'a quoted address',
      session: session({ to: '"probe@elsewhere.example"@mx.example' }),
      message: /took a message/,
    },
    { name: 'a source route', session: session({ to: '@mx.example:probe@elsewhere.example' }) },
    { name: 'a bang path', session: session({ to: 'elsewhere.example!probe' }) },
    {
      name: 'mail for a mailbox provider at somebody else’s server',
      session: session({ to: 'someone@gmail.com' }),
      message: /whose mail belongs to gmail\.com and not to it/,
      firstCause: /known to the server by its address/,
    },
  ],
  [
    { name: 'mail for the server’s own domain', session: session({ to: 'b@mx.example' }) },
    { name: 'mail for a domain that it may host', session: session({ to: 'b@customer.example' }) },
    { name: 'refused', session: session({ to: 'probe%elsewhere.example@mx.example', accepted: false }) },
    { name: 'after a login', session: session({ to: 'someone@gmail.com', login: true }) },
    { name: 'from a private address', session: session({ to: 'someone@gmail.com' }, { client: '10.0.0.5' }) },
    { name: 'at the provider’s own server', session: session({ to: 'someone@gmail.com', greeting: 'mx.google.com' }) },
    {
      name: 'a smarthost for the client’s own domain',
      session: session({ name: 'mail.shop.example', to: 'someone@gmail.com' }),
    },
    { name: 'from the server’s own domain', session: session({ from: 'a@mx.example', to: 'someone@gmail.com' }) },
    { name: 'the recipient alone', session: session({ to: 'someone@gmail.com', only: 'rcpt' }) },
    { name: 'a percent sign that names no domain', session: session({ to: '50%off@mx.example' }) },
    { name: 'a quoted local part', session: session({ to: '"anna b"@mx.example' }) },
    { name: 'a route to the server’s own domain', session: session({ to: '@relay.example:b@mx.example' }) },
    {
      name: 'the login lies in a hole',
      session: wire(
        'S: 220 mx.example\nC: EHLO a.isp.example\nS: 250 ok\n--gap 30 C--\nS: 235 ok\nC: MAIL FROM:<x@shop.example>\nS: 250 ok\nC: RCPT TO:<y@gmail.com>\nS: 250 ok\nC: DATA\nS: 354 go\nC: .\nS: 250 ok',
      ),
    },
  ],
);
