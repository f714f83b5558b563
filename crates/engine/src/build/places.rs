//! Where an environment's images and files go.

use copilot_artifact::assets::Bucket;
use copilot_artifact::partition;
use copilot_stack::Facts;

use super::selection::Pair;
use crate::error::Error;

/// Repositories and buckets.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// What is known of AWS.
    pub facts: &'a Facts,
    /// Host and port of a local AWS, whose registry answers there instead of under the names of ECR.
    pub registry: Option<&'a str>,
}

impl Places<'_> {
    /// The application's bucket in the environment's region.
    ///
    /// # Errors
    /// When there is no such environment, or no bucket in its region.
    pub fn bucket(&self, environment: &str) -> Result<Bucket, Error> {
        let region = self.region(environment)?;
        match self.bucket_in(region) {
            Some(bucket) => Ok(bucket),
            None => Err(Error::NoArtifactBucket {
                environment: environment.to_owned(),
                region: region.to_owned(),
            }),
        }
    }

    /// The application's bucket in a region, where there is one.
    pub(crate) fn bucket_in(&self, region: &str) -> Option<Bucket> {
        let name = self.facts.regions.get(region)?.artifact_bucket.clone()?;
        Some(Bucket { region: region.to_owned(), name })
    }

    /// The repository as stacks name it. The application's StackSet makes it, in its own account.
    pub(crate) fn repository(&self, pair: &Pair) -> Result<String, Error> {
        let region = self.region(&pair.environment)?;
        let suffix = if partition(region) == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let host = format!("{}.dkr.ecr.{region}.{suffix}", self.facts.application.account_id);
        Ok(format!("{host}/{}/{}", self.facts.application.name, pair.workload))
    }

    /// The repository as it is pushed to.
    pub(crate) fn pushed_to(&self, pair: &Pair) -> Result<String, Error> {
        match self.registry {
            Some(host) => Ok(format!("{host}/{}/{}", self.facts.application.name, pair.workload)),
            None => self.repository(pair),
        }
    }

    /// The environment's region.
    pub(crate) fn region(&self, environment: &str) -> Result<&str, Error> {
        let known = &self.facts.environments;
        if let Some(found) = known.get(environment) {
            return Ok(&found.region);
        }
        Err(Error::UnknownEnvironment {
            application: self.facts.application.name.clone(),
            name: environment.to_owned(),
            known: known.keys().cloned().collect(),
        })
    }
}
