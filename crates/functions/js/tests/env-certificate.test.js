'use strict';

const assert = require('node:assert/strict');
const { createHash } = require('node:crypto');
const { describe, test } = require('node:test');
const { answer, awsError, calls, clock, inputs, invoke } = require('./support/index.js');
const { FakeAcm, ROLE, identity, shop } = require('./support/shop.js');
const { certificateRequestHandler: handler } = require('../env-certificate.js');

const REGION = 'eu-west-3';
const DOMAIN = 'test.shop.example.com';
const OLD = `arn:aws:acm:${REGION}:111122223333:certificate/old`;
const proof = (domain) => `_proof.${domain}. CNAME`;
const properties = (aliases) => ({
  ...identity,
  Aliases: aliases && JSON.stringify(aliases),
  EnvHostedZoneId: 'ZENV',
  Region: REGION,
  RootDNSRole: ROLE,
});
const aliases = { web: ['www.example.com', 'api.shop.example.com'], job: ['job.test.shop.example.com', 'example.org'] };

describe('creation', () => {
  test('proves every name in its zone and waits for the certificate', async () => {
    const { dns, acm } = shop();
    const { Status, PhysicalResourceId, Data } = await invoke(handler, { ResourceProperties: properties(aliases) });
    const arn = `arn:aws:acm:${REGION}:111122223333:certificate/new-1`;
    assert.deepEqual([Status, PhysicalResourceId, Data], ['SUCCESS', arn, { Arn: arn }]);
    assert.deepEqual(dns.names('ZENV'), [proof('job.test.shop.example.com'), proof(DOMAIN)]);
    assert.deepEqual(dns.names('ZAPP'), [proof('api.shop.example.com')]);
    assert.deepEqual(dns.names('ZROOT'), [proof('www.example.com')]);
    assert.deepEqual(dns.record('ZENV', `_proof.${DOMAIN}`, 'CNAME'), {
      Name: `_proof.${DOMAIN}.`,
      Type: 'CNAME',
      TTL: 60,
      ResourceRecords: [{ Value: `_${DOMAIN}.acm-validations.aws.` }],
    });
    assert.equal(dns.batches, 3);
    assert.deepEqual(acm.certificates.get(arn).names, [
      DOMAIN,
      `*.${DOMAIN}`,
      'www.example.com',
      'api.shop.example.com',
      'job.test.shop.example.com',
    ]);
    assert.deepEqual(inputs('RequestCertificate')[0].Tags, [
      { Key: 'copilot-application', Value: 'shop' },
      { Key: 'copilot-environment', Value: 'test' },
    ]);
    const token = createHash('sha256').update('f4ef1b10-c39a-44e3-99c0-fbf7e53c3943').digest('hex').slice(0, 32);
    assert.equal(inputs('RequestCertificate')[0].IdempotencyToken, token);
    assert.ok(calls.filter(({ service }) => service === 'acm').every(({ region }) => region === REGION));
  });

  test('without aliases needs no zone but its own', async () => {
    const { dns } = shop();
    const { Status } = await invoke(handler, { ResourceProperties: properties(undefined) });
    assert.equal(Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZENV'), [proof(DOMAIN)]);
    assert.ok(calls.every(({ role }) => role === undefined));
  });

  test('that fails answers with the certificate, for it to be deleted', async () => {
    const { dns } = shop();
    dns.zones = dns.zones.filter(({ id }) => id !== 'ZROOT');
    const { Status, PhysicalResourceId, Reason } = await invoke(handler, { ResourceProperties: properties(aliases) });
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', `arn:aws:acm:${REGION}:111122223333:certificate/new-1`]);
    assert.match(Reason, /^no hosted zone named example\.com exists/);
  });

  test('that gets no records gives up', async () => {
    const { acm } = shop();
    acm.delay = Infinity;
    const { Reason } = await invoke(handler, { ResourceProperties: properties() });
    assert.match(Reason, /^gave up after 180 seconds of waiting for the validation records of arn:/);
  });

  test('that is never issued fails before Lambda ends it', async () => {
    const { acm } = shop();
    const describeCertificate = acm.describe.bind(acm);
    acm.describe = (...args) => {
      const answer = describeCertificate(...args);
      answer.Certificate.Status = 'PENDING_VALIDATION';
      return answer;
    };
    const { Reason, PhysicalResourceId } = await invoke(handler, { ResourceProperties: properties() });
    assert.match(Reason, /within 870 seconds: still waiting for arn:\S+ to be issued/);
    assert.match(PhysicalResourceId, /new-1$/);
  });

  test('that is refused by the authority says why', async () => {
    const { acm } = shop();
    const request = acm.request.bind(acm);
    acm.request = (...args) => {
      const answer = request(...args);
      Object.assign(acm.certificates.get(answer.CertificateArn), { status: 'FAILED', reason: 'CAA_ERROR' });
      return answer;
    };
    const { Reason } = await invoke(handler, { ResourceProperties: properties() });
    assert.match(Reason, /has status FAILED: CAA_ERROR/);
  });

  test('that runs twice requests one certificate', async () => {
    const { acm } = shop();
    await invoke(handler, { ResourceProperties: properties() });
    await invoke(handler, { ResourceProperties: properties() });
    assert.equal(acm.certificates.size, 1);
  });
});

describe('update', () => {
  const update = (before, after) =>
    invoke(handler, {
      RequestType: 'Update',
      PhysicalResourceId: OLD,
      OldResourceProperties: properties(before),
      ResourceProperties: properties(after),
    });

  test('with the same aliases keeps the certificate', async () => {
    const { acm } = shop();
    const { Status, PhysicalResourceId, Data } = await update({ a: ['www.example.com'] }, { b: ['www.example.com'] });
    assert.deepEqual([Status, PhysicalResourceId, Data], ['SUCCESS', OLD, { Arn: OLD }]);
    assert.equal(acm.certificates.size, 0);
    assert.equal(calls.length, 0);
  });

  test('with other aliases replaces it', async () => {
    const { acm } = shop();
    acm.issued(OLD, DOMAIN, [DOMAIN, `*.${DOMAIN}`]);
    const { Status, PhysicalResourceId } = await update({}, { a: ['www.example.com'] });
    assert.equal(Status, 'SUCCESS');
    assert.match(PhysicalResourceId, /new-1$/);
    assert.deepEqual([...acm.certificates.keys()], [OLD, PhysicalResourceId]);
  });

  test('back to the names of the certificate keeps it, as in a rollback', async () => {
    const { acm } = shop();
    acm.issued(OLD, DOMAIN, [DOMAIN, `*.${DOMAIN}`]);
    const { Status, PhysicalResourceId } = await update({ a: ['www.example.com'] }, {});
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', OLD]);
    assert.equal(acm.certificates.size, 1);
  });

  test('does not keep a certificate that has expired', async () => {
    const { acm } = shop();
    acm.issued(OLD, DOMAIN, [DOMAIN, `*.${DOMAIN}`], { status: 'EXPIRED' });
    const { PhysicalResourceId } = await update({ a: ['www.example.com'] }, {});
    assert.match(PhysicalResourceId, /new-1$/);
  });

  test('of what never became a certificate requests one', async () => {
    shop();
    const { Status, PhysicalResourceId } = await invoke(handler, {
      RequestType: 'Update',
      PhysicalResourceId: '2026/01/01/[$LATEST]abc',
      OldResourceProperties: properties(aliases),
      ResourceProperties: properties({}),
    });
    assert.equal(Status, 'SUCCESS');
    assert.match(PhysicalResourceId, /new-1$/);
    assert.ok(inputs('DescribeCertificate').every(({ CertificateArn }) => CertificateArn.startsWith('arn:')));
  });

  test('that may not look at the certificate fails, and requests none', async () => {
    const { acm } = shop();
    answer({ DescribeCertificate: awsError('AccessDeniedException', 'no look', 403) });
    const { Status, Reason } = await update({ a: ['www.example.com'] }, {});
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /^no look/);
    assert.equal(acm.certificates.size, 0);
  });

  test('that fails keeps the certificate and takes back the new one', async () => {
    const { dns, acm } = shop();
    acm.issued(OLD, DOMAIN, [DOMAIN, `*.${DOMAIN}`]);
    dns.zones = dns.zones.filter(({ id }) => id !== 'ZROOT');
    const { Status, PhysicalResourceId } = await update({}, { a: ['www.example.com'] });
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', OLD]);
    assert.deepEqual([...acm.certificates.keys()], [OLD]);
  });

  test('whose certificate is never issued takes back the records that were for it alone', async () => {
    const { dns, acm } = shop({ ZENV: [FakeAcm.record(DOMAIN)], ZROOT: [FakeAcm.record('old.example.com')] });
    acm.issued(OLD, DOMAIN, [DOMAIN, `*.${DOMAIN}`, 'old.example.com']);
    acm.issued(`${OLD}-service`, 'api.shop.example.com', ['api.shop.example.com']);
    const look = acm.describe.bind(acm);
    acm.describe = (...args) => {
      const found = look(...args);
      found.Certificate.Status = found.Certificate.CertificateArn.endsWith('new-1') ? 'PENDING_VALIDATION' : 'ISSUED';
      return found;
    };
    const { Status, PhysicalResourceId, Reason } = await update(
      { a: ['old.example.com'] },
      { a: ['old.example.com', 'www.example.com', 'api.shop.example.com'] },
    );
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', OLD]);
    assert.match(Reason, /still waiting for arn:\S+ to be issued/);
    assert.deepEqual(dns.names('ZENV'), [proof(DOMAIN)]);
    assert.deepEqual(dns.names('ZROOT'), [proof('old.example.com')]);
    assert.deepEqual(dns.names('ZAPP'), [proof('api.shop.example.com')]);
    assert.ok(!acm.certificates.has(`arn:aws:acm:${REGION}:111122223333:certificate/new-1`));
  });
});

describe('deletion', () => {
  const remove = (PhysicalResourceId = OLD) =>
    invoke(handler, { RequestType: 'Delete', PhysicalResourceId, ResourceProperties: properties(aliases) });
  const names = [DOMAIN, `*.${DOMAIN}`, 'www.example.com', 'api.shop.example.com'];
  const records = {
    ZENV: [FakeAcm.record(DOMAIN)],
    ZAPP: [FakeAcm.record('api.shop.example.com')],
    ZROOT: [FakeAcm.record('www.example.com')],
  };

  test('waits until the certificate is unused and deletes it with its records', async () => {
    const { dns, acm } = shop(records);
    acm.issued(OLD, DOMAIN, names, { inUse: 4 });
    const { Status, PhysicalResourceId } = await remove();
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', OLD]);
    assert.deepEqual(dns.all(), []);
    assert.equal(acm.certificates.size, 0);
    assert.ok(clock.elapsed() >= 45_000);
  });

  test('keeps the records that another certificate relies on', async () => {
    const { dns, acm } = shop(records);
    acm.issued(`${OLD}-unrelated`, 'example.net', ['example.net']);
    acm.issued(OLD, DOMAIN, names);
    acm.issued(`${OLD}-replacement`, DOMAIN, [DOMAIN, `*.${DOMAIN}`]);
    acm.issued(`${OLD}-service`, 'svc-nlb.test.shop.example.com', ['svc-nlb.test.shop.example.com', 'www.example.com']);
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZENV'), [proof(DOMAIN)]);
    assert.deepEqual(dns.names('ZROOT'), [proof('www.example.com')]);
    assert.deepEqual(dns.names('ZAPP'), []);
    assert.equal(inputs('DescribeCertificate').filter(({ CertificateArn }) => /unrelated/.test(CertificateArn)).length, 0);
  });

  test('tolerates what is gone: records, zones, the certificate', async () => {
    const { dns, acm } = shop({ ZENV: records.ZENV });
    acm.issued(OLD, DOMAIN, names);
    dns.zones = dns.zones.filter(({ id }) => id !== 'ZROOT');
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual([dns.all(), acm.certificates.size], [[], 0]);
    assert.equal((await remove()).Status, 'SUCCESS');
  });

  test('leaves a record alone that was changed by hand', async () => {
    const changed = { ...FakeAcm.record(DOMAIN), TTL: 3600 };
    const { dns, acm } = shop({ ...records, ZENV: [changed] });
    acm.issued(OLD, DOMAIN, names);
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZENV'), [proof(DOMAIN)]);
  });

  test('waits when the certificate is in use again by the time it is deleted', async () => {
    const { acm } = shop(records);
    acm.issued(OLD, DOMAIN, names);
    const remains = [awsError('ResourceInUseException', 'in use'), awsError('ResourceInUseException', 'in use')];
    answer({
      DeleteCertificate: (...args) => {
        if (remains.length > 0) {
          throw remains.pop();
        }
        return acm.remove(...args);
      },
    });
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.equal(acm.certificates.size, 0);
  });

  test('that is refused fails', async () => {
    const { acm } = shop(records);
    acm.issued(OLD, DOMAIN, names);
    answer({ DeleteCertificate: awsError('AccessDeniedException', 'not to be deleted', 403) });
    const { Status, Reason } = await remove();
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /^not to be deleted/);
  });

  test('of what never became a certificate does nothing', async () => {
    assert.equal((await remove('2026/01/01/[$LATEST]abc')).Status, 'SUCCESS');
    assert.equal(calls.length, 0);
  });

  test('of a certificate that stays in use fails', async () => {
    const { acm } = shop(records);
    acm.issued(OLD, DOMAIN, names, { inUse: 1e6 });
    const { Status, Reason, PhysicalResourceId } = await remove();
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', OLD]);
    assert.match(Reason, /still waiting for arn:\S+ to be no longer in use/);
  });
});
