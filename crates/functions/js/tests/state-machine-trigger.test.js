'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { answer, awsError, calls, inputs, invoke, never } = require('./support/index.js');
const { handler } = require('../state-machine-trigger.js');

const ResourceProperties = { StateMachineARN: 'arn:machine', AssetMappingFilePath: 'local-assets/x' };
const ask = (more) => invoke(handler, { ResourceProperties, ...more });

for (const RequestType of ['Create', 'Update']) {
  test(`${RequestType} runs the machine`, async () => {
    answer({ StartSyncExecution: { status: 'SUCCEEDED' } });
    const former = RequestType === 'Update' ? 'former' : undefined;
    const { Status, PhysicalResourceId } = await ask({ RequestType, PhysicalResourceId: former });
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', former ?? 'Action']);
    assert.deepEqual(inputs('StartSyncExecution'), [{ stateMachineArn: 'arn:machine' }]);
  });
}

for (const [title, given, reason] of [
  ['a cause', { status: 'FAILED', error: 'E', cause: 'no such file' }, /^State machine failed: no such file/],
  ['only an error', { status: 'FAILED', error: 'States.Runtime' }, /^State machine failed: States.Runtime/],
  ['a time-out', { status: 'TIMED_OUT' }, /^State machine failed: TIMED_OUT/],
  ['an error of the call', awsError('StateMachineDoesNotExist', 'missing'), /^missing/],
  ['no answer in time', never, /^did not finish within 870 seconds: still waiting for the state machine/],
]) {
  test(`failure with ${title}`, async () => {
    answer({ StartSyncExecution: given });
    const { Status, Reason, PhysicalResourceId } = await ask({ RequestType: 'Update', PhysicalResourceId: 'p' });
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', 'p']);
    assert.match(Reason, reason);
  });
}

test('deletion runs nothing', async () => {
  assert.equal((await ask({ RequestType: 'Delete', PhysicalResourceId: 'p' })).Status, 'SUCCESS');
  assert.equal(calls.length, 0);
});
