// The OCA schemas of npm's ocpp-rpc as validators by subprotocol: validate('urn:Action.req', value).
//
// Its 2.1 schemas are filed as ActionRequest and ActionResponse, where its own strict mode looks
// for Action.req and Action.conf (2.2.1): they are renamed here.
'use strict';
const { createValidator } = require('ocpp-rpc');
const standard = require('ocpp-rpc/lib/standard-validators');

const renamed = require('ocpp-rpc/lib/schemas/ocpp2_1.json').map((schema) => ({
  ...schema,
  $id: schema.$id.replace(/Request$/, '.req').replace(/Response$/, '.conf'),
}));
const ocpp21 = createValidator('ocpp2.1', renamed);

module.exports = {
  ocpp21,
  validators: new Map([
    ...standard.map((validator) => [validator.subprotocol, validator]),
    ['ocpp2.1', ocpp21],
  ]),
};
