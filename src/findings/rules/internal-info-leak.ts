import { authExchanges } from '../../smtp/auth/exchange.ts';
import type { NtlmChallenge } from '../../smtp/auth/model.ts';
import type { Session } from '../../smtp/session.ts';
import type { Turn } from '../../smtp/turn.ts';
import { reachOfSession } from '../addresses.ts';
import { turnShows } from '../evidence.ts';
import { isInClear } from '../in-clear.ts';
import { defineRule, NOTHING } from '../rule.ts';
import { list } from '../words.ts';

interface Data {
  readonly host: string;
  readonly domain: string;
  readonly version: string | null;
}

export default defineRule<Data>({
  id: 'internal-info-leak',
  title: 'The server tells everyone its Windows domain and host name',
  severity: 'notice',
  confidence: 'certain',
  actor: 'server',
  triggers: ['authCommand'],
  needs: { client: 'any', server: 'withhold' },
  explains: [],
  detect(session) {
    if (!session.authentication.some(({ mechanism }) => mechanism === 'NTLM')) return NOTHING;
    const found = challengeInClear(session);
    if (found === null || reachOfSession(session) === 'loopback') return NOTHING;
    const { turn, challenge } = found;
    const host = challenge.dnsHost ?? challenge.netbiosHost;
    const domain = challenge.dnsDomain ?? challenge.netbiosDomain ?? challenge.dnsForest ?? challenge.target;
    if (host === null || domain === null) return NOTHING;
    return [{ evidence: [turnShows(turn, 'the NTLM challenge')], data: { host, domain, version: challenge.version } }];
  },
  message: ({ host, domain, version }) =>
    `The server’s NTLM challenge, in clear, names ${list([
      `the host ${host.slice(0, 100)}`,
      `the domain ${domain.slice(0, 100)}`,
      ...(version === null ? [] : [`version ${version} of Windows`]),
    ])}`,
  explanation: `Whoever sends AUTH NTLM, with any name and no password, is answered with a challenge in which a Windows server puts its host name, its domain and the build of its system. Samba, which answers for Dovecot and others, does the same, with a version of Windows (6.1.0) that says nothing. Attackers ask for it first thing: it tells how the inner network is named, which patches are missing, and what form user names have. Inside TLS strangers on the path cannot read it; who asks still can.

That these names went over the wire in clear is certain.`,
  falseAlarms: [
    'A server for the own network alone, which strangers cannot reach.',
    'A challenge that carries no host and domain: not raised.',
  ],
  causes: () => [
    'NTLM (integrated Windows authentication) is switched on for a receive connector that the internet can reach.',
    'The login service offers NTLM: Dovecot with auth_use_winbind lets Samba’s ntlm_auth answer.',
    'A scanner asked on purpose: it breaks off after the challenge.',
  ],
  remedies: () => [
    {
      applies: 'Microsoft Exchange',
      text:
        'Take Integrated from the authentication of connectors that face the internet; basic authentication after TLS is ' +
        'what clients need there.',
      commands: [
        'Get-ReceiveConnector | Format-List Identity,Bindings,AuthMechanism',
        'Set-ReceiveConnector "EX1\\Client Frontend EX1" -AuthMechanism Tls,BasicAuth,BasicAuthRequireTLS',
      ],
    },
    {
      applies: 'Postfix or Sendmail as server',
      text: 'Leave NTLM out of the mechanisms: mech_list in smtpd.conf of Cyrus SASL, auth_mechanisms in Dovecot.',
      commands: ['doveconf auth_mechanisms', 'postconf smtpd_sasl_mechanism_filter'],
    },
    {
      applies: 'anyone, to see what a server tells',
      text: 'nmap asks and prints it.',
      commands: ['nmap -p 25,587 --script smtp-ntlm-info mail.example.net'],
    },
  ],
  references: [
    {
      title: 'MS-NLMP §2.2.1.2: CHALLENGE_MESSAGE',
      url: 'https://learn.microsoft.com/openspecs/windows_protocols/ms-nlmp/801a4681-8809-4be9-ab0d-61dcfe762786',
    },
    { title: 'nmap: smtp-ntlm-info', url: 'https://nmap.org/nsedoc/scripts/smtp-ntlm-info.html' },
  ],
});

function challengeInClear(session: Session): { turn: Turn; challenge: NtlmChallenge } | null {
  for (const { steps } of authExchanges(session)) {
    for (const { turn, content } of steps) {
      if (content.kind === 'ntlm-challenge' && isInClear(session, turn.index)) return { turn, challenge: content };
    }
  }
  return null;
}
