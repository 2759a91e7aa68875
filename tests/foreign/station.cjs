// A charger made of npm's ocpp-rpc in strict mode, driven by JSON lines on stdin.
//
// In: {"id", "call", "payload"} calls the gateway; {"id", "close": true} says goodbye.
// Out: {"connected": subprotocol} or {"failed": text} first, then {"id", "answer"} or
// {"id", "error": {"code", "text"}}; {"called", "payload", "answered"} for each call of the
// gateway; {"invalid": {...}} wherever a schema of the OCA is broken; {"closed": code}.
'use strict';
const readline = require('node:readline');
const { RPCClient, createRPCError } = require('ocpp-rpc');
const { ocpp21 } = require('./validators.cjs');

const [endpoint, identity, password, protocol] = process.argv.slice(2);
const answers = JSON.parse(process.env.ANSWERS || '{}');
const say = (row) => process.stdout.write(JSON.stringify(row) + '\n');

const client = new RPCClient({
  endpoint, identity, password, protocols: [protocol],
  strictMode: true, strictModeValidators: [ocpp21], reconnect: false, callTimeoutMs: 20000,
});

client.on('strictValidationFailure', ({ method, error, outbound, isCall }) => say({
  invalid: { method, is_outbound: outbound, is_call: isCall, text: error.message },
}));
client.on('badMessage', ({ error }) => say({ invalid: { text: error.message } }));
client.on('close', ({ code }) => say({ closed: code }));
client.handle(({ method, params }) => {
  const answered = answers[method];
  say({ called: method, payload: params, answered: answered ?? null });
  if (answered === undefined) throw createRPCError('NotImplemented');
  return answered;
});

async function obey({ id, call, payload, close }) {
  if (close) {
    await client.close({ code: 1000 });
    process.exit(0);
  }
  try {
    say({ id, answer: await client.call(call, payload) });
  } catch (error) {
    say({ id, error: { code: error.rpcErrorCode || error.name, text: error.message } });
  }
}

client.connect().then(() => {
  say({ connected: client.protocol });
  readline.createInterface({ input: process.stdin }).on('line', (line) => obey(JSON.parse(line)));
}, (error) => {
  say({ failed: error.message });
  process.exit(1);
});
