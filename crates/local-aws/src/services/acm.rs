//! Certificate Manager: certificates that are issued once DNS proves that their names belong to who asks.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::core::caller::Caller;
use crate::core::ids::sha256_hex;
use crate::core::input::{Input, page, page_size, timestamp};
use crate::core::world::World;
use crate::error::{Answer, AwsError};
use crate::services::route53;

/// The status of a certificate whose names are not proven yet.
const PENDING: &str = "PENDING_VALIDATION";

/// A certificate.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Certificate {
    pub(crate) domain: String,
    pub(crate) alternatives: Vec<String>,
    pub(crate) status: String,
    pub(crate) created: i64,
    /// The token of the request for it: the same request again gets the same certificate.
    #[serde(default)]
    pub(crate) token: Option<String>,
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
    let (domain, status, created) = (domain.into(), status.into(), world.now());
    let certificate = Certificate { domain, alternatives, status, created, token: None };
    world.state.at(&caller.scope()).certificates.insert(arn.clone(), certificate);
    arn
}

/// All names of a certificate.
fn names(certificate: &Certificate) -> Vec<String> {
    let own = std::iter::once(&certificate.domain);
    let others = certificate.alternatives.iter().filter(|name| **name != certificate.domain);
    own.chain(others).cloned().collect()
}

/// The record that proves a name: a wildcard has that of the name behind it. Its name and value.
fn proof(arn: &str, name: &str) -> (String, String) {
    let name = name.trim_start_matches("*.");
    let account = arn.split(':').nth(4).unwrap_or_default();
    let hash = sha256_hex(format!("{account} {name}").as_bytes());
    (format!("_{}.{name}.", &hash[..32]), format!("_{}.acm-validations.aws.", &hash[32..]))
}

/// Issues a certificate that waits for it, if DNS has all records that prove its names.
fn prove(world: &mut World, caller: &Caller, arn: &str) {
    let scope = caller.scope();
    let here = world.state.regional.get(&scope);
    let waiting = here.and_then(|here| here.certificates.get(arn)).filter(|found| found.status == PENDING);
    let proven = waiting.is_some_and(|certificate| {
        names(certificate).iter().all(|name| {
            let (record, value) = proof(arn, name);
            route53::resolves(world, &record, "CNAME", &value)
        })
    });
    if let Some(certificate) = world.state.at(&scope).certificates.get_mut(arn).filter(|_| proven) {
        certificate.status = "ISSUED".into();
    }
}

pub(crate) fn call(world: &mut World, caller: &Caller, operation: &str, input: &Json) -> Answer {
    match operation {
        "RequestCertificate" => {
            let (domain, alternatives) = (input.need("DomainName")?, input.texts("SubjectAlternativeNames"));
            let token = input.text("IdempotencyToken").map(str::to_owned);
            let here = world.state.at(&caller.scope());
            let known = here.certificates.iter().find(|(_, known)| token.is_some() && known.token == token);
            if let Some((arn, _)) = known {
                return Ok(json!({"CertificateArn": arn}));
            }
            let arn = new_certificate(world, caller, domain, alternatives, PENDING);
            if let Some(made) = world.state.at(&caller.scope()).certificates.get_mut(&arn) {
                made.token = token;
            }
            Ok(json!({"CertificateArn": arn}))
        }
        "DescribeCertificate" | "DeleteCertificate" => {
            let arn = input.need("CertificateArn")?;
            prove(world, caller, arn);
            let certificates = &mut world.state.at(&caller.scope()).certificates;
            let certificate = certificates.get(arn).ok_or_else(|| {
                AwsError::new("ResourceNotFoundException", format!("Could not find certificate {arn}."))
            })?;
            let names = names(certificate);
            let options: Vec<Json> = names
                .iter()
                .map(|name| {
                    let (record, value) = proof(arn, name);
                    let proven = if certificate.status == PENDING { PENDING } else { "SUCCESS" };
                    json!({
                        "DomainName": name, "ValidationDomain": name, "ValidationStatus": proven,
                        "ValidationMethod": "DNS",
                        "ResourceRecord": {"Name": record, "Type": "CNAME", "Value": value},
                    })
                })
                .collect();
            let answer = json!({"Certificate": {
                "CertificateArn": arn, "DomainName": certificate.domain, "SubjectAlternativeNames": names,
                "Status": certificate.status, "Type": "AMAZON_ISSUED", "CreatedAt": timestamp(certificate.created),
                "DomainValidationOptions": options, "InUseBy": [],
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
