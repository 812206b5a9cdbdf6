#!/usr/bin/env node
// Send Chinese text with npm's smpp: bind, submit, print receipts, take a reply, unbind.
//
//     (cd examples/clients && npm ci)
//     node examples/clients/npm_smpp_client.js [HOST:PORT [URL]]
//
// Start the gateway first (`make run`). The reply is injected through the gateway's HTTP API, as if
// the handset had sent it. Prints one line per fact; exits 1 when something does not come in time.
'use strict';

const http = require('http');
const smpp = require('smpp');

const SMPP = process.argv[2] || '127.0.0.1:2775';
const URL_OF_API = process.argv[3] || 'http://127.0.0.1:8775';
const SYSTEM_ID = 'police';
const PASSWORD = 'secret08';
const ACCESS_NUMBER = '106590990371';
const RECIPIENT = '19900000000'; // a magic number: delivered at once
const WAIT_MS = 30000;
const RECEIPT = 0x04; // message type of esm_class

const SHORT =
  '【示例警务】验证码482913，用于登录“示例政务”警务服务，5分钟内有效。民警不会向您' +
  '索要验证码，请勿告知他人。';
const LONG =
  '【示例警务】便民提示：一、办理身份证可提前网上预约，全省任一户籍窗口均可受理；二、首次申' +
  '领、损坏换领、丢失补领均需本人到场采集指纹和人像；三、急需使用的可同时申请临时居民身份证' +
  '；四、领取证件可选择邮寄到家；五、办理进度可在预约平台查询。窗口咨询电话0371-000' +
  '0000，工作日9:00至17:00，感谢您的理解和配合。';

const SEGMENT = 67; // UCS2 characters beside a user data header of 6 octets

let expected = 0;
let received = 0;

function fail(reason) {
  console.error(reason);
  process.exit(1);
}

// Split a text by characters; every segment of a long one gets a concatenation header (3GPP TS
// 23.040 §9.2.3.24.1).
function segmentsOf(text) {
  if (text.length <= 70) {
    return [{ message: text }];
  }
  const total = Math.ceil(text.length / SEGMENT);
  return Array.from({ length: total }, (_, index) => ({
    udh: Buffer.from([5, 0, 3, 42, total, index + 1]),
    message: text.slice(index * SEGMENT, (index + 1) * SEGMENT),
  }));
}

function submit(session, text) {
  for (const segment of segmentsOf(text)) {
    expected += 1;
    const fields = {
      source_addr_ton: 2,
      source_addr_npi: 1,
      source_addr: ACCESS_NUMBER,
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: RECIPIENT,
      data_coding: 8,
      registered_delivery: 1,
      short_message: segment,
    };
    session.submit_sm(fields, (response) => {
      if (response.command_status !== 0) {
        fail(`submit_sm was refused with status ${response.command_status}`);
      }
      console.log('submitted', response.message_id);
    });
  }
}

// Ask the gateway to play a handset that answers.
function reply(text) {
  const body = JSON.stringify({ from: RECIPIENT, to: ACCESS_NUMBER, text });
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  const request = http.request(`${URL_OF_API}/api/v1/mo`, { method: 'POST', headers }, (answer) => {
    if (answer.statusCode !== 202) {
      fail(`POST mo was answered ${answer.statusCode}`);
    }
    answer.resume();
  });
  request.on('error', (error) => fail(error.message));
  request.end(body);
}

function unbind(session) {
  session.unbind((response) => {
    console.log(response.command_status === 0 ? 'unbound' : 'unbind was refused');
    session.close(() => process.exit(response.command_status));
  });
}

const [host, port] = SMPP.split(':');
const session = smpp.connect({ host, port: Number(port) }, () => {
  session.bind_transceiver({ system_id: SYSTEM_ID, password: PASSWORD }, (response) => {
    if (response.command_status !== 0) {
      fail(`the bind was refused with status ${response.command_status}`);
    }
    console.log('bound');
    submit(session, SHORT);
    submit(session, LONG);
  });
});

session.on('deliver_sm', (pdu) => {
  session.send(pdu.response());
  const text = pdu.short_message.message;
  if ((pdu.esm_class & 0x3c) === RECEIPT) {
    const [, id, stat] = /id:(\S+) .*stat:(\S+)/.exec(text);
    console.log('receipt', id, stat);
    received += 1;
    if (received === expected) {
      reply('收到');
    }
  } else {
    console.log('uplink', pdu.source_addr, text);
    unbind(session);
  }
});
session.on('enquire_link', (pdu) => session.send(pdu.response()));
session.on('error', (error) => fail(error.message));
setTimeout(() => fail(`nothing more came within ${WAIT_MS} ms`), WAIT_MS).unref();
