'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { answer, awsError, calls, clock, invoke } = require('./support/index.js');
const { ROLE, shop } = require('./support/shop.js');
const { domainDelegationHandler: handler } = require('../dns-delegation.js');

const ResourceProperties = {
  DomainName: 'shop.example.com',
  SubdomainName: 'test.shop.example.com',
  NameServers: ['ns-1.awsdns.org', 'ns-2.awsdns.com'],
  RootDNSRole: ROLE,
};
const ask = (RequestType, more) =>
  invoke(handler, { RequestType, PhysicalResourceId: RequestType === 'Create' ? undefined : 'p', ResourceProperties, ...more });
const delegation = { Name: 'test.shop.example.com', Type: 'NS', TTL: 300, ResourceRecords: [{ Value: 'old' }] };

for (const RequestType of ['Create', 'Update']) {
  test(`${RequestType} delegates in the account of the application`, async () => {
    const { dns } = shop({ ZAPP: [delegation] });
    const { Status, PhysicalResourceId } = await ask(RequestType);
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', 'test.shop.example.com']);
    assert.deepEqual(dns.record('ZAPP', 'test.shop.example.com', 'NS'), {
      Name: 'test.shop.example.com.',
      Type: 'NS',
      TTL: 60,
      ResourceRecords: [{ Value: 'ns-1.awsdns.org' }, { Value: 'ns-2.awsdns.com' }],
    });
    assert.ok(calls.every(({ role }) => role === ROLE));
    assert.ok(clock.elapsed() > 0, 'waits until the change is in sync');
  });
}

test('a missing zone is a failure', async () => {
  shop();
  const { Status, Reason, PhysicalResourceId } = await ask('Create', {
    ResourceProperties: { ...ResourceProperties, DomainName: 'gone.example.com' },
  });
  assert.deepEqual([Status, PhysicalResourceId], ['FAILED', 'test.shop.example.com']);
  assert.match(Reason, /^no hosted zone named gone\.example\.com exists/);
});

test('a change that never gets in sync is a failure', async () => {
  const { dns } = shop();
  dns.lag = Infinity;
  const { Reason } = await ask('Create');
  assert.match(Reason, /^gave up after 300 seconds of waiting for DNS change \/change\/C1/);
});

test('a change that collides with another is tried again', async () => {
  const { dns } = shop();
  const busy = [1, 2];
  answer({
    ChangeResourceRecordSets: (input, who) => {
      if (busy.pop()) {
        throw awsError('PriorRequestNotComplete', 'The request was rejected', 400);
      }
      return dns.change(input, who);
    },
  });
  assert.equal((await ask('Create')).Status, 'SUCCESS');
  assert.equal(dns.names('ZAPP').length, 1);
});

test('deletion removes what is there, whatever it holds', async () => {
  const { dns } = shop({ ZAPP: [delegation] });
  assert.equal((await ask('Delete')).Status, 'SUCCESS');
  assert.deepEqual(dns.names('ZAPP'), []);
});

test('deletion leaves other names alone', async () => {
  const other = { ...delegation, Name: 'test2.shop.example.com' };
  const { dns } = shop({ ZAPP: [other, { ...delegation, Type: 'TXT' }] });
  assert.equal((await ask('Delete')).Status, 'SUCCESS');
  assert.deepEqual(dns.names('ZAPP'), ['test.shop.example.com. TXT', 'test2.shop.example.com. NS']);
});

test('deletion is done when the zone is gone, before or after it was looked up', async () => {
  const { dns } = shop({ ZAPP: [delegation] });
  dns.zones.find(({ id }) => id === 'ZAPP').gone = true;
  assert.equal((await ask('Delete')).Status, 'SUCCESS');
  dns.zones = [];
  assert.equal((await ask('Delete')).Status, 'SUCCESS');
});

test('records that may not be read are a failure of deletion', async () => {
  const { dns } = shop({ ZAPP: [delegation] });
  answer({ ListResourceRecordSets: awsError('AccessDenied', 'no records', 403) });
  assert.match((await ask('Delete')).Reason, /^no records/);
  assert.equal(dns.batches, 0);
});

test('a role that may not be assumed is a failure of deletion, too', async () => {
  answer({ ListHostedZonesByName: awsError('AccessDenied', 'not authorized to perform: sts:AssumeRole', 403) });
  assert.match((await ask('Delete')).Reason, /sts:AssumeRole/);
});
