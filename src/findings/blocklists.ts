/** What the words of a refusal tell about a blocklist: which one, what stands on it, where to ask, whose fault it is. */
import { LIST_REFUSES_SERVER } from './refusal-kinds.ts';

export interface Listing {
  /** As its owner calls it, or its zone; null where the words name none. */
  readonly list: string | null;
  /** The address or domain that is said to be listed; null where the words name none. */
  readonly listed: string | null;
  /** The page that the words point to. */
  readonly url: string | null;
  /** The list refused to answer the server; the client may not be listed at all. */
  readonly refusesServer: boolean;
  /** Where its owner looks up and removes listings; null where that is not known. */
  readonly lookup: string | null;
}

/** Lists by a word of their zone, page or reply. The first that fits; the look-up page is the owner's. */
const KNOWN: readonly (readonly [pattern: RegExp, name: string, lookup: string | null])[] = [
  [/\bspamhaus|\bzen\.|\bsbl-?xbl|\bcbl\b|\babuseat/i, 'Spamhaus', 'https://check.spamhaus.org/'],
  [/\bspamcop/i, 'SpamCop', 'https://www.spamcop.net/bl.shtml'],
  [/\bbarracuda/i, 'Barracuda', 'https://www.barracudacentral.org/rbl/removal-request'],
  [/\buceprotect/i, 'UCEPROTECT', 'https://www.uceprotect.net/en/rblcheck.php'],
  [/\bbackscatterer/i, 'Backscatterer', null],
  [/\bproofpoint/i, 'Proofpoint Dynamic Reputation', 'https://ipcheck.proofpoint.com/'],
  [/\bcloudmark|\bcsi\./i, 'Cloudmark Sender Intelligence', 'https://csi.cloudmark.com/en/reset/'],
  [/\bS31[45]0\b|\b(?:OU|SC)-00\d|\bpart of their network is on our block list/i, 'Outlook.com', null],
  [/\bdelist@messaging\.microsoft\.com|\bbanned sender ?\[/i, 'Exchange Online Protection', null],
  [/\bsender\.office\.com|\bbanned sending IP/i, 'Exchange Online Protection', 'https://sender.office.com/'],
  [/\bsenderbase|\btalosintelligence/i, 'Cisco Talos', 'https://talosintelligence.com/reputation_center'],
  [/\bpsbl\b/i, 'PSBL', 'https://psbl.org/'],
  [/\bsorbs\b/i, 'SORBS (closed in 2024)', null],
  [/\babusix/i, 'Abusix', 'https://lookup.abusix.com/'],
  [/\bmailspike/i, 'Mailspike', null],
  [/\binvaluement|\bivm(?:sip|uri)/i, 'Invaluement', null],
  [/\bspamrats/i, 'SpamRATS', null],
  [/\bnixspam|\bmanitu|\bix\.dnsbl/i, 'NiX Spam', null],
  [/\bsenderscore/i, 'Sender Score', null],
];

const ZONE = /\b(?:using|listed (?:in|at|on|by)|by|at) (?:the )?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6})\b/gi;
const V4 = /(?<![\w.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.]*\d)/g;
const V6 =
  /\b(?:[0-9a-f]{1,4}:){2,7}:?(?:[0-9a-f]{1,4})?\b|\b(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}\b/gi;

/** `text` is the server's, as it came. */
export function listingOf(text: string): Listing {
  const known = KNOWN.find(([pattern]) => pattern.test(text));
  return {
    list: known?.[1] ?? zoneIn(text),
    listed: addressIn(text) ?? domainIn(text),
    url: urlIn(text),
    refusesServer: LIST_REFUSES_SERVER.test(text),
    lookup: known?.[2] ?? null,
  };
}

function zoneIn(text: string): string | null {
  for (const [, zone = ''] of text.matchAll(ZONE)) if (!/^[\d.]+$/.test(zone)) return zone.toLowerCase();
  return null;
}

function addressIn(text: string): string | null {
  // A page's address may hold a resolver's.
  const words = text.replace(/https?:\/\/\S{0,512}/g, ' ');
  for (const from of [words, text]) {
    for (const [address] of from.matchAll(V4)) {
      if (!address.startsWith('127.') && address.split('.').every((part) => Number(part) < 256)) return address;
    }
    const v6 = from.match(V6)?.[0];
    if (v6 !== undefined && (v6.includes('::') || v6.split(':').length === 8)) return v6.toLowerCase();
  }
  return null;
}

/** `Sender address [a@b.example] blocked using dbl…`, `Helo domain x.example is listed in …`. */
function domainIn(text: string): string | null {
  const found =
    /\b(?:domain|host|name|address) [[<]?(?:[^\s@<>[\]]{1,64}@)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6})[\]>]? (?:is |was |has been )?(?:\w+ )?(?:blocked|listed|blacklisted|blocklisted)/i.exec(
      text,
    );
  return found?.[1]?.toLowerCase() ?? null;
}

/** The page to go to: one that speaks of the list or the address before any other. */
function urlIn(text: string): string | null {
  const urls = (text.match(/\bhttps?:\/\/[^\s<>"'\])]{4,512}/gi) ?? []).map((url) => url.replace(/[.,;:!?]+$/, ''));
  return (
    urls.find((url) =>
      /\d\.\d{1,3}\.|spamhaus|spamcop|barracuda|proofpoint|cloudmark|office\.com|uceprotect/i.test(url),
    ) ??
    urls[0] ??
    null
  );
}
