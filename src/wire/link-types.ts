/**
 * Link types: what a capture's packets begin with (LINKTYPE_ values, https://www.tcpdump.org/linktypes.html).
 */

export const LINKTYPE_NULL = 0;
export const LINKTYPE_ETHERNET = 1;
/** DLT_RAW as most systems number it, found in files by writers that did not translate it to LINKTYPE_RAW. */
export const LINKTYPE_RAW_BSD = 12;
/** DLT_RAW as OpenBSD numbers it. */
export const LINKTYPE_RAW_OPENBSD = 14;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_LOOP = 108;
export const LINKTYPE_LINUX_SLL = 113;
export const LINKTYPE_IPV4 = 228;
export const LINKTYPE_IPV6 = 229;
export const LINKTYPE_LINUX_SLL2 = 276;
export const LINKTYPE_PPP = 9;
export const LINKTYPE_FDDI = 10;
export const LINKTYPE_PPP_HDLC = 50;
export const LINKTYPE_PPP_ETHER = 51;
export const LINKTYPE_ATM_RFC1483 = 100;
export const LINKTYPE_C_HDLC = 104;
export const LINKTYPE_IEEE802_11 = 105;
export const LINKTYPE_ENC = 109;
export const LINKTYPE_PFLOG = 117;
export const LINKTYPE_IEEE802_11_PRISM = 119;
export const LINKTYPE_IEEE802_11_RADIOTAP = 127;
export const LINKTYPE_APPLE_IP_OVER_IEEE1394 = 138;
export const LINKTYPE_IEEE802_11_AVS = 163;
export const LINKTYPE_PPP_PPPD = 166;
export const LINKTYPE_JUNIPER_PPPOE = 167;
export const LINKTYPE_JUNIPER_ETHER = 178;
export const LINKTYPE_JUNIPER_PPP = 179;
export const LINKTYPE_JUNIPER_CHDLC = 181;
export const LINKTYPE_PPI = 192;
export const LINKTYPE_PPP_WITH_DIR = 204;
export const LINKTYPE_C_HDLC_WITH_DIR = 205;
export const LINKTYPE_MPLS = 219;
export const LINKTYPE_NFLOG = 239;
export const LINKTYPE_IPOIB = 242;
export const LINKTYPE_PKTAP = 258;

const READ: ReadonlySet<number> = new Set([
  LINKTYPE_NULL,
  LINKTYPE_ETHERNET,
  LINKTYPE_RAW_BSD,
  LINKTYPE_RAW_OPENBSD,
  LINKTYPE_RAW,
  LINKTYPE_LOOP,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_IPV4,
  LINKTYPE_IPV6,
  LINKTYPE_LINUX_SLL2,
  LINKTYPE_PPP,
  LINKTYPE_FDDI,
  LINKTYPE_PPP_HDLC,
  LINKTYPE_PPP_ETHER,
  LINKTYPE_ATM_RFC1483,
  LINKTYPE_C_HDLC,
  LINKTYPE_IEEE802_11,
  LINKTYPE_ENC,
  LINKTYPE_PFLOG,
  LINKTYPE_IEEE802_11_PRISM,
  LINKTYPE_IEEE802_11_RADIOTAP,
  LINKTYPE_APPLE_IP_OVER_IEEE1394,
  LINKTYPE_IEEE802_11_AVS,
  LINKTYPE_PPP_PPPD,
  LINKTYPE_JUNIPER_PPPOE,
  LINKTYPE_JUNIPER_ETHER,
  LINKTYPE_JUNIPER_PPP,
  LINKTYPE_JUNIPER_CHDLC,
  LINKTYPE_PPI,
  LINKTYPE_PPP_WITH_DIR,
  LINKTYPE_C_HDLC_WITH_DIR,
  LINKTYPE_MPLS,
  LINKTYPE_NFLOG,
  LINKTYPE_IPOIB,
  LINKTYPE_PKTAP,
]);

const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'NULL'],
  [1, 'ETHERNET'],
  [3, 'AX25'],
  [6, 'IEEE802_5'],
  [7, 'ARCNET_BSD'],
  [8, 'SLIP'],
  [9, 'PPP'],
  [10, 'FDDI'],
  [12, 'RAW'],
  [14, 'RAW'],
  [50, 'PPP_HDLC'],
  [51, 'PPP_ETHER'],
  [100, 'ATM_RFC1483'],
  [101, 'RAW'],
  [104, 'C_HDLC'],
  [105, 'IEEE802_11'],
  [107, 'FRELAY'],
  [108, 'LOOP'],
  [109, 'ENC'],
  [113, 'LINUX_SLL'],
  [114, 'LTALK'],
  [117, 'PFLOG'],
  [119, 'IEEE802_11_PRISM'],
  [122, 'IP_OVER_FC'],
  [127, 'IEEE802_11_RADIOTAP'],
  [129, 'ARCNET_LINUX'],
  [138, 'APPLE_IP_OVER_IEEE1394'],
  [139, 'MTP2_WITH_PHDR'],
  [140, 'MTP2'],
  [141, 'MTP3'],
  [142, 'SCCP'],
  [143, 'DOCSIS'],
  [144, 'LINUX_IRDA'],
  [147, 'USER0'],
  [162, 'USER15'],
  [163, 'IEEE802_11_AVS'],
  [165, 'BACNET_MS_TP'],
  [166, 'PPP_PPPD'],
  [130, 'JUNIPER_MLPPP'],
  [131, 'JUNIPER_MLFR'],
  [132, 'JUNIPER_ES'],
  [133, 'JUNIPER_GGSN'],
  [134, 'JUNIPER_MFR'],
  [135, 'JUNIPER_ATM2'],
  [136, 'JUNIPER_SERVICES'],
  [137, 'JUNIPER_ATM1'],
  [167, 'JUNIPER_PPPOE'],
  [168, 'JUNIPER_PPPOE_ATM'],
  [169, 'GPRS_LLC'],
  [178, 'JUNIPER_ETHER'],
  [179, 'JUNIPER_PPP'],
  [180, 'JUNIPER_FRELAY'],
  [181, 'JUNIPER_CHDLC'],
  [183, 'JUNIPER_VP'],
  [187, 'BLUETOOTH_HCI_H4'],
  [189, 'USB_LINUX'],
  [192, 'PPI'],
  [195, 'IEEE802_15_4_WITHFCS'],
  [201, 'BLUETOOTH_HCI_H4_WITH_PHDR'],
  [202, 'AX25_KISS'],
  [203, 'LAPD'],
  [204, 'PPP_WITH_DIR'],
  [205, 'C_HDLC_WITH_DIR'],
  [206, 'FRELAY_WITH_DIR'],
  [209, 'IPMB_LINUX'],
  [215, 'IEEE802_15_4_NONASK_PHY'],
  [219, 'MPLS'],
  [220, 'USB_LINUX_MMAPPED'],
  [224, 'FC_2'],
  [225, 'FC_2_WITH_FRAME_DELIMS'],
  [226, 'IPNET'],
  [227, 'CAN_SOCKETCAN'],
  [228, 'IPV4'],
  [229, 'IPV6'],
  [230, 'IEEE802_15_4_NOFCS'],
  [231, 'DBUS'],
  [239, 'NFLOG'],
  [240, 'NETANALYZER'],
  [241, 'NETANALYZER_TRANSPARENT'],
  [242, 'IPOIB'],
  [243, 'MPEG_2_TS'],
  [248, 'SCTP'],
  [249, 'USBPCAP'],
  [251, 'BLUETOOTH_LE_LL'],
  [252, 'WIRESHARK_UPPER_PDU'],
  [253, 'NETLINK'],
  [254, 'BLUETOOTH_LINUX_MONITOR'],
  [258, 'PKTAP'],
  [259, 'EPON'],
  [266, 'USB_DARWIN'],
  [268, 'SDLC'],
  [271, 'VSOCK'],
  [272, 'NORDIC_BLE'],
  [276, 'LINUX_SLL2'],
  [280, 'VPP_DISPATCH'],
]);

/** Those of interfaces that are watched, in words. */
const WORDS: ReadonlyMap<number, string> = new Map([
  [LINKTYPE_NULL, 'BSD loopback'],
  [LINKTYPE_ETHERNET, 'Ethernet'],
  [LINKTYPE_RAW_BSD, 'raw IP'],
  [LINKTYPE_RAW_OPENBSD, 'raw IP'],
  [LINKTYPE_RAW, 'raw IP'],
  [LINKTYPE_IEEE802_11, '802.11'],
  [LINKTYPE_LINUX_SLL, 'Linux cooked'],
  [LINKTYPE_IEEE802_11_RADIOTAP, '802.11 with radiotap'],
]);

/** Whether `decodeFrame` reads packets of this link type. */
export function isReadLinkType(linkType: number): boolean {
  return READ.has(linkType);
}

/** The registry's name without its prefix, or `LINKTYPE <number>`. */
export function linkTypeName(linkType: number): string {
  return NAMES.get(linkType) ?? `LINKTYPE ${linkType}`;
}

/** The same for a sentence: `Ethernet`, `raw IP`; the registry's name where there are no words for it. */
export function linkTypeWords(linkType: number): string {
  return WORDS.get(linkType) ?? linkTypeName(linkType);
}
