'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { answer, calls, invoke, never } = require('./support/index.js');
const { ROLE, alias, identity, shop } = require('./support/shop.js');
const { handler } = require('../workload-custom-domain.js');

const LB = 'nlb-1.elb.amazonaws.com';
const properties = (Aliases, dns = LB, zone = 'ZLB') => ({
  ...identity,
  ServiceName: 'api',
  EnvHostedZoneId: 'ZENV',
  RootDNSRole: ROLE,
  Aliases,
  PublicAccessDNS: dns,
  PublicAccessHostedZoneID: zone,
});
const create = (ResourceProperties) => invoke(handler, { ResourceProperties });
const update = (before, after) =>
  invoke(handler, { RequestType: 'Update', PhysicalResourceId: 'Action', OldResourceProperties: before, ResourceProperties: after });
const remove = (ResourceProperties) =>
  invoke(handler, { RequestType: 'Delete', PhysicalResourceId: 'Action', ResourceProperties });

describe('creation', () => {
  test('points the aliases, in zones of both accounts', async () => {
    const { dns } = shop({ ZENV: [alias('zz.test.shop.example.com', 'other.')] });
    const { Status, PhysicalResourceId } = await create(properties(['a.test.shop.example.com', 'a.shop.example.com', '*.example.com']));
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', 'Action']);
    assert.deepEqual(dns.names('ZENV'), ['a.test.shop.example.com. A', 'zz.test.shop.example.com. A']);
    assert.deepEqual(dns.names('ZAPP'), ['a.shop.example.com. A']);
    assert.deepEqual(dns.record('ZROOT', '*.example.com', 'A'), { ...alias('*.example.com.', LB) });
  });

  test('takes an alias that points to it by now', async () => {
    const { dns } = shop({ ZROOT: [alias('A.example.com', `${LB.toUpperCase()}.`)] });
    assert.equal((await create(properties(['a.example.com']))).Status, 'SUCCESS');
    assert.equal(dns.record('ZROOT', 'a.example.com', 'A').AliasTarget.DNSName, LB);
  });

  test('refuses an alias that points elsewhere, and changes nothing', async () => {
    const { dns } = shop({ ZROOT: [alias('b.example.com', 'other.elb.amazonaws.com.')] });
    const { Status, Reason } = await create(properties(['a.example.com', 'b.example.com']));
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /^Alias b\.example\.com is already in use by other\.elb\.amazonaws\.com\.\. This could be another load balancer of a different service\./);
    assert.equal(dns.batches, 0);
  });

  test('refuses an alias that is an address', async () => {
    shop({ ZROOT: [{ Name: '*.example.com', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] }] });
    const { Reason } = await create(properties(['*.example.com']));
    assert.match(Reason, /^Alias \*\.example\.com is already in use \(Log/);
  });

  test('refuses an alias of another domain', async () => {
    shop();
    assert.match((await create(properties(['example.org']))).Reason, /^unrecognized domain type for example\.org/);
  });

  test('that hangs fails before Lambda ends it', async () => {
    shop();
    answer({ ListResourceRecordSets: never });
    assert.match((await create(properties(['a.example.com']))).Reason, /did not finish within 870 seconds/);
  });
});

describe('update', () => {
  test('with nothing new does nothing', async () => {
    shop();
    const { Status } = await update(properties(['a.example.com', 'b.example.com']), properties(['b.example.com', 'a.example.com']));
    assert.deepEqual([Status, calls.length], ['SUCCESS', 0]);
  });

  for (const [title, after] of [
    ['name', ['nlb-2.elb.amazonaws.com', 'ZLB']],
    ['zone', [LB, 'ZLB2']],
  ]) {
    test(`to a target of another ${title} moves the same aliases`, async () => {
      const { dns } = shop({ ZROOT: [alias('a.example.com', `${LB}.`)] });
      assert.equal((await update(properties(['a.example.com']), properties(['a.example.com'], ...after))).Status, 'SUCCESS');
      const { DNSName, HostedZoneId } = dns.record('ZROOT', 'a.example.com', 'A').AliasTarget;
      assert.deepEqual([DNSName, HostedZoneId], after);
    });
  }

  test('of the aliases alone points the new ones', async () => {
    const { dns } = shop({ ZROOT: [alias('a.example.com', `${LB}.`)] });
    const { Status } = await update(properties(['a.example.com']), properties(['b.example.com', 'b.shop.example.com']));
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual([...dns.names('ZROOT'), ...dns.names('ZAPP')], ['b.example.com. A', 'b.shop.example.com. A']);
  });

  test('to another target moves the aliases and deletes the former ones', async () => {
    const { dns } = shop({ ZROOT: [alias('a.example.com', `${LB}.`), alias('b.example.com', `${LB}.`)] });
    const { Status } = await update(properties(['a.example.com', 'b.example.com']), properties(['b.example.com'], 'nlb-2.elb.amazonaws.com'));
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZROOT'), ['b.example.com. A']);
    assert.equal(dns.record('ZROOT', 'b.example.com', 'A').AliasTarget.DNSName, 'nlb-2.elb.amazonaws.com');
  });

  test('leaves a former alias that points elsewhere by now', async () => {
    const { dns } = shop({ ZROOT: [alias('a.example.com', 'other.')] });
    assert.equal((await update(properties(['a.example.com']), properties([]))).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZROOT'), ['a.example.com. A']);
  });
});

describe('deletion', () => {
  test('deletes what points to the workload and nothing else', async () => {
    const { dns } = shop({ ZROOT: [alias('a.example.com', `${LB}.`), alias('b.example.com', 'other.')] });
    const { Status } = await remove(properties(['a.example.com', 'b.example.com', 'gone.example.com', 'never.example.org']));
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZROOT'), ['b.example.com. A']);
  });

  test('is fine with zones that are gone', async () => {
    const { dns } = shop();
    dns.zones = [];
    assert.equal((await remove(properties(['a.example.com', 'a.test.shop.example.com']))).Status, 'SUCCESS');
  });
});

test('invocations share no zones and no roles', async () => {
  shop();
  await create(properties(['a.example.com']));
  const second = 'arn:aws:iam::999988887777:role/second';
  const { dns } = shop();
  dns.zones.forEach((zone) => Object.assign(zone, { role: zone.role && second, id: `${zone.id}2` }));
  const { Status } = await create({ ...properties(['a.example.com', 'a.test.shop.example.com']), RootDNSRole: second, EnvHostedZoneId: 'ZENV2' });
  assert.equal(Status, 'SUCCESS');
  assert.deepEqual(dns.names('ZENV2'), ['a.test.shop.example.com. A']);
});
