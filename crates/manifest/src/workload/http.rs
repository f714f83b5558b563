//! Rules of an application load balancer.

use copilot_yaml::Node;

use crate::decode::{Blank, Context, Decode, Describe, Merge, Path, Shape, Spanned};
use crate::workload::Alias;
use crate::workload::value::{Duration, Either};

crate::record! {
    /// How a load balancer asks whether a target is healthy.
    pub struct HttpHealthCheck {
        /// Path that is requested. Default: `/`.
        path: String,
        /// Port that is asked. Default: the target port.
        port: i64,
        /// Status codes of a healthy target, such as `200`, `200,301` or `200-299`. Default: `200`.
        success_codes: String,
        /// Successful checks in a row after which a target is healthy. Default: 5.
        healthy_threshold: i64,
        /// Failed checks in a row after which a target is unhealthy. Default: 2.
        unhealthy_threshold: i64,
        /// Time after which a check counts as failed, in whole seconds. Default: `5s`.
        timeout: Duration,
        /// Time from one check to the next, in whole seconds. Default: `30s`.
        interval: Duration,
        /// Time after a task's start in which failed checks don't count, in whole seconds; main rule only. Default: `60s`.
        grace_period: Duration,
    }
}

/// A path, or how a load balancer asks whether a target is healthy.
pub type HealthCheck = Either<String, HttpHealthCheck>;

/// The path that is requested, in either form.
pub fn health_check_path(check: &HealthCheck) -> Option<&str> {
    match check {
        Either::Basic(path) => Some(path),
        Either::Advanced(check) => check.path.as_ref().map(|path| path.value.as_str()),
    }
}

crate::record! {
    /// Which requests go to the service, and how.
    pub struct RoutingRule {
        /// Requests whose path starts with it go to the service. `/` takes them all.
        path: String,
        /// Protocol between load balancer and service: `grpc`, `http1` or `http2`. Default: `http1`.
        version: String,
        /// Path that is requested to tell whether a target is healthy, or a mapping with more settings. Default: `/`.
        healthcheck: HealthCheck,
        /// Whether requests of one client go to the same task. Default: false.
        stickiness: bool,
        /// Domain names of the service: one, a list, or a list of mappings with `name` and `hosted_zone`.
        alias: Alias,
        /// Time that a target that stops is given to finish its requests. Default: `60s`.
        deregistration_delay: Duration,
        /// Container that gets the requests: a sidecar with a `port`, or the main one. Default: the main one.
        target_container: String,
        /// Port of the container that gets the requests. Default: `image.port`, or the sidecar's `port`.
        target_port: u16,
        /// CIDR blocks from which requests are taken. Default: any.
        allowed_source_ips: Vec<Spanned<String>>,
        /// Id of the hosted zone that the records of `alias` go into. Needs `alias`.
        hosted_zone: String,
        /// Whether requests over HTTP are redirected to HTTPS. Default: true.
        redirect_to_https: bool,
    }
}

crate::record! {
    /// The rules of the load balancer: the main one stands in the mapping itself.
    pub struct Http {
        /// Name or ARN of an existing load balancer to use in place of the environment's; for a backend service an internal one.
        alb: String,
        /// Older spelling of `target_container`.
        target_container_camel_case as "targetContainer": String,
        /// Rules besides the main one.
        additional_rules: Vec<Spanned<RoutingRule>>,
    }
    flatten {
        /// The main rule.
        main: RoutingRule,
    }
}

impl Http {
    /// Whether it makes no rule: `alb` alone and an empty list of rules count for nothing.
    pub fn is_empty(&self) -> bool {
        self.main.is_blank() && self.target_container_camel_case.is_none() && self.additional().is_empty()
    }

    /// The rules besides the main one.
    pub fn additional(&self) -> &[Spanned<RoutingRule>] {
        self.additional_rules.as_deref().map_or(&[], Vec::as_slice)
    }

    /// All rules, the main one first; none if the main one sets nothing.
    pub fn rules(&self) -> Vec<&RoutingRule> {
        if self.main.is_blank() {
            return Vec::new();
        }
        std::iter::once(&self.main).chain(self.additional().iter().map(|rule| &rule.value)).collect()
    }

    /// All rules with their places in the manifest, the main one first, even if it sets nothing.
    pub fn placed_rules(&self) -> impl Iterator<Item = (Path, &RoutingRule)> {
        let place = |index| Path::from(["http", "additional_rules"]).then(index);
        let additional = self.additional().iter().enumerate();
        let additional = additional.map(move |(index, rule)| (place(index), &rule.value));
        std::iter::once((Path::from("http"), &self.main)).chain(additional)
    }
}

/// `http` of a load balanced web service.
#[derive(Debug, Clone, PartialEq)]
pub enum HttpOrBool {
    /// `false`: no application load balancer. `true` sets up nothing.
    Enabled(bool),
    /// The rules.
    Http(Box<Http>),
}

impl HttpOrBool {
    /// The rules, if there are any.
    pub fn http(&self) -> Option<&Http> {
        match self {
            Self::Enabled(_) => None,
            Self::Http(http) => Some(http),
        }
    }

    /// Whether it is `false`.
    pub fn disabled(&self) -> bool {
        matches!(self, Self::Enabled(false))
    }
}

impl Decode for HttpOrBool {
    fn decode(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let expected = "false, or a mapping with at least the key `path`";
        if node.as_mapping().is_some() {
            let mut http: Http = cx.lenient(|cx| Decode::decode(node, cx))?;
            if http.is_empty() {
                cx.wrong_form(node, expected);
                return None;
            }
            if http.main.target_container.is_none() {
                http.main.target_container = http.target_container_camel_case.take();
            }
            return Some(Self::Http(Box::new(http)));
        }
        let value = node.as_bool();
        if value.is_none() {
            cx.wrong_form(node, expected);
        }
        value.map(Self::Enabled)
    }
}

impl Merge for HttpOrBool {
    fn merge(&mut self, over: &Self) {
        match (self, over) {
            (Self::Http(base), Self::Http(over)) => base.merge(over),
            (base, over) => base.clone_from(over),
        }
    }
}

impl Describe for HttpOrBool {
    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Boolean, Http::shape()])
    }
}

crate::never_blank!(HttpOrBool);
