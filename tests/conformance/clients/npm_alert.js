// Bind with npm's smpp, ask for a delivery pending flag to a handset that is off, switch it on, wait
// for the alert_notification; print one line per fact.
//
//     NODE_PATH=examples/clients/node_modules node npm_alert.js HOST:PORT URL RECIPIENT SENDER TEXT
'use strict';

const smpp = require('smpp');

const [target, url, recipient, sender, text] = process.argv.slice(2);
const [host, port] = target.split(':');

async function setHandset(state) {
  const response = await fetch(`${url}/api/v1/subscribers/${recipient}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ state }),
  });
  if (!response.ok) {
    throw new Error(`handset: ${response.status} ${await response.text()}`);
  }
}

const session = smpp.connect({ host, port: Number(port) }, async () => {
  await setHandset('off');
  session.bind_transceiver({ system_id: 'police', password: 'secret08' }, () => {
    session.submit_sm(
      {
        source_addr: sender,
        destination_addr: recipient,
        data_coding: 8,
        short_message: { message: Buffer.from(text, 'utf16le').swap16() },
        set_dpf: 1,
      },
      (response) => {
        console.log(`flag ${response.command_status} ${response.dpf_result}`);
        setHandset('active');
      },
    );
  });
});

session.on('alert_notification', (pdu) => {
  console.log(`alert ${pdu.source_addr} ${pdu.esme_addr} ${pdu.ms_availability_status}`);
  session.unbind(() => {
    session.close(() => process.exit(0));
  });
});

setTimeout(() => process.exit(2), 30000).unref();
