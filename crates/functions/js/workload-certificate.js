'use strict';

const {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} = require('@aws-sdk/client-resource-groups-tagging-api');
const { Certificates, isCertificateArn, recordsOf } = require('./lib/certificates.js');
const { customResource } = require('./lib/custom-resource.js');
const { sameName, sameNames } = require('./lib/domains.js');
const { deleteRecords, findRecord, isGone, upsertRecords } = require('./lib/route53.js');
const { refuseTaken, workloadAliases, workloadZones, zoneFor, zoneIfAny } = require('./lib/workload-aliases.js');

/** CloudFront takes certificates of this region only. */
const CLOUDFRONT_REGION = 'us-east-1';
const APPLICATION_TAG = 'copilot-application';

/** @typedef {import('./lib/custom-resource.js').Request} Request */

/** @param {Request} request */
function forCloudFront(request) {
  return String(request.props.IsCloudFrontCertificate) === 'true';
}

/**
 * Region of the certificate; undefined for that of the function.
 *
 * @param {Request} request
 */
function regionFor(request) {
  return forCloudFront(request) ? CLOUDFRONT_REGION : undefined;
}

/** @param {Request} request */
function tagsOf({ props: { AppName, EnvName, ServiceName } }) {
  return { [APPLICATION_TAG]: AppName, 'copilot-environment': EnvName, 'copilot-service': ServiceName };
}

/** @param {Request} request */
function domainOf(request) {
  const { AppName, EnvName, ServiceName, DomainName } = request.props;
  return `${ServiceName}${forCloudFront(request) ? '' : '-nlb'}.${EnvName}.${AppName}.${DomainName}`;
}

/** @param {Request} request */
async function issue(request) {
  const certificates = new Certificates(request, regionFor(request));
  const zones = workloadZones(request);
  const domain = domainOf(request);
  const names = workloadAliases(request.props);
  if (!(await certificates.serves(request.existingId, domain, names))) {
    const { LoadBalancerDNS } = request.props;
    await refuseTaken(request, zones, names, [LoadBalancerDNS, request.oldProps.LoadBalancerDNS]);
    const tags = tagsOf(request);
    request.physicalId = await certificates.request({ requestId: request.id, domain, names, tags });
    request.begun = true;
  }
  const entries = [];
  for (const { name, record } of await certificates.validationRecords(request.physicalId)) {
    entries.push({ zone: await zoneFor(zones, name), record });
  }
  await upsertRecords(request, entries, `Validate the certificate of ${domain}`);
  await certificates.waitIssued(request.physicalId);
}

/** @param {Request} request */
async function update(request) {
  if (!sameNames(workloadAliases(request.props), workloadAliases(request.oldProps))) {
    await issue(request);
  }
}

/** @param {Request} request */
async function remove(request) {
  const arn = request.existingId;
  if (!isCertificateArn(arn)) {
    return;
  }
  const certificates = new Certificates(request, regionFor(request));
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
  const certificates = new Certificates(request, regionFor(request));
  await certificates.abandon(request.physicalId, async (certificate) => {
    const entries = await unneededRecords(request, certificates, certificate);
    await deleteRecords(request, entries, 'Delete what an update left behind', { wait: false });
  });
}

/**
 * The validation records of a certificate that neither another certificate of the application needs nor, as far as its
 * alias record tells, another load balancer.
 *
 * @param {Request} request
 * @param {Certificates} certificates
 * @param {any} certificate
 */
async function unneededRecords(request, certificates, certificate) {
  const zones = workloadZones(request);
  const needed = new Set();
  for (const arn of await certificatesOfApplication(request)) {
    if (arn !== certificate.CertificateArn) {
      recordsOf(await certificates.describe(arn)).forEach(({ record }) => needed.add(record.Name));
    }
  }
  const unneeded = [];
  for (const { name, record } of recordsOf(certificate)) {
    const zone = await zoneIfAny(zones, name);
    if (zone && !needed.has(record.Name) && !(await leadsElsewhere(request, zone, name))) {
      unneeded.push({ zone, record });
    }
  }
  return unneeded;
}

/**
 * Whether a name leads to something else than the workload's load balancer. A static site's own distribution is not known
 * here, and its aliases still lead to it while it is deleted.
 *
 * @param {Request} request
 * @param {import('./lib/route53.js').Zone} zone
 * @param {string} name
 */
async function leadsElsewhere(request, zone, name) {
  if (forCloudFront(request)) {
    return false;
  }
  try {
    const alias = await findRecord(request, zone, name, 'A');
    return alias !== undefined && !sameName(alias.AliasTarget?.DNSName, request.props.LoadBalancerDNS);
  } catch (error) {
    if (isGone(error)) {
      return false;
    }
    throw error;
  }
}

/** @param {Request} request */
async function certificatesOfApplication(request) {
  const region = regionFor(request);
  const client = new ResourceGroupsTaggingAPIClient(region ? { region } : {});
  const input = {
    ResourceTypeFilters: ['acm:certificate'],
    TagFilters: [{ Key: APPLICATION_TAG, Values: [request.props.AppName] }],
  };
  const tokens = { PaginationToken: 'PaginationToken' };
  const arns = [];
  for await (const page of request.pages(client, GetResourcesCommand, input, tokens)) {
    arns.push(...(page.ResourceTagMappingList ?? []).map((/** @type {any} */ found) => found.ResourceARN));
  }
  return arns;
}

exports.handler = customResource({
  create: issue,
  update,
  remove,
  abandon,
});
