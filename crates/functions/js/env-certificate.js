'use strict';

const { ListCertificatesCommand } = require('@aws-sdk/client-acm');
const { Certificates, isCertificateArn, recordsOf } = require('./lib/certificates.js');
const { customResource } = require('./lib/custom-resource.js');
const { aliasesOfWorkloads, normalize, sameName, sameNames, zoneOf } = require('./lib/domains.js');
const { Zones, deleteRecords, upsertRecords } = require('./lib/route53.js');

/** ACM lists only RSA certificates of up to 2048 bits unless it is asked for the others. */
const KEY_TYPES = [
  'RSA_1024',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'EC_prime256v1',
  'EC_secp384r1',
  'EC_secp521r1',
];

/** @typedef {import('./lib/custom-resource.js').Request} Request */

/** @param {Request} request */
function zonesOf(request) {
  const { AppName: app, EnvName: env, DomainName: domain, EnvHostedZoneId: envZoneId, RootDNSRole: roleArn } =
    request.props;
  return new Zones(request, { app, env, domain, envZoneId, roleArn });
}

/**
 * The name of the certificate, and all names it is for: those aliases of the environment's workloads that
 * lie in one of its zones.
 *
 * @param {Record<string, string>} names of the zones
 * @param {string | undefined} aliases JSON text
 */
function certificateNames(names, aliases) {
  const domain = names.env;
  const supported = aliasesOfWorkloads(aliases).filter((alias) => zoneOf(alias, names));
  return { domain, names: [...new Set([domain, `*.${domain}`, ...supported.map(normalize)])] };
}

/** @param {Request} request */
async function issue(request) {
  const { AppName, EnvName, Aliases, Region } = request.props;
  const zones = zonesOf(request);
  const certificates = new Certificates(request, Region);
  const { domain, names } = certificateNames(zones.names, Aliases);
  if (!(await certificates.serves(request.existingId, domain, names))) {
    const tags = { 'copilot-application': AppName, 'copilot-environment': EnvName };
    request.physicalId = await certificates.request({ requestId: request.id, domain, names, tags });
    request.begun = true;
  }
  const entries = [];
  for (const { name, record } of await certificates.validationRecords(request.physicalId)) {
    entries.push({ zone: await zones.get(zoneOf(name, zones.names) ?? ''), record });
  }
  await upsertRecords(request, entries, `Validate the certificate of ${domain}`);
  await certificates.waitIssued(request.physicalId);
  return { Arn: request.physicalId };
}

/** @param {Request} request */
async function update(request) {
  const [before, after] = [request.oldProps.Aliases, request.props.Aliases].map(aliasesOfWorkloads);
  if (sameNames(before, after)) {
    return { Arn: request.existingId };
  }
  return issue(request);
}

/** @param {Request} request */
async function remove(request) {
  const arn = request.existingId;
  if (!isCertificateArn(arn)) {
    return;
  }
  const certificates = new Certificates(request, request.props.Region);
  const certificate = await certificates.waitUnused(arn);
  if (!certificate) {
    return;
  }
  const entries = await unneededRecords(request, certificates, certificate);
  await deleteRecords(request, entries, `Delete the certificate of ${certificate.DomainName}`);
  await certificates.delete(arn);
}

/**
 * Takes back the certificate of a failed update, and the records that were to prove it alone.
 *
 * @param {Request} request
 */
async function abandon(request) {
  const certificates = new Certificates(request, request.props.Region);
  await certificates.abandon(request.physicalId, async (certificate) => {
    const entries = await unneededRecords(request, certificates, certificate);
    await deleteRecords(request, entries, 'Delete what an update left behind', { wait: false });
  });
}

/**
 * The validation records of a certificate on which no other certificate relies, in zones that exist.
 *
 * @param {Request} request
 * @param {Certificates} certificates
 * @param {any} certificate
 */
async function unneededRecords(request, certificates, certificate) {
  const zones = zonesOf(request);
  const kept = await recordsOfOthers(request, certificates, certificate);
  const entries = [];
  for (const { name, record } of recordsOf(certificate)) {
    const kind = zoneOf(name, zones.names);
    const zone = kind && (await zones.find(kind));
    if (zone && !kept.has(record.Name)) {
      entries.push({ zone, record });
    }
  }
  return entries;
}

/**
 * Names of the validation records that other certificates of the account rely on: the record of a domain
 * is one and the same for all of them.
 *
 * @param {Request} request
 * @param {Certificates} certificates
 * @param {any} certificate
 * @returns {Promise<Set<string>>}
 */
async function recordsOfOthers(request, certificates, certificate) {
  const own = new Set((certificate.SubjectAlternativeNames ?? []).map(normalize));
  const input = { Includes: { keyTypes: KEY_TYPES } };
  const others = [];
  for await (const page of request.pages(certificates.client, ListCertificatesCommand, input, {
    NextToken: 'NextToken',
  })) {
    others.push(...(page.CertificateSummaryList ?? []));
  }
  const related = others.filter(
    ({ CertificateArn, DomainName, SubjectAlternativeNameSummaries = [] }) =>
      CertificateArn !== certificate.CertificateArn &&
      (sameName(DomainName, certificate.DomainName) ||
        SubjectAlternativeNameSummaries.some((/** @type {string} */ name) => own.has(normalize(name)))),
  );
  const names = new Set();
  for (const { CertificateArn } of related) {
    for (const { record } of recordsOf(await certificates.describe(CertificateArn))) {
      names.add(record.Name);
    }
  }
  return names;
}

exports.certificateRequestHandler = customResource({
  create: issue,
  update,
  remove,
  abandon,
});
