'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { answer, awsError, calls, inputs, invoke } = require('./support/index.js');
const { FakeAcm, ROLE, alias, identity, shop } = require('./support/shop.js');
const { handler } = require('../workload-certificate.js');

const LB = 'nlb-1.elb.amazonaws.com';
const DOMAIN = 'api-nlb.test.shop.example.com';
const OLD = 'arn:aws:acm:eu-west-1:111122223333:certificate/old';
const TAGS = { 'copilot-application': 'shop', 'copilot-environment': 'test', 'copilot-service': 'api' };
const proof = (domain) => `_proof.${domain}. CNAME`;
const nlb = (Aliases) => ({
  ...identity,
  ServiceName: 'api',
  EnvHostedZoneId: 'ZENV',
  RootDNSRole: ROLE,
  LoadBalancerDNS: LB,
  Aliases,
});
const site = (Aliases) => ({ ...nlb(Aliases), LoadBalancerDNS: undefined, IsCloudFrontCertificate: 'true' });

describe('creation', () => {
  test('for a network load balancer', async () => {
    const { dns, acm } = shop({ ZROOT: [alias('a.example.com', `${LB}.`)] });
    const { Status, PhysicalResourceId } = await invoke(handler, { ResourceProperties: nlb(['a.example.com', 'b.shop.example.com']) });
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', 'arn:aws:acm:eu-west-1:111122223333:certificate/new-1']);
    assert.deepEqual(acm.certificates.get(PhysicalResourceId).names, [DOMAIN, 'a.example.com', 'b.shop.example.com']);
    assert.deepEqual(acm.certificates.get(PhysicalResourceId).tags, TAGS);
    assert.deepEqual(dns.names('ZENV'), [proof(DOMAIN)]);
    assert.deepEqual(dns.names('ZAPP'), [proof('b.shop.example.com')]);
    assert.deepEqual(dns.names('ZROOT'), [proof('a.example.com'), 'a.example.com. A']);
  });

  test('without aliases is for the name of the service alone', async () => {
    const { acm } = shop();
    const { Status, PhysicalResourceId } = await invoke(handler, { ResourceProperties: nlb([]) });
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual(acm.certificates.get(PhysicalResourceId).names, [DOMAIN]);
    assert.equal(inputs('RequestCertificate')[0].SubjectAlternativeNames, undefined);
  });

  test('for a distribution is made in its region', async () => {
    const { acm } = shop();
    const { Status, PhysicalResourceId } = await invoke(handler, { ResourceProperties: site(['api.test.shop.example.com']) });
    assert.equal(Status, 'SUCCESS');
    assert.equal(PhysicalResourceId, 'arn:aws:acm:us-east-1:111122223333:certificate/new-1');
    assert.equal(acm.certificates.get(PhysicalResourceId).domain, 'api.test.shop.example.com');
  });

  test('that is never issued fails before Lambda ends it', async () => {
    const { acm } = shop();
    const look = acm.describe.bind(acm);
    acm.describe = (...args) => {
      const answer = look(...args);
      answer.Certificate.Status = 'PENDING_VALIDATION';
      return answer;
    };
    const { Status, Reason, PhysicalResourceId } = await invoke(handler, { ResourceProperties: nlb([]) });
    assert.equal(Status, 'FAILED');
    assert.match(PhysicalResourceId, /new-1$/);
    assert.match(Reason, /within 870 seconds: still waiting for arn:\S+ to be issued/);
  });

  test('refuses an alias of another load balancer before a certificate is requested', async () => {
    const { acm } = shop({ ZROOT: [alias('a.example.com', 'other.')] });
    const { Status, Reason, PhysicalResourceId } = await invoke(handler, { ResourceProperties: nlb(['a.example.com']) });
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', '2026/01/01/[$LATEST]abc']);
    assert.match(Reason, /^Alias a\.example\.com is already in use by other\./);
    assert.equal(acm.certificates.size, 0);
  });

  test('for a distribution refuses any alias that exists', async () => {
    shop({ ZROOT: [alias('a.example.com', 'd1.cloudfront.net.')] });
    const { Reason } = await invoke(handler, { ResourceProperties: site(['a.example.com']) });
    assert.match(Reason, /^Alias a\.example\.com is already in use/);
  });

  test('refuses an alias of another domain', async () => {
    shop();
    const { Reason } = await invoke(handler, { ResourceProperties: nlb(['example.org']) });
    assert.match(Reason, /^unrecognized domain type for example\.org/);
  });
});

describe('update', () => {
  const update = (before, after) =>
    invoke(handler, { RequestType: 'Update', PhysicalResourceId: OLD, OldResourceProperties: before, ResourceProperties: after });

  test('with the same aliases does nothing', async () => {
    const { Status, PhysicalResourceId } = await update(nlb(['b.example.com', 'a.example.com']), nlb(['a.example.com', 'b.example.com']));
    assert.deepEqual([Status, PhysicalResourceId, calls.length], ['SUCCESS', OLD, 0]);
  });

  test('with other aliases replaces the certificate', async () => {
    const { acm } = shop({ ZROOT: [alias('a.example.com', `${LB}.`)] });
    acm.issued(OLD, DOMAIN, [DOMAIN, 'a.example.com']);
    const { Status, PhysicalResourceId } = await update(nlb(['a.example.com']), nlb(['a.example.com', 'b.example.com']));
    assert.equal(Status, 'SUCCESS');
    assert.match(PhysicalResourceId, /new-1$/);
    assert.ok(acm.certificates.has(OLD));
  });

  test('takes an alias that points to the former load balancer', async () => {
    shop({ ZROOT: [alias('a.example.com', 'former.')] });
    const { Status } = await update({ ...nlb(['a.example.com']), LoadBalancerDNS: 'former' }, nlb(['a.example.com', 'b.example.com']));
    assert.equal(Status, 'SUCCESS');
  });

  test('back to the names of the certificate keeps it, as in a rollback', async () => {
    const { acm } = shop({ ZROOT: [alias('a.example.com', 'd1.cloudfront.net.')] });
    const arn = 'arn:aws:acm:us-east-1:111122223333:certificate/old';
    acm.issued(arn, 'api.test.shop.example.com', ['a.example.com', 'api.test.shop.example.com']);
    const { Status, PhysicalResourceId } = await invoke(handler, {
      RequestType: 'Update',
      PhysicalResourceId: arn,
      OldResourceProperties: site(['b.example.com']),
      ResourceProperties: site(['a.example.com']),
    });
    assert.deepEqual([Status, PhysicalResourceId, acm.certificates.size], ['SUCCESS', arn, 1]);
  });

  test('that times out keeps the certificate and takes back the new one', async () => {
    const { dns, acm } = shop();
    acm.issued(OLD, DOMAIN, [DOMAIN]);
    dns.lag = Infinity;
    const { Status, Reason, PhysicalResourceId } = await update(nlb([]), nlb(['a.example.com']));
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', OLD]);
    assert.match(Reason, /^gave up after 300 seconds of waiting for DNS change/);
    assert.deepEqual([...acm.certificates.keys()], [OLD]);
    assert.deepEqual([dns.names('ZENV'), dns.names('ZROOT')], [[], []]);
  });

  test('that fails leaves the records of the certificate that stays', async () => {
    const { dns, acm } = shop({ ZENV: [FakeAcm.record(DOMAIN)], ZROOT: [FakeAcm.record('a.example.com')] });
    acm.issued(OLD, DOMAIN, [DOMAIN, 'a.example.com'], { tags: TAGS });
    dns.lag = Infinity;
    const { Status } = await update(nlb(['a.example.com']), nlb(['a.example.com', 'b.example.com']));
    assert.equal(Status, 'FAILED');
    assert.deepEqual(dns.names('ZENV'), [proof(DOMAIN)]);
    assert.deepEqual(dns.names('ZROOT'), [proof('a.example.com')]);
  });

  test('takes aliases that are text', async () => {
    const { acm } = shop();
    acm.issued(OLD, DOMAIN, [DOMAIN]);
    const { Status, PhysicalResourceId } = await update(nlb([]), nlb('a.example.com'));
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual(acm.certificates.get(PhysicalResourceId).names, [DOMAIN, 'a.example.com']);
  });
});

describe('deletion', () => {
  const names = [DOMAIN, 'a.example.com', 'b.example.com', 'c.shop.example.com'];
  const proofs = {
    ZENV: [FakeAcm.record(DOMAIN)],
    ZROOT: [FakeAcm.record('a.example.com'), FakeAcm.record('b.example.com')],
    ZAPP: [FakeAcm.record('c.shop.example.com')],
  };
  const remove = (PhysicalResourceId = OLD, ResourceProperties = nlb(names.slice(1))) =>
    invoke(handler, { RequestType: 'Delete', PhysicalResourceId, ResourceProperties });

  test('deletes the certificate and its records', async () => {
    const { dns, acm } = shop(proofs);
    acm.issued(OLD, DOMAIN, names, { tags: TAGS, inUse: 3 });
    const { Status, PhysicalResourceId } = await remove();
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', OLD]);
    assert.deepEqual([dns.all(), acm.certificates.size], [[], 0]);
  });

  test('keeps what the next certificate of the service and other services need', async () => {
    const { dns, acm } = shop({ ...proofs, ZAPP: [...proofs.ZAPP, alias('c.shop.example.com', 'other.')] });
    acm.issued(OLD, DOMAIN, names, { tags: TAGS });
    acm.issued(`${OLD}-foreign`, 'b.example.com', ['b.example.com'], { tags: { ...TAGS, 'copilot-application': 'other' } });
    acm.issued(`${OLD}-next`, DOMAIN, [DOMAIN, 'a.example.com'], { tags: TAGS });
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZENV'), [proof(DOMAIN)]);
    assert.deepEqual(dns.names('ZROOT'), [proof('a.example.com')]);
    assert.deepEqual(dns.names('ZAPP'), [proof('c.shop.example.com'), 'c.shop.example.com. A']);
  });

  test('keeps what a certificate of another service of the application needs', async () => {
    const { dns, acm } = shop(proofs);
    acm.issued(OLD, DOMAIN, names, { tags: TAGS });
    acm.issued(`${OLD}-web`, 'b.example.com', ['b.example.com'], { tags: { ...TAGS, 'copilot-service': 'web' } });
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZROOT'), [proof('b.example.com')]);
  });

  test('of a static site deletes the records also while its alias leads to its distribution', async () => {
    const { dns, acm } = shop({ ZROOT: [FakeAcm.record('a.example.com'), alias('a.example.com', 'd1.cloudfront.net.')] });
    const arn = 'arn:aws:acm:us-east-1:111122223333:certificate/old';
    acm.issued(arn, 'api.test.shop.example.com', ['a.example.com'], { tags: TAGS });
    assert.equal((await remove(arn, site(['a.example.com']))).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZROOT'), ['a.example.com. A']);
  });

  test('looks for the other certificates of a distribution in its region', async () => {
    const { acm } = shop();
    const arn = 'arn:aws:acm:us-east-1:111122223333:certificate/old';
    acm.issued(arn, 'api.test.shop.example.com', ['api.test.shop.example.com'], { tags: TAGS });
    assert.equal((await remove(arn, site(['api.test.shop.example.com']))).Status, 'SUCCESS');
    assert.ok(calls.filter(({ operation }) => operation === 'GetResources').every(({ region }) => region === 'us-east-1'));
    assert.equal(acm.certificates.size, 0);
  });

  test('tolerates what is gone: records, zones, the certificate', async () => {
    const { dns, acm } = shop({ ZENV: proofs.ZENV });
    acm.issued(OLD, DOMAIN, [...names, 'odd.example.org'], { tags: TAGS });
    dns.zones = dns.zones.filter(({ id }) => id !== 'ZAPP');
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual([dns.all(), acm.certificates.size], [[], 0]);
    assert.equal((await remove()).Status, 'SUCCESS');
  });

  test('tolerates that the zone of the environment is gone', async () => {
    const { dns, acm } = shop({ ZROOT: proofs.ZROOT });
    acm.issued(OLD, DOMAIN, names, { tags: TAGS });
    dns.zones = dns.zones.filter(({ id }) => id !== 'ZENV');
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual([dns.all(), acm.certificates.size], [[], 0]);
  });

  test('that may not look at the records fails', async () => {
    const { acm } = shop(proofs);
    acm.issued(OLD, DOMAIN, names, { tags: TAGS });
    answer({ ListResourceRecordSets: awsError('AccessDenied', 'no look', 403) });
    const { Status, Reason } = await remove();
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /^no look/);
  });

  test('of what never became a certificate does nothing', async () => {
    assert.equal((await remove('2026/01/01/[$LATEST]abc')).Status, 'SUCCESS');
    assert.equal(calls.length, 0);
  });

  test('of a certificate that stays in use fails', async () => {
    const { acm } = shop(proofs);
    acm.issued(OLD, DOMAIN, names, { tags: TAGS, inUse: 1e6 });
    assert.match((await remove()).Reason, /still waiting for arn:\S+ to be no longer in use/);
  });
});
