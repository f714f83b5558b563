'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { answer, awsError, calls, invoke } = require('./support/index.js');
const { ROLE, alias, identity, shop } = require('./support/shop.js');
const { handler } = require('../env-custom-domain.js');

const properties = (aliases, dns = 'lb.elb.amazonaws.com', zone = 'ZLB') => ({
  ...identity,
  Aliases: aliases && JSON.stringify(aliases),
  AppDNSRole: ROLE,
  PublicAccessDNS: dns,
  PublicAccessHostedZone: zone,
});
const update = (before, after) =>
  invoke(handler, { RequestType: 'Update', PhysicalResourceId: 'Action', OldResourceProperties: before, ResourceProperties: after });
const remove = (ResourceProperties) =>
  invoke(handler, { RequestType: 'Delete', PhysicalResourceId: 'Action', ResourceProperties });

test('creation points every alias in its zone, and skips those of other domains', async () => {
  const { dns } = shop();
  const aliases = { a: ['test.shop.example.com', 'Web.example.com', 'x.example.org'], b: ['web.example.com', 'b.shop.example.com'] };
  const { Status, PhysicalResourceId } = await invoke(handler, { ResourceProperties: properties(aliases) });
  assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', 'Action']);
  assert.deepEqual(dns.names('ZENV'), ['test.shop.example.com. A']);
  assert.deepEqual(dns.names('ZAPP'), ['b.shop.example.com. A']);
  assert.deepEqual(dns.record('ZROOT', 'web.example.com', 'A').AliasTarget, {
    DNSName: 'lb.elb.amazonaws.com',
    HostedZoneId: 'ZLB',
    EvaluateTargetHealth: true,
  });
  assert.ok(calls.every(({ operation, input, role }) => operation !== 'ChangeResourceRecordSets' || (input.HostedZoneId === 'ZENV') === !role));
});

test('the record of a distribution is the one that deployed functions delete', async () => {
  const { dns } = shop();
  await invoke(handler, { ResourceProperties: properties({ a: ['a.example.com'] }, 'd1.cloudfront.net', 'Z2FDTNDATAQYW2') });
  const { AliasTarget } = dns.record('ZROOT', 'a.example.com', 'A');
  assert.deepEqual(AliasTarget, { DNSName: 'd1.cloudfront.net', HostedZoneId: 'Z2FDTNDATAQYW2', EvaluateTargetHealth: true });
});

test('a zone is found behind many private ones of its name', async () => {
  const { dns } = shop();
  const copies = Array.from({ length: 3 }, (_, n) => ({ ...dns.zones[1], id: `APRIVATE${n}` }));
  dns.zones.splice(1, 0, ...copies);
  dns.pageSize = 2;
  const { Status } = await invoke(handler, { ResourceProperties: properties({ a: ['a.shop.example.com'] }) });
  assert.equal(Status, 'SUCCESS');
  assert.deepEqual(dns.names('ZAPP'), ['a.shop.example.com. A']);
});

test('aliases as text are as good as a list', async () => {
  const { dns } = shop();
  const { Status } = await invoke(handler, { ResourceProperties: properties({ a: 'a.example.com, b.example.com' }) });
  assert.equal(Status, 'SUCCESS');
  assert.deepEqual(dns.names('ZROOT'), ['a.example.com. A', 'b.example.com. A']);
});

test('creation without aliases changes nothing', async () => {
  shop();
  assert.equal((await invoke(handler, { ResourceProperties: properties('') })).Status, 'SUCCESS');
  assert.equal(calls.length, 0);
});

test('a missing zone is a failure of creation', async () => {
  const { dns } = shop();
  dns.zones = dns.zones.filter(({ id }) => id !== 'ZENV');
  const { Status, Reason } = await invoke(handler, { ResourceProperties: properties({ a: ['a.test.shop.example.com'] }) });
  assert.equal(Status, 'FAILED');
  assert.match(Reason, /^no hosted zone named test\.shop\.example\.com exists/);
});

test('update deletes what is no longer an alias, also when the target has changed', async () => {
  const { dns } = shop({ ZROOT: [alias('a.example.com', 'lb.elb.amazonaws.com.'), alias('b.example.com', 'lb.elb.amazonaws.com.')] });
  const { Status } = await update(
    properties({ w: ['a.example.com', 'b.example.com'] }),
    properties({ w: ['b.example.com', 'c.example.com'] }, 'd1.cloudfront.net', 'Z2FDTNDATAQYW2'),
  );
  assert.equal(Status, 'SUCCESS');
  assert.deepEqual(dns.names('ZROOT'), ['b.example.com. A', 'c.example.com. A']);
  assert.equal(dns.record('ZROOT', 'b.example.com', 'A').AliasTarget.DNSName, 'd1.cloudfront.net');
});

test('deletion leaves what points elsewhere, and is fine with what is gone', async () => {
  const { dns } = shop({ ZROOT: [alias('a.example.com', 'lb.elb.amazonaws.com.', 'ZLB', false), alias('b.example.com', 'other.') ] });
  const { Status } = await remove(properties({ w: ['a.example.com', 'b.example.com', 'c.example.com', 'd.test.shop.example.com'] }));
  assert.equal(Status, 'SUCCESS');
  assert.deepEqual(dns.names('ZROOT'), ['b.example.com. A']);
});

test('deletion is fine with zones that are gone', async () => {
  const { dns } = shop();
  dns.zones = dns.zones.filter(({ id }) => id === 'ZAPP');
  dns.zones[0].gone = true;
  assert.equal((await remove(properties({ w: ['a.example.com', 'a.shop.example.com'] }))).Status, 'SUCCESS');
});

test('deletion fails where the records may not be read', async () => {
  const { dns } = shop({ ZROOT: [alias('a.example.com', 'lb.elb.amazonaws.com.')] });
  answer({ ListResourceRecordSets: awsError('AccessDenied', 'no records', 403) });
  const { Status, Reason } = await remove(properties({ w: ['a.example.com'] }));
  assert.equal(Status, 'FAILED');
  assert.match(Reason, /^no records/);
  assert.equal(dns.batches, 0);
});

test('an update that is refused keeps its id', async () => {
  shop();
  answer({ ChangeResourceRecordSets: awsError('AccessDenied', 'not authorized', 403) });
  const { Status, PhysicalResourceId, Reason } = await update(properties({}), properties({ w: ['a.example.com'] }));
  assert.deepEqual([Status, PhysicalResourceId], ['FAILED', 'Action']);
  assert.match(Reason, /^not authorized/);
});

test('hundreds of aliases are written in batches', async () => {
  const { dns } = shop();
  const names = Array.from({ length: 250 }, (_, i) => `a${i}.example.com`);
  assert.equal((await invoke(handler, { ResourceProperties: properties({ w: names }) })).Status, 'SUCCESS');
  assert.deepEqual([dns.names('ZROOT').length, dns.batches], [250, 3]);
});

test('a name server that never follows ends in a failure before Lambda does', async () => {
  const { dns } = shop();
  dns.lag = Infinity;
  const { Reason } = await invoke(handler, { ResourceProperties: properties({ w: ['a.example.com'] }) }, { seconds: 120 });
  assert.match(Reason, /within 90 seconds: still waiting for DNS change/);
});
