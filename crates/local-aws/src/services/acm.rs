//! Certificate Manager: describing certificates that a test or a stack put there.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};

/// A certificate.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Certificate {
    pub(crate) domain: String,
    pub(crate) alternatives: Vec<String>,
    pub(crate) status: String,
    pub(crate) created: i64,
}

/// Makes a certificate and says its ARN.
pub(crate) fn new_certificate(
    world: &mut World,
    caller: &Caller,
    domain: &str,
    alternatives: Vec<String>,
    status: &str,
) -> String {
    let arn = caller.arn("acm", &format!("certificate/{}", world.state.ids.uuid()));
    let certificate =
        Certificate { domain: domain.into(), alternatives, status: status.into(), created: world.now() };
    world.state.at(&caller.scope()).certificates.insert(arn.clone(), certificate);
    arn
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "RequestCertificate" => {
            let alternatives = input.texts("SubjectAlternativeNames");
            let arn =
                new_certificate(world, caller, input.need("DomainName")?, alternatives, "PENDING_VALIDATION");
            Ok(json!({"CertificateArn": arn}))
        }
        "DescribeCertificate" | "DeleteCertificate" => {
            let arn = input.need("CertificateArn")?;
            let certificates = &mut world.state.at(&caller.scope()).certificates;
            let certificate = certificates.get(arn).ok_or_else(|| {
                AwsError::new("ResourceNotFoundException", format!("Could not find certificate {arn}."))
            })?;
            let mut names = vec![certificate.domain.clone()];
            names
                .extend(certificate.alternatives.iter().filter(|name| **name != certificate.domain).cloned());
            let answer = json!({"Certificate": {
                "CertificateArn": arn, "DomainName": certificate.domain, "SubjectAlternativeNames": names,
                "Status": certificate.status, "Type": "AMAZON_ISSUED", "CreatedAt": timestamp(certificate.created),
            }});
            if operation == "DeleteCertificate" {
                certificates.remove(arn);
                return Ok(json!({}));
            }
            Ok(answer)
        }
        "ListCertificates" => {
            let statuses = input.texts("CertificateStatuses");
            let all: Vec<Json> = world
                .state
                .at(&caller.scope())
                .certificates
                .iter()
                .filter(|(_, certificate)| statuses.is_empty() || statuses.contains(&certificate.status))
                .map(|(arn, certificate)| {
                    json!({"CertificateArn": arn, "DomainName": certificate.domain, "Status": certificate.status})
                })
                .collect();
            let (page, next) = page(&all, input.text("NextToken"), page_size(input, "MaxItems", 1000));
            Ok(json!({"CertificateSummaryList": page, "NextToken": next}))
        }
        _ => Err(AwsError::unknown_operation("acm", operation)),
    }
}
