/** What is wrong with the form of an AUTH line, in words. No secret and no length of one is in them. */
import type { AuthFault } from '../smtp/auth/model.ts';
import { groups } from './words.ts';

export function faultWords(fault: AuthFault): string {
  switch (fault.kind) {
    case 'no-mechanism':
      return 'no mechanism is named';
    case 'not-base64':
      // Which one is not told: it may be a letter of a password that was sent as it is.
      return 'not base64: it holds a character that base64 does not have';
    case 'base64url':
      return 'base64 in the alphabet of URLs (- and _ for + and /)';
    case 'padding':
      return 'base64 with wrong padding (=)';
    case 'trailing':
      return fault.what === 'cr' ? 'a stray CR behind the base64' : 'white space behind the base64';
    case 'line-too-long':
      return `a line of ${groups(fault.bytes)} octets where ${groups(fault.limit)} are allowed`;
    case 'nul-count':
      return `${fault.found} NUL where PLAIN wants 2`;
    case 'nul-spelled':
      return fault.as === 'backslash-zero' ? 'NUL spelled as \\0 in text' : 'U+FFFD where NUL belongs';
    case 'empty':
      return `the ${fault.what} is empty`;
    case 'encoding':
      return fault.as === 'utf-16' ? `the ${fault.what} is UTF-16, not UTF-8` : `the ${fault.what} is not UTF-8`;
    case 'trailing-in':
      return `the ${fault.what} itself ends in ${fault.found === 'space' ? 'white space' : 'a line end'}`;
    case 'structure':
      return `not of the form ${fault.want}`;
  }
}
