'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { answer, awsError, inputs, invoke } = require('./support/index.js');
const { nextAvailableRulePriorityHandler: handler } = require('../rule-priority.js');

const LISTENER = 'arn:listener';
const ask = (RulePath, more) => invoke(handler, { ResourceProperties: { ListenerArn: LISTENER, RulePath }, ...more });
const rules = (...priorities) => ({ Rules: priorities.map((p) => ({ Priority: String(p) })) });

for (const [title, taken, paths, expected] of [
  ['no rules', ['default'], ['/api'], { Priority: 1 }],
  ['no rules, root path', ['default'], ['/'], { Priority: 50000 }],
  ['above the highest', ['default', 3, 1, 48001], ['/api'], { Priority: 4 }],
  ['below the lowest of the root band', ['default', 3, 49999, 50000], ['/'], { Priority: 49998 }],
  ['both kinds', ['default', 7, 50000], ['/a', '/', '/b', '/'], { Priority: 8, Priority1: 49999, Priority2: 9, Priority3: 49998 }],
  ['the gaps where there is no room above', [1, 3, 47999], ['/a', '/b'], { Priority: 2, Priority1: 4 }],
  ['the gaps where there is no room below', [48000, 50000], ['/', '/'], { Priority: 49999, Priority1: 49998 }],
]) {
  test(`priorities: ${title}`, async () => {
    answer({ DescribeRules: rules(...taken) });
    const { Status, Data, PhysicalResourceId } = await ask(paths);
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual(Data, expected);
    assert.equal(PhysicalResourceId, 'alb-rule-priority-Action');
  });
}

test('all pages of rules are read', async () => {
  answer({ DescribeRules: [{ ...rules(1), NextMarker: 'more' }, rules(9)] });
  const { Data } = await ask(['/api']);
  assert.deepEqual(Data, { Priority: 10 });
  assert.deepEqual(inputs('DescribeRules'), [{ ListenerArn: LISTENER }, { ListenerArn: LISTENER, Marker: 'more' }]);
});

test('a listener without a free priority is a failure', async () => {
  answer({ DescribeRules: rules(...Array.from({ length: 2001 }, (_, i) => 48000 + i)) });
  const { Status, Reason } = await ask(['/']);
  assert.equal(Status, 'FAILED');
  assert.match(Reason, /no free rule priority for path \//);
});

test('an update asks anew and keeps its id when it fails', async () => {
  answer({ DescribeRules: awsError('ListenerNotFound', 'One or more listeners not found') });
  const { Status, PhysicalResourceId, Reason } = await ask(['/a'], { RequestType: 'Update', PhysicalResourceId: 'former' });
  assert.deepEqual([Status, PhysicalResourceId], ['FAILED', 'former']);
  assert.match(Reason, /^One or more listeners not found/);
});

test('deletion does nothing', async () => {
  const { Status } = await ask(['/a'], { RequestType: 'Delete', PhysicalResourceId: 'alb-rule-priority-Action' });
  assert.equal(Status, 'SUCCESS');
});
