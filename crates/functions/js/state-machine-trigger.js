'use strict';

const { SFNClient, StartSyncExecutionCommand } = require('@aws-sdk/client-sfn');
const { customResource } = require('./lib/custom-resource.js');

exports.handler = customResource({
  physicalId: ({ existingId, logicalId }) => existingId ?? logicalId,
  create: async (request) => {
    request.doing('waiting for the state machine');
    const command = new StartSyncExecutionCommand({ stateMachineArn: request.props.StateMachineARN });
    const { status, error, cause } = await request.send(new SFNClient({}), command);
    if (status !== 'SUCCEEDED') {
      throw new Error(`State machine failed: ${cause ?? error ?? status}`);
    }
  },
});
