//! From a manifest and facts to settings.

use copilot_manifest::decode::Spanned;
use copilot_manifest::environment::{
    AccessLogs as AccessLogsManifest, EnvironmentManifest, EnvironmentVpc, PrivateHttp, SecurityGroupRule,
    Subnet,
};
use copilot_manifest::workload::value::Either;

use super::render::Request;
use super::settings::{
    AccessLogs, Artifacts, Cdn, InternalBalancer, NestedAddons, OwnVpc, PublicBalancer, Rule, Settings,
    StaticAssets, Vpc,
};
use crate::Error;
use crate::facts::Environment;
use crate::template::{FunctionCode, names};

/// Addresses of a network that the manifest says nothing about.
const CIDR: &str = "10.0.0.0/16";
const PUBLIC_CIDRS: [&str; 2] = ["10.0.0.0/24", "10.0.1.0/24"];
const PRIVATE_CIDRS: [&str; 2] = ["10.0.2.0/24", "10.0.3.0/24"];

/// Days for which a log of the VPC's traffic is kept.
const RETENTION: i64 = 14;

/// The text of a key; nothing where it is not there.
fn text(value: Option<&Spanned<String>>) -> Option<&str> {
    value.map(|value| value.as_str())
}

/// The text of a key, where an empty one counts as nothing.
fn filled(value: Option<&Spanned<String>>) -> Option<&str> {
    text(value).filter(|text| !text.is_empty())
}

pub(super) fn settings<'a>(request: Request<'a>, deployed: &'a Environment) -> Result<Settings<'a>, Error> {
    let Request { name, facts, .. } = request;
    let manifest = &request.environment.manifest;
    let vpc = manifest.vpc();
    let groups = vpc.and_then(|vpc| vpc.security_group.as_deref());
    let insights = manifest.observability.as_deref().and_then(|it| it.container_insights.as_deref());
    Ok(Settings {
        app: &facts.application.name,
        name,
        deployed,
        domain: facts.application.domain(),
        boundary: facts.application.permissions_boundary.as_deref(),
        artifacts: artifacts(request, deployed)?,
        vpc: network(vpc),
        ingress: rules(groups.and_then(|groups| groups.ingress.as_deref())),
        egress: rules(groups.and_then(|groups| groups.egress.as_deref())),
        flow_logs: vpc.and_then(flow_logs),
        container_insights: insights.copied().unwrap_or_default(),
        public: public(manifest, name, deployed)?,
        internal: internal(manifest),
        cdn: manifest.cdn_enabled().then(|| cdn(manifest)),
        addons: addons(request)?,
        force_deploy_id: request
            .force_deploy_id
            .or(deployed.last_force_deploy_id.as_deref())
            .unwrap_or_default(),
    })
}

fn artifacts<'a>(request: Request<'a>, deployed: &'a Environment) -> Result<Artifacts<'a>, Error> {
    let region = deployed.region.as_str();
    let missing = |key: &str| Error::MissingFact { key: format!("regions.{region}.{key}") };
    let found = request.facts.regions.get(region);
    let bucket = found.and_then(|found| found.artifact_bucket.as_deref());
    let key_arn = found.and_then(|found| found.artifact_key_arn.as_deref());
    Ok(Artifacts {
        partition: names::partition(region),
        key_arn: key_arn.ok_or_else(|| missing("artifact_key_arn"))?,
        code: FunctionCode {
            bucket: bucket.ok_or_else(|| missing("artifact_bucket"))?,
            keys: request.function_keys,
        },
    })
}

fn network(vpc: Option<&EnvironmentVpc>) -> Vpc<'_> {
    if let Some((vpc, id)) = vpc.and_then(|vpc| Some((vpc, vpc.imported()?))) {
        return Vpc::Imported { id, public: ids(vpc.public_subnets()), private: ids(vpc.private_subnets()) };
    }
    let Some((vpc, cidr)) = vpc.and_then(|vpc| Some((vpc, vpc.customized()?))) else {
        let (public, private) = (PUBLIC_CIDRS.to_vec(), PRIVATE_CIDRS.to_vec());
        return Vpc::Own(OwnVpc { cidr: CIDR, zones: Vec::new(), public, private });
    };
    let (public, private) = (by_zone(vpc.public_subnets()), by_zone(vpc.private_subnets()));
    Vpc::Own(OwnVpc {
        cidr,
        zones: public.iter().filter_map(|subnet| filled(subnet.az.as_ref())).collect(),
        public: public.iter().filter_map(|subnet| text(subnet.cidr.as_ref())).collect(),
        // Each public subnet has a private one; what is left over is not made.
        private: private.iter().take(public.len()).filter_map(|subnet| text(subnet.cidr.as_ref())).collect(),
    })
}

fn ids(subnets: &[Spanned<Subnet>]) -> Vec<&str> {
    subnets.iter().filter_map(|subnet| text(subnet.id.as_ref())).collect()
}

/// Subnets sorted by their availability zones, so that those at the same place are in the same zone.
fn by_zone(subnets: &[Spanned<Subnet>]) -> Vec<&Subnet> {
    let mut sorted: Vec<&Subnet> = subnets.iter().map(|subnet| &subnet.value).collect();
    sorted.sort_by_key(|subnet| text(subnet.az.as_ref()).unwrap_or_default());
    sorted
}

fn rules(rules: Option<&Vec<Spanned<SecurityGroupRule>>>) -> Vec<Rule<'_>> {
    // Validation has found what is missing.
    let complete = rules.into_iter().flatten().filter_map(|rule| {
        let (from, to) = rule.ports.as_deref()?.bounds()?;
        let protocol = text(rule.ip_protocol.as_ref())?;
        Some(Rule { protocol, from, to, cidr: text(rule.cidr.as_ref())? })
    });
    complete.collect()
}

/// A key that is there switches the log on, whatever it says.
fn flow_logs(vpc: &EnvironmentVpc) -> Option<i64> {
    Some(match &vpc.flow_logs.as_ref()?.value {
        Either::Advanced(logs) => logs.retention.as_deref().copied().unwrap_or(RETENTION),
        Either::Basic(_) => RETENTION,
    })
}

fn public<'a>(
    manifest: &'a EnvironmentManifest,
    name: &str,
    deployed: &'a Environment,
) -> Result<PublicBalancer<'a>, Error> {
    let public = manifest.public();
    let ingress = public.and_then(|public| public.ingress.as_deref());
    let prefix_list = deployed.cloudfront_prefix_list_id.as_deref();
    let missing = || Error::MissingFact { key: format!("environments.{name}.cloudfront_prefix_list_id") };
    let restricted = manifest.restricted_to_cdn();
    Ok(PublicBalancer {
        certificates: manifest.public_certificates().unwrap_or_default(),
        ssl_policy: public.and_then(|public| text(public.ssl_policy.as_ref())),
        access_logs: public.and_then(|public| public.access_logs.as_deref()).and_then(access_logs),
        source_ips: ingress
            .map(|it| it.source_ips().iter().map(|ip| ip.as_str()).collect())
            .unwrap_or_default(),
        prefix_list: if restricted { Some(prefix_list.ok_or_else(missing)?) } else { None },
    })
}

fn access_logs(logs: &AccessLogsManifest) -> Option<AccessLogs<'_>> {
    let config = logs.config();
    logs.enabled().then(|| AccessLogs {
        bucket: config.and_then(|config| filled(config.bucket_name.as_ref())),
        prefix: config.and_then(|config| filled(config.prefix.as_ref())),
    })
}

fn internal(manifest: &EnvironmentManifest) -> InternalBalancer<'_> {
    let private = manifest.private();
    let subnets = private.and_then(|private| private.subnets.as_deref());
    let subnets = subnets.map(|subnets| subnets.iter().map(|id| id.as_str()).collect::<Vec<_>>());
    InternalBalancer {
        certificates: manifest.private_certificates().unwrap_or_default(),
        ssl_policy: private.and_then(|private| text(private.ssl_policy.as_ref())),
        subnets: subnets.filter(|subnets| !subnets.is_empty()),
        takes_vpc_traffic: private.is_some_and(PrivateHttp::takes_vpc_traffic),
    }
}

fn cdn(manifest: &EnvironmentManifest) -> Cdn<'_> {
    let config = manifest.cdn.as_deref().and_then(|cdn| cdn.config());
    let assets =
        config.and_then(|config| config.static_assets.as_deref()).filter(|assets| !assets.is_empty());
    Cdn {
        certificate: manifest.cdn_certificate(),
        terminates_tls: manifest.cdn_terminates_tls(),
        assets: assets.map(|assets| StaticAssets {
            location: text(assets.location.as_ref()).unwrap_or_default(),
            alias: text(assets.alias.as_ref()).unwrap_or_default(),
            path: text(assets.path.as_ref()).unwrap_or_default(),
        }),
    }
}

fn addons(request: Request<'_>) -> Result<Option<NestedAddons<'_>>, Error> {
    let Some(addons) = request.addons else { return Ok(None) };
    let url = request.facts.addons_url.as_deref();
    let url = url.ok_or_else(|| Error::MissingFact { key: "addons_url".to_owned() })?;
    Ok(Some(NestedAddons { url, parameters: &addons.parameters }))
}
