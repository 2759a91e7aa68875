// Checks OCPP payloads with the schemas and the validator of npm's ocpp-rpc: one JSON line in, one out.
"use strict";
const readline = require("node:readline");
const validators = require("ocpp-rpc/lib/standard-validators");

const bySubprotocol = new Map(validators.map((one) => [one.subprotocol, one]));

function verdict({ subprotocol, schema, payload }) {
  try {
    bySubprotocol.get(subprotocol).validate(schema, payload);
    return null;
  } catch (error) {
    return String(error.message || error);
  }
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(JSON.stringify(verdict(JSON.parse(line))) + "\n");
});
