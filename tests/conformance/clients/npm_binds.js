// Bind with npm's smpp in each mode, ask enquire_link, unbind; print one line per fact.
//
//     NODE_PATH=examples/clients/node_modules node npm_binds.js HOST:PORT
'use strict';

const smpp = require('smpp');

const [host, port] = process.argv[2].split(':');
const modes = ['transmitter', 'receiver', 'transceiver'];

function check(what, response) {
  if (response.command_status !== 0) {
    console.error(`${what} was refused with status ${response.command_status}`);
    process.exit(1);
  }
  console.log(what);
}

function next() {
  const mode = modes.shift();
  if (mode === undefined) {
    process.exit(0);
  }
  const session = smpp.connect({ host, port: Number(port) }, () => {
    session[`bind_${mode}`]({ system_id: 'police', password: 'secret08' }, (bound) => {
      check(`bound ${mode}`, bound);
      session.enquire_link((alive) => {
        check(`alive ${mode}`, alive);
        session.unbind((unbound) => {
          check(`unbound ${mode}`, unbound);
          session.close(next);
        });
      });
    });
  });
}

setTimeout(() => process.exit(2), 30000).unref();
next();
