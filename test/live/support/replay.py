"""Puts the packets of a classic pcap on an interface: replay.py CAPTURE INTERFACE PACKETS_A_SECOND TIMES.

The rate is kept on the whole, in short bursts; 0 is as fast as it goes. Says how many it sent and how long it took.
"""

import socket
import struct
import sys
import time

path, interface, rate, times = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
with open(path, "rb") as capture:
    data = capture.read()
order = ">" if data[:4] in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d") else "<"
packets = []
at = 24
while at + 16 <= len(data):
    length = struct.unpack(order + "I", data[at + 8 : at + 12])[0]
    packets.append(data[at + 16 : at + 16 + length])
    at += 16 + length

line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
line.bind((interface, 0))
sent = 0
begun = time.monotonic()
for _ in range(times):
    for packet in packets:
        if rate > 0:
            ahead = sent / rate - (time.monotonic() - begun)
            if ahead > 0.001:
                time.sleep(ahead)
        while True:
            try:
                line.send(packet)
                break
            except OSError as error:
                if error.errno != 105:  # ENOBUFS: the queue is full
                    sys.exit(f"sent {sent}: {error}")
                time.sleep(0.0005)
        sent += 1
print(f"sent {sent} in {time.monotonic() - begun:.3f}")
