//! What an application consists of.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use copilot_yaml::{Diagnostics, Node, Source, parse};
use futures::future::{try_join, try_join_all, try_join4};
use serde::Serialize;

use crate::application::{self, Environment, Workload};
use crate::error::Error;
use crate::null::null_if_empty;
use crate::pipeline::{self, Description, is_later};
use crate::session::Session;
use crate::workload;

/// An application. Its JSON is what Copilot prints, which leaves records empty but for name, region, account and type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Its name.
    pub name: String,
    /// The version of its templates: the older of that of its roles and that of its StackSet.
    pub version: String,
    /// Its domain; empty for none.
    pub uri: String,
    /// Name of the IAM policy that bounds its roles; empty for none.
    pub permissions_boundary: String,
    /// Its environments.
    #[serde(serialize_with = "null_if_empty")]
    pub environments: Vec<Environment>,
    /// Its services.
    #[serde(serialize_with = "null_if_empty")]
    pub services: Vec<Workload>,
    /// Its jobs.
    #[serde(serialize_with = "null_if_empty")]
    pub jobs: Vec<Workload>,
    /// Its deployed pipelines.
    #[serde(serialize_with = "null_if_empty")]
    pub pipelines: Vec<Description>,
    /// The environments that each workload is deployed in.
    #[serde(skip)]
    pub deployed: BTreeMap<String, Vec<String>>,
    /// Environments that could not be looked at, with the reason.
    #[serde(skip)]
    pub unreachable: Vec<(String, String)>,
}

/// What is said of a template that says no version.
const NO_VERSION: &str = "v0.0.0";

/// Looks at an application. An environment that can't be looked at is told of, and does not keep the others from it.
///
/// # Errors
/// [`Error::NoApplication`], or when AWS refuses.
pub async fn overview(session: &Session, app: &str) -> Result<Overview, Error> {
    let asked = try_join4(
        application::application(session, app),
        application::workloads(session, app),
        workload::everywhere(session, app),
        try_join(version(session, app), pipelines(session, app)),
    );
    let (record, workloads, everywhere, (version, pipelines)) = Box::pin(asked).await?;
    let (mut deployed, mut unreachable) = (BTreeMap::<String, Vec<String>>::new(), Vec::new());
    let mut environments = Vec::new();
    for found in everywhere {
        let Environment { name, region, account_id, .. } = found.environment;
        match found.workloads {
            Ok(workloads) => {
                for (workload, _) in workloads {
                    deployed.entry(workload.name).or_default().push(name.clone());
                }
            }
            Err(error) => unreachable.push((name.clone(), error.to_string())),
        }
        environments.push(short(name, region, account_id));
    }
    let workloads = workloads.into_iter().map(|workload| Workload { app: String::new(), ..workload });
    let (jobs, services) = workloads.partition(Workload::is_job);
    Ok(Overview {
        name: record.name,
        version,
        uri: record.domain,
        permissions_boundary: record.permissions_boundary.unwrap_or_default(),
        environments,
        services,
        jobs,
        pipelines,
        deployed,
        unreachable,
    })
}

fn short(name: String, region: String, account_id: String) -> Environment {
    Environment {
        app: String::new(),
        name,
        region,
        account_id,
        registry_url: String::new(),
        execution_role_arn: String::new(),
        manager_role_arn: String::new(),
        custom_config: None,
        telemetry: None,
    }
}

async fn pipelines(session: &Session, app: &str) -> Result<Vec<Description>, Error> {
    let found = pipeline::list(session, app).await?;
    try_join_all(found.iter().map(|found| pipeline::describe(session, found))).await
}

/// The older of the versions of an application's two templates.
async fn version(session: &Session, app: &str) -> Result<String, Error> {
    let client = Client::new(session.config());
    let summary = || client.get_template_summary();
    let roles = summary().stack_name(format!("{app}-infrastructure-roles")).send();
    let set = summary().stack_set_name(format!("{app}-infrastructure")).send();
    let told = |error| Error::aws("cloudformation:GetTemplateSummary", &error);
    let (roles, set) = try_join(roles, set).await.map_err(told)?;
    let version = |metadata: Option<String>| {
        let source = Source::new("metadata", metadata.unwrap_or_default());
        let node = parse(&source, &mut Diagnostics::default());
        let version = node.as_ref().and_then(|node| node.get("TemplateVersion")).and_then(Node::as_str);
        version.unwrap_or(NO_VERSION).to_owned()
    };
    let (roles, set) = (version(roles.metadata), version(set.metadata));
    Ok(if is_later(&roles, &set) { set } else { roles })
}
