//! The application's records in SSM Parameter Store.
//!
//! Names and JSON shapes are Copilot's: `/copilot/applications/APP`, `…/environments/ENV`, `…/components/WORKLOAD`.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::session::Session;

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Its name.
    pub name: String,
    /// The account that holds it.
    #[serde(rename = "account")]
    pub account_id: String,
    /// Name of the IAM policy that bounds every role.
    #[serde(default)]
    pub permissions_boundary: Option<String>,
    /// Its Route 53 domain; empty for none.
    #[serde(default)]
    pub domain: String,
    /// Tags for every stack.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// An environment. Written, it is what Copilot writes of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Its application.
    #[serde(default)]
    pub app: String,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its account.
    #[serde(rename = "accountID")]
    pub account_id: String,
    /// Left over from early versions.
    #[serde(rename = "registryURL", default)]
    pub registry_url: String,
    /// Role that CloudFormation uses to change its stacks.
    #[serde(rename = "executionRoleARN")]
    pub execution_role_arn: String,
    /// Role that we assume to read and deploy.
    #[serde(rename = "managerRoleARN")]
    pub manager_role_arn: String,
    /// How the environment was customised before it had a manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_config: Option<serde_json::Value>,
    /// What was observed of it before it had a manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry: Option<serde_json::Value>,
}

/// A registered service or job. Written, it is what Copilot writes of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Workload {
    /// Its application.
    #[serde(default)]
    pub app: String,
    /// Its name.
    pub name: String,
    /// Its manifest type, such as `Backend Service`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Workload {
    /// Whether it is a job.
    pub fn is_job(&self) -> bool {
        self.kind == "Scheduled Job"
    }
}

const ROOT: &str = "/copilot/applications/";

/// Reads the application's record.
///
/// # Errors
/// [`Error::NoApplication`] when there is none in this account and region.
pub async fn application(session: &Session, name: &str) -> Result<Application, Error> {
    let parameter = format!("{ROOT}{name}");
    match get(session, &parameter).await? {
        Some(value) => parse(&parameter, &value),
        None => Err(Error::NoApplication {
            name: name.to_owned(),
            account: session.account().await.unwrap_or("unknown").to_owned(),
            region: session.region().to_owned(),
        }),
    }
}

/// Names of all applications of this account and region, sorted.
///
/// # Errors
/// When SSM refuses.
pub async fn applications(session: &Session) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> =
        list::<Application>(session, ROOT).await?.into_iter().map(|app| app.name).collect();
    names.sort();
    Ok(names)
}

/// All environments of an application, sorted by name, with one listing instead of a call for each.
///
/// # Errors
/// When SSM refuses or a record is damaged.
pub async fn environments(session: &Session, app: &str) -> Result<Vec<Environment>, Error> {
    let mut found: Vec<Environment> = list(session, &format!("{ROOT}{app}/environments/")).await?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The record of one environment.
///
/// # Errors
/// [`Error::NoEnvironment`], or when SSM refuses.
pub async fn environment(session: &Session, app: &str, name: &str) -> Result<Environment, Error> {
    let parameter = format!("{ROOT}{app}/environments/{name}");
    match get(session, &parameter).await? {
        Some(value) => parse(&parameter, &value),
        None => Err(Error::NoEnvironment { app: app.to_owned(), name: name.to_owned() }),
    }
}

/// All registered workloads of an application, sorted by name.
///
/// # Errors
/// When SSM refuses or a record is damaged.
pub async fn workloads(session: &Session, app: &str) -> Result<Vec<Workload>, Error> {
    let mut found: Vec<Workload> = list(session, &format!("{ROOT}{app}/components/")).await?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

async fn get(session: &Session, name: &str) -> Result<Option<String>, Error> {
    let answer = Client::new(session.config()).get_parameter().name(name).send().await;
    match answer {
        Ok(found) => Ok(found.parameter.and_then(|parameter| parameter.value)),
        Err(error) if error.as_service_error().is_some_and(GetParameterError::is_parameter_not_found) => {
            Ok(None)
        }
        Err(error) => Err(Error::aws("ssm:GetParameter", &error)),
    }
}

async fn list<T: DeserializeOwned>(session: &Session, path: &str) -> Result<Vec<T>, Error> {
    let client = Client::new(session.config());
    let mut pages = client.get_parameters_by_path().path(path).recursive(false).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| Error::aws("ssm:GetParametersByPath", &e))?;
        for parameter in page.parameters.unwrap_or_default() {
            let name = parameter.name.unwrap_or_default();
            found.push(parse(&name, parameter.value.as_deref().unwrap_or_default())?);
        }
    }
    Ok(found)
}

fn parse<T: DeserializeOwned>(name: &str, value: &str) -> Result<T, Error> {
    serde_json::from_str(value)
        .map_err(|error| Error::BadRecord { name: name.to_owned(), detail: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::{Application, Environment, parse};

    #[test]
    fn records_as_copilot_writes_them() {
        let app: Application = parse(
            "/copilot/applications/shop",
            r#"{"name":"shop","account":"123456789012","domain":"","domainHostedZoneID":"","version":"1.0","tags":{"team":"a"}}"#,
        )
        .unwrap();
        assert_eq!(app.tags["team"], "a");
        assert_eq!(app.permissions_boundary, None);
        let env: Environment = parse(
            "/copilot/applications/shop/environments/test",
            r#"{"app":"shop","name":"test","region":"us-west-2","accountID":"123456789012","registryURL":"",
                "executionRoleARN":"arn:aws:iam::123456789012:role/e","managerRoleARN":"arn:aws:iam::123456789012:role/m"}"#,
        )
        .unwrap();
        assert_eq!(env.account_id, "123456789012");
        let error = parse::<Application>("/copilot/applications/shop", "{").unwrap_err();
        assert!(error.to_string().starts_with("the record `/copilot/applications/shop`"));
    }
}
