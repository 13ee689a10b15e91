import { turnShows } from '../evidence.ts';
import { replyTo } from '../in-clear.ts';
import { rareCommands } from '../rare-commands.ts';
import { defineRule, NOTHING, postconf, rfc } from '../rule.ts';

type RoleVerb = 'TURN' | 'ATRN' | 'ETRN';

interface Data {
  readonly verb: RoleVerb;
  readonly domain: string;
  readonly code: number;
}

const CAUSE = {
  dialup: 'A server that is not always connected (dial-up, mobile) fetches the mail that its provider keeps for it.',
  backup: 'After a failure a mail server asks its backup exchanger to send what it has kept (ETRN).',
  probe: 'A scanner tries what the server would hand out.',
} as const;

export default defineRule<Data>({
  id: 'turn-etrn-atrn',
  title: 'The client asks for the mail that waits for it',
  severity: 'notice',
  confidence: 'certain',
  actor: null,
  triggers: ['rareCommand'],
  needs: { client: 'any', server: 'any' },
  explains: [],
  detect(session) {
    const rare = rareCommands(session);
    if (rare.length === 0) return NOTHING;
    const command = rare.find(({ verb }) => isRoleVerb(verb));
    if (command === undefined) return NOTHING;
    const reply = replyTo(session, command);
    return [
      {
        evidence: [
          turnShows(command, 'the request'),
          ...(reply === null ? [] : [turnShows(reply, reply.code < 400 ? 'is granted' : 'is refused')]),
        ],
        data: {
          verb: command.verb as RoleVerb,
          domain: (command.argument ?? '').slice(0, 100),
          code: reply?.code ?? 0,
        },
      },
    ];
  },
  message: ({ verb, domain, code }) =>
    `The client sent ${verb}${domain === '' ? '' : ` ${domain}`}${
      code === 0
        ? ', and no reply was seen'
        : code >= 400
          ? `, which the server refused (${code})`
          : verb === 'ETRN'
            ? `: the server is to send what waits, on connections of its own (${code})`
            : `, and the roles change: from here on the server sends and the client receives (${code})`
    }`,
  explanation: `Three commands ask a server for mail that it keeps: ETRN makes it try the queue for a domain, on new connections to wherever DNS says; ATRN, after a login, turns the connection round, so that the server becomes the client; TURN does that without any login and has long been withdrawn, since whoever gives the right name gets the mail.

After a TURN or ATRN that was granted the two sides of this session change places: the server’s lines are commands then, and the client’s are replies. They are shown as such; rules judge what came before.

That it was asked is certain.`,
  falseAlarms: ['A provider that offers ETRN or ATRN to its customers: in order.'],
  causes: (data) =>
    data?.verb === 'ETRN' ? [CAUSE.backup, CAUSE.dialup, CAUSE.probe] : [CAUSE.dialup, CAUSE.probe, CAUSE.backup],
  remedies: () => [
    {
      applies: 'Postfix as server',
      text: 'fast_flush_domains are the domains for which ETRN works, smtpd_etrn_restrictions who may ask. TURN and ATRN it does not know.',
      commands: ['postconf fast_flush_domains smtpd_etrn_restrictions smtpd_discard_ehlo_keywords'],
    },
    {
      applies: 'Exim as server',
      text: 'Without acl_smtp_etrn every ETRN is refused. TURN and ATRN it does not know.',
      commands: ['exim -bP acl_smtp_etrn smtp_etrn_command'],
    },
    {
      applies: 'Sendmail as server',
      text: "noetrn in confPRIVACY_FLAGS refuses ETRN: define(`confPRIVACY_FLAGS', `authwarnings,novrfy,noexpn,noetrn')dnl.",
      commands: ['make -C /etc/mail restart'],
    },
  ],
  references: [
    rfc(1985),
    rfc(2645),
    { title: 'RFC 5321 appendix F.1', url: 'https://www.rfc-editor.org/rfc/rfc5321#appendix-F.1' },
    postconf('smtpd_etrn_restrictions'),
  ],
});

function isRoleVerb(verb: string | null): verb is RoleVerb {
  return verb === 'ETRN' || verb === 'TURN' || verb === 'ATRN';
}
