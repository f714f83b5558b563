'use strict';

const { createHash } = require('node:crypto');
const {
  ACMClient,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  RequestCertificateCommand,
} = require('@aws-sdk/client-acm');
const { TTL_SECONDS, normalize, sameName, sameNames } = require('./domains.js');

const RECORDS_POLL_MS = 3_000;
const RECORDS_WITHIN_MS = 180_000;
const ISSUED_POLL_MS = 10_000;
const UNUSED_POLL_MS = 15_000;

/** @param {string | undefined} id */
function isCertificateArn(id) {
  return id !== undefined && id.startsWith('arn:');
}

/** @param {string} arn */
function regionOf(arn) {
  return arn.split(':')[3];
}

/** The certificates of one region. */
class Certificates {
  #run;

  /**
   * @param {import('./run.js').Run} run
   * @param {string} [region] that of the function where left out
   */
  constructor(run, region) {
    this.#run = run;
    this.client = new ACMClient(region ? { region } : {});
  }

  /**
   * @param {string} arn
   * @returns {Promise<any>} undefined where it does not exist
   */
  async describe(arn) {
    try {
      const command = new DescribeCertificateCommand({ CertificateArn: arn });
      return (await this.#run.send(this.client, command)).Certificate;
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Whether the certificate can be kept: it is valid, or about to be, for exactly these names.
   *
   * @param {string | undefined} arn
   * @param {string} domain
   * @param {string[]} names
   */
  async serves(arn, domain, names) {
    if (arn === undefined || !isCertificateArn(arn)) {
      return false;
    }
    const certificate = await this.describe(arn);
    return (
      certificate !== undefined &&
      ['ISSUED', 'PENDING_VALIDATION'].includes(certificate.Status) &&
      sameName(certificate.DomainName, domain) &&
      sameNames(certificate.SubjectAlternativeNames ?? [], [domain, ...names])
    );
  }

  /**
   * Requests a certificate. The same request of CloudFormation gets the same certificate, even when the
   * function runs twice for it.
   *
   * @param {{ requestId: string, domain: string, names: string[], tags: Record<string, string> }} wanted
   * @returns {Promise<string>} ARN
   */
  async request({ requestId, domain, names, tags }) {
    const command = new RequestCertificateCommand({
      DomainName: domain,
      SubjectAlternativeNames: names.length > 0 ? names : undefined,
      IdempotencyToken: createHash('sha256').update(requestId).digest('hex').slice(0, 32),
      ValidationMethod: 'DNS',
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    });
    return (await this.#run.send(this.client, command)).CertificateArn;
  }

  /**
   * Waits for the records that prove the ownership of every name of the certificate.
   *
   * @param {string} arn
   * @returns {Promise<{ name: string, record: any }[]>}
   */
  async validationRecords(arn) {
    const what = `waiting for the validation records of ${arn}`;
    return this.#run.poll({ what, every: RECORDS_POLL_MS, within: RECORDS_WITHIN_MS }, async () => {
      const certificate = await this.describe(arn);
      throwIfFailed(certificate);
      const names = certificate?.SubjectAlternativeNames ?? [];
      const ready = recordsOf(certificate);
      const covered = new Set(ready.map(({ name }) => normalize(name)));
      const complete = names.length > 0 && names.every((/** @type {string} */ name) => covered.has(normalize(name)));
      return complete ? ready : undefined;
    });
  }

  /** @param {string} arn */
  async waitIssued(arn) {
    await this.#run.poll({ what: `waiting for ${arn} to be issued`, every: ISSUED_POLL_MS }, async () => {
      const certificate = await this.describe(arn);
      throwIfFailed(certificate);
      return certificate?.Status === 'ISSUED' || undefined;
    });
  }

  /**
   * Waits until no load balancer or distribution uses the certificate.
   *
   * @param {string} arn
   * @returns {Promise<any>} the certificate; undefined where it does not exist
   */
  async waitUnused(arn) {
    const what = `waiting for ${arn} to be no longer in use`;
    const [found] = await this.#run.poll({ what, every: UNUSED_POLL_MS }, async () => {
      const certificate = await this.describe(arn);
      return certificate?.InUseBy?.length > 0 ? undefined : [certificate];
    });
    return found;
  }

  /**
   * Deletes a certificate that nothing uses yet, and then what belongs to it.
   *
   * @param {string} arn
   * @param {(certificate: any) => Promise<void>} cleanUp gets the certificate as it was
   */
  async abandon(arn, cleanUp) {
    const certificate = await this.describe(arn);
    await this.delete(arn);
    if (certificate) {
      await cleanUp(certificate);
    }
  }

  /**
   * Deletes a certificate that nothing uses; one that is gone is fine.
   *
   * @param {string} arn
   */
  async delete(arn) {
    const what = `deleting ${arn}`;
    await this.#run.poll({ what, every: UNUSED_POLL_MS }, async () => {
      try {
        await this.#run.send(this.client, new DeleteCertificateCommand({ CertificateArn: arn }));
      } catch (error) {
        if (/** @type {any} */ (error)?.name === 'ResourceInUseException') {
          return undefined;
        }
        if (!isMissing(error)) {
          throw error;
        }
      }
      return true;
    });
  }
}

/**
 * The validation records that a certificate has by now.
 *
 * @param {any} certificate
 * @returns {{ name: string, record: any }[]}
 */
function recordsOf(certificate) {
  return (certificate?.DomainValidationOptions ?? [])
    .filter((/** @type {any} */ option) => option.ResourceRecord)
    .map((/** @type {any} */ { DomainName, ResourceRecord: { Name, Type, Value } }) => ({
      name: DomainName,
      record: { Name, Type, TTL: TTL_SECONDS, ResourceRecords: [{ Value }] },
    }));
}

/** @param {any} certificate */
function throwIfFailed(certificate) {
  if (['FAILED', 'REVOKED', 'VALIDATION_TIMED_OUT', 'EXPIRED'].includes(certificate?.Status)) {
    const why = certificate.FailureReason ? `: ${certificate.FailureReason}` : '';
    throw new Error(`certificate ${certificate.CertificateArn} has status ${certificate.Status}${why}`);
  }
}

/** @param {any} error */
function isMissing(error) {
  return error?.name === 'ResourceNotFoundException';
}

module.exports = { Certificates, isCertificateArn, isMissing, recordsOf, regionOf };
