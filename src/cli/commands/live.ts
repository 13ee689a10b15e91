/** `live`: an interface, watched as long as it is wanted. */
import { defaultRouteDevice, deviceExists } from '../../capture/live/devices.ts';
import { type Identity, userToBecome } from '../../capture/live/identity.ts';
import { isClosed } from '../../capture/live/kernel-filter.ts';
import { findRule } from '../../findings/index.ts';
import { LiveText } from '../../output/terminal/live-text.ts';
import { stylesFor } from '../color.ts';
import { Complaint, sayOnStderr } from '../complaint.ts';
import type { LiveCommandOptions } from '../live/options.ts';
import { LiveRun } from '../live/run.ts';
import { writerFor } from '../writers.ts';
import { unknownRule } from './rules.ts';

/** Resolves to the exit status. */
export async function runLive(name: string | null, options: LiveCommandOptions): Promise<number> {
  for (const id of options.selection.rules) if (findRule(id) === undefined) throw new Complaint(unknownRule(id));
  if (options.share !== null) {
    throw new Complaint('live does not share: use --write, and then smtpscope --share FILE on what it wrote');
  }
  const device = name ?? defaultDevice(options);
  if (!options.wait && deviceExists(device) === false) {
    throw new Complaint(`there is no interface ${device}; smtpscope interfaces lists those that there are`);
  }
  const { filter } = options;
  if (filter !== null && !isClosed(filter)) {
    throw new Complaint(`--filter '${filter}': its parentheses do not match; man 7 pcap-filter tells its language`);
  }
  const user = userOf(options.user);
  const whole = wholeBecause(options);
  if (whole !== null && options.format === 'text' && !options.group && !options.quiet) {
    sayOnStderr(`${whole} is known only when a session ends: each is printed then`);
  }
  // Everything that is loaded must be loaded now: the user may not be allowed to read where the program lies.
  const captures: string[] = [];
  const inTurns = options.format === 'text' && !options.group && whole === null;
  const writer = await writerFor({ ...options, captures, severalCaptures: false });
  const text = inTurns ? await liveText(options, captures) : null;
  return await new LiveRun(options, { device, user, text, writer, captures }).run();
}

function defaultDevice({ quiet }: LiveCommandOptions): string {
  const device = defaultRouteDevice();
  if (device === null) {
    throw new Complaint('no interface has a default route; name one: smtpscope interfaces lists those that there are');
  }
  if (!quiet) sayOnStderr(`no interface named: ${device} has the default route`);
  return device;
}

function userOf(named: string | null): Identity | null {
  try {
    return userToBecome(named, process.env);
  } catch (error) {
    throw new Complaint((error as Error).message);
  }
}

/** The option that selects by what is known only at a session's end; null where none does. */
function wholeBecause({ selection }: LiveCommandOptions): string | null {
  const { flagged, rules, from, to, codes } = selection;
  if (flagged) return '--flagged';
  if (rules.length > 0) return '--rule';
  if (from.length > 0) return '--from';
  if (to.length > 0) return '--to';
  return codes.length > 0 ? '--code' : null;
}

async function liveText(options: LiveCommandOptions, captures: readonly string[]): Promise<LiveText> {
  const isTerminal = options.output === null && process.stdout.isTTY === true;
  const styles = await stylesFor(options.color, options.palette, isTerminal);
  const columns = isTerminal ? process.stdout.columns : undefined;
  return new LiveText({ ...options, styles, columns, captures, severalCaptures: false });
}
