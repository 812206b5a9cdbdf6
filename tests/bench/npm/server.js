// A bare message centre on npm `smpp`: every bind and every submit_sm is accepted, nothing is
// checked, kept or delivered. Prints {"port": n} when it listens. The first argument is the folder
// in which the package was installed.
"use strict";

const path = require("node:path");
const smpp = require(path.join(process.argv[2], "node_modules", "smpp"));

let messages = 0;

const server = smpp.createServer((session) => {
  // The package leaves Nagle's algorithm on, which delays every answer by a millisecond.
  session.socket.setNoDelay(true);
  const accept = (pdu) => session.send(pdu.response({ system_id: "npm" }));
  session.on("bind_transceiver", accept);
  session.on("bind_transmitter", accept);
  session.on("bind_receiver", accept);
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("submit_sm", (pdu) => {
    messages += 1;
    session.send(pdu.response({ message_id: String(messages).padStart(18, "0") }));
  });
  session.on("unbind", (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on("error", () => session.close());
});

server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
