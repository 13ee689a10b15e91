/**
 * What a refusal is about, read from its verb, its codes and the server's words: one table, first row that fits.
 *
 * A row fits when all that it names fits. Rows stand in the order of how much they know: words and codes that mean one
 * thing only come before those that servers use for many (`5.7.1`, `550`, `try again later` mean nothing by themselves).
 * The words are matched without the addresses in them, since a name such as relay.example or spam@example.net is no
 * reason. Every pattern is linear on a text that is cut to WORDS_LIMIT.
 */

/** Which rule speaks for a refusal. `other`: rejected-other and deferred-other. */
export const REFUSAL_KINDS = [
  'helo',
  'authentication',
  /** The login may not use this sender; only with a login. */
  'identity',
  'tls',
  'relay',
  'user-unknown',
  'null-mx',
  'sender-domain',
  'dnsbl',
  'spf',
  'dkim',
  'dmarc',
  'rdns',
  'greylisting',
  'rate-limit',
  'mailbox-full',
  'size-declared',
  'size-of-message',
  'recipients',
  'null-sender',
  'sender',
  'content',
  'smtputf8',
  'local-error',
  'closing',
  'other',
] as const;
export type RefusalKind = (typeof REFUSAL_KINDS)[number];

/** A refusal as the table looks at it. */
export interface RefusedCommand {
  /** `message` for what DATA carried. */
  readonly verb: string;
  readonly code: number;
  readonly enhancedCode: string | null;
  /** The server's text, codes left out, lines joined by a space. */
  readonly text: string;
  /** The reverse-path of the transaction; null outside of one. */
  readonly from: string | null;
  /** Recipients that the transaction had before this command. */
  readonly accepted: number;
  /** A reply behind a hole may have been matched with another command than the one that it answers. */
  readonly afterHole: boolean;
}

export interface Classed {
  readonly kind: RefusalKind;
  /** The class is certain; else likely, by the server's words alone. */
  readonly sure: boolean;
}

interface Row {
  readonly kind: RefusalKind;
  readonly sure: boolean;
  /** Any verb of the envelope or a greeting command when absent. */
  readonly verbs?: readonly string[];
  /** Reply codes; a digit stands for its class. Any when absent. */
  readonly codes?: readonly number[];
  /** Enhanced status codes without their class: `7.1`, `3.` for all of that subject. */
  readonly status?: readonly string[];
  readonly words?: RegExp;
  /** Also looks at the reverse-path. */
  readonly ofNullSender?: boolean;
  readonly afterRecipients?: boolean;
  readonly unless?: RegExp;
}

const WORDS_LIMIT = 2048;
const ENVELOPE: readonly string[] = ['MAIL', 'RCPT', 'DATA', 'BDAT', 'message'];
const MESSAGE: readonly string[] = ['BDAT', 'message'];
const TRANSFER: readonly string[] = ['DATA', 'BDAT', 'message'];
const RECIPIENT: readonly string[] = ['RCPT', ...TRANSFER];

/** A list that says: your resolver asks too much, or is a public one. That is no listing (Spamhaus: 127.255.255.x). */
export const LIST_REFUSES_SERVER =
  /\b127\.255\.255\.\d|\b(?:open|public)(?:\/open)? (?:dns )?resolver|\/returnc\/(?:pub|vol|exc|tld)|\b(?:excessive|too many) (?:number of )?(?:dns )?queries|\bquery (?:limit|volume) |\bblocked due to query volume/i;

/** Blocklists, and the reputation services that work like one, by what servers call them. */
export const LIST_NAMES =
  /\b(?:spamhaus|zen\.|sbl-?xbl|xbl\b|spamcop|sorbs|barracuda|uceprotect|psbl|mailspike|invaluement|ivm(?:sip|uri)\b|abusix|spamrats|hostkarma|abuseat|\bcbl\b|nixspam|ix\.dnsbl|manitu|backscatterer|0spam|s5h\.net|truncate\.gbudb|cloudmark|csi\.|ipcheck\.proofpoint|proofpoint dynamic reputation|senderscore|talosintelligence|senderbase|fusionzero|spfbl|spameatingmonkey|dronebl|wpbl|njabl|dsbl\b|ahbl|lashback|nordspam|gbudb|dnswl\.org\/s|trendmicro\.com\/ers|kundenserver\.de\/list|junkemailfilter|bl\.[a-z0-9-]+\.[a-z]|rbl\.[a-z0-9-]+\.[a-z]|dnsbl[.-][a-z0-9-]+\.[a-z]|S3150|S3140|OU-00\d|SC-00\d)/i;

const LISTED =
  /\bblock(?:ed|ing)? (?:using|by|at|via)\b|\b(?:is|are|been|was|host|client|address|ip|currently|found) (?:\w+ )?(?:listed|blocklisted|blacklisted|block listed|black listed)\b|\blisted (?:in|at|on|by)\b|\b(?:black|block|deny) ?-?lists?\b|\b(?:black|block)listed\b|\bDNSBLs?\b|\bRBLs?\b|\bbanned sending IP\b|\bbanned sender ?\[|\b(?:poor|bad|low|none\/bad) (?:\w+ )?reputation\b|\breputation\b.{0,30}\b(?:poor|bad|low)\b|\bbecause of (?:its|your|their) reputation\b/i;

const REVERSE_NAME =
  /\breverse[- ]?(?:dns|lookup|host ?name|name|mapping|record|ip|entry|resol)|\brDNS\b|\bPTR\b|\bcannot find your (?:reverse )?host ?name|\bIP name lookup failed|\bpossibly forged|\bclient ip address\b.{0,60}\bdoes not resolve|\bforward(?:-| )confirmed|\bunresolvable relay host|\bcannot resolve your (?:address|ip)|[?&]c=rdns\b/i;

const RATE =
  /\brate[- ]?limit|\brate\b|\bthrottl|\bconcurren|\btoo many (?:(?:concurrent|simultaneous|open|new|active|smtp|tcp|parallel|incoming) )*(?:connections?|sessions?|messages|mails?|e-?mails|connects|requests|transactions|tls sessions|auth commands|recipients from)\b|\btoo much (?:mail|e-?mail|traffic)|\bthread limit exceeded|\b(?:maximum|allowed|exceeded?s?) (?:\w+ ){0,3}(?:number of )?(?:connections|messages|sessions)\b|\b(?:connection|message|sending|session|hourly|daily|volume|relay) (?:\w+ )?(?:limit|quota)\b|\bunusual(?:ly)? (?:\w+ )?(?:rate|volume|traffic)|\bunexpected volume|\btoo (?:quickly|fast)\b|\bslow(?:er|ing)? down\b|\btry (?:again )?slower|\btrop de connexions|\b(?:per|this) (?:second|minute|hour|day)\b|\bfrequency limit|\bexcessive (?:volume|rate|traffic)/i;

const FULL =
  /\b(?:over|exceed\w*|out of|insufficient) (?:\w+ ){0,3}(?:quota|storage|disk ?space)\b|\bquota (?:\w+ ){0,2}(?:exceed|full|reached|violation)|\boverquota|\b(?:mailbox|inbox|account|user|recipient|mail box|maildir|storage)\b(?: \w+){0,4} (?:is |are )?(?:full|over (?:its |the )?quota|has exceeded)|\bfull mailbox|\bmailbox (?:size )?limit|\bno space left in mailbox|\bexceeded storage allocation/i;

const SIZE =
  /\b(?:message|mail|e-?mail|content|body|header|file|size)\b(?: \w+){0,4} (?:too (?:big|large|long)|exceeds?|exceeded|larger than|over (?:the )?limit)|\bexceeds? (?:\w+ ){0,5}(?:size|maximum|fixed limit)|\btoo (?:big|large) (?:a )?(?:message|mail|for this)|\b(?:maximum|fixed) (?:message )?size\b/i;

const UNKNOWN_USER =
  /\b(?:no such|unknown|invalid|non-?existent|inactive|nonexisting) (?:\w+ )?(?:user|users|recipient|recipients|mailbox|account|address|person|local[- ]part|virtual user|id|customer|domain user)\b|\b(?:user|recipient|recipients|mailbox|account|address|addressee|alias|rcpt|mail ?box|username)\b[^.;]{0,60}\b(?:unknown|not found|does(?: not|n'?t) exist|not exist|do not exist|doesn'?t have a|no longer|disabled|inactive|deactivated|not active|suspended|closed|discontinued|not (?:a |an )?(?:known|valid|recogni[sz]ed|local)|unrecogni[sz]ed|not listed|isn'?t (?:known|valid)|unavailable|not available)\b|\bno (?:mailbox|mail ?box|mail-box|account|one)\b[^.;]{0,24}\b(?:by that name|here|that (?:name|address)|found)\b|\bnot our customer|\bdelivery error: dd\b|\bRecip(?:ient)?NotFound\b|\bNoSuchUser\b|\bDisabledUser\b|\bdestinataire\b[^.;]{0,20}\binvalide|\butilisateur inconnu|\bunbekannt|\bdestinatario sconosciuto|\bbadrcptto\b|\bno valid (?:mailbox|recipient)\b|\bmay not exist\b|\bcan'?t accept user/i;

const SENDER_DOMAIN =
  /\bdomain of sender(?: address)?\b|\b(?:sender|mail from|from address|envelope|return[- ]path)\b.{0,60}\bdomain\b.{0,60}\b(?:not found|n[o']t exist|n[o']t resolve|unresolvable|no (?:valid )?(?:mx|a record)|has no\b|cannot be found|must exist|must resolve|resolv\w* fail)|\bsender domain (?:not|un|resolve|must|does|has no|is invalid|invalid)|\bfind a valid MX\b|\binvalid DNS MX or A\b|\bhas no A, AAAA, or MX\b|\bsender\b.{0,60}\bdomain not found|\bsender\b.{0,60}\bunresolvable/i;

const SENDER =
  /\bsender(?:'s)?(?: e-?mail| mail)?(?: address)?\b.{0,60}\b(?:reject\w*|denied|not (?:allowed|authori[sz]ed|permitted|accepted|valid|local|owned)|refused|blocked|invalid|unknown|verif\w*|forbidden|permission|syntax|does(?: not|n'?t) exist|blacklisted|blocklisted|prohibited|not approved|pre-?approved)|\b(?:invalid|bad|forged|unknown|unverified|unauthori[sz]ed|blocked|reject\w*) (?:\w+ )?sender\b|\b(?:envelope|header)[- ]?from\b|\bmail from(?:[:<]| (?:address|not|is not|rejected)\b)|\bfrom (?:address|header|domain)\b|\breturn[- ]path\b|\breverse[- ]path\b|\bsend (?:mail )?(?:as|from) (?:this|that) (?:sender|address|user)|\bsend as\b|\bnot owned by\b|\bbad outbound sender\b|\bSenderNot|\bemetteur invalide\b|\bexpediteur\b|\bcallback verification\b|\bbadmailfrom\b/i;

const CONTENT =
  /\bspam\w*|\bDT:SPM\b|\bvirus|\bmalware|\bmalicious|\bphish|\bcontent\b|\battachment|\bsuspicious|\bjunk|\bunsolicited|\bU[BC]E\b|\bpolic(?:y|ies)\b|\bfilter|\bbanned\b|\bprohibited|\bscored?\b|\binfected|\bheaders?\b|\bMIME\b|\bRFC ?\d?[25]822|\bRFC ?5322|\bRFC compliant|\bdangerous|\bexecutable|\bsignature|\bquarantin|\babus(?:e|ive)\b|\bURIBL|\bSURBL|\bURL\b|\bbody\b|\bnot wanted|\bunwanted|\bbulk mail|\bblocked\b|\bsubject\b|\bmessage (?:was )?(?:rejected|refused) (?:as|by|due|for|because)|\bspoof/i;

const GREYLISTED = /\bgr[ae]y[- ]?list|\bpostgrey|\bsqlgrey|\bmilter-greylist|\bgreylst/i;

/** Words about relaying or a login that refuse the client or the recipient: a list, an Exchange group for insiders. */
const NO_RELAYING = new RegExp(`${LISTED.source}|\\bRESOLVER\\.RST\\.|\\bdelivery restriction\\b`, 'i');

const RELAYING =
  /\brelay(?:ing)?\b.{0,40}\b(?:denied|prohibited|refused|rejected|disallowed|forbidden|not (?:permitted|allowed|authori[sz]ed))|\b(?:do(?:es)? not|don't|won't|not allowed to|isn't allowed to|not permitted to|not authori[sz]ed to|cannot|can't|unable to|refuse to|no|not) relay|\brcpthosts\b|\b(?:authentication (?:is )?required|must authenticate|need to authenticate|authenticate first|turn on smtp authentication|requires authentication when)\b/i;

/** Own trouble of the server, in words for servers that give no enhanced code. */
const OWN_TROUBLE =
  /\blocal (?:error|problem|configuration error)|\b(?:system|database|ldap|mysql|sql|address|table|map|internal) (?:\w+ )?(?:lookup )?(?:failure|problem|error)|\blookup failure|\bserver configuration (?:error|problem)|\b(?:insufficient|out of) (?:\w+ )?(?:system )?(?:storage|disk|memory|resources|space)|\bdisk full|\bqueue file write error|\bno space left on|\bunable to (?:write|create|open) (?:\w+ )?(?:file|spool|queue)/i;

const TABLE: readonly Row[] = [
  // TLS wanted: words that mean nothing else.
  {
    kind: 'tls',
    sure: true,
    words: /\bissue\b.{0,20}\bSTARTTLS\b|\bsession encryption is required|\bTLS required for/i,
  },
  // Gmail: 4.7.29 and 5.7.29.
  { kind: 'tls', sure: true, status: ['7.10', '7.29'], words: /\b(?:STARTTLS|TLS|SSL|encrypt\w*)/i },

  // Addresses beyond ASCII (RFC 6531 §3.5).
  { kind: 'smtputf8', sure: true, status: ['6.7', '6.9'] },
  { kind: 'smtputf8', sure: true, words: /\bSMTPUTF8\b|\bnon-?ascii (?:\w+ )?(?:address|character|recipient|sender)/i },

  // Null MX (RFC 7505 §4.2). Gmail gives 5.7.27 to mail that fails SPF.
  { kind: 'null-mx', sure: true, codes: [556] },
  { kind: 'null-mx', sure: true, words: /\bnull[- ]?mx\b/i },
  { kind: 'null-mx', sure: true, status: ['7.27'], unless: /\bSPF\b|\bDKIM\b|\bauthenticat/i },

  // Greylisting says so.
  { kind: 'greylisting', sure: false, verbs: ENVELOPE, codes: [4], words: GREYLISTED },

  // Relaying, at RCPT. Sendmail adds the reverse name to it: `Relaying denied. IP name lookup failed`.
  { kind: 'relay', sure: true, verbs: ['RCPT'], status: ['7.54'] },
  { kind: 'relay', sure: true, verbs: ['RCPT'], words: RELAYING, unless: NO_RELAYING },

  // A sender that cannot be verified. cPanel's text guesses at blocklists.
  {
    kind: 'sender-domain',
    sure: true,
    verbs: ENVELOPE,
    words: /\bunrouteable address\b.{0,60}\bsender verify failed|\ball relevant MX\b.{0,80}\bsender verify failed/i,
  },
  { kind: 'sender', sure: true, verbs: ENVELOPE, words: /\bsender verif(?:y|ication) failed/i },

  // Sender authentication.
  {
    kind: 'dmarc',
    sure: true,
    words: /\bDMARC\b|\bDmarcRejection/i,
    unless:
      /\b(?:temporary|lookup|temp) .{0,30}(?:failure|error)|\bauthentication level\b|\bmeet the (?:required )?authentication/i,
  },
  { kind: 'dmarc', sure: false, status: ['7.509', '7.515', '7.32'] },
  // Fix the one that is named; where both are, neither passed.
  { kind: 'rdns', sure: true, status: ['7.25'] },
  // Gmail slows down who has no name.
  { kind: 'rdns', sure: true, status: ['7.23'], words: REVERSE_NAME },
  { kind: 'spf', sure: true, status: ['7.23', '7.24'], unless: REVERSE_NAME },
  { kind: 'dkim', sure: true, status: ['7.20', '7.21', '7.22'] },
  {
    kind: 'dmarc',
    sure: false,
    words:
      /\bSPF\b.{0,200}\bDKIM\b|\bDKIM\b.{0,200}\bSPF\b|\bsender is unauthenticated\b|\bunauthenticated e?-?mail\b|\bsending domain\b.{0,60}\bauthentication\b/i,
  },
  {
    kind: 'spf',
    sure: false,
    words:
      /(?<![\w./@-])SPF(?![\w@-]|\.\w)|\bopenspf\b|\bsender policy framework|\bspf\.pobox\b|\bSPF_?(?:fail|reject)/i,
  },
  { kind: 'dkim', sure: false, words: /(?<![\w./@-])DKIM(?![\w@]|\.\w)/i },
  { kind: 'dmarc', sure: false, status: ['7.26'] },

  // Rates before lists: Outlook.com limits a rate because of a reputation.
  {
    kind: 'rate-limit',
    sure: false,
    codes: [4],
    words: RATE,
    unless: /\bquota\b.{0,30}\b(?:mailbox|inbox|user)|\b(?:mailbox|inbox)\b.{0,30}\bquota/i,
  },

  // Blocklists. A link or a domain in the message is content.
  {
    kind: 'content',
    sure: false,
    verbs: MESSAGE,
    words:
      /\b(?:URLs?|URIs?|links?|URIBL|SURBL)\b.{0,60}\b(?:listed|black|block)|\b(?:listed|black|block)\w*\b.{0,40}\b(?:URLs?|URIs?|URIBL|SURBL)\b/i,
  },
  { kind: 'dnsbl', sure: true, words: LIST_REFUSES_SERVER },
  // A verdict on the message that speaks of reputation.
  {
    kind: 'content',
    sure: false,
    verbs: MESSAGE,
    words: /\b(?:suspicious|unsolicited)\b/i,
    unless: /\b(?:black|block) ?-?list|\blisted\b|\bspamhaus\b/i,
  },
  {
    kind: 'sender',
    sure: true,
    verbs: ENVELOPE,
    words: /\b(?:e-?mail|sender(?:'s)?|from) address (?:has been |is |was )?(?:on (?:\w+ )?)?(?:black|block)/i,
    unless: /\bIP\b|\d\.\d{1,3}\.\d{1,3}\.\d|\bDBL\b|\bspamhaus\b|\bblocked using\b/,
  },
  { kind: 'dnsbl', sure: true, words: LIST_NAMES, unless: /\bauthentication results\b/i },
  {
    kind: 'dnsbl',
    sure: true,
    words: /\b(?:blocked using|listed (?:in|at|on|by)) (?:the )?[a-z0-9-]{1,63}\.[a-z0-9.-]{2,}/i,
  },
  {
    kind: 'dnsbl',
    sure: false,
    words: LISTED,
    unless: /\bmay be (?:black|block)listed|\bblocked by (?:the )?(?:user|recipient|admin|policy|content|spam|filter)/i,
  },

  // Reverse names.
  { kind: 'rdns', sure: false, words: REVERSE_NAME },

  // The mailbox and the message's size.
  { kind: 'recipients', sure: true, verbs: ['RCPT', 'DATA'], status: ['5.3'] },
  { kind: 'recipients', sure: true, verbs: ['RCPT'], words: /\btoo many (?:rcpts?|recipients)\b/i },
  { kind: 'mailbox-full', sure: true, verbs: ENVELOPE, status: ['2.2'] },
  { kind: 'size-declared', sure: true, verbs: ['MAIL', 'RCPT'], status: ['3.4', '2.3'] },
  { kind: 'size-of-message', sure: true, verbs: TRANSFER, status: ['3.4', '2.3'] },
  {
    kind: 'local-error',
    sure: true,
    verbs: ENVELOPE,
    codes: [451, 452],
    status: ['3.'],
    unless: /\bmultiple destination domains/i,
  },
  {
    kind: 'mailbox-full',
    sure: true,
    verbs: RECIPIENT,
    words: FULL,
    unless: /\bsystem (?:storage|resources)|\b(?:daily|sending|hourly|policy)\b/i,
  },
  { kind: 'size-declared', sure: true, verbs: ['MAIL'], codes: [552, 523] },
  { kind: 'size-declared', sure: true, verbs: ['MAIL', 'RCPT'], codes: [5], words: SIZE },
  { kind: 'size-of-message', sure: true, verbs: TRANSFER, codes: [5], words: SIZE },
  { kind: 'size-of-message', sure: true, verbs: TRANSFER, codes: [552], unless: CONTENT },

  // The sender.
  {
    kind: 'null-sender',
    sure: true,
    verbs: ['MAIL', 'RCPT', 'DATA'],
    ofNullSender: true,
    words:
      /\bbounces?\b|\b(?:null|empty|blank) (?:\w+ )?(?:sender|return|envelope|reverse)|\bnon-?delivery|\bDSNs?\b|\bdelivery (?:status )?(?:notification|report)s?\b|\bbackscatter|\bNDRs?\b|\breturned mail\b|\bBATV\b|\bPRVS\b/i,
  },
  { kind: 'null-sender', sure: true, verbs: ['MAIL'], codes: [501, 553], ofNullSender: true },
  { kind: 'null-sender', sure: true, verbs: ['MAIL'], codes: [5], ofNullSender: true, status: ['1.0', '1.7', '1.8'] },
  { kind: 'null-sender', sure: true, verbs: ['MAIL'], codes: [5], ofNullSender: true, words: SENDER },
  // Postfix tells at RCPT what its map says of the sender.
  {
    kind: 'null-sender',
    sure: true,
    verbs: ['RCPT', 'DATA'],
    codes: [5],
    ofNullSender: true,
    words: /\bsender address rejected\b/i,
  },
  { kind: 'sender', sure: true, verbs: ENVELOPE, words: /\bbad outbound sender\b/i },
  { kind: 'sender-domain', sure: true, verbs: ['MAIL', 'RCPT', 'DATA'], status: ['1.8'] },
  { kind: 'sender-domain', sure: true, verbs: ['MAIL', 'RCPT'], words: SENDER_DOMAIN },
  {
    kind: 'sender-domain',
    sure: true,
    verbs: ['MAIL'],
    words: /\bdomain\b.{0,40}\b(?:not found|does(?: not|n'?t) (?:exist|resolve)|may not exist|has no (?:mx|a)\b)/i,
  },

  // The recipient.
  {
    kind: 'user-unknown',
    sure: true,
    verbs: RECIPIENT,
    codes: [5],
    status: ['1.1', '1.10', '2.1'],
    unless: /\b(?:sender|spam|relay|blocked|virus)\b/i,
  },
  {
    kind: 'user-unknown',
    sure: true,
    verbs: RECIPIENT,
    codes: [5],
    words: UNKNOWN_USER,
    unless:
      /\b(?:sender|spam|virus|content|attachment|header|subject)\b|\bdomain (?:name )?(?:is )?not found|\bunknown host|\byour (?:account|domain|ip)\b|\bservice (?:\w+ )?unavailable|\bno valid recipients\b/i,
  },
  // Exchange Online's answer to an address that its directory does not have; Exim's to one that no router takes.
  {
    kind: 'user-unknown',
    sure: false,
    verbs: ['RCPT'],
    codes: [5],
    status: ['4.1'],
    words: /\brecipient address rejected ?: access denied/i,
  },
  {
    kind: 'user-unknown',
    sure: false,
    verbs: RECIPIENT,
    codes: [5],
    status: ['4.1'],
    words: /\ball recipient addresses rejected ?: access denied/i,
  },
  { kind: 'user-unknown', sure: false, verbs: ['RCPT'], codes: [5], words: /^\s*unrouteable address\s*$/i },

  { kind: 'sender', sure: true, verbs: ENVELOPE, status: ['7.60', '1.7'] },
  {
    kind: 'sender',
    sure: true,
    verbs: ['MAIL', 'RCPT'],
    words: SENDER,
    unless: /\bnot verif|\brecipient address|\bsyntax: |\bRESOLVER\.RST\.|\bdelivery restriction\b/i,
  },
  {
    kind: 'sender',
    sure: true,
    verbs: TRANSFER,
    words:
      /\bsend as (?:this|that) sender|\bSendAsDenied|\bnot allowed to send as\b|\bdoes not match a verified sender\b|\bemail address is not verified\b|\bnot authori[sz]ed to send from\b|\bnot owned by|\bpermissions? to send (?:as|from|on behalf)/i,
  },
  { kind: 'sender', sure: true, verbs: ['MAIL'], codes: [553] },
  // Mimecast: a list of the recipient or of the administrator there.
  { kind: 'sender', sure: false, verbs: ['MAIL', 'RCPT'], codes: [5], words: /\benvelope blocked\b/i },

  // The server.
  {
    kind: 'local-error',
    sure: true,
    verbs: ENVELOPE,
    codes: [451, 452],
    // Sendmail: 4.4.5.
    status: ['', '4.5'],
    words: OWN_TROUBLE,
  },
  { kind: 'recipients', sure: true, verbs: ['RCPT'], codes: [452], afterRecipients: true },

  // Rules about lines and loops speak for these. Sendmail says 421 to a bare LF: a refusal of the message, no shutdown.
  { kind: 'other', sure: true, words: /\bbare (?:line ?feeds?|<?lf|newlines?|<?cr)\b/i },
  { kind: 'other', sure: true, verbs: TRANSFER, words: /\btoo many "?received\b|\bsuspected mail loop\b/i },
  // The message.
  { kind: 'content', sure: false, verbs: MESSAGE, status: ['6.'] },
  { kind: 'content', sure: false, verbs: MESSAGE, codes: [5], words: CONTENT },
  {
    kind: 'content',
    sure: false,
    verbs: MESSAGE,
    codes: [4],
    words: /\bspam|\bvirus|\bmalware|\bphish|\battachment|\bmessage content/i,
    unless: /\berror\b|\bfail(?:ed|ure)\b|\bunavailable\b/i,
  },

  { kind: 'closing', sure: true, codes: [421] },
];

const OTHER: Classed = { kind: 'other', sure: true };

/** Rows by verb, in the order of the table: a refusal looks at its own alone. */
const BY_VERB: ReadonlyMap<string, readonly Row[]> = new Map(
  [...ENVELOPE, ''].map((verb) => [verb, TABLE.filter(({ verbs }) => verbs === undefined || verbs.includes(verb))]),
);
const BEHIND_HOLE: readonly Row[] = TABLE.filter(({ kind }) => kind === 'relay');

/** Classes of the last texts: a server refuses a thousand recipients with the same words. */
const MEMO_ENTRIES = 512;
const memo = new Map<string, Classed>();

/** The class of a refusal. Names in EHLO, replies 530 and logins are judged by refusals.ts. */
export function classify(refused: RefusedCommand): Classed {
  const words = wordsOf(refused.text);
  const { verb, code, from, accepted, afterHole } = refused;
  const status = refused.enhancedCode?.slice(2) ?? '';
  const key = `${verb} ${code} ${status} ${from === ''} ${accepted > 0} ${afterHole} ${words}`;
  let classed = memo.get(key);
  if (classed === undefined) {
    if (memo.size >= MEMO_ENTRIES) memo.clear();
    classed = classOf(refused, status, words);
    memo.set(key, classed);
  }
  return classed;
}

function classOf(refused: RefusedCommand, status: string, words: string): Classed {
  const rows = BY_VERB.get(refused.verb) ?? (BY_VERB.get('') as readonly Row[]);
  const row = rows.find((one) => fits(one, refused, status, words));
  if (row !== undefined) return row;
  if (refused.afterHole && BEHIND_HOLE.some((one) => fits(one, refused, status, words))) {
    return { kind: 'relay', sure: true };
  }
  return OTHER;
}

function fits(row: Row, refused: RefusedCommand, status: string, words: string): boolean {
  if (row.codes !== undefined && !row.codes.some((code) => code === refused.code || code === digit(refused.code))) {
    return false;
  }
  if (
    row.status !== undefined &&
    !row.status.some((one) => (one.endsWith('.') ? status.startsWith(one) : status === one))
  ) {
    return false;
  }
  if (row.ofNullSender === true && refused.from !== '') return false;
  if (row.afterRecipients === true && refused.accepted === 0) return false;
  if (row.words !== undefined && !row.words.test(words)) return false;
  return row.unless === undefined || !row.unless.test(words);
}

function digit(code: number): number {
  return Math.floor(code / 100);
}

/** The server's words without addresses and names in angle brackets, cut to WORDS_LIMIT. */
export function wordsOf(text: string): string {
  const kept: string[] = [];
  for (const word of text
    .slice(0, WORDS_LIMIT)
    .replace(/<[^<>]{0,320}>/g, ' ')
    .split(/[ \t]+/)) {
    if (!word.includes('@') || /^\W?https?:/i.test(word)) kept.push(word);
  }
  return kept.join(' ').trim();
}
