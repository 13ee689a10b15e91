/**
 * What Suricata's etc/schema.json (OISF/suricata) and its page "Eve JSON Format" say of the events that are written
 * here, as a JSON Schema. `smtpscope` is ours, and is taken away before the test.
 */

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: { type: 'string' }, minItems: 1 };
const whole = { type: 'integer' };

const FLOW = {
  src_ip: text,
  src_port: whole,
  dest_ip: text,
  dest_port: whole,
  proto: { const: 'TCP' },
  community_id: text,
};

const HEAD = {
  timestamp: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d+[+\\-]\\d+$' },
  flow_id: whole,
  pcap_cnt: whole,
  pcap_filename: text,
  tx_id: whole,
  ...FLOW,
};

export const EVE_SCHEMA = {
  oneOf: [
    {
      type: 'object',
      required: ['timestamp', 'flow_id', 'pcap_cnt', 'event_type', 'tx_id', 'smtp', ...Object.keys(FLOW)],
      additionalProperties: false,
      properties: {
        ...HEAD,
        event_type: { const: 'smtp' },
        smtp: {
          type: 'object',
          additionalProperties: false,
          properties: { helo: { type: 'string' }, mail_from: text, rcpt_to: texts },
        },
        email: {
          type: 'object',
          additionalProperties: false,
          required: ['status'],
          properties: {
            // src/util-decode-mime.c: names of the parser's states.
            status: { enum: ['PARSE_DONE', 'BODY_STARTED'] },
            from: { type: 'string' },
            to: texts,
            cc: texts,
            subject: { type: 'string' },
            date: { type: 'string' },
            message_id: { type: 'string' },
            x_mailer: { type: 'string' },
            received: texts,
          },
        },
      },
    },
    {
      type: 'object',
      required: ['timestamp', 'event_type', 'anomaly'],
      additionalProperties: false,
      properties: {
        ...HEAD,
        event_type: { const: 'anomaly' },
        anomaly: {
          type: 'object',
          additionalProperties: false,
          required: ['type', 'event'],
          properties: {
            app_proto: { const: 'smtp' },
            type: { enum: ['applayer', 'stream'] },
            event: text,
            layer: { const: 'proto_parser' },
          },
        },
      },
    },
  ],
};
