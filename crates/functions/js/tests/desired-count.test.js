'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { answer, awsError, inputs, invoke, never } = require('./support/index.js');
const { handler } = require('../desired-count.js');

const ResourceProperties = { Cluster: 'c', App: 'shop', Env: 'test', Svc: 'api', DefaultDesiredCount: '2', UpdateID: 'x' };
const found = (...arns) => ({ ResourceTagMappingList: arns.map((ResourceARN) => ({ ResourceARN })) });
const ask = (more) => invoke(handler, { ResourceProperties, ...more });

test('the count of the running service is kept', async () => {
  answer({
    GetResources: [{ ...found(), PaginationToken: 'more' }, { ...found('arn:svc'), PaginationToken: '' }],
    DescribeServices: { services: [{ status: 'ACTIVE', desiredCount: 7 }] },
  });
  const { Status, Data, PhysicalResourceId } = await ask({ RequestType: 'Update', PhysicalResourceId: 'x' });
  assert.deepEqual([Status, Data], ['SUCCESS', { DesiredCount: 7 }]);
  assert.equal(PhysicalResourceId, 'copilot/apps/shop/envs/test/services/api/autoscaling');
  assert.deepEqual(inputs('DescribeServices'), [{ cluster: 'c', services: ['arn:svc'] }]);
  assert.deepEqual(inputs('GetResources')[1], {
    PaginationToken: 'more',
    ResourceTypeFilters: ['ecs:service'],
    TagFilters: [
      { Key: 'copilot-application', Values: ['shop'] },
      { Key: 'copilot-environment', Values: ['test'] },
      { Key: 'copilot-service', Values: ['api'] },
    ],
  });
});

test('a count of 0 is a count', async () => {
  answer({ GetResources: found('arn:svc'), DescribeServices: { services: [{ status: 'ACTIVE', desiredCount: 0 }] } });
  assert.deepEqual((await ask()).Data, { DesiredCount: 0 });
});

for (const [title, answers] of [
  ['no service', { GetResources: found() }],
  ['more services than can be described', { GetResources: found(...Array(11).fill('a')) }],
  ['two services', { GetResources: found('a', 'b'), DescribeServices: { services: [{ desiredCount: 1 }, { desiredCount: 2 }] } }],
  ['a deleted service', { GetResources: found('a'), DescribeServices: { services: [{ status: 'INACTIVE', desiredCount: 0 }] } }],
  ['a missing service', { GetResources: found('a'), DescribeServices: { services: [], failures: [{}] } }],
  ['an error', { GetResources: awsError('AccessDeniedException', 'no') }],
  ['no answer in time', { GetResources: never }],
]) {
  test(`the default holds for ${title}`, async () => {
    answer(answers);
    const { Status, Data, lines } = await ask();
    assert.deepEqual([Status, Data], ['SUCCESS', { DesiredCount: '2' }]);
    assert.equal(lines.length, /error|answer/.test(title) ? 2 : 1, lines.join('\n'));
  });
}

test('deletion does nothing', async () => {
  assert.equal((await ask({ RequestType: 'Delete', PhysicalResourceId: 'x' })).Status, 'SUCCESS');
});

test('an unknown request is no success', async () => {
  assert.equal((await ask({ RequestType: 'Read' })).Status, 'FAILED');
});
