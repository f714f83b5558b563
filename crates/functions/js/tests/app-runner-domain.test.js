'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { answer, awsError, clock, inputs, invoke } = require('./support/index.js');
const { ROLE, shop } = require('./support/shop.js');
const { handler } = require('../app-runner-domain.js');

const DOMAIN = 'www.example.com';
const TARGET = 'abc.eu-west-1.awsapprunner.com';
const ID = `/associate-domain-app-runner/${DOMAIN}`;
const ResourceProperties = { ServiceARN: 'arn:svc', AppDNSRole: ROLE, CustomDomain: DOMAIN, AppDNSName: 'example.com' };
const cname = (Name, Value) => ({ Name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value }] });
const PROOFS = [1, 2, 3].map((n) => ({ Name: `_${n}.${DOMAIN}.`, Type: 'CNAME', Value: `_${n}.acm-validations.aws.` }));
const RECORDS = [cname(DOMAIN, TARGET), ...PROOFS.map(({ Name, Value }) => cname(Name, Value))];
const KEYS = RECORDS.map(({ Name }) => `${Name.replace(/\.$/, '')}. CNAME`).sort();

/** An App Runner whose domain goes through `statuses`, one each time it is looked at. */
function appRunner(statuses, { associated = false, www = true, proofs = PROOFS } = {}) {
  let there = associated;
  const rest = [...statuses];
  const look = () => {
    const Status = rest.length > 1 ? rest.shift() : rest[0];
    if (Status === 'gone') {
      there = false;
      return [];
    }
    const CertificateValidationRecords = Status === 'creating' ? undefined : proofs;
    return [{ DomainName: DOMAIN, EnableWWWSubdomain: www, Status, CertificateValidationRecords }];
  };
  const other = { DomainName: 'other.example.com', Status: 'active' };
  answer({
    AssociateCustomDomain: () => {
      if (there) {
        throw awsError('InvalidRequestException', `${DOMAIN} is already associated with a service`);
      }
      there = true;
      return { DNSTarget: TARGET };
    },
    DescribeCustomDomains: ({ NextToken }) =>
      NextToken
        ? { DNSTarget: TARGET, CustomDomains: there ? look() : [] }
        : { DNSTarget: TARGET, CustomDomains: [other], NextToken: 'more' },
    DisassociateCustomDomain: () => {
      if (!there) {
        throw awsError('InvalidRequestException', `No custom domain ${DOMAIN} found for the provided service`);
      }
      return { DNSTarget: TARGET, CustomDomain: { DomainName: DOMAIN, Status: 'deleting', CertificateValidationRecords: PROOFS } };
    },
  });
}

describe('creation', () => {
  const create = (RequestType = 'Create') => invoke(handler, { RequestType, PhysicalResourceId: RequestType === 'Update' ? 'former' : undefined, ResourceProperties });

  for (const RequestType of ['Create', 'Update']) {
    test(`(${RequestType}) associates the domain and writes its records`, async () => {
      const { dns } = shop();
      appRunner(['creating', 'creating', 'pending_certificate_dns_validation']);
      const { Status, PhysicalResourceId } = await create(RequestType);
      assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', ID]);
      assert.deepEqual(dns.names('ZROOT'), KEYS);
      assert.deepEqual(dns.record('ZROOT', DOMAIN, 'CNAME'), { ...cname(`${DOMAIN}.`, TARGET) });
      assert.deepEqual(inputs('AssociateCustomDomain'), [{ DomainName: DOMAIN, ServiceArn: 'arn:svc' }]);
    });
  }

  test('is fine with a domain that is associated', async () => {
    const { dns } = shop();
    appRunner(['ACTIVE'], { associated: true });
    assert.equal((await create()).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZROOT'), KEYS);
  });

  test('waits for all records of a domain that is active at once', async () => {
    shop();
    appRunner(['active'], { proofs: PROOFS.slice(0, 2) });
    assert.match((await create()).Reason, /^gave up/);
  });

  test('needs fewer records for a domain without www', async () => {
    const { dns } = shop();
    appRunner(['active'], { associated: true, www: false, proofs: PROOFS.slice(0, 2) });
    assert.equal((await create()).Status, 'SUCCESS');
    assert.equal(dns.names('ZROOT').length, 3);
  });

  test('fails when the association is refused', async () => {
    shop();
    appRunner(['active'], { associated: true });
    answer({ AssociateCustomDomain: awsError('InvalidRequestException', 'not a domain') });
    assert.match((await create()).Reason, /^not a domain/);
  });

  test('fails for a domain of another service', async () => {
    shop();
    appRunner(['gone'], { associated: true });
    const { Status, Reason, PhysicalResourceId } = await create();
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', ID]);
    assert.match(Reason, /is already associated with a service/);
  });

  test('fails at once where App Runner failed', async () => {
    shop();
    appRunner(['creating', 'create_failed']);
    assert.match((await create()).Reason, /could not associate domain www\.example\.com/);
    assert.equal(clock.elapsed(), 5000);
  });

  test('gives up waiting for records', async () => {
    shop();
    appRunner(['creating']);
    assert.match((await create()).Reason, /^gave up after 300 seconds of waiting for the validation records of domain/);
  });

  test('waits for the end of a former association', async () => {
    const { dns } = shop();
    appRunner(['deleting', 'deleting', 'gone', 'creating', 'pending_certificate_dns_validation'], { associated: true });
    const { Status } = await create();
    assert.equal(Status, 'SUCCESS');
    assert.equal(inputs('AssociateCustomDomain').length, 2);
    assert.deepEqual(dns.names('ZROOT'), KEYS);
  });

  test('fails without a zone, before anything is associated', async () => {
    const { dns } = shop();
    dns.zones = [];
    appRunner(['creating']);
    assert.match((await create()).Reason, /^no hosted zone named example\.com exists/);
    assert.equal(inputs('AssociateCustomDomain').length, 0);
  });
});

describe('an update to another domain', () => {
  const update = () =>
    invoke(handler, {
      RequestType: 'Update',
      PhysicalResourceId: '/associate-domain-app-runner/former.example.com',
      OldResourceProperties: { ...ResourceProperties, CustomDomain: 'former.example.com' },
      ResourceProperties,
    });

  test('that fails takes back what it associated', async () => {
    const { dns } = shop();
    appRunner(['pending_certificate_dns_validation']);
    dns.lag = Infinity;
    const { Status, Reason, PhysicalResourceId } = await update();
    assert.deepEqual([Status, PhysicalResourceId], ['FAILED', '/associate-domain-app-runner/former.example.com']);
    assert.match(Reason, /^gave up after 300 seconds of waiting for DNS change/);
    assert.deepEqual(inputs('DisassociateCustomDomain'), [{ DomainName: DOMAIN, ServiceArn: 'arn:svc' }]);
    assert.deepEqual(dns.names('ZROOT'), []);
  });

  test('that fails leaves what was associated before', async () => {
    const { dns } = shop({ ZROOT: RECORDS });
    appRunner(['creating'], { associated: true });
    assert.equal((await update()).Status, 'FAILED');
    assert.equal(inputs('DisassociateCustomDomain').length, 0);
    assert.deepEqual(dns.names('ZROOT'), KEYS);
  });

  test('that is refused takes nothing back', async () => {
    shop();
    appRunner(['creating']);
    answer({ AssociateCustomDomain: awsError('InvalidRequestException', 'not a domain') });
    assert.match((await update()).Reason, /^not a domain/);
    assert.equal(inputs('DisassociateCustomDomain').length, 0);
  });
});

describe('deletion', () => {
  const remove = () => invoke(handler, { RequestType: 'Delete', PhysicalResourceId: ID, ResourceProperties });

  test('deletes the records and waits until the domain is gone', async () => {
    const { dns } = shop({ ZROOT: RECORDS });
    appRunner(['deleting', 'deleting', 'gone'], { associated: true });
    const { Status, PhysicalResourceId } = await remove();
    assert.deepEqual([Status, PhysicalResourceId], ['SUCCESS', ID]);
    assert.deepEqual(dns.names('ZROOT'), []);
  });

  test('is fine with records that are gone', async () => {
    const { dns } = shop({ ZROOT: RECORDS.slice(2) });
    appRunner(['active', 'gone'], { associated: true });
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZROOT'), []);
  });

  test('is fine with an association, a service or a zone that is gone', async () => {
    const { dns } = shop();
    appRunner(['gone']);
    assert.equal((await remove()).Status, 'SUCCESS');
    dns.zones = [];
    appRunner(['active', 'gone'], { associated: true });
    assert.equal((await remove()).Status, 'SUCCESS');
    answer({ DescribeCustomDomains: awsError('ResourceNotFoundException', 'Service does not exist') });
    assert.equal((await remove()).Status, 'SUCCESS');
  });

  test('is done when the service goes in the meantime', async () => {
    const { dns } = shop({ ZROOT: RECORDS });
    appRunner(['active'], { associated: true });
    answer({ DisassociateCustomDomain: awsError('ResourceNotFoundException', 'Service does not exist') });
    const described = { DNSTarget: TARGET, CustomDomains: [{ DomainName: DOMAIN, Status: 'active', CertificateValidationRecords: PROOFS }] };
    answer({ DescribeCustomDomains: [described, awsError('ResourceNotFoundException', 'Service does not exist')] });
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual(dns.names('ZROOT'), []);
  });

  test('waits for a disassociation that is under way, and begins no other', async () => {
    const { dns } = shop({ ZROOT: RECORDS });
    appRunner(['deleting', 'deleting', 'gone'], { associated: true });
    answer({ DisassociateCustomDomain: awsError('InvalidStateException', 'being disassociated') });
    assert.equal((await remove()).Status, 'SUCCESS');
    assert.deepEqual([dns.names('ZROOT'), inputs('DisassociateCustomDomain')], [[], []]);
  });

  for (const [what, Operation] of [
    ['looked for', 'ListHostedZonesByName'],
    ['changed', 'ChangeResourceRecordSets'],
  ]) {
    test(`whose zone may not be ${what} leaves everything to a second try`, async () => {
      const { dns } = shop({ ZROOT: RECORDS });
      appRunner(['active', 'active', 'deleting', 'gone'], { associated: true });
      const allowed = Operation === 'ChangeResourceRecordSets' ? dns.change.bind(dns) : dns.listZones.bind(dns);
      answer({ [Operation]: [awsError('AccessDenied', 'denied', 403), allowed] });
      assert.match((await remove()).Reason, /^denied/);
      assert.equal(inputs('DisassociateCustomDomain').length, 0);
      assert.equal((await remove()).Status, 'SUCCESS');
      assert.deepEqual(dns.names('ZROOT'), []);
    });
  }

  test('fails when the domain may not be looked at or disassociated', async () => {
    shop({ ZROOT: RECORDS });
    appRunner(['active'], { associated: true });
    answer({ DisassociateCustomDomain: awsError('AccessDenied', 'no end', 403) });
    assert.match((await remove()).Reason, /^no end/);
    answer({ DescribeCustomDomains: awsError('AccessDenied', 'no look', 403) });
    assert.match((await remove()).Reason, /^no look/);
  });

  test('fails when App Runner fails', async () => {
    shop({ ZROOT: RECORDS });
    appRunner(['deleting', 'delete_failed'], { associated: true });
    const { Status, Reason } = await remove();
    assert.equal(Status, 'FAILED');
    assert.match(Reason, /^fail to disassociate domain www\.example\.com: domain status is delete_failed/);
  });

  test('fails in time when the domain stays', async () => {
    shop();
    appRunner(['deleting'], { associated: true });
    assert.match((await remove()).Reason, /still waiting for domain www\.example\.com to be disassociated/);
  });
});
