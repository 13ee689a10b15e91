/** Names that scanners, checkers and monitors give in EHLO and HELO. */

const DOMAINS = /(?:^|\.)(?:internet-census\.org|shodan\.io|censys-scanner\.com|shadowserver\.org)$/i;
const NAMES =
  /^(?:nmap\.scanme\.org|openssl\.client\.net|mail\.checktls\.com|masscan|zgrab|check_smtp|monitor.*|nagios.*)$/i;

export function isScanner(name: string): boolean {
  return DOMAINS.test(name) || NAMES.test(name);
}
