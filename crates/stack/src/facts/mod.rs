//! What AWS knows about an application: the one input of a rendering that is no file of the workspace.
//!
//! The deployer gathers facts, `copilot-pipeline facts` writes them to a file, and `--facts FILE` reads them again. A key
//! that is not given means that AWS has nothing there, or that nothing was uploaded.

mod manifest;
mod read;
mod write;

use indexmap::IndexMap;

pub use manifest::DeployedManifest;

/// Everything that a rendering may need from AWS. Maps keep the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The application.
    pub application: Application,
    /// The application's resources by region. Their order is the order of a pipeline's artifact stores.
    pub regions: IndexMap<String, Region>,
    /// The environments by name.
    pub environments: IndexMap<String, Environment>,
    /// Load balancers by the name or ARN under which a manifest refers to them.
    pub load_balancers: IndexMap<String, LoadBalancer>,
    /// ARNs of existing connections to repositories, by name.
    pub connections: IndexMap<String, String>,
    /// What is known of deployed pipelines, by name.
    pub pipelines: IndexMap<String, DeployedPipeline>,
    /// ARN of the root user of the application's account, where it isn't [the usual one](Self::root_user_arn).
    pub root_user_arn: Option<String>,
    /// Pushed images by container.
    pub images: IndexMap<String, Image>,
    /// S3 ARNs of uploaded env files by container (`firelens_log_router` for the log router).
    pub env_files: IndexMap<String, String>,
    /// URL of the uploaded template of a workload's addons.
    pub addons_url: Option<String>,
    /// `s3://bucket/key` of the asset mapping of a static site.
    pub asset_mapping_url: Option<String>,
}

/// An application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// The account that holds it, 12 digits.
    pub account_id: String,
    /// Its Route 53 domain.
    pub domain: Option<String>,
    /// Name of the IAM policy that bounds every role.
    pub permissions_boundary: Option<String>,
    /// Tags of every stack.
    pub tags: IndexMap<String, String>,
}

/// The application's resources in a region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Region {
    /// Name of the artifact bucket.
    pub artifact_bucket: Option<String>,
    /// ARN of the key that encrypts the bucket.
    pub artifact_key_arn: Option<String>,
}

/// An environment: where it is, and the outputs of its stack.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Environment {
    /// The account that holds it, 12 digits.
    pub account_id: String,
    /// Its region.
    pub region: String,
    /// Version of its stack, such as `v1.33.0`.
    pub version: Option<String>,
    /// Domain of its service discovery namespace.
    pub service_discovery_endpoint: Option<String>,
    /// ARN of the role with which CloudFormation changes its stacks.
    pub execution_role_arn: Option<String>,
    /// ARN of the role that deploys into it.
    pub manager_role_arn: Option<String>,
    /// The manifest it was deployed with. `None`: one with nothing but name and type.
    pub manifest: Option<DeployedManifest>,
    /// Parameters of its deployed stack. Empty: none was deployed but the one with which it was made.
    pub parameters: IndexMap<String, String>,
    /// Output `LastForceDeployID` of its stack.
    pub last_force_deploy_id: Option<String>,
    /// Those services among `ALBWorkloads` of the parameters whose rule for HTTP redirects to HTTPS.
    pub redirecting_services: Vec<String>,
    /// ID of `CloudFront`'s managed prefix list in its region.
    pub cloudfront_prefix_list_id: Option<String>,
    /// The subnets that a look-up by tags searches, in the order in which found ones are listed.
    pub subnets: Vec<Subnet>,
    /// Existing SNS topics as `service/topic`. `None`: every topic that a manifest subscribes to exists.
    pub topics: Option<Vec<String>>,
}

/// A subnet with its tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subnet {
    /// Its ID.
    pub id: String,
    /// Its tags.
    pub tags: IndexMap<String, String>,
}

/// A load balancer that a manifest names in `http.alb`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The name under which DNS knows it.
    pub dns_name: String,
    /// ID of the hosted zone of that name.
    pub hosted_zone_id: String,
    /// `internal` or `internet-facing`. `None`: the latter.
    pub scheme: Option<String>,
    /// IDs of its security groups.
    pub security_groups: Vec<String>,
    /// Its listeners.
    pub listeners: Vec<Listener>,
}

/// A listener of a load balancer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its port.
    pub port: u16,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
}

/// A pipeline that is deployed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeployedPipeline {
    /// Whether it was first deployed without the application's name in its stack name.
    pub legacy: bool,
}

/// A pushed image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// URI of the repository, without a tag.
    pub repository: String,
    /// Its tag.
    pub tag: Option<String>,
    /// Its digest, `sha256:…`.
    pub digest: Option<String>,
}

impl Facts {
    /// ARN of the root user of the application's account.
    pub fn root_user_arn(&self) -> String {
        let usual = || format!("arn:aws:iam::{}:root", self.application.account_id);
        self.root_user_arn.clone().unwrap_or_else(usual)
    }

    /// ARN of the role in the application's account that may change its hosted zone; `None` without a domain.
    pub fn dns_delegation_role(&self) -> Option<String> {
        self.application.domain()?;
        let root = self.root_user_arn();
        let mut fields = root.split(':').skip(1);
        let (partition, account) = (fields.next()?, fields.nth(2)?);
        Some(format!("arn:{partition}:iam::{account}:role/{}-DNSDelegationRole", self.application.name))
    }

    /// Whether a pipeline was first deployed without the application's name in its stack name.
    pub fn is_legacy_pipeline(&self, name: &str) -> bool {
        self.pipelines.get(name).is_some_and(|pipeline| pipeline.legacy)
    }
}

impl Application {
    /// Its domain, if it has one.
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref().filter(|domain| !domain.is_empty())
    }
}

impl LoadBalancer {
    /// Whether only the network of its VPC reaches it.
    pub fn is_internal(&self) -> bool {
        self.scheme.as_deref() == Some("internal")
    }
}

impl Image {
    /// How a task definition names the image of the main container: by tag, else by digest, else `latest`.
    pub fn of_main_container(&self) -> String {
        self.reference(self.tag.clone())
    }

    /// How a task definition names the image of a sidecar, whose tags start with the sidecar's name.
    pub fn of_sidecar(&self, container: &str) -> String {
        match (&self.tag, &self.digest) {
            (None, None) => format!("{}:{container}-latest", self.repository),
            (tag, _) => self.reference(tag.as_ref().map(|tag| format!("{container}-{tag}"))),
        }
    }

    fn reference(&self, tag: Option<String>) -> String {
        match (tag, &self.digest) {
            (Some(tag), _) => format!("{}:{tag}", self.repository),
            (None, Some(digest)) => format!("{}@{digest}", self.repository),
            (None, None) => format!("{}:latest", self.repository),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Image;

    #[test]
    fn images_are_named_by_tag_then_digest_then_latest() {
        let image = |tag: Option<&str>, digest: Option<&str>| Image {
            repository: "r".into(),
            tag: tag.map(Into::into),
            digest: digest.map(Into::into),
        };
        let cases = [
            (image(Some("t"), Some("sha256:1")), "r:t", "r:nginx-t"),
            (image(None, Some("sha256:1")), "r@sha256:1", "r@sha256:1"),
            (image(None, None), "r:latest", "r:nginx-latest"),
        ];
        for (image, main, sidecar) in cases {
            assert_eq!(image.of_main_container(), main);
            assert_eq!(image.of_sidecar("nginx"), sidecar);
        }
    }
}
