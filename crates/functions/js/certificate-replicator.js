'use strict';

const { Certificates, isCertificateArn, regionOf } = require('./lib/certificates.js');
const { customResource } = require('./lib/custom-resource.js');

/**
 * Requests the certificate of the environment once more, in another region. The records that prove the
 * ownership are the same in every region of an account, and exist by now.
 *
 * @param {import('./lib/custom-resource.js').Request} request
 */
async function replicate(request) {
  const { AppName, EnvName, TargetRegion, EnvRegion, CertificateArn } = request.props;
  const source = await new Certificates(request, EnvRegion).describe(CertificateArn);
  if (!source) {
    throw new Error(`certificate ${CertificateArn} does not exist`);
  }
  const { DomainName: domain, SubjectAlternativeNames: names = [] } = source;
  const target = new Certificates(request, TargetRegion);
  const existing = request.existingId;
  const inPlace = isCertificateArn(existing) && regionOf(existing) === TargetRegion;
  if (!inPlace || !(await target.serves(existing, domain, names))) {
    const tags = { 'copilot-application': AppName, 'copilot-environment': EnvName };
    request.physicalId = await target.request({ requestId: request.id, domain, names, tags });
    request.begun = true;
  }
  await target.waitIssued(request.physicalId);
  return { Arn: request.physicalId };
}

exports.certificateReplicateHandler = customResource({
  create: replicate,
  remove: async (request) => {
    const arn = request.existingId;
    if (isCertificateArn(arn)) {
      const certificates = new Certificates(request, request.props.TargetRegion);
      await certificates.waitUnused(arn);
      await certificates.delete(arn);
    }
  },
  abandon: async (request) => {
    await new Certificates(request, request.props.TargetRegion).delete(request.physicalId);
  },
});
