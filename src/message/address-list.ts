/**
 * Lists of addresses in header fields (RFC 5322 §3.4), parted as their authors meant them. It is no validator: what is
 * malformed stays in one piece.
 */

/** The members of a list, trimmed, each as written. Commas in quotes, comments and angle brackets part nothing. */
export function splitAddressList(value: string): string[] {
  const members: string[] = [];
  let start = 0;
  let isQuoted = false;
  let comments = 0;
  let isInBrackets = false;
  const take = (end: number): void => {
    const member = value.slice(start, end).trim();
    if (member !== '') members.push(member);
    start = end + 1;
  };
  for (let i = 0; i < value.length; i++) {
    const letter = value[i];
    if (letter === '\\') i++;
    else if (letter === '"' && comments === 0) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (letter === '(') comments++;
    else if (letter === ')') comments = Math.max(0, comments - 1);
    else if (comments > 0) continue;
    else if (letter === '<') isInBrackets = true;
    else if (letter === '>') isInBrackets = false;
    else if (letter === ',' && !isInBrackets) take(i);
  }
  take(value.length);
  return members;
}

/** The address in one member of a list: `anna@mail.example` of `"Anna" <anna@mail.example>`; '' where there is none. */
export function addressIn(member: string): string {
  const open = member.lastIndexOf('<');
  if (open >= 0) {
    const close = member.indexOf('>', open);
    return member.slice(open + 1, close < 0 ? member.length : close).trim();
  }
  return member.split(/[\s:;()]+/).find((word) => word.includes('@')) ?? '';
}
