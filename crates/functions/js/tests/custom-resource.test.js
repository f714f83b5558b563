'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { answer, awsError, clock, inputs, invoke, never, received, statuses } = require('./support/index.js');
const { customResource } = require('../lib/custom-resource.js');
const { Run } = require('../lib/run.js');

const SUFFIX = ' (Log: /aws/lambda/fn/2026/01/01/[$LATEST]abc)';
/** A command of the stubbed SDK. */
const command = { operation: 'Op', input: {} };

function clientOf() {
  const { ACMClient } = require('@aws-sdk/client-acm');
  return new ACMClient({});
}

describe('the answer', () => {
  test('carries what CloudFormation needs to match it', async () => {
    const handler = customResource({ physicalId: () => 'id', create: () => ({ Key: 'value' }) });
    const { lines, http, ...body } = await invoke(handler, {});
    assert.deepEqual(body, {
      Status: 'SUCCESS',
      StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/app-test-api/1',
      RequestId: 'f4ef1b10-c39a-44e3-99c0-fbf7e53c3943',
      LogicalResourceId: 'Action',
      PhysicalResourceId: 'id',
      Data: { Key: 'value' },
    });
    assert.equal(http.method, 'PUT');
    assert.equal(http.url, '/answer?X-Amz-Signature=topsecret');
    assert.equal(http.headers['content-type'], '');
  });

  test('has the length of its bytes, not of its characters', async () => {
    const handler = customResource({ create: () => ({ Name: 'zürich 東京' }) });
    const { http, Data } = await invoke(handler, {});
    assert.equal(Number(http.headers['content-length']), http.body.length);
    assert.equal(Data.Name, 'zürich 東京');
  });

  test('is sent again when it was not taken', async () => {
    statuses.push(503, 500);
    const { Status } = await invoke(customResource({ create: () => {} }), {});
    assert.equal(Status, 'SUCCESS');
    assert.equal(received.length, 3);
  });

  test('that is never taken fails the invocation, for Lambda to try again', async () => {
    statuses.push(...Array(4).fill(403));
    await assert.rejects(invoke(customResource({ create: () => {} }), {}), (error) => {
      assert.match(error.message, /HTTP status 403/);
      assert.doesNotMatch(error.message, /topsecret/);
      return true;
    });
    assert.equal(received.length, 4);
  });

  test('that is too long is a failure that says so', async () => {
    const handler = customResource({ create: () => ({ Long: 'x'.repeat(5000) }) });
    const { Status, Reason, Data } = await invoke(handler, {});
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /the answer has 5\d\d\d bytes, and CloudFormation takes 4096/);
    assert.equal(Data, undefined);
  });

  test('that is too long keeps the id of an update', async () => {
    const handler = customResource({ physicalId: () => 'new', create: () => ({ Long: 'x'.repeat(5000) }) });
    const { Status, PhysicalResourceId } = await invoke(handler, { RequestType: 'Update', PhysicalResourceId: 'old' });
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', 'old']);
    assert.equal((await invoke(handler, {})).PhysicalResourceId, 'new');
  });

  test('of a failure has a reason that fits', async () => {
    const handler = customResource({
      create: () => {
        throw new Error('é'.repeat(3000));
      },
    });
    const { Status, Reason, http } = await invoke(handler, {});
    assert.equal(Status, 'FAILED');
    assert.ok(http.body.length < 4096);
    assert.ok(Buffer.byteLength(Reason) <= 1024);
    assert.match(Reason, /^é+\.\.\. \(Log: /);
  });
});

describe('the physical id', () => {
  const failing = customResource({
    physicalId: ({ props }) => props.Id,
    create: (request) => {
      request.physicalId = 'arn:new';
      throw new Error('later');
    },
  });

  test('of a failed creation is that of what was created, so that it is cleaned up', async () => {
    const { Status, PhysicalResourceId, Reason } = await invoke(failing, {});
    assert.deepEqual([Status, PhysicalResourceId, Reason], ['FAILED', 'arn:new', `later${SUFFIX}`]);
  });

  test('is kept when an update fails', async () => {
    const { Status, PhysicalResourceId } = await invoke(failing, { RequestType: 'Update', PhysicalResourceId: 'old' });
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', 'old']);
  });

  test('of a deletion is that of what is deleted', async () => {
    const { Status, PhysicalResourceId } = await invoke(customResource({ physicalId: () => 'other', create: () => {} }), {
      RequestType: 'Delete',
      PhysicalResourceId: 'old',
    });
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', 'old']);
  });

  test('is the name of the log stream where there is no other', async () => {
    const { PhysicalResourceId } = await invoke(customResource({ create: () => {} }), {});
    assert.equal(PhysicalResourceId, '2026/01/01/[$LATEST]abc');
  });
});

describe('a request', () => {
  test('of an unknown type fails', async () => {
    const { Status, Reason } = await invoke(customResource({ create: () => {} }), { RequestType: 'Read' });
    assert.deepEqual([Status, Reason], ['FAILED', `Unsupported request type Read${SUFFIX}`]);
  });

  test('to delete does nothing where nothing was made', async () => {
    const handler = customResource({ create: () => assert.fail() });
    const { Status, PhysicalResourceId } = await invoke(handler, { RequestType: 'Delete', PhysicalResourceId: 'x' });
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', 'x']);
  });

  test('without properties is no crash', async () => {
    const handler = customResource({ create: ({ props, oldProps }) => ({ n: Object.keys({ ...props, ...oldProps }).length }) });
    const { Data } = await invoke(handler, { ResourceProperties: undefined });
    assert.deepEqual(Data, { n: 0 });
  });

  test('whose action throws something that is no error fails', async () => {
    const handler = customResource({ create: () => Promise.reject('just text') });
    const { Reason } = await invoke(handler, {});
    assert.equal(Reason, `just text${SUFFIX}`);
  });
});

describe('the deadline', () => {
  test('answers shortly before Lambda ends the function, and says what took so long', async () => {
    const handler = customResource({
      create: (request) => request.poll({ what: 'waiting for Godot', every: 1000 }, async () => undefined),
    });
    const { Status, Reason } = await invoke(handler, {}, { seconds: 600 });
    assert.equal(Status, 'FAILED');
    assert.equal(Reason, `did not finish within 570 seconds: still waiting for Godot${SUFFIX}`);
    assert.equal(clock.elapsed(), 570_000);
  });

  test('ends a call that hangs', async () => {
    answer({ Op: never });
    const handler = customResource({ create: (request) => request.send(clientOf(), command) });
    const { Status, Reason } = await invoke(handler, {}, { seconds: 20 });
    assert.deepEqual([Status, Reason], ['FAILED', `did not finish within 10 seconds${SUFFIX}`]);
  });

  test('leaves time to take back what a failed update began', async () => {
    const taken = [];
    const handler = customResource({
      create: (request) => {
        request.physicalId = 'new';
        request.begun = true;
        return never();
      },
      abandon: async (request) => taken.push([request.existingId, request.physicalId]),
    });
    const { PhysicalResourceId } = await invoke(handler, { RequestType: 'Update', PhysicalResourceId: 'old' });
    assert.equal(PhysicalResourceId, 'old');
    assert.deepEqual(taken, [['old', 'new']]);
  });

  test('of a creation takes nothing back, since CloudFormation deletes what was created', async () => {
    const create = (request) => {
      request.begun = true;
      return never();
    };
    const handler = customResource({ create, abandon: () => assert.fail() });
    const { Status, lines } = await invoke(handler, {});
    assert.equal(Status, 'FAILED');
    assert.ok(!lines.some((line) => line.startsWith('clean-up')));
  });

  test('of an update that has begun nothing takes nothing back', async () => {
    const handler = customResource({ create: never, abandon: () => assert.fail() });
    const { lines } = await invoke(handler, { RequestType: 'Update', PhysicalResourceId: 'old' });
    assert.ok(!lines.some((line) => line.startsWith('clean-up')));
  });

  test('holds for taking back, too', async () => {
    const handler = customResource({
      create: (request) => {
        request.begun = true;
        throw new Error('first');
      },
      abandon: never,
    });
    const { Reason } = await invoke(handler, { RequestType: 'Update', PhysicalResourceId: 'old' });
    assert.equal(Reason, `first${SUFFIX}`);
    assert.equal(clock.elapsed(), 10_000);
  });
});

describe('a call', () => {
  const sending = customResource({ create: (request) => request.send(clientOf(), command) });

  for (const name of ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'PriorRequestNotComplete']) {
    test(`is tried again after ${name}`, async () => {
      answer({ Op: [awsError(name), awsError(name), { Ok: 1 }] });
      const { Data } = await invoke(sending, {});
      assert.deepEqual(Data, { Ok: 1 });
      assert.equal(inputs('Op').length, 3);
    });
  }

  test('is tried again after a fault of the service or a broken connection', async () => {
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    answer({ Op: [awsError('Whatever', 'fault', 503), reset, { Ok: 1 }] });
    const { Data } = await invoke(sending, {});
    assert.deepEqual(Data, { Ok: 1 });
  });

  test('is given up when throttling does not end, each wait longer than the one before', async () => {
    answer({ Op: awsError('ThrottlingException', 'Rate exceeded') });
    const { Status, Reason } = await invoke(sending, {});
    assert.deepEqual([Status, Reason], ['FAILED', `Rate exceeded${SUFFIX}`]);
    assert.equal(inputs('Op').length, 8);
    assert.equal(clock.elapsed(), 250 + 500 + 1000 + 2000 + 4000 + 8000 + 10_000);
  });

  test('is not tried again when it is wrong', async () => {
    answer({ Op: awsError('ValidationError', 'no') });
    await invoke(sending, {});
    assert.equal(inputs('Op').length, 1);
  });
});

test('pages end where the service says so, whatever token it gives', async () => {
  answer({ Op: { Items: [1], Next: 'more', IsTruncated: false } });
  class OpCommand {
    constructor(input) {
      Object.assign(this, { operation: 'Op', input });
    }
  }
  const run = new Run({ getRemainingTimeInMillis: () => 60_000 });
  for await (const { Items } of run.pages(clientOf(), OpCommand, {}, { Next: 'From' })) {
    assert.deepEqual(Items, [1]);
  }
  assert.equal(inputs('Op').length, 1);
});

test('pages go on while there is a token, also after an empty page', async () => {
  answer({ Op: ({ From = 0 }) => ({ Items: From === 1 ? [] : [From], Next: From < 3 ? From + 1 : undefined }) });
  class OpCommand {
    constructor(input) {
      Object.assign(this, { operation: 'Op', input });
    }
  }
  const run = new Run({ getRemainingTimeInMillis: () => 60_000 });
  const items = [];
  for await (const page of run.pages(clientOf(), OpCommand, { Size: 1 }, { Next: 'From' })) {
    items.push(...page.Items);
  }
  assert.deepEqual(items, [0, 2, 3]);
  assert.deepEqual(inputs('Op').at(-1), { Size: 1, From: 3 });
});
