/** What help says beyond the model: examples, which teach sooner than lists do, and how an option's values stand in it. */
import type { Command, HelpConfiguration, Option } from 'commander';

const EXIT_STATUS = `Exit status: 0 analysed, whatever was found; 1 a finding at or above --fail-on;
2 the job could not be done.`;

export const EXAMPLES = `Examples:
  What went wrong in this capture, and what mends it?
    smtpscope capture.pcap
  Only the sessions with trouble, of one host
    smtpscope --flagged --host 192.0.2.7 capture.pcap
  A report for a browser; a text for a ticket or a mail
    smtpscope -f html -o report.html capture.pcap
    smtpscope -f markdown --session 2 capture.pcap
  For scripts: records, and an exit status that tells
    smtpscope -f json capture.pcap | jq '.sessions[].outcome'
    smtpscope -q --fail-on error -o /dev/null capture.pcap || echo trouble
  Here and now, or on another machine
    sudo smtpscope live eth0
    ssh mx tcpdump -i eth0 -U -s0 -w - "'tcp port 25'" | smtpscope -
  What a finding means
    smtpscope explain ehlo-quit-auth-offered

${EXIT_STATUS}
More: smtpscope help inspect, smtpscope help live, man smtpscope`;

const OF_COMMAND: Readonly<Record<string, string>> = {
  inspect: `
Examples:
  Two captures as one, in the order of their time; compressed ones are read too
    smtpscope monday.pcap tuesday.pcapng.gz
  Who was refused with 550 or 554, and why? Values of one option are
  alternatives, different options must all hold
    smtpscope --code 550,554 --to @example.org capture.pcap
  A window of time: with its zone, or the time of this machine
    smtpscope --since 2007-08-12T22:17:00+09:00 capture.pcap
    smtpscope --since '2007-08-12 22:17' --until '2007-08-12 22:30' capture.pcap
  SMTP on any port, also where nobody expects it
    smtpscope --ports any capture.pcap
  One session with its whole message and the clock
    smtpscope --session 2 --body full --time clock capture.pcap
  Every message as a file
    smtpscope --eml messages/ capture.pcap
  The packets of the troubled sessions for Wireshark, findings as comments
    smtpscope --flagged --write trouble.pcapng capture.pcap

${EXIT_STATUS}`,
  live: `
Examples:
  The interface of the default route, until Ctrl-C
    sudo smtpscope live
  Only one server; the transcript goes into a file that grows
    sudo smtpscope live eth0 --filter 'host 192.0.2.7' -o mail.txt
  Ten minutes, or until something is wrong: exit status 1 then
    sudo smtpscope live --duration 10m --until-finding error --fail-on error
  For weeks: records, one a line, and a sign of life each hour
    sudo smtpscope live eth0 -f ndjson -o mail.ndjson --heartbeat 1h --wait
  Without root, once for all (Linux): see docs/live.md
    sudo setcap cap_net_raw+ep "$(readlink -f "$(command -v node)")"

${EXIT_STATUS}`,
  rules: `
Examples:
    smtpscope rules | grep auth`,
  explain: `
Examples:
    smtpscope explain ehlo-quit-auth-offered`,
  completion: `
Examples:
  bash, in ~/.bashrc
    source <(smtpscope completion bash)
  zsh, in a directory of $fpath
    smtpscope completion zsh > "\${fpath[1]}/_smtpscope"
  fish
    smtpscope completion fish > ~/.config/fish/completions/smtpscope.fish`,
};

/** Below the help of a command; empty where it needs none. */
export function examplesOf(command: string): string {
  return OF_COMMAND[command] ?? '';
}

export const HELP_STYLE: HelpConfiguration = { optionDescription };

/** `how much is shown: none, headers (default), full`. */
export function optionDescription({ description, argChoices, defaultValue, negate }: Option): string {
  if (argChoices === undefined || negate) return description;
  const values = argChoices.map((value) =>
    value === defaultValue && value !== 'default' ? `${value} (default)` : value,
  );
  return `${description}: ${values.join(', ')}`;
}

/** The options of the default command, for the help of the program: they are what people look for. */
export function listOfOptions(command: Command): string {
  const help = command.helpInformation();
  return `Options of inspect. ${help.slice(help.indexOf('What is written'))}`;
}
