//! Rules of a listener.

use copilot_cfn::intrinsic::{join, reference};
use copilot_cfn::{Resource, Value, cfn};

use super::priority::Priorities;
use super::target_group;
use crate::template::About as _;
use crate::template::as_written::{all_as_written, as_written};
use crate::template::names::numbered;
use crate::workload::model::{Http, Rule};
use crate::workload::stack::{Stack, env_import, from_environment};

/// Which hosts a rule answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hosts {
    /// All.
    Any,
    /// Its aliases; without any, all.
    Own,
    /// Its aliases; without any, the name below the environment's domain.
    OwnOrDefault,
    /// The names of the internal load balancer.
    Internal,
}

/// The rules of one listener.
#[derive(Debug)]
pub(super) struct Rules {
    /// Logical ID of the first.
    pub(super) id: &'static str,
    /// ARN of the listener.
    pub(super) listener: Value,
    /// Where their priorities come from.
    pub(super) priorities: Priorities,
    /// Which hosts they answer to.
    pub(super) hosts: Hosts,
}

impl Rules {
    /// Adds a rule for each of the manifest; it either redirects to HTTPS or forwards to its targets.
    pub(super) fn add(&self, stack: &mut Stack, http: &Http<'_>, redirects: impl Fn(&Rule<'_>) -> bool) {
        for (place, rule) in http.rules.iter().enumerate() {
            let (action, leads_to) = if redirects(rule) {
                (redirect(), "HTTPS")
            } else {
                let group = reference(numbered(target_group::base_id(http), place));
                (cfn!({ "TargetGroupArn": group, "Type": "forward" }), "the tasks")
            };
            let resource = Resource::new("AWS::ElasticLoadBalancingV2::ListenerRule").properties(cfn!({
                "Actions": [action],
                "Conditions": self.conditions(rule),
                "ListenerArn": self.listener.clone(),
                "Priority": self.priorities.of_rule(place),
            }));
            let protocol = if self.id.starts_with("HTTPS") { "HTTPS" } else { "HTTP" };
            let about = format!("{protocol} rule that leads {} to {leads_to}", rule.path);
            stack.resource(numbered(self.id, place), resource.about(about));
        }
    }

    fn conditions(&self, rule: &Rule<'_>) -> Vec<Value> {
        let mut conditions = Vec::with_capacity(3);
        if !rule.allowed_source_ips.is_empty() {
            let blocks = all_as_written(&rule.allowed_source_ips);
            conditions.push(cfn!({ "Field": "source-ip", "SourceIpConfig": { "Values": blocks } }));
        }
        conditions.extend(
            self.host_names(rule)
                .map(|names| cfn!({ "Field": "host-header", "HostHeaderConfig": { "Values": names } })),
        );
        let paths = if rule.path == "/" {
            vec![Value::from("/*")]
        } else {
            vec![as_written(&rule.path), as_written(&format!("{}/*", rule.path))]
        };
        conditions.push(cfn!({ "Field": "path-pattern", "PathPatternConfig": { "Values": paths } }));
        conditions
    }

    fn host_names(&self, rule: &Rule<'_>) -> Option<Vec<Value>> {
        let own: Vec<Value> = rule.aliases.iter().map(|alias| (*alias).to_owned().into()).collect();
        match self.hosts {
            Hosts::Any => None,
            Hosts::Own => (!own.is_empty()).then_some(own),
            Hosts::OwnOrDefault if !own.is_empty() => Some(own),
            Hosts::OwnOrDefault => {
                Some(vec![join(".", cfn!([reference("WorkloadName"), env_import("SubDomain")]))])
            }
            Hosts::Internal => {
                Some(vec![from_environment("InternalLoadBalancerDNSName"), super::dns::internal_name()])
            }
        }
    }
}

fn redirect() -> Value {
    cfn!({
        "Type": "redirect",
        "RedirectConfig": {
            "Protocol": "HTTPS",
            "Port": 443,
            "Host": "#{host}",
            "Path": "/#{path}",
            "Query": "#{query}",
            "StatusCode": "HTTP_301",
        },
    })
}
