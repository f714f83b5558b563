//! Where an environment's images and files go.

use copilot_artifact::assets::Bucket;
use copilot_artifact::partition;
use copilot_stack::Facts;

use super::selection::Pair;
use crate::failure::Failure;

/// Repositories and buckets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) facts: &'a Facts,
    /// Host and port of a local AWS, whose registry answers there instead of under the names of ECR.
    pub(crate) registry: Option<&'a str>,
}

impl Places<'_> {
    /// The application's bucket in the environment's region.
    pub(crate) fn bucket(&self, environment: &str) -> Result<Bucket, Failure> {
        let region = self.region(environment)?;
        let facts = self.facts.regions.get(region);
        match facts.and_then(|facts| facts.artifact_bucket.clone()) {
            Some(name) => Ok(Bucket { region: region.to_owned(), name }),
            None => Err(Failure::with_hint(
                format!("the application has no artifact bucket in {region}, where `{environment}` is"),
                "its StackSet has no instance there: deploy the environment first",
            )),
        }
    }

    /// The repository as stacks name it. The application's StackSet makes it, in its own account.
    pub(crate) fn repository(&self, pair: &Pair) -> Result<String, Failure> {
        let region = self.region(&pair.environment)?;
        let suffix = if partition(region) == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let host = format!("{}.dkr.ecr.{region}.{suffix}", self.facts.application.account_id);
        Ok(format!("{host}/{}/{}", self.facts.application.name, pair.workload))
    }

    /// The repository as it is pushed to.
    pub(crate) fn pushed_to(&self, pair: &Pair) -> Result<String, Failure> {
        match self.registry {
            Some(host) => Ok(format!("{host}/{}/{}", self.facts.application.name, pair.workload)),
            None => self.repository(pair),
        }
    }

    /// The environment's region.
    pub(crate) fn region(&self, environment: &str) -> Result<&str, Failure> {
        let known = &self.facts.environments;
        if let Some(found) = known.get(environment) {
            return Ok(&found.region);
        }
        let known: Vec<&str> = known.keys().map(String::as_str).collect();
        Err(Failure::with_hint(
            format!("the application `{}` has no environment `{environment}`", self.facts.application.name),
            format!("there are: {}", known.join(", ")),
        ))
    }
}
