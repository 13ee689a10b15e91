/** Names that scanners, checkers and monitors give in EHLO and HELO. */

const DOMAINS = /(?:^|\.)(?:internet-census\.org|shodan\.io|censys-scanner\.com|shadowserver\.org)$/i;
const NAMES =
  /^(?:nmap\.scanme\.org|openssl\.client\.net|mail\.checktls\.com|masscan|zgrab|check_smtp|monitor.*|nagios.*)$/i;

/** What `openssl s_client -starttls smtp` says where -name does not tell it another. Servers set up by a copied text say it too. */
export const OPENSSL_NAME = 'mail.example.com';

export function isScanner(name: string): boolean {
  return DOMAINS.test(name) || NAMES.test(name);
}
