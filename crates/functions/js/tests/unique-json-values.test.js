'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { invoke } = require('./support/index.js');
const { handler } = require('../unique-json-values.js');

const ask = (ResourceProperties, more) => invoke(handler, { ResourceProperties, ...more });
const Aliases = JSON.stringify({ a: ['z.com', 'b.com'], b: ['b.com'], c: ['c.com'] });

test('values of the given workloads are unique and sorted', async () => {
  const { Status, Data, PhysicalResourceId } = await ask({ Aliases, FilterFor: 'a,b' });
  assert.deepEqual([Status, Data, PhysicalResourceId], ['SUCCESS', { UniqueValues: ['b.com', 'z.com'] }, 'Action']);
});

test('additional strings are values, too, empty ones are not', async () => {
  const { Data } = await ask({ Aliases, FilterFor: 'c', AdditionalStrings: ['a.com', '', 'c.com'] });
  assert.deepEqual(Data, { UniqueValues: ['a.com', 'c.com'] });
});

test('nothing is an empty list', async () => {
  assert.deepEqual((await ask({ Aliases: '', FilterFor: '' })).Data, { UniqueValues: [] });
  assert.deepEqual((await ask({})).Data, { UniqueValues: [] });
});

test('what is not JSON is a failure', async () => {
  const { Status, Reason, PhysicalResourceId } = await ask({ Aliases: '{' }, { RequestType: 'Update', PhysicalResourceId: 'p' });
  assert.deepEqual([Status, PhysicalResourceId], ['FAILED', 'p']);
  assert.match(Reason, /^the aliases are not JSON/);
});

test('deletion does nothing, whatever the properties', async () => {
  const { Status } = await ask({ Aliases: '{' }, { RequestType: 'Delete', PhysicalResourceId: 'p' });
  assert.equal(Status, 'SUCCESS');
});
