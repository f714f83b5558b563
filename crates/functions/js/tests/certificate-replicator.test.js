'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { calls, invoke } = require('./support/index.js');
const { FakeAcm, identity, shop } = require('./support/shop.js');
const { certificateReplicateHandler: handler } = require('../certificate-replicator.js');

const SOURCE = 'arn:aws:acm:eu-west-3:111122223333:certificate/source';
const COPY = 'arn:aws:acm:us-east-1:111122223333:certificate/copy';
const DOMAIN = 'test.shop.example.com';
const NAMES = [DOMAIN, `*.${DOMAIN}`, 'www.example.com'];
const ResourceProperties = {
  AppName: identity.AppName,
  EnvName: identity.EnvName,
  TargetRegion: 'us-east-1',
  EnvRegion: 'eu-west-3',
  CertificateArn: SOURCE,
};
const ask = (RequestType, PhysicalResourceId) => invoke(handler, { RequestType, PhysicalResourceId, ResourceProperties });

function proven() {
  const { acm } = shop({ ZENV: [FakeAcm.record(DOMAIN)], ZROOT: [FakeAcm.record('www.example.com')] });
  acm.issued(SOURCE, DOMAIN, NAMES);
  return acm;
}

test('creation requests the same names in the other region and waits', async () => {
  const acm = proven();
  const { Status, PhysicalResourceId, Data } = await ask('Create');
  assert.equal(Status, 'SUCCESS');
  assert.equal(PhysicalResourceId, 'arn:aws:acm:us-east-1:111122223333:certificate/new-1');
  assert.deepEqual(Data, { Arn: PhysicalResourceId });
  const { domain, names, tags } = acm.certificates.get(PhysicalResourceId);
  assert.deepEqual({ domain, names, tags }, { domain: DOMAIN, names: NAMES, tags: { 'copilot-application': 'shop', 'copilot-environment': 'test' } });
});

test('creation fails without the certificate of the environment', async () => {
  shop();
  const { Status, Reason } = await ask('Create');
  assert.equal(Status, 'FAILED');
  assert.match(Reason, /source does not exist/);
});

test('creation that is never proven fails in time, with the certificate to be deleted', async () => {
  const { acm } = shop();
  acm.issued(SOURCE, DOMAIN, NAMES);
  const { Status, Reason, PhysicalResourceId } = await ask('Create');
  assert.equal(Status, 'FAILED');
  assert.match(Reason, /within 870 seconds: still waiting for arn:\S+ to be issued/);
  assert.match(PhysicalResourceId, /us-east-1:\d+:certificate\/new-1$/);
});

test('update to a certificate of other names replaces the copy', async () => {
  const acm = proven();
  acm.issued(COPY, DOMAIN, [DOMAIN, `*.${DOMAIN}`]);
  const { Status, PhysicalResourceId } = await ask('Update', COPY);
  assert.equal(Status, 'SUCCESS');
  assert.match(PhysicalResourceId, /new-1$/);
  assert.ok(acm.certificates.has(COPY));
});

test('update to a certificate of the same names keeps the copy', async () => {
  const acm = proven();
  acm.issued(COPY, DOMAIN, [...NAMES].reverse());
  const { Status, PhysicalResourceId, Data } = await ask('Update', COPY);
  assert.deepEqual([Status, PhysicalResourceId, Data], ['SUCCESS', COPY, { Arn: COPY }]);
});

test('update that fails keeps the copy and takes back the new one', async () => {
  const { acm } = shop();
  acm.issued(SOURCE, DOMAIN, NAMES);
  acm.issued(COPY, DOMAIN, [DOMAIN]);
  const { Status, PhysicalResourceId } = await ask('Update', COPY);
  assert.deepEqual([Status, PhysicalResourceId], ['FAILED', COPY]);
  assert.deepEqual([...acm.certificates.keys()], [SOURCE, COPY]);
});

test('deletion waits until the copy is unused', async () => {
  const acm = proven();
  acm.issued(COPY, DOMAIN, NAMES, { inUse: 3 });
  assert.equal((await ask('Delete', COPY)).Status, 'SUCCESS');
  assert.deepEqual([...acm.certificates.keys()], [SOURCE]);
});

test('deletion is fine with a copy that is gone', async () => {
  proven();
  assert.equal((await ask('Delete', COPY)).Status, 'SUCCESS');
});

test('deletion of what never became a certificate does nothing', async () => {
  assert.equal((await ask('Delete', 'log-stream')).Status, 'SUCCESS');
  assert.equal(calls.length, 0);
});
