'use strict';

const assert = require('node:assert/strict');
const { beforeEach, test } = require('node:test');
const { answer, awsError, inputs, lambdaContext, logged, never } = require('./support/index.js');
const { handler } = require('../backlog-per-task.js');

beforeEach(() => {
  Object.assign(process.env, { CLUSTER_NAME: 'c', SERVICE_NAME: 's', NAMESPACE: 'shop-test-w', QUEUE_NAMES: 'q1,q2' });
});

const queues = (messages) => ({
  GetQueueUrl: ({ QueueName }) => ({ QueueUrl: `https://sqs/${QueueName}` }),
  GetQueueAttributes: ({ QueueUrl }) => ({ Attributes: { ApproximateNumberOfMessages: messages[QueueUrl.slice(-2)] } }),
});
const lines = () => logged(() => handler({}, lambdaContext(600)));

test('every queue has its metric', async () => {
  answer({ DescribeServices: { services: [{ runningCount: 3 }] }, ...queues({ q1: '10', q2: '0' }) });
  const metrics = (await lines()).map((line) => JSON.parse(line));
  assert.deepEqual(metrics.map(({ QueueName, BacklogPerTask }) => [QueueName, BacklogPerTask]), [['q1', 4], ['q2', 0]]);
  const [{ _aws }] = metrics;
  assert.equal(typeof _aws.Timestamp, 'number');
  assert.deepEqual(_aws.CloudWatchMetrics, [
    { Namespace: 'shop-test-w', Dimensions: [['QueueName']], Metrics: [{ Name: 'BacklogPerTask', Unit: 'Count' }] },
  ]);
  assert.deepEqual(inputs('DescribeServices'), [{ cluster: 'c', services: ['s'] }]);
});

test('without a running task the backlog is all messages', async () => {
  answer({ DescribeServices: { services: [{ runningCount: 0 }] }, ...queues({ q1: '10', q2: '1' }) });
  assert.deepEqual((await lines()).map((line) => JSON.parse(line).BacklogPerTask), [10, 1]);
});

test('a worker without queues has no metric', async () => {
  process.env.QUEUE_NAMES = '';
  answer({ DescribeServices: { services: [{ runningCount: 1 }] } });
  assert.deepEqual(await lines(), []);
});

test('a queue that fails does not keep the others from being measured', async () => {
  answer({ DescribeServices: { services: [{ runningCount: 1 }] }, ...queues({ q1: '1', q2: '2' }) });
  answer({
    GetQueueUrl: ({ QueueName }) => {
      if (QueueName === 'q1') {
        throw awsError('QueueDoesNotExist', 'gone');
      }
      return { QueueUrl: 'https://sqs/q2' };
    },
  });
  const [first, second] = await lines();
  assert.equal(first, 'queue q1: QueueDoesNotExist: gone');
  assert.equal(JSON.parse(second).BacklogPerTask, 2);
});

for (const [title, given, message] of [
  ['a missing service', { services: [] }, /service s of cluster c does not exist/],
  ['an error', awsError('AccessDenied', 'no'), /AccessDenied: no/],
  ['no answer in time', never, /did not finish within 570 seconds/],
]) {
  test(`${title} is logged, not thrown`, async () => {
    answer({ DescribeServices: given });
    const [line] = await lines();
    assert.match(line, message);
  });
}
