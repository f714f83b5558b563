'use strict';

// The environment `test` of the application `shop` with the domain example.com: three zones in two accounts.

const { FakeAcm } = require('./acm.js');
const { FakeDns } = require('./dns.js');

const ROLE = 'arn:aws:iam::999988887777:role/shop-DNSDelegationRole';

const identity = { AppName: 'shop', EnvName: 'test', DomainName: 'example.com' };

/** Zones with these records, by the id of the zone. */
function shop(records = {}) {
  const dns = new FakeDns([
    { id: 'ZENV', name: 'test.shop.example.com', records: records.ZENV },
    { id: 'ZPRIVATE', name: 'shop.example.com', role: ROLE, private: true },
    { id: 'ZAPP', name: 'shop.example.com', role: ROLE, records: records.ZAPP },
    { id: 'ZROOT', name: 'example.com', role: ROLE, records: records.ZROOT },
  ]);
  return { dns, acm: new FakeAcm(dns) };
}

function alias(Name, DNSName, HostedZoneId = 'ZLB', EvaluateTargetHealth = true) {
  return { Name, Type: 'A', AliasTarget: { DNSName, HostedZoneId, EvaluateTargetHealth } };
}

module.exports = { FakeAcm, ROLE, alias, identity, shop };
