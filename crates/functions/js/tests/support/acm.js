'use strict';

// A Certificate Manager that issues a certificate once the records that it asked for are in the DNS.

const { answer, awsError } = require('./sdk.js');

const recordOf = (domain) => {
  const name = domain.replace(/^\*\./, '');
  return { Name: `_proof.${name}.`, Type: 'CNAME', Value: `_${name}.acm-validations.aws.` };
};

class FakeAcm {
  constructor(dns) {
    this.dns = dns;
    this.certificates = new Map();
    this.byToken = new Map();
    /** How often a certificate is described before its records are there. */
    this.delay = 2;
    answer({
      RequestCertificate: (input, who) => this.request(input, who),
      DescribeCertificate: (input, who) => this.describe(input, who),
      DeleteCertificate: (input, who) => this.remove(input, who),
      ListCertificates: (input, who) => this.list(input, who),
      GetResources: (input, who) => this.tagged(input, who),
    });
  }

  /** Puts an issued certificate in place, with its records. */
  issued(arn, domain, names, more = {}) {
    this.certificates.set(arn, { arn, domain, names, described: 99, inUse: 0, status: 'ISSUED', tags: {}, ...more });
    return arn;
  }

  /** The validation record of a domain as Route 53 has it. */
  static record(domain) {
    const { Name, Type, Value } = recordOf(domain);
    return { Name, Type, TTL: 60, ResourceRecords: [{ Value }] };
  }

  request({ DomainName, SubjectAlternativeNames = [], IdempotencyToken, ValidationMethod, Tags }, { region }) {
    if (!/^\w{1,32}$/.test(IdempotencyToken) || ValidationMethod !== 'DNS') {
      throw awsError('ValidationException');
    }
    if (!this.byToken.has(IdempotencyToken)) {
      const arn = `arn:aws:acm:${region}:111122223333:certificate/new-${this.byToken.size + 1}`;
      this.byToken.set(IdempotencyToken, arn);
      const names = [...new Set([DomainName, ...SubjectAlternativeNames])];
      const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
      this.certificates.set(arn, { arn, domain: DomainName, names, described: 0, inUse: 0, tags });
    }
    return { CertificateArn: this.byToken.get(IdempotencyToken) };
  }

  find(arn, region) {
    const found = this.certificates.get(arn);
    if (!found || arn.split(':')[3] !== region) {
      throw awsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
    }
    return found;
  }

  describe({ CertificateArn }, { region }) {
    const found = this.find(CertificateArn, region);
    found.described += 1;
    const ready = found.described > this.delay;
    const proven = found.names.every((domain) =>
      this.dns.all().some((record) => record.Name === recordOf(domain).Name && record.Type === 'CNAME'),
    );
    found.inUse -= found.inUse > 0 ? 1 : 0;
    return {
      Certificate: {
        CertificateArn,
        DomainName: found.domain,
        SubjectAlternativeNames: found.names,
        Status: found.status ?? (ready && proven ? 'ISSUED' : 'PENDING_VALIDATION'),
        FailureReason: found.reason,
        InUseBy: found.inUse > 0 ? ['arn:aws:elasticloadbalancing:...'] : [],
        DomainValidationOptions: found.names.map((DomainName) => ({
          DomainName,
          ...(ready ? { ResourceRecord: recordOf(DomainName) } : {}),
        })),
      },
    };
  }

  remove({ CertificateArn }, { region }) {
    const found = this.find(CertificateArn, region);
    if (found.inUse > 0) {
      throw awsError('ResourceInUseException');
    }
    this.certificates.delete(CertificateArn);
    return {};
  }

  list({ NextToken = '0' }, { region }) {
    const all = [...this.certificates.values()].filter(({ arn }) => arn.split(':')[3] === region);
    const at = Number(NextToken);
    return {
      CertificateSummaryList: all.slice(at, at + 1).map(({ arn, domain, names }) => ({
        CertificateArn: arn,
        DomainName: domain,
        SubjectAlternativeNameSummaries: names,
      })),
      NextToken: at + 1 < all.length ? String(at + 1) : undefined,
    };
  }

  tagged({ TagFilters, PaginationToken }, { region }) {
    const at = Number(PaginationToken || '0');
    const all = [...this.certificates.values()].filter(
      ({ arn, tags }) =>
        arn.split(':')[3] === region && TagFilters.every(({ Key, Values }) => Values.includes(tags[Key])),
    );
    return {
      ResourceTagMappingList: all.slice(at, at + 1).map(({ arn }) => ({ ResourceARN: arn })),
      PaginationToken: at + 1 < all.length ? String(at + 1) : '',
    };
  }
}

module.exports = { FakeAcm };
