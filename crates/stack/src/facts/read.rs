//! Reading a facts file. It is written by a program, so every key that nothing reads is an error.

use copilot_manifest::codes::WRONG_TYPE;
use copilot_manifest::decode::{Context, Decode, Describe, Map, Merge, Shape, Spanned, decode_record};
use copilot_manifest::{names, record};
use copilot_yaml::{Diagnostic, Diagnostics, Node, Source, Span, parse};
use indexmap::IndexMap;

use super::{
    Application, DeployedManifest, DeployedPipeline, Environment, Facts, Image, Listener, LoadBalancer,
    Region, Subnet,
};
use crate::codes;

impl Facts {
    /// Reads a facts file. All problems are reported at once; `None` when there is an error among them.
    pub fn read(source: &Source, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut found = Diagnostics::default();
        let facts = parse(source, &mut found).and_then(|node| {
            let mut cx = Context::new(source, &mut found);
            if node.as_mapping().is_none() {
                let message =
                    format!("facts are a mapping, but `{}` holds {}", source.name(), node.describe());
                let diagnostic = cx.error(&WRONG_TYPE, message, node.span, "");
                cx.report(
                    diagnostic.help("begin with `application:`, and its `name` and `account_id` below"),
                );
                return None;
            }
            Self::decode(&node, &mut cx)
        });
        found.deny_warnings();
        found.sort();
        let usable = !found.has_errors();
        diagnostics.extend(found);
        facts.filter(|_| usable)
    }
}

record! {
    /// What AWS knows about an application.
    struct RawFacts {
        /// The application and the account that holds it.
        application: Application,
        /// The application's resources by region.
        regions: Map<Region>,
        /// The environments by name.
        environments: Map<Environment>,
        /// Load balancers by name or ARN.
        load_balancers: Map<LoadBalancer>,
        /// ARNs of existing connections by name.
        connections: Map<String>,
        /// Deployed pipelines by name.
        pipelines: Map<DeployedPipeline>,
        /// Root user of the application's account.
        root_user_arn: String,
        /// Pushed images by container.
        images: Map<Image>,
        /// S3 ARNs of env files by container.
        env_files: Map<String>,
        /// URL of the uploaded addons template.
        addons_url: String,
        /// Where the asset mapping of a static site was uploaded.
        asset_mapping_url: String,
    }
}

record! {
    /// An application.
    struct RawApplication {
        /// Its name.
        name: String,
        /// The account that holds it.
        account_id: String,
        /// Its Route 53 domain.
        domain: String,
        /// IAM policy that bounds every role.
        permissions_boundary: String,
        /// Tags of every stack.
        tags: Map<String>,
    }
}

record! {
    /// The application's resources in a region.
    struct RawRegion {
        /// Name of the artifact bucket.
        artifact_bucket: String,
        /// ARN of its key.
        artifact_key_arn: String,
    }
}

record! {
    /// An environment.
    struct RawEnvironment {
        /// The account that holds it.
        account_id: String,
        /// Its region.
        region: String,
        /// Version of its stack.
        version: String,
        /// Domain of its service discovery namespace.
        service_discovery_endpoint: String,
        /// Role with which CloudFormation changes its stacks.
        execution_role_arn: String,
        /// Role that deploys into it.
        manager_role_arn: String,
        /// The manifest it was deployed with.
        manifest: DeployedManifest,
        /// Parameters of its deployed stack.
        parameters: Map<String>,
        /// Output `LastForceDeployID` of its stack.
        last_force_deploy_id: String,
        /// Services whose rule for HTTP redirects to HTTPS.
        redirecting_services: Vec<String>,
        /// CloudFront's managed prefix list in its region.
        cloudfront_prefix_list_id: String,
        /// The subnets that a look-up by tags searches.
        subnets: Vec<Subnet>,
        /// Existing SNS topics as `service/topic`.
        topics: Vec<String>,
    }
}

record! {
    /// A subnet.
    struct RawSubnet {
        /// Its ID.
        id: String,
        /// Its tags.
        tags: Map<String>,
    }
}

record! {
    /// A load balancer.
    struct RawLoadBalancer {
        /// Its ARN.
        arn: String,
        /// Its name.
        name: String,
        /// Its name in DNS.
        dns_name: String,
        /// Hosted zone of that name.
        hosted_zone_id: String,
        /// `internal` or `internet-facing`.
        scheme: String,
        /// IDs of its security groups.
        security_groups: Vec<String>,
        /// Its listeners.
        listeners: Vec<Listener>,
    }
}

record! {
    /// A listener.
    struct RawListener {
        /// Its ARN.
        arn: String,
        /// Its port.
        port: u16,
        /// `HTTP` or `HTTPS`.
        protocol: String,
    }
}

record! {
    /// A deployed pipeline.
    struct RawPipeline {
        /// Whether its stack has no application's name in its name.
        legacy: bool,
    }
}

record! {
    /// A pushed image.
    struct RawImage {
        /// URI of the repository.
        repository: String,
        /// Its tag.
        tag: String,
        /// Its digest.
        digest: String,
    }
}

/// Reads the raw record, then makes the plain type of it.
macro_rules! plain {
    ($($plain:ty, $raw:ty, |$record:ident, $needs:ident| $make:expr;)*) => {$(
        impl Decode for $plain {
            fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
                let $record = decode_record::<$raw>(node, cx)?;
                let mut $needs = Needs { span: node.span, cx };
                Some($make)
            }

            fn from_null() -> Option<Self> {
                None
            }
        }

        impl Describe for $plain {
            fn shape() -> Shape {
                <$raw>::shape()
            }
        }

        impl Merge for $plain {
            fn merge(&mut self, over: &Self) {
                self.clone_from(over);
            }
        }

        copilot_manifest::never_blank!($plain);
    )*};
}

plain! {
    Facts, RawFacts, |raw, needs| Self {
        application: needs.value("application", raw.application)?,
        regions: entries(raw.regions),
        environments: needs.named("environments", raw.environments),
        load_balancers: entries(raw.load_balancers),
        connections: entries(raw.connections),
        pipelines: needs.named("pipelines", raw.pipelines),
        root_user_arn: bare(raw.root_user_arn),
        images: entries(raw.images),
        env_files: entries(raw.env_files),
        addons_url: bare(raw.addons_url),
        asset_mapping_url: bare(raw.asset_mapping_url),
    };
    Application, RawApplication, |raw, needs| Self {
        name: needs.name("name", raw.name)?,
        account_id: needs.value("account_id", raw.account_id)?,
        domain: bare(raw.domain),
        permissions_boundary: bare(raw.permissions_boundary),
        tags: entries(raw.tags),
    };
    Region, RawRegion, |raw, _needs| Self {
        artifact_bucket: bare(raw.artifact_bucket),
        artifact_key_arn: bare(raw.artifact_key_arn),
    };
    Environment, RawEnvironment, |raw, needs| Self {
        account_id: needs.value("account_id", raw.account_id)?,
        region: needs.value("region", raw.region)?,
        version: bare(raw.version),
        service_discovery_endpoint: bare(raw.service_discovery_endpoint),
        execution_role_arn: bare(raw.execution_role_arn),
        manager_role_arn: bare(raw.manager_role_arn),
        manifest: bare(raw.manifest),
        parameters: entries(raw.parameters),
        last_force_deploy_id: bare(raw.last_force_deploy_id),
        redirecting_services: bare(raw.redirecting_services).unwrap_or_default(),
        cloudfront_prefix_list_id: bare(raw.cloudfront_prefix_list_id),
        subnets: bare(raw.subnets).unwrap_or_default(),
        topics: bare(raw.topics),
    };
    Subnet, RawSubnet, |raw, needs| Self { id: needs.value("id", raw.id)?, tags: entries(raw.tags) };
    LoadBalancer, RawLoadBalancer, |raw, needs| Self {
        arn: needs.value("arn", raw.arn)?,
        name: needs.value("name", raw.name)?,
        dns_name: needs.value("dns_name", raw.dns_name)?,
        hosted_zone_id: needs.value("hosted_zone_id", raw.hosted_zone_id)?,
        scheme: bare(raw.scheme),
        security_groups: bare(raw.security_groups).unwrap_or_default(),
        listeners: bare(raw.listeners).unwrap_or_default(),
    };
    Listener, RawListener, |raw, needs| Self {
        arn: needs.value("arn", raw.arn)?,
        port: needs.value("port", raw.port)?,
        protocol: needs.value("protocol", raw.protocol)?,
    };
    DeployedPipeline, RawPipeline, |raw, _needs| Self { legacy: bare(raw.legacy).unwrap_or_default() };
    Image, RawImage, |raw, needs| Self {
        repository: needs.value("repository", raw.repository)?,
        tag: bare(raw.tag),
        digest: bare(raw.digest),
    };
}

/// Reports the keys that a mapping can't do without.
struct Needs<'a, 'c> {
    span: Span,
    cx: &'a mut Context<'c>,
}

impl Needs<'_, '_> {
    fn value<T>(&mut self, key: &str, found: Option<Spanned<T>>) -> Option<T> {
        if found.is_none() {
            let message = format!("`{}` is missing", self.cx.within(key, |cx| cx.path()));
            let diagnostic = Diagnostic::error(&codes::FACTS_MISSING, message)
                .at(self.cx.source(), self.span, format!("`{key}` belongs here"))
                .help("let `copilot-pipeline facts` write the file");
            self.cx.report(diagnostic);
        }
        bare(found)
    }

    /// As [`Needs::value`] for what has to be a name.
    fn name(&mut self, key: &str, found: Option<Spanned<String>>) -> Option<String> {
        let span = found.as_ref().map(|name| name.span);
        let name = self.value(key, found)?;
        self.cx.within(key, |cx| check_name(&name, span.unwrap_or(self.span), cx));
        Some(name)
    }

    /// What is known by name.
    fn named<T>(&mut self, key: &str, map: Option<Spanned<Map<T>>>) -> IndexMap<String, T> {
        for (name, member) in map.iter().flat_map(|map| &map.value.0) {
            self.cx.within(key, |cx| cx.within(name.as_str(), |cx| check_name(name, member.key, cx)));
        }
        entries(map)
    }
}

fn check_name(name: &str, span: Span, cx: &mut Context<'_>) {
    if let Err(problem) = names::check(name) {
        let message = format!("the name in `{}` {problem}", cx.path());
        let diagnostic = cx.error(&codes::FACTS_NAME, message, span, "not a name");
        cx.report(diagnostic.help("let `copilot-pipeline facts` write the file"));
    }
}

fn bare<T>(value: Option<Spanned<T>>) -> Option<T> {
    value.map(|spanned| spanned.value)
}

fn entries<T>(map: Option<Spanned<Map<T>>>) -> IndexMap<String, T> {
    let members = map.map(|map| map.value.0).unwrap_or_default();
    members.into_iter().filter_map(|(name, member)| Some((name, member.value?.value))).collect()
}

impl Decode for DeployedManifest {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.as_mapping().is_none() {
            cx.wrong_type(node, "the mapping of an environment's manifest");
            return None;
        }
        Some(Self::within(cx.source(), node.clone()))
    }
}

impl Describe for DeployedManifest {
    fn shape() -> Shape {
        Shape::Any
    }
}

impl Merge for DeployedManifest {
    fn merge(&mut self, over: &Self) {
        self.clone_from(over);
    }
}

copilot_manifest::never_blank!(DeployedManifest);
