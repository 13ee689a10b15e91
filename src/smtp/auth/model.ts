/**
 * What the lines of an AUTH exchange say, step by step (RFC 4954 §4, RFC 4422 §3). Facts only: what a step is, what
 * stands in it, and what is wrong with its form. Wording and masks live elsewhere; a secret is kept in a `Secret`, so
 * that it cannot be shown by mistake.
 */

import type { Turn } from '../turn.ts';
import type { Secret } from './secret.ts';

/** What is wrong with the form of a step. Never a judgement of the credentials themselves. */
export type AuthFault =
  /** No mechanism behind AUTH. */
  | { readonly kind: 'no-mechanism' }
  /** Not base64 at all: a character outside of the alphabet. Text that was sent as it is, mostly. */
  | { readonly kind: 'not-base64' }
  /** The URL and file name alphabet (RFC 4648 §5), which SASL does not use. */
  | { readonly kind: 'base64url' }
  /** Missing, doubled or misplaced `=`. */
  | { readonly kind: 'padding' }
  /** White space or a stray CR behind the base64 of the line. */
  | { readonly kind: 'trailing'; readonly what: 'space' | 'cr' }
  /** More than RFC 4954 §4 lets a line hold: 512 octets for the command, 12,288 for a response. */
  | { readonly kind: 'line-too-long'; readonly bytes: number; readonly limit: number }
  /** PLAIN wants two NULs (RFC 4616 §2). */
  | { readonly kind: 'nul-count'; readonly found: number }
  /** The separators of PLAIN were written as text (`\0`) or replaced (U+FFFD). */
  | { readonly kind: 'nul-spelled'; readonly as: 'backslash-zero' | 'replacement-character' }
  | { readonly kind: 'empty'; readonly what: 'user' | 'password' | 'token' | 'digest' }
  /** Octets over 127 that are not UTF-8, or a NUL behind each letter. */
  | { readonly kind: 'encoding'; readonly what: 'user' | 'password'; readonly as: 'not-utf-8' | 'utf-16' }
  /** The decoded value itself ends in white space or a line end: `echo user | base64`. */
  | { readonly kind: 'trailing-in'; readonly what: 'user' | 'password'; readonly found: 'space' | 'line-end' }
  /** The message does not have the form that its mechanism asks for; `want` is that form. */
  | { readonly kind: 'structure'; readonly want: string };

/** What one step of an exchange holds. */
export type AuthContent =
  | { readonly kind: 'empty' }
  | { readonly kind: 'cancel' }
  /** Bytes of a mechanism that is not known here, or that could not be read. */
  | { readonly kind: 'opaque'; readonly bytes: number }
  /** Text of the server that is no challenge: `334 NTLM supported`. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'plain'; readonly authorization: string; readonly user: string; readonly password: Secret }
  | { readonly kind: 'login-prompt'; readonly text: string; readonly asksFor: 'user' | 'password' | 'other' }
  | { readonly kind: 'login-user'; readonly user: string }
  | { readonly kind: 'login-password'; readonly password: Secret }
  | { readonly kind: 'cram-challenge'; readonly text: string }
  | { readonly kind: 'cram-response'; readonly user: string; readonly digest: Secret }
  | DigestChallenge
  | DigestResponse
  | { readonly kind: 'digest-proof'; readonly proof: Secret }
  | ScramClientFirst
  | ScramServerFirst
  | { readonly kind: 'scram-client-final'; readonly channelBindingBytes: number; readonly proof: Secret }
  | { readonly kind: 'scram-server-final'; readonly proof: Secret | null; readonly error: string | null }
  | NtlmNegotiate
  | NtlmChallenge
  | NtlmAuthenticate
  | GssToken
  | OauthRequest
  | OauthError
  /** The empty answer that a client owes an OAuth error before the server may refuse (RFC 7628 §3.2.3). */
  | { readonly kind: 'oauth-acknowledge' }
  | { readonly kind: 'external'; readonly authorization: string }
  | { readonly kind: 'anonymous'; readonly trace: string };

/** RFC 2831 §2.1.1 */
export interface DigestChallenge {
  readonly kind: 'digest-challenge';
  readonly realms: readonly string[];
  readonly qop: string | null;
  readonly algorithm: string | null;
  readonly charset: string | null;
  readonly nonceBytes: number;
  readonly stale: boolean;
}

/** RFC 2831 §2.1.2 */
export interface DigestResponse {
  readonly kind: 'digest-response';
  readonly user: string;
  readonly realm: string | null;
  readonly authorization: string | null;
  readonly uri: string | null;
  readonly qop: string | null;
  readonly nonceCount: string | null;
  readonly clientNonceBytes: number;
  readonly response: Secret;
}

/** RFC 5802 §7: `client-first-message`. */
export interface ScramClientFirst {
  readonly kind: 'scram-client-first';
  /** `n`: no channel binding; `y`: the client could, and thinks that the server cannot; else the type it uses. */
  readonly binding: 'n' | 'y' | string;
  readonly authorization: string | null;
  readonly user: string;
  readonly nonceBytes: number;
}

/** RFC 5802 §7: `server-first-message`. */
export interface ScramServerFirst {
  readonly kind: 'scram-server-first';
  readonly iterations: number;
  readonly saltBytes: number;
  readonly nonceBytes: number;
}

/** MS-NLMP §2.2.1.1 */
export interface NtlmNegotiate {
  readonly kind: 'ntlm-negotiate';
  readonly domain: string | null;
  readonly host: string | null;
  readonly version: string | null;
}

/** MS-NLMP §2.2.1.2 */
export interface NtlmChallenge {
  readonly kind: 'ntlm-challenge';
  readonly target: string | null;
  readonly netbiosDomain: string | null;
  readonly netbiosHost: string | null;
  readonly dnsDomain: string | null;
  readonly dnsHost: string | null;
  readonly dnsForest: string | null;
  /** Of Windows: major.minor.build. */
  readonly version: string | null;
}

/** MS-NLMP §2.2.1.3 */
export interface NtlmAuthenticate {
  readonly kind: 'ntlm-authenticate';
  readonly user: string | null;
  readonly domain: string | null;
  readonly host: string | null;
  /** By the length of the response: 24 octets are version 1. */
  readonly responseVersion: 1 | 2 | null;
  readonly response: Secret;
  readonly version: string | null;
}

/** RFC 2743 §3.1, RFC 4178 §4.2, RFC 4121 §4.1 */
export interface GssToken {
  readonly kind: 'gss';
  /** What the token is framed as. */
  readonly framing: 'spnego' | 'kerberos' | 'ntlm' | 'unknown';
  /** The mechanism within: of SPNEGO the first that it proposes. */
  readonly inner: string | null;
  /** Every mechanism that SPNEGO proposes, by preference. */
  readonly proposed: readonly string[];
  /** What the Kerberos message is: `AP-REQ`, `AP-REP`, `KRB-ERROR`, `wrap`. */
  readonly message: string | null;
  /** Of an AP-REQ, in clear: for which service of which realm the ticket is. */
  readonly service: string | null;
  readonly realm: string | null;
  readonly bytes: number;
}

/** RFC 7628 §3.1, and Google’s XOAUTH2. */
export interface OauthRequest {
  readonly kind: 'oauth-request';
  readonly user: string | null;
  readonly host: string | null;
  readonly port: string | null;
  /** `Bearer` by the book. */
  readonly scheme: string | null;
  readonly token: Secret;
}

/** RFC 7628 §3.2.2 */
export interface OauthError {
  readonly kind: 'oauth-error';
  readonly status: string | null;
  readonly schemes: string | null;
  readonly scope: string | null;
  /** Address of the discovery document. */
  readonly configuration: string | null;
}

export interface AuthStepFacts {
  /** The turn whose line it is. */
  readonly turn: Turn;
  readonly content: AuthContent;
  readonly faults: readonly AuthFault[];
}

/** One AUTH command with everything that belongs to it, in the order of the exchange. */
export interface AuthExchange {
  readonly mechanism: string;
  readonly steps: readonly AuthStepFacts[];
}

/** What a mechanism makes of the bytes of one step. */
export interface Reading {
  readonly content: AuthContent;
  readonly faults: readonly AuthFault[];
}

export function reading(content: AuthContent, ...faults: readonly AuthFault[]): Reading {
  return { content, faults };
}

export function opaque(bytes: Buffer, ...faults: readonly AuthFault[]): Reading {
  return { content: { kind: 'opaque', bytes: bytes.length }, faults };
}

/** What of a step a server could echo, and nobody should see; null when it holds nothing of the kind. */
export function secretOf(content: AuthContent): Secret | null {
  switch (content.kind) {
    case 'plain':
    case 'login-password':
      return content.password;
    case 'cram-response':
      return content.digest;
    case 'digest-response':
      return content.response;
    case 'scram-client-final':
      return content.proof;
    case 'oauth-request':
      return content.token;
    default:
      return null;
  }
}
