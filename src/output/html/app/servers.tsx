/** What each server offered in its EHLO replies, side by side. */
import { useMemo } from 'preact/hooks';
import type { Offer, ServerEntry } from '../embedded.ts';
import type { Report } from './data.ts';
import { counted, endpointText, grouped } from './format.ts';
import { clearFilters, go, hashOf, server } from './state.ts';
import { Wire } from './text.tsx';

/** Keywords with a column of their own; what a single odd server says beyond them goes to the last one. */
const MOST_COLUMNS = 24;

export function Servers({ report: { summary } }: { report: Report }) {
  const { servers, serversOmitted } = summary;
  const keywords = useMemo(() => keywordsOf(servers), [servers]);
  const columns = keywords.slice(0, MOST_COLUMNS);
  const hasOthers = keywords.length > columns.length;
  if (servers.length === 0) {
    return (
      <section class="panel">
        <h1>Servers</h1>
        <p class="muted">No server said what it can do: none was greeted with EHLO in clear.</p>
      </section>
    );
  }
  return (
    <section class="panel servers">
      <h1>What each server offers</h1>
      <p class="muted">
        From its replies to EHLO: the last of each session that could be read. A server has more than one line where its
        offers differ, for example before and after TLS, or by client.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key */}
      <section class="scroll matrix" tabIndex={0} aria-label="Capabilities of each server">
        <table>
          <thead>
            <tr>
              <th scope="col">Server</th>
              <th scope="col" class="number">
                Sessions
              </th>
              {columns.map((keyword) => (
                <th scope="col" key={keyword} class="keyword">
                  <Wire text={keyword} most={24} />
                </th>
              ))}
              {hasOthers ? <th scope="col">Others</th> : null}
            </tr>
          </thead>
          {servers.map((entry) => (
            <Entry key={`${entry.address} ${entry.port}`} entry={entry} columns={columns} hasOthers={hasOthers} />
          ))}
        </table>
      </section>
      {serversOmitted > 0 ? <p>{counted(serversOmitted, 'more server')} are not shown.</p> : null}
    </section>
  );
}

const NOTHING: Offer = { extensions: {}, sessions: 0, session: 0 };

function Entry({ entry, columns, hasOthers }: { entry: ServerEntry; columns: readonly string[]; hasOthers: boolean }) {
  const offers = entry.offers.length === 0 ? [NOTHING] : entry.offers;
  const known = new Set(columns);
  return (
    <tbody>
      {offers.map((offer, at) => (
        <tr key={offer.session}>
          {at > 0 ? null : (
            <th scope="rowgroup" rowSpan={offers.length}>
              <button type="button" class="link wire" onClick={() => showServer(entry)}>
                {endpointText(entry.address, entry.port)}
              </button>
              <small class="muted">
                {counted(entry.sessions, 'session')}
                {entry.tlsSessions > 0 ? `, ${grouped(entry.tlsSessions)} with TLS` : ''}
              </small>
              {entry.greeting === null ? null : (
                <small class="wire">
                  <Wire text={entry.greeting} most={60} />
                </small>
              )}
            </th>
          )}
          <td class="number">
            {offer.session === 0 ? (
              '–'
            ) : (
              <a href={hashOf({ view: 'session', id: offer.session })} title={`for example session #${offer.session}`}>
                {grouped(offer.sessions)}
              </a>
            )}
          </td>
          {offer.session === 0 ? (
            <td class="muted" colSpan={columns.length + (hasOthers ? 1 : 0)}>
              no EHLO reply in clear
            </td>
          ) : (
            columns.map((keyword) => <Offered key={keyword} parameters={offer.extensions[keyword]} />)
          )}
          {hasOthers && offer.session !== 0 ? (
            <td class="wire">
              {Object.entries(offer.extensions)
                .filter(([keyword]) => !known.has(keyword))
                .slice(0, 12)
                .map(([keyword, parameters]) => (
                  <div key={keyword}>
                    <Wire text={`${keyword} ${parameters.join(' ')}`} most={60} />
                  </div>
                ))}
            </td>
          ) : null}
        </tr>
      ))}
    </tbody>
  );
}

function Offered({ parameters }: { parameters: readonly string[] | undefined }) {
  if (parameters === undefined) {
    return (
      <td class="no">
        <span aria-hidden="true">·</span>
        <span class="offscreen">no</span>
      </td>
    );
  }
  return (
    <td class="yes">
      {parameters.length === 0 ? (
        <>
          <span aria-hidden="true">✓</span>
          <span class="offscreen">yes</span>
        </>
      ) : (
        <Wire text={parameters.join(' ')} most={80} />
      )}
    </td>
  );
}

/** Those that most servers offer first. */
function keywordsOf(servers: readonly ServerEntry[]): string[] {
  const counts = new Map<string, number>();
  for (const { offers } of servers) {
    for (const keyword of new Set(offers.flatMap(({ extensions }) => Object.keys(extensions)))) {
      counts.set(keyword, (counts.get(keyword) ?? 0) + 1);
    }
  }
  return [...counts.keys()].sort((a, b) => (counts.get(b) as number) - (counts.get(a) as number) || (a < b ? -1 : 1));
}

function showServer({ address, port }: ServerEntry): void {
  clearFilters();
  server.value = `${address}:${port}`;
  go({ view: 'sessions' });
}
