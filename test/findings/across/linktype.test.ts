import { describe, expect, it } from 'vitest';
import { crossFindings, GOOD_CAPTURE } from '../support/across.ts';

const unread = (linkType: number, name: string, packets: number) => ({ linkType, name, packets });

describe('linktype', () => {
  it('fires: with names and numbers, most packets first', () => {
    const found = crossFindings(
      [],
      [{ ...GOOD_CAPTURE, unread: [unread(189, 'USB_LINUX', 2), unread(201, 'BLUETOOTH_HCI_H4_WITH_PHDR', 40)] }],
    );
    expect(found).toMatchObject([{ rule: 'linktype', severity: 'warning', confidence: 'certain', sessions: [] }]);
    expect(found[0]?.message).toBe(
      'mail.pcap: of 100 packets some were passed over, their link type is not read: ' +
        'BLUETOOTH_HCI_H4_WITH_PHDR (201): 40 packets and USB_LINUX (189): 2 packets',
    );
  });

  it('quiet: all were read', () => {
    expect(crossFindings([], [GOOD_CAPTURE, { ...GOOD_CAPTURE, unread: [] }])).toEqual([]);
  });
});
